"""The map in the introduction agrees with the table of contents."""

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = re.compile(r"book/((\d\d)_\w+)")


def chapters_of_the_book():
    """Return {number: file name} of the numbered chapters in the table of contents."""
    found = CHAPTER.findall((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return {int(number): f"{name}.ipynb" for name, number in found}


def the_map():
    notebook = nbformat.read(ROOT / "book" / "intro.ipynb", as_version=4)
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    return prose.split("## The map")[1].split("\n## ")[0]


def test_the_map_links_every_chapter_that_exists():
    links = re.findall(r"\]\((\d\d_\w+\.ipynb)\)", the_map())
    assert sorted(links) == sorted(chapters_of_the_book().values())


def test_the_map_says_how_many_chapters_there_are():
    numbers = ["ten", "eleven", "twelve", "thirteen"]
    (said,) = re.findall(r"There are (\w+) chapters:", the_map())
    assert len(chapters_of_the_book()) == 10 + numbers.index(said)
    assert "in preparation" not in the_map()
