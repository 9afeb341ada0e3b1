"""Grading from end to end: release, check and grade, with right and wrong answers."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import grading_demo as demo
import pytest

from coursenn.grading import __main__ as commands
from coursenn.grading import check
from coursenn.grading.cells import BadNotebook, cells_of, parse, release
from coursenn.grading.checking import checked, table
from coursenn.grading.grader import (
    Result,
    clean,
    given_for_tests,
    grade,
    names_bound,
    names_used,
    preflight,
    release_with_examples,
    too_slow,
)
from coursenn.grading.misconceptions import REGISTRY
from coursenn.grading.sandbox import Limits, NoSandbox, why_no_sandbox

# The answers here are ours. Where there is no bubblewrap they are run without it.
SANDBOX = not why_no_sandbox()
SOURCE = demo.notebook()


@pytest.fixture(scope="module")
def released() -> dict[str, Any]:
    """Return the students' notebook, with examples."""
    return release_with_examples(SOURCE)


def answered(notebook: dict[str, Any], answers: dict[str, str]) -> bytes:
    """Return a notebook with these answers, as it is handed in."""
    notebook = copy.deepcopy(notebook)
    for raw in notebook["cells"]:
        name = raw["metadata"].get("nbgrader", {}).get("grade_id")
        raw["source"] = answers.get(name, raw["source"])
    return json.dumps(notebook).encode()


def graded(answers: dict[str, str], source: dict[str, Any] | None = None) -> Result:
    source = source or SOURCE
    return grade(source, answered(release(source), answers), sandbox=SANDBOX)


def lost(result: Result) -> set[str]:
    """Return the parts that failed, without the proof that nobody wrote."""
    return {part.name for part in result.parts if part.verdict == "failed"} - {"proof"}


def message(result: Result, name: str) -> str:
    return next(part.message for part in result.parts if part.name == name)


# -- Right, wrong and empty ----------------------------------------------------------------


def test_the_authors_answers_get_all_points_and_the_release_none():
    assert preflight(SOURCE, sandbox=SANDBOX) == []
    full = grade(SOURCE, json.dumps(SOURCE).encode(), sandbox=SANDBOX)
    assert {part.name: part.out_of for part in full.parts} == demo.PARTS
    assert (full.points, full.out_of) == (demo.AUTOMATIC, sum(demo.PARTS.values()))
    assert full.errors == {}
    none = graded({})
    assert (none.points, none.out_of) == (0, full.out_of)
    assert {part.verdict for part in none.parts} == {"failed"}
    assert message(none, "step-shown") == "not done yet"
    assert message(none, "proof") == "no answer"


def test_answers_written_otherwise_get_all_points_and_are_accused_of_nothing():
    result = graded(demo.OTHERWISE_WRITTEN | {"proof": "By the chain rule."})
    assert result.points == demo.AUTOMATIC
    assert {part.misconception for part in result.parts} == {""}
    assert next(part.verdict for part in result.parts if part.name == "proof") == "open"


