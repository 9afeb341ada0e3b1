"""Collect what was handed in: from a folder, or the zip file of a learning platform.

Of each student the newest notebook is copied into one folder, as ``STUDENT.ipynb``, and a
table says when it was handed in. Nothing that comes from a student is believed: names are
cleaned, links, pipes and large files refused, and nothing is unpacked by its own name.
"""

import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from ..files import whole_file
from .cells import MAX_BYTES, BadNotebook, read_bytes
from .naming import clean_name, shown
from .tables import read_table, write_table

TABLE = "handed_in.csv"
COLUMNS = ("student", "time", "time_from", "file", "problem")
MAX_FILES = 100_000
MAX_RATIO = 200  # a notebook full of zeros packs to a hundredth; a bomb to a thousandth
# Whose file is it? These names are made by the platform; what a student chose comes last, and
# the first match counts, so that nobody can hand in under the name of another.
PATTERNS = {
    "plain": r"(?P<student>[^/]+?)(/.*)?\.ipynb",
    "moodle": r"(?P<student>[^/]+?_\d+)_assignsubmission_file[_/].*\.ipynb",
    "canvas": r"(?P<student>[^/_]+)(_LATE)?_(?P<id>\d+)_\d+_[^/]*\.ipynb",
    "nbgrader": r"[^/_]+_(?P<student>[^/]+?)_attempt_(?P<time>\d{4}(-\d\d){5})_[^/]*\.ipynb",
}
EXAMPLES = {
    "plain": "ada.ipynb, ada/set.ipynb, ada/set/set.ipynb",
    "moodle": "Ada Lovelace_1234_assignsubmission_file_/set.ipynb",
    "canvas": "lovelaceada_LATE_4711_98765_set-1.ipynb",
    "nbgrader": "set_ada_attempt_2026-10-01-23-59-00_set.ipynb",
}
# What systems and editors leave lying about; nobody needs to hear of it.
LITTER = re.compile(r"(^|/)(__MACOSX|\.ipynb_checkpoints|\._[^/]*|\.DS_Store|Thumbs\.db)(/|$)")


class LeftOut(Exception):
    """A file is not collected; the message says why."""


@dataclass(frozen=True)
class Found:
    """A file of a download.

    Attributes
    ----------
    path : where it lies in the folder or zip file, with forward slashes
    time : of its last change; None if that is not known
    read : returns its bytes, or raises LeftOut or BadNotebook
    """

    path: str
    time: datetime | None
    read: Callable[[], bytes]


@dataclass(frozen=True)
class HandedIn:
    """What is known of a student's notebook: a row of the table beside it.

    Attributes
    ----------
    student : the cleaned name
    time : when it was handed in; None if that is not known
    time_from : where the time comes from: the name of the file, or its date
    file : what it was called
    problem : why it was not copied, a sentence for the student; empty if it was
    """

    student: str
    time: datetime | None
    time_from: str
    file: str
    problem: str = ""

    @property
    def rank(self) -> tuple[bool, float, str]:
        """What is greater counts: what could be read, the newest, the last by its name."""
        return not self.problem, self.time.timestamp() if self.time else 0.0, self.file


@dataclass
class Collected:
    """What ``collect`` did.

    Attributes
    ----------
    new : what was handed in since the last call, by student
    left_out : a sentence for each file that was not taken
    """

    new: dict[str, HandedIn] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def collect(
    download: Path, out: Path, pattern: str = PATTERNS["plain"], zone: tzinfo | None = None
) -> Collected:
    """Copy the newest notebook of each student from a folder or zip file.

    What is there already from an earlier call stays, unless this download has a newer one.

    Parameters
    ----------
    download : a folder or a zip file
    out : the folder to copy to; it is made if it is missing
    pattern : a regular expression for the whole path of a notebook within the download. Its
        group ``student`` is the name; groups ``id``, which is added to the name, and ``time``
        may be there. A time has six numbers, from the year to the second.
    zone : of times without one, in file names and zip files; by default that of this machine

    Raises
    ------
    ValueError
        If the download or the pattern cannot be used, or no notebook is found, or it seems
        that all are from one student.
    OSError
        If the download cannot be read, or ``out`` cannot be written to.
    """
    rule = compiled_pattern(pattern)
    result = Collected()
    table = {row.student.casefold(): row for row in read_handed_in(out).values()}
    with ExitStack() as stack:
        found = files_of(download, stack, zone)
        rows = [(file, identified(file, rule, zone, result)) for file in found]
        ours = [(file, row) for file, row in rows if row]
        _check_names([row for _, row in ours], found, pattern)
        out.mkdir(parents=True, exist_ok=True)
        for file, row in sorted(ours, key=lambda pair: pair[1].rank, reverse=True):
            newest = table.get(row.student.casefold())  # some systems know no capitals
            if newest and (newest.rank >= row.rank or newest.student != row.student):
                result.left_out += [_why_not(row, newest)] * (newest.file != row.file)
                continue
            row = _copied(file, row, out)
            if row.problem:
                result.left_out.append(f"{row.student}: {row.file}: {row.problem}")
            if not newest or row.rank > newest.rank:
                table[row.student.casefold()] = result.new[row.student] = row
    if result.new:
        write_handed_in(out, table.values())
    return result


