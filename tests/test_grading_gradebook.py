"""Results in nbgrader's gradebook, and nbgrader's release as an oracle for ours."""

import csv
import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import grading_demo as demo
import pytest
from bs4 import BeautifulSoup

from coursenn.grading import __main__ as commands
from coursenn.grading.answers import Answer
from coursenn.grading.cells import cell_of, cells_of, read_source, release
from coursenn.grading.gradebook import decisions_of, fill_gradebook, graded_notebook, harmless
from coursenn.grading.grader import Part, Result
from coursenn.grading.marks import late_rule
from coursenn.grading.records import Record, engine_hash, hash_of

needs_nbgrader = pytest.mark.skipif(
    find_spec("nbgrader") is None, reason="needs pip install -r requirements-grading.txt"
)
EXERCISES = Path(__file__).parents[1] / "exercises"
SOURCE = demo.notebook()
VERSION = hash_of(SOURCE, engine_hash(), True)
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)> $\\href{javascript:alert(1)}{x}$"
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)


def record(student: str, message: str = "", day: int = 1, **changes: Any) -> Record:
    """Return a record of the demo, with all points, or with one part that failed."""
    parts = [Part(name, most, most, "passed", "passed") for name, most in demo.PARTS.items()]
    if message:
        parts[3] = Part("gradients-test", 0.0, 6.0, "failed", message, "half")
    parts[-1] = Part("proof", 0.0, 3.0, "open", "graded by a person")
    answers = {name: Answer(code) for name, code in demo.OTHERWISE_WRITTEN.items()}
    values = {
        "student": student, "title": "A set", "source": VERSION, "key": f"{student} {day}",
        "time": datetime(2026, 10, day, 12, tzinfo=UTC), "time_from": "name",
        "result": Result(parts), "answers": answers | {"proof": Answer(message or "Because $x<y$")},
    } | changes  # fmt: skip
    return Record(**values)


@pytest.fixture
def results(tmp_path) -> Path:
    """Return the results of three students; eve wrote HTML wherever she could."""
    folder = tmp_path / "results"
    folder.mkdir()
    eve = record("eve", EVIL, day=2)
    eve.answers["gradients"] = Answer(f"# {EVIL}", [PICTURE])
    for one in (record("ada"), record("O'Brien Änne_12", "gradients() should be 1; got 2"), eve):
        one.write(folder)
    return folder


@pytest.fixture
def course(tmp_path, results) -> Path:
    """Return a course of nbgrader, filled with the results."""
    assert fill_gradebook(tmp_path / "course", SOURCE, "demo", results) == 3
    return tmp_path / "course"


def nbgrader(course: Path, *arguments: str) -> None:
    """Run a command of nbgrader, as somebody who has activated the environment."""
    subprocess.run([sys.executable, "-m", "nbgrader", *arguments], cwd=course, check=True,
                   env=environment(), capture_output=True)  # fmt: skip


def environment() -> dict[str, str]:
    beside = os.path.dirname(sys.executable)
    return os.environ | {"PATH": os.pathsep.join([beside, os.environ["PATH"]])}


def exported(course: Path) -> dict[str, dict[str, str]]:
    nbgrader(course, "export")
    text = (course / "grades.csv").read_text("utf-8")
    return {row["student_id"]: row for row in csv.DictReader(io.StringIO(text))}


def secrets() -> list[str]:
    """Return the lines that only the author knows."""
    public = "\n".join(cell.text for cell in cells_of(release(SOURCE)))
    public += "\n".join(demo.OTHERWISE_WRITTEN.values())
    lines = {line.strip() for cell in cells_of(SOURCE) for line in cell.text.splitlines()}
    return [line for line in lines if line not in public and len(line) > 8]


# -- What formgrader is given --------------------------------------------------------------


def test_the_graded_notebook_has_answers_and_messages_and_no_hidden_test(results):
    one = record("ada", "f(1) should be 2\nLook again.")
    one.answers["proof"] = Answer("a & b < c")
    notebook = graded_notebook(SOURCE, one)
    cells = {cell_of(raw).name: raw for raw in notebook["cells"]}
    assert cells["gradients"]["source"] == demo.RIGHT_GRADIENTS
    assert cells["proof"]["source"] == "a &amp; b &lt; c"
    assert cells["gradients-test"]["outputs"][0]["traceback"] == ["f(1) should be 2", "Look again."]
    assert cells["step-hidden"]["outputs"] == []
    assert cells["given"]["source"].strip() == demo.GIVEN.strip()
    text = json.dumps(notebook)
    assert len(secrets()) > 30
    assert [line for line in secrets() if line in text] == []


