"""Reports: points by hand, lateness, feedback and gradebook, of hostile students too."""

import base64
import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import grading_demo as demo
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from coursenn.grading import __main__ as commands
from coursenn.grading.answers import PNG, Answer
from coursenn.grading.cells import cells_of, release
from coursenn.grading.grader import Part, Result, unreadable
from coursenn.grading.marks import (
    ByHand,
    Decisions,
    LateRule,
    Mark,
    check_decisions,
    late_rule,
    read_decisions,
    shown_duration,
    write_decisions,
)
from coursenn.grading.misconceptions import REGISTRY
from coursenn.grading.pages import feedback_page, hand_page
from coursenn.grading.records import Record, records
from coursenn.grading.reporting import ClassReport, class_page, report
from coursenn.grading.tables import guarded, read_table, write_table

DUE = datetime(2026, 10, 1, 12, tzinfo=UTC)
PICTURE = base64.b64encode(PNG + b"...").decode()
EVIL = "</p><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;"


def record(student: str = "ada", hours: float | None = 0, **changes: Any) -> Record:
    """Return the record of a student who handed in this long after it was due."""
    parts = [
        Part("one", 2.0, 2.0, "passed", "passed"),
        Part("two", 0.0, 3.0, "failed", "f(1) should be 2; got 3", "factor-two"),
        Part("proof", 0.0, 5.0, "open", "graded by a person"),
    ]
    values = {
        "student": student, "title": "A set", "source": "s", "key": "k", "time_from": "name",
        "time": None if hours is None else DUE + timedelta(hours=hours), "result": Result(parts),
        "answers": {"proof": Answer("Because.", [PICTURE])},
    } | changes  # fmt: skip
    return Record(**values)


@pytest.fixture
def results(tmp_path) -> Path:
    """Return a folder with the results of three students."""
    folder = tmp_path / "results"
    folder.mkdir()
    for one in (record(), record("bob", 30), record("Änne", hours=None)):
        one.write(folder)
    return folder


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return {row["student"]: row for row in csv.DictReader(io.StringIO(text))}


def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def words(page: str) -> str:
    return " ".join(soup(page).get_text(" ").split())


# -- Lateness ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "hours", "loss"),
    [
        ("10 % per day, at most 50 %", 0, 0),
        ("10 % per day, at most 50 %", -3, 0),
        ("10 % per day, at most 50 %", 0.01, 0.1),
        ("10 % per day, at most 50 %", 24, 0.1),
        ("10 % per day, at most 50 %", 24.01, 0.2),
        ("10 % per day, at most 50 %", 240, 0.5),
        ("2.5% per hour", 3, 0.075),
        ("2.5% per hour", 99, 1),
        ("100 % per week", 1, 1),
        ("", 99, 0),
    ],
)
def test_lateness_costs_a_share_for_each_unit_begun(rule, hours, loss):
    assert late_rule(DUE.isoformat(), rule).loss(record(hours=hours)) == pytest.approx(loss)


def test_the_rule_is_stated_and_what_it_took(results, tmp_path):
    rule = late_rule("2026-10-01T14:00+02:00", "10 % per day, at most 50 %")
    report(results, tmp_path / "out", {("bob", "proof"): ByHand(4.0)}, rule)
    bob = words((tmp_path / "out/feedback/bob.html").read_text("utf-8"))
    assert "4.8 of 10 points" in bob
    assert "Due 2026-10-01 14:00 UTC+02:00." in bob
    assert "Late work loses 10 % of its points for each day begun, at most 50 %." in bob
    assert "Handed in 2026-10-02 20:00 UTC+02:00." in bob
    assert "That is 1 day 6 hours late. 6 points less 20 % are 4.8." in bob
    ada = words((tmp_path / "out/feedback/ada.html").read_text("utf-8"))
    assert "late." not in ada
    row = rows_of(tmp_path / "out/gradebook.csv")["bob"]
    numbers = [row[name] for name in ("late", "earned", "lost", "total", "out_of")]
    assert numbers == ["1 day 6 hours", "6", "1.2", "4.8", "10"]


