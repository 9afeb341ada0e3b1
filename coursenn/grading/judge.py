"""The judge: compare a student's function with a reference, and name what went wrong.

An instructor's test calls ``compare`` with the right function and the wrong ones that students
are known to write. Inputs are random, so that no answer can be looked up. If the student's
results are those of a wrong function, on every input, the test says which misconception it is.

In nbgrader and in a plain notebook these functions work as they stand. In our grader, the
student's function runs in another process, and ``drive`` carries a test's own function there.
"""

import ast
import copy
import linecache
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from .misconceptions import REGISTRY, SIGNS_OF
from .session import Session
from .wire import pack, state_of, unpack

Function = Callable[..., Any]
Path = tuple[Any, ...]  # the keys and numbers that lead to a part of a result
MISSING = object()
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")  # where an object lies in memory: different each time
SHOWN = 1_000_000  # seeds of examples that students may see start here: far from the others


class Wrong(AssertionError):
    """A wrong answer, with the name of the misconception behind it where there is one."""

    def __init__(self, message: str, misconception: str = ""):
        super().__init__(message)
        self.misconception = misconception


@dataclass
class Desk:
    """What ``compare`` and ``drive`` need to know of the grading in which they are called.

    Attributes
    ----------
    session : the student's process; none in a plain notebook
    examples : where ``compare`` puts examples for the students' release; none otherwise
    """

    session: Session | None = None
    examples: list[Any] | None = None


DESK: ContextVar[Desk | None] = ContextVar("DESK", default=None)


def compare(
    function: Function,
    reference: Function,
    draw: Callable[[np.random.Generator], tuple[Any, ...]],
    mistakes: Mapping[str, Function] | None = None,
    *,
    seed: int,
    times: int = 4,
    shown: int = 2,
    rtol: float = 1e-6,
) -> None:
    """Fail unless the function gives what the reference gives, on random inputs.

    Parameters
    ----------
    function : the student's
    reference : the right one
    draw : makes the arguments of one call, a tuple, from a generator
    mistakes : wrong functions, by their name in ``misconceptions.REGISTRY``. If results are
        those of a wrong function, its hint is given; the more parts of the result it explains
        the better, and of equals the first counts.
    seed, times : which inputs, and how many
    shown : how many further examples, with other inputs, ``check`` may use at the student's
    rtol : the largest relative error that counts as equal

    Raises
    ------
    Wrong
        If a result differs, or an argument was changed.
    KeyError
        If a mistake is not in the registry.
    """
    mistakes = mistakes or {}
    if unknown := set(mistakes) - set(REGISTRY):
        raise KeyError(f"no misconceptions have the names {sorted(unknown)}; add them to REGISTRY")
    desk = DESK.get()
    if desk and desk.examples is not None and shown:
        seeds = range(SHOWN, SHOWN + shown)
        inputs = [draw(np.random.default_rng([seed, k])) for k in seeds]
        sheet = Sheet.of(function, reference, inputs, mistakes, rtol)
        desk.examples.append(sheet.packed())
    inputs = [draw(np.random.default_rng([seed, k])) for k in range(times)]
    Sheet.of(function, reference, inputs, mistakes, rtol).judge(function)


def drive(function: Function) -> Function:
    """Run a test's own function on the student's side, where it can use classes and objects.

    Only plain data passes between a test and the student's code. A test of a class brings a
    function, decorated with this, that uses the class and returns numbers. It can use the
    names of the notebook, but not those of the test. ``check`` can use it only if students
    can see it, so it belongs before the hidden tests.
    """
    desk = DESK.get()
    if desk is None or desk.session is None:
        return function
    code = function.__code__
    text = "".join(linecache.getlines(code.co_filename))
    return desk.session.define(function.__name__, _without_decorators(text, code.co_firstlineno))


