"""From parts to points: what a person graded is added, what came late loses its share."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from .collecting import as_time
from .grader import Part
from .records import Record
from .tables import read_table, write_table

UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
RULE = re.compile(
    r"\s*(?P<percent>[\d.]+)\s*%\s*(per|a|each)\s+(?P<unit>hour|day|week)"
    r"(\s*,?\s*at\s+most\s+(?P<most>[\d.]+)\s*%)?\s*"
)
COLUMNS = ("student", "part", "points", "comment")


@dataclass(frozen=True)
class LateRule:
    """What lateness costs.

    Attributes
    ----------
    due : when all had to be handed in
    percent : of the points, lost for each unit that has begun
    unit : hour, day or week
    most : the largest loss, in percent
    extended : for some students another time, by name
    """

    due: datetime
    percent: float = 0.0
    unit: str = "day"
    most: float = 100.0
    extended: Mapping[str, datetime] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.percent:
            return "Late work loses no points."
        most = f", at most {self.most:g} %" if self.most < 100 else ""
        return f"Late work loses {self.percent:g} % of its points for each {self.unit} begun{most}."

    def due_for(self, student: str) -> datetime:
        """Return when this student had to hand in."""
        return self.extended.get(student, self.due)

    def late(self, record: Record) -> timedelta:
        """Return how late it was; no time at all if it was not, or nobody knows."""
        if record.time is None:
            return timedelta()
        return max(record.time - self.due_for(record.student), timedelta())

    def loss(self, record: Record) -> float:
        """Return the share of the points that is lost, from 0 to 1."""
        begun = math.ceil(self.late(record) / UNITS[self.unit])
        return min(self.percent * begun, self.most) / 100


def late_rule(due: str, late: str = "", extensions: Path | None = None) -> LateRule:
    """Return the rule that an instructor wrote down.

    Parameters
    ----------
    due : such as ``2026-10-01T23:59+02:00``
    late : such as ``10 % per day, at most 50 %``; empty: nothing is lost
    extensions : a CSV file with the columns student and due

    Raises
    ------
    ValueError
        If one of them is not like that.
    """
    rows = read_table(extensions, ("student", "due")) if extensions else []
    extended = {row["student"]: _time(row["due"], str(extensions)) for row in rows if row["due"]}
    rule = LateRule(_time(due, "--due"), extended=extended)
    if not late:
        return rule
    if not (found := RULE.fullmatch(late)):
        raise ValueError(f"--late: {late} is not a rule such as '10 % per day, at most 50 %'")
    percent, most = _percent(found["percent"]), _percent(found["most"] or "100")
    return LateRule(rule.due, percent, found["unit"], most, extended)


def _time(text: str, where: str) -> datetime:
    """Return a time in the zone it was written in."""
    if not (time := as_time(text, where)):
        raise ValueError(f"{where}: a time is missing")
    if _is_day(text):  # its first moment would be understood, and its last is meant
        raise ValueError(f"{where}: {text} has no time of day; say for instance {text}T23:59")
    return time.astimezone(datetime.fromisoformat(text).tzinfo)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _percent(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.inf
    if number > 100:
        raise ValueError(f"--late: {text} is not a number of percent from 0 to 100")
    return number


@dataclass(frozen=True)
class ByHand:
    """What a person decided about one part.

    Attributes
    ----------
    points : None if that is not decided yet
    comment : for the student
    """

    points: float | None = None
    comment: str = ""


Decisions = dict[tuple[str, str], ByHand]  # by student and part


@dataclass
class Mark:
    """One student's points, and how they came about.

    Attributes
    ----------
    record : what the grader found
    decisions : what a person decided, by part
    rule : what lateness costs; None if nobody asked for the time
    """

    record: Record
    decisions: dict[str, ByHand] = field(default_factory=dict)
    rule: LateRule | None = None

    @property
    def student(self) -> str:
        return self.record.student

    def points(self, part: Part) -> float | None:
        """Return the points of a part: a person's word counts most. None: not graded yet."""
        by_hand = self.decisions.get(part.name, ByHand()).points
        if by_hand is not None:
            return by_hand
        return None if part.verdict == "open" or not self.record.key else part.points

    @property
    def ungraded(self) -> list[str]:
        """The parts about which nobody has decided."""
        return [part.name for part in self.record.result.parts if self.points(part) is None]

    @property
    def earned(self) -> float:
        """The points so far, before anything is taken off."""
        return sum(self.points(part) or 0.0 for part in self.record.result.parts)

    @property
    def lost(self) -> float:
        """The points lost by lateness."""
        return round(self.earned * self.rule.loss(self.record), 2) if self.rule else 0.0

    @property
    def total(self) -> float:
        return round(self.earned - self.lost, 2)

    @property
    def out_of(self) -> float:
        return self.record.result.out_of


