"""The report of a class: a page for each student, the gradebook, and a page for the teacher."""

import base64
import io
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import whole_file
from . import identity, pages
from .marks import (
    Decisions,
    LateRule,
    Mark,
    check_decisions,
    shown_duration,
    unreadable,
)
from .misconceptions import REGISTRY
from .records import records
from .tables import write_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("student", "handed_in", "late", "earned", "lost", "total", "out_of", "ungraded", "note")


@dataclass
class ClassReport:
    """What is counted over a class.

    Attributes
    ----------
    title : of the set
    totals, out_of : everybody's points, and those that could be had
    most, earned : for each part the points it can give, and those that were given; what is not
        graded yet does not count
    misconceptions : who holds which
    unreadable : whose notebook could not be read
    broken : on whose the grader broke
    ungraded : of whom something is not graded yet, and what
    untimed : who handed in at an unknown time, if the time matters
    ids : the ids that students gave, if the set asks for them
    known_ids : everybody's own id, if there is a table of them
    """

    title: str = ""
    totals: list[float] = field(default_factory=list)
    out_of: float = 0.0
    most: dict[str, float] = field(default_factory=dict)
    earned: dict[str, list[float]] = field(default_factory=dict)
    misconceptions: dict[str, set[str]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    ungraded: dict[str, list[str]] = field(default_factory=dict)
    untimed: list[str] = field(default_factory=list)
    ids: dict[str, list[str]] = field(default_factory=dict)
    known_ids: dict[str, str] | None = None

    def add(self, mark: Mark) -> None:
        """Count one student."""
        self.title, self.out_of = mark.record.title, mark.out_of
        self.totals.append(mark.total)
        for part in mark.record.result.parts:
            self.most[part.name] = part.out_of
            points = mark.points(part)
            self.earned.setdefault(part.name, []).extend([] if points is None else [points])
            if part.misconception:
                self.misconceptions.setdefault(part.misconception, set()).add(mark.student)
        if not mark.record.key:
            self.broken.append(mark.student)
        elif unreadable(mark.record):
            self.unreadable.append(mark.student)
        elif mark.ungraded:
            self.ungraded[mark.student] = mark.ungraded
        if mark.rule and not mark.record.time:
            self.untimed.append(mark.student)
        if mark.record.result.ids:
            self.ids[mark.student] = mark.record.result.ids

    def share(self, part: str) -> float:
        """Return the share of a part's points that the class got, in percent."""
        earned = self.earned[part]
        return 100 * sum(earned) / (len(earned) * self.most[part]) if earned else 0.0


def report(
    results: Path,
    out: Path,
    decisions: Decisions | None = None,
    rule: LateRule | None = None,
    ids: dict[str, str] | None = None,
) -> ClassReport:
    """Write ``gradebook.csv``, ``class.html`` and ``feedback/STUDENT.html`` into a folder.

    Parameters
    ----------
    results : the folder of ``grade``
    out : the folder to write to; it is made if it is missing
    decisions : what a person decided
    rule : what lateness costs
    ids : everybody's own id, by student

    Raises
    ------
    ValueError
        If results are missing or do not belong together, or a decision cannot be.
    OSError
        If something cannot be written.
    """
    decisions = decisions or {}
    check_decisions(decisions, records(results))
    by_student: dict[str, dict[str, Any]] = {}
    for (student, part), decision in decisions.items():
        by_student.setdefault(student, {})[part] = decision
    counted, rows = ClassReport(known_ids=ids), []
    (out / "feedback").mkdir(parents=True, exist_ok=True)
    for record in records(results):
        mark = Mark(record, by_student.get(record.student, {}), rule)
        write_page(out / "feedback" / f"{record.student}.html", pages.feedback_page(mark))
        rows.append(gradebook_row(mark))
        counted.add(mark)
    columns = [*COLUMNS, *(["ids"] if counted.ids else []), *counted.most]
    write_table(out / "gradebook.csv", columns, rows)
    write_page(out / "class.html", class_page(counted))
    return counted


def write_page(path: Path, text: str) -> None:
    """Write a page, whole or not at all."""
    with whole_file(path) as file:
        file.write(text.encode("utf-8", "replace"))


def gradebook_row(mark: Mark) -> dict[str, Any]:
    """Return one student's row of the gradebook."""
    parts = {part.name: mark.points(part) for part in mark.record.result.parts}
    time, late = mark.record.time, mark.rule.late(mark.record) if mark.rule else None
    row: dict[str, Any] = {
        "student": mark.student,
        "handed_in": time.isoformat() if time else "",
        "late": shown_duration(late) if late else "",
        "earned": f"{mark.earned:g}",
        "lost": f"{mark.lost:g}",
        "total": f"{mark.total:g}",
        "out_of": f"{mark.out_of:g}",
        "ungraded": " ".join(mark.ungraded),
        "note": "; ".join(mark.record.result.notes),
    }
    if ids := mark.record.result.ids:
        row["ids"] = ", ".join(ids)
    return row | {name: "" if p is None else f"{p:g}" for name, p in parts.items()}


def class_page(counted: ClassReport) -> str:
    """Return the page for the teacher: who got what, task by task, and who holds what wrong."""
    totals, n = counted.totals, len(counted.totals)
    middle = (
        f"{n} {'submission' if n == 1 else 'submissions'}. Of {counted.out_of:g} points the median "
        f"is {statistics.median(totals):g}, the mean {statistics.fmean(totals):.3g}; they run from "
        f"{min(totals):g} to {max(totals):g}."
    )
    body = [f"<h1>{escape(counted.title)}: the class</h1>", f"<p>{middle}</p>"]
    body += [f"<p>{escape(text)}</p>" for text in open_ends(counted)]
    body += [
        pages.figure(picture(lambda ax: _draw_totals(ax, counted), 2.8), f"Histogram. {middle}"),
        "<h2>Points of each task</h2>",
        *_tasks(counted),
        "<h2>Misconceptions</h2>",
        *_misconceptions(counted),
    ]
    return pages.page(f"{counted.title}: the class", body)


def open_ends(counted: ClassReport) -> list[str]:
    """Return sentences on what is not decided, and on what somebody should look at."""
    sentences = [
        (counted.broken, "The grader broke on the notebooks of"),
        (counted.unreadable, "Nothing could be read of what was handed in by"),
        (counted.untimed, "Nobody knows when these handed in, and they lose nothing:"),
    ]
    found = [f"{text} {', '.join(names)}." for names, text in sentences if names]
    waiting = Counter(part for parts in counted.ungraded.values() for part in parts)
    if waiting:
        tasks = ", ".join(f"{part} ({number})" for part, number in sorted(waiting.items()))
        found.append(f"Not graded yet, and counted as no points: {tasks}.")
    return found + identity.open_questions(counted.ids, counted.known_ids)


def _tasks(counted: ClassReport) -> list[str]:
    shares = {part: counted.share(part) for part in counted.most}
    rows = []
    for part, most in counted.most.items():
        earned = counted.earned[part]
        full = sum(points >= most for points in earned)
        none = sum(not points for points in earned)
        reached = f"{shares[part]:.0f} %" if earned else "–"
        numbers = [f"{most:g}", reached, f"{full}", f"{none}", f"{len(earned)}"]
        rows.append([part, *numbers])
    head = ["task", "points", "reached", "all points", "no points", "graded"]
    low, high = min(shares, key=lambda k: shares[k]), max(shares, key=lambda k: shares[k])
    alt = (
        f"A bar for each task: the share of its points that the class reached, from "
        f"{shares[low]:.0f} % ({low}) to {shares[high]:.0f} % ({high})."
    )
    bars = _bars(list(shares.items()), "points reached, %", 100)
    return [pages.figure(picture(*bars), alt), pages.table(head, rows, numbers=5)]


def _misconceptions(counted: ClassReport) -> list[str]:
    held = sorted(counted.misconceptions.items(), key=lambda item: (-len(item[1]), item[0]))
    if not held:
        return ["<p>No wrong answer was one that the tests know.</p>"]
    n = len(counted.totals)
    rows = [
        [name, str(REGISTRY.get(name, "")), f"{len(students)} of {n}"] for name, students in held
    ]
    alt = (
        f"A bar for each misconception: how many students hold it. The most frequent is "
        f"{held[0][0]}, with {len(held[0][1])} of {n}."
    )
    bars = _bars([(name, len(students)) for name, students in held], "students", None)
    head = ["misconception", "what students are told", "students"]
    return [pages.figure(picture(*bars), alt), pages.table(head, rows, numbers=1)]


def picture(draw: Callable[["Axes"], None], height: float) -> str:
    """Return a figure in the style of the book, as the address of an SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from ..plotting import use_book_style

    with mpl.rc_context():
        use_book_style()
        # names are names: a dollar sign in one is no mathematics; equal data, equal file
        mpl.rcParams.update({"text.parse_math": False, "svg.hashsalt": "coursenn"})
        fig = Figure(figsize=(6.4, height), layout="constrained")
        draw(fig.subplots())
        file = io.BytesIO()
        fig.savefig(file, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()


def _bars(
    bars: Sequence[tuple[str, float]], xlabel: str, top: float | None
) -> tuple[Callable[["Axes"], None], float]:
    """Return what draws bars with their names, and how high it should be."""
    names = [name if len(name) <= 32 else name[:31] + "…" for name, _ in bars]

    def draw(ax: "Axes") -> None:
        from matplotlib.ticker import MaxNLocator

        values = [value for _, value in bars]
        ax.barh(range(len(bars)), values)
        ax.set_yticks(range(len(bars)), names)
        ax.set(xlabel=xlabel, xlim=(0, top or max(values) * 1.08))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.invert_yaxis()

    return draw, 0.8 + 0.3 * len(bars)


def _draw_totals(ax: "Axes", counted: ClassReport) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.hist(counted.totals, bins=20, range=(0, max(counted.out_of, 1)), edgecolor="white")
    ax.set(xlabel=f"points, of {counted.out_of:g}", ylabel="students")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