def test_who_handed_in_at_an_unknown_time_loses_nothing_and_is_named(results, tmp_path):
    counted = report(results, tmp_path, rule=late_rule(DUE.isoformat(), "10 % per day"))
    assert counted.untimed == ["Änne"]
    assert rows_of(tmp_path / "gradebook.csv")["Änne"]["lost"] == "0"


def test_a_student_can_have_more_time(tmp_path):
    table = tmp_path / "more.csv"
    table.write_text("student;due\nbob;2026-10-02T14:00+00:00\nada;\n", encoding="utf-8")
    rule = late_rule(DUE.isoformat(), "10 % per day", table)
    assert rule.loss(record("bob", 25)) == 0
    assert rule.loss(record("bob", 27)) == 0.1
    assert rule.loss(record("ada", 25)) == 0.2


@pytest.mark.parametrize(
    ("due", "late", "message"),
    [
        ("tomorrow", "", "tomorrow is not a time such as"),
        ("2026-10-01", "", "2026-10-01 has no time of day; say for instance 2026-10-01T23:59"),
        (DUE.isoformat(), "a lot", "a lot is not a rule such as"),
        (DUE.isoformat(), "110 % per day", "110 is not a number of percent"),
        (DUE.isoformat(), "1.1.1 % per day", "1.1.1 is not a number of percent"),
        (DUE.isoformat(), "10 % per day, at most 500 %", "500 is not a number of percent"),
        (DUE.isoformat(), "-10 % per day", "-10 % per day is not a rule"),
    ],
)
def test_a_rule_that_is_none_is_refused(due, late, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        late_rule(due, late)


def test_a_time_without_a_zone_is_this_machines():
    due = late_rule("2026-10-01T12:00").due
    assert due == datetime(2026, 10, 1, 12).astimezone()


@pytest.mark.parametrize(
    ("late", "text"),
    [
        (timedelta(seconds=1), "1 minute"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=2, hours=1, minutes=5), "2 days 1 hour"),
        (timedelta(days=1, minutes=5), "1 day 5 minutes"),
    ],
)
def test_a_duration_is_read_in_two_units(late, text):
    assert shown_duration(late) == text


# -- By hand -------------------------------------------------------------------------------


def test_what_a_person_grades_is_written_filled_in_and_merged(results, tmp_path, capsys):
    table = tmp_path / "by_hand.csv"
    (tmp_path / "source.ipynb").write_text(json.dumps(demo.notebook()))
    source = ["--source", str(tmp_path / "source.ipynb")]
    assert commands.main(["manual", str(results), str(table), *source]) == 0
    assert "2 points for the chain rule" in (tmp_path / "by_hand.html").read_text("utf-8")
    assert "3 answers wait for points" in capsys.readouterr().out
    rows = read_table(table, ["student", "part", "out_of", "points", "comment", "answer"])
    assert [(r["student"], r["part"], r["out_of"], r["answer"]) for r in rows] == [
        (name, "proof", "5", "Because.") for name in ("ada", "bob", "Änne")
    ]
    rows[0] |= {"points": "4,5", "comment": '=Good; but "why"?\n'}
    write_table(table, list(rows[0]), rows)
    assert commands.main(["manual", str(results), str(table)]) == 0  # filled-in rows stay
    assert "2 answers wait for points" in capsys.readouterr().out
    decisions = read_decisions(table)
    assert decisions["ada", "proof"] == ByHand(4.5, '=Good; but "why"?\n')
    counted = report(results, tmp_path / "out", decisions)
    assert counted.ungraded == {"bob": ["proof"], "Änne": ["proof"]}
    totals = {name: row["total"] for name, row in rows_of(tmp_path / "out/gradebook.csv").items()}
    assert totals == {"ada": "6.5", "bob": "2", "Änne": "2"}
    ada = words((tmp_path / "out/feedback/ada.html").read_text("utf-8"))
    assert 'proof: 4.5 of 5, some of the points =Good; but "why"?' in ada
    bob = words((tmp_path / "out/feedback/bob.html").read_text("utf-8"))
    assert "A person has still to grade: proof." in bob
    assert "proof: ? of 5, not graded yet" in bob