@pytest.mark.parametrize("mutant", demo.MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_loses_its_parts_and_gets_the_feedback_written_for_it(mutant):
    result = graded(demo.OTHERWISE_WRITTEN | {mutant.answer: mutant.code})
    assert lost(result) == set(mutant.loses)
    assert result.points == demo.AUTOMATIC - sum(demo.PARTS[name] for name in mutant.loses)
    named = {part.misconception for part in result.parts} - {""}
    assert named == ({mutant.misconception} if mutant.misconception else set())
    hints = [str(REGISTRY[name]) for name in named]
    assert all(any(hint in part.message for part in result.parts) for hint in hints)


def test_every_test_is_failed_by_a_mutant():
    lost_by_some = {name for mutant in demo.MUTANTS for name in mutant.loses}
    assert lost_by_some == set(demo.PARTS) - {"proof"}


def test_an_answer_split_into_two_cells_is_whole_again():
    first, second = demo.RIGHT_SIGMOID.split("def slope")
    notebook = json.loads(answered(release(SOURCE), demo.OTHERWISE_WRITTEN | {"sigmoid": first}))
    (place,) = (i for i, raw in enumerate(notebook["cells"]) if raw["source"] == first)
    half = copy.deepcopy(notebook["cells"][place]) | {"source": "def slope" + second}
    notebook["cells"].insert(place + 1, half)
    result = grade(SOURCE, json.dumps(notebook).encode(), sandbox=SANDBOX)
    assert result.points == demo.AUTOMATIC
    assert result.notes == ["the answer sigmoid is there 2 times; all are run, in their order"]


def test_a_wrong_type_is_explained():
    result = graded({"sigmoid": "def sigmoid(z):\n    return {z}\n\ndef slope(z):\n    return len"})
    assert "your code gave a builtin_function_or_method, where" in message(result, "sigmoid-test")


def test_an_error_is_shown_with_the_students_line():
    result = graded({"step": "def step(w, b, x, y, lr):\n    return 1 / 0"})
    assert "ZeroDivisionError" in message(result, "step-shown")
    assert "step, line 2: return 1 / 0" in message(result, "step-shown")


def test_a_cell_that_fails_is_reported_and_the_names_before_it_count():
    result = graded({"step": demo.RIGHT_STEP + "\nundefined\n"})
    assert lost(result) == {"sigmoid-test", "gradients-test", "momentum-test"}
    assert "name 'undefined' is not defined" in result.errors["step"]


def test_a_cell_with_a_syntax_error_is_reported_and_its_names_are_missing():
    result = graded({"step": "def step(:\n    pass"})
    assert "SyntaxError" in result.errors["step"]
    assert "step, line 1: def step(:" in result.errors["step"]
    assert message(result, "step-shown") == (
        "step is not defined: its cell is empty, failed, or is missing"
    )


def test_nothing_is_run_after_the_last_test_that_gives_points():
    code = "print('drawn')\n1 / 0"
    source = SOURCE | {"cells": [*SOURCE["cells"], demo.cell("figure", "answer", code, 2)]}
    answers = demo.OTHERWISE_WRITTEN | {"figure": code}
    result = graded(answers, source)
    assert (result.errors, result.output) == ({}, "")
    assert next(part.verdict for part in result.parts if part.name == "figure") == "open"
    with pytest.raises(ValueError, match="figure: ZeroDivisionError"):
        release_with_examples(source)
    early = SOURCE | {"cells": [demo.cell("figure", "answer", code, 2), *SOURCE["cells"]]}
    assert "ZeroDivisionError" in graded(answers, early).errors["figure"]


def test_a_failed_test_defines_what_later_tests_use():
    answers = demo.OTHERWISE_WRITTEN | {"sigmoid": "def slope(z):\n    return 7.0"}
    assert "right_sigmoid" not in message(graded(answers), "gradients-test")


def test_magic_lines_and_shell_commands_are_passed_over():
    code = "%matplotlib inline\n!pip install nothing\nif True:\n    %time\n" + demo.RIGHT_STEP
    result = graded(demo.OTHERWISE_WRITTEN | {"step": code})
    assert result.points == demo.AUTOMATIC
    assert result.errors == {}


def test_printing_costs_nothing_and_is_kept_up_to_a_limit():
    code = "print('hello ' * 100_000)\n" + demo.RIGHT_STEP.replace(
        "    err", "    print(w)\n    err"
    )
    result = graded(demo.OTHERWISE_WRITTEN | {"step": code})
    assert result.points == demo.AUTOMATIC
    assert result.output.startswith("hello hello")
    assert len(result.output) <= 4000


def test_a_check_inside_the_notebook_does_nothing_when_it_is_graded():
    code = "from coursenn.grading import check\ncheck('set.ipynb')\n" + demo.RIGHT_STEP
    result = graded(demo.OTHERWISE_WRITTEN | {"step": code})
    assert (result.points, result.errors) == (demo.AUTOMATIC, {})


def test_the_package_with_the_answers_cannot_be_imported():
    code = "from coursenn import sigmoid"
    result = graded(demo.OTHERWISE_WRITTEN | {"step": code})
    assert "graded work does not have coursenn's sigmoid here" in result.errors["step"]


def test_a_bad_file_gets_nothing_and_a_sentence():
    result = grade(SOURCE, b"{", sandbox=SANDBOX)
    assert (result.points, len(result.parts)) == (0, len(demo.PARTS))
    assert "was the upload cut off?" in result.notes[0]


# -- What the author did wrong -------------------------------------------------------------


def with_text(name: str, text: str) -> dict[str, Any]:
    return json.loads(answered(SOURCE, {name: text}))


def test_preflight_finds_points_for_nothing_and_answers_that_fail():
    assert preflight(with_text("step-shown", "pass"), sandbox=SANDBOX) == [
        "step-shown gives points for nothing"
    ]
    problems = preflight(with_text("step-shown", "assert step is None"), sandbox=SANDBOX)
    assert problems == ["the author's answer fails step-shown: failed: assert step is None"]
    (problem, *_) = preflight(with_text("given", "import nothing_like_that"), sandbox=SANDBOX)
    assert "fails" in problem


def test_no_release_is_made_of_answers_that_fail():
    with pytest.raises(ValueError, match="author's own answers fail:\nstep-shown: failed"):
        release_with_examples(with_text("step-shown", "assert step is None"))


def test_a_hidden_assertion_is_not_shown():
    hidden = "### BEGIN HIDDEN TESTS\nassert step == 'secret'\n### END HIDDEN TESTS"
    result = graded(demo.OTHERWISE_WRITTEN, with_text("step-shown", hidden))
    assert message(result, "step-shown") == "a hidden test fails"


# -- Names ---------------------------------------------------------------------------------


def test_names_that_a_cell_binds_and_uses():
    code = """
import numpy as np
from math import tau as t
x: int = f(y)
def g(a, b=c):
    inner = a + h
    return [z for z in inner]
class K:
    attribute = m
for i in range(3):
    x.name += 1
"""
    assert names_bound(code) == {"np", "t", "x", "g", "K", "i"}
    assert names_bound(code, imported=False) == {"x", "g", "K", "i"}
    used = names_used(code)
    assert {"f", "y", "c", "h", "m", "range", "x"} <= used
    assert not {"inner", "a", "z", "name"} & used
    assert names_bound("def broken(:") == names_used("def broken(:") == set()


def test_only_given_cells_that_tests_rely_on_are_run_beside_them():
    def cells(*kinds_and_texts):
        raw = [
            demo.cell(str(i), kind, text, points=float(kind == "test"))
            for i, (kind, text) in enumerate(kinds_and_texts)
        ]
        return parse(json.dumps({"cells": raw, "nbformat": 4}).encode())

    notebook = cells(
        ("given", "import matplotlib.pyplot as plt"),
        ("given", "base = 2"),
        ("given", "data = [base]"),
        ("given", "plt.plot(data)"),
        ("test", "assert answer == data"),
        ("given", "data = 'too late'"),
    )
    assert given_for_tests(cells_of(notebook)) == {"1", "2"}


def test_a_student_cannot_replace_names_of_the_test():
    code = demo.RIGHT_STEP.replace("lr * ", "") + (
        "\nnp.allclose = lambda *a, **k: True\n"
        "right_step = compare = step\ndraw_step = TARGETS = None\n"
    )
    result = graded(demo.OTHERWISE_WRITTEN | {"step": code})
    assert lost(result) == {"step-shown", "step-hidden"}


def scale_notebook(*kinds_and_texts: tuple[str, str]) -> dict[str, Any]:
    cells = [
        demo.cell(f"{kind} {i}", kind, text, points=float(kind == "test"))
        for i, (kind, text) in enumerate(kinds_and_texts)
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4}


def test_a_name_that_the_instructor_binds_after_an_answer_is_the_instructors():
    source = scale_notebook(
        ("answer", "scale = 1"), ("given", "scale = 10"), ("test", "assert scale == 10")
    )
    lie = {"cell_type": "code", "metadata": {}, "source": "scale = 0"}
    handed_in = copy.deepcopy(source)
    handed_in["cells"].insert(2, lie)
    assert grade(source, json.dumps(handed_in).encode(), sandbox=SANDBOX).points == 1


def test_a_name_that_an_answer_binds_after_the_instructor_is_the_students():
    source = scale_notebook(
        ("given", "scale = 1"), ("answer", "scale = 10"), ("test", "assert scale == 10")
    )
    for answer, points in [("scale = 10", 1), ("scale = 2", 0), ("pass", 0)]:
        data = answered(source, {"answer 1": answer})
        assert grade(source, data, sandbox=SANDBOX).points == points


def test_text_for_students_has_no_control_characters():
    assert clean("a\x1b[31m\x00b\ud800") == "a\ufffd[31m\ufffdb?"
    assert len(clean("x" * 10_000)) == 4000


# -- check ---------------------------------------------------------------------------------


def check_in(tmp_path: Path, notebook: bytes, **options) -> tuple[Result, str]:
    """Return the result of a check, and what a student sees of it."""
    (tmp_path / "set.ipynb").write_bytes(notebook)
    result = checked(tmp_path / "set.ipynb", **options)
    return result, table(result)


def test_check_never_promises_what_hidden_tests_decide(tmp_path, released):
    result, text = check_in(tmp_path, answered(released, demo.OTHERWISE_WRITTEN))
    assert [part.verdict for part in result.parts] == ["passed", *["open"] * 4, "failed"]
    assert (result.points, result.out_of) == (1, 19)
    assert "right so far; hidden tests decide" in text
    assert "1 of 19 points; 15 more are decided when it is graded" in text
    assert "all" not in text.split()


# One for each answer: the first.
@pytest.mark.parametrize(
    "mutant",
    {m.answer: m for m in reversed(demo.MUTANTS) if m.misconception}.values(),
    ids=lambda mutant: mutant.name,
)
def test_check_names_the_misconception_without_having_the_solution(tmp_path, released, mutant):
    answers = demo.OTHERWISE_WRITTEN | {mutant.answer: mutant.code}
    result, text = check_in(tmp_path, answered(released, answers))
    assert mutant.misconception in {part.misconception for part in result.parts}
    assert REGISTRY[mutant.misconception].hint.split(".")[0] in text


def test_a_release_with_examples_has_no_line_of_the_author(released):
    public = "\n".join(cell.text for cell in cells_of(release(SOURCE)))
    lines = [line.strip() for cell in cells_of(SOURCE) for line in cell.text.splitlines()]
    secret = [line for line in lines if line not in public]
    assert len(secret) > 40
    assert [line for line in secret if line in json.dumps(released)] == []


def test_examples_are_only_given_of_functions_that_students_have(released):
    def counts(notebook):
        cells = {cell.name: cell.extras.get("examples", []) for cell in cells_of(notebook)}
        return {name: len(examples) for name, examples in cells.items() if examples}

    expected = {"step-hidden": 1, "sigmoid-test": 2, "gradients-test": 1, "momentum-test": 1}
    assert counts(released) == expected
    begin = "### BEGIN HIDDEN TESTS\n"
    hidden = with_text("momentum-test", begin + demo.MOMENTUM_TEST.replace(begin, ""))
    del expected["momentum-test"]
    assert counts(release_with_examples(hidden)) == expected


def test_check_of_the_empty_release_says_what_is_to_do(tmp_path, released):
    result, text = check_in(tmp_path, answered(released, {}))
    assert result.points == 0
    assert "not done yet" in text
    assert "hidden tests decide" not in text


def test_check_without_examples_says_that_hidden_tests_decide(tmp_path):
    result, _ = check_in(tmp_path, answered(release(SOURCE), demo.OTHERWISE_WRITTEN))
    assert message(result, "step-hidden") == "hidden tests decide"


@pytest.mark.parametrize("examples", [7, ["x"], [{"table": 1}], [[1, 2]]])
def test_examples_that_cannot_be_read_are_left_out(tmp_path, released, examples):
    notebook = json.loads(answered(released, demo.OTHERWISE_WRITTEN))
    for raw in notebook["cells"]:
        if "coursenn" in raw["metadata"]:
            raw["metadata"]["coursenn"]["examples"] = examples
    result, _ = check_in(tmp_path, json.dumps(notebook).encode())
    assert message(result, "step-hidden") == "hidden tests decide"
    assert message(result, "sigmoid-test") == "right so far; hidden tests decide"


def test_check_says_whose_cell_has_failed(tmp_path, released):
    (tmp_path / "set.ipynb").write_bytes(answered(released, {"step": "def step(:\n    pass"}))
    result = checked(tmp_path / "set.ipynb")
    for part in ("step-shown", "step-hidden"):
        assert message(result, part) == (
            "step is not defined: its cell is empty, failed, or is missing"
        )


def test_check_stops_an_endless_loop(tmp_path, released):
    loop = "def step(w, b, x, y, lr):\n    while True:\n        pass"
    answers = demo.OTHERWISE_WRITTEN | {"step": loop}
    result, _ = check_in(tmp_path, answered(released, answers), seconds=1)
    assert "your code took too long" in message(result, "step-shown")
    assert message(result, "sigmoid-test") == "right so far; hidden tests decide"


def test_check_says_what_is_stopped_when_it_is_graded(tmp_path, released):
    slow = "def step(w, b, x, y, lr):\n    for _ in range(10**7):\n        pass\n    return w, b"
    notebook = copy.deepcopy(released)
    notebook["metadata"]["coursenn"] = {"limits": {"call": 0.01, "cell": 0.02}}
    answers = demo.OTHERWISE_WRITTEN | {"step": slow, "sigmoid": "import time\ntime.sleep(0.1)"}
    _, text = check_in(tmp_path, answered(notebook, answers))
    stopped = "when this is graded, it is stopped after"
    assert re.search(f"note: a call of step took [0-9]+ s here; {stopped} 0.01 s", text)
    assert re.search(f"note: the cell sigmoid took 0 s here; {stopped} 0.02 s", text)
    longest = {("run", "quick"): 9.0, ("run", "slow"): 11.0, ("call", "f"): 6.0, ("call", "g"): 5.0}
    sentences = list(too_slow(longest, Limits(cell=10.0, call=5.0)))
    assert [sentence.partition(" took")[0] for sentence in sentences] == [
        "the cell slow",
        "a call of f",
    ]


def test_parts_stand_under_the_heading_of_their_task(tmp_path, released):
    notebook = copy.deepcopy(released)
    texts = ["# A set", "## Task 1. A *step*\n\nWrite it.", "And this.", "## Task 2\n## Task 3"]
    headings = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in texts]
    first, *rest = notebook["cells"]
    names = [raw["metadata"]["nbgrader"]["grade_id"] for raw in rest]
    cut = names.index("sigmoid")
    notebook["cells"] = [headings[0], first, *headings[1:3], *rest[:cut], headings[3], *rest[cut:]]
    answers = demo.OTHERWISE_WRITTEN | {"proof": "## My heading"}
    result, text = check_in(tmp_path, answered(notebook, answers))
    tasks = {part.name: part.task for part in result.parts}
    assert tasks.pop("step-shown") == tasks.pop("step-hidden") == "Task 1. A *step*"
    assert set(tasks.values()) == {"Task 3"}
    lines = text.splitlines()
    assert lines[0] == "Task 1. A *step*"
    assert lines[1].startswith("step-shown")
    assert lines.count("Task 3") == 1
    assert lines[lines.index("Task 3") - 1] == ""


