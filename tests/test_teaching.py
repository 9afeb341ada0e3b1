"""The plans and syllabi for instructors agree with the chapters, the decks and the sets."""

import re
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
from chapter_rules import LECTURE, Chapter, slide_type

from coursenn.grading.misconceptions import REGISTRY

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
sys.path.insert(0, str(BOOK / "_ext"))

import sections  # noqa: E402
import teaching  # noqa: E402

CHAPTERS = sorted(path.stem for path in BOOK.glob("[01][0-9]_*.ipynb"))
NEEDS = teaching.read("prerequisites.yml")
SYLLABI = teaching.read("syllabi.yml")
TITLES = [syllabus["title"] for syllabus in SYLLABI]


@cache
def chapter(name):
    return Chapter(name, nbformat.read(BOOK / f"{name}.ipynb", as_version=4))


def steps(name):
    return [step for lecture in teaching.plan(name)["lectures"] for step in lecture["steps"]]


def deck(name):
    """Return the sections of a deck, each with the minutes of its speaker's notes."""
    minutes, section = {}, ""
    for cell in chapter(name).notebook.cells:
        kind = slide_type(cell)
        if kind == "notes":
            minutes[section] = minutes.get(section, 0) + int(re.match(r"\d+", cell.source)[0])
            continue
        if cell.cell_type == "markdown":
            found = re.findall(r"^##? (.*?) *$", cell.source.replace("\u00ad", ""), re.MULTILINE)
            section = found[-1] if found else section
        if kind in ("slide", "subslide"):
            minutes.setdefault(section, 0)
    return minutes


# ---- plans -------------------------------------------------------------------------------


def test_every_chapter_has_a_plan_and_a_page_for_it():
    assert teaching.plans() == CHAPTERS
    assert sorted(path.stem for path in (BOOK / "plans").glob("*.md")) == CHAPTERS
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert all(f"book/plans/{name}\n" in toc for name in CHAPTERS)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_lecture_has_45_to_90_minutes(name):
    for lecture in teaching.plan(name)["lectures"]:
        assert teaching.length(lecture) in LECTURE, lecture["title"]


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_section_of_the_deck_is_shown_once_or_left_to_be_read(name):
    shown = [section for step in steps(name) for section in step.get("slides", [])]
    assert sorted([*shown, *teaching.plan(name)["left_to_read"]]) == sorted(deck(name))


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_step_is_not_shorter_than_the_notes_of_its_slides(name):
    minutes = deck(name)
    for step in steps(name):
        notes = sum(minutes[section] for section in step.get("slides", []))
        assert step["minutes"] >= max(notes, 1), step


@pytest.mark.parametrize("name", CHAPTERS)
@pytest.mark.parametrize(("kind", "part"), [("board", "board"), ("ask", "questions")])
def test_every_board_and_every_question_has_its_place_in_a_lecture(name, kind, part):
    used = [key for step in steps(name) for key in teaching.of(step, kind)]
    assert sorted(used) == sorted(teaching.plan(name)[part])
    assert len(used) >= 3


@pytest.mark.parametrize("name", CHAPTERS)
def test_boards_name_sections_of_the_chapter(name):
    for board in teaching.plan(name)["board"].values():
        assert board["section"] in sections.headings(name)
        assert len(board["lines"].strip().splitlines()) >= 3


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_wrong_answer_has_a_reply_and_slips_are_those_of_the_grader(name):
    wrong = [x for q in teaching.plan(name)["questions"].values() for x in q["wrong"]]
    assert all(x["says"].strip() and x["reply"].strip() for x in wrong)
    slips = {x["slip"] for x in wrong if "slip" in x}
    assert slips
    assert slips <= set(REGISTRY)


