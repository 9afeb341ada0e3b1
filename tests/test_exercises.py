"""The graded sets: each is right, hard to get wrong, and tells nobody its solutions.

For every folder under ``exercises`` the author's answers are graded, and the right and wrong
ones of its ``mutants.py``. Most are run in this process, by the same code as in the sandbox:
they are our own, and to start a process for each would take minutes. Some go through the
sandbox, with the same result.
"""

import ast
import copy
import html as markup
import json
import re
import runpy
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cache, cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import grading_demo as demo
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from snowballstemmer import stemmer

from coursenn.grading import session
from coursenn.grading.cells import Cell, cell_of, cells_of, read_source, release
from coursenn.grading.checking import table
from coursenn.grading.grader import (
    Part,
    Result,
    check_own,
    grade,
    names_bound,
    names_used,
    preflight,
    release_with_examples,
)
from coursenn.grading.misconceptions import REGISTRY, SIGNS_OF
from coursenn.grading.sandbox import why_no_sandbox
from coursenn.grading.wire import unpack
from coursenn.grading.worker import Worker, answer

ROOT = Path(__file__).resolve().parents[1]
EXERCISES = ROOT / "exercises"
CHAPTERS = {
    "perceptron": ["01_perceptron"],
    "autodiff": ["02_chain_rule", "03_autodiff"],
    "backprop": ["04_feedforward", "05_backprop"],
    "initialization": ["06_gradient_descent", "07_initialization"],
    "regularization": ["08_regularization"],
    "mnist": ["09_digits", "10_mnist"],
}
WRITTEN = sorted(path.stem for path in EXERCISES.glob("*/source/*.ipynb"))
SANDBOX = not why_no_sandbox()


def test_there_is_a_set_for_each_part_of_the_course():
    assert set(WRITTEN) == set(CHAPTERS)


# -- A set, and how its answers are graded here ---------------------------------------------


class GradedSet:
    """One set: its notebooks, its right and its wrong answers."""

    def __init__(self, source: dict[str, Any], answers: dict[str, Any], name: str = "demo"):
        self.name, self.source, self.cells = name, source, cells_of(source)
        self.mutants = [Mutant(*entry) for entry in answers["MUTANTS"]]
        self.right: dict[str, list[str]] = answers["RIGHT"]

    @classmethod
    def of(cls, name: str) -> "GradedSet":
        folder = EXERCISES / name
        source = read_source(folder / "source" / f"{name}.ipynb")
        return cls(source, runpy.run_path(str(folder / "mutants.py")), name)

    @cached_property
    def tests(self) -> dict[str, list[Cell]]:
        """The tests of each automatic task, by the name of its answer cell."""
        tests: dict[str, list[Cell]] = {}
        task: list[Cell] = []
        for cell in self.cells:
            if cell.role == "answer" and cell.is_code:
                task = tests.setdefault(cell.name, [])
            elif cell.role == "test":
                task.append(cell)
        return {name: task for name, task in tests.items() if task}

    def submission(self, answers: dict[str, str]) -> bytes:
        """Return the author's notebook with other answers, as it is handed in."""
        notebook = copy.deepcopy(self.source)
        for raw, cell in zip(notebook["cells"], self.cells, strict=True):
            raw["source"] = answers.get(cell.name, raw["source"])
        return json.dumps(notebook).encode()

    def graded(self, answers: dict[str, str], *, sandbox: bool = False) -> Result:
        return grade(self.source, self.submission(answers), sandbox=sandbox)

    def graded_alone(self, task: str, code: str) -> Result:
        """Return the result of another answer to one task; tests that cannot see it, and what
        only they need, are left out."""
        return self.part_of(task, code).graded({task: code})

    def part_of(self, task: str, code: str) -> "GradedSet":
        """Return this set without the tests that cannot see another answer to one task, and
        without the cells that nothing in the rest refers to."""
        seen = names_bound(code) | names_bound(self.cells[self.place_of(task)].text)
        last = max(i for i, cell in enumerate(self.cells) if cell in self.tests[task])
        codes = [i for i, cell in enumerate(self.cells) if cell.is_code]
        if any(seen & names_used(self.cells[i].text) for i in codes if i > last):
            return self
        kept, needed = [], set(names_used(code))
        for i, cell in reversed([(i, self.cells[i]) for i in codes if i <= last]):
            own = cell.name == task or cell in self.tests[task]
            if own or (names_bound(cell.text) & needed and not cell.by_hand):
                kept.append(self.source["cells"][i])
                needed |= names_used(cell.text) - imported_by(cell.text)
        answers = {"MUTANTS": [], "RIGHT": {}}
        return GradedSet(self.source | {"cells": kept[::-1]}, answers, self.name)

    def place_of(self, name: str) -> int:
        return [cell.name for cell in self.cells].index(name)

    @cached_property
    def of_mutants(self) -> list[tuple["Mutant", Result]]:
        """Each wrong answer with the result of grading it, the first of each task by all tests."""
        first = {mutant.answer: mutant for mutant in reversed(self.mutants)}
        with in_this_process():
            return [
                (m, self.graded({m.answer: m.code}))
                if m is first[m.answer]
                else (m, self.graded_alone(m.answer, m.code))
                for m in self.mutants
            ]