def test_a_table_that_excel_saved_with_semicolons_is_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("\ufeffstudent;part;points;comment\r\nÄnne;proof;2,5;ok\r\n".encode())
    assert read_decisions(path) == {("Änne", "proof"): ByHand(2.5, "ok")}


@pytest.mark.parametrize("points", ["-1", "5.01", "1e9", "nan", "inf", "-inf"])
def test_points_that_cannot_be_had_are_refused(results, tmp_path, points):
    table = tmp_path / "t.csv"
    table.write_text(f"student,part,points,comment\nada,proof,{points},\nbob,proof,9,\n")
    with pytest.raises(ValueError, match="points that cannot be given") as refused:
        report(results, tmp_path / "out", read_decisions(table))
    assert f"ada, proof: {float(points):g} is not from 0 to 5" in str(refused.value)
    assert "bob, proof: 9 is not from 0 to 5" in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_points_for_nobody_and_tables_that_are_none_are_refused(results, tmp_path, capsys):
    for key in [("eve", "proof"), ("ada", "prof")]:
        with pytest.raises(ValueError, match=f"{', '.join(key)}: there is no such result"):
            check_decisions({key: ByHand(1.0)}, records(results))
    table = tmp_path / "t.csv"
    for text, message in [
        (b"student,part,points,comment\nada,proof,many,\n", "row 2: many is not a number"),
        (b"student,points\n", "has no column part and no column comment"),
        ("student,part,points,comment\nÄ,x,1,".encode("latin-1"), "not UTF-8 text"),
    ]:
        table.write_bytes(text)
        assert commands.main(["report", str(results), str(tmp_path), "--manual", str(table)]) == 1
        assert message in capsys.readouterr().err


def test_a_person_counts_more_than_a_test(results, tmp_path):
    decisions: Decisions = {("ada", "two"): ByHand(1.5, "nearly"), ("bob", "one"): ByHand(0.0)}
    report(results, tmp_path / "out", decisions)
    rows = rows_of(tmp_path / "out/gradebook.csv")
    assert (rows["ada"]["total"], rows["bob"]["total"]) == ("3.5", "0")
    ada = words((tmp_path / "out/feedback/ada.html").read_text("utf-8"))
    assert "two: 1.5 of 3, some of the points A person has decided otherwise" in ada
    table = tmp_path / "t.csv"
    assert write_decisions(table, records(results), decisions) == 3
    assert read_decisions(table).keys() >= decisions.keys()


def test_the_page_for_grading_shows_answers_and_pictures_by_task(results):
    page = soup(hand_page(records(results), {("ada", "proof"): ByHand(4.0)}))
    assert [h.get_text() for h in page.find_all("h3")] == [
        "ada: 4 of 5",
        "bob: ? of 5",
        "Änne: ? of 5",
    ]
    assert [img["src"] for img in page.find_all("img")] == [f"data:image/png;base64,{PICTURE}"] * 3
    assert "one" not in page.get_text().split()
    page = soup(hand_page(records(results), {}, {"proof": "2 points for <b>", "other": "x"}))
    assert [fold.pre.get_text() for fold in page.find_all("details")] == ["2 points for <b>"]
    asked = Part("proof", 0.0, 5.0, "open", "graded by a person", task="Task 9. A proof")
    page = soup(hand_page([record(result=Result([asked]))], {}))
    assert page.h2.get_text() == "Task 9. A proof: proof"


# -- Feedback ------------------------------------------------------------------------------


