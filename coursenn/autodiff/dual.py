"""Forward mode: a value and its tangent, computed side by side."""

from collections.abc import Sequence
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from .traced import Input, Traced, untraced


class Dual(Traced):
    """A value with a tangent: how fast it changes when the inputs move in a direction.

    Parameters
    ----------
    data : number or array
    tangent : number or array, of the shape of data or to be stretched to it; 0 by default

    Raises
    ------
    TypeError
        If data or tangent does not hold numbers.
    ValueError
        If tangent cannot be stretched to the shape of data.
    """

    __slots__ = ("data", "tangent")

    def __init__(self, data: ArrayLike, tangent: ArrayLike = 0.0):
        self.data, self.tangent = untraced(data), untraced(tangent, "tangent")
        if self.tangent.shape != self.data.shape:
            self.tangent = _stretched(self.tangent, self.data.shape)

    def record(self, op: str, y: Array, inputs: Sequence[Input]) -> "Dual":
        tangents = (push(x.tangent) for x, (push, _) in inputs if isinstance(x, Dual))
        return Dual(y, reduce(add, tangents))

    def __repr__(self) -> str:
        return f"Dual({self.data}, {self.tangent})"


def _stretched(tangent: Array, shape: tuple[int, ...]) -> Array:
    try:
        return np.broadcast_to(tangent, shape)
    except ValueError:
        raise ValueError(
            f"tangent must have the shape of data, {shape}; got {tangent.shape}"
        ) from None
