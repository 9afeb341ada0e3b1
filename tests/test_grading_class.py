"""Grading a class: in parallel, on a cluster, stopped and resumed, with broken submissions."""

import base64
import copy
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grading_demo as demo
import pytest

from coursenn.grading import __main__ as commands
from coursenn.grading import classroom
from coursenn.grading.answers import MAX_TEXT, PNG, Answer, answers_of
from coursenn.grading.cells import Notebook, release
from coursenn.grading.classroom import BROKE, Graded, Task, grade_class, submissions
from coursenn.grading.collecting import HandedIn, collect, write_handed_in
from coursenn.grading.records import Record, hash_of, read_record, records, title_of
from coursenn.grading.sandbox import why_no_sandbox

SANDBOX = not why_no_sandbox()  # the answers here are ours
FLAGS = [] if SANDBOX else ["--no-sandbox"]


def small_set(answer: str = "six = 6") -> Notebook:
    """Return a notebook that is graded fast: it does not even need NumPy."""
    blank = "### BEGIN SOLUTION\n" + answer + "\n### END SOLUTION"
    cells = [
        {"cell_type": "markdown", "id": "top", "metadata": {}, "source": "Hi\n# Six & seven\n"},
        demo.cell("six", "answer", blank),
        demo.cell("six-test", "test", "assert six == 6, f'six should be 6; got {six}'", 2),
        demo.cell("why", "answer", "### BEGIN SOLUTION\nlie = 0\n### END SOLUTION", 3),
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


SMALL = small_set()
TASK = Task(SMALL, SANDBOX)


def handed_in(source: Notebook, answers: dict[str, str]) -> str:
    """Return what a student hands in with these answers."""
    notebook = copy.deepcopy(release(source))
    for raw in notebook["cells"]:
        name = raw["metadata"].get("nbgrader", {}).get("grade_id")
        raw["source"] = answers.get(name, raw["source"])
    return json.dumps(notebook)


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder with a source and four submissions, of which two are wrong."""
    (tmp_path / "source.ipynb").write_text(json.dumps(SMALL), encoding="utf-8")
    (tmp_path / "in").mkdir()
    for student, code in {"ada": "six = 6", "bob": "six = 7", "eve": "six = 1 / 0"}.items():
        (tmp_path / f"in/{student}.ipynb").write_text(handed_in(SMALL, {"six": code}))
    (tmp_path / "in/mia.ipynb").write_text("{")
    return tmp_path


def points(results: Path) -> dict[str, float]:
    return {record.student: record.result.points for record in records(results)}


def graded(folder: Path, task: Task = TASK, **options: Any) -> classroom.Summary:
    options = {"jobs": 1, "say": lambda line: None} | options
    return grade_class(task, submissions(folder / "in"), folder / "out", **options)


EXPECTED = {"ada": 2, "bob": 0, "eve": 0, "mia": 0}

# -- Equal results -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def a_class(tmp_path_factory) -> Path:
    """Return a folder with submissions of the demo, and their results from one process."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "in").mkdir()
    source = demo.notebook()
    for mutant in demo.MUTANTS[::4]:
        text = handed_in(source, demo.OTHERWISE_WRITTEN | {mutant.answer: mutant.code})
        (folder / f"in/{mutant.name}.ipynb").write_text(text)
    graded(folder, Task(source, SANDBOX))
    return folder


def everything(results: Path) -> list[Record]:
    return list(records(results))


def test_several_processes_give_the_results_of_one(a_class, tmp_path):
    task = Task(demo.notebook(), SANDBOX)
    lines: list[str] = []
    grade_class(task, submissions(a_class / "in"), tmp_path, jobs=2, say=lines.append)
    expected = everything(a_class / "out")
    assert len(expected) == len(demo.MUTANTS[::4]) == len(lines)
    assert {record.result.points for record in expected} > {13, 12}
    assert everything(tmp_path) == expected


@pytest.mark.filterwarnings("default::ResourceWarning")  # the cluster's, while it closes
def test_a_cluster_gives_the_results_of_one_process(a_class, tmp_path):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
    )
    task = Task(demo.notebook(), SANDBOX)
    with cluster, distributed.Client(cluster) as client:
        address = cluster.scheduler_address
        done = grade_class(
            task, submissions(a_class / "in"), tmp_path, dask=address, say=lambda line: None
        )
        used = client.run(lambda: "coursenn.grading.classroom" in sys.modules)
    assert (done.graded, done.failures) == (len(demo.MUTANTS[::4]), {})
    assert list(used.values()) == [True, True]
    assert everything(tmp_path) == everything(a_class / "out")