class Allowed(HTMLParser):
    """Collect tags and attributes, so that a page can be held against a list."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value[:22] for name, value in attrs if name == "src" and value}


TAGS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "section",
        "span", "pre", "details", "summary", "img", "div", "table", "thead", "tbody", "tr", "th",
        "td"}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "src", "alt", "scope"}


def assert_harmless(page: str) -> None:
    seen = Allowed()
    seen.feed(page)
    assert seen.tags <= TAGS
    assert seen.attributes <= ATTRIBUTES
    assert seen.addresses <= {"data:image/png;base64,", "data:image/svg+xml;bas"}
    assert "default-src 'none'" in page
    assert "script" not in seen.tags


def hostile(text: str) -> Record:
    parts = [
        Part("one", 0.0, 2.0, "failed", text, "factor-two"),
        Part("proof", 0.0, 5.0, "open", text),
    ]
    result = Result(parts, [text], {text: text}, text)
    return record(result=result, answers={text: Answer(text), "proof": Answer(text, [PICTURE])})


@pytest.mark.parametrize(
    "text", [EVIL, "-->", "]]>", "${x}", "{x}", "%s", "\\", "'", '"', "&#x3C;"]
)
def test_what_students_wrote_is_escaped(text):
    mark = Mark(hostile(text), {"one": ByHand(None, text)}, LateRule(DUE))
    for page in (
        feedback_page(mark),
        hand_page([mark.record], {}),
        class_page(counted_of(mark.record)),
    ):
        assert_harmless(page)
    assert text in soup(feedback_page(mark)).get_text()


@given(st.text())
def test_any_text_of_a_student_is_shown_as_text(text):
    page = feedback_page(Mark(hostile(text)))
    assert_harmless(page)
    page.encode("utf-8", "replace")


def counted_of(*several: Record) -> ClassReport:
    counted = ClassReport()
    for one in several:
        counted.add(Mark(one))
    return counted


def test_feedback_is_one_file_for_light_and_dark_and_phones():
    page = feedback_page(Mark(record()))
    assert_harmless(page)
    assert "color-scheme: light dark" in page
    assert "prefers-color-scheme: dark" in page
    assert "width=device-width" in page
    assert not re.search(r"https?://|url\(|@import|<script|<link", page)
    assert soup(page).html["lang"] == "en"
    assert all(img["alt"] for img in soup(page).find_all("img"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_feedback_fits_a_phone_and_can_be_read(browser, tmp_path, scheme):
    one = record(answers={"proof": Answer("x = " + "long_name + " * 40)})
    one.result.parts[1].message = "f([" + "0.123456," * 60 + "]) should be 1"
    (tmp_path / "page.html").write_text(feedback_page(Mark(one)), encoding="utf-8")
    context = browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    ratios = page.evaluate(CONTRASTS)
    context.close()
    assert len(ratios) > 8
    assert min(ratios) >= 4.5


CONTRASTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const luminance = colour => {
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return colour; }
    return 'red'; };  // no element has a ground: fail
  return [...document.querySelectorAll('h1, h2, h3, p, span, pre, summary')].map(e => {
    const pair = [luminance(getComputedStyle(e).color), luminance(ground(e))].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05); }); }"""


def test_feedback_has_no_line_that_only_the_author_knows(tmp_path):
    """With every wrong answer of the demo, as the grader judges it."""
    from coursenn.grading.classroom import Task

    source = demo.notebook()
    shown = "\n".join(cell.text for cell in cells_of(release(source)))
    lines = {line.strip() for cell in cells_of(source) for line in cell.text.splitlines()}
    task = Task(source, sandbox=False)
    pages = []
    for mutant in demo.MUTANTS[::3]:
        answers = demo.OTHERWISE_WRITTEN | {mutant.answer: mutant.code}
        handed_in = release(source)
        for raw in handed_in["cells"]:
            name = raw["metadata"].get("nbgrader", {}).get("grade_id")
            raw["source"] = answers.get(name, raw["source"])
        given_back = task("ada", json.dumps(handed_in).encode())
        secret = {x for x in lines if x not in shown and x not in "\n".join(answers.values())}
        page = feedback_page(Mark(record(result=given_back.result, answers=given_back.answers)))
        assert len(secret) > 30
        pages.append(soup(page).get_text())
        assert [line for line in secret if len(line) > 8 and line in pages[-1]] == []
    assert any(REGISTRY["target-minus-output"].hint in page for page in pages)


