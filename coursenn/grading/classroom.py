"""Grade a class: on all cores or a cluster, and again from where it was stopped.

Each student's result is a file of its own. What is graded already, with the same notebook and
the same engine, is not graded again. A submission on which the grader itself breaks costs
nobody else anything.
"""

import importlib
import os
import pickle
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]

from .answers import Answer, answers_of
from .cells import BadNotebook, Notebook, read_bytes
from .collecting import read_handed_in
from .grader import Result, clean, grade, preflight, unreadable
from .naming import clean_name
from .records import Record, digest, engine_hash, hash_of, read_record, remove_leftovers, title_of
from .sandbox import NoSandbox

SECONDS = 600.0  # by the clock, for one submission: far more than its own limits allow
BROKE = "the grader broke on this notebook; a person has to look at it"

CHILD = "from coursenn.grading.classroom import child; child()"


@dataclass(frozen=True)
class Submission:
    """A notebook that was handed in.

    Attributes
    ----------
    student : the cleaned name
    path : of the notebook
    time, time_from : when it was handed in, and where that is known from
    problem : why there is no notebook, if there is none
    """

    student: str
    path: Path
    time: datetime | None = None
    time_from: str = ""
    problem: str = ""

    def read(self) -> bytes | str:
        """Return the bytes of the notebook, or a sentence that says why there are none."""
        try:
            return self.problem or read_bytes(self.path)
        except BadNotebook as problem:
            return str(problem)


@dataclass
class Graded:
    """What came of one submission.

    Attributes
    ----------
    student : whose it is
    result, answers : what goes into the record
    key : what was graded, with what; empty if the result is no final one
    failure : what went wrong in the grader, if anything did
    """

    student: str
    result: Result
    answers: dict[str, Answer] = field(default_factory=dict)
    key: str = ""
    failure: str = ""


@dataclass
class Summary:
    """What grading a class gave.

    Attributes
    ----------
    graded, known : how many were graded now, and before
    failures : by student, what went wrong in the grader
    others : whose results are there without a submission
    """

    graded: int = 0
    known: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Task:
    """How to grade: it is sent to every process.

    Attributes
    ----------
    source : the instructor's notebook
    sandbox : False runs students' code with the rights of whoever grades
    engine, version : what stands for this grader, and for grader and notebook together
    apart : grade each submission in a new process. A worker of a cluster needs that: it has
        threads, and tests may change what warnings do in a process; and it must not die.
    parent : the process that wants to know; its children end with it
    """

    source: Notebook
    sandbox: bool = True
    apart: bool = False
    engine: str = field(default_factory=engine_hash)
    parent: int = field(default_factory=os.getpid)

    @cached_property
    def version(self) -> str:
        return hash_of(self.source, self.engine, self.sandbox)

    def key(self, data: bytes | str) -> str:
        """Return what stands for a submission, and all that decides about its points."""
        return digest(self.version, type(data).__name__, data)

    def __call__(self, student: str, data: bytes | str) -> Graded:
        """Grade one submission; what is text instead of bytes says why there is none.

        Raises
        ------
        NoSandbox, OtherVersion
            If this machine cannot grade as it should. Nothing else ends it.
        """
        self.prepare()
        if isinstance(data, str):
            return Graded(student, unreadable(self.source, data), key=self.key(data))
        if self.apart:
            return self.grade_apart(student, data)
        try:
            with deadline(SECONDS):
                result = grade(self.source, data, sandbox=self.sandbox)
            return Graded(student, result, answers_of(self.source, data), self.key(data))
        except NoSandbox:
            raise
        except TooLong:
            return self.broken(student, "it took too long")
        except Exception as error:
            return self.broken(student, clean(f"{type(error).__name__}: {error}"))

    def grade_apart(self, student: str, data: bytes) -> Graded:
        """Grade one submission in a process of its own."""
        order = pickle.dumps((replace(self, apart=False), student, data))
        command = [sys.executable, "-c", CHILD]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            options: dict[str, Any] = {"env": environment, "timeout": SECONDS + 10}
            done = subprocess.run(command, input=order, capture_output=True, check=True, **options)
        except subprocess.TimeoutExpired:
            return self.broken(student, "it took too long")
        except subprocess.CalledProcessError as error:
            lines = error.stderr.decode("utf-8", "replace").strip().splitlines() or [str(error)]
            return self.broken(student, clean(lines[-1]))
        return pickle.loads(done.stdout)  # from this function's own process, not a student's

    def problems(self) -> list[str]:
        """Return why this notebook cannot be used to grade here; at best, nothing."""
        self.prepare()
        return preflight(self.source, sandbox=self.sandbox)

    def prepare(self) -> None:
        """Make sure that this process grades as it should, and ends when it should."""
        if self.engine != engine_hash():
            raise OtherVersion(f"{platform.node()} has another version of coursenn")
        if os.getppid() == self.parent:
            end_with(self.parent)

    def broken(self, student: str, failure: str) -> Graded:
        """Return the result of a submission on which the grader broke."""
        return Graded(student, unreadable(self.source, BROKE), failure=failure)