def test_a_cluster_that_is_not_there_ends_in_a_sentence(folder, capsys, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(distributed, "Client", _no_client)
    arguments = ["grade", str(folder / "source.ipynb"), str(folder / "in"), str(folder / "out")]
    assert commands.main([*arguments, "--dask", "tcp://127.0.0.1:1", *FLAGS]) == 1
    assert "cannot connect" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert commands.main([*arguments, "--dask", "tcp://127.0.0.1:1", *FLAGS]) == 1
    assert "pip install 'dask[distributed]'" in capsys.readouterr().err


def _no_client(address: str) -> None:
    raise OSError(f"cannot connect to {address}")


def test_another_version_of_the_grader_does_not_grade(folder):
    with pytest.raises(classroom.OtherVersion, match="another version of coursenn"):
        graded(folder, replace(TASK, engine="older"))


# -- Stopped and resumed -------------------------------------------------------------------


def test_what_is_graded_is_not_graded_again(folder):
    assert graded(folder).graded == 4
    assert points(folder / "out") == EXPECTED
    written = {path: path.stat().st_mtime_ns for path in (folder / "out").iterdir()}
    done = graded(folder)
    assert (done.graded, done.known) == (0, 4)
    assert written == {path: path.stat().st_mtime_ns for path in (folder / "out").iterdir()}


def test_what_is_new_or_changed_is_graded(folder):
    graded(folder)
    (folder / "in/bob.ipynb").write_text(handed_in(SMALL, {"six": "six = 2 * 3"}))
    (folder / "in/zoe.ipynb").write_text(handed_in(SMALL, {"six": "six = 6.0"}))
    done = graded(folder)
    assert (done.graded, done.known) == (2, 3)
    assert points(folder / "out") == EXPECTED | {"bob": 2, "zoe": 2}


def test_another_notebook_of_the_instructor_grades_all_anew(folder):
    graded(folder)
    other = json.loads(json.dumps(SMALL).replace("should be 6", "must be 6"))
    assert graded(folder, Task(other, SANDBOX)).known == 0
    messages = [part.message for record in records(folder / "out") for part in record.result.parts]
    assert "six must be 6; got 7" in messages


def test_outputs_of_the_instructor_and_the_kernel_decide_about_nothing():
    other = copy.deepcopy(SMALL)
    other["cells"][1] |= {"outputs": [{"output_type": "stream"}], "execution_count": 3}
    other["metadata"] = {"kernelspec": {"name": "x"}}
    assert hash_of(other, "", True) == hash_of(SMALL, "", True) != hash_of(SMALL, "", False)
    other["metadata"]["coursenn"] = {}
    assert hash_of(other, "", True) != hash_of(SMALL, "", True)


def test_a_new_time_is_noted_without_grading(folder, monkeypatch):
    graded(folder)
    time = datetime(2026, 10, 1, 22, tzinfo=UTC)
    write_handed_in(folder / "in", [HandedIn("ada", time, "name", "ada.ipynb")])
    monkeypatch.setattr(classroom, "spread", None)
    assert graded(folder).known == 4
    record = read_record(folder / "out/ada.json")
    assert (record.time, record.time_from, record.result.points) == (time, "name", 2)


def test_results_without_a_submission_are_named(folder):
    graded(folder)
    (folder / "in/bob.ipynb").unlink()
    assert graded(folder).others == ["bob"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_run_leaves_no_half_file_and_is_resumed(folder):
    for i in range(40):
        (folder / f"in/s{i:02}.ipynb").write_text(handed_in(SMALL, {"six": f"six = {i}"}))
    arguments = ["grade", "source.ipynb", "in", "out", "--jobs", "2", *FLAGS]
    command = [sys.executable, "-m", "coursenn.grading", *arguments]
    run = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    assert run.stdout
    _, *lines = [run.stdout.readline() for _ in range(6)]  # the first says how many there are
    children = [int(pid) for pid in _children(run.pid)]
    run.kill()
    run.communicate()
    assert [line.split()[:3] for line in lines] == [[f"{k}", "of", "44"] for k in range(1, 6)]
    there = list(records(folder / "out"))  # all of them can be read
    assert 5 <= len(there) < 44
    _wait_for(lambda: not any(map(_is_running, children)), "its processes end with it")
    done = graded(folder)
    assert (done.known, done.graded) == (len(there), 44 - len(there))
    assert points(folder / "out")["s06"] == 2


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return tasks.read_text().split() if tasks.exists() else []


def _is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def _wait_for(condition: Any, what: str) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def test_what_a_killed_run_had_begun_to_write_is_removed(folder):
    (folder / "out").mkdir()
    old, new = folder / "out/.ada.json.0000.part", folder / "out/.bob.json.0000.part"
    for path in (old, new):
        path.write_text("{")
    os.utime(old, (1e9, 1e9))
    graded(folder)
    assert not old.exists()
    assert new.exists()  # another run may be writing it


# -- What breaks costs only itself ---------------------------------------------------------


@dataclass(frozen=True)
class DeadlyTask(Task):
    """Grading eve's notebook kills the process, as too little memory does."""

    def __call__(self, student: str, data: bytes | str) -> Graded:
        if student == "eve":
            os.kill(os.getpid(), signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        return super().__call__(student, data)


@pytest.mark.filterwarnings("default::UserWarning")  # joblib's, of a worker that stopped
def test_a_submission_that_kills_the_grader_costs_only_itself(folder):
    deadly = DeadlyTask(SMALL, SANDBOX)
    done = graded(folder, deadly, jobs=2)
    assert done.graded == 4
    assert list(done.failures) == ["eve"]
    assert points(folder / "out") == EXPECTED
    assert read_record(folder / "out/eve.json").result.notes == [BROKE]
    assert graded(folder).graded == 1  # the next call tries again
    assert "ZeroDivisionError" in read_record(folder / "out/eve.json").result.errors["six"]


def test_an_exception_in_the_grader_costs_only_that_submission(folder, monkeypatch, capsys):
    real = classroom.grade

    def grade(source: Notebook, data: bytes, **options: Any) -> Any:
        if b"1 / 0" in data:
            raise RecursionError("a bug\x1b[31m")
        return real(source, data, **options)

    monkeypatch.setattr(classroom, "grade", grade)
    arguments = ["grade", str(folder / "source.ipynb"), str(folder / "in"), str(folder / "out")]
    assert commands.main([*arguments, "--jobs", "1", *FLAGS]) == 1
    told = capsys.readouterr()
    assert "eve: the grader failed: RecursionError: a bug\ufffd[31m" in told.err
    assert "FAILED: RecursionError" in told.out
    assert points(folder / "out") == EXPECTED


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no such alarms")
def test_a_test_that_never_ends_costs_only_that_submission(folder, monkeypatch):
    test = "while six == 7:\n    pass\nassert six == 6"
    endless = json.loads(json.dumps(SMALL))
    endless["cells"][2]["source"] = test
    monkeypatch.setattr(classroom, "SECONDS", 3.0)
    done = graded(folder, Task(endless, SANDBOX))
    assert done.failures == {"bob": "it took too long"}
    assert points(folder / "out") == EXPECTED


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes with names")
def test_files_that_are_no_notebooks_get_a_sentence(folder):
    os.mkfifo(folder / "in/pipe.ipynb")
    (folder / "in/folder.ipynb").mkdir()
    (folder / "in/link.ipynb").symlink_to(folder / "source.ipynb")
    (folder / "in/big.ipynb").write_bytes(bytes(21 << 20))
    (folder / "in/zero.ipynb").write_bytes(b"")
    write_handed_in(folder / "in", [HandedIn("gone", None, "date", "x", "it is a link")])
    lines: list[str] = []
    assert graded(folder, say=lines.append).graded == 10
    assert points(folder / "out")["ada"] == 2
    notes = {record.student: record.result.notes[:1] for record in records(folder / "out")}
    sentences = {"pipe": "regular", "folder": "regular", "link": "link", "big": "21 MB",
                 "zero": "empty", "gone": "it is a link"}  # fmt: skip
    for student, sentence in sentences.items():
        assert sentence in notes[student][0]
    assert sum("cannot be read" in line for line in lines) == 7
    assert graded(folder).known == 10


def test_names_of_files_stay_in_the_folder(folder):
    names = ["=1+1", "-rf", "..x", "a;b", "$(id)", "<b>"] if os.name != "nt" else ["=1+1", "-rf"]
    for name in names:
        (folder / f"in/{name}.ipynb").write_text(handed_in(SMALL, {"six": "six = 6"}))
    assert graded(folder).graded == 4 + len(names)
    students = set(points(folder / "out"))
    assert not students & set(names)
    assert {path.stem for path in (folder / "out").iterdir()} == students
    assert {path.name for path in folder.iterdir()} == {"source.ipynb", "in", "out"}


def test_the_grader_does_not_grow(folder):
    """Nothing of a submission stays in memory. What a thousand take, the benchmark measures."""
    code = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from test_grading_class import SMALL, Task, handed_in
long = "x = 5" + "0" * 300_000 + ".0"
task, data = Task(SMALL, sandbox=False), handed_in(SMALL, {"why": long}).encode()
peaks = []
for i in range(40):
    assert task("s", data).result.points == 0
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(peaks[-1] - peaks[9])
"""
    pytest.importorskip("resource")
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 30 * 300_000 / 2  # less than half of what was handed in


# -- What is kept --------------------------------------------------------------------------


def a_record(**changes: Any) -> Record:
    result = classroom.unreadable(SMALL, "\u202e <b>&\n=1")
    values = {"student": "ada", "title": "t", "source": "s", "key": "k", "time_from": "date"}
    when = {"time": datetime(2026, 10, 1, tzinfo=UTC)}
    answers = {"answers": {"why": Answer("ä", ["AAAA"])}}
    return Record(**{**values, **when, "result": result, **answers, **changes})


def test_a_record_is_read_as_it_was_written(tmp_path):
    for record in (a_record(), a_record(time=None, time_from="")):
        record.write(tmp_path)
        assert read_record(tmp_path / "ada.json") == record


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "{}", '{"result": {"parts": [{}]}}', "[" * 9999]
)
def test_a_file_that_is_no_record_is_named(tmp_path, text):
    (tmp_path / "ada.json").write_text(text)
    with pytest.raises(ValueError, match=r"ada\.json is not a result of this version"):
        read_record(tmp_path / "ada.json")


def test_results_of_different_notebooks_are_not_mixed(tmp_path):
    with pytest.raises(ValueError, match="there are no results"):
        list(records(tmp_path))
    a_record().write(tmp_path)
    a_record(student="bob", source="other").write(tmp_path)
    with pytest.raises(ValueError, match="ada and bob were graded with different notebooks"):
        list(records(tmp_path))


def test_the_title_is_the_first_heading():
    assert title_of(SMALL) == "Six & seven"
    assert title_of({"cells": []}) == "Graded notebook"


def with_outputs(*outputs: Any) -> bytes:
    notebook = json.loads(handed_in(SMALL, {"six": "six = 6", "why": "plot()"}))
    notebook["cells"][3]["outputs"] = list(outputs)
    return json.dumps(notebook).encode()


def picture(data: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"image/png": data}}


def test_answers_and_the_pictures_below_them_are_kept():
    png = base64.b64encode(PNG + b"...").decode()
    kept = answers_of(SMALL, with_outputs(picture(png), picture([png[:5], "\n", png[5:]])))
    assert kept == {"six": Answer("six = 6"), "why": Answer("plot()", [png, png])}


@pytest.mark.parametrize(
    "output",
    [
        picture(base64.b64encode(b"<svg onload=alert(1)>").decode()),
        picture('"><script>alert(1)</script>'),
        picture(["iVBORw0KGgo=", 7, None, {}]) | {"data": []},
        picture({}),
        picture("A" * (4 << 20)),
        {"data": {"text/html": "<script>", "image/svg+xml": "<svg>"}},
        "x",
        None,
    ],
)
def test_what_is_no_picture_is_left_out(output):
    assert answers_of(SMALL, with_outputs(output))["why"].pictures == []


def test_answers_that_are_odd_do_no_harm():
    assert answers_of(SMALL, b"{") == {}
    long = handed_in(SMALL, {"six": "x" * 99_999, "why": "a\0\x1b[31m\ud800"}).encode()
    kept = answers_of(SMALL, long)
    assert kept["six"].text == "x" * MAX_TEXT + "\n[...]"
    assert kept["why"].text == "a\ufffd[31m?"
    notebook = {"cells": [{"outputs": 7, "id": "id-why", "cell_type": "code"}, 7], "nbformat": 4}
    assert answers_of(SMALL, json.dumps(notebook).encode())["why"].pictures == []


# -- The command ---------------------------------------------------------------------------


def test_from_a_download_to_results(folder, capsys):
    collect(folder / "in", folder / "submitted")
    paths = [str(folder / name) for name in ("source.ipynb", "submitted", "out")]
    assert commands.main(["grade", *paths, "--jobs", "2", *FLAGS]) == 0
    told = capsys.readouterr().out
    assert "4 of 4" in told
    assert "4 submissions were graded\n" in told
    assert points(folder / "out") == EXPECTED
    assert read_record(folder / "out/ada.json").time_from == "date"
    assert commands.main(["grade", *paths, *FLAGS]) == 0
    assert "0 submissions were graded, 4 were graded before" in capsys.readouterr().out


def test_of_one_notebook_all_parts_are_shown(folder, capsys):
    paths = [str(folder / name) for name in ("source.ipynb", "in/bob.ipynb", "out")]
    assert commands.main(["grade", *paths, "--jobs", "1", *FLAGS]) == 0
    assert "six-test    0 of 2    six should be 6; got 7" in capsys.readouterr().out


def test_a_source_that_cannot_be_used_grades_nobody(folder, capsys):
    wrong = small_set("six = 5")
    (folder / "source.ipynb").write_text(json.dumps(wrong))
    paths = [str(folder / name) for name in ("source.ipynb", "in", "out")]
    assert commands.main(["grade", *paths, "--jobs", "1", *FLAGS]) == 1
    assert "the author's answer fails six-test: six should be 6; got 5" in capsys.readouterr().err
    assert list((folder / "out").iterdir()) == []
    with pytest.raises(SystemExit):
        commands.main(["grade", *paths, "--jobs", "0"])
    (folder / "empty").mkdir()
    for name, problem in [("empty", "there is no notebook in"), ("no", "no such folder")]:
        with pytest.raises(ValueError, match=problem):
            submissions(folder / name)


def test_an_interrupt_ends_in_a_sentence(folder, capsys, monkeypatch):
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(classroom, "submissions", interrupted)
    paths = [str(folder / name) for name in ("source.ipynb", "in", "out")]
    assert commands.main(["grade", *paths, *FLAGS]) == 130
    assert "stopped; what is done stays" in capsys.readouterr().err
