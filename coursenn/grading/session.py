"""The grader's side of the conversation with one student's process.

It runs cells and calls functions there. A process that dies is started again, and the cells
before the fatal one are run again, so that a death costs only the question that caused it.
"""

import builtins
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from .sandbox import Died, Limits, Process
from .wire import WireError, pack, unpack

# Exceptions of student code that a test can catch under their own class; all others, and those
# that derive from none of these, are caught as RuntimeError.
CATCHABLE = [
    NotImplementedError,
    RecursionError,
    RuntimeError,
    FloatingPointError,
    OverflowError,
    ZeroDivisionError,
    IndexError,
    KeyError,
    ImportError,
    AssertionError,
    AttributeError,
    NameError,
    MemoryError,
    TypeError,
    ValueError,
]


GRACE = 1.5  # seconds until the process is ended, if it does not stop by itself


class StudentError(Exception):
    """An exception in student code, as a sentence with the lines it passed through.

    A test catches it by the class it has on the other side: ``except ValueError``.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


class StudentFunction:
    """A function in the student's process, called from here with plain data.

    Arrays and generators among the arguments that the function changes in place are changed
    here too, and warnings are given here again.
    """

    def __init__(self, session: "Session", name: str):
        self._session, self.__name__ = session, name

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._session.call(self.__name__, *args, **options)


class Session:
    """One student's notebook while it is graded.

    Parameters
    ----------
    limits : what the student's code may use
    sandbox : whether it runs in bubblewrap
    folder : where it runs, if it is not in a sandbox

    Attributes
    ----------
    errors : what went wrong, by the name of the cell
    output : what was printed
    longest : the seconds, by the clock, that a cell ("run" and its name) or a call of a function
        ("call" and its name) took at most
    """

    def __init__(
        self, limits: Limits | None = None, sandbox: bool = True, folder: Path | None = None
    ):
        self.limits = limits or Limits()
        self.errors: dict[str, str] = {}
        self.output = ""
        self.longest: dict[tuple[str, str], float] = {}
        self._where = (sandbox, folder)
        self._cells: dict[str, str] = {}  # those to be run again after a death
        self._process: Process | None = None
        self._starts = 0
        self._end = time.monotonic() + self.limits.total

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self._retire()

    def run(self, name: str, code: str) -> None:
        """Run a cell. What goes wrong is kept in ``errors``."""
        try:
            self._ready()
        except Died as death:
            self.errors[name] = str(death)
        else:
            self._cells[name] = code
            self._attempt(name)

    def fetch(self, name: str) -> Any:
        """Return what a name stands for: a value, or a function to call.

        Raises
        ------
        NameError
            If it stands for nothing.
        Died, StudentError
            If it cannot be had.
        """
        kind = self._ask("kind", [name], self.limits.call)
        if kind == "missing":
            raise NameError(f"{name} is not defined", name=name)
        if kind == "function":
            return StudentFunction(self, name)
        return self._ask("value", [name], self.limits.call)

    def call(self, name: str, *args: Any, **options: Any) -> Any:
        """Call a function by its name.

        Raises
        ------
        Died, StudentError
            If it does not return plain data.
        """
        return self._ask("call", [name, list(args), options], self.limits.call)

    def define(self, name: str, code: str) -> StudentFunction:
        """Define a function of the grader's in the student's process."""
        self._ask("define", [code], self.limits.call)
        return StudentFunction(self, name)

    def _ready(self) -> Process:
        while self._process is None:
            self._start()
        return self._process

    def _start(self) -> None:
        if self._starts > self.limits.restarts:
            raise Died("your code ended the Python process again and again; no more was run")
        self._starts += 1
        self._process = Process(self.limits, *self._where)
        for name in list(self._cells):
            if self._process:
                self._attempt(name)

    def _attempt(self, name: str) -> None:
        try:
            self._ask("run", [name, self._cells[name]], self.limits.cell)
        except StudentError as error:
            self.errors.setdefault(name, str(error))
            if self._process is None:
                del self._cells[name]
        except Died as death:
            del self._cells[name]
            self.errors[name] = str(death)

    def _ask(self, do: str, args: list[Any], seconds: float) -> Any:
        process = self._ready()
        left = self._end - time.monotonic()
        if left <= 0:
            raise Died("the notebook as a whole took too long; what comes now was not run")
        sent: list[Any] = []
        packed = [pack(arg, sent) for arg in args]
        seconds = min(seconds, left)
        start = time.monotonic()
        try:
            request = {"do": do, "args": packed, "seconds": seconds}
            reply = process.ask(request, 2 * seconds + GRACE)
            value, error, warned = read_reply(reply, sent)
        except Died:
            self._retire()
            raise
        if do in ("run", "call"):
            took = time.monotonic() - start
            self.longest[do, args[0]] = max(took, self.longest.get((do, args[0]), 0.0))
        if isinstance(error, MemoryError):
            self._retire()  # what filled the memory may still be there
        if do == "call":
            for category, text in warned:
                warnings.warn(text, category, stacklevel=4)
        if error:
            raise error
        return value

    def _retire(self) -> None:
        if self._process:
            self._process.end()
            self.output = (self.output + self._process.output)[: self.limits.output]
        self._process = None


def read_reply(
    reply: Any, sent: list[Any]
) -> tuple[Any, StudentError | None, list[tuple[type[Warning], str]]]:
    """Return the value, the error and the warnings of a reply; update what was sent.

    Raises
    ------
    Died
        If the reply is forged: it has not the form in which the worker writes.
    """
    try:
        warned = [(_category(name), str(text)[:500]) for name, text in reply["warnings"][:20]]
        if "error" in reply:
            return None, student_error(reply["error"]), warned
        for i, new in reply["changed"]:
            _copy(sent[i], unpack(new))
        return unpack(reply["result"]), None, warned
    except (WireError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as e:
        raise Died(f"the answer of your code could not be read ({type(e).__name__})") from None


def student_error(reply: dict[str, Any]) -> StudentError:
    """Return an exception that tells what happened on the other side."""
    kind, text = str(reply["classes"][0])[:80], str(reply["text"])[:1000]
    places = [f"\n    {cell}, line {line}: {code}" for cell, line, code in reply["lines"][:3]]
    base = next((c for c in CATCHABLE if c.__name__ in reply["classes"]), RuntimeError)
    error: StudentError = type(base.__name__, (StudentError, base), {})()
    error.kind = kind
    if reply.get("refused"):
        error.text = f"your code gave {text}"
    elif kind == "TooLong":
        error.text = text + "".join(places)
    elif kind == "NotImplementedError":
        error.text = "not done yet"
    else:
        error.text = f"{kind}: {text}" + "".join(places)
    return error


def _category(name: Any) -> type[Warning]:
    category = getattr(builtins, str(name), None)
    if isinstance(category, type) and issubclass(category, Warning):
        return category
    return UserWarning


def _copy(old: Any, new: Any) -> None:
    if hasattr(old, "bit_generator"):
        old.bit_generator.state = new.bit_generator.state
    elif old.shape == new.shape and old.dtype == new.dtype:
        with suppress(ValueError):  # a read-only array keeps what it holds
            old[...] = new
