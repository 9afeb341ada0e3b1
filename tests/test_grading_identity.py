"""Whose numbers are they? The id in a submission is compared with the name it came under."""

import json
from pathlib import Path

import grading_demo as demo
import pytest
from test_grading import answered
from test_grading_report import record, rows_of, soup, words

from coursenn.grading import __main__ as commands
from coursenn.grading.cells import read_source, release
from coursenn.grading.grader import Part, Result, grade, preflight
from coursenn.grading.identity import open_questions
from coursenn.grading.marks import Mark
from coursenn.grading.pages import feedback_page
from coursenn.grading.sandbox import why_no_sandbox

SANDBOX = not why_no_sandbox()
TEST = "assert number == len(str(student)), 'number is not right'\n"
SOURCE = {
    "cells": [
        demo.cell("id", "answer", "### BEGIN SOLUTION\nstudent = 'ada'\n### END SOLUTION"),
        demo.cell("one", "answer", "### BEGIN SOLUTION\nnumber = 3\n### END SOLUTION"),
        demo.cell("one-test", "test", TEST, 1),
        demo.cell("two", "answer", "### BEGIN SOLUTION\nnumber = 3\n### END SOLUTION"),
        demo.cell("two-test", "test", TEST, 1),
    ],
    "metadata": {"coursenn": {"identity": "student"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
BACKPROP = Path(__file__).parents[1] / "exercises" / "backprop" / "source" / "backprop.ipynb"


def ids_of(**answers: str) -> tuple[list[str], float]:
    """Return the ids that the grader notes, and the points."""
    right = {"id": "student = 'ada17'", "one": "number = 5", "two": "number = 5"}
    result = grade(SOURCE, answered(release(SOURCE), right | answers), sandbox=SANDBOX)
    return result.ids, result.points


# -- What is noted -------------------------------------------------------------------------


def test_the_id_that_tests_were_given_is_noted():
    assert ids_of() == (["ada17"], 2)
    assert ids_of(id="student = 12345") == (["12345"], 2)
    assert ids_of(id="student = 'bob'") == (["bob"], 0)
    assert ids_of(id="") == ([], 0)


def test_an_id_that_is_changed_between_tests_is_noted_twice():
    assert ids_of(two="student = 'eve'\nnumber = 3") == (["ada17", "eve"], 2)
    assert ids_of(one="number = 3\nstudent = 'eve'") == (["eve"], 1)


@pytest.mark.parametrize(
    ("code", "noted"),
    [
        ("student = 'x' * 10**6", ["x" * 80]),
        ("student = '<b>\\x1b\\ud800'", ["<b>\ufffd?"]),
        ("student = 10**5000", ["a very large number"]),
        ("student = [1.5, None]", ["[1.5, None]"]),
        ("student = object()", []),
        ("def student(): pass", ["<coursenn.grading.session.StudentFunction object>"]),
    ],
)
def test_an_odd_id_does_no_harm(code, noted):
    assert ids_of(id=code)[0] == noted


def test_a_set_that_asks_for_no_id_notes_none():
    source = SOURCE | {"metadata": {}}
    assert grade(source, json.dumps(SOURCE).encode(), sandbox=SANDBOX).ids == []


def test_a_set_whose_tests_use_no_id_is_refused():
    assert preflight(SOURCE, sandbox=SANDBOX) == []
    other = SOURCE | {"metadata": {"coursenn": {"identity": "name"}}}
    assert preflight(other, sandbox=SANDBOX) == ["no test uses the student's id"]


def test_the_set_on_backpropagation_notes_the_id_from_which_it_makes_the_task():
    source = read_source(BACKPROP)
    result = grade(source, answered(source, {"id": "student = 'Bob '"}), sandbox=SANDBOX)
    assert result.ids == ["Bob "]
    assert all(part.verdict != "failed" for part in result.parts)


# -- What is said --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "known", "told"),
    [
        ({}, None, []),
        ({"ada": ["ada"], "Bob_X_77": [" bob "]}, None, []),
        ({"Ada Lovelace_1234": ["1234"], "eve": ["EVE"]}, None, []),
        ({"ada@uni.edu": ["ada@uni.edu"]}, None, []),
        ({"ada": ["ada"], "bob": ["ad"]}, None, ["These gave an id that is not theirs: bob (ad)."]),
        (
            {"ada": ["ada"], "bob": ["ada"]},
            None,
            [
                "These gave an id that is not theirs: bob (ada).",
                "The same id, ada, was given by ada, bob.",
            ],
        ),
        (
            {"ada": ["ada", "bob"]},
            None,
            ["These gave an id that is not theirs: ada (bob)."],
        ),
        (
            {"ada": ["17"], "bob": ["18"]},
            None,
            [
                "No submission has its student's id in its name, so that ids could not be "
                "compared: give them with --ids."
            ],
        ),
        ({"ada": [" A17"], "bob": ["18"]}, {"ada": "a17", "bob": "18"}, []),
        (
            {"ada": ["18"], "bob": ["18"], "eve": ["7"]},
            {"ada": "17", "bob": "18"},
            [
                "These gave an id that is not theirs: ada (18).",
                "These are not in the table of ids: eve.",
                "The same id, 18, was given by ada, bob.",
            ],
        ),
        ({"ada": ["ada"], "bob": ["_"]}, None, ["These gave an id that is not theirs: bob (_)."]),
    ],
)
def test_ids_that_are_not_the_students_own_are_told(ids, known, told):
    assert open_questions(ids, known) == told


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    for student, given in [("ada", "ada"), ("bob", "ada"), ("eve", "<i>")]:
        parts = [Part("one", 2.0, 2.0, "passed", "passed")]
        record(student, result=Result(parts, ids=[given])).write(folder)
    return folder


def test_the_report_tells_the_teacher_and_takes_no_points(results, tmp_path, capsys):
    out = tmp_path / "out"
    assert commands.main(["report", str(results), str(out)]) == 0
    told = capsys.readouterr().out
    assert "These gave an id that is not theirs: bob (ada), eve (<i>)." in told
    page = soup((out / "class.html").read_text("utf-8")).get_text()
    assert "These gave an id that is not theirs: bob (ada), eve (<i>)." in page
    assert "The same id, ada, was given by ada, bob." in page
    rows = rows_of(out / "gradebook.csv")
    assert {name: (row["ids"], row["total"]) for name, row in rows.items()} == {
        "ada": ("ada", "2"),
        "bob": ("ada", "2"),
        "eve": ("<i>", "2"),
    }
    bob = words((out / "feedback/bob.html").read_text("utf-8"))
    assert "Your task was made from the id ada." in bob
    assert "not theirs" not in bob


def test_the_report_takes_a_table_of_ids(results, tmp_path, capsys):
    table = tmp_path / "ids.csv"
    table.write_text("student,id\nada,ada\nbob,b2\neve,\n")
    assert commands.main(["report", str(results), str(tmp_path / "o"), "--ids", str(table)]) == 0
    told = capsys.readouterr().out
    assert "These gave an id that is not theirs: bob (ada)." in told
    assert "These are not in the table of ids: eve." in told
    table.write_text("student,number\n")
    assert commands.main(["report", str(results), str(tmp_path / "o"), "--ids", str(table)]) == 1
    assert "has no column id" in capsys.readouterr().err


def test_of_sets_without_ids_nothing_is_said(tmp_path, capsys):
    record().write(tmp_path)
    assert commands.main(["report", str(tmp_path), str(tmp_path / "out")]) == 0
    assert " id" not in capsys.readouterr().out
    assert "ids" not in rows_of(tmp_path / "out/gradebook.csv")["ada"]
    assert "made from the id" not in words(feedback_page(Mark(record())))
