"""Every notebook of the book keeps the rules of a chapter, and every rule can fail."""

from pathlib import Path

import chapter_rules
import nbformat
import pytest
import yaml
from chapter_rules import RULES, Chapter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

BOOK = Path(__file__).resolve().parents[1] / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))


def objectives():
    return yaml.safe_load((BOOK / "objectives.yml").read_text(encoding="utf-8")) or {}


def rule_name(rule):
    return rule.__name__


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter(path, rule):
    notebook = nbformat.read(path, as_version=4)
    mistakes = list(rule(Chapter(path.stem, notebook, objectives().get(path.stem, []))))
    assert not mistakes, "\n".join(mistakes)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter_is_valid_and_its_cells_have_ids(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert all("id" in cell for cell in notebook.cells)


def test_objectives_name_chapters_that_exist():
    assert set(objectives()) <= {path.stem for path in NOTEBOOKS}


# ---- the rules themselves: a good chapter passes, a broken one does not ------------------

OPENING = """# A chapter

What is this for?

After this chapter you can

- add one and
  one,
- say why,
- stop.

It builds on nothing. 10 minutes to read, 1 second to run.
"""

QUESTION = """::::{{admonition}} Question {0}
:class: question
:name: q-sums-{0}
How much is it?

:::{{dropdown}} 1
Not quite. Count again.
:::
:::{{dropdown}} 2
Right. It is.
:::
:::{{dropdown}} 3
Not quite. Too much.
:::
::::
"""

EXERCISE = """::::{{exercise}} Add
:label: ex-sums-{0}
Add.
::::

::::{{solution}} ex-sums-{0}
:class: dropdown
2
::::
"""

SETUP = """import numpy as np
from coursenn.plotting import use_book_style

use_book_style()
rng = np.random.default_rng(1)"""

FIGURE = {
    "image": {"alt": "A rising line.", "width": "640px"},
    "figure": {"name": "fig-sums-line", "caption": "A line."},
}


def markdown(source, slide="-", **metadata):
    return new_markdown_cell(source, metadata={"slideshow": {"slide_type": slide}, **metadata})


def code(source, *outputs, **metadata):
    metadata = {"slideshow": {"slide_type": "-"}, **metadata}
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def good_chapter():
    cells = [
        markdown(OPENING, "slide"),
        markdown("45 min. Take your time.", "notes", tags=["remove-cell"]),
        code(SETUP),
        markdown("## Sums"),
        code("print(f'{rng.normal():.2f}')", new_output("stream", name="stdout", text="0.35\n")),
        markdown("A picture:"),
        markdown(r"$$ \begin{aligned} x &= 1 \end{aligned} $$ (eq-sums-x)"),
        *[markdown(f"Idea {number}.", "subslide") for number in range(10)],
        code("draw()", new_output("display_data", {"image/png": "iVBO"}), mystnb=FIGURE),
        markdown("## Check yourself"),
        *[markdown(QUESTION.format(number), "slide") for number in range(4)],
        markdown("## Exercises"),
        *[markdown(EXERCISE.format(number)) for number in range(6)],
        markdown("## What to remember\n\n## Notes and sources"),
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata.language_info = {"name": "python"}
    for count, cell in enumerate([c for c in cells if c.cell_type == "code"], start=1):
        cell.execution_count = count
    labels = [f"ex-sums-{number}" for number in range(6)]
    mapped = [
        {"objective": "add one and one", "questions": ["q-sums-0"], "exercises": labels[:3]},
        {"objective": "say why", "questions": ["q-sums-1", "q-sums-2"], "exercises": labels[3:]},
        {"objective": "stop", "questions": ["q-sums-3"], "exercises": labels[:1]},
    ]
    return Chapter("01_sums", notebook, mapped)


def cell_with(chapter, text):
    return next(cell for cell in chapter.notebook.cells if text in cell.source)


def replaced(old, new, count=-1):
    """Return a change that replaces `old` in the first cell that has it."""

    def change(chapter):
        cell = cell_with(chapter, old)
        cell.source = cell.source.replace(old, new, count)

    return change


def printed(text, name="stdout"):
    def change(chapter):
        output = new_output("stream", name=name, text=text)
        cell_with(chapter, "print(").outputs = [output]

    return change


def tagged(text, *tags):
    def change(chapter):
        cell_with(chapter, text).metadata["tags"] = list(tags)

    return change


def with_metadata(text, **metadata):
    def change(chapter):
        cell_with(chapter, text).metadata.update(nbformat.from_dict(metadata))

    return change


def without(text):
    def change(chapter):
        chapter.notebook.cells.remove(cell_with(chapter, text))

    return change


def unrun(chapter):
    cell_with(chapter, "print(").execution_count = None


def needs(*names):
    def change(chapter):
        chapter.notebook.metadata.coursenn = {"needs": list(names)}

    return change


def other_kernel(chapter):
    chapter.notebook.metadata.kernelspec.name = "conda-env-py"


def versioned(chapter):
    chapter.notebook.metadata.language_info.version = "3.11.7"


def raising(chapter):
    error = new_output("error", ename="ValueError", evalue="no", traceback=[])
    cell_with(chapter, "print(").outputs = [error]


def three_in_a_row(chapter):
    chapter.notebook.cells[-1:-1] = [code("1"), code("2"), code("3")]


def long_cells(chapter):
    for cell in chapter.code:
        cell.source = SETUP + "\n1\n2\n3"


def objective(**entry):
    def change(chapter):
        chapter.objectives[0].update(entry)

    return change


BROKEN = [
    ("was_run_from_top_to_bottom", unrun, "[1, None, 3]"),
    ("holds_no_trace_of_a_machine", other_kernel, "kernelspec"),
    ("holds_no_trace_of_a_machine", versioned, "language_info"),
    ("holds_no_trace_of_a_machine", with_metadata("draw()", execution={"t": 1}), "timings"),
    ("prints_no_warnings_or_errors", printed("UserWarning", name="stderr"), "stderr"),
    ("prints_no_warnings_or_errors", raising, "raises ValueError"),
    ("prints_no_addresses", printed("<Axes at 0x7fbc50caeb50>"), "0x7fbc50caeb50"),
    ("prints_no_long_floats", printed("0.30000000000000004"), "0.30000000000000004"),
    ("gives_a_reason_for_what_is_not_compared", tagged("draw()", "nbval-skip"), "nbval-skip"),
    (
        "gives_a_reason_for_what_is_not_compared",
        replaced("draw()", "# NBVAL_IGNORE_OUTPUT\ndraw()"),
        "NBVAL_IGNORE_OUTPUT",
    ),
    ("has_short_cells", replaced("draw()", "1\n" * 21), "21 lines, at most 20"),
    ("has_short_cells", replaced("draw()", "class A:\n" + "    1\n" * 25), "at most 25"),
    ("has_short_cells", long_cells, "median"),
    ("has_prose_between_code", three_in_a_row, "three code cells"),
    ("is_plain_python", replaced("draw()", "%timeit draw()"), "invalid syntax"),
    ("draws_random_numbers_from_a_seeded_rng", replaced("draw()", "np.random.seed(1)"), "seed"),
    ("draws_random_numbers_from_a_seeded_rng", replaced("rng(1)", "rng()"), "needs a seed"),
    ("draws_random_numbers_from_a_seeded_rng", replaced("rng(1)", "rng(None)"), "needs a seed"),
    (
        "draws_random_numbers_from_a_seeded_rng",
        replaced("draw()", "from random import Random\nsource = Random()"),
        "Random() needs a seed",
    ),
    (
        "draws_random_numbers_from_a_seeded_rng",
        replaced("rng = np.random.default_rng(1)", "pass"),
        "does not make it",
    ),
    ("names_the_data_it_needs", replaced("draw()", "load_mnist()"), "does not name it"),
    ("names_the_data_it_needs", needs("wheat_seeds"), "names it, unused"),
    ("names_the_data_it_needs", replaced("draw()", "import torch"), "torch: the chapter loads it"),
    ("names_the_data_it_needs", replaced("draw()", "from torch import nn"), "torch: the chapter"),
    ("names_the_data_it_needs", replaced("draw()", "import keras as k"), "keras: the chapter"),
    ("names_the_data_it_needs", needs("keras"), "names it, unused"),
    ("describes_every_figure", with_metadata("draw()", mystnb={}), "without alt"),
    (
        "describes_every_figure",
        with_metadata("draw()", mystnb={"image": {"alt": "word " * 51}}),
        "255 characters",
    ),
    (
        "describes_every_figure",
        with_metadata("draw()", mystnb={**FIGURE, "figure": {"caption": "A line."}}),
        "name the figure fig-sums-",
    ),
    ("draws_in_the_style_of_the_book", replaced("use_book_style()", ""), "use_book_style"),
    ("has_slides", with_metadata("draw()", slideshow={"slide_type": "x"}), "types {'x'}"),
    ("has_slides", without("Idea 1."), "14 slides"),
    ("has_slides", with_metadata("# A chap", slideshow={"slide_type": "-"}), "begin a slide"),
    ("hides_speaker_notes", tagged("45 min"), "remove-cell"),
    ("hides_speaker_notes", replaced("45 min", "A while"), "minutes"),
    ("fills_a_lecture", replaced("45 min", "44 min"), "44 minutes"),
    ("opens_with_what_it_is_for", replaced("# A chapter", "A chapter"), "title"),
    ("opens_with_what_it_is_for", replaced("After this chapter you can", "You"), "you can"),
    ("opens_with_what_it_is_for", replaced("builds on", "needs"), "builds on"),
    ("opens_with_what_it_is_for", replaced("1 second to run", ""), "'run'"),
    ("closes_with_the_usual_sections", without("## Exercises"), "needs the sections"),
    ("closes_with_the_usual_sections", replaced("## Notes", "### Notes"), "needs the sections"),
    ("asks_enough", without("q-sums-0"), "3 questions"),
    ("asks_enough", without("ex-sums-0"), "5 exercises"),
    ("names_questions_and_exercises_after_itself", replaced("q-sums-1", "q-1"), "'q-1'"),
    ("names_questions_and_exercises_after_itself", replaced("ex-sums-1", "ex-2"), "'ex-2'"),
    ("names_questions_and_exercises_after_itself", replaced("q-sums-1", "q-sums-2"), "twice"),
    (
        "answers_every_option_of_a_question",
        replaced(":::{dropdown} 3\nNot quite. Too much.\n:::", ""),
        "2 options",
    ),
    ("answers_every_option_of_a_question", replaced("Not quite. Too", "Too"), "neither"),
    ("answers_every_option_of_a_question", replaced("Right. It", "Not quite. It"), "0 right"),
    ("answers_every_option_of_a_question", replaced("Not quite. Too", "Right. Too"), "2 right"),
    ("solves_every_exercise", replaced("{solution} ex-sums-0", "{note} N"), "ex-sums-0 has 0"),
    ("solves_every_exercise", replaced(":class: dropdown", ""), "folded"),
    ("meets_its_objectives", replaced("- say why", "- say how"), "opening list"),
    ("meets_its_objectives", replaced("- stop.", "\n"), "not 3 to 5"),
    ("meets_its_objectives", objective(questions=["q-sums-9", "q-sums-0"]), "q-sums-9 does not"),
    ("meets_its_objectives", objective(exercises=[]), "no exercises for"),
    ("meets_its_objectives", objective(questions=["q-sums-1"]), "lacks q-sums-0"),
    ("is_portable_markdown", replaced("A picture:", r"\begin{align}x\end{align}"), "aligned"),
    ("is_portable_markdown", replaced("A picture:", r"$\newcommand{\R}{R}$"), "macros"),
    ("is_portable_markdown", replaced("A picture:", "![a](https://b.c/d.png)"), "network"),
    ("is_portable_markdown", replaced("A picture:", "<img src='a.png'>"), "raw HTML"),
    ("is_portable_markdown", replaced("A picture:", "- [ ] do"), "task lists"),
]


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_a_good_chapter_keeps_every_rule(rule):
    assert list(rule(good_chapter())) == []


GLOBAL_GENERATORS = [
    "import random",
    "import random as chance",
    "import math, random",
    "from random import *",
    "from random import random",
    "from random import Random, shuffle",
    "from random import Random as Source",
    "from random import SystemRandom",
    "from numpy import random",
    "from numpy.random import RandomState",
    "from numpy.random import normal as draw",
    "import numpy.random",
    "def draw():\n    from random import gauss",
]


@pytest.mark.parametrize("source", GLOBAL_GENERATORS)
def test_a_module_with_a_global_generator_is_not_imported(source):
    chapter = good_chapter()
    replaced("draw()", source)(chapter)
    mistakes = list(chapter_rules.draws_random_numbers_from_a_seeded_rng(chapter))
    assert len(mistakes) == 1
    assert "global generator" in mistakes[0]


@pytest.mark.parametrize("source", ["Random(1)", "Random(seed)"])
def test_a_seeded_generator_of_ones_own_is_fine(source):
    chapter = good_chapter()
    replaced("draw()", f"from random import Random\nsource = {source}")(chapter)
    assert list(chapter_rules.draws_random_numbers_from_a_seeded_rng(chapter)) == []


def test_a_cell_that_is_not_python_is_left_to_the_rule_for_that():
    chapter = good_chapter()
    replaced("draw()", "%timeit draw()")(chapter)
    assert list(chapter_rules.draws_random_numbers_from_a_seeded_rng(chapter)) == []


@pytest.mark.parametrize(("name", "change", "message"), BROKEN)
def test_a_broken_chapter_is_noticed(name, change, message):
    chapter = good_chapter()
    change(chapter)
    mistakes = list(getattr(chapter_rules, name)(chapter))
    assert any(message in mistake for mistake in mistakes), mistakes


def test_every_rule_is_proved_to_notice_something():
    assert {rule.__name__ for rule in RULES} == {name for name, _, _ in BROKEN}


def test_several_right_options_are_fine_when_the_question_says_so():
    chapter = good_chapter()
    replaced("How much is it?", "Choose all that are even.")(chapter)
    replaced("Not quite. Too much.", "Right. Too much.")(chapter)
    assert list(chapter_rules.answers_every_option_of_a_question(chapter)) == []


def reference_page(**metadata):
    page = Chapter("errata", new_notebook(cells=[markdown("# Errata"), code(SETUP)]))
    page.notebook.metadata = good_chapter().notebook.metadata
    page.code[0].execution_count = 1
    for cell in page.notebook.cells:
        cell.metadata = nbformat.from_dict(metadata)
    return page


def test_a_reference_page_needs_neither_lecture_nor_objectives_nor_exercises():
    assert [mistake for rule in RULES for mistake in rule(reference_page())] == []


def test_a_reference_page_has_no_slides():
    (mistake,) = chapter_rules.has_slides(reference_page(slideshow={"slide_type": "slide"}))
    assert "reference page" in mistake


def test_a_reference_page_still_describes_its_figures():
    page = reference_page()
    page.code[0].outputs = [new_output("display_data", {"image/png": "iVBO"})]
    (mistake,) = chapter_rules.describes_every_figure(page)
    assert "without alt text" in mistake


def test_every_reference_notebook_exists():
    assert chapter_rules.REFERENCE_PAGES.issubset(path.stem for path in NOTEBOOKS)


def test_the_introduction_needs_no_lecture_and_no_exercises():
    chapter = Chapter("intro", new_notebook(cells=[markdown("# Welcome", "slide")]))
    chapter.notebook.metadata = good_chapter().notebook.metadata
    assert [mistake for rule in RULES for mistake in rule(chapter)] == []