@lru_cache(1000)  # the same for everybody who is graded
def _without_decorators(text: str, line: int) -> str:
    """Return the function that begins in a line of a cell."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(part.lineno for part in node.decorator_list)])
            node.decorator_list = []
            if first == line:
                return ast.unparse(node)
    raise ValueError("drive is for functions that a test defines with def")


@dataclass
class Sheet:
    """Inputs, the right results, and the wrong ones with the names of their misconceptions.

    Attributes
    ----------
    name : of the function
    inputs : the arguments of each call
    rights : the right result of each call
    wrongs : for each misconception, what gives the wrong result of each call, or None if there
        is none. It is called only once an answer is wrong; most answers are right.
    rtol : the largest relative error that counts as equal
    """

    name: str
    inputs: Sequence[tuple[Any, ...]]
    rights: list[Any]
    wrongs: Mapping[str, Callable[[], list[Any] | None]]
    rtol: float

    @classmethod
    def of(
        cls,
        function: Function,
        reference: Function,
        inputs: Sequence[tuple[Any, ...]],
        mistakes: Mapping[str, Function],
        rtol: float,
    ) -> "Sheet":
        """Fill in a sheet with the reference and the mistakes."""
        rights = [reference(*copy.deepcopy(args)) for args in inputs]
        wrongs = {name: partial(_results, wrong, inputs) for name, wrong in mistakes.items()}
        return cls(function.__name__, inputs, rights, wrongs, rtol)

    def judge(self, function: Function) -> None:
        """Fail unless the function gives the right results.

        Raises
        ------
        Wrong
            With an example, and the hint of the misconception if there is one.
        """
        answers = [self._answer(function, args) for args in self.inputs]
        paths = paths_of(self.rights[0])
        bad = [path for path in paths if not self._agree(answers, self.rights, path)]
        if bad:
            name = self._misconception(answers, paths, bad)
            raise Wrong(self._example(answers, bad[0]) + _hint(name), name)

    def packed(self) -> Any:
        """Return the sheet as it is stored in a students' notebook: results, and no functions."""
        wrongs = {name: results for name, give in self.wrongs.items() if (results := give())}
        return pack([self.name, list(self.inputs), self.rights, wrongs, self.rtol])

    @classmethod
    def unpacked(cls, packed: Any) -> "Sheet":
        """Return a sheet from a students' notebook."""
        name, inputs, rights, wrongs, rtol = unpack(packed)
        stored: dict[str, Callable[[], list[Any]]] = {
            mistake: partial(list, results) for mistake, results in wrongs.items()
        }
        return cls(name, inputs, rights, stored, rtol)

    def _answer(self, function: Function, args: tuple[Any, ...]) -> Any:
        given = copy.deepcopy(args)
        answer = function(*given)
        if _arrays(given) != _arrays(args):
            message = f"{self.name}({self._arguments(args)}) changed what it was given"
            raise Wrong(message + _hint("changes-input"), "changes-input")
        return answer

    def _misconception(self, answers: list[Any], paths: list[Path], bad: list[Path]) -> str:
        """Return the name of the mistake that explains most parts of the results, or nothing."""
        best, name = (0, 0), ""
        for mistake, give in self.wrongs.items():
            wrongs = give()
            same = [path for path in paths if wrongs and self._agree(answers, wrongs, path)]
            explains = (sum(path in bad for path in same), len(same))
            if explains[0] and explains > best:
                best, name = explains, mistake
        return name or self._sign(answers, bad[0])

    def _sign(self, answers: list[Any], path: Path) -> str:
        """Return what the wrong results themselves look like: twice the right ones, or turned."""
        rights = [follow(right, path) for right in self.rights]
        for name, change in SIGNS_OF.items():
            errors = suppress(TypeError, ValueError, AttributeError, OverflowError)
            with errors, np.errstate(all="ignore"):
                wrongs = [
                    change(np.asarray(right), _rows(args))
                    for right, args in zip(rights, self.inputs, strict=True)
                ]
                zeros = not any(map(np.any, wrongs))  # they are the mark of many mistakes
                if not zeros and all(
                    same(follow(answer, path), wrong, self.rtol)
                    for answer, wrong in zip(answers, wrongs, strict=True)
                ):
                    return name
        return ""

    def _agree(self, answers: list[Any], others: list[Any], path: Path) -> bool:
        return all(
            same(follow(answer, path), follow(other, path), self.rtol)
            for answer, other in zip(answers, others, strict=True)
        )

    def _example(self, answers: list[Any], path: Path) -> str:
        """Return the first call whose result is wrong in this part, in words."""
        triples = zip(self.inputs, answers, self.rights, strict=True)
        for args, answer, right in triples:
            got, expected = follow(answer, path), follow(right, path)
            if not same(got, expected, self.rtol):
                part = "".join(f"[{key!r}]" for key in path)
                call = f"{self.name}({self._arguments(args)}){part}"
                return f"{call} should be {brief(expected)}{_shape(got, expected)}"
        raise AssertionError("all results are right")  # pragma: no cover

    def _arguments(self, args: tuple[Any, ...]) -> str:
        text = ", ".join(brief(arg) for arg in args)
        return text if len(text) <= 160 else ", ".join(_outline(arg) for arg in args)


