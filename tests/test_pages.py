"""Every page of the built book works from a file, without a network, for every reader."""

import re
import sys
from urllib.parse import unquote

import nbformat
import page_checks
import pytest
from built_book import PAGES, ROOT
from chapter_rules import Chapter
from PIL import Image


def notebook_of(page):
    return ROOT / f"{page}.ipynb"


# ---- the book ----------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_page_is_sound_without_a_network(html, browser, page):
    problems = page_checks.problems_of(browser, html / f"{page}.html")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_barriers_in_light_in_dark_and_at_320_pixels(html, browser, page):
    barriers = page_checks.barriers_of(browser, html / f"{page}.html")
    assert not barriers, "\n".join(barriers)


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


@pytest.mark.parametrize("page", PAGES)
def test_a_page_with_its_images_weighs_at_most_a_megabyte_and_a_half(html, page):
    path = html / f"{page}.html"
    text = path.read_text(encoding="utf-8")
    images = re.findall(r'<img\b[^>]*\bsrc="([^"]+)"', text)
    own = {path.parent / unquote(image) for image in images if not image.startswith("data:")}
    assert path.stat().st_size + sum(image.stat().st_size for image in own) <= 1_500_000


@pytest.mark.parametrize("page", PAGES)
def test_figures_of_the_pages_have_an_opaque_light_ground_for_dark_mode(html, page):
    path = html / f"{page}.html"
    for source in re.findall(r'<img\b[^>]*\bsrc="([^"]+\.png)"', path.read_text("utf-8")):
        with Image.open(path.parent / unquote(source)) as image:
            pixels = image.convert("RGBA")
            width, height = pixels.size
            corners = [(x, y) for x in (0, width - 1) for y in (0, height - 1)]
            for corner in corners:
                *colour, opacity = pixels.getpixel(corner)
                assert opacity == 255, f"{source} is transparent at {corner}"
                assert min(colour) >= 230, f"{source} is dark at {corner}"


# ---- by keyboard -------------------------------------------------------------------------

# What has the focus, whether it is seen that it has, and whether it is on the screen.
FOCUS = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const isRinged = (s) => (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2)
    || s.boxShadow !== "none";
  return {
    what: `${e.ariaLabel ?? e.textContent.trim()} (${e.tagName}.${e.className})`.slice(0, 80),
    ringed: isRinged(style),
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    isBody: e === document.body,
  };
}"""


@pytest.fixture
def reader(html, browser):
    """Return a reader of the shortest page; a fault fails the test."""
    with page_checks.Reader(browser) as reader:
        reader.page.goto((html / "book" / "how_tested.html").as_uri())
        yield reader
        assert reader.problems == []


def test_the_tab_key_leads_through_the_page_with_the_focus_in_sight(reader):
    page, stops = reader.page, []
    page.add_style_tag(content="* { transition: none !important; }")  # what slides in is there
    for _ in range(200):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus["isBody"]:
            break
        assert focus["ringed"], f"the focus is not seen: {focus['what']}"
        assert focus["seen"], f"not on the screen: {focus['what']}"
        stops.append(focus["what"])
    assert stops[0].startswith("Skip to main content")
    for name in ("Search", "The chain rule", "Download this page"):
        assert any(name in stop for stop in stops), f"not reached: {name}"


def test_the_first_stop_skips_the_sidebar(reader):
    reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Enter")
    assert reader.page.url.endswith("#main-content")
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("Boolean(document.activeElement.closest('main'))")


def test_the_theme_is_switched_by_keyboard(reader):
    button = reader.page.get_by_role("button", name="Color mode")
    modes = []
    for _ in range(3):
        button.press("Enter")
        modes.append(reader.page.locator("html").get_attribute("data-mode"))
    assert sorted(modes) == ["auto", "dark", "light"]


def test_the_search_opens_and_closes_by_keyboard(reader):
    page = reader.page
    page.locator(".search-button-field").press("Enter")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Escape")
    assert not page.locator("#pst-search-dialog").is_visible()


def test_on_a_phone_the_sidebar_opens_and_closes_by_keyboard(reader):
    page = reader.page
    page.set_viewport_size(page_checks.PHONE)
    chapter = page.locator(".bd-sidebar-primary").get_by_role("link", name="The chain rule")
    chapter.wait_for(state="hidden")
    page.locator(".primary-toggle").press("Enter")
    chapter.wait_for(state="visible")
    page.keyboard.press("Escape")
    chapter.wait_for(state="hidden")


def test_a_folded_solution_opens_by_keyboard(html, browser):
    with page_checks.Reader(browser) as reader:
        page = reader.page
        page.goto((html / "book" / "01_perceptron.html").as_uri())
        solution = page.locator(".solution.toggle").first
        solution.locator(".toggle-button").press("Enter")
        assert "toggle-hidden" not in solution.get_attribute("class")


def test_formulas_are_no_stops_of_the_tab_key_unless_they_scroll(html, browser):
    with page_checks.Reader(browser) as reader:
        page = reader.page
        page.goto((html / "book" / "notation.html").as_uri())
        page.locator("mjx-container").first.wait_for()
        stops = "[...document.querySelectorAll('mjx-container[tabindex], .math[tabindex]')]"
        page.wait_for_function(f"{stops}.every((e) => e.scrollWidth > e.clientWidth)")


def test_nothing_is_cut_off_at_twice_the_size(html, browser):
    context = browser.new_context(
        offline=True, viewport={"width": 640, "height": 450}, device_scale_factor=2
    )
    page = context.new_page()
    page.goto((html / "book" / "notation.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    assert page.evaluate(page_checks.CUT_OFF, 640) == []
    context.close()


# ---- the checks themselves: a sound page passes, a broken one does not -------------------

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A page</title></head>
<body><main><h1 id="top">A page</h1>{}</main></body></html>"""

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
<div style="overflow-x: auto" tabindex="0"><div style="width: 900px">a wide formula</div></div>
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
    "the same id twice": ('<p id="p">a</p><p id="p">b</p>', "there twice: #p"),
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
    "question without a verdict": (
        '<div class="question"><details><summary>1</summary><p>Perhaps.</p></details></div>',
        "option '1' does not say whether it is right: 'Perhaps.'",
    ),
    "open question": (
        '<div class="question"><details open><summary>1</summary><p>Right.</p></details></div>',
        "gives its answer away",
    ),
}


