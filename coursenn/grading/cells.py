"""The cells of a graded notebook: read them, make the students' release, match a submission.

The format is nbgrader's: each cell of the instructor's notebook says in its metadata what it
is. A *given* cell is run as it is, an *answer* cell is the student's to fill in, a *test* cell
gives points to what was answered. Of a submission nothing is trusted but the text of answers
and of cells that the student added; everything else comes from the instructor's notebook.
"""

import copy
import errno
import json
import math
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from .sandbox import as_dictionary, limits_of

MAX_BYTES = 20 << 20
MAX_CELLS = 2000
CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
HEADING = re.compile(r"^## +(\S.*)$", re.MULTILINE)  # of a task; the set's own has one #

Notebook = dict[str, Any]  # as JSON gives it
Role = Literal["given", "answer", "test", "added"]


class BadNotebook(Exception):
    """The file cannot be graded at all; the message tells the student why, and what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook, as far as grading needs it.

    Attributes
    ----------
    name : nbgrader's ``grade_id``; empty if it has none
    role : given, answer, test, or added (a cell without a name)
    is_code : is it Python, or text?
    text : its source
    points : what it gives; 0 for a cell that is not graded
    cell_id : Jupyter's own id, which survives when metadata is lost
    extras : what ``release`` noted for ``check``: are there hidden tests, and which examples
    task : the heading that the cell stands under, as students read it
    """

    name: str
    role: Role
    is_code: bool
    text: str
    points: float = 0.0
    cell_id: str = ""
    extras: dict[str, Any] = field(default_factory=dict)
    task: str = ""

    @property
    def by_hand(self) -> bool:
        """Does a person grade it?"""
        return self.role == "answer" and self.points > 0

    @property
    def stub(self) -> str:
        """What students are given in place of the text: no solution, no hidden test."""
        return stub(self.text, self.role, self.is_code)

    def is_empty(self, answer: str) -> bool:
        """Is this answer still what students were given?"""
        blank = answer.replace(CODE_STUB, "").replace(TEXT_STUB, "").strip()
        return not blank or answer.strip() == self.stub.strip()


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Return the content of a regular file of reasonable size.

    Raises
    ------
    BadNotebook
        If there is none, or it is a link, a folder, a pipe or a device, or over 20 MB.
    """
    # Not blocking: to open a pipe would wait for a writer. Windows has neither flag.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if Path(path).is_symlink():
            raise BadNotebook("the file is a link; hand in the notebook itself")
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise BadNotebook("there is no such file") from None
    except OSError as error:
        reason = "it is a link" if error.errno == errno.ELOOP else error.strerror
        raise BadNotebook(f"the file cannot be opened: {reason}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise BadNotebook("this is not a regular file")
        if status.st_size > MAX_BYTES:
            raise BadNotebook(
                f"the file has {status.st_size >> 20} MB, and {MAX_BYTES >> 20} MB is the limit: "
                "clear its outputs (Edit, Clear Outputs of All Cells), save, hand it in again"
            )
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES)
    finally:
        os.close(descriptor)


def parse(data: bytes) -> Notebook:
    """Return a notebook from bytes that anybody may have written.

    Raises
    ------
    BadNotebook
        If it is not a notebook of format 4 with at most 2,000 cells.
    """
    if not data.strip():
        raise BadNotebook("the file is empty")
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadNotebook("the file is not UTF-8 text: save it again from Jupyter") from None
    except (ValueError, RecursionError):
        raise BadNotebook("the file is not a whole notebook: was the upload cut off?") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise BadNotebook("the file is not a Jupyter notebook: it has no list of cells")
    if notebook.get("nbformat") != 4:
        version = str(notebook.get("nbformat"))[:20]
        raise BadNotebook(f"notebook format {version} is not 4: save it with a current Jupyter")
    if len(notebook["cells"]) > MAX_CELLS:
        raise BadNotebook(f"the notebook has more than {MAX_CELLS} cells")
    return notebook


def cells_of(notebook: Notebook) -> list[Cell]:
    """Return the cells of a notebook; what is wrong with their metadata is passed over."""
    cells, task = [], ""
    for cell in (cell_of(raw) for raw in notebook["cells"] if isinstance(raw, dict)):
        if not cell.is_code and cell.role != "answer":
            task = (HEADING.findall(cell.text) or [task])[-1].strip()
        cells.append(replace(cell, task=task))
    return cells


def cell_of(raw: dict[str, Any]) -> Cell:
    """Return one cell from its JSON."""
    metadata = as_dictionary(raw.get("metadata"))
    marks = as_dictionary(metadata.get("nbgrader"))
    name, cell_id = marks.get("grade_id"), raw.get("id")
    graded, answered = bool(marks.get("grade")), bool(marks.get("solution"))
    name = name if isinstance(name, str) else ""
    role: Role = "answer" if answered else "test" if graded else "given" if name else "added"
    return Cell(
        name=name,
        role=role if name else "added",
        is_code=raw.get("cell_type") == "code",
        text=_text(raw.get("source")),
        points=_number(marks.get("points")) if graded else 0.0,
        cell_id=cell_id if isinstance(cell_id, str) else "",
        extras=as_dictionary(metadata.get("coursenn")),
    )


def read_source(path: str | os.PathLike[str]) -> Notebook:
    """Return an instructor's notebook, read strictly: its author wants to hear of every mistake.

    Raises
    ------
    BadNotebook
        If it is not a notebook.
    ValueError
        If a cell has no name or the name of another, a test has no points, the marks of
        solutions and hidden tests do not come in pairs, or the notebook's metadata ask for
        what there is not. All mistakes are listed.
    """
    try:
        notebook = parse(read_bytes(path))
    except BadNotebook as problem:
        raise BadNotebook(f"{path}: {problem}") from None
    mistakes = list(_mistakes(cells_of(notebook)))
    for said in (limits_of, identity_of):
        try:
            said(notebook)
        except ValueError as error:
            mistakes.append(str(error))
    if mistakes:
        raise ValueError(f"{path} cannot be used:\n" + "\n".join(mistakes))
    return notebook


def identity_of(notebook: Notebook) -> str:
    """Return the name of the variable in which students give their id; empty if none is asked for.

    Raises
    ------
    ValueError
        If what the notebook's metadata say under ``coursenn`` is no name.
    """
    said = as_dictionary(as_dictionary(notebook.get("metadata")).get("coursenn"))
    name = said.get("identity", "")
    if not isinstance(name, str) or (name and not name.isidentifier()):
        raise ValueError(f"identity should be the name of a variable, got {name!r}")
    return name


def release(source: Notebook) -> Notebook:
    """Return the students' notebook: no solutions, no hidden tests, no outputs.

    Tests and given cells cannot be edited or deleted. A test cell notes whether some of it or
    all of it is hidden, so that ``check`` never promises points that are not decided yet.
    """
    notebook = copy.deepcopy(source)
    for raw in notebook["cells"]:
        cell = cell_of(raw)
        raw["source"] = cell.stub
        if raw["cell_type"] == "code":
            raw.update(outputs=[], execution_count=None)
        if cell.role == "added":
            continue
        raw["metadata"].update(deletable=False, editable=cell.role == "answer")
        if cell.role == "test" and cell.stub != cell.text:
            hidden = "some" if cell.stub.strip() else "all"
            raw["metadata"]["coursenn"] = {"hidden": hidden}
    return notebook


def stub(text: str, role: Role, is_code: bool) -> str:
    """Return what students see of a cell.

    Raises
    ------
    ValueError
        If the marks around solutions or hidden tests do not come in pairs.
    """
    if role == "test":
        return _cut(text, "HIDDEN TESTS", None)
    if role != "answer":
        return text
    blank = CODE_STUB if is_code else TEXT_STUB
    return _cut(text, "SOLUTION", blank) if "BEGIN SOLUTION" in text else blank


@dataclass(frozen=True)
class Matched:
    """A submission, matched into the instructor's notebook.

    Attributes
    ----------
    steps : the cells in the order in which they are run. Given cells and tests have the
        instructor's text, answers the student's (empty if the cell is missing).
    notes : what was out of order, in sentences for the student
    """

    steps: list[Cell]
    notes: list[str]


def match(source: list[Cell], submission: list[Cell]) -> Matched:
    """Match what a student handed in with the instructor's notebook. It never fails.

    A cell is known by its name, or else by Jupyter's id. Cells with other names, or none, are
    the student's own; they are run after the known cell that they followed. An answer that is
    there several times was copied, or split in two; its parts are run in their order.
    """
    known = {cell.name: cell for cell in source if cell.role != "added"}
    names_by_id = {cell.cell_id: name for name, cell in known.items() if cell.cell_id}
    found: dict[str, list[str]] = defaultdict(list)
    added: dict[str, list[Cell]] = defaultdict(list)
    last = ""
    for cell in submission:
        name = cell.name if cell.name in known else names_by_id.get(cell.cell_id, "")
        last = name or last
        if name:
            found[name].append(_clean(cell.text))
        elif cell.is_code and cell.text.strip():
            number = sum(map(len, added.values())) + 1
            own = Cell(f"added cell {number}", "added", True, _clean(cell.text))
            added[last].append(own)
    steps = list(added[""])
    for name, cell in known.items():
        steps += _answers(cell, found[name]) if cell.role == "answer" else [cell]
        steps += added[name]
    return Matched(steps, list(_notes(known, found)))


def _answers(cell: Cell, texts: list[str]) -> list[Cell]:
    """Return the answer, and before it the other parts that the student's notebook has of it."""
    changed = [text for text in texts if not cell.is_empty(text)] or texts[:1] or [""]
    *others, text = changed if cell.is_code else ["\n\n".join(changed)]
    parts = [
        Cell(f"{cell.name}, part {i}", "added", True, other) for i, other in enumerate(others, 1)
    ]
    return [*parts, replace(cell, text=text)]