def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """Return a pattern that names students.

    Raises
    ------
    ValueError
        If it is no regular expression, or has no group ``student``.
    """
    try:
        rule = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"the pattern {pattern} is not a regular expression: {error}") from None
    if "student" not in rule.groupindex:
        raise ValueError(f"the pattern {pattern} has no group (?P<student>...)")
    return rule


def files_of(download: Path, stack: ExitStack, zone: tzinfo | None = None) -> list[Found]:
    """Return the files of a folder or zip file; they can be read until the stack is closed.

    Raises
    ------
    ValueError
        If it is neither, or the zip file was made to do harm.
    """
    if download.is_dir():
        return list(_files_of_folder(download))
    try:
        archive = stack.enter_context(zipfile.ZipFile(download))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ValueError(f"{download} is neither a folder nor a zip file: {error}") from None
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MAX_FILES:
        raise ValueError(f"{download} has more than {MAX_FILES:,} files")
    if sum(member.compress_size for member in members) > download.stat().st_size:
        raise ValueError(f"{download} was made to do harm: the files in it overlap")
    return [
        Found(member.filename.replace("\\", "/"), _time_of(member, zone), _reader(archive, member))
        for member in sorted(members, key=lambda member: member.filename)
    ]


def identified(
    file: Found, rule: re.Pattern[str], zone: tzinfo | None, result: Collected
) -> HandedIn | None:
    """Return whose file it is; note why if it is nobody's."""
    if LITTER.search(file.path):
        return None
    match = rule.fullmatch(file.path)
    if leads_out(file.path):
        why = "its name leads out of the download"
    elif not file.path.lower().endswith(".ipynb"):
        why = "it is not a notebook"
    elif not match or not (match["student"] or "").strip():
        why = "its name does not fit the pattern"
    else:
        groups = match.groupdict()
        name = "_".join(filter(None, [groups["student"], groups.get("id")]))
        time = time_in_name(groups.get("time") or "", zone)
        source = "name" if time else "date"
        return HandedIn(clean_name(name), time or file.time, source, shown(file.path))
    result.left_out.append(f"{shown(file.path)}: {why}")
    return None


def leads_out(path: str) -> bool:
    """Does a path point to somewhere outside the folder it is in?"""
    return bool(re.match(r"/|[A-Za-z]:", path)) or ".." in path.split("/")


def time_in_name(text: str, zone: tzinfo | None) -> datetime | None:
    """Return the time that six numbers in a file name make, or None if they make none."""
    numbers = [int(number) for number in re.findall(r"\d{1,4}", text)]
    try:
        year, month, day, hour, minute, second = numbers[:6]
        return _in_zone(datetime(year, month, day, hour, minute, second), zone)
    except (ValueError, OverflowError):
        return None


def as_time(text: str, where: object) -> datetime | None:
    """Return a time as it is written in a table; a time without a zone is this machine's.

    Raises
    ------
    ValueError
        If it is neither empty nor a time.
    """
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        example = "2026-10-01T23:59+02:00"
        raise ValueError(f"{where}: {shown(text)} is not a time such as {example}") from None


