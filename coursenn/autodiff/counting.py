"""Count the elementary operations of a computation, by carrying it out."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..arrays import DuckArray, as_numbers, plain


def count_operations(f: Callable[..., Any], *numbers: float) -> Counter[str]:
    """Return how often f(*numbers) adds, multiplies, takes an exponential, and so on.

    Every NumPy function or operator applied to a number that depends on the inputs counts
    as one operation: ``2 * x`` is one, ``x**2`` is one, and ``2 * 3`` none. f may use Dual
    and Tensor: then the operations of a forward or of a reverse sweep are counted, too.

    Parameters
    ----------
    f : function of numbers, made of NumPy functions and operators
    *numbers : float
        Where to evaluate it.

    Returns
    -------
    counts : collections.Counter
        Keys are NumPy's names, such as "multiply" or "exp"; ``counts.total()`` is the sum.

    Raises
    ------
    TypeError
        If an input is not a number, or f does something that is not elementwise.
    """
    counts: Counter[str] = Counter()
    f(*(Counted(as_numbers(x, "numbers"), counts) for x in numbers))
    return counts


class Counted(DuckArray, NDArrayOperatorsMixin):
    """An array that notes in counts, for each of its entries, what is done to it."""

    __slots__ = ("counts", "data")

    def __init__(self, data: Any, counts: Counter[str]):
        self.data, self.counts = data, counts

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.data)

    @property
    def ndim(self) -> int:
        return np.ndim(self.data)

    @property
    def size(self) -> int:
        return np.size(self.data)

    @property
    def dtype(self) -> Any:
        return self.data.dtype

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs or ufunc is np.matmul:
            raise TypeError(f"only elementwise operations are counted; got np.{ufunc.__name__}")
        y = ufunc(*map(plain, inputs))
        self.counts[ufunc.__name__] += np.size(y)
        return Counted(y, self.counts)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a counted number does not become a plain array by itself; use .data")

    def __repr__(self) -> str:
        return f"Counted({self.data})"
