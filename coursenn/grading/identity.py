"""Whose numbers are they? A set can ask students for their id, and make their task from it.

Such a set names the variable that holds the id in its metadata. The grader keeps the id that
its tests were given; here it is compared with the name under which the work was handed in. This
costs nobody points: an id may be mistyped. It is for the instructor to ask.
"""

import re
from collections.abc import Mapping, Sequence

Ids = Mapping[str, Sequence[str]]  # by student: what the tests were given, mostly one id


def same_id(text: str) -> str:
    """Return an id without what makes no difference to it."""
    return text.strip().casefold()


def stands_in(given: str, name: str) -> bool:
    """Does an id stand in the name of a submission, between others that the platform added?"""
    return bool(_words(given).strip()) and _words(given) in _words(name)


def open_questions(ids: Ids, known: Mapping[str, str] | None = None) -> list[str]:
    """Return sentences on whose id is not their own, or that of somebody else too.

    Parameters
    ----------
    ids : what students gave
    known : everybody's own id, by student. Without it, an id has to stand in the name of the
        submission; where nobody's does, names of submissions say nothing about ids.
    """
    named = [student for student, given in ids.items() if any(stands_in(g, student) for g in given)]
    strange, unknown = {}, []
    for student, given in ids.items():
        if known is not None and student not in known:
            unknown.append(student)
        elif known is not None:
            strange[student] = [g for g in given if same_id(g) != same_id(known[student])]
        elif named:
            strange[student] = [g for g in given if not stands_in(g, student)]
    sentences = []
    if others := [f"{student} ({', '.join(given)})" for student, given in strange.items() if given]:
        sentences.append(f"These gave an id that is not theirs: {', '.join(others)}.")
    if unknown:
        sentences.append(f"These are not in the table of ids: {', '.join(unknown)}.")
    if ids and known is None and not named:
        sentences.append(
            "No submission has its student's id in its name, so that ids could not be compared: "
            "give them with --ids."
        )
    return sentences + [
        f"The same id, {given}, was given by {', '.join(students)}."
        for given, students in _shared(ids).items()
    ]


def _shared(ids: Ids) -> dict[str, list[str]]:
    """Return the ids that several students gave."""
    users: dict[str, list[str]] = {}
    for student, given in ids.items():
        for one in dict.fromkeys(map(same_id, given)):
            users.setdefault(one, []).append(student)
    return {given: students for given, students in users.items() if len(students) > 1}


def _words(text: str) -> str:
    """Return the words of a name, each between spaces."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return f" {' '.join(words)} "
