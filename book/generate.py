"""Write the tables of the reference pages that are made from data.

Run ``python book/generate.py``. A page marks the place of a table with a line
``% generated: NAME`` and a line ``% end``; what stands between them is replaced. A test
compares the pages with what this makes.
"""

import re
import sys
from pathlib import Path

import nbformat
import yaml

BOOK = Path(__file__).resolve().parent
sys.path.insert(0, str(BOOK.parent))  # the package, if it is not installed

from coursenn.notation import rosetta  # noqa: E402

PAGES = ("notation.md", "map.md")
PLACE = re.compile(
    r"(?<=^% generated: )([\w-]+)\n.*?(?=^% end$)", re.MULTILINE | re.DOTALL
)

# ---- the Rosetta table, a part at a time: nine columns do not fit on a page ----------

PARTS = {
    "Where a weight leads": ("weight", "shape of W", "first weights", "input layer"),
    "What a layer computes": ("pre-activation", "an example is a", "bias"),
    "What is minimised": (
        "target / output",
        "cost of a batch",
        "their cost",
        "their gradient",
    ),
    "Errors and dropout": ("δ", "their δ", "dropout p"),
}
PER_BATCH = ("their cost", "their gradient", "their δ")


def rosetta_tables() -> str:
    """Return a table for each part, with a row for each source."""
    (_, *names), *rows = rosetta()
    said = {label: dict(zip(names, cells, strict=True)) for label, *cells in rows}
    parts = []
    for title, labels in PARTS.items():
        heads = [f"{x} (batch of m)" if x in PER_BATCH else x for x in labels]
        body = [[name, *(said[label][name] for label in labels)] for name in names]
        parts.append(f"### {title}\n\n" + table(["source", *heads], body))
    return "\n\n".join(parts)


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# ---- the map of the course -----------------------------------------------------------


def read(name: str) -> dict:
    return yaml.safe_load((BOOK / name).read_text(encoding="utf-8"))


def prerequisites_table() -> str:
    """Return what each chapter builds on, and what it uses a little of."""
    rows = [
        [link(name), links(needs["builds_on"]), links(needs["uses"])]
        for name, needs in read("prerequisites.yml").items()
    ]
    return table(["chapter", "builds on", "uses a little of"], rows)


def objectives_tables() -> str:
    """Return, for each chapter, its objectives with what asks for them."""
    head = ["objective", "questions", "exercises", "graded"]
    return "\n\n".join(
        f"### {heading(name)}\n\n" + table(head, [row(name, e) for e in entries])
        for name, entries in read("objectives.yml").items()
    )


def row(chapter: str, entry: dict) -> list[str]:
    """Return the cells of an objective; its questions are named by their labels."""
    start = f"q-{chapter.lstrip('0123456789_').replace('_', '-')}-"
    labels = entry["questions"]
    words = [(label.removeprefix(start).replace("-", " "), label) for label in labels]
    questions = [f"{{ref}}`{word} <{label}>`" for word, label in words]
    exercises = [f"{{ref}}`{label}`" for label in entry["exercises"]]
    cells = map(", ".join, (questions, exercises, graded(entry)))
    return [entry["objective"], *cells]


def graded(entry: dict) -> list[str]:
    """Return the graded tasks, set by set: "perceptron 1, 2"."""
    tasks: dict[str, list[str]] = {}
    for label in entry.get("graded", []):
        name, task = label.rsplit("-", 1)
        tasks.setdefault(name, []).append(task)
    return [f"{name} {', '.join(numbers)}" for name, numbers in tasks.items()]


def links(names: list[str]) -> str:
    return ", ".join(f"[{number(name)}]({name}.ipynb)" for name in names) or "—"


def link(name: str) -> str:
    return f"[{heading(name)}]({name}.ipynb)"


def number(name: str) -> int:
    return int(name[:2])


def heading(name: str) -> str:
    return f"{number(name)}. {title(name)}" if name[:2].isdigit() else title(name)


def title(name: str) -> str:
    """Return the title of a chapter: the first line of its notebook."""
    cell = nbformat.read(BOOK / f"{name}.ipynb", as_version=4).cells[0]
    return cell.source.split("\n")[0].removeprefix("# ").replace("\u00ad", "")


# ---- the pages -----------------------------------------------------------------------

TABLES = {
    "rosetta": rosetta_tables,
    "prerequisites": prerequisites_table,
    "objectives": objectives_tables,
}


def generated(text: str) -> str:
    """Return the text of a page with its generated parts made anew."""
    return PLACE.sub(lambda place: f"{place[1]}\n\n{TABLES[place[1]]()}\n\n", text)


def main() -> None:
    for path in (BOOK / page for page in PAGES):
        path.write_text(generated(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
