"""Find chapters and their sections, as the pages that are made from data name them.

A place in the book is written ``"05 BP2: one layer back"``: the number of a chapter
(``00`` is the introduction) and a heading in it.
"""

import re
from functools import cache
from pathlib import Path

import nbformat
from myst_parser.mdit_to_docutils.base import default_slugify

BOOK = Path(__file__).resolve().parents[1]


@cache
def chapter(number: str) -> str:
    """Return the name of a chapter: "05_backprop" of "05"."""
    if number == "00":
        return "intro"
    (path,) = BOOK.glob(f"{number}_*.ipynb")
    return path.stem


@cache
def headings(name: str) -> tuple[str, ...]:
    """Return the headings of a chapter, its title first."""
    notebook = nbformat.read(BOOK / f"{name}.ipynb", as_version=4)
    cells = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"^```.*?^```$", "", "\n\n".join(cells), flags=re.DOTALL | re.M)
    return tuple(re.findall(r"^#{1,3} (.*?) *$", text.replace("\u00ad", ""), re.M))


def place(text: str) -> tuple[str, str]:
    """Return the chapter and the heading of a place."""
    number, _, heading = text.partition(" ")
    name = chapter(number)
    if heading not in headings(name):
        raise ValueError(f"{text!r}: {name} has no such heading")
    return name, heading


def link(text: str, folder: str = "", with_chapter: bool = True) -> str:
    """Return a Markdown link to a place: "chapter 5, *BP2: one layer back*"."""
    name, heading = place(text)
    anchor = default_slugify(re.sub(r"[`*]|\$.*?\$", "", heading))  # as MyST does
    where = "introduction" if name == "intro" else f"chapter {int(name[:2])}"
    label = f"{where}, *{heading}*" if with_chapter else heading
    return f"[{label}]({folder}{name}.ipynb#{anchor})"