def test_check_runs_in_the_folder_of_the_notebook(tmp_path, released):
    (tmp_path / "numbers.txt").write_text("0.5")
    code = demo.RIGHT_STEP + "\nassert float(open('numbers.txt').read()) == 0.5"
    result, _ = check_in(tmp_path, answered(released, {"step": code}))
    assert "step" not in result.errors


def test_check_finds_the_one_graded_notebook_of_a_folder(tmp_path, released, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadNotebook, match=r"there is no graded notebook in .*: go to its folder"):
        check()
    Path("set.ipynb").write_bytes(answered(released, {}))
    Path("scratch.ipynb").write_text('{"cells": [], "nbformat": 4}')
    Path("broken.ipynb").write_text("")
    check()
    assert "0 of 19 points" in capsys.readouterr().out
    Path("copy.ipynb").write_bytes(answered(released, {}))
    with pytest.raises(BadNotebook, match=r"copy\.ipynb, set\.ipynb"):
        check()


def test_check_refuses_a_notebook_without_graded_cells(tmp_path):
    (tmp_path / "a.ipynb").write_text('{"cells": [], "nbformat": 4}')
    with pytest.raises(BadNotebook, match="no cell is graded"):
        check(tmp_path / "a.ipynb")


def test_check_of_a_source_with_broken_marks_ends_in_a_sentence(tmp_path):
    with pytest.raises(BadNotebook, match=r"set\.ipynb: BEGIN SOLUTION has no END"):
        check_in(tmp_path, answered(SOURCE, {"step": "### BEGIN SOLUTION"}))


