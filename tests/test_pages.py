"""Every page of the built book works from a file, without a network, for every reader."""

import sys

import nbformat
import page_checks
import pytest
from built_book import PAGES, ROOT
from chapter_rules import Chapter


def notebook_of(page):
    return ROOT / f"{page}.ipynb"


# ---- the book ----------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_page_is_sound_without_a_network(html, browser, page):
    problems = page_checks.problems_of(browser, html / f"{page}.html")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("page", [page for page in PAGES if notebook_of(page).exists()])
def test_questions_and_exercises_of_the_notebook_are_on_the_page(html, page):
    notebook = nbformat.read(notebook_of(page), as_version=4)
    chapter = Chapter(notebook_of(page).stem, notebook)
    labels = [*chapter.labels["questions"], *chapter.labels["exercises"]]
    assert set(labels) <= page_checks.anchors(html / f"{page}.html")
    assert len(chapter.questions) == (html / f"{page}.html").read_text("utf-8").count(
        "question admonition"
    )


def test_the_first_page_leads_into_the_book(html, browser):
    with page_checks.Reader(browser) as reader:
        reader.page.goto((html / "index.html").as_uri())
        reader.page.wait_for_url(f"**/{PAGES[0]}.html")
        assert not reader.problems


def test_search_finds_a_word_without_a_network(html, browser):
    with page_checks.Reader(browser) as reader:
        page = reader.page
        page.goto((html / f"{PAGES[0]}.html").as_uri())
        page.keyboard.press("Control+K")
        page.keyboard.type("network")
        page.keyboard.press("Enter")
        page.locator("#search-results li a").first.wait_for()
        assert not reader.problems


# ---- the checks themselves: a sound page passes, a broken one does not -------------------

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A page</title></head>
<body><h1 id="top">A page</h1>{}</body></html>"""

DOT = "data:image/png;base64,{}".format(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

SOUND = f"""
<p>It costs 5 dollars. <code>$PATH and \\frac and :::</code> <a href="#top">up</a></p>
<span class="math"><mjx-container>x</mjx-container></span>
<img src="{DOT}" alt="A dot and/or a point">
<div class="question">
<details><summary>1</summary><p>Not quite. Count again.</p></details>
<details><summary>2</summary><p>Right. It is.</p></details>
</div>
<div style="overflow-x: auto"><div style="width: 900px">a wide formula</div></div>
<script>console.log("hello")</script>
"""

BROKEN = {
    "image from the network": ('<img src="https://a.org/b.png" alt="A cat">', "asks the network"),
    "script from the network": ('<script src="https://a.org/b.js"></script>', "asks the network"),
    "style from the network": ("<style>@import 'https://a.org/b.css'</style>", "asks the network"),
    "fetch": ("<script>fetch('https://a.org').catch(() => 0)</script>", "asks the network"),
    "console error": ("<script>console.error('no theme')</script>", "console: no theme"),
    "script error": ("<script>undefined.x</script>", "script error"),
    "raw mathematics": ("<p>Let $x$ be.</p>", "raw mathematics: Let $x$ be."),
    "raw display": ("<p>$$ x = 1</p>", "raw mathematics"),
    "raw TeX": (r"<p>the \frac{1}{2}</p>", "raw TeX"),
    "raw directive": ("<p>:::{note} Hear</p>", "raw directive"),
    "raw fence": ("<p>```{figure} a.png</p>", "raw directive"),
    "raw role": ("<p>see {numref}<code>fig-a</code></p>", "raw role"),
    "formula not typeset": (r'<span class="math">\(x\)</span>', r"not typeset: \(x\)"),
    "unknown TeX": (
        '<span class="math"><mjx-container><svg><g fill="red">x</g></svg></mjx-container></span>',
        "formula with an error",
    ),
    "bad TeX": (
        '<span class="math"><mjx-container><svg><g data-mml-node="merror">x</g></svg>'
        "</mjx-container></span>",
        "formula with an error",
    ),
    "missing image": ('<img src="nowhere.png" alt="A cat">', "missing image"),
    "no alt text": (f'<img src="{DOT}">', "without alt text"),
    "empty alt text": (f'<img src="{DOT}" alt=" ">', "without alt text"),
    "path as alt text": (f'<img src="{DOT}" alt="../_images/0a1b.png">', "without alt text"),
    "dead link": ('<a href="nowhere.html">there</a>', "dead link"),
    "dead anchor": ('<a href="#nowhere">there</a>', "dead link"),
    "wide": ('<p style="width: 900px">wide</p>', "scrolls sideways"),
    "wide formula in a line": (
        '<p>so <span class="math"><mjx-container style="display: inline-block; width: 900px">'
        "x = 1</mjx-container></span></p>",
        "a phone cuts off the formula x = 1",
    ),
    "inert question": (
        '<div class="question"><details><summary onclick="return false">1</summary>'
        "<p>Right. Yes.</p></details></div>",
        "does not answer a click",
    ),
    "question without keys": (
        '<div class="question"><details><summary onkeydown="return false">1</summary>'
        "<p>Right. Yes.</p></details></div>",
        "does not answer Enter",
    ),
    "question without feedback": (
        '<div class="question"><details><summary>1</summary></details></div>',
        "has no answer",
    ),
    "open question": (
        '<div class="question"><details open><summary>1</summary><p>Right.</p></details></div>',
        "gives its answer away",
    ),
}


def test_a_sound_page_has_no_problems(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(SOUND), encoding="utf-8")
    assert page_checks.problems_of(browser, page) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_page_is_noticed(browser, tmp_path, name):
    body, message = BROKEN[name]
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(body), encoding="utf-8")
    problems = page_checks.problems_of(browser, page)
    assert any(message in problem for problem in problems), problems


def test_a_missing_page_is_noticed(browser, tmp_path):
    assert "does not exist" in page_checks.problems_of(browser, tmp_path / "page.html")[0]


def test_a_named_browser_is_used_and_a_missing_one_is_not_replaced(monkeypatch):
    monkeypatch.setenv("COURSENN_BROWSER", sys.executable)
    assert page_checks.find_browser() == sys.executable
    monkeypatch.setenv("COURSENN_BROWSER", "no-such-browser")
    assert page_checks.find_browser() is None
