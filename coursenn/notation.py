"""The Rosetta: the same network in the notation of other books, and back.

Books differ in how they lay a layer out, and in what they sum. Every difference is a line
of a ``Convention``: whether W is stored (n_in, n_out) or transposed, whether b has an array
of its own, whether examples are rows or columns, and by which factor cost, δ and gradients
differ from ours. Converters do nothing but stack, transpose and multiply, so the same
network gives the same outputs and gradients in every notation.

    theirs = nielsen.to_theirs(net.params)              # [w2, b2, w3, b3, ...]
    x = nielsen.data_to_theirs(X)                       # examples as columns
    ... his own forward and backward pass ...
    grads = nielsen.grads_from_theirs(nabla, len(X))    # compare with net.grads

``rosetta()`` gives the same as a table to read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, as_matrix, as_numbers, as_real, check_count, check_finite


class Factor(NamedTuple):
    """Theirs = number × ours, or number × m × ours if they sum over the m examples."""

    number: int
    summed: bool

    def __call__(self, m: int) -> int:
        return self.number * m if self.summed else self.number

    def __str__(self) -> str:
        number = {1: "", -1: "−"}.get(self.number, f"{self.number} ")
        return f"{number}{'m × ' if self.summed else ''}ours"


SAME, SUM = Factor(1, False), Factor(1, True)  # ours is the mean over examples


@dataclass(frozen=True, kw_only=True)
class Convention:
    """How a book writes a network, and the way there and back.

    "Ours" are lists [W1, b1, W2, b2, ...] with W of shape (n_in, n_out) and b of shape
    (n_out,), as in ``net.params`` and ``net.grads``, and matrices with one example per row.
    "Theirs" is a list, too: with one matrix for each layer if b is part of it, else W and b
    by turns, b being a column (n_out, 1) where examples are columns. Every array that is
    returned is new. Bad arguments raise TypeError or ValueError.

    Parameters
    ----------
    transposed : bool
        Whether their W is (n_out, n_in).
    bias : "separate", "first" or "last"
        Where b is: in an array of its own, or in W, as the weights of an input 1 that comes
        before or after the others.
    columns : bool
        Whether their examples are columns.
    cost, delta, grads : Factor
        Theirs, from ours, which is the cost averaged over examples, and its derivatives.
    name, weight, forward, input_layer, first, error, names, formula, dropout : str
        What the book writes, in words and symbols: a column of ``rosetta()``.
    """

    name: str
    transposed: bool
    bias: Literal["separate", "first", "last"]
    columns: bool
    cost: Factor
    delta: Factor
    grads: Factor
    weight: str
    forward: str
    input_layer: str
    first: str
    error: str
    names: str
    formula: str
    bias_words: str
    dropout: str

    def to_theirs(self, params: Sequence[ArrayLike]) -> list[Array]:
        """Return our parameters as they write them."""
        theirs = []
        for W, b in _layers(params, "params"):
            theirs += self._pack(W, b[np.newaxis, :])
        return theirs

    def from_theirs(self, params: Sequence[ArrayLike]) -> list[Array]:
        """Return their parameters as we write them, [W1, b1, W2, b2, ...]."""
        ours = [array for layer in self._layers_of_theirs(params) for array in layer]
        _layers(ours, f"{self.name}'s params, converted")
        return ours

    def grads_to_theirs(self, grads: Sequence[ArrayLike], m: int) -> list[Array]:
        """Return our gradient for a batch of m examples as they compute it."""
        return [self._factor("grads", m) * g for g in self.to_theirs(grads)]

    def grads_from_theirs(self, grads: Sequence[ArrayLike], m: int) -> list[Array]:
        """Return their gradient for a batch of m examples as we compute it."""
        return [g / self._factor("grads", m) for g in self.from_theirs(grads)]

    def data_to_theirs(self, X: ArrayLike) -> Array:
        """Return X, Y, Z or A, one example per row, as they write it (without an extra 1)."""
        X = as_matrix(X, "X")
        return (X.T if self.columns else X).copy()

    def data_from_theirs(self, X: ArrayLike) -> Array:
        """Return their inputs, targets, Z or A (without an extra 1) as rows."""
        return self.data_to_theirs(X)  # a transposition is its own inverse

    def delta_to_theirs(self, delta: ArrayLike) -> Array:
        """Return our δ of a layer, shape (m, n), as they compute it."""
        theirs = self.data_to_theirs(delta)
        return theirs * self.delta(theirs.shape[1 if self.columns else 0])

    def delta_from_theirs(self, delta: ArrayLike) -> Array:
        """Return their δ of a layer as we compute it, shape (m, n)."""
        ours = self.data_from_theirs(delta)
        return ours / self.delta(len(ours))

    def cost_to_theirs(self, C: float, m: int) -> float:
        """Return our cost of a batch of m examples as they compute it."""
        return as_real(C, "C") * self._factor("cost", m)

    def cost_from_theirs(self, C: float, m: int) -> float:
        """Return their cost of a batch of m examples as we compute it."""
        return as_real(C, "C") / self._factor("cost", m)