def test_of_outputs_only_pictures_are_shown():
    one = record("ada")
    one.answers["step"] = Answer("plot()", [PICTURE])
    cells = {cell_of(raw).name: raw for raw in graded_notebook(SOURCE, one)["cells"]}
    assert [o["data"] for o in cells["step"]["outputs"]] == [{"image/png": PICTURE}]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>", "&lt;b>"),
        ("&lt;b>", "&amp;lt;b>"),
        (r"$\href{javascript:x}{y}$", "$href{javascript:x}{y}$"),
        (r"$\class{a}{b} \delta$", r"$class{a}{b} \delta$"),
    ],
)
def test_text_of_students_has_no_html_and_no_links_of_mathjax(text, shown):
    assert harmless(text) == shown


def test_without_nbgrader_it_says_what_to_install(tmp_path, results, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "nbgrader.api", None)
    path = tmp_path / "demo.ipynb"
    path.write_text(json.dumps(SOURCE))
    assert commands.main(["gradebook", str(path), str(results), str(tmp_path / "course")]) == 1
    assert "pip install -r requirements-grading.txt" in capsys.readouterr().err
    with pytest.raises(ValueError, match=r"has no gradebook\.db"):
        decisions_of(tmp_path, "demo", results)


# -- The gradebook -------------------------------------------------------------------------


@needs_nbgrader
def test_export_gives_the_points_and_what_lateness_costs(tmp_path, results, course):
    rows = exported(course)
    assert {name: row["score"] for name, row in rows.items()} == {
        "ada": "16.0", "O'Brien Änne_12": "10.0", "eve": "10.0"
    }  # fmt: skip
    assert {row["max_score"] for row in rows.values()} == {"19.0"}
    assert rows["ada"]["timestamp"] == "2026-10-01 12:00:00"
    rule = late_rule("2026-10-01T14:00+02:00", "10 % per day")
    fill_gradebook(course, SOURCE, "demo", results, rule)
    eve = exported(course)["eve"]
    assert (eve["raw_score"], eve["late_submission_penalty"], eve["score"]) == (
        "10.0",
        "1.0",
        "9.0",
    )
    assert exported(course)["ada"]["late_submission_penalty"] == "0.0"


@needs_nbgrader
def test_feedback_of_nbgrader_has_our_messages_no_hidden_test_and_runs_nothing(course):
    nbgrader(course, "generate_feedback", "demo")
    pages = {path.parts[-3]: path.read_text("utf-8") for path in course.glob("feedback/*/*/*.html")}
    assert set(pages) == {"ada", "O'Brien Änne_12", "eve"}
    assert "gradients() should be 1; got 2" in pages["O'Brien Änne_12"]
    for page in pages.values():
        assert [line for line in secrets() if line in page] == []
        assert [line for line in secrets() if line in BeautifulSoup(page, "html.parser").text] == []
    assert_runs_nothing_of_eve(pages["eve"])


def assert_runs_nothing_of_eve(page: str) -> None:
    soup = BeautifulSoup(page, "html.parser")
    assert [script for script in soup.find_all("script") if "alert(1)" in script.text] == []
    assert soup.find_all(onerror=True) == []
    assert "alert(1)" in soup.text  # it is shown as text
    for code in soup.find_all(["pre", "code", "textarea"]):
        code.decompose()  # MathJax leaves these alone
    assert r"\href" not in soup.text
    assert PICTURE in page


@needs_nbgrader
def test_points_of_a_person_stay_and_come_back(tmp_path, results, course, capsys):
    by_hand(course, "ada", 2.5, "Nearly.")
    assert decisions_of(course, "demo", results).keys() == {("ada", "proof")}
    fill_gradebook(course, SOURCE, "demo", results)
    assert exported(course)["ada"]["score"] == "18.5"
    assert waits(course, "ada") is False
    table = tmp_path / "by_hand.csv"
    arguments = ["--gradebook", str(course), "--set", "demo"]
    assert commands.main(["manual", str(results), str(table), *arguments]) == 0
    assert "2 answers wait" in capsys.readouterr().out
    assert commands.main(["report", str(results), str(tmp_path), "--manual", str(table)]) == 0
    assert "18.5 of 19 points" in (tmp_path / "feedback/ada.html").read_text("utf-8")
    assert "Nearly." in (tmp_path / "feedback/ada.html").read_text("utf-8")


@needs_nbgrader
@pytest.mark.parametrize("name", ["", "another"])
def test_points_of_a_set_that_is_not_there_are_not_passed_over(results, course, name):
    with pytest.raises(ValueError, match=f"no set '{name}'; say --set with one of these: demo"):
        decisions_of(course, name, results)


@needs_nbgrader
def test_what_was_handed_in_anew_waits_for_another_look(results, course):
    by_hand(course, "ada", 2.5, "")
    record("ada", day=3).write(results)
    fill_gradebook(course, SOURCE, "demo", results)
    assert waits(course, "ada") is True
    assert exported(course)["ada"]["score"] == "18.5"
    assert decisions_of(course, "demo", results) == {}


def opened(course: Path) -> Any:
    from nbgrader.api import Gradebook

    return Gradebook(f"sqlite:///{course}/gradebook.db")