def read_handed_in(folder: Path) -> dict[str, HandedIn]:
    """Return what the table of a folder says, by student; nothing if there is no table.

    Rows of notebooks that are no longer there are passed over.

    Raises
    ------
    ValueError
        If the table cannot be read.
    """
    path = folder / TABLE
    rows = read_table(path, COLUMNS) if path.exists() else []
    known = [
        HandedIn(row["student"], as_time(row["time"], path), *(row[name] for name in COLUMNS[2:]))
        for row in rows
    ]
    there = [row for row in known if row.problem or (folder / f"{row.student}.ipynb").exists()]
    return {row.student: row for row in there}


def write_handed_in(folder: Path, rows: Iterable[HandedIn]) -> None:
    """Write the table of a folder."""
    cells = [
        {**vars(row), "time": row.time.isoformat() if row.time else ""}
        for row in sorted(rows, key=lambda row: row.student)
    ]
    write_table(folder / TABLE, COLUMNS, cells)


def _copied(file: Found, row: HandedIn, out: Path) -> HandedIn:
    """Copy a file; return its row, with the problem if there is one."""
    try:
        data = file.read()
    except (LeftOut, BadNotebook) as problem:
        return replace(row, problem=str(problem))
    with whole_file(out / f"{row.student}.ipynb") as copy:
        copy.write(data)
    return row


def _in_zone(naive: datetime, zone: tzinfo | None) -> datetime:
    return (naive.replace(tzinfo=zone) if zone else naive).astimezone(UTC)


def _check_names(rows: list[HandedIn], found: list[Found], pattern: str) -> None:
    """Stop where the pattern finds nobody, or looks for names where there are none."""
    students = {row.student for row in rows}
    for name, other in PATTERNS.items():
        fits = rows and all(re.fullmatch(other, row.file) for row in rows)
        if fits and pattern == PATTERNS["plain"] != other:
            raise ValueError(f"these files are called as by {name}: say --lms {name}")
    if rows and (len(rows) < 3 or len(students) > 1 or pattern != PATTERNS["plain"]):
        return
    problem = "no notebook was found whose name fits the pattern"
    if rows:
        problem = f"all {len(rows)} notebooks would be from one student, {students.pop()}"
    examples = [f"    {shown(file.path)}" for file in found[:5]] or ["    nothing"]
    advice = "say with --lms or --pattern where a student's name stands. What is there:"
    raise ValueError("\n".join([f"{problem}; {advice}", *examples]))


def _why_not(row: HandedIn, newest: HandedIn) -> str:
    what = f"{row.student}: {row.file}"
    if newest.student != row.student:
        return f"{what}: the name differs from {newest.student} in small and large letters alone"
    if newest.time == row.time:
        return f"{what}: {newest.file} is of the same time, and was taken"
    return f"{what}: {newest.file} is newer"


def _files_of_folder(folder: Path) -> Iterator[Found]:
    for place, inner, names in os.walk(folder):  # it follows no links
        inner.sort()
        links = [name for name in inner if os.path.islink(os.path.join(place, name))]
        for name in sorted(names + links):
            path = Path(place, name)
            time = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
            yield Found(path.relative_to(folder).as_posix(), time, _opener(path))


def _opener(path: Path) -> Callable[[], bytes]:
    return lambda: read_bytes(path)


def _time_of(member: zipfile.ZipInfo, zone: tzinfo | None) -> datetime | None:
    try:
        return _in_zone(datetime(*member.date_time), zone)
    except (ValueError, OverflowError):
        return None


def _reader(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], bytes]:
    """Return what reads a file of a zip file, unless that could do harm."""

    def read() -> bytes:
        if why := _refused(member):
            raise LeftOut(why)
        try:
            with archive.open(member) as file:
                return file.read(MAX_BYTES)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
            raise LeftOut(f"it cannot be unpacked: {shown(str(error))}") from None

    return read


def _refused(member: zipfile.ZipInfo) -> str:
    """Return why a file of a zip file is not read; empty if it is."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "it is a link; hand in the notebook itself"
    if kind not in (0, stat.S_IFREG):
        return "it is not a regular file"
    if member.flag_bits & 1:
        return "it is encrypted"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is packed in an unusual way"
    if member.file_size > MAX_BYTES:
        return (
            f"it has {member.file_size >> 20} MB, and {MAX_BYTES >> 20} MB is the limit: clear "
            "its outputs (Edit, Clear Outputs of All Cells), save, hand it in again"
        )
    if member.file_size > max(1 << 20, MAX_RATIO * member.compress_size):
        return "it unpacks to a suspicious size"
    return ""
