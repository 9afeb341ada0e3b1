"""Print the built book as one PDF, and each deck of slides as another.

    python book/print_pdf.py          # _build/book.pdf and _build/slides/*.pdf
    python book/print_pdf.py book     # the book alone

A browser of the Chromium family prints what it shows, without a network. The pages
come in the order of the table of contents, with a bookmark each.
"""

import argparse
import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "_build" / "html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge")
NO_BROWSER = "no browser was found: install Chromium, or name one in COURSENN_BROWSER"
PATIENCE = 180_000  # milliseconds until all formulas of a long page are set
PAPER = {"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}


@contextmanager
def new_page() -> Iterator[Any]:
    """Open a page of a browser that has no network."""
    named = os.environ.get("COURSENN_BROWSER")
    path = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        sys.exit(NO_BROWSER)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if is_root else []
        )
        page = browser.new_context(offline=True, color_scheme="light").new_page()
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()


def chapters(entry: Any) -> Iterator[str]:
    """Yield the files of a table of contents, in their order."""
    for part in entry if isinstance(entry, list) else [entry]:
        yield from (part[key] for key in ("root", "file") if key in part)
        for key in ("parts", "chapters", "sections"):
            yield from chapters(part.get(key, []))


def print_pages(page: Any, built: list[Path], target: Path) -> None:
    """Write some pages of the book to one file."""
    writer = PdfWriter()
    for path in built:
        page.goto(path.as_uri())
        page.evaluate("window.MathJax?.startup?.promise")
        title = page.locator("h1").first.inner_text()
        pdf = page.pdf(format="A4", margin=PAPER, print_background=True)
        writer.append(io.BytesIO(pdf), outline_item=title.strip("#\n "))
    _write(writer, target)


def print_deck(page: Any, deck: Path, target: Path) -> None:
    """Write the slides of a deck to one file, a page for each."""
    page.goto(f"{deck.as_uri()}?print-pdf")
    page.wait_for_selector("html.ready", state="attached")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    _write(PdfWriter(clone_from=PdfReader(io.BytesIO(pdf))), target)


def _write(writer: PdfWriter, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    writer.write(part)
    part.replace(target)
    print(f"{target.name}: {len(writer.pages)} pages")


def main() -> None:
    parser = argparse.ArgumentParser(description="Print the built book and its slides.")
    choices = ["book", "slides"]
    parser.add_argument("what", nargs="?", choices=choices, help="default: both")
    what = parser.parse_args().what
    if not (BUILT / "index.html").exists():
        sys.exit("the book is not built yet: make book, then print it")
    with new_page() as page:
        if what != "slides":
            toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
            built = [BUILT / f"{name}.html" for name in chapters(toc)]
            print_pages(page, built, ROOT / "_build" / "book.pdf")
        for deck in sorted((BUILT / "slides").glob("*.html")) if what != "book" else ():
            if deck.stem != "index":
                print_deck(page, deck, ROOT / "_build" / "slides" / f"{deck.stem}.pdf")


if __name__ == "__main__":
    main()