def test_check_needs_neither_bubblewrap_nor_nbgrader(tmp_path, released):
    (tmp_path / "set.ipynb").write_bytes(answered(released, demo.OTHERWISE_WRITTEN))
    code = """
import os, sys
sys.modules["nbgrader"] = sys.modules["joblib"] = sys.modules["matplotlib"] = None
os.environ["PATH"] = ""
from coursenn.grading import check
check("set.ipynb")
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "1 of 19 points; 15 more are decided when it is graded" in done.stdout


# -- Commands ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder with a source and three submissions."""
    (tmp_path / "source.ipynb").write_text(json.dumps(SOURCE), encoding="utf-8")
    (tmp_path / "ada.ipynb").write_bytes(answered(release(SOURCE), demo.OTHERWISE_WRITTEN))
    (tmp_path / "bob.ipynb").write_bytes(answered(release(SOURCE), {}))
    (tmp_path / "cut.ipynb").write_bytes(b'{"cells": [')
    return tmp_path


def run_command(folder: Path, *arguments: str) -> int:
    return commands.main([str(folder / a) if a[0] != "-" and "." in a else a for a in arguments])


def test_release_and_check_from_the_command_line(folder, capsys):
    assert run_command(folder, "release", "source.ipynb", "set.ipynb") == 0
    assert json.loads((folder / "set.ipynb").read_text("utf-8")) == release_with_examples(SOURCE)
    assert run_command(folder, "check", "set.ipynb") == 1
    assert "not done yet" in capsys.readouterr().out