def test_who_has_no_points_yet_is_told_what_lateness_will_cost():
    parts = [Part("proof", 0.0, 5.0, "open", "graded by a person")]
    mark = Mark(record(hours=30, result=Result(parts)), rule=LateRule(DUE, 10.0))
    assert "1 day 6 hours late. 20 % of the points are lost." in words(feedback_page(mark))
    mark = Mark(record(hours=30, result=Result(parts)), rule=LateRule(DUE))
    assert "1 day 6 hours late. No points are lost." in words(feedback_page(mark))


def test_a_notebook_that_could_not_be_read_says_so_once(tmp_path):
    why = "the file is not a whole notebook: was the upload cut off?"
    result = unreadable(demo.notebook(), why)
    page = words(feedback_page(Mark(record(result=result, answers={}))))
    assert page.count("was the upload cut off?") == 1
    assert "?." not in page
    assert "Another note." in words(
        feedback_page(Mark(record(result=Result([], ["another note"]))))
    )
    assert "0 of 19 points" in page


def test_feedback_has_the_headings_of_tasks():
    parts = [Part(name, 1.0, 1.0, "passed", "passed", task=f"Task <{name[0]}>") for name in
             ("1-shown", "1-hidden", "2-shown")]  # fmt: skip
    page = soup(feedback_page(Mark(record(result=Result(parts), answers={}))))
    heads = [tag.get_text().split(":")[0] for tag in page.find_all(["h2", "h3", "h4"])]
    assert heads == ["Task by task", "Task <1>", "1-shown", "1-hidden", "Task <2>", "2-shown"]


def test_a_notebook_on_which_the_grader_broke_is_not_final(tmp_path):
    mark = Mark(record(key=""))
    assert "This is not a final result." in words(feedback_page(mark))
    assert mark.ungraded == ["one", "two", "proof"]
    assert counted_of(record(key="")).broken == ["ada"]


# -- Gradebook -----------------------------------------------------------------------------

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "=cmd|' /C calc'!A0",
    "＝1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_table_is_a_formula(tmp_path, text):
    path = tmp_path / "t.csv"
    write_table(path, ["a", "b"], [{"a": text, "b": 7.5}])
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert rows[1][0] == "'" + text
    assert rows[1][1] == "7.5"
    assert read_table(path, ["a"]) == [{"a": text, "b": "7.5"}]