def say_now(line: str) -> None:
    """Print a line at once, even into a file or a pipe."""
    print(line, flush=True)


def submissions(path: Path) -> list[Submission]:
    """Return what was handed in: the notebooks of a folder, or the one that path names.

    Raises
    ------
    ValueError
        If there is none, or the table of hand-in times cannot be read.
    """
    if not os.path.lexists(path):
        raise ValueError(f"{path}: there is no such folder or notebook")
    if not path.is_dir():
        return [Submission(clean_name(path.stem), path)]
    table = read_handed_in(path)
    paths = {clean_name(file.stem): file for file in sorted(path.glob("*.ipynb"))}
    found = []
    for student in sorted({*paths, *table}, key=str.casefold):
        row = table.get(student)
        more = (row.time, row.time_from, row.problem) if row else ()
        found.append(Submission(student, paths.get(student, path), *more))
    if not found:
        raise ValueError(f"there is no notebook in {path}")
    return found


def grade_class(
    task: Task,
    handed_in: list[Submission],
    results: Path,
    *,
    jobs: int | None = None,
    dask: str = "",
    say: Callable[[str], object] = say_now,
) -> Summary:
    """Grade what was handed in, and write a record of each student into a folder.

    Parameters
    ----------
    task : how to grade
    handed_in : from ``submissions``
    results : the folder for the records
    jobs : how many processes; by default one for each core, and at least two. With one, all
        is graded in this process.
    dask : the address of a Dask scheduler, whose workers then grade
    say : is called with a line for each student

    Raises
    ------
    ValueError
        If the notebook cannot be used to grade: its own answers fail, for instance.
    NoSandbox
        If a machine that has to grade has no sandbox.
    OSError, ImportError
        If the records cannot be written, or the cluster cannot be used.
    """
    results.mkdir(parents=True, exist_ok=True)
    remove_leftovers(results)
    there = {path.stem for path in results.glob("*.json")}
    summary = Summary(others=sorted(there - {one.student for one in handed_in}))
    todo = {one.student: one for one in handed_in if not _is_known(task, one, results)}
    summary.known = len(handed_in) - len(todo)
    if not todo:
        return summary
    with machines(dask):
        task = replace(task, apart=bool(dask))
        jobs = jobs or (-1 if dask else max(2, joblib.cpu_count()))
        check_source(task, jobs)
        start = time.monotonic()
        for graded in spread(task, todo, jobs):
            summary.graded += 1
            if graded.failure:
                summary.failures[graded.student] = graded.failure
            _write(task, todo[graded.student], graded, results)
            left = len(todo) - summary.graded
            seconds = (time.monotonic() - start) / summary.graded * left
            say(_line(graded, len(handed_in) - left, len(handed_in), seconds))
    return summary


