"""What is printed can be read: a page of the book, a deck, and no line of it is missing."""

import print_pdf
import pytest
from pypdf import PdfReader


@pytest.fixture
def page(browser):
    """Return a page without a network, as `print_pdf.py` opens it."""
    context = browser.new_context(offline=True, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(print_pdf.PATIENCE)
    yield page
    context.close()


def words(pdf):
    """Return the words of each page of a file; a printer may part a line anywhere."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(pdf).pages]


def test_a_printed_page_is_unfolded_and_has_a_bookmark(html, page, tmp_path):
    target = tmp_path / "how_tested.pdf"
    print_pdf.print_pages(page, [html / "book" / "how_tested.html"], target)
    assert [mark.title for mark in PdfReader(target).outline] == ["How this book is tested"]
    text = " ".join(words(target))
    assert "How this book is tested" in text
    assert "Toggle" not in text
    assert "next" not in text.split()  # the buttons to other pages


FOLDED = """<div class="question admonition"><p class="admonition-title">Question 1</p>
<details class="sd-dropdown"><summary>Two?</summary><div><p>Not quite.</p></div></details></div>
<div class="admonition dropdown toggle toggle-hidden"><p class="admonition-title">Solution</p>
<p>Forty-two.</p></div>
<div class="cell"><pre>{}</pre></div>"""


def test_what_the_screen_folds_or_scrolls_stands_on_paper(html, page, tmp_path):
    sheet = '<link rel="stylesheet" href="{}">'.format((html / "_static" / "course.css").as_uri())
    toggles = '<link rel="stylesheet" href="{}">'.format(
        (html / "_static" / "togglebutton.css").as_uri()
    )
    path = tmp_path / "page.html"
    line = "long_name = " + " + ".join(f"number_{k}" for k in range(40)) + " + the_last"
    body = f'<main class="bd-article"><h1>A page</h1>{FOLDED.format(line)}</main>'
    path.write_text(toggles + sheet + body, encoding="utf-8")
    print_pdf.print_pages(page, [path], tmp_path / "page.pdf")
    text = " ".join(words(tmp_path / "page.pdf"))
    for unfolded in ("Not quite.", "Forty-two.", "the_last"):
        assert unfolded in text


def test_a_printed_deck_has_a_page_for_each_slide(html, page, tmp_path):
    print_pdf.print_deck(page, html / "slides" / "intro.html", tmp_path / "deck.pdf")
    slides = page.evaluate("Reveal.getSlides().map((s) => s.querySelector('h1, h2')?.innerText)")
    text = words(tmp_path / "deck.pdf")
    assert len(text) == len(slides)
    for heading, printed in zip(slides, text, strict=True):
        assert not heading or heading.split()[0] in printed


def test_the_printed_slide_of_a_worked_example_has_all_its_lines(html, page):
    page.goto((html / "slides" / "03_autodiff.html").as_uri() + "?print-pdf")
    page.wait_for_selector("html.ready", state="attached")
    page.emulate_media(media="print")
    for table in page.locator("table.stepper").all():
        rows = table.locator("tbody tr").all()
        assert rows
        assert all(row.is_visible() for row in rows)
        paper = table.locator("xpath=ancestor::*[contains(@class, 'pdf-page')]").bounding_box()
        last = rows[-1].bounding_box()
        assert last["y"] + last["height"] <= paper["y"] + paper["height"]


def test_the_list_of_decks_leads_to_their_printable_form(html):
    listed = (html / "slides" / "index.html").read_text(encoding="utf-8")
    decks = [deck for deck in (html / "slides").glob("*.html") if deck.stem != "index"]
    assert decks
    for deck in decks:
        assert f'href="{deck.name}?print-pdf"' in listed
