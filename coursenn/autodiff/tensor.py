"""Reverse mode on arrays: one walk back gives the gradient of one number."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from .graph import Node, lineage
from .traced import Input, Traced, untraced


class Tensor(Traced, Node):
    """An array that remembers how it was made, and so can be differentiated.

    Operators and NumPy functions apply as to any array: ``np.tanh(X @ W + b)`` is a Tensor
    as soon as one of X, W, b is.

    Parameters
    ----------
    data : array-like of numbers; a float array is kept as it is, not copied
    parents : pairs (input, (push, pull)), which ``coursenn/autodiff/traced.py`` explains
    op : name of the operation that made it

    Raises
    ------
    TypeError
        If data does not hold numbers, or is a Tensor already.
    """

    __slots__ = ()

    def __init__(self, data: ArrayLike, parents: Any = (), op: str = ""):
        Node.__init__(self, untraced(data), parents, op)

    def record(self, op: str, y: Array, inputs: Sequence[Input]) -> "Tensor":
        made = Tensor.__new__(Tensor)  # y is an array already: nothing to check
        Node.__init__(made, y, inputs, op)
        return made

    def backward(self, seed: Array | None = None, keep: bool = True) -> None:
        """Set ``grad`` on every Tensor that this one was made from.

        It assigns and never adds to an old gradient: called twice, it gives the same
        answer, and there is no gradient to zero between two steps.

        Parameters
        ----------
        seed : array of the shape of self, optional
            The gradient to start from; by default 1, for a single number.
        keep : bool
            False drops the gradient of an intermediate result as soon as it has been
            handed on, which saves memory, and time with it.

        Raises
        ------
        ValueError
            If self is not a single number and no seed is given, or the seed has another
            shape.
        """
        if seed is None:
            if self.data.size != 1:
                raise ValueError(
                    "only a single number has a gradient, and this Tensor has shape"
                    f" {self.shape}; reduce it first, for instance with np.sum"
                )
            seed = np.ones(self.shape, self.dtype)
        elif np.shape(seed) != self.shape:
            raise ValueError(f"seed must have shape {self.shape}; got {np.shape(seed)}")
        nodes = lineage(self)
        for node in nodes:
            node.grad = None
        self.grad = seed
        for node in nodes:
            for parent, (_, pull) in node.parents:
                g = unbroadcast(pull(node.grad), parent.data.shape)
                parent.grad = g if parent.grad is None else parent.grad + g
            if node.parents and not keep:
                node.grad = None


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum g down to shape: the adjoint of broadcasting shape up to g.shape."""
    if g.shape == shape:
        return g
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for axis, n in enumerate(shape):
        if g.shape[axis] != n:
            g = g.sum(axis=axis, keepdims=True)
    return g