@pytest.mark.parametrize("text", ["ada", "", "a=b", "'", "'x", "1-2", "a\0b"])
def test_plain_text_in_a_table_stays(tmp_path, text):
    assert guarded(text) == text.replace("\0", "")
    write_table(tmp_path / "t.csv", ["a"], [{"a": text}, {"a": "x"}])
    assert read_table(tmp_path / "t.csv", ["a"])[-1:] == [{"a": "x"}]


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_text_goes_through_a_table(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("tables") / "t.csv"
    write_table(path, ["n", "a"], [{"n": f"x{i}", "a": text} for i, text in enumerate(texts)])
    read = [row["a"] for row in read_table(path, ["n", "a"])]
    assert read == [text.encode("utf-8", "replace").decode().replace("\0", "") for text in texts]


def test_the_gradebook_has_all_points_and_no_formula(tmp_path):
    (tmp_path / "in").mkdir()
    hostile("=HYPERLINK(1)").write(tmp_path / "in")
    report(tmp_path / "in", tmp_path / "out")
    row = rows_of(tmp_path / "out/gradebook.csv")["ada"]
    assert row["note"] == "'=HYPERLINK(1)"
    assert (row["one"], row["proof"], row["ungraded"]) == ("0", "", "proof")


# -- The class -----------------------------------------------------------------------------


def test_the_class_page_counts_points_and_misconceptions(tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(4):
        one = record(f"s{i}")
        if i == 3:
            one.result.parts[1] = Part("two", 3.0, 3.0, "passed", "passed")
        one.write(tmp_path / "in")
    counted = report(tmp_path / "in", tmp_path / "out", {("s0", "proof"): ByHand(5.0)})
    assert counted.misconceptions == {"factor-two": {"s0", "s1", "s2"}}
    assert [counted.share(part) for part in ("one", "two", "proof")] == [100, 25, 100]
    page = soup((tmp_path / "out/class.html").read_text("utf-8"))
    tasks, wrong = page.find_all("table")
    cells = [[td.get_text() for td in tr.find_all("td")] for tr in tasks.find_all("tr")[1:]]
    assert cells == [
        ["one", "2", "100 %", "4", "0", "4"],
        ["two", "3", "25 %", "1", "3", "4"],
        ["proof", "5", "100 %", "1", "0", "1"],
    ]
    assert [td.get_text() for td in wrong.find_all("td")] == [
        "factor-two", str(REGISTRY["factor-two"]), "3 of 4"
    ]  # fmt: skip
    text = page.get_text()
    assert "4 submissions. Of 10 points the median is 3.5, the mean 4" in text
    assert "Not graded yet, and counted as no points: proof (3)." in text
    alts = [img["alt"] for img in page.find_all("img")]
    assert len(alts) == 3
    assert "from 25 % (two) to 100 %" in alts[1]
    assert "The most frequent is factor-two, with 3 of 4" in alts[2]
    assert_harmless(str(page))


def test_the_pictures_of_a_class_are_drawn_and_the_same_each_time():
    counted = counted_of(record(), record("bob"))
    page = class_page(counted)
    assert page == class_page(counted)
    for img in soup(page).find_all("img"):
        picture = base64.b64decode(img["src"].partition(",")[2])
        tags = {element.tag.partition("}")[2] for element in ElementTree.fromstring(picture).iter()}
        assert {"svg", "path"} <= tags
        assert "script" not in tags


def test_names_of_tasks_are_no_mathematics_and_no_tags():
    parts = [Part("$x_1$ <b>&" + "y" * 60, 1.0, 2.0, "failed", "m", "no-such-name")]
    assert_harmless(class_page(counted_of(record(result=Result(parts)))))


def test_a_class_without_misconceptions_and_points_has_a_page():
    parts = [Part("proof", 0.0, 0.0, "open", "m")]
    page = class_page(counted_of(record(result=Result(parts))))
    assert "No wrong answer was one that the tests know." in page


def test_reports_leave_the_style_of_other_figures_alone():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    class_page(counted_of(record()))
    assert dict(mpl.rcParams) == before


# -- The command ---------------------------------------------------------------------------


def test_the_command_says_what_is_open(results, tmp_path, capsys):
    arguments = ["report", str(results), str(tmp_path / "out")]
    assert commands.main([*arguments, "--due", "2026-10-01T12:00Z", "--late", "5 % per hour"]) == 0
    told = capsys.readouterr().out
    assert "Not graded yet, and counted as no points: proof (3)." in told
    assert "lose nothing: Änne." in told
    assert "3 students in" in told
    files = {
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")
    }
    pages = {f"feedback/{name}.html" for name in ("ada", "bob", "Änne")}
    assert files == {"gradebook.csv", "class.html", *pages}
    assert commands.main([*arguments, "--late", "5 % per hour"]) == 1
    assert "need --due" in capsys.readouterr().err
    assert commands.main(["report", str(tmp_path / "out"), str(tmp_path)]) == 1
    assert "there are no results in" in capsys.readouterr().err