def imported_by(code: str) -> frozenset[str]:
    return names_bound(code) - names_bound(code, imported=False)


class Mutant:
    """A wrong answer, the parts that it loses, and the misconception that must be named."""

    def __init__(self, name: str, answer: str, code: str, loses: Any, misconception: str):
        self.name, self.answer, self.code = name, answer, code
        self.loses, self.misconception = set(loses), misconception


class NoProcess:
    """Takes the place of a student's process, and runs the same code here."""

    output = ""

    def __init__(self, *_: Any):
        self._worker = Worker()

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        with redirect_stdout(StringIO()):
            return through_json(answer(self._worker, through_json(request)))

    def end(self) -> None:
        plt.close("all")


def in_this_process() -> Any:
    patch = pytest.MonkeyPatch.context()

    class Patched:
        def __enter__(self) -> None:
            patched = patch.__enter__()
            patched.setattr(session, "Process", NoProcess)
            patched.setattr("builtins.display", print, raising=False)
            plt.switch_backend("agg")

        def __exit__(self, *error: Any) -> None:
            patch.__exit__(*error)

    return Patched()


def through_json(x: Any) -> Any:
    return json.loads(json.dumps(x))


def lost(result: Result) -> set[str]:
    return {part.name for part in result.parts if part.verdict == "failed"}


def named(result: Result) -> set[str]:
    return {part.misconception for part in result.parts} - {""}


@cache
def graded_set(name: str) -> GradedSet:
    return DEMO if name == "demo" else GradedSet.of(name)


DEMO = GradedSet(
    demo.notebook(),
    {
        "MUTANTS": demo.MUTANTS,
        "RIGHT": {name: [code] for name, code in demo.OTHERWISE_WRITTEN.items()},
    },
)


@pytest.fixture(params=WRITTEN)
def one(request) -> GradedSet:
    """Return each of the sets."""
    return graded_set(request.param)


# -- What a set has ------------------------------------------------------------------------


def test_a_set_has_tasks_of_all_kinds(one):
    by_hand = [cell for cell in one.cells if cell.by_hand]
    code = "\n".join(cell.text for cell in one.cells if cell.is_code)
    assert 5 <= len(one.tests) <= 8
    assert 20 <= sum(cell.points for cell in one.cells) <= 40
    assert [cell.name for cell in by_hand if not cell.is_code], "no derivation by hand"
    assert "plt." in code, "no plot"


def test_each_task_for_a_person_says_how_to_give_its_points(one):
    """In code, inside the solution: nbgrader refuses a notebook where it stands elsewhere."""
    for cell in (cell for cell in one.cells if cell.by_hand):
        text = cell.text
        if cell.is_code:
            text = text.partition("### BEGIN SOLUTION\n")[2].rpartition("### END SOLUTION")[0]
        scheme = re.search(r"=== BEGIN MARK SCHEME ===(.*)=== END MARK SCHEME ===", text, re.DOTALL)
        assert scheme, f"{cell.name} has no mark scheme where it should be"
        assert "1 point" in scheme[1], cell.name


