"""Losses C(A, Y): one number for how far the outputs A are from the targets Y.

All average over the m rows of a batch and sum over its columns. The cross-entropies take
logits, the outputs before squashing: the log of a sigmoid or softmax can be computed from
them without overflow, and from its rounded value it cannot. ∂C/∂A is then the same
(link(A) - Y) / m as for the squared error: the mistake, shared among the rows.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .activations import sigmoid
from .arrays import Array, DuckArray, as_matrix, check_same_rows, plain


class Loss:
    """A cost of outputs A against targets Y, both of shape (m, n).

    Subclasses write the formulas ``C(A, Y)`` and ``link(A)``, and refuse impossible
    targets in ``check_targets(Y)``. ``knobs`` names the constructor's arguments that are
    saved with a network.
    """

    knobs: tuple[str, ...] = ()

    def __call__(self, A: ArrayLike, Y: ArrayLike) -> Any:
        """Return the loss of a batch: a float, or of a Tensor or Dual again one.

        Raises
        ------
        TypeError, ValueError
            If A or Y is not a finite matrix, their shapes differ, or Y holds targets that
            this loss has no meaning for.
        """
        A, Y = self._check(A, Y)
        C = self.C(A, Y)
        return C if isinstance(C, DuckArray) else float(C)

    def grad(self, A: ArrayLike, Y: ArrayLike) -> Array:
        """Return ∂C/∂A, the shape of A; raises as the loss itself does."""
        return self.dA(*self._check(A, Y))

    def C(self, A: Array, Y: Array) -> np.floating:
        """Return the loss. The formula alone: ``__call__`` checks its arguments first."""
        raise NotImplementedError

    def dA(self, A: Array, Y: Array) -> Array:
        """Return ∂C/∂A. The formula alone: ``grad`` checks its arguments first."""
        return (self.link(A) - Y) / len(Y)

    def C_and_dA(self, A: Array, Y: Array) -> tuple[np.floating, Array]:
        """Return C and ∂C/∂A, for training. Overridden where they share most of their work."""
        return self.C(A, Y), self.dA(A, Y)

    def link(self, A: Array) -> Array:
        """Return what the outputs mean: probabilities, or for regression numbers."""
        raise NotImplementedError

    def check_targets(self, Y: Array) -> None:
        """Raise ValueError if Y holds targets that this loss has no meaning for."""

    def _check(self, A: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
        A, Y = as_matrix(A, "A"), as_matrix(Y, "Y")
        check_same_rows(A, Y, "A and Y")
        if A.shape != Y.shape:
            raise ValueError(
                f"A and Y must have the same shape; got {A.shape} and {Y.shape}."
                " Labels become targets with one_hot(y, n_classes)"
            )
        self.check_targets(plain(Y))
        return A, Y

    def __repr__(self) -> str:
        return type(self).__name__


class SquaredError(Loss):
    """½ Σ (a - y)² per row. Targets are any numbers.

    The ½ takes away the 2 of the derivative, which is then a - y.
    """

    def C(self, A: Array, Y: Array) -> np.floating:
        return np.sum((A - Y) ** 2) / (2 * len(Y))

    def link(self, A: Array) -> Array:
        return A


class AbsoluteError(Loss):
    """Σ |a - y| per row. Targets are any numbers, and wild ones pull no harder than others.

    At the kink, a = y, the derivative is taken as 0.
    """

    def C(self, A: Array, Y: Array) -> np.floating:
        return np.sum(np.abs(A - Y)) / len(Y)

    def dA(self, A: Array, Y: Array) -> Array:
        return np.sign(A - Y) / len(Y)

    def link(self, A: Array) -> Array:
        return A


class Hinge(Loss):
    """Σ max(0, 1 - y a) per row: nothing to learn from a score right by a margin of 1.

    Targets are -1 or 1, one column per yes-or-no question; a score answers by its sign. At
    the kink, y a = 1, the derivative is taken as 0.

    References
    ----------
    Cortes and Vapnik, Machine Learning 20, 1995.
    """

    def C(self, A: Array, Y: Array) -> np.floating:
        return np.sum(np.maximum(1 - Y * A, 0)) / len(Y)

    def dA(self, A: Array, Y: Array) -> Array:
        return np.where(Y * A < 1, -Y, 0) / len(Y)

    def link(self, A: Array) -> Array:
        return A

    def check_targets(self, Y: Array) -> None:
        if wrong := sorted(set(Y[np.abs(Y) != 1].tolist())):
            raise ValueError(
                f"targets of the hinge loss are -1 or 1; Y holds {wrong[0]:g} as well."
                " Labels 0 and 1 become targets by 2 * y - 1"
            )


class BinaryCrossEntropy(Loss):
    """-Σ y log p + (1 - y) log(1 - p) per row, with p = sigmoid(a).

    Targets are probabilities in [0, 1], one column per yes-or-no question: for a picture
    with several attributes, each is a question of its own.
    """

    def C(self, A: Array, Y: Array) -> np.floating:
        # -y log p - (1 - y) log(1 - p) = log(1 + eᵃ) - y a, computed without overflow
        return np.sum(np.maximum(A, 0) - Y * A + np.log1p(np.exp(np.minimum(A, -A)))) / len(Y)

    def link(self, A: Array) -> Array:
        return sigmoid.f(A)

    def check_targets(self, Y: Array) -> None:
        if Y.min() < 0 or Y.max() > 1:
            raise ValueError(
                "targets of the binary cross-entropy are probabilities in [0, 1];"
                f" Y runs from {Y.min():g} to {Y.max():g}"
            )


class CrossEntropy(Loss):
    """-Σ y log p per row, with p = softmax(a).

    Each row of targets is a distribution over the classes: usually one 1 among 0s.
    """

    def C(self, A: Array, Y: Array) -> np.floating:
        return self._mean(_log_softmax(A), Y)

    def C_and_dA(self, A: Array, Y: Array) -> tuple[np.floating, Array]:
        log_P = _log_softmax(A)
        return self._mean(log_P, Y), (np.exp(log_P) - Y) / len(Y)

    def link(self, A: Array) -> Array:
        return np.exp(_log_softmax(A))

    def _mean(self, log_P: Array, Y: Array) -> np.floating:
        share = Y / log_P.dtype.type(-len(Y))  # of a row, as precise as log_P is
        return (share * log_P).sum()

    def check_targets(self, Y: Array) -> None:
        sums = Y.sum(axis=1)
        wrong = (Y.min(axis=1) < 0) | (np.abs(sums - 1) > 1e-3)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ValueError(
                "each row of targets of the cross-entropy must be a distribution: no entry"
                f" below 0, sum 1; row {row} has entries from {Y[row].min():g} and sum"
                f" {sums[row]:g}. Labels become targets with one_hot(y, n_classes)"
            )


def softmax(Z: ArrayLike) -> Array:
    """Return each row of Z, shape (m, n), as probabilities: positive, and summing to 1.

    Raises
    ------
    TypeError, ValueError
        If Z is not a finite matrix.
    """
    return np.exp(_log_softmax(as_matrix(Z, "Z")))


def _log_softmax(Z: Array) -> Array:
    """Return log(softmax(Z)) row by row, without overflow however large Z is.

    Any shift of a row leaves its softmax as it is, so no derivative follows the shift.
    """
    Z = Z - plain(Z).max(axis=1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


squared_error, binary_cross_entropy = SquaredError(), BinaryCrossEntropy()
cross_entropy, absolute_error, hinge = CrossEntropy(), AbsoluteError(), Hinge()

# Every loss by name: what is saved with a network, and what a table can loop over.
LOSSES: dict[str, Loss] = {
    "squared_error": squared_error,
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
    "absolute_error": absolute_error,
    "hinge": hinge,
}