def by_hand(course: Path, student: str, points: float, comment: str) -> None:
    """Do what formgrader does when somebody types points and a comment."""
    with opened(course) as book:
        grade = book.find_grade("proof", "demo", "demo", student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.find_comment("proof", "demo", "demo", student).manual_comment = comment
        book.db.commit()


def waits(course: Path, student: str) -> bool:
    with opened(course) as book:
        return book.find_grade("proof", "demo", "demo", student).needs_manual_grade


@needs_nbgrader
def test_what_is_open_waits_for_a_person(course):
    assert waits(course, "ada") is True
    with opened(course) as book:
        assert book.find_grade("step-shown", "demo", "demo", "ada").needs_manual_grade is False
        comment = book.find_comment("proof", "demo", "demo", "ada").auto_comment
    assert comment is None


@needs_nbgrader
def test_a_set_with_other_cells_is_refused(tmp_path, course):
    other = json.loads(json.dumps(SOURCE))
    del other["cells"][-1]
    folder = tmp_path / "other"
    folder.mkdir()
    record("ada", source=hash_of(other, engine_hash(), True)).write(folder)
    with pytest.raises(ValueError, match="knows demo with other cells: proof"):
        fill_gradebook(course, other, "demo", folder)


@needs_nbgrader
def test_results_of_another_notebook_are_refused(tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    record("ada", source="other").write(folder)
    with pytest.raises(ValueError, match="call grade again"):
        fill_gradebook(tmp_path / "course", SOURCE, "demo", folder)


@needs_nbgrader
def test_a_course_made_here_never_runs_what_students_wrote(tmp_path, course):
    """Even where somebody hands submissions to nbgrader's own autograder."""
    trace = tmp_path / "trace"
    handed_in = release(SOURCE)
    handed_in["cells"][2]["source"] = f"open({str(trace)!r}, 'w').close()"
    folder = course / "submitted/ada/demo"
    folder.mkdir(parents=True)
    (folder / "demo.ipynb").write_text(json.dumps(handed_in))
    command = [sys.executable, "-m", "nbgrader", "autograde", "demo", "--force"]
    subprocess.run(command, cwd=course, env=environment(), capture_output=True)
    assert not trace.exists()


# -- The pages of formgrader ---------------------------------------------------------------


@pytest.fixture
def get(tmp_path, course) -> Iterator[Callable[[str], str]]:
    """Start Jupyter with nbgrader in the course; return what fetches a page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}", "--ServerApp.token=t", "--allow-root"]
    command = [sys.executable, "-m", "jupyter_server", *options, f"--ServerApp.root_dir={course}"]
    home = environment() | {"JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    server = subprocess.Popen(command, cwd=course, env=home, stderr=subprocess.DEVNULL)

    def fetch(path: str) -> str:
        address = f"http://127.0.0.1:{port}{path}"
        request = urllib.request.Request(address, headers={"Authorization": "token t"})
        with urllib.request.urlopen(request, timeout=120) as reply:
            return reply.read().decode()

    try:
        end = time.monotonic() + 180
        while True:
            try:
                fetch("/api")
                break
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < end, "Jupyter does not start"
                time.sleep(0.5)
        yield fetch
    finally:
        server.terminate()
        server.wait(60)


@needs_nbgrader
def test_the_pages_of_formgrader_work(get):
    for page in ("", "/gradebook", "/gradebook/demo", "/manage_submissions/demo"):
        assert "ormgrader" in get(f"/formgrader{page}")
    handed_in = json.loads(get("/formgrader/api/submitted_notebooks/demo/demo"))
    assert {one["student"]: one["score"] for one in handed_in} == {
        "ada": 16, "O'Brien Änne_12": 10, "eve": 10
    }  # fmt: skip
    assert all(one["needs_manual_grade"] for one in handed_in)
    for one in handed_in:
        page = get(f"/formgrader/submissions/{one['id']}")
        assert [line for line in secrets() if line in BeautifulSoup(page, "html.parser").text] == []
        if one["student"] == "eve":
            assert_runs_nothing_of_eve(page)


# -- The release ---------------------------------------------------------------------------


@needs_nbgrader
@pytest.mark.parametrize(
    "path", ["", *sorted(EXERCISES.glob("*/source/*.ipynb"))], ids=lambda path: Path(path).stem
)
def test_our_release_is_that_of_nbgrader_cell_by_cell(tmp_path, path):
    source = read_source(path) if path else SOURCE
    folder = tmp_path / "source/set"
    folder.mkdir(parents=True)
    (folder / "set.ipynb").write_text(json.dumps(source), encoding="utf-8")
    nbgrader(tmp_path, "generate_assignment", "set")
    theirs = json.loads((tmp_path / "release/set/set.ipynb").read_text("utf-8"))
    assert [cell.text for cell in cells_of(release(source))] == [
        cell.text for cell in cells_of(theirs)
    ]