def test_the_cells_of_a_set_are_known_by_one_name(one):
    names = [(cell.name, cell.cell_id) for cell in one.cells if cell.role != "added"]
    assert [pair for pair in names if pair[0] != pair[1]] == []


def test_each_task_has_a_test_that_is_shown_and_one_that_is_hidden(one):
    for name, tests in one.tests.items():
        assert any(cell.stub.strip() for cell in tests), f"{name}: all tests are hidden"
        assert any("BEGIN HIDDEN TESTS" in cell.text for cell in tests), f"{name}: none is hidden"


def test_what_is_hidden_fails_with_a_message(one):
    for cell in (cell for tests in one.tests.values() for cell in tests):
        for node in ast.walk(ast.parse(cell.text)):
            if isinstance(node, ast.Assert) and node.msg is None:
                assert ast.unparse(node.test) in cell.stub, f"{cell.name}, line {node.lineno}"


def test_a_set_has_enough_right_and_wrong_answers(one):
    codes = [mutant.code for mutant in one.mutants]
    names = [mutant.name for mutant in one.mutants]
    assert len(set(codes)) == len(codes)
    assert len(set(names)) == len(names)
    assert {mutant.answer for mutant in one.mutants} <= set(one.tests)
    for task in one.tests:
        wrong = sum(mutant.answer == task for mutant in one.mutants)
        right = len(set(one.right.get(task, [])))
        assert wrong >= 8, f"{task} has {wrong} mutants"
        assert right >= 5, f"{task} has {right} right answers"


# -- Points and feedback -------------------------------------------------------------------


def test_the_authors_answers_get_all_points_and_the_release_none(one):
    assert preflight(one.source, sandbox=SANDBOX) == []


def test_each_wrong_answer_loses_exactly_its_parts(one):
    wrong = [
        f"{mutant.name} ({mutant.answer}) loses {sorted(lost(result))}, "
        f"and should lose {sorted(mutant.loses)}\n{table(result)}"
        for mutant, result in one.of_mutants
        if lost(result) != mutant.loses
    ]
    assert not wrong, "\n".join(wrong)


def test_a_wrong_answer_costs_no_points_of_other_tasks(one):
    for mutant in one.mutants:
        assert mutant.loses <= {cell.name for cell in one.tests[mutant.answer]}, mutant.name


def test_wrong_answers_are_named_rightly(one):
    known = [(mutant, result) for mutant, result in one.of_mutants if mutant.misconception]
    assert {mutant.misconception for mutant, _ in known} <= set(REGISTRY)
    wrong = [
        f"{mutant.name} ({mutant.answer}) is named {sorted(named(result))}, "
        f"and should be {mutant.misconception}"
        for mutant, result in known
        if named(result) != {mutant.misconception}
    ]
    assert len(wrong) <= 0.05 * len(known), "\n".join(wrong)


def test_each_part_is_lost_by_some_wrong_answer(one):
    tests = {cell.name for tests in one.tests.values() for cell in tests}
    assert tests - {part for mutant in one.mutants for part in mutant.loses} == set()