def read_decisions(path: Path) -> Decisions:
    """Return what a person decided, from a CSV file made by ``manual``.

    Raises
    ------
    ValueError
        If a number of points is none.
    """
    decisions: Decisions = {}
    for line, row in enumerate(read_table(path, COLUMNS), 2):
        text = row["points"].strip().replace(",", ".")
        try:
            points = float(text) if text else None
        except ValueError:
            raise ValueError(f"{path}, row {line}: {text} is not a number of points") from None
        decisions[row["student"], row["part"]] = ByHand(points, row["comment"])
    return decisions


def check_decisions(decisions: Decisions, records: Iterable[Record]) -> None:
    """Refuse decisions about nobody, and points that cannot be had; all of them are listed.

    Raises
    ------
    ValueError
        If there is one.
    """
    most = {
        (record.student, part.name): part.out_of
        for record in records
        for part in record.result.parts
    }
    wrong = []
    for (student, part), decision in decisions.items():
        if (student, part) not in most:
            wrong.append(f"{student}, {part}: there is no such result")
        elif decision.points is not None and not 0 <= decision.points <= most[student, part]:
            limit = most[student, part]
            wrong.append(f"{student}, {part}: {decision.points:g} is not from 0 to {limit:g}")
    if wrong:
        raise ValueError("points that cannot be given:\n" + "\n".join(wrong))


def write_decisions(path: Path, records: Iterable[Record], decisions: Decisions) -> int:
    """Write a CSV file in which a person grades; return how many answers still wait.

    It has a row for each answer that a person has to grade, and for each decision made so far.
    """
    rows = []
    for record in records:
        for part in record.result.parts:
            decision = decisions.get((record.student, part.name), ByHand())
            if part.verdict != "open" and decision == ByHand():
                continue
            answer = record.answers.get(part.name)
            row = {"student": record.student, "part": part.name, "out_of": f"{part.out_of:g}"}
            row["points"] = "" if decision.points is None else f"{decision.points:g}"
            row |= {"comment": decision.comment, "answer": answer.text if answer else ""}
            rows.append(row)
    rows.sort(key=lambda row: row["part"])  # one task after the other is fairer than by student
    write_table(path, ("student", "part", "out_of", "points", "comment", "answer"), rows)
    return sum(not row["points"] for row in rows)


def shown_time(time: datetime | None, zone: tzinfo | None = None) -> str:
    """Return a time for people to read, in a zone or that of this machine."""
    return time.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z") if time else "at an unknown time"


def shown_duration(late: timedelta) -> str:
    """Return how late somebody was: the two largest units."""
    minutes = math.ceil(late / timedelta(minutes=1))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    words = [f"{n} {unit}{'s' * (n != 1)}" for n, unit in parts if n]
    return " ".join(words[:2])


def unreadable(record: Record) -> bool:
    """Could nothing of this be graded?"""
    parts = record.result.parts
    return all(p.verdict == "failed" and p.message in record.result.notes for p in parts)