def paths_of(right: Any) -> list[Path]:
    """Return the ways to the parts of a result: entries of tuples and dictionaries, in depth."""
    if isinstance(right, dict):
        parts = list(right.items())
    elif isinstance(right, tuple) or (isinstance(right, list) and _numbers(right) is None):
        parts = list(enumerate(right))
    else:
        return [()]
    return [(key, *rest) for key, part in parts for rest in paths_of(part)]


def follow(x: Any, path: Path) -> Any:
    """Return the part of x to which the path leads, or MISSING."""
    for key in path:
        try:
            x = x[key]
        except (LookupError, TypeError, ValueError):
            return MISSING
    return x


def same(x: Any, y: Any, rtol: float) -> bool:
    """Is x equal to y, up to rounding? A list of numbers equals the array of them."""
    a, b = _numbers(x), _numbers(y)
    if a is None or b is None:
        return type(x) is type(y) and isinstance(x, str | None) and x == y
    with np.errstate(all="ignore"):
        scale = max(1.0, np.abs(b[np.isfinite(b)]).max(initial=0.0))
        close = a.shape == b.shape and np.allclose(a, b, rtol, 1e-12 * scale, equal_nan=True)
    return bool(close)


def brief(x: Any) -> str:
    """Return a value as short text."""
    if x is MISSING:
        return "nothing"
    if isinstance(x, np.ndarray):
        return np.array2string(x, precision=4, threshold=12, edgeitems=2, separator=", ").replace(
            "\n", ""
        )
    if isinstance(x, float | np.floating):
        return f"{x:.6g}"
    if isinstance(x, list | tuple | dict):
        return _brief_collection(x)
    if isinstance(x, np.random.Generator):
        return "a random generator"
    try:
        text = str(x) if isinstance(x, np.generic) else repr(x)
    except ValueError:  # a whole number of more than 4,300 digits
        text = "a very large number"
    text = ADDRESS.sub("", text)
    return text if len(text) <= 80 else text[:77] + "..."


def _brief_collection(x: Any) -> str:
    if isinstance(x, dict):
        items = [f"{brief(key)}: {brief(value)}" for key, value in list(x.items())[:6]]
        return "{" + ", ".join(items) + ("...}" if len(x) > 6 else "}")
    items = [brief(item) for item in x[:6]] + ["..."] * (len(x) > 6)
    return f"[{', '.join(items)}]" if isinstance(x, list) else f"({', '.join(items)})"


def _outline(x: Any) -> str:
    return f"array {x.shape}" if isinstance(x, np.ndarray) else brief(x)


def _shape(got: Any, expected: Any) -> str:
    """Return what was got; its shape alone, if that is what is wrong."""
    a, b = _numbers(got), _numbers(expected)
    if got is None:
        return "; got None: is there a return?"
    if a is None or b is None or a.shape == b.shape:
        return f"; got {brief(got)}"
    return f", of shape {b.shape}; got {brief(got)}, of shape {a.shape}"


def _hint(name: str) -> str:
    return f"\n{REGISTRY[name]}" if name else ""


def _numbers(x: Any) -> np.ndarray | None:
    """Return x as an array if it consists of numbers."""
    if x is MISSING or isinstance(x, str | dict | None):
        return None
    try:
        array = np.asarray(x)
    except (ValueError, TypeError, OverflowError):
        return None
    return array if array.dtype.kind in "biufc" else None


def _arrays(args: tuple[Any, ...]) -> list[bytes]:
    """Return what the arrays among the arguments hold; generators are meant to be used up."""
    seen: list[Any] = []
    pack(args, seen)
    return [state_of(x) for x in seen if isinstance(x, np.ndarray)]


def _rows(args: tuple[Any, ...]) -> int:
    """Return the number of rows of the first matrix, or else of entries of the first vector."""
    arrays = [arg for arg in args if isinstance(arg, np.ndarray) and arg.ndim]
    return len(next((a for a in arrays if a.ndim == 2), arrays[0])) if arrays else 1


def _results(wrong: Function, inputs: Sequence[tuple[Any, ...]]) -> list[Any] | None:
    """Return what a wrong function gives for each input, or None if it ends in an error."""
    try:
        with np.errstate(all="ignore"):
            return [wrong(*copy.deepcopy(args)) for args in inputs]
    except Exception:
        return None
