"""Every deck of slides works from a file, without a network, and every slide can be read."""

import shutil
import sys

import page_checks
import pytest
from built_book import PAGES, ROOT
from chapter_rules import REFERENCE_PAGES

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import slides

NOTEBOOKS = [page.rpartition("/")[2] for page in PAGES if (ROOT / f"{page}.ipynb").exists()]
DECKS = [name for name in NOTEBOOKS if name not in REFERENCE_PAGES]
WIDTH, HEIGHT, MOST_WORDS = 1280, 720, 40

# What is on the current slide: where it ends, and how many words of prose it has. A statement
# that is quoted word for word, as a theorem, and an answer that is folded, are not counted.
LOOK = """() => {
  const body = Reveal.getCurrentSlide().querySelector(".fit");
  const slide = document.querySelector(".slides").getBoundingClientRect();
  const seen = [...body.querySelectorAll("*")]
    .filter((e) => !e.closest("mjx-assistive-mml, details:not([open]) > :not(summary)"))
    .map((e) => e.getBoundingClientRect())
    .filter((box) => box.width && box.height);
  const copy = body.cloneNode(true);
  const others = "pre, table, figcaption, mjx-container, .math, h1, h2, h3, .proof, details";
  copy.querySelectorAll(others).forEach((e) => e.remove());
  return {
    right: Math.max(0, ...seen.map((box) => box.right)) - slide.left,
    bottom: Math.max(0, ...seen.map((box) => box.bottom)) - slide.top,
    screen: [slide.left, slide.top, slide.width, slide.height].map(Math.round),
    words: copy.textContent.trim().split(/\\s+/).filter(Boolean).length,
    raw: /\\$[^$]+\\$|^:::|\\{(cite|eq|numref|ref)/m.test(copy.textContent),
    text: body.textContent.trim().slice(0, 60),
  };
}"""


def opened(reader, deck):
    """Return the page of a deck that a reader has opened, with its formulas set."""
    reader.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    reader.page.goto(deck.as_uri(), wait_until="commit")
    reader.page.wait_for_selector("html.ready", state="attached")
    return reader.page


def problems_of(browser, deck):
    """Return what is wrong with a deck."""
    with page_checks.Reader(browser) as reader:
        page, found = opened(reader, deck), []
        slides = "Reveal.getSlides().map((s) => Object.values(Reveal.getIndices(s)).slice(0, 2))"
        for number, (h, v) in enumerate(page.evaluate(slides), start=1):
            page.evaluate(f"Reveal.slide({h}, {v or 0}, 99)")  # all fragments shown
            look = page.evaluate(LOOK)
            faults = {
                "does not fill the screen": look["screen"] != [0, 0, WIDTH, HEIGHT],
                "too tall": look["bottom"] > HEIGHT + 1,
                "too wide": look["right"] > WIDTH + 1,
                f"{look['words']} words": look["words"] > MOST_WORDS,
                "raw Markdown": look["raw"],
            }
            name = f"slide {number} ({look['text']!r})"
            found += [f"{name}: {fault}" for fault, is_there in faults.items() if is_there]
        return reader.problems + found


@pytest.mark.parametrize("name", DECKS)
def test_a_deck_is_sound_without_a_network_and_fits_its_slides(html, browser, name):
    problems = problems_of(browser, html / "slides" / f"{name}.html")
    assert not problems, "\n".join(problems)


FIRST = "Reveal.getSlides().slice(0, 6).map((s) => Object.values(Reveal.getIndices(s)))"


@pytest.mark.parametrize("name", DECKS)
def test_the_first_slides_of_a_deck_have_no_barriers(html, browser, name):
    """A deck is light in a dark system, too: its figures and its projector are."""
    with page_checks.Reader(browser) as reader:
        page = opened(reader, html / "slides" / f"{name}.html")
        page.evaluate(page_checks.AXE)
        page.evaluate(page_checks.THIN_OUT)
        for h, v, *_ in page.evaluate(FIRST):
            page.evaluate(f"Reveal.slide({h}, {v or 0}, 99)")
            for scheme, rules in (("light", {}), ("dark", {"runOnly": page_checks.COLOURS})):
                page.emulate_media(color_scheme=scheme)
                found = page_checks.violations(page, "light", **rules)
                reader.problems += [f"slide {h}.{v or 0}, {scheme}: {what}" for what in found]
        assert not reader.problems, "\n".join(reader.problems)


def test_formulas_are_read_aloud_on_slides_and_stand_once_in_the_notes(html, browser, tmp_path):
    for folder in ("_static", "slides/reveal"):
        shutil.copytree(html / folder, tmp_path / folder)
    deck = tmp_path / "slides" / "deck.html"
    formula = '<span class="math">\\(a^2\\)</span>'
    aside = f'<aside class="notes">{formula}</aside>'
    slide = f"<section><div class='fit'><h2>A</h2><p>{formula}</p></div>{aside}</section>"
    settings = '{"options": {"ignoreHtmlClass": "reveal-viewport", "processHtmlClass": "math"}}'
    page = slides.PAGE.format(title="A", mathjax=settings, slides=slide)
    deck.write_text(page, encoding="utf-8")
    with page_checks.Reader(browser) as reader:
        texts = opened(reader, deck).evaluate(
            "[...document.querySelectorAll('mjx-assistive-mml')]"
            ".map((formula) => formula.closest('aside, .fit, body').className)"
        )
        drawn = reader.page.locator("mjx-container").count()
    assert (texts, drawn) == (["fit"], 2)
    assert not reader.problems