def test_right_answers_get_all_points_and_are_accused_of_nothing(one):
    with in_this_process():
        results = {
            f"{task}, right answer {number}": one.graded_alone(task, code)
            for task, codes in one.right.items()
            for number, code in enumerate(codes, 1)
        }
    wrong = [
        f"{name}\n{table(result)}"
        for name, result in results.items()
        if lost(result) or named(result) or result.errors
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("number", [0, 2, 4])
def test_right_answers_to_all_tasks_together_get_all_points_in_the_sandbox(one, number):
    result = one.graded({task: codes[number] for task, codes in one.right.items()}, sandbox=SANDBOX)
    assert (lost(result), named(result), result.errors) == (set(), set(), {})


def test_in_the_sandbox_a_wrong_answer_has_the_same_result(one):
    for mutant, here in (one.of_mutants[0], one.of_mutants[-1]):
        there = one.graded({mutant.answer: mutant.code}, sandbox=SANDBOX)
        told, wanted = (untitled(result.parts) for result in (there, here))
        assert [part for part in told if part in wanted] == wanted
        assert there.errors == here.errors


def untitled(parts: list[Part]) -> list[Part]:
    """Return the parts without their tasks' headings, which a part of a set has not."""
    return [replace(part, task="") for part in parts]


def test_check_names_what_grading_names(one):
    """Students' notebooks have numbers in place of functions, and so tell the same."""
    with in_this_process():
        released = GradedSet(release_with_examples(one.source), vars_of(one))
        solved = {c.name: c.text for c in one.cells if c.role == "answer"}
        seen: set[str] = set()
        missed = []
        for mutant in one.mutants:
            if not mutant.misconception or mutant.misconception in seen:
                continue
            seen.add(mutant.misconception)
            answers = solved | {mutant.answer: mutant.code}
            handed_in = json.loads(released.submission(answers))
            names = {cell.name for cell in one.part_of(mutant.answer, mutant.code).cells}
            handed_in["cells"] = [raw for raw in handed_in["cells"] if cell_of(raw).name in names]
            result = check_own(handed_in, ROOT)
            if named(result) != {mutant.misconception}:
                missed.append(f"{mutant.name} ({mutant.answer}): {sorted(named(result))}")
    assert len(missed) <= 0.1 * len(seen), "\n".join(missed)


def vars_of(one: GradedSet) -> dict[str, Any]:
    entries = [(m.name, m.answer, m.code, m.loses, m.misconception) for m in one.mutants]
    return {"MUTANTS": entries, "RIGHT": one.right}


def test_every_misconception_is_that_of_some_wrong_answer():
    sets = [DEMO, *map(graded_set, WRITTEN)]
    held = {mutant.misconception for one in sets for mutant in one.mutants}
    assert len(REGISTRY) >= 30
    assert set(REGISTRY) - held <= set(SIGNS_OF)  # those have tests of their own


# -- The students' notebook ----------------------------------------------------------------


def test_the_students_notebook_is_the_one_that_is_made_from_the_source(one):
    path = EXERCISES / one.name / f"{one.name}.ipynb"
    stored = json.loads(path.read_text("utf-8"), parse_constant=pytest.fail)  # NaN is no JSON
    made = through_json(release_with_examples(one.source))
    nbformat.validate(nbformat.from_dict(stored))
    command = f"python -m coursenn.grading release {path.parent}/source/{path.name} {path}"
    assert same(stored, made), f"it is not up to date; make it with\n{command}"


def same(x: Any, y: Any) -> bool:
    """Compare JSON; arrays in it, which ``wire`` has packed, are equal up to rounding."""
    if isinstance(x, dict) and isinstance(y, dict) and {"array", "dtype"} <= x.keys() & y.keys():
        a, b = np.asarray(unpack(x)), np.asarray(unpack(y))
        return a.shape == b.shape and a.dtype == b.dtype and nearly(a, b)
    if isinstance(x, dict) and isinstance(y, dict):
        return x.keys() == y.keys() and all(same(x[key], y[key]) for key in x)
    if isinstance(x, list) and isinstance(y, list):
        return len(x) == len(y) and all(map(same, x, y))
    if isinstance(x, float) and isinstance(y, float):
        return nearly(np.array(x), np.array(y))
    return type(x) is type(y) and x == y


def nearly(a: np.ndarray, b: np.ndarray) -> bool:
    if a.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    return bool(np.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=True))


def test_numbers_may_differ_by_rounding_and_by_no_more():
    made = through_json(release_with_examples(DEMO.source))
    assert same(made, copy.deepcopy(made))
    arrays = [x for x in nodes(made) if isinstance(x, dict) and x.get("dtype") == "<f8"]
    array = unpack(arrays[0])
    for factor, equal in ((1 + 1e-12, True), (1 + 1e-3, False)):
        arrays[0]["array"] = packed(array * factor)
        assert same(through_json(release_with_examples(DEMO.source)), made) is equal
    assert not same({"a": 1}, {"a": 1, "b": 2})
    assert not same([1], [1, 2])
    assert not same(1, 1.0)


def nodes(x: Any) -> Iterator[Any]:
    """Yield everything in JSON."""
    yield x
    for part in x.values() if isinstance(x, dict) else x if isinstance(x, list) else []:
        yield from nodes(part)


