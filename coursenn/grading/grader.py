"""Grade one notebook: the student's cells run in their process, the tests run here.

A test takes from the student only names that the instructor's answers bind, and none that the
instructor's other cells have bound since: so nobody can replace ``np`` or a test's reference.
What it gets is plain data.
"""

import ast
import io
import json
import symtable
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from .cells import BadNotebook, Cell, Notebook, cells_of, identity_of, match, parse, release
from .judge import DESK, Desk, Sheet, Wrong, brief
from .sandbox import Died, Limits, limits_of
from .session import Session, StudentError
from .wire import WireError
from .worker import compiled, without_magic

Verdict = Literal["passed", "failed", "open"]  # open: a hidden test or a person decides


@dataclass
class Part:
    """What one graded cell gave.

    Attributes
    ----------
    name : of the cell
    points, out_of : what it gave, and what it can give
    verdict : passed, failed, or open: then points is 0 and somebody else decides
    message : for the student
    misconception : the name of the one behind a wrong answer, or empty
    task : the heading that the cell stands under, as students read it
    """

    name: str
    points: float
    out_of: float
    verdict: Verdict
    message: str
    misconception: str = ""
    task: str = ""

    @classmethod
    def failed(cls, cell: Cell, message: str, misconception: str = "") -> "Part":
        """Return the part of a cell that gives nothing."""
        return cls.of(cell, "failed", message, misconception)

    @classmethod
    def of(cls, cell: Cell, verdict: Verdict, message: str, misconception: str = "") -> "Part":
        """Return the part of a cell: all its points if it passed, and else none."""
        points = cell.points if verdict == "passed" else 0.0
        told = (verdict, message, misconception, clean(cell.task))
        return cls(cell.name, points, cell.points, *told)


@dataclass
class Result:
    """What grading one notebook gave.

    Attributes
    ----------
    parts : one for each graded cell
    notes : what was out of order in the notebook, in sentences
    errors : what went wrong in the student's cells, by their names
    output : what the student's cells printed, cut off if it was much
    ids : the student's id, as the tests were given it, where a set asks for it. More than one
        if it was changed between tests.
    """

    parts: list[Part]
    notes: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    output: str = ""
    ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.errors = {clean(name): clean(text) for name, text in self.errors.items()}
        self.output = clean(self.output)
        self.ids = [clean(text)[:80] for text in self.ids[:10]]

    @property
    def points(self) -> float:
        """The sum of the points that are decided."""
        return sum(part.points for part in self.parts)

    @property
    def out_of(self) -> float:
        """The points that could be had."""
        return sum(part.out_of for part in self.parts)


def grade(
    source: Notebook, data: bytes, *, sandbox: bool = True, limits: Limits | None = None
) -> Result:
    """Grade a submission against the instructor's notebook. It fails for no submission.

    Parameters
    ----------
    source : from ``cells.read_source``
    data : the bytes of the file that was handed in
    sandbox : False runs the student's code with the rights of whoever calls this
    limits : what the student's code may use, if not what the instructor's notebook says

    Raises
    ------
    NoSandbox
        If there is no bubblewrap here, and ``sandbox`` does not say that none is wanted.
    """
    cells = cells_of(source)
    try:
        matched = match(cells, cells_of(parse(data)))
    except BadNotebook as problem:
        return unreadable(source, str(problem))
    session = Session(limits or limits_of(source), sandbox)
    bench = Bench(cells, session, identity=identity_of(source))
    parts = bench.run(matched.steps, whole=False)
    return Result(parts, matched.notes, session.errors, session.output, bench.ids)


def unreadable(source: Notebook, why: str) -> Result:
    """Return the result of a submission that cannot be graded."""
    return Result([Part.failed(cell, why) for cell in cells_of(source) if cell.points], [why])


def check_own(notebook: Notebook, folder: Path, limits: Limits | None = None) -> Result:
    """Grade a student's notebook by the tests that are in it, on the student's own machine.

    What took longer than it may when it is graded is noted: the limits here may be wider.
    """
    cells = cells_of(notebook)
    matched = match(cells, cells)
    session = Session(limits, sandbox=False, folder=folder)
    parts = Bench(cells, session).run(matched.steps)
    notes = [*matched.notes, *too_slow(session.longest, limits_of(notebook))]
    return Result(parts, notes, session.errors, session.output)


def too_slow(longest: Mapping[tuple[str, str], float], limits: Limits) -> Iterator[str]:
    """Yield a sentence on each cell, and on each function, that took longer than it may.

    Parameters
    ----------
    longest : seconds, as a session counts them
    limits : those that count when the notebook is graded
    """
    for (do, name), seconds in longest.items():
        may = limits.cell if do == "run" else limits.call
        what = f"the cell {name}" if do == "run" else f"a call of {name}"
        if seconds > may:
            limit = f"it is stopped after {may:g} s of the processor"
            yield f"{what} took {seconds:.0f} s here; when this is graded, {limit}"