def test_the_list_of_decks_has_no_barriers(html, browser):
    with page_checks.Reader(browser) as reader:
        reader.page.goto((html / "slides" / "index.html").as_uri())
        reader.problems += page_checks.inaccessible(reader.page)
        assert not reader.problems, "\n".join(reader.problems)


def test_every_chapter_leads_to_its_deck_and_the_list_to_all(html):
    listed = (html / "slides" / "index.html").read_text(encoding="utf-8")
    for page in PAGES:
        name = page.rpartition("/")[2]
        if name in DECKS and (ROOT / f"{page}.ipynb").exists():  # plans bear the same names
            assert f'href="../slides/{name}.html"' in (html / f"{page}.html").read_text("utf-8")
            assert f'href="{name}.html"' in listed


def test_speakers_notes_are_in_the_deck_and_not_in_the_book(html):
    note = "Have everybody compute the standard error"
    assert note in (html / "slides" / "09_digits.html").read_text(encoding="utf-8")
    assert note not in (html / "book" / "09_digits.html").read_text(encoding="utf-8")
    assert "<!--cell" not in (html / "book" / "09_digits.html").read_text(encoding="utf-8")


# ---- the cutting -------------------------------------------------------------------------


def cut(*cells, notes=()):
    body = "<section>" + "".join(f"<!--cell:{kind}-->\n{html}" for kind, html in cells)
    return slides.compose(body + "</section>", list(notes), "../book/a.html")


def test_cells_go_where_their_metadata_say():
    deck = cut(
        ("slide", "<h1>A</h1>"),
        ("skip", "<p>not shown</p>"),
        ("fragment", "<p>later</p>"),
        ("subslide", "<p>below</p>"),
        ("-", "<p>with it</p>"),
        ("slide", "<h2>B</h2>"),
    )
    assert deck == (
        "<section><section><div class='fit'><h1>A</h1>\n"
        '<div class="fragment"><p>later</p></div></div></section>\n'
        "<section><div class='fit'><p>below</p>\n<p>with it</p></div></section></section>\n"
        "<section><div class='fit'><h2>B</h2></div></section>"
    )


def test_a_note_belongs_to_the_slide_before_it():
    deck = cut(("slide", "<h1>A</h1>"), ("notes-0", ""), notes=["<p>5 min.</p>"])
    aside = '<aside class="notes"><p>5 min.</p></aside>'
    assert deck == f"<section><div class='fit'><h1>A</h1></div>{aside}</section>"


def test_a_long_list_goes_on_on_the_next_slide():
    items = [f"<li>{'word ' * 15}{k}</li>" for k in range(5)]
    deck = cut(("slide", f"<h2>Remember</h2><ul>{''.join(items)}</ul>"))
    assert deck.count("<ul>") == deck.count("<h2>Remember</h2>") == 3
    assert all(item in deck for item in items)


def test_a_numbered_list_that_goes_on_keeps_its_numbers():
    items = [f"<li>{'word ' * 15}{k}</li>" for k in range(5)]
    deck = cut(("slide", f"<ol>{''.join(items)}</ol>"))
    assert deck.count("<ol>") == deck.count('<ol start="3">') == deck.count('<ol start="5">') == 1


def test_a_note_on_a_long_list_is_there_when_the_list_begins():
    items = [f"<li>{'word ' * 15}{k}</li>" for k in range(5)]
    deck = cut(("slide", f"<ul>{''.join(items)}</ul>"), ("notes-0", ""), notes=["said"])
    assert deck.index("said") < deck.index("2</li>")


def test_formulas_code_and_headings_are_no_words():
    items = f"<li>{'word ' * 15}</li>" * 2
    others = f"<pre>{'x ' * 30}</pre><p><span class='math'>{'y ' * 30}</span></p>"
    assert cut(("slide", f"<h2>{'head ' * 30}</h2>{others}<ul>{items}</ul>")).count("<ul>") == 1


def test_the_heading_of_a_slide_is_one_level_below_that_of_the_deck():
    assert cut(("slide", "<h3>A</h3>")).count('<h3 aria-level="2">A</h3>') == 1


def test_links_lead_to_the_book_and_ids_are_not_doubled():
    links = '<p id="p"><a href="#x">a</a><a href="b.html">b</a><a href="https://c.org">c</a></p>'
    deck = cut(("slide", links))
    assert '<a href="../book/a.html#x">a</a><a href="../book/b.html">b</a>' in deck
    assert '<a href="https://c.org">c</a>' in deck
    assert "id=" not in deck


def test_code_that_the_book_folds_is_left_out_and_its_figure_stays():
    cell = '<div><details class="hide above-input"><pre>code</pre></details><img src="x.png"></div>'
    assert "code" not in cut(("slide", cell))
    assert "x.png" in cut(("slide", cell))


def test_lines_of_a_worked_example_come_one_by_one():
    table = '<table class="stepper"><tbody><tr><td>1</td></tr></tbody></table>'
    assert '<tr class="fragment">' in cut(("slide", table))


def test_formulas_of_notes_are_set_as_in_the_book():
    html = slides._speakers_html("3 min. If $a < b$, *ask*.")
    assert r'<span class="math notranslate nohighlight">\(a &lt; b\)</span>, <em>ask</em>' in html
