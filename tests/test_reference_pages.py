"""The reference pages say what the chapters, the package and the bibliography say."""

import re
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from chapter_rules import Chapter
from glossary_rules import (
    links_every_term_once,
    links_the_first_use_of_every_term,
    terms,
    uses,
)
from nbformat.v4 import new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
sys.path.insert(0, str(BOOK))

import generate  # noqa: E402

CHAPTERS = sorted(path.stem for path in BOOK.glob("[01][0-9]_*.ipynb"))
LINKED = ["intro", *CHAPTERS]


def read(name):
    return (BOOK / name).read_text(encoding="utf-8")


def chapter(name):
    return Chapter(name, nbformat.read(BOOK / f"{name}.ipynb", as_version=4))


# ---- tables made from data ---------------------------------------------------------------


@pytest.mark.parametrize("page", generate.PAGES)
def test_generated_tables_are_up_to_date(page):
    assert generate.generated(read(page)) == read(page), "run python book/generate.py"


def test_generating_notices_a_change():
    page = read("notation.md")
    broken = page.replace("| Nielsen | wⱼₖ", "| Nielsen | wₖⱼ")
    assert broken != page
    assert generate.generated(broken) == page


def test_the_rosetta_tables_hold_every_cell_of_the_package():
    _, *rows = generate.rosetta()
    shown = {label for labels in generate.PARTS.values() for label in labels}
    assert {row[0] for row in rows} == shown
    text = generate.rosetta_tables()
    assert all(cell in text for row in rows for cell in row[1:])


def test_every_chapter_has_its_prerequisites():
    assert list(generate.read("prerequisites.yml")) == CHAPTERS


@pytest.mark.parametrize("name", CHAPTERS)
def test_prerequisites_are_those_of_the_opening(name):
    """An opening may also name a chapter that is not needed."""
    (said,) = re.findall(r"builds on.*", chapter(name).opening, re.IGNORECASE)
    named = set(re.findall(r"(?:\(|\{doc\}`)(\d\d_\w+)", said))
    needs = generate.read("prerequisites.yml")[name]
    asked = {*needs["builds_on"], *needs["uses"]}
    assert asked <= named
    assert named <= asked or "not needed" in said


def test_no_chapter_builds_on_a_later_one():
    for name, needs in generate.read("prerequisites.yml").items():
        assert all(other < name for other in [*needs["builds_on"], *needs["uses"]])


# ---- graded tasks ------------------------------------------------------------------------


def tasks_of(graded_set):
    """Return the tasks of a set as the map names them: perceptron-1, perceptron-2, ..."""
    path = ROOT / "exercises" / graded_set / "source" / f"{graded_set}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    numbers = re.findall(r"^## (?:Task )?(\d+)[.:]", text, re.MULTILINE)
    return {f"{graded_set}-{number}" for number in numbers}


def graded_in_the_map():
    entries = [entry for entries in generate.read("objectives.yml").values() for entry in entries]
    return {label for entry in entries for label in entry.get("graded", [])}


def test_graded_tasks_of_the_map_exist_and_none_is_missing():
    named = graded_in_the_map()
    existing = set().union(*(tasks_of(name) for name in {n.rsplit("-", 1)[0] for n in named}))
    assert named == existing


def test_the_map_names_every_graded_set():
    sets = {path.parts[-3] for path in ROOT.glob("exercises/*/source/*.ipynb")}
    assert {label.rsplit("-", 1)[0] for label in graded_in_the_map()} == sets


# ---- notation ----------------------------------------------------------------------------

LAYOUT = r"\\(?:text|mathrm|operatorname|mathsf)\{[^{}]*\}|\\(?:begin|end)\{\w+\}|\\[,;! {}|]"
SYMBOL = re.compile(r"\\(?:hat|bar|tilde|overline)\s*\{?(?:\\?[A-Za-z]+)\}?|\\?[A-Za-z]+")
GREEK = "alpha beta gamma delta theta eta kappa lambda mu sigma phi varphi varepsilon Sigma Theta"
PLAIN = {rf"\{name}" for name in GREEK.split()}
NOT_SYMBOLS = {"d", "i", "j"}  # of derivatives; an index, or the imaginary unit


def symbols(mathematics):
    """Return the letters of formulas, with hats and bars; neither words nor operations."""
    found = set()
    for formula in re.findall(r"\$\$(.*?)\$\$|\$([^$\n]+)\$", mathematics, re.DOTALL):
        for token in SYMBOL.findall(re.sub(LAYOUT, " ", "".join(formula))):
            accent = re.match(r"\\(?:hat|bar|tilde|overline)\W", token)
            if accent:
                found.add(re.sub(r"[\s{}]", "", token))
            elif token in PLAIN:
                found.add(token)
            elif not token.startswith("\\"):
                found |= set(token)  # XW is X times W
    return found - NOT_SYMBOLS


def rows_of_notation():
    """Yield the symbols and the chapters of each row of the page, but not of its signs."""
    page = read("notation.md").split("## Signs and operations")[0]
    for line in re.findall(r"^\| (?!symbol|---).*\|$", page, re.MULTILINE):
        first, *_, last = [cell.strip() for cell in line.strip("|").split(" | ")]
        yield symbols(first), re.findall(r"\((\w+)\.ipynb", last)


def equation_tables(name):
    closing = chapter(name).prose.partition("## What to remember")[2]
    return "\n".join(re.findall(r"^\|.*\|$", closing.partition("\n## ")[0], re.MULTILINE))


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_symbol_of_a_table_of_equations_is_in_the_notation(name):
    signs = symbols(read("notation.md").partition("## Signs and operations")[2])
    explained = signs.union(*(found for found, _ in rows_of_notation()))
    assert equation_tables(name)
    assert symbols(equation_tables(name)) <= explained


