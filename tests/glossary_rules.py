"""Where a chapter uses the words of the glossary, and whether it links the first use.

What counts is the running text: the prose between the opening and *Check yourself*, without
headings, tables, formulas, code, boxes, and what goes on the slides.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from chapter_rules import Chapter, slide_type, tags

GLOSSARY = Path(__file__).resolve().parents[1] / "book" / "glossary.md"

TERM = re.compile(r"\{term\}`(?:[^`<]*<)?([^`>]+)>?`")
NOT_TEXT = re.compile(
    r"^(?:```|~~~).*?^(?:```|~~~)\s*$"  # code
    r"|^(:{3,}).*?^\1\s*$"  # boxes: questions, exercises, notes
    r"|^#.*?$|^\|.*?$"  # headings, rows of tables
    r"|\$\$.*?\$\$|\$[^$\n]+\$"  # formulas
    r"|(?:\{[\w:-]+\})?`[^`]+`"  # roles, code
    r"|\[[^\]]*\]\([^)]*\)",  # links
    re.MULTILINE | re.DOTALL,
)

# Words that a chapter uses in another sense than the glossary's: "a second leak", "wheat seeds".
OTHER_SENSE = {
    "01_perceptron": {"loss"},
    "02_chain_rule": {"leak", "symmetry", "tangent", "unit"},
    "04_feedforward": {"L1", "L2", "clipping", "margin", "tangent", "temperature"},
    "09_digits": {"seed"},
    "11_frameworks": {"symmetry"},
}
COST = r"(?:(?<=[Tt]he )|(?<=\ba )|(?<=mean )|(?<=[Ii]ts )|(?<=[Tt]his ))costs?"  # not "it costs"


def terms() -> list[str]:
    """Return the words of the glossary, the longest first."""
    text = GLOSSARY.read_text(encoding="utf-8")
    found = re.findall(r"^(\S.*)\n  \S", text, re.MULTILINE)
    return sorted(found, key=len, reverse=True)


def forms(term: str) -> str:
    """Return a pattern for a word in the singular and in the plural."""
    if term == "cost":
        stem = COST
    elif term.endswith("minimum"):
        stem = f"{term[:-2]}(?:um|a)"
    elif term.endswith("y"):
        stem = f"{re.escape(term[:-1])}(?:y|ies)"
    else:
        stem = f"{re.escape(term)}(?:s|es)?"
    initial = stem[0]
    if initial.isalpha():
        stem = f"[{initial.upper()}{initial.lower()}]{stem[1:]}"
    return rf"(?<![\w\\-]){stem}(?![\w-])"


def running_cells(chapter: Chapter) -> Iterator:
    """Yield the cells that hold running text, between the first section and the questions."""
    begun = False
    for cell in chapter.notebook.cells:
        if re.search(r"^## Check yourself", cell.source, re.MULTILINE):
            return
        begun |= cell.source.startswith("## ")
        is_prose = cell.cell_type == "markdown" and "remove-cell" not in tags(cell)
        if begun and is_prose and slide_type(cell) in ("skip", None):
            yield cell


def masked(source: str) -> str:
    """Return a text of the same length in which only prose is left."""
    return NOT_TEXT.sub(lambda found: re.sub(r"[^\n]", "\0", found[0]), source)


def uses(chapter: Chapter) -> dict[str, list[tuple[int, int, int]]]:
    """Return where each word is used without a link: (cell, begin, end), in order."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    for number, cell in enumerate(running_cells(chapter)):
        text = masked(cell.source)
        for term in terms():
            places = [match.span() for match in re.finditer(forms(term), text)]
            found.setdefault(term, []).extend((number, *place) for place in places)
            for begin, end in places:  # what is left is not part of a longer word
                text = text[:begin] + "\0" * (end - begin) + text[end:]
    return {term: places for term, places in found.items() if places}


def links(chapter: Chapter) -> dict[str, list[tuple[int, int]]]:
    """Return where each word is linked: (cell, begin)."""
    found: dict[str, list[tuple[int, int]]] = {}
    for number, cell in enumerate(running_cells(chapter)):
        for match in TERM.finditer(cell.source):
            found.setdefault(match[1], []).append((number, match.start()))
    return found


def links_the_first_use_of_every_term(chapter: Chapter) -> Iterator[str]:
    linked = links(chapter)
    for term, places in uses(chapter).items():
        if term in OTHER_SENSE.get(chapter.name, ()):
            continue
        if term not in linked:
            yield f"{term!r} is used and not linked to the glossary"
        elif places[0][:2] < linked[term][0]:
            yield f"{term!r} is used before it is linked"


def links_every_term_once(chapter: Chapter) -> Iterator[str]:
    for term, places in links(chapter).items():
        if term not in terms():
            yield f"{term!r} is not in the glossary"
        if len(places) > 1:
            yield f"{term!r} is linked {len(places)} times"
