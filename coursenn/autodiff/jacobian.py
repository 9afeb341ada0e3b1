"""All derivatives of a vector function, by either mode, and the sweeps that they cost."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array, as_numbers
from .dual import Dual
from .tensor import Tensor
from .traced import Traced


class Jacobian(NamedTuple):
    """J[i, j] = ∂y_i/∂x_j, and how often the computation was walked through to get it."""

    J: Array
    forward_sweeps: int
    reverse_sweeps: int


def jacobian(
    f: Callable[[Any], Any], x: ArrayLike, mode: Literal["forward", "reverse"] = "reverse"
) -> Jacobian:
    """Return the derivative of every output of f with respect to every input.

    Forward mode evaluates f once for each of the n inputs, and gets a column of J each
    time. Reverse mode evaluates f once, and walks back once for each of the m outputs; each
    walk gives a row.

    Parameters
    ----------
    f : function from a vector (n,) to a vector (m,) or a number, made of NumPy functions
    x : (n,) array-like
    mode : "forward" or "reverse"

    Returns
    -------
    J : (m, n) array
    forward_sweeps, reverse_sweeps : int

    Raises
    ------
    TypeError
        If f returns something that does not depend on x.
    ValueError
        If x or f(x) is not a vector, or mode has another name.
    """
    x = as_numbers(x, "x")
    if x.ndim != 1:
        raise ValueError(f"x must be a vector of inputs; got shape {x.shape}")
    if mode not in ("forward", "reverse"):
        raise ValueError(f"mode must be 'forward' or 'reverse'; got {mode!r}")
    return (_by_columns if mode == "forward" else _by_rows)(f, x)


def _by_columns(f: Callable[[Any], Any], x: Array) -> Jacobian:
    columns = [_traced(f(Dual(x, t))).tangent for t in np.eye(len(x))]
    return Jacobian(np.stack(columns, axis=-1).reshape(-1, len(x)), len(columns), 0)


def _by_rows(f: Callable[[Any], Any], x: Array) -> Jacobian:
    leaf, rows = Tensor(x), []
    y = _traced(f(leaf))
    for g in np.eye(y.size):
        y.backward(g.reshape(y.shape))
        rows.append(leaf.grad)
    return Jacobian(np.stack(rows), 1, len(rows))


def _traced(y: Any) -> Any:
    if not isinstance(y, Traced):
        raise TypeError(f"f must return something computed from x; got {y!r}")
    if y.ndim > 1:
        raise ValueError(f"f must return a vector or a number; got shape {y.shape}")
    return y