def test_every_symbol_of_the_notation_is_used_in_the_chapter_that_introduces_it():
    used = {name: symbols(chapter(name).prose) for name in ["intro", *CHAPTERS]}
    for found, names in rows_of_notation():
        assert names
        for symbol in found:
            assert any(symbol in used[name] for name in names), (symbol, names)


def test_symbols_are_found_with_their_accents_and_without_words():
    formula = r"$\hat y = \frac{1}{2} \text{mean}(XW) + \lVert \tilde{w} \rVert_{\max}$"
    assert symbols(formula) == {r"\haty", "X", "W", r"\tildew"}


# ---- glossary ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", LINKED)
def test_a_chapter_links_the_first_use_of_every_term_once(name):
    mistakes = [*links_the_first_use_of_every_term(chapter(name))]
    mistakes += links_every_term_once(chapter(name))
    assert not mistakes, "\n".join(mistakes)


def test_every_term_of_the_glossary_is_used():
    used = set().union(*(uses(chapter(name)) for name in ["intro", *CHAPTERS]))
    prose = "\n".join(chapter(name).prose.lower() for name in ["intro", *CHAPTERS])
    assert not [term for term in terms() if term not in used and term.lower() not in prose]


def test_the_glossary_is_sorted():
    found = re.findall(r"^(\S.*)\n  \S", read("glossary.md"), re.MULTILINE)
    assert found == sorted(found, key=str.lower)
    assert len(found) == len(set(found))


def text(*sources):
    cells = [new_markdown_cell(source) for source in ("# T", "## A section", *sources)]
    return Chapter("01_sums", new_notebook(cells=cells))


@pytest.mark.parametrize(
    ("source", "mistakes"),
    [
        ("A {term}`gradient`, and more gradients.", 0),
        ("The {term}`gradients <gradient>` of it.", 0),
        ("A gradient, then a {term}`gradient`.", 1),
        ("Two Gradients.", 1),
        ("In `gradient` and $gradient$ and [a gradient](a.md) nothing is said.", 0),
        ("A {term}`gradient check` is no use of the shorter word.", 0),
        ("A gradient check.", 1),
        (":::{note}\nA gradient.\n:::", 0),
        ("| a gradient |", 0),
        ("To be wrong costs much.", 0),
        ("That is the cost.", 1),
    ],
)
def test_first_uses_are_found_in_the_running_text(source, mistakes):
    assert len(list(links_the_first_use_of_every_term(text(source)))) == mistakes


def test_a_term_linked_twice_or_unknown_is_noticed():
    (twice,) = links_every_term_once(text("{term}`gradient`", "{term}`gradient`"))
    assert "2 times" in twice
    (unknown,) = links_every_term_once(text("{term}`grandient`"))
    assert "not in the glossary" in unknown


# ---- sources -----------------------------------------------------------------------------


def entries():
    """Return the year of each entry of the bibliography."""
    parts = re.split(r"^@\w+\{", read("references.bib"), flags=re.MULTILINE)[1:]
    years = (re.search(r"^\s*year\s*=\s*\{(.+?)\}", part, re.MULTILINE) for part in parts)
    keys = (part.partition(",")[0] for part in parts)
    return {key: year[1] if year else None for key, year in zip(keys, years, strict=True)}


def test_every_entry_of_the_bibliography_has_a_year():
    assert [key for key, year in entries().items() if year is None] == []


def test_the_page_of_sources_says_what_was_taken_from_every_work():
    rows = re.findall(r"^\| (?:\d{4} \| )?\{cite:t\}`(\w+)` \| \S.* \|$", read("sources.md"), re.M)
    assert sorted(rows) == sorted(entries())


def test_the_years_of_the_page_of_sources_are_those_of_the_bibliography():
    rows = re.findall(r"^\| (\d{4}) \| \{cite:t\}`(\w+)`", read("sources.md"), re.MULTILINE)
    assert [(key, year) for year, key in rows if entries()[key] != year] == []


# ---- errata ------------------------------------------------------------------------------


def entries_of_errata():
    """Return the text of each computed slip, with the code cells that belong to it."""
    slips, cells = [], nbformat.read(BOOK / "errata.ipynb", as_version=4).cells
    for cell in cells:
        if "\n### " in f"\n{cell.source}":
            slips.append((cell.source, []))
        elif cell.cell_type == "code" and slips:
            slips[-1][1].append(cell)
    return slips


def test_every_slip_is_computed_and_leads_to_the_section_that_treats_it():
    assert len(entries_of_errata()) > 50
    for slip, code in entries_of_errata():
        assert any(cell.outputs for cell in code), slip[:80]
        assert re.search(r"Treated in \[[^\]]+\]\(\d\d_\w+\.ipynb#", slip), slip[:80]


def test_every_slip_has_a_correction_and_a_source():
    for slip, _ in entries_of_errata():
        if "No slip in print" not in slip:
            assert "*Printed.*" in slip
            assert re.search(r"\*(?:But|Right)\*|\*Right\.\*", slip)
            assert "In circulation" in slip or "{cite:t}" in slip.split("*Right")[1], slip[:80]


def test_toc_has_every_page_of_the_book():
    toc = yaml.safe_dump(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
    pages = {path.stem for kind in ("*.md", "*.ipynb") for path in BOOK.glob(kind)}
    assert {page for page in pages if f"book/{page}\n" not in f"{toc}\n"} == set()
