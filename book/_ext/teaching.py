"""Write the pages for instructors from data, while the book is built.

``book/plans/05_backprop.yml`` is the plan of a chapter, in one or two lectures and a
lab; ``book/syllabi.yml`` puts the lectures of all chapters into courses. A line
``% plan`` on a page of the same name, and a line ``% syllabi``, are replaced by what
they say.
"""

from functools import cache
from typing import Any

import yaml
from sections import BOOK, headings, link
from sphinx.application import Sphinx

PLANS = BOOK / "plans"


@cache
def read(path: str) -> Any:
    return yaml.safe_load((BOOK / path).read_text(encoding="utf-8"))


def plan(name: str) -> dict[str, Any]:
    """Return the plan of a chapter: "05_backprop"."""
    return read(f"plans/{name}.yml")


def plans() -> list[str]:
    """Return the names of the chapters that have a plan."""
    return sorted(path.stem for path in PLANS.glob("*.yml"))


def length(lecture: dict[str, Any]) -> int:
    """Return the minutes of a lecture."""
    return sum(step["minutes"] for step in lecture["steps"])


# ---- a plan --------------------------------------------------------------------------


def plan_text(name: str) -> str:
    """Return the page of a plan, below its title."""
    what = plan(name)
    number = name[:2]
    deck = f'<a href="../../slides/{name}.html">its slides</a>'
    lectures = " and ".join(f"{length(x)} minutes" for x in what["lectures"])
    parts = [
        f"[The chapter](../{name}.ipynb), {deck}. "
        f"Lectures: {lectures}. Lab: {what['lab']['minutes']} minutes.",
        "## What they take home\n\n" + items(what["aims"]),
        "## What they must bring\n\n" + prerequisites(what),
        "## The evening before\n\n" + items(what["before"]),
    ]
    for k, lecture in enumerate(what["lectures"], start=1):
        head = f"## Lecture {k}: {lecture['title']} ({length(lecture)} minutes)"
        parts += [head, timetable(number, lecture, what)]
    if what["left_to_read"]:
        sections = [link(f"{number} {x}", "../", False) for x in what["left_to_read"]]
        parts.append(
            "**Left to read at home:** " + "; ".join(sections) + ". "
            "Their slides are in the deck; go past them."
        )
    parts.append("## On the board")
    parts += [board(number, key, x) for key, x in what["board"].items()]
    parts.append("## Questions, and what will be answered")
    parts += [question(number, key, x) for key, x in what["questions"].items()]
    parts.append(f"## The lab ({what['lab']['minutes']} minutes)\n\n{lab(what['lab'])}")
    return "\n\n".join(parts)


def items(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def prerequisites(what: dict[str, Any]) -> str:
    if not what["prerequisites"]:
        return "No other chapter. " + what.get("brings", "")
    asked = what["prerequisites"].items()
    return items([f"{link(f'{x[:2]} {title(x)}', '../')}: {said}" for x, said in asked])


def title(name: str) -> str:
    return headings(name)[0]


def timetable(number: str, lecture: dict[str, Any], what: dict[str, Any]) -> str:
    lines, now = [], 0
    for step in lecture["steps"]:
        end = now + step["minutes"]
        shown = [link(f"{number} {x}", "../", False) for x in step.get("slides", [])]
        head = f"**{now}–{end}** " + (f"{', '.join(shown)}. " if shown else "")
        more = [
            f"*Board:* [{what['board'][x]['title']}](#board-{number}-{x})."
            for x in of(step, "board")
        ]
        more += [
            f"*Ask:* [{what['questions'][x]['title']}](#ask-{number}-{x})."
            for x in of(step, "ask")
        ]
        lines.append(" ".join([head + step["do"].strip(), *more]))
        now = end
    return items(lines)


def of(step: dict[str, Any], kind: str) -> list[str]:
    """Return the boards, or the questions, that a step names."""
    return step.get(kind, "").split()


def board(number: str, key: str, what: dict[str, Any]) -> str:
    where = link(f"{number} {what['section']}", "../")
    head = f"(board-{number}-{key})=\n### {what['title']}\n\nSee {where}."
    return f"{head}\n\n{what['lines'].strip()}"


def question(number: str, key: str, what: dict[str, Any]) -> str:
    lines = [f"(ask-{number}-{key})=\n### {what['title']}\n\n{what['ask'].strip()}"]
    lines.append(f"*Right:* {what['right'].strip()}")
    for wrong in what["wrong"]:
        slip = f" (`{wrong['slip']}`)" if "slip" in wrong else ""
        lines.append(f"- *“{wrong['says']}”*{slip} {wrong['reply'].strip()}")
    return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:])


def lab(what: dict[str, Any]) -> str:
    graded = "; ".join(
        f"`{name}`, tasks {', '.join(map(str, tasks))}"
        for name, tasks in what["graded"].items()
    )
    lines = [what["do"].strip()]
    lines.append(
        "**From the page:** " + ", ".join(f"{{ref}}`{x}`" for x in what["exercises"])
    )
    lines += [f"**Graded:** {graded}."] if graded else []
    return (
        "\n\n".join(lines)
        + "\n\n**Where they get stuck**\n\n"
        + items(what["pitfalls"])
    )


# ---- the syllabi ---------------------------------------------------------------------


def lecture_of(text: str) -> tuple[str, dict[str, Any]]:
    """Return the chapter and the lecture that "05 2" names: the second of chapter 5."""
    number, k = text.split()
    (name,) = [x for x in plans() if x.startswith(number)]
    return name, plan(name)["lectures"][int(k) - 1]


def minutes_of(entry: dict[str, Any]) -> int:
    """Return how long an entry of a session takes; homework takes none of it."""
    if "lecture" in entry:
        return length(lecture_of(entry["lecture"])[1])
    return int(entry.get("minutes", 0))


def syllabi_text() -> str:
    """Return all syllabi, a table of sessions each."""
    return "\n\n".join(syllabus(x) for x in read("syllabi.yml"))


def syllabus(what: dict[str, Any]) -> str:
    lines = [f"### {what['title']}", what["about"].strip()]
    for session in what["sessions"]:
        minutes = sum(map(minutes_of, session["entries"]))
        entries = [entry_text(entry) for entry in session["entries"]]
        lines.append(f"**{session['name']}** ({minutes} minutes)\n\n" + items(entries))
    return "\n\n".join(lines)


def entry_text(entry: dict[str, Any]) -> str:
    if "lecture" in entry:
        name, lecture = lecture_of(entry["lecture"])
        page = f"[{title(name)}](plans/{name}.md)"
        return f"Lecture, {length(lecture)} min: {page}, *{lecture['title']}*"
    if "graded" in entry:
        return f"Handed out: the graded set `{entry['graded']}`"
    if "lab" in entry:
        page = f"[{title(entry['lab'])}](plans/{entry['lab']}.md)"
        return f"Lab, {entry['minutes']} min: {page}. {entry.get('do', '')}".strip()
    return f"{entry['do']} ({entry['minutes']} min)"


# ---- Sphinx --------------------------------------------------------------------------


def write(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put a plan, or the syllabi, where a page asks for it."""
    name = docname.rpartition("/")[2]
    made = {"% plan": lambda: plan_text(name), "% syllabi": syllabi_text}
    for place, text in made.items():
        if place in source[0].splitlines():
            source[0] = source[0].replace(place, text())
            for path in [*PLANS.glob("*.yml"), BOOK / "syllabi.yml"]:
                app.env.note_dependency(str(path))


def setup(app: Sphinx) -> dict[str, object]:
    """Register with Sphinx."""
    app.connect("source-read", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
