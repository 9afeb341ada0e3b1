"""Arrays that follow derivatives through NumPy: what forward and reverse mode share.

Any NumPy function applied to a ``Traced`` array lands here. Each operation is written
once: its value y, and for every traced input x a pair of functions

    push(t)  the change of y when x changes by t       (forward mode: J t)
    pull(g)  the gradient of x when that of y is g     (reverse mode: Jᵀ g)

``record(op, y, inputs)`` then does with it what the mode needs. Of an input that was
broadcast, pull gives a gradient for every copy; ``Tensor.backward`` adds these up.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..arrays import Array, DuckArray, as_numbers
from .derivatives import DERIVATIVES, ONE

Map = Callable[[Array], Array]
Maps = tuple[Map, Map]  # push and pull
Input = tuple[Any, Maps]  # a traced input of an operation, and the two


class Traced(DuckArray, NDArrayOperatorsMixin):
    """An array that follows the derivative of what is done to it."""

    __slots__ = ()
    data: Array

    def record(self, op: str, y: Array, inputs: Sequence[Input]) -> "Traced":
        """Return y as a new array of this kind, made from inputs by the operation op."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    @property
    def ndim(self) -> int:
        return self.data.ndim

    @property
    def size(self) -> int:
        return self.data.size

    @property
    def dtype(self) -> Any:
        return self.data.dtype

    @property
    def T(self) -> "Traced":
        return transpose(self)

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator["Traced"]:
        if not self.ndim:  # Python would take it for an empty list
            raise TypeError(f"a {type(self).__name__} of a single number cannot be iterated over")
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> "Traced":
        def pull(g: Array) -> Array:
            dx = np.zeros_like(self.data)
            np.add.at(dx, index, g)
            return dx

        return self.record("index", self.data[index], [(self, (lambda t: t[index], pull))])

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            "a traced array is never changed in place: build it with np.where or np.concatenate"
        )

    def reshape(self, *shape: Any) -> "Traced":
        return reshape(self, shape[0] if len(shape) == 1 else shape)

    def sum(self, axis: Any = None, keepdims: bool = False) -> "Traced":
        return sum_(self, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> "Traced":
        return max_(self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> "Traced":
        return mean(self, axis, keepdims)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Apply a ufunc, and record its rule. NumPy calls this for operators, too."""
        if method != "__call__" or kwargs or ufunc not in DERIVATIVES:
            return _not_elementwise(ufunc, method, inputs, kwargs)
        arrays = [x.data if isinstance(x, Traced) else x for x in inputs]
        y = ufunc(*arrays)
        derivatives = DERIVATIVES[ufunc]
        traced = [
            (x, _elementwise(derivatives[k](y, *arrays)))
            for k, x in enumerate(inputs)
            if isinstance(x, Traced)
        ]
        return self.record(NAMES[ufunc], y, traced)

    # The mixin has every operator, and lets NumPy call back. These are spared that microsecond.
    def __add__(self, other: Any) -> Any:
        return self.__array_ufunc__(np.add, "__call__", self, other)

    def __sub__(self, other: Any) -> Any:
        return self.__array_ufunc__(np.subtract, "__call__", self, other)

    def __mul__(self, other: Any) -> Any:
        return self.__array_ufunc__(np.multiply, "__call__", self, other)

    def __truediv__(self, other: Any) -> Any:
        return self.__array_ufunc__(np.divide, "__call__", self, other)

    def __matmul__(self, other: Any) -> Any:
        return matmul(self, other)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Apply one of the NumPy functions that are not ufuncs. NumPy calls this."""
        if func not in FUNCTIONS:
            raise _refused(f"np.{func.__name__}")
        return FUNCTIONS[func](*args, **kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> Array:
        raise TypeError(
            f"a {type(self).__name__} does not become a plain array by itself, since its"
            " derivative would be lost; use .data"
        )

    def __bool__(self) -> bool:
        raise TypeError(
            f"the truth value of a {type(self).__name__} has no derivative: ask its numbers, as in"
            " if x.data > 0"
        )

    def __float__(self) -> float:
        raise TypeError(
            f"a {type(self).__name__} does not become a plain number by itself, since its"
            " derivative would be lost: use NumPy's functions in place of math's, or .data"
        )


def untraced(x: Any, name: str = "data") -> Array:
    """Return x as an array of numbers to trace; TypeError if it is traced already."""
    if isinstance(x, Traced):
        raise TypeError(
            f"{name} is a {type(x).__name__}, traced already; pass its .data to begin anew there"
        )
    return as_numbers(x, name)


def _not_elementwise(ufunc: np.ufunc, method: str, inputs: Any, options: Any) -> Any:
    """Apply a ufunc that is not, or not here, a function of single entries; or refuse it."""
    if ufunc is np.matmul and method == "__call__" and not options:
        return matmul(*inputs)
    if "out" in options:
        raise TypeError("a traced array is never changed in place: write x = x + y, not x += y")
    if ufunc in REDUCTIONS and method == "reduce":
        return REDUCTIONS[ufunc](*inputs, **{"axis": 0, **options})
    if ufunc in COMPARISONS:
        raise TypeError(
            f"np.{ufunc.__name__} has no derivative: compare the numbers, as in x.data > 0 in place"
            " of x > 0"
        )
    how = f" with {method} {sorted(options)}" if method != "__call__" or options else ""
    raise _refused(f"np.{ufunc.__name__}{how}")


def _refused(what: str) -> TypeError:
    known = sorted(f.__name__ for f in (*DERIVATIVES, *FUNCTIONS, np.matmul))
    return TypeError(
        f"{what} has no derivative rule in coursenn.autodiff. Write it with"
        f" {', '.join(known)}; or use .data"
        " to compute something that is not differentiated"
    )


def _data(x: Any) -> Any:
    return x.data if isinstance(x, Traced) else x


def _elementwise(d: Any) -> Maps:
    """Push and pull of an operation with ∂y/∂x = d, entry by entry."""
    if d is ONE:
        return _same, _same
    return (lambda t: d * t), (lambda g: g * d)


def _same(t: Array) -> Array:
    return t


def matmul(a: Any, b: Any) -> Any:
    """a @ b, for vectors, matrices and stacks of matrices."""
    A, B = np.asarray(_data(a)), np.asarray(_data(b))
    if A.ndim == 1:
        product = matmul(np.reshape(a, (1, -1)), b)
        return product[0] if B.ndim == 1 else product[..., 0, :]
    if B.ndim == 1:
        return matmul(a, np.reshape(b, (-1, 1)))[..., 0]
    inputs: list[Input] = []
    if isinstance(a, Traced):
        inputs.append((a, (lambda t: t @ B, lambda g: g @ B.mT)))
    if isinstance(b, Traced):
        inputs.append((b, (lambda t: A @ t, lambda g: A.mT @ g)))
    return inputs[0][0].record("@", A @ B, inputs)


def sum_(x: Any, axis: Any = None, keepdims: bool = False, out: None = None) -> Any:
    """Sum over axes; the gradient is handed back to every term."""
    shape, kept = x.shape, _kept(x.shape, axis)

    def push(t: Array) -> Array:
        return t.sum(axis, keepdims=keepdims)

    def pull(g: Array) -> Array:
        dx = np.empty(shape, g.dtype)
        dx[...] = g.reshape(kept)
        return dx

    return x.record("sum", push(x.data), [(x, (push, pull))])


def max_(x: Any, axis: Any = None, keepdims: bool = False, out: None = None) -> Any:
    """Maximum over axes; entries that tie for it share the gradient."""
    data, kept = x.data, _kept(x.shape, axis)
    y = data.max(axis, keepdims=keepdims)

    def share() -> Array:
        tied = data == y.reshape(kept)
        return tied / tied.sum(axis, dtype=data.dtype, keepdims=True)

    def push(t: Array) -> Array:
        return (share() * t).sum(axis, keepdims=keepdims)

    def pull(g: Array) -> Array:
        return share() * g.reshape(kept)

    return x.record("max", y, [(x, (push, pull))])


def mean(x: Any, axis: Any = None, keepdims: bool = False, out: None = None) -> Any:
    """Mean over axes: the sum, divided by the number of its terms."""
    total = sum_(x, axis, keepdims)
    return total / (x.size / total.size)


def _kept(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """Return shape with length 1 for the axes that a reduction takes."""
    if axis is None:
        return (1,) * len(shape)
    kept = list(shape)
    for taken in axis if isinstance(axis, tuple) else (axis,):
        kept[taken] = 1
    return tuple(kept)


def reshape(x: Any, shape: Any) -> Any:
    return _rearranged(
        "reshape", x, lambda a: np.reshape(a, shape), lambda g: np.reshape(g, x.shape)
    )


def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    back = None if axes is None else np.argsort(axes)
    return _rearranged(
        "transpose", x, lambda a: np.transpose(a, axes), lambda g: np.transpose(g, back)
    )


def _rearranged(op: str, x: Any, push: Map, pull: Map) -> Any:
    return x.record(op, push(x.data), [(x, (push, pull))])


def where(condition: Any, a: Any, b: Any) -> Any:
    """a where condition holds, else b. The condition is not differentiated."""
    chosen = np.asarray(_data(condition), dtype=bool)
    y = np.where(chosen, _data(a), _data(b))
    branches = [(a, chosen), (b, ~chosen)]
    inputs = [(x, _masked(mask)) for x, mask in branches if isinstance(x, Traced)]
    return inputs[0][0].record("where", y, inputs)


def _masked(mask: Array) -> Maps:
    """Push and pull of a choice. What was not chosen gets 0, though it may be inf or nan."""

    def keep(t: Array) -> Array:
        return np.where(mask, t, np.zeros((), t.dtype))

    return keep, keep


def concatenate(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Join arrays along an axis; each takes back its own part of the gradient."""
    y = np.concatenate([_data(x) for x in arrays], axis)
    ends = np.cumsum([_data(x).shape[axis] for x in arrays])
    parts = [
        _part(x, y.shape, axis, slice(end - x.shape[axis], end))
        for x, end in zip(arrays, ends, strict=True)
        if isinstance(x, Traced)
    ]
    return parts[0][0].record("concatenate", y, parts)


def _part(x: Traced, shape: tuple[int, ...], axis: int, place: slice) -> Input:
    index = (slice(None),) * (axis % len(shape)) + (place,)

    def push(t: Array) -> Array:
        dy = np.zeros(shape, t.dtype)
        dy[index] = t
        return dy

    return x, (push, lambda g: g[index])


SYMBOLS: dict[np.ufunc, str] = {np.add: "+", np.subtract: "−", np.multiply: "×", np.divide: "÷"}
NAMES = {ufunc: SYMBOLS.get(ufunc, ufunc.__name__) for ufunc in DERIVATIVES}

COMPARISONS = {np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal}

REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {np.add: sum_, np.maximum: max_}

FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: sum_,
    np.max: max_,
    np.mean: mean,
    np.reshape: reshape,
    np.transpose: transpose,
    np.where: where,
    np.concatenate: concatenate,
    np.shape: lambda x: x.shape,  # these three need no derivative
    np.ndim: lambda x: x.ndim,
    np.size: lambda x: x.size,
}