def _notes(known: dict[str, Cell], found: dict[str, list[str]]) -> Iterator[str]:
    if known and not any(found.values()):
        yield "no cell has the name it was given: your code is run in its own order"
        return
    for name, cell in known.items():
        texts, kind = found[name], "answer" if cell.role == "answer" else "cell"
        instead = "" if cell.role == "answer" else "; the original is used"
        if not texts:
            yield f"the {kind} {name} is missing{instead}"
        elif cell.role == "answer" and len(texts) > 1:
            yield f"the answer {name} is there {len(texts)} times; all are run, in their order"
        elif cell.role != "answer" and {cell.stub.strip(), cell.text.strip()}.isdisjoint(
            text.strip() for text in texts
        ):
            yield f"the cell {name} was changed; the original is used"


def _mistakes(cells: list[Cell]) -> Iterator[str]:
    seen = set()
    for number, cell in enumerate(cells, 1):
        if cell.role == "added" and cell.is_code:
            yield f"code cell {number} has no grade_id: lock it, or make it an answer or a test"
        if cell.name and cell.name in seen:
            yield f"cell {number}: the name {cell.name} is taken already"
        seen.add(cell.name)
        if cell.role == "test" and not cell.points > 0:
            yield f"the test {cell.name} gives no points"
        if cell.role == "test" and not cell.is_code:
            yield f"the test {cell.name} is not code"
        try:
            if re.search("(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)", cell.stub):
                yield f"cell {number}: students would see what is marked as hidden in it"
        except ValueError as error:
            yield f"cell {number}: {error}"


def _cut(text: str, what: str, blank: str | None) -> str:
    """Take out the lines from BEGIN to END, marks included; put an indented blank instead."""
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        opens, closes = f"BEGIN {what}" in line, f"END {what}" in line
        if (opens and inside) or (closes and not inside):
            raise ValueError(f"BEGIN {what} and END {what} do not come in pairs")
        if opens and blank is not None:
            indent = re.match(r"\s*", line)[0]  # type: ignore[index]  # it always matches
            kept += [indent + part for part in blank.split("\n")]
        if not (opens or closes or inside):
            kept.append(line)
        inside = opens or (inside and not closes)
    if inside:
        raise ValueError(f"BEGIN {what} has no END {what}")
    return "\n".join(kept)


def _text(source: Any) -> str:
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _number(points: Any) -> float:
    """Return a number of points; 0 if it is none that can be counted with."""
    try:
        return float(points) if isinstance(points, int | float) and math.isfinite(points) else 0.0
    except OverflowError:  # a whole number of hundreds of digits
        return 0.0


def _clean(text: str) -> str:
    """Return text that can be compiled and stored: no lone surrogates, no null characters."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
