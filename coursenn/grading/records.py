"""What is kept of each student: one JSON file, written whole or not at all."""

import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from ..files import whole_file
from .answers import Answer
from .cells import Notebook, cells_of
from .grader import Part, Result, clean

# What decides about points; other modules may change without grading anybody anew.
ENGINE = ("cells", "grader", "judge", "misconceptions", "sandbox", "session", "wire", "worker")
STALE = 60.0  # seconds after which a file that is being written was given up


@dataclass
class Record:
    """What grading one student's notebook gave, and when it was handed in.

    Attributes
    ----------
    student : the cleaned name
    title : of the set
    source : what the instructor's notebook and the engine were: equal for a whole class
    key : what was graded, with what; equal keys give equal points. Empty if grading failed.
    time : when it was handed in; None if that is not known
    time_from : where that is known from: the name of the file, or its date
    result : parts, notes, errors, output, ids
    answers : what the student wrote
    """

    student: str
    title: str
    source: str
    key: str
    time: datetime | None
    time_from: str
    result: Result
    answers: dict[str, Answer] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write it as ``STUDENT.json``."""
        sums = {"points": self.result.points, "out_of": self.result.out_of}
        when = {"time": self.time.isoformat() if self.time else ""}
        told = asdict(self) | when | sums
        text = json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False)
        with whole_file(folder / f"{self.student}.json") as file:
            file.write(text.encode() + b"\n")


def read_record(path: Path) -> Record:
    """Return a record.

    Raises
    ------
    ValueError
        If it is not a record of this version.
    """
    try:
        raw: dict[str, Any] = json.loads(path.read_bytes())
        result = raw["result"] | {"parts": [Part(**part) for part in raw["result"]["parts"]]}
        answers = {name: Answer(**answer) for name, answer in raw["answers"].items()}
        when = datetime.fromisoformat(raw["time"]) if raw["time"] else None
        about = {name: str(raw[name]) for name in ("student", "title", "source", "key")}
        return Record(
            **about,
            time=when,
            time_from=raw["time_from"],
            result=Result(**result),
            answers=answers,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        problem = f"{type(error).__name__}: {error}"
        raise ValueError(f"{path} is not a result of this version ({problem})") from None


def records(folder: Path) -> Iterator[Record]:
    """Yield the records of a class, one after the other, sorted by student.

    Raises
    ------
    ValueError
        If there is none, one cannot be read, or not all were graded with the same notebook.
    """
    paths = sorted(folder.glob("*.json"), key=lambda path: path.stem.casefold())
    if not paths:
        raise ValueError(f"there are no results in {folder}: grade first")
    first = None
    for path in paths:
        record = read_record(path)
        first = first or record
        if record.source != first.source:
            raise ValueError(
                f"{first.student} and {record.student} were graded with different notebooks, or "
                "with different versions of the grader: call grade again"
            )
        yield record


def remove_leftovers(folder: Path) -> None:
    """Remove what a run that was killed had begun to write."""
    for path in folder.glob(".*.part"):
        if path.lstat().st_mtime < time.time() - STALE:
            path.unlink(missing_ok=True)


def hash_of(source: Notebook, engine: str, sandbox: bool) -> str:
    """Return what stands for the instructor's notebook, the engine, and how it is run."""
    cells = [
        {k: v for k, v in raw.items() if k not in ("outputs", "execution_count")}
        for raw in source["cells"]
    ]
    told = {
        k: v
        for k, v in source.get("metadata", {}).items()
        if k not in ("kernelspec", "language_info")
    }
    return digest(engine, str(sandbox), json.dumps([cells, told], sort_keys=True))


@cache
def engine_hash() -> str:
    """Return what stands for the version of the engine: a hash of its files."""
    here = Path(__file__).parent
    return digest(*((here / f"{name}.py").read_bytes() for name in ENGINE))


def digest(*parts: bytes | str) -> str:
    """Return a hash of some texts."""
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        sha.update(len(data).to_bytes(8, "little") + data)
    return sha.hexdigest()


def title_of(source: Notebook) -> str:
    """Return the first heading of a notebook."""
    texts = [cell.text for cell in cells_of(source) if not cell.is_code]
    headings = [found for text in texts for found in re.findall(r"^#+ +(.+)", text, re.MULTILINE)]
    return clean(headings[0].strip()) if headings else "Graded notebook"
