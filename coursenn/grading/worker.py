"""The student's side: a process that runs the cells of one notebook and answers questions.

It is told to run a cell, to look a name up, or to call a function with plain data, and answers
with plain data. The grader believes nothing that comes from here: an answer counts only if it
is right. Started inside the sandbox, it sees of coursenn this file and ``wire`` alone.
"""

import ast
import builtins
import importlib
import json
import linecache
import os
import re
import signal
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

from .wire import NotPlain, WireError, pack, receive, send, state_of, unpack

MAGIC = re.compile(r"^(\s*)(%|!|\?)", re.MULTILINE)  # IPython's own: %matplotlib, !pip
CELL = re.compile(r"<cell (.*)>")


class TooLong(BaseException):
    """Raised in the student's code when its time is up; not an Exception, so seldom caught."""


class Worker:
    """The names of one student's notebook, and what can be asked about them."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}

    def run(self, name: str, code: str) -> None:
        """Run a cell."""
        exec(compiled(code, f"<cell {name}>"), self.names)

    def define(self, code: str) -> None:
        """Define a function of the grader's; its lines are not shown to the student."""
        exec(compile(code, "<test>", "exec"), self.names)

    def kind(self, name: str) -> str:
        """Say whether a name is missing, a function (or a class), or a value."""
        if name not in self.names:
            return "missing"
        return "function" if callable(self.names[name]) else "value"

    def value(self, name: str) -> Any:
        """Return the value of a name."""
        return self.names[name]

    def call(self, name: str, args: list[Any], options: dict[str, Any]) -> Any:
        """Call a function by its name."""
        return self.names[name](*args, **options)


def main() -> None:
    """Answer requests until the grader closes the line."""
    settings = json.loads(sys.argv[1])
    read, write = open_line()
    set_limits(settings["limits"])
    make_harmless()
    stand_in_for_coursenn(settings["package"], set(settings["modules"]), settings["homes"])
    worker = Worker()
    with suppress(EOFError):
        while True:
            request = receive(read)
            token = {"token": request["token"]}
            reply = answer(worker, request)
            with suppress(BaseException):
                sys.stdout.flush()
            try:
                send(write, reply | token)
            except WireError as error:
                send(write, {"error": describe(error), "warnings": []} | token)


def answer(worker: Worker, request: dict[str, Any]) -> dict[str, Any]:
    """Do what was asked; return the packed result, changed arguments and warnings, or the error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with time_limit(request["seconds"]):
                reply = perform(worker, request)
        except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
            reply = {"error": describe(error)}
    reply["warnings"] = [[w.category.__name__, str(w.message)[:500]] for w in caught[:20]]
    return reply


def perform(worker: Worker, request: dict[str, Any]) -> dict[str, Any]:
    """Return the packed result, and the arguments that were changed in place, by their number."""
    seen: list[Any] = []
    args = unpack(request["args"], seen)
    before = [state_of(x) for x in seen]
    result = pack(getattr(worker, request["do"])(*args))
    changed = [[i, pack(x)] for i, x in enumerate(seen) if state_of(x) != before[i]]
    return {"result": result, "changed": changed}


def describe(error: BaseException) -> dict[str, Any]:
    """Return an exception as plain text: its classes, its message, and the student's lines."""
    try:
        text = str(error)[:1000]
    except BaseException:
        text = ""
    classes = [c.__name__ for c in type(error).__mro__[:20]]
    return {"classes": classes, "text": text, "lines": lines_of(error), "refused": refused(error)}


def refused(error: BaseException) -> bool:
    """Is it we who refuse the value, rather than the student's code that failed?"""
    return isinstance(error, NotPlain | WireError)


def lines_of(error: BaseException) -> list[list[str]]:
    """Return [cell, line number, text] for the innermost lines of student code in a traceback."""
    places = [
        (frame.filename, frame.lineno, frame.line)
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno, error.text))
    found = [(CELL.match(str(file)), line, text) for file, line, text in places]
    return [[m[1], str(line), str(text or "").strip()[:200]] for m, line, text in found if m][-3:]


