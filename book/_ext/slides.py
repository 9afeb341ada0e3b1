"""Cut a lecture deck for reveal.js out of every chapter, while the book is built.

Each cell of a notebook says in its metadata where it stands in the lecture: ``slide``
and ``subslide`` begin a slide, ``-`` and ``fragment`` go on with it (the latter at a
key press), ``notes`` is for the speaker, and everything else is left out. Sphinx has
rendered the cells already when a deck is cut, so that formulas, figures and their
numbers are those of the book.

A chapter ``book/05_backprop`` becomes ``slides/05_backprop.html``, and its page links
there. The program reveal.js comes out of the package sphinx-revealjs; no network is
needed.
"""

import importlib.util
import json
import re
import shutil
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import Tag
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

MOST_WORDS = 40  # of a list on one slide
HEADINGS = ("h1", "h2", "h3")
KINDS = {"slide", "subslide", "fragment", "-", "notes"}
MARK = re.compile(r"<!--cell:(\S+?)-->\n?")
TITLE = re.compile("<title>(.*): slides</title>")
FILES = (
    *("dist/reset.css", "dist/reveal.css", "dist/reveal.js"),
    *("plugin/notes/notes.js", "LICENSE"),
)
ADVICE = "Run: pip install --force-reinstall --no-deps sphinx-revealjs==3.2.1"

PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<link rel="stylesheet" href="reveal/dist/reset.css">
<link rel="stylesheet" href="reveal/dist/reveal.css">
<link rel="stylesheet" href="../_static/pygments.css">
<link rel="stylesheet" href="../_static/slides.css">
<script>window.MathJax = {mathjax};</script>
<script defer src="../_static/mathjax/tex-svg-full.js"></script>
</head>
<body>
<main><h1 class="unseen">{title}: slides</h1><div class="reveal"><div class="slides">
{slides}
</div></div></main>
<script src="reveal/dist/reveal.js"></script>
<script src="reveal/plugin/notes/notes.js"></script>
<script defer src="../_static/slides.js"></script>
</body>
</html>
"""
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Slides</title>
<link rel="stylesheet" href="../_static/slides.css">
</head>
<body class="list"><main>
<h1>Slides</h1>
<p>One deck for each chapter. The space bar goes on, step by step; S opens the speaker's
notes, Escape shows all slides, and a question mark lists the other keys. For a handout,
print the printable form of a deck to a PDF; <code>make pdf</code> does so for all
decks.</p>
<ol start="0">
{decks}
</ol>
<p><a href="../index.html">Back to the book</a></p>
</main></body>
</html>
"""
DECK = (
    '<li><a href="{name}.html">{title}</a> '
    '(<a href="{name}.html?print-pdf" aria-label="{title}, printable">'
    "printable</a>)</li>"
)
LINK = '<p><a href="../slides/{name}.html">Slides of this chapter</a></p>'