def packed(array: np.ndarray) -> str:
    from coursenn.grading.wire import pack

    return pack(array)["array"]


@pytest.mark.parametrize("name", WRITTEN)
def test_each_chapter_ends_with_the_way_to_its_set(name):
    file = f"{name}.ipynb"
    for chapter in CHAPTERS[name]:
        cells = nbformat.read(ROOT / "book" / f"{chapter}.ipynb", as_version=4).cells
        ways = [cell.source for cell in cells if f"../exercises/{name}/{file}" in cell.source]
        assert len(ways) == 1, f"{chapter} does not say where {file} is"
        assert f"{{download}}`{file} <../exercises/{name}/{file}>`" in ways[0]
        assert f"python -m coursenn.grading check {file}" in ways[0]


@pytest.mark.parametrize("name", WRITTEN)
def test_the_built_book_offers_the_students_notebook_and_no_other(html, name):
    notebook = (EXERCISES / name / f"{name}.ipynb").read_bytes()
    copies = list(html.glob(f"_downloads/*/{name}.ipynb"))
    assert [copy.read_bytes() for copy in copies] == [notebook]
    target = copies[0].relative_to(html).as_posix()
    for chapter in CHAPTERS[name]:
        assert f'href="../{target}"' in (html / "book" / f"{chapter}.html").read_text("utf-8")
    assert [path for path in html.rglob(f"{name}.*") if path not in copies] == []


# -- Nobody is told the solutions ----------------------------------------------------------

LEAST = 12  # characters of a line that says something


@cache
def public() -> str:
    """Return what everybody can read: the chapters with what they print, and the package."""
    chapters = [nbformat.read(path, as_version=4) for path in (ROOT / "book").glob("*.ipynb")]
    cells = [cell for chapter in chapters for cell in chapter.cells]
    printed = [output.get("text", "") for cell in cells for output in cell.get("outputs", [])]
    files = [*(ROOT / "book").glob("*.md"), *(ROOT / "coursenn").rglob("*.py")]
    texts = [cell.source for cell in cells] + [path.read_text("utf-8") for path in files]
    return "\n".join(texts + printed)


@cache
def public_squeezed() -> str:
    return squeezed(public())


@cache
def public_words() -> set[str]:
    return words_of(public())


def squeezed(text: str) -> str:
    """Return text without white space, which pages change."""
    return re.sub(r"\s+", "", text)


def secrets_of(one: GradedSet) -> set[str]:
    """Return the lines that only the author of a set knows, without white space.

    What a chapter teaches is no secret.
    """
    shown = squeezed("\n".join(cell.text for cell in cells_of(release(one.source))))
    lines = {squeezed(line) for cell in one.cells for line in cell.text.splitlines()}
    lines = {line for line in lines if len(line) >= LEAST and line not in shown}
    return {line for line in lines if line not in public_squeezed()}


def secret_words_of(one: GradedSet) -> set[str]:
    """Return words that only the author of a set knows, as a search index would hold them."""
    known = words_of("\n".join(cell.text for cell in one.cells))
    shown = words_of("\n".join(cell.text for cell in cells_of(release(one.source))))
    return known - shown - public_words()


def words_of(text: str) -> set[str]:
    """Return the stems of the long words of a text: a search index holds stems."""
    stem = stemmer("english").stemWord
    return {stem(word) for word in set(re.findall(r"[a-z]\w{7,}", text.lower()))}


def leaks(secrets: set[str], text: str) -> set[str]:
    """Return the secret lines that a text holds, in whichever way it is written."""
    readable = markup.unescape(re.sub(r"<[^>]*>", "", text))
    written = text.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
    texts = [squeezed(text), squeezed(readable), squeezed(written)]
    return {line for line in secrets if any(line in text for text in texts)}


def leaks_of_folder(secrets: set[str], words: set[str], folder: Path) -> set[str]:
    """Return the secrets that the files of a built book hold, with the names of the files."""
    found = set()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".html", ".ipynb", ".txt", ".md", ".js", ".py", ".json", ".csv"):
            text = path.read_text("utf-8", errors="replace")
            found |= {f"{path.name}: {line}" for line in leaks(secrets, text)}
        if path.name == "searchindex.js":
            terms = set(re.findall(r'[{,"]([\w]+)"?:', text))
            found |= {f"{path.name}: {word}" for word in words & terms}
    return found