def release_with_examples(source: Notebook) -> Notebook:
    """Return the students' notebook, with examples of hidden tests for ``check`` to use.

    Raises
    ------
    ValueError
        If the author's own answers, which are run for it, fail a test.
    """
    cells, session = cells_of(source), Session(limits_of(source), sandbox=False)
    examples: dict[str, list[Any]] = {}
    parts = Bench(cells, session, examples).run(cells)
    failed = [f"{part.name}: {part.message}" for part in parts if part.verdict == "failed"]
    failed += [f"{name}: {text}" for name, text in session.errors.items()]
    if failed:
        raise ValueError("the author's own answers fail:\n" + "\n".join(failed))
    notebook = release(source)
    public = names_of_answers(cells).union(*(names_bound(c.stub) for c in cells if c.is_code))
    for raw in notebook["cells"]:
        noted = raw["metadata"].get("coursenn", {})
        if noted.get("hidden"):
            sheets = examples[raw["metadata"]["nbgrader"]["grade_id"]]
            noted["examples"] = [s for s in sheets if Sheet.unpacked(s).name in public]
    return notebook


def preflight(source: Notebook, *, sandbox: bool = True) -> list[str]:
    """Return what would make grading with this notebook wrong on this machine; at best, nothing.

    The author's answers must get all points, and the release, handed in unsolved, none.
    """
    full = grade(source, json.dumps(source).encode(), sandbox=sandbox)
    none = grade(source, json.dumps(release(source)).encode(), sandbox=sandbox)
    failed = [part for part in full.parts if part.verdict == "failed"]
    return [
        *(f"the author's answer fails {part.name}: {part.message}" for part in failed),
        *(f"the author's cell {name} fails: {text}" for name, text in full.errors.items()),
        *(f"{part.name} gives points for nothing" for part in none.parts if part.points),
        *(["no test uses the student's id"] if identity_of(source) and not full.ids else []),
    ]


class Bench:
    """The grader's own names, and what tests may see of the student's.

    Parameters
    ----------
    cells : of the instructor's notebook
    session : the student's process
    examples : where examples for the students' release go, by the name of the test
    identity : the name under which the student's id is found; empty if none is asked for

    Attributes
    ----------
    ids : the ids that tests were given
    """

    def __init__(
        self,
        cells: list[Cell],
        session: Session,
        examples: dict[str, list[Any]] | None = None,
        identity: str = "",
    ):
        self.names: dict[str, Any] = {"__name__": "tests"}
        self.ids: list[str] = []
        self._session, self._examples, self._identity = session, examples, identity
        self._own: set[str] = set()  # names that the grader's code was the last to bind
        self._shared = names_of_answers(cells)
        self._answers = {cell.name: names_of_answers([cell]) for cell in cells}
        self._given = given_for_tests(cells)

    def run(self, steps: Sequence[Cell], *, whole: bool = True) -> list[Part]:
        """Run a matched notebook: cells there, tests here.

        Unless the whole is wanted, nothing is run after the last test. Mostly that is a figure
        which a person grades, as the student's notebook shows it; and to import Matplotlib takes
        longer than all the rest.
        """
        tests = [number for number, cell in enumerate(steps) if cell.role == "test"]
        end = len(steps) if whole or not tests else tests[-1] + 1
        with self._session:
            return [part for i, cell in enumerate(steps) for part in self.take(cell, run=i < end)]

    def take(self, cell: Cell, *, run: bool = True) -> Iterator[Part]:
        """Run one cell where it belongs; give a part if it is graded."""
        if cell.role == "test":
            yield self._test(cell)
        elif run and cell.is_code and cell.text.strip():
            self._session.run(cell.name, cell.text)
        self._own -= self._answers.get(cell.name, set())
        if cell.name in self._given:
            with suppress(Exception):  # the test that needs it will say so
                self._run(cell, Desk(self._session))
        if cell.by_hand and cell.is_empty(cell.text):
            yield Part.failed(cell, "no answer")
        elif cell.by_hand:
            yield Part.of(cell, "open", "graded by a person")

    def _test(self, cell: Cell) -> Part:
        desk = Desk(self._session, examples=None if self._examples is None else [])
        try:
            self._run(cell, desk)
            shown = self._try_examples(cell)
        except Exception as error:
            self._define_the_rest(cell)
            misconception = error.misconception if isinstance(error, Wrong) else ""
            return Part.failed(cell, clean(self._sentence(error, cell)), misconception)
        if self._examples is not None:
            self._examples[cell.name] = desk.examples or []
        if cell.extras.get("hidden"):
            so_far = "right so far; hidden tests decide" if shown else "hidden tests decide"
            return Part.of(cell, "open", so_far)
        return Part.of(cell, "passed", "passed")

    def _run(self, cell: Cell, desk: Desk) -> None:
        """Run the grader's own code, with the student's names that it uses."""
        for name in (names_used(cell.text) & self._shared) - self._own:
            self.names.pop(name, None)
            with suppress(NameError):  # raised again where the name is used, if it is
                self.names[name] = self._session.fetch(name)
                if name == self._identity:
                    self._note_id(self.names[name])
        self._own |= names_bound(cell.text)
        with _unseen(desk):
            exec(compiled(cell.text, f"<test {cell.name}>"), self.names)

    def _note_id(self, given: Any) -> None:
        text = given if isinstance(given, str) else brief(given)
        if text not in self.ids:
            self.ids.append(text)

    def _define_the_rest(self, cell: Cell) -> None:
        """A test that fails ends early; what it would have defined, later tests may use."""
        definitions: list[ast.stmt] = [
            node
            for node in ast.parse(without_magic(cell.text)).body
            if isinstance(node, ast.Import | ast.ImportFrom)
            or (isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list)
        ]
        with suppress(Exception):
            exec(compile(ast.Module(definitions, []), f"<test {cell.name}>", "exec"), self.names)

    def _try_examples(self, cell: Cell) -> bool:
        """Compare with the examples that ``release`` stored. Is anything tested in this cell?"""
        try:
            sheets = [Sheet.unpacked(example) for example in cell.extras.get("examples", [])]
        except (
            WireError,
            ValueError,
            TypeError,
            AttributeError,
        ):  # they were changed, or are of another version
            sheets = []
        for sheet in sheets:
            function = self._session.fetch(sheet.name)
            with _unseen(Desk(self._session)):
                sheet.judge(function)
        return bool(sheets or cell.text.strip())

    def _sentence(self, error: Exception, cell: Cell) -> str:
        """Return what a student is told of an exception in a test."""
        if isinstance(error, Died | StudentError):
            return str(error)
        if isinstance(error, AssertionError):
            return str(error) or _failed_line(error, cell)
        if isinstance(error, NameError) and error.name:  # the test itself defines what it needs
            return f"{error.name} is not defined: its cell is empty, failed, or is missing"
        return f"the test cannot use your result ({type(error).__name__}: {str(error)[:300]})"


