"""Results into the gradebook of nbgrader, and points that a person gave there out of it.

With them nbgrader's formgrader, feedback and export work as if nbgrader had graded. It never
runs what students wrote: no submission lies where its autograder would look for one, and in a
course that is made here, running cells is switched off.
"""

import importlib
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

from ..files import whole_file
from .cells import Cell, Notebook, cell_of, cells_of, release
from .grader import Part
from .marks import ByHand, Decisions, LateRule, Mark
from .records import Record, engine_hash, hash_of, records

CONFIG = """\
c = get_config()  # noqa
# What students wrote is run by coursenn.grading, in a sandbox. nbgrader would run it with your
# rights, so it is kept from running anything at all.
c.Execute.enabled = False
"""
# What MathJax understands and no derivation needs: links and styles of the writer's choice.
COMMANDS = re.compile(r"\\(?=(href|url|require|class|cssId|style|data)\b)")


def fill_gradebook(
    course: Path, source: Notebook, name: str, results: Path, rule: LateRule | None = None
) -> int:
    """Write the results of a class into the gradebook of a course; return how many they are.

    Points that a person gave in formgrader stay. They are marked for another look if the
    student has handed in something new since.

    Parameters
    ----------
    course : the course folder of nbgrader; it is made if it is missing
    source : the instructor's notebook
    name : of the set, and of its notebook: as nbgrader knows it
    results : the folder of ``grade``
    rule : what lateness costs

    Raises
    ------
    ValueError
        If the results are of another notebook, or the gradebook knows other cells.
    ImportError
        If nbgrader is not installed.
    """
    known = [hash_of(source, engine_hash(), sandbox) for sandbox in (True, False)]
    count = 0
    with opened(course) as book:
        _prepare(course, source, name)
        _describe(book, cells_of(source), source, name)
        for record in records(results):
            if record.source not in known:
                raise ValueError("the notebook or the grader has changed: call grade again")
            _enter(book, record, name, rule)
            folder = course / "autograded" / record.student / name
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / f"{name}.ipynb", graded_notebook(source, record))
            count += 1
    return count


def decisions_of(course: Path, name: str, results: Path) -> Decisions:
    """Return the points and comments that a person gave in formgrader.

    Raises
    ------
    ValueError
        If there is no such gradebook, or no such set in it.
    ImportError
        If nbgrader is not installed.
    """
    if not (course / "gradebook.db").exists():
        raise ValueError(f"{course} has no gradebook.db")
    found: Decisions = {}
    with opened(course) as book:
        if name not in (known := sorted(assignment.name for assignment in book.assignments)):
            there = ", ".join(known) or "none"
            raise ValueError(f"{course} has no set {name!r}; say --set with one of these: {there}")
        for record in records(results):
            for notebook in _notebooks(book, record.student, name):
                comments = {c.name: c.manual_comment or "" for c in notebook.comments}
                for grade in notebook.grades:
                    if grade.manual_score is not None and not grade.needs_manual_grade:
                        points = grade.manual_score + (grade.extra_credit or 0.0)
                        comment = comments.get(grade.name, "")
                        found[record.student, grade.name] = ByHand(points, comment)
    return found


def graded_notebook(source: Notebook, record: Record) -> Notebook:
    """Return what formgrader shows: the release with a student's answers and our results.

    Nothing in it is run by a browser, whatever a student wrote: HTML in text is shown as text,
    and of outputs only pictures are kept.
    """
    notebook = release(source)
    parts = {part.name: part for part in record.result.parts}
    for raw in notebook["cells"]:
        cell = cell_of(raw)
        raw["metadata"].pop("coursenn", None)
        if cell.role == "answer":
            answer = record.answers.get(cell.name)
            text = answer.text if answer else ""
            raw["source"] = text if cell.is_code else harmless(text)
            if answer and cell.is_code:
                raw["outputs"] = [_picture(picture) for picture in answer.pictures]
        elif cell.role == "test" and parts[cell.name].verdict == "failed":
            raw["outputs"] = [_message(parts[cell.name])]
    return notebook


def harmless(text: str) -> str:
    """Return Markdown without HTML, and without commands that lead elsewhere."""
    return COMMANDS.sub("", text.replace("&", "&amp;").replace("<", "&lt;"))