def test_no_line_of_the_author_is_in_the_students_notebook(one):
    secrets = secrets_of(one)
    assert len(secrets) > 30
    path = EXERCISES / one.name / f"{one.name}.ipynb"
    assert leaks(secrets, path.read_text("utf-8")) == set()


def test_no_line_of_the_author_is_in_feedback(one):
    secrets = secrets_of(one)
    for mutant, result in one.of_mutants:
        own = squeezed(mutant.code)
        told = squeezed(table(result))
        assert {line for line in leaks(secrets, told) if line not in own} == set(), mutant.name


@pytest.mark.skipif(not WRITTEN, reason="no set is written yet")
def test_no_line_of_an_author_is_in_the_built_book(html):
    sets = [graded_set(name) for name in WRITTEN]
    releases = [cell.text for one in sets for cell in cells_of(release(one.source))]
    given = squeezed("\n".join(releases))  # what one set asks for, another may hand out
    secrets = {line for line in set().union(*map(secrets_of, sets)) if line not in given}
    words = set().union(*map(secret_words_of, sets))
    assert len(words) > 20
    assert leaks_of_folder(secrets, words, html) == set()


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("page.html", "<p>delta1 <b>=</b> delta2 @ W2.T <i>*</i> <span>slope</span>(Z)</p>"),
        (
            "page.html",
            "<pre>  error = sign <span class=o>*</span>\n (2 * y - 1 if always else y - answer)",
        ),
        (
            "page.html",
            "<td>&quot;overflow&quot;: naive, <i>compare(step</i>, right_step, draw_step, {",
        ),
        ("_sources/page.ipynb", json.dumps({"source": ["delta1 = delta2 @ W2.T * slope(Z)\n"]})),
        ("_downloads/1/a.ipynb", '{"source": "1\\n{\\"overflow\\": naive}, seed=2)\\n"}'),
        ("page.md", "`    return np.exp(z) / (1 + np.exp(z))`, `def naive(z):`"),
        ("searchindex.js", 'Search.setIndex({"terms":{"a":1,"right_gradi":[3]}})'),
        ("searchindex.js", 'Search.setIndex({"terms":{right_gradi:[3],"with_opt":4}})'),
    ],
)
def test_a_planted_leak_is_found(tmp_path, file, content):
    secrets, words = secrets_of(DEMO), secret_words_of(DEMO)
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("nothing", encoding="utf-8")
    assert leaks_of_folder(secrets, words, tmp_path) == set()
    path.write_text(content, encoding="utf-8")
    assert leaks_of_folder(secrets, words, tmp_path) != set()


# -- These tests themselves ----------------------------------------------------------------


def test_in_this_process_answers_get_what_they_get_in_another():
    for mutant, here in DEMO.of_mutants:
        assert lost(here) - {"proof"} == mutant.loses
        assert named(here) == ({mutant.misconception} if mutant.misconception else set())
    mutant, here = DEMO.of_mutants[0]
    there = DEMO.graded({mutant.answer: mutant.code}, sandbox=SANDBOX)
    assert there.parts == here.parts


def test_what_is_left_out_cannot_see_the_answer():
    with in_this_process():
        alone = {task: DEMO.graded_alone(task, DEMO.right[task][0]) for task in DEMO.tests}
    names = {task: [part.name for part in result.parts] for task, result in alone.items()}
    assert names["step"] == ["step-shown", "step-hidden"]
    assert names["sigmoid"] == list(demo.PARTS)  # the gradients use it
    assert names["gradients"] == ["sigmoid-test", "gradients-test"]  # one defines for the other
    assert names["momentum"] == ["momentum-test"]


def test_a_task_has_the_tests_that_follow_it():
    names = {task: [cell.name for cell in tests] for task, tests in DEMO.tests.items()}
    assert names["step"] == ["step-shown", "step-hidden"]
    assert names["momentum"] == ["momentum-test"]
    assert names_bound(demo.STEP) == {"step"}
    assert "step" in names_used(demo.STEP_HIDDEN)