def names_of_answers(cells: list[Cell]) -> set[str]:
    """Return the names that answers bind, without those that they import."""
    codes = [c.text for c in cells if c.is_code and c.role in ("answer", "added")]
    return {name for code in codes for name in names_bound(code, imported=False)}


def given_for_tests(cells: list[Cell]) -> set[str]:
    """Return which given cells tests rely on, directly or through other given cells."""
    needed: set[str] = set()
    found = set()
    for cell in reversed([c for c in cells if c.is_code and c.role in ("given", "test")]):
        if cell.role == "test" or names_bound(cell.text) & needed:
            needed |= names_used(cell.text)
            found |= {cell.name} if cell.role == "given" else set()
    return found


@lru_cache(1000)
def names_bound(code: str, imported: bool = True) -> frozenset[str]:
    """Return the names that a cell binds, with or without those that it imports."""
    top = _tables(code)[:1]
    symbols = [symbol for table in top for symbol in table.get_symbols()]
    bound = {s.get_name() for s in symbols if s.is_assigned() and not s.is_imported()}
    more = {s.get_name() for s in symbols if s.is_imported()} if imported else set()
    return frozenset(bound | more)


@lru_cache(1000)
def names_used(code: str) -> frozenset[str]:
    """Return the global names that a cell reads, in its functions too."""
    symbols = [(table, symbol) for table in _tables(code) for symbol in table.get_symbols()]
    return frozenset(
        symbol.get_name()
        for table, symbol in symbols
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module")
    )


def clean(text: str) -> str:
    """Return text from anywhere, fit to be stored and shown: no control characters, not long."""
    text = text[:4000].encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def _tables(code: str) -> list[symtable.SymbolTable]:
    """Return the symbol table of a cell and of all functions and classes in it."""
    try:
        tables = [symtable.symtable(without_magic(code), "cell", "exec")]
    except SyntaxError:
        return []
    for table in tables:  # it grows while we walk
        tables += table.get_children()
    return tables


def _failed_line(error: AssertionError, cell: Cell) -> str:
    """Return the line of an assertion without a message, unless it is hidden from students."""
    lines = [f.line for f in traceback.extract_tb(error.__traceback__) if "<test " in f.filename]
    line = (lines[-1] if lines else "") or ""
    return f"failed: {line}" if line and line in cell.stub else "a hidden test fails"


@contextmanager
def _unseen(desk: Desk) -> Iterator[None]:
    """Run the grader's code with its desk, and without a word on the screen."""
    token = DESK.set(desk)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            with redirect_stderr(io.StringIO()):
                yield
    finally:
        DESK.reset(token)