@contextmanager
def opened(course: Path) -> Iterator[Any]:
    """Open nbgrader's gradebook of a course; it is made if it is missing.

    Raises
    ------
    ImportError
        If nbgrader is not installed.
    """
    try:
        api = importlib.import_module("nbgrader.api")
    except ImportError:
        how = "in the folder of the project, pip install -r requirements-grading.txt"
        raise ImportError(f"this needs nbgrader: {how}") from None
    course.mkdir(parents=True, exist_ok=True)
    # nbgrader starts a program, alembic, that lies beside Python; who calls Python by its path
    # has not told the shell of it
    beside, path = os.path.dirname(sys.executable), os.environ.get("PATH", "")
    if beside not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join(filter(None, [path, beside]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbgrader to itself, about its database
        with api.Gradebook(f"sqlite:///{(course / 'gradebook.db').resolve()}") as book:
            yield book


def _prepare(course: Path, source: Notebook, name: str) -> None:
    """Make what formgrader wants to find in a course, unless it is there."""
    path = course / "source" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write(path, source)
    config = course / "nbgrader_config.py"
    if not config.exists():
        with whole_file(config) as file:
            file.write(CONFIG.encode())


def _describe(book: Any, cells: list[Cell], source: Notebook, name: str) -> None:
    """Tell the gradebook what cells a set has.

    Raises
    ------
    ValueError
        If it knows others, with points for them.
    """
    book.update_or_create_assignment(name)
    kernel = json.dumps(source.get("metadata", {}).get("kernelspec", {}))
    notebook = book.update_or_create_notebook(name, name, kernelspec=kernel)
    ours = {cell.name for cell in cells if cell.points}
    theirs = {cell.name for cell in notebook.grade_cells}
    if theirs - ours or (theirs != ours and notebook.submissions):
        different = ", ".join(sorted(theirs ^ ours))
        raise ValueError(
            f"the gradebook knows {name} with other cells: {different}. If nothing in it is "
            f"needed any more: nbgrader db assignment remove {name} --force"
        )
    for cell in cells:
        kind = {"cell_type": "code" if cell.is_code else "markdown"}
        if cell.points:
            most = {"max_score": cell.points}
            book.update_or_create_grade_cell(cell.name, name, name, **kind, **most)
        if cell.role == "answer":
            book.update_or_create_solution_cell(cell.name, name, name)
        if cell.name:
            text = {"source": cell.stub, "locked": cell.role != "answer"}
            book.update_or_create_source_cell(cell.name, name, name, **kind, **text)


def _notebooks(book: Any, student: str, name: str) -> list[Any]:
    """Return what the gradebook knows of a student's notebooks in a set."""
    missing = importlib.import_module("nbgrader.api").MissingEntry
    try:
        return [n for n in book.find_submission(name, student).notebooks if n.name == name]
    except missing:
        return []


def _enter(book: Any, record: Record, name: str, rule: LateRule | None) -> None:
    """Enter one student's points."""
    book.update_or_create_student(record.student)
    before = [n.assignment.timestamp for n in _notebooks(book, record.student, name)]
    time = record.time.astimezone(UTC).replace(tzinfo=None) if record.time else None
    book.update_or_create_submission(name, record.student, timestamp=time)
    new = before != [time]
    parts = {part.name: part for part in record.result.parts}
    for notebook in _notebooks(book, record.student, name):
        for grade in notebook.grades:
            part = parts[grade.name]
            opened = part.verdict == "open" or not record.key
            by_hand = grade.manual_score is not None
            grade.auto_score = None if opened else part.points
            grade.needs_manual_grade = (opened and not by_hand) or (by_hand and new)
        for comment in notebook.comments:
            answer = record.answers.get(comment.name)
            comment.auto_comment = None if answer and answer.text.strip() else "No response."
        given = {g.name: ByHand(g.manual_score) for g in notebook.grades}
        notebook.late_submission_penalty = Mark(record, given, rule).lost
    book.db.commit()


def _message(part: Part) -> dict[str, Any]:
    """Return an output that shows what a student is told; it is escaped where it is shown."""
    output = {"output_type": "error", "ename": "Failed", "evalue": ""}
    return output | {"traceback": part.message.split("\n")}


def _picture(picture: str) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}


def _write(path: Path, notebook: Notebook) -> None:
    with whole_file(path) as file:
        file.write(json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n")