def test_without_bubblewrap_nothing_is_graded_and_it_is_said_what_to_do(
    folder, capsys, monkeypatch
):
    why_no_sandbox.cache_clear()
    monkeypatch.setattr("shutil.which", lambda name: None)
    try:
        for system, hint in [("Linux", "apt install"), ("Darwin", "Lima"), ("Windows", "WSL")]:
            why_no_sandbox.cache_clear()
            monkeypatch.setattr("platform.system", lambda system=system: system)
            assert run_command(folder, "grade", "source.ipynb", "ada.ipynb", "out.d") == 1
            told = capsys.readouterr().err
            assert hint in told
            assert "not run without it" in told
        with pytest.raises(NoSandbox, match="WSL"):
            grade(SOURCE, answered(release(SOURCE), {}))
    finally:
        why_no_sandbox.cache_clear()
    assert not (folder / "out.d").exists()


def test_grading_without_a_sandbox_is_said_aloud(folder, capsys):
    paths = ["source.ipynb", "bob.ipynb", "out.d"]
    assert run_command(folder, "grade", *paths, "--jobs", "1", "--no-sandbox") == 0
    assert "NO SANDBOX" in capsys.readouterr().err


def test_mistakes_of_the_instructor_end_in_a_sentence(folder, capsys):
    (folder / "bad.ipynb").write_text(json.dumps(with_text("step-shown", "pass")))
    flags = ["--jobs", "1"] if SANDBOX else ["--jobs", "1", "--no-sandbox"]
    assert run_command(folder, "grade", "bad.ipynb", "ada.ipynb", "out.d", *flags) == 1
    assert "step-shown gives points for nothing" in capsys.readouterr().err
    assert run_command(folder, "release", "missing.ipynb", "set.ipynb") == 1
    assert "missing.ipynb: there is no such file" in capsys.readouterr().err


def test_a_table_lists_parts_notes_and_errors():
    result = graded({"step": "1 / 0"})
    result.notes = ["a note"]
    text = table(result)
    assert "step-shown" in text
    assert "note: a note" in text
    assert "in step: ZeroDivisionError: division by zero" in text