BARRIERS = {
    "wide paragraph in a narrow page": (
        '<div style="overflow-x: hidden"><p style="width: 350px">so wide</p></div>',
        "320 pixels cut off p.: so wide",
    ),
    "pale text": ('<p style="color: #999">pale</p>', "light: Elements must meet minimum color"),
    "dark text in the dark": (
        "<style>html[data-theme=dark] p { color: #222; background: #111 }</style><p>dark</p>",
        "dark: Elements must meet minimum color",
    ),
    "button without a name": ("<button></button>", "(button-name)"),
    "skipped heading": ("<h4>Deep</h4>", "(heading-order)"),
    "field without a label": ("<input>", "(label)"),
    "two main parts": ("<div role='main'>again</div>", "(landmark-no-duplicate-main)"),
}


def test_a_sound_page_has_no_problems(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(SOUND), encoding="utf-8")
    assert page_checks.problems_of(browser, page) == []
    assert page_checks.barriers_of(browser, page) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_page_is_noticed(browser, tmp_path, name):
    body, message = BROKEN[name]
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(body), encoding="utf-8")
    problems = page_checks.problems_of(browser, page)
    assert any(message in problem for problem in problems), problems


@pytest.mark.parametrize("name", BARRIERS)
def test_a_barrier_is_noticed(browser, tmp_path, name):
    body, message = BARRIERS[name]
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(body), encoding="utf-8")
    barriers = page_checks.barriers_of(browser, page)
    assert any(message in barrier for barrier in barriers), barriers


def test_a_missing_page_is_noticed(browser, tmp_path):
    assert "does not exist" in page_checks.problems_of(browser, tmp_path / "page.html")[0]


def test_a_named_browser_is_used_and_a_missing_one_is_not_replaced(monkeypatch):
    monkeypatch.setenv("COURSENN_BROWSER", sys.executable)
    assert page_checks.find_browser() == sys.executable
    monkeypatch.setenv("COURSENN_BROWSER", "no-such-browser")
    assert page_checks.find_browser() is None
