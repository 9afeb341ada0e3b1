"""The rules that every chapter keeps, as functions from a chapter to its mistakes.

`test_notebooks.py` applies them to the notebooks of the book, and proves on broken
chapters that each rule notices what it is for.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from nbformat import NotebookNode

MARKDOWN = MarkdownIt().use(colon_fence_plugin)
HEADINGS = ["Check yourself", "Exercises", "What to remember", "Notes and sources"]
REFERENCE_PAGES = {"errata"}  # notebooks to look things up in: not taught, not shown on slides
EXTRA_MODULES = {"keras", "torch"}  # what requirements-frameworks.txt installs
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
LECTURE = range(45, 91)  # minutes
FEWEST_SLIDES = 15  # of a lecture: one idea each, three minutes at most


@dataclass
class Directive:
    """A MyST directive: ``:::{name} argument``, its ``:option: value`` lines, its body."""

    name: str
    argument: str
    options: dict[str, str]
    body: str

    @property
    def label(self) -> str:
        return self.options.get("name") or self.options.get("label", "")


@dataclass
class Chapter:
    """A notebook and what `objectives.yml` says about it."""

    name: str
    notebook: NotebookNode
    objectives: list[dict] = field(default_factory=list)

    @property
    def is_numbered(self) -> bool:
        """The introduction and the reference pages are free in their shape."""
        return re.match(r"(0[1-9]|[1-9]\d)_", self.name) is not None

    @property
    def is_reference(self) -> bool:
        return self.name in REFERENCE_PAGES

    @property
    def slug(self) -> str:
        return re.sub(r"^\d\d_", "", self.name).replace("_", "-")

    @property
    def code(self) -> list[NotebookNode]:
        return [c for c in self.notebook.cells if c.cell_type == "code" and c.source.strip()]

    @property
    def visible(self) -> list[NotebookNode]:
        return [c for c in self.notebook.cells if "remove-cell" not in tags(c)]

    @cached_property
    def prose(self) -> str:
        """The text of the page: all Markdown but the speaker notes."""
        return "\n\n".join(c.source for c in self.visible if c.cell_type == "markdown")

    @property
    def opening(self) -> str:
        """What comes before the first section."""
        return re.split(r"^## ", self.prose, maxsplit=1, flags=re.MULTILINE)[0]

    @cached_property
    def directives(self) -> list[Directive]:
        return list(directives(self.prose))

    @property
    def questions(self) -> list[Directive]:
        return [d for d in self.directives if "question" in d.options.get("class", "").split()]

    @property
    def exercises(self) -> list[Directive]:
        return [d for d in self.directives if d.name in ("exercise", "exercise-start")]

    @property
    def labels(self) -> dict[str, list[str]]:
        """The labels as `objectives.yml` names them."""
        return {
            "questions": [question.label for question in self.questions],
            "exercises": [exercise.label for exercise in self.exercises],
        }


# ---- reading a notebook ------------------------------------------------------------------


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def slide_type(cell: NotebookNode) -> str | None:
    return cell.metadata.get("slideshow", {}).get("slide_type")


def directives(text: str) -> Iterator[Directive]:
    """Yield the directives of a text, each followed by those inside it."""
    for token in MARKDOWN.parse(text):
        found = re.match(r"\{([\w:-]+)\}\s*(.*)", token.info)
        if token.type in ("fence", "colon_fence") and found:
            directive = Directive(*found.groups(), *options_and_body(token.content))
            yield directive
            yield from directives(directive.body)


def options_and_body(content: str) -> tuple[dict[str, str], str]:
    options = {}
    lines = content.splitlines()
    while lines and (option := re.match(r":([\w-]+):\s*(.*)", lines[0])):
        options[option[1]] = option[2]
        lines.pop(0)
    return options, "\n".join(lines).strip()


def imports(cell: NotebookNode) -> Iterator[str]:
    """Yield what a cell imports: "numpy as np", or "random.Random" if from a module."""
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:  # is_plain_python says so
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            yield from (module + ast.unparse(alias) for alias in node.names)


def texts(cell: NotebookNode) -> Iterator[str]:
    """Yield what a cell has printed, in every text format."""
    for output in cell.outputs:
        yield output.get("text", "")
        data = output.get("data", {})
        yield from (value for kind, value in data.items() if kind.startswith("text/"))


def has_picture(cell: NotebookNode) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


def where(cell: NotebookNode) -> str:
    """Name a cell by its first line."""
    return repr(cell.source.strip().split("\n")[0][:60])


# ---- the notebook as a file --------------------------------------------------------------


def was_run_from_top_to_bottom(chapter):
    counts = [cell.execution_count for cell in chapter.code]
    if counts != list(range(1, len(counts) + 1)):
        yield f"cells are numbered {counts}: run book/execute.py"


def holds_no_trace_of_a_machine(chapter):
    metadata = chapter.notebook.metadata
    if metadata.get("kernelspec", {}).get("name") != "python3":
        yield f"kernelspec is {metadata.get('kernelspec')}"
    if metadata.get("language_info") != {"name": "python"}:
        yield f"language_info is {metadata.get('language_info')}"
    for cell in chapter.notebook.cells:
        if "execution" in cell.metadata:
            yield f"{where(cell)} stores timings"


def prints_no_warnings_or_errors(chapter):
    for cell in chapter.code:
        for output in cell.outputs:
            if output.get("name") == "stderr":
                yield f"{where(cell)} writes to stderr: {output.text[:200]}"
            if output.output_type == "error" and "raises-exception" not in tags(cell):
                yield f"{where(cell)} raises {output.ename}"


def prints_no_addresses(chapter):
    for cell in chapter.code:
        for text in texts(cell):
            if found := re.search(r"\b0x[0-9a-f]{6,}|ipykernel_\d+", text):
                yield f"{where(cell)} prints the address {found[0]}"


def prints_no_long_floats(chapter):
    for cell in chapter.code:
        for text in texts(cell):
            if found := re.search(r"\d*\.\d{12,}", text):
                yield f"{where(cell)} prints {found[0]}; give it a format"


def gives_a_reason_for_what_is_not_compared(chapter):
    for cell in chapter.code:
        marks = [tag for tag in tags(cell) if re.match("nbval-|same-arithmetic", tag)]
        marks += re.findall(r"# *(?:NBVAL|PYTEST_VALIDATE)_\w+", cell.source)
        reasons = [c for c in re.findall(r"# *(.*)", cell.source) if len(c.split()) >= 3]
        if marks and not reasons:
            yield f"{where(cell)} is tagged {marks} without a comment that says why"


# ---- code --------------------------------------------------------------------------------


def has_short_cells(chapter):
    lengths = []
    for cell in chapter.code:
        lengths.append(len(cell.source.strip().splitlines()))
        limit = 25 if re.search(r"^class ", cell.source, re.MULTILINE) else 20
        if lengths[-1] > limit:
            yield f"{where(cell)} has {lengths[-1]} lines, at most {limit}"
    if lengths and median(lengths) > 6:
        yield f"the median length of a code cell is {median(lengths)} lines, at most 6"


def has_prose_between_code(chapter):
    kinds = [cell.cell_type for cell in chapter.visible]
    for number in range(len(kinds) - 2):
        if kinds[number : number + 3] == ["code"] * 3:
            yield f"three code cells in a row: {where(chapter.visible[number])}"


def is_plain_python(chapter):
    for cell in chapter.code:
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            yield f"{where(cell)}: {error} (no magics: they do not run elsewhere)"


def draws_random_numbers_from_a_seeded_rng(chapter):
    """Python's generator is welcome as an object of one's own: `Random(1)`."""
    for cell in chapter.code:
        for call in re.findall(r"\b(?:np|numpy)\.random\.(\w+)", cell.source):
            if call not in ("default_rng", "Generator"):
                yield f"{where(cell)} uses the global np.random.{call}"
        for generator in re.findall(r"\b(default_rng|Random)\(\s*(?:None\s*)?\)", cell.source):
            yield f"{where(cell)}: {generator}() needs a seed"
        for name in imports(cell):
            if re.match(r"(numpy\.)?random\b", name) and name != "random.Random":
                yield f"{where(cell)} imports {name}, which can draw from a global generator"
    uses_rng = any(re.search(r"\brng\b", cell.source) for cell in chapter.code)
    if uses_rng and "default_rng(" not in chapter.code[0].source:
        yield "rng is used, but the first code cell does not make it"


# ---- figures -----------------------------------------------------------------------------


def names_the_data_it_needs(chapter):
    """Without the data, or the extra modules, it is then left out, and does not fail."""
    code = "\n".join(cell.source for cell in chapter.code)
    loaded = set(re.findall(r"\bload_(mnist|wheat_seeds)\(", code))
    imported = (re.split(r"[. ]", name)[0] for cell in chapter.code for name in imports(cell))
    loaded |= EXTRA_MODULES & set(imported)
    named = set(chapter.notebook.metadata.get("coursenn", {}).get("needs", []))
    for name in sorted(loaded ^ named):
        what = "loads it, and does not name it" if name in loaded else "names it, unused,"
        yield f"{name}: the chapter {what} in the notebook's metadata, coursenn, needs"


def describes_every_figure(chapter):
    for cell in filter(has_picture, chapter.code):
        mystnb = cell.metadata.get("mystnb", {})
        alt = mystnb.get("image", {}).get("alt", "")
        if not alt.strip():
            yield f"{where(cell)} draws a figure without alt text"
        if len(alt) > 250:
            yield f"{where(cell)}: its alt text has {len(alt)} characters, at most 250"
        figure = mystnb.get("figure", {})
        if figure and not figure.get("name", "").startswith(f"fig-{chapter.slug}"):
            yield f"{where(cell)}: name the figure fig-{chapter.slug}-..., not {figure.get('name')}"


def draws_in_the_style_of_the_book(chapter):
    draws = any(has_picture(cell) for cell in chapter.code)
    if draws and "use_book_style()" not in chapter.code[0].source:
        yield "the first code cell does not call use_book_style()"


# ---- slides ------------------------------------------------------------------------------


def has_slides(chapter):
    """A cell without a slide type is not on the slides; of a reference page none is."""
    types = [slide_type(cell) for cell in chapter.notebook.cells]
    if chapter.is_reference:
        if any(types):
            yield f"is a reference page, and has slides {set(types) - {None}}"
        return
    if unknown := set(types) - SLIDE_TYPES - {None}:
        yield f"has unknown slide types {unknown}"
    if types[0] != "slide":
        yield "the first cell does not begin a slide"
    slides = types.count("slide") + types.count("subslide")
    if chapter.is_numbered and slides < FEWEST_SLIDES:
        yield f"has {slides} slides, needs at least {FEWEST_SLIDES}"


def hides_speaker_notes(chapter):
    for cell in chapter.notebook.cells:
        is_note = slide_type(cell) == "notes"
        if is_note and (cell.cell_type != "markdown" or "remove-cell" not in tags(cell)):
            yield f"{where(cell)}: a note is Markdown with the tag remove-cell"
        if is_note and not re.match(r"\d+ min\b", cell.source):
            yield f"{where(cell)}: a note begins with its minutes, '3 min. ...'"


def fills_a_lecture(chapter):
    notes = [cell for cell in chapter.notebook.cells if slide_type(cell) == "notes"]
    minutes = sum(int(re.match(r"\d*", cell.source)[0] or 0) for cell in notes)
    if chapter.is_numbered and minutes not in LECTURE:
        yield f"the notes add up to {minutes} minutes, not 45 to 90"


# ---- the shape of a chapter --------------------------------------------------------------


def opens_with_what_it_is_for(chapter):
    if not chapter.is_numbered:
        return
    if not chapter.notebook.cells[0].source.startswith("# "):
        yield "the first cell does not begin with the title"
    for wanted in ("After this chapter you can", "builds on", "read", "run", "minutes"):
        if not re.search(rf"\b{wanted}", chapter.opening, re.IGNORECASE):
            yield f"the opening does not say {wanted!r}"


def closes_with_the_usual_sections(chapter):
    found = re.findall(r"^## (.*?) *$", chapter.prose, re.MULTILINE)
    if chapter.is_numbered and [h for h in found if h in HEADINGS] != HEADINGS:
        yield f"needs the sections {HEADINGS}, in this order; has {found}"


def asks_enough(chapter):
    if not chapter.is_numbered:
        return
    for kind, least in (("questions", 4), ("exercises", 6)):
        if len(chapter.labels[kind]) < least:
            yield f"has {len(chapter.labels[kind])} {kind}, needs at least {least}"


def names_questions_and_exercises_after_itself(chapter):
    for kind, prefix in (("questions", "q"), ("exercises", "ex")):
        labels = chapter.labels[kind]
        for label in labels:
            if not label.startswith(f"{prefix}-{chapter.slug}-"):
                yield f"{label!r} should start with {prefix}-{chapter.slug}-"
        yield from (f"{label} is used twice" for label in set(labels) if labels.count(label) > 1)


def answers_every_option_of_a_question(chapter):
    for question in chapter.questions:
        options = [d for d in directives(question.body) if d.name == "dropdown"]
        right = [option for option in options if re.match(r"Right\.\s", option.body)]
        wrong = [option for option in options if re.match(r"Not quite\.\s", option.body)]
        several = "choose all" in question.body.lower()
        if len(options) < 3:
            yield f"{question.label} has {len(options)} options, needs at least 3"
        if len(right) + len(wrong) != len(options):
            yield f"{question.label}: an option says neither 'Right.' nor 'Not quite.', and why"
        if not (1 <= len(right) < len(options) if several else len(right) == 1):
            yield f"{question.label} has {len(right)} right options"


def solves_every_exercise(chapter):
    names = ("solution", "solution-start")
    solutions = [d for d in chapter.directives if d.name in names]
    solved = [solution.argument for solution in solutions]
    for label in chapter.labels["exercises"]:
        if solved.count(label) != 1:
            yield f"{label} has {solved.count(label)} solutions"
    for solution in solutions:
        if "dropdown" not in solution.options.get("class", ""):
            yield f"the solution of {solution.argument} is not folded away"


def meets_its_objectives(chapter):
    """The opening list, `objectives.yml` and the labels agree."""
    promised = [normal(item) for item in list_after("After this chapter you can", chapter.opening)]
    mapped = [normal(entry["objective"]) for entry in chapter.objectives]
    if promised != mapped:
        yield f"objectives.yml has {mapped}, the opening list {promised}"
    if chapter.is_numbered and not 3 <= len(promised) <= 5:
        yield f"has {len(promised)} objectives, not 3 to 5"
    for kind, labels in chapter.labels.items():
        used = [label for entry in chapter.objectives for label in entry.get(kind, [])]
        yield from (f"objectives.yml: {label} does not exist" for label in set(used) - set(labels))
        if chapter.objectives:
            yield from (f"objectives.yml lacks {label}" for label in set(labels) - set(used))
        for entry in chapter.objectives:
            if not entry.get(kind):
                yield f"objectives.yml: no {kind} for {entry['objective']!r}"


def list_after(phrase: str, text: str) -> list[str]:
    """Return the items of the first list after a phrase."""
    lines = text.partition(phrase)[2].split("\n")[1:]
    items: list[str] = []
    for line in lines:
        if found := re.match(r"\s*(?:[-*]|\d+\.) +(.*)", line):
            items.append(found[1])
        elif items and not line.strip():
            break
        elif items:
            items[-1] += " " + line.strip()
    return items


def normal(objective: str) -> str:
    return " ".join(objective.split()).rstrip(".,;")


# ---- reads well in Jupyter Book and in JupyterLab ----------------------------------------


def is_portable_markdown(chapter):
    faults = {
        r"\\begin\{(align|equation|gather)\*?\}": "use $$ ... $$ (label), with aligned inside",
        r"\\(?:re)?newcommand|\\def\\": "no TeX macros: other readers do not know them",
        r"!\[[^\]]*\]\(https?:": "no pictures from the network",
        r"<(script|iframe|img)\b": "no raw HTML",
        r"^- \[[ x]\]": "no task lists: their boxes have no label",
    }
    for pattern, advice in faults.items():
        if found := re.search(pattern, chapter.prose, re.MULTILINE):
            yield f"{found[0]}: {advice}"


RULES = [
    was_run_from_top_to_bottom,
    holds_no_trace_of_a_machine,
    prints_no_warnings_or_errors,
    prints_no_addresses,
    prints_no_long_floats,
    gives_a_reason_for_what_is_not_compared,
    has_short_cells,
    has_prose_between_code,
    is_plain_python,
    draws_random_numbers_from_a_seeded_rng,
    names_the_data_it_needs,
    describes_every_figure,
    draws_in_the_style_of_the_book,
    has_slides,
    hides_speaker_notes,
    fills_a_lecture,
    opens_with_what_it_is_for,
    closes_with_the_usual_sections,
    asks_enough,
    names_questions_and_exercises_after_itself,
    answers_every_option_of_a_question,
    solves_every_exercise,
    meets_its_objectives,
    is_portable_markdown,
]