@pytest.mark.parametrize("name", CHAPTERS)
def test_prerequisites_of_a_plan_are_those_of_the_chapter(name):
    assert list(teaching.plan(name)["prerequisites"]) == NEEDS[name]["builds_on"]


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_lab_names_exercises_and_graded_tasks_that_exist(name):
    lab = teaching.plan(name)["lab"]
    assert lab["minutes"] > 0
    assert lab["pitfalls"]
    assert set(lab["exercises"]) <= set(chapter(name).labels["exercises"])
    for graded, tasks in lab["graded"].items():
        source = ROOT / "exercises" / graded / "source" / f"{graded}.ipynb"
        notebook = nbformat.read(source, as_version=4)
        text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
        found = re.findall(r"^## (?:Task )?(\d+)[.:]", text, re.MULTILINE)
        assert set(map(str, tasks)) <= set(found), graded
        assert name in chapters_of_the_sets()[graded]


# ---- syllabi -----------------------------------------------------------------------------


def chapters_of_the_sets():
    """Return the chapters that each graded set is about, as exercises/README.md says."""
    text = (ROOT / "exercises" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d and]+) \|$", text, re.MULTILINE)
    return {
        name: [sections.chapter(f"{int(number):02}") for number in re.findall(r"\d+", numbers)]
        for name, numbers in rows
    }


def faults(syllabus):
    """Yield what comes before what it needs, and what takes too long."""
    given = []
    for session in syllabus["sessions"]:
        for entry in session["entries"]:
            if "lecture" in entry:
                name, _ = teaching.lecture_of(entry["lecture"])
                missing = [other for other in NEEDS[name]["builds_on"] if other not in given]
                if missing:
                    yield f"{session['name']}: {name} comes before {missing}"
                if entry["lecture"].endswith(" 2") and name not in given:
                    yield f"{session['name']}: the second lecture of {name} without the first"
                given.append(name)
            if "lab" in entry and entry["lab"] not in given:
                yield f"{session['name']}: a lab on {entry['lab']} before its lecture"
            if "graded" in entry:
                missing = set(chapters_of_the_sets()[entry["graded"]]) - set(given)
                if missing:
                    yield f"{session['name']}: {entry['graded']} before {sorted(missing)}"
        minutes = sum(map(teaching.minutes_of, session["entries"]))
        if minutes > syllabus["most"]:
            yield f"{session['name']} has {minutes} minutes, at most {syllabus['most']}"


@pytest.mark.parametrize("syllabus", SYLLABI, ids=TITLES)
def test_nothing_in_a_syllabus_comes_before_what_it_needs(syllabus):
    assert list(faults(syllabus)) == []


def test_a_syllabus_gives_no_lecture_and_no_set_twice():
    for syllabus in SYLLABI:
        entries = [entry for session in syllabus["sessions"] for entry in session["entries"]]
        for kind in ("lecture", "graded"):
            named = [entry[kind] for entry in entries if kind in entry]
            assert len(named) == len(set(named)), syllabus["title"]


def test_the_longest_syllabus_has_every_lecture_and_every_set():
    entries = [entry for session in SYLLABI[-1]["sessions"] for entry in session["entries"]]
    lectures = [
        f"{name[:2]} {k}"
        for name in CHAPTERS
        for k in range(1, len(teaching.plan(name)["lectures"]) + 1)
    ]
    assert [entry["lecture"] for entry in entries if "lecture" in entry] == lectures
    assert {entry["graded"] for entry in entries if "graded" in entry} == set(
        chapters_of_the_sets()
    )


def session(*entries, most=400):
    return {"most": most, "sessions": [{"name": "Day 1", "entries": list(entries)}]}


def test_faults_of_a_syllabus_are_noticed():
    first, second = {"lecture": "01 1"}, {"lecture": "02 1"}
    assert list(faults(session(first, second))) == []
    assert "comes before" in next(faults(session(second)))
    assert "without the first" in next(faults(session({"lecture": "01 2"})))
    assert "before its lecture" in next(faults(session({"lab": "01_perceptron", "minutes": 9})))
    assert "autodiff before" in next(faults(session(first, second, {"graded": "autodiff"})))
    assert "at most 60" in next(faults(session(first, most=60)))