def spread(task: Task, todo: dict[str, Submission], jobs: int) -> Iterator[Graded]:
    """Yield submissions as they are graded, in several processes.

    If one of the processes is killed, all that were at work are lost. What they worked on is
    then graded one by one, to find out which submission it was.
    """
    waiting = dict(todo)
    sent: list[str] = []

    def run(students: list[str]) -> Iterator[Graded]:
        sent.clear()
        options = {"pre_dispatch": "n_jobs", "batch_size": 1, "return_as": "generator_unordered"}
        # joblib would wait for ever for what a dead worker of a cluster had to do
        timeout = 2 * SECONDS if task.apart else None
        parallel = joblib.Parallel(jobs, timeout=timeout, **options)
        try:
            for graded in parallel(calls(students)):
                del waiting[graded.student]
                yield graded
        except TimeoutError:
            raise TimeoutError("the cluster has lost a submission: call again to go on") from None

    def calls(students: list[str]) -> Iterator[Any]:
        for student in students:
            sent.append(student)
            yield joblib.delayed(_call)(task, student, waiting[student].read())

    while waiting:
        try:
            yield from run(list(waiting))
        except BrokenProcessPool:
            for student in [student for student in sent if student in waiting]:
                try:
                    yield from run([student])
                except BrokenProcessPool:
                    del waiting[student]
                    yield task.broken(student, "its process was killed, perhaps for its memory")


def check_source(task: Task, jobs: int) -> None:
    """Make sure, where students' work is graded, that the author's gets all points.

    Raises
    ------
    ValueError
        If it does not.
    """
    (problems,) = joblib.Parallel(jobs)([joblib.delayed(task.problems)()])
    if problems:
        raise ValueError("this notebook cannot be used to grade here:\n" + "\n".join(problems))


def _call(task: Task, student: str, data: bytes | str) -> Graded:
    return task(student, data)


def child() -> None:
    """Grade the one submission that is asked for on stdin; see ``Task.grade_apart``."""
    task, student, data = pickle.load(sys.stdin.buffer)
    with os.fdopen(os.dup(1), "wb") as answer:
        os.dup2(2, 1)  # nothing that is printed gets into the answer
        pickle.dump(task(student, data), answer)


@contextmanager
def machines(dask: str) -> Iterator[None]:
    """Use the cores of this machine, or the workers of a cluster."""
    if not dask:
        yield
        return
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise ImportError("a cluster needs Dask: pip install 'dask[distributed]'") from None
    with distributed.Client(dask), joblib.parallel_config(backend="dask"):
        yield


class OtherVersion(RuntimeError):
    """A machine of the cluster would grade differently."""


class TooLong(BaseException):
    """Grading one submission takes too long; not an Exception, which a test might catch."""


@cache
def end_with(parent: int) -> None:
    """End this process when its parent has been killed; else it would wait for minutes."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise TooLong in the block after some time, where that is possible.

    The engine limits what students' code takes. This is for tests that never end. It needs
    alarms, which only the main thread of a process gets, and Windows not at all.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer"):
        yield
        return
    old = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def _too_long(*_: object) -> None:
    raise TooLong


def _is_known(task: Task, one: Submission, results: Path) -> bool:
    """Is there a result for this very submission? It is told when that was handed in."""
    try:
        record = read_record(results / f"{one.student}.json")
    except (OSError, ValueError):
        return False
    if record.key != task.key(one.read()):
        return False
    if (record.time, record.time_from) != (one.time, one.time_from):
        record.time, record.time_from = one.time, one.time_from
        record.write(results)
    return True


def _write(task: Task, one: Submission, graded: Graded, results: Path) -> None:
    record = Record(
        student=one.student,
        title=title_of(task.source),
        source=task.version,
        key=graded.key,
        time=one.time,
        time_from=one.time_from,
        result=graded.result,
        answers=graded.answers,
    )
    record.write(results)


def _line(graded: Graded, number: int, of: int, seconds: float) -> str:
    """Return what is said of one student, and how long the rest will take."""
    result = graded.result
    points = f"{result.points:g} of {result.out_of:g}"
    if graded.failure:
        points = f"FAILED: {graded.failure}"
    elif all(part.verdict == "failed" and part.message in result.notes for part in result.parts):
        points = "cannot be read"
    left = "" if number == of else f"   {_duration(seconds)} left"
    return f"{number:{len(str(of))}} of {of}  {graded.student:24} {points}{left}"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