def mark_cells(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put a comment before every cell of a notebook: where it stands in the lecture.

    Speaker's notes are not part of the page. They are kept here until the deck is cut.
    """
    if app.builder.format != "html" or not _is_notebook(app, docname):
        return
    notebook = json.loads(source[0])
    cells, notes = [], []
    for number, cell in enumerate(notebook["cells"]):
        kind = cell["metadata"].get("slideshow", {}).get("slide_type", "skip")
        if kind == "notes":
            kind = f"notes-{len(notes)}"
            notes.append(_speakers_html("".join(cell["source"])))
        comment = f"```{{raw}} html\n<!--cell:{kind}-->\n```"
        mark = {"cell_type": "markdown", "metadata": {}, "source": comment}
        cells += [mark | {"id": f"mark-{number}"}, cell]
    source[0] = json.dumps(notebook | {"cells": cells})
    _notes(app)[docname] = notes


def _notes(app: Sphinx) -> dict[str, list[str]]:
    """Return the notes of all chapters; Sphinx keeps them with what it has read."""
    if not hasattr(app.env, "speakers_notes"):
        app.env.speakers_notes = {}  # type: ignore[attr-defined]
    return app.env.speakers_notes  # type: ignore[attr-defined, no-any-return]


def _is_notebook(app: Sphinx, docname: str) -> bool:
    return app.env.doc2path(docname, base=False).endswith(".ipynb")


def _speakers_html(text: str) -> str:
    """Return Markdown as HTML, with formulas as MathJax finds them in the book."""
    markdown = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
    for token, left, right in (
        ("math_inline", "\\(", "\\)"),
        ("math_block", "\\[", "\\]"),
    ):
        markdown.add_render_rule(token, _math_rule(left, right))
    return str(markdown.render(text))


def _math_rule(left: str, right: str) -> Any:
    def rule(self: Any, tokens: Any, i: int, options: Any, env: Any) -> str:
        formula = tokens[i].content.replace("&", "&amp;").replace("<", "&lt;")
        return (
            f'<span class="math notranslate nohighlight">{left}{formula}{right}</span>'
        )

    return rule


def cut(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Write a chapter's deck, and take the comments out of its page."""
    body = context.get("body")
    if not body or not MARK.search(body):
        return
    name = pagename.rpartition("/")[2]
    slides = compose(body, _notes(app).get(pagename, []), f"../{pagename}.html")
    context["body"] = MARK.sub("", body)
    if not slides:
        return
    context["body"] = context["body"].replace(
        "</h1>", f"</h1>\n{LINK.format(name=name)}", 1
    )
    title = escape(BeautifulSoup(context["title"], "html.parser").get_text())
    settings = dict(app.config.mathjax3_config or {})
    settings["options"] = settings.get("options", {}) | {"enableMenu": False}
    page = PAGE.format(title=title, mathjax=json.dumps(settings), slides=slides)
    folder = Path(app.outdir, "slides")
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.html").write_text(page, encoding="utf-8")


@dataclass
class Slide:
    """What is on a slide, and what is said to it, as HTML; and its words of prose."""

    parts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    heading: str = ""
    words: int = 0

    def add(self, node: Tag, kind: str) -> "list[Slide]":
        """Take a node in; return the slides on which a long list of it goes on."""
        first, *others = _portions(node, self.words)
        is_later = kind == "fragment"
        self.parts.append(
            f'<div class="fragment">{first}</div>' if is_later else str(first)
        )
        self.words += _words(first)
        if node.name in HEADINGS:
            self.heading = str(node)
        return [
            Slide([self.heading, str(x)], heading=self.heading, words=_words(x))
            for x in others
        ]

    def __str__(self) -> str:
        parts, notes = "\n".join(self.parts), "\n".join(self.notes)
        return f"<section><div class='fit'>{parts}</div>{notes}</section>"


def compose(body: str, notes: list[str], page: str) -> str:
    """Return the slides of a rendered page as the sections that reveal.js wants."""
    stacks: list[list[Slide]] = []  # a column of slides for each section
    shown = Slide()  # the one on which what was added last begins
    _, *cells = MARK.split(body)
    for kind, html in zip(cells[::2], cells[1::2], strict=True):
        if kind == "slide":
            stacks.append([shown := Slide()])
        elif kind == "subslide" and stacks:
            stacks[-1].append(shown := Slide())
        elif kind.startswith("notes-") and stacks:
            aside = notes[int(kind.removeprefix("notes-"))]
            shown.notes.append(f'<aside class="notes">{aside}</aside>')
        if kind in KINDS and stacks:
            for node in _simplified(html, page):
                shown = stacks[-1][-1]
                stacks[-1] += shown.add(node, kind)
    return "\n".join(_column(stack) for stack in stacks)


def _portions(node: Tag, words: int) -> list[Tag]:
    """Return the node alone; a long list in portions, each for a slide.

    There are as many words on the first of these slides already.
    """
    if node.name not in ("ul", "ol"):
        return [node]
    start = int(str(node.get("start", 1)))
    portions = [Tag(name=node.name)]
    for number, item in enumerate(node.find_all("li", recursive=False), start):
        words += _words(item)
        if words > MOST_WORDS and portions[-1].contents:
            portions.append(Tag(name=node.name))
            words = _words(item)
            if node.name == "ol":
                portions[-1]["start"] = str(number)
        portions[-1].append(item)
    return portions


def _words(node: Tag) -> int:
    """Return how many words of prose there are: formulas, code, headings are none."""
    parts = node.find_all(string=True)
    return sum(len(x.split()) for x in parts if not x.find_parent(_is_no_prose))


def _is_no_prose(tag: Tag) -> bool:
    names = (*HEADINGS, "pre", "table", "figcaption", "details")
    return tag.name in names or "math" in tag.get_attribute_list("class")


def _simplified(html: str, page: str) -> list[Tag]:
    """Return what a cell puts on a slide, with links that lead to the book."""
    soup = BeautifulSoup(html, "html.parser")
    for section in soup.select("section"):
        section.unwrap()
    for node in soup.select("a.headerlink, button, script, details.hide.above-input"):
        node.decompose()
    for node in soup.select("[id]"):
        del node["id"]  # they belong to the page; in a deck, some would be there twice
    for heading in soup.select("h3"):
        heading["aria-level"] = "2"  # the section's own heading is on an earlier slide
    for row in soup.select("table.stepper tbody tr"):
        row["class"] = [*row.get("class", []), "fragment"]  # a line at a time
    folder = page.rpartition("/")[0]
    for link in soup.select("a[href]"):
        href = str(link["href"])
        if "://" not in href:
            link["href"] = (
                f"{page}{href}" if href.startswith("#") else f"{folder}/{href}"
            )
    return [node for node in soup.contents if isinstance(node, Tag)]


def _column(stack: list[Slide]) -> str:
    slides = [str(slide) for slide in stack if slide.parts]
    if len(slides) == 1:
        return slides[0]
    return "<section>{}</section>".format("\n".join(slides))


def finish(app: Sphinx, problem: Exception | None) -> None:
    """Put reveal.js beside the decks, and write the list of them."""
    folder = Path(app.outdir, "slides")
    if problem or not folder.is_dir():
        return
    for file in FILES:
        target = folder / "reveal" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(installed() / file, target)
    names = [path.stem for path in folder.glob("*.html") if path.stem != "index"]
    names.sort(key=lambda name: (name != "intro", name))
    decks = "\n".join(
        DECK.format(name=name, title=_title(folder / f"{name}.html")) for name in names
    )
    (folder / "index.html").write_text(INDEX.format(decks=decks), encoding="utf-8")


def _title(deck: Path) -> str:
    title = TITLE.search(deck.read_text(encoding="utf-8"))
    return title[1] if title else deck.stem


def installed() -> Path:
    """Return the folder of reveal.js; stop the build if it is not there."""
    spec = importlib.util.find_spec("sphinx_revealjs")
    if spec is None or spec.origin is None:
        raise ExtensionError(
            f"sphinx-revealjs is not installed: no slides without it. {ADVICE}"
        )
    folder = Path(spec.origin).parent / "_static" / "revealjs"
    if missing := [file for file in FILES if not (folder / file).is_file()]:
        raise ExtensionError(f"{folder} has no {', '.join(missing)}. {ADVICE}")
    return folder


def setup(app: Sphinx) -> dict[str, object]:
    """Register the three steps with Sphinx."""
    app.connect("source-read", mark_cells)
    app.connect("html-page-context", cut)
    app.connect("build-finished", finish)
    return {
        "version": "1",
        "env_version": 1,
        "parallel_read_safe": False,  # notes of another process would be lost
        "parallel_write_safe": True,
    }