def compiled(code: str, file: str) -> types.CodeType:
    """Return a cell compiled, and keep its lines for tracebacks."""
    code = without_magic(code)
    linecache.cache[file] = (len(code), None, code.splitlines(True), file)
    return _compile(code, file)


@lru_cache(1000)  # the grader compiles the same tests for everybody
def _compile(code: str, file: str) -> types.CodeType:
    return compile(code, file, "exec")


@lru_cache(1000)
def without_magic(code: str) -> str:
    """Return a cell without IPython's magic lines, if it has any."""
    try:
        ast.parse(code)
    except SyntaxError:
        return MAGIC.sub(r"\1pass  # \2", re.sub(r"\A\s*%%.*", "", code))
    return code


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooLong in the block after this much time of the processor, or twice it by the clock.

    Windows has no such alarms: there the grader ends the process a little later.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    for alarm in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(alarm, _too_long)
    _set_timers(seconds)
    try:
        yield
    finally:
        _set_timers(0)


def _set_timers(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 2 * seconds)


def _too_long(*_: Any) -> None:
    _set_timers(0)
    raise TooLong("your code took too long and was stopped")


def open_line() -> tuple[Callable[[int], bytes], Callable[[bytes], None]]:
    """Take the line to the grader off stdin and stdout, so that printing cannot disturb it."""
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)

    def write(data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[replies.write(rest) or 0 :]

    return requests.read, write


def set_limits(limits: dict[str, int]) -> None:
    """Limit this process for good; what the system does not know is left out."""
    with suppress(ImportError):
        import resource

        for name, limit in limits.items():
            # macOS knows some of these limits, and refuses them.
            with suppress(ValueError, OSError, AttributeError):
                resource.setrlimit(getattr(resource, name), (limit, limit))


def make_harmless() -> None:
    """Give the notebook stand-ins for what a graded run does not have."""

    def no_input(*_: Any) -> str:
        raise RuntimeError("input() waits for somebody to type; in graded work nobody does")

    quiet = types.SimpleNamespace(run_line_magic=print, run_cell_magic=print)
    vars(builtins).update(input=no_input, display=print, get_ipython=lambda: quiet)


def stand_in_for_coursenn(folder: str, modules: set[str], homes: dict[str, str]) -> None:
    """Let ``import coursenn`` find these modules in a folder, and nothing else.

    Parameters
    ----------
    folder : of the modules
    modules : those that may be imported
    homes : the names that coursenn itself offers, and the modules that they come from
    """

    def offer(name: str) -> Any:
        if name in modules:
            return importlib.import_module(f"coursenn.{name}")
        if name in homes:
            return getattr(importlib.import_module(f"coursenn.{homes[name]}"), name)
        raise AttributeError(name) if name.startswith("__") else _not_here(name)

    package, grading = types.ModuleType("coursenn"), types.ModuleType("coursenn.grading")
    vars(package).update(__path__=[folder], __getattr__=offer, grading=grading)
    vars(grading).update(check=lambda *_, **__: None)  # a check inside a check says nothing
    sys.modules.update({"coursenn": package, "coursenn.grading": grading})
    sys.meta_path.insert(0, Doorkeeper(modules))


class Doorkeeper:
    """Asked first where a module is: refuses those of coursenn that a set does not allow."""

    def __init__(self, modules: set[str]):
        self._modules = modules

    def find_spec(self, name: str, *where: Any) -> None:
        """Leave the search to others, or end it."""
        package, _, module = name.partition(".")
        if package == "coursenn" and module.split(".")[0] not in self._modules:
            raise _not_here(module)


def _not_here(name: str) -> ImportError:
    return ImportError(f"graded work does not have coursenn's {name} here: write it yourself")
