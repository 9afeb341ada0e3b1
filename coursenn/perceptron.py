"""The first artificial neurons: one that computes (1943), and one that learns (1958–62)."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .activations import heaviside
from .arrays import Array, as_labels, as_matrix, as_numbers, check_count, check_same_rows


def mcculloch_pitts(
    excitatory: ArrayLike, threshold: int, inhibitory: ArrayLike | None = None
) -> NDArray[np.integer]:
    """Return 1 for each row on which a neuron of McCulloch and Pitts fires, else 0.

    It fires when at least ``threshold`` excitatory inputs are active and no inhibitory
    input is: a single one vetoes.

    Parameters
    ----------
    excitatory : (m, n) array of 0 and 1
    threshold : int, at least 0
    inhibitory : (m, k) array of 0 and 1, optional

    Returns
    -------
    y : (m,) array of 0 and 1

    Raises
    ------
    TypeError, ValueError
        If the inputs are not matrices of 0 and 1 with equally many rows, or the
        threshold is not a count.

    References
    ----------
    McCulloch and Pitts, Bulletin of Mathematical Biophysics 5, 1943.
    """
    check_count(threshold, "threshold", least=0)
    excitatory = _as_binary(excitatory, "excitatory")
    fires = excitatory.sum(axis=1) >= threshold
    if inhibitory is not None:
        inhibitory = _as_binary(inhibitory, "inhibitory")
        check_same_rows(excitatory, inhibitory, "excitatory and inhibitory")
        fires &= ~inhibitory.any(axis=1)
    y: NDArray[np.integer] = fires.astype(int)
    return y


class Perceptron:
    """A neuron that answers heaviside(w · x + b), and learns by Rosenblatt's rule.

    It answers 1 where w · x + b >= 0, the boundary included, and 0 elsewhere.

    Parameters
    ----------
    w : (n,) array, the weights to start from
    b : float, the bias to start from

    Attributes
    ----------
    w, b : what has been learnt so far; ``learn`` changes both.

    Raises
    ------
    TypeError, ValueError
        If w is not a vector of finite real numbers, or b is not one.

    References
    ----------
    Rosenblatt, Psychological Review 65, 1958.
    """

    def __init__(self, w: ArrayLike, b: float = 0.0) -> None:
        self.w, self.b = _as_weights(w), _as_real(b, "b")

    def __call__(self, X: ArrayLike) -> NDArray[np.integer]:
        """Return the answer, 0 or 1, for each row of X: (m, n) -> (m,)."""
        X = as_matrix(X, n_columns=len(self.w))
        answers: NDArray[np.integer] = heaviside(X @ self.w + self.b).astype(int)
        return answers

    def learn(self, X: ArrayLike, y: ArrayLike, lr: float = 1.0) -> int:
        """Look at the rows of X once, in order, and correct every mistake on the spot.

        Parameters
        ----------
        X : (m, n) array
        y : (m,) array of 0 and 1
        lr : float, above 0

        Returns
        -------
        mistakes : int, how often w and b were changed

        Raises
        ------
        TypeError, ValueError
            If X is not a finite (m, n) matrix, y does not hold m labels 0 or 1, or lr
            is not above 0.
        """
        X, y = _as_examples(X, y, self.w)
        _check_rate(lr)
        mistakes = 0
        for x, target in zip(X, y, strict=True):
            error = int(target) - int(heaviside.f(x @ self.w + self.b))  # -1, 0 or 1
            if error:
                self.w += lr * error * x
                self.b += lr * error
                mistakes += 1
        return mistakes

    def __repr__(self) -> str:
        return f"Perceptron({self.w.tolist()}, {self.b})"


def train_perceptron(
    perceptron: Perceptron,
    X: ArrayLike,
    y: ArrayLike,
    epochs: int,
    lr: float = 1.0,
    rng: int | np.random.Generator | None = None,
) -> Iterator[int]:
    """Train, yielding the number of mistakes made in each pass over the data.

    Stops after a pass without mistakes, since nothing would change any more, and in any
    case after ``epochs`` passes. Arguments are checked at once; training goes on as the
    result is looped over.

    Parameters
    ----------
    perceptron : Perceptron, changed in place
    X : (m, n) array
    y : (m,) array of 0 and 1
    epochs : int, at least 1; the most passes over the data
    lr : float, above 0; with w = 0 and b = 0 to start from it changes no answer
    rng : seed or numpy Generator, for a new order of the rows in every pass

    Raises
    ------
    TypeError, ValueError
        If X, y, epochs or lr are not as above.
    """
    check_count(epochs, "epochs")
    _check_rate(lr)
    X, y = _as_examples(X, y, perceptron.w)
    return _passes(perceptron, X, y, epochs, lr, np.random.default_rng(rng))


def mistake_bound(w: ArrayLike, b: float, X: ArrayLike, y: ArrayLike) -> float:
    """Return (R / γ)²: no perceptron that starts from zero errs more often on X, y.

    R is the length of the longest row of X with a 1 appended, and γ the distance of the
    nearest such row from the plane (w, b) through the origin. Any (w, b) that separates
    the classes gives a valid bound; the one with the largest γ gives the best.

    Raises
    ------
    TypeError
        If an argument does not hold numbers of the right kind.
    ValueError
        If shapes do not fit, or w · x + b has the wrong sign, or is 0, on some row.

    References
    ----------
    Novikoff, Symposium on the Mathematical Theory of Automata, 1962.
    """
    w, b = _as_weights(w), _as_real(b, "b")
    X, y = _as_examples(X, y, w)
    margins = (2 * y.astype(int) - 1) * (X @ w + b)
    wrong = int(np.sum(margins <= 0))
    if wrong:
        raise ValueError(
            f"(w, b) must separate the classes, but {wrong} of {len(y)} rows are on the"
            " wrong side or on the boundary. The bound exists only for a separating (w, b)"
        )
    longest = np.max(np.sum(X * X, axis=1)) + 1
    return float(longest * (w @ w + b * b) / np.min(margins) ** 2)


def _passes(
    perceptron: Perceptron,
    X: Array,
    y: NDArray[np.integer],
    epochs: int,
    lr: float,
    rng: np.random.Generator,
) -> Iterator[int]:
    for _ in range(epochs):
        order = rng.permutation(len(X))
        mistakes = perceptron.learn(X[order], y[order], lr)
        yield mistakes
        if mistakes == 0:
            return


def _as_examples(X: ArrayLike, y: ArrayLike, w: Array) -> tuple[Array, NDArray[np.integer]]:
    X, y = as_matrix(X, n_columns=len(w)), as_labels(y, n_classes=2)
    check_same_rows(X, y, "X and y")
    return X, y


def _as_binary(X: ArrayLike, name: str) -> Array:
    X = as_matrix(X, name)
    if not np.isin(X, (0, 1)).all():
        raise ValueError(f"{name} must hold 0 and 1 only; got {X[~np.isin(X, (0, 1))][0]}")
    return X


def _as_weights(w: ArrayLike) -> Array:
    """Return a float64 copy, so that learning does not change the caller's array."""
    w = as_numbers(w, "w")
    if w.ndim != 1:
        raise ValueError(f"w must be a vector of weights, shape (n,); got shape {w.shape}")
    weights: Array = as_matrix(w[np.newaxis], "w")[0].astype(np.float64)
    return weights


def _as_real(value: Any, name: str) -> float:
    try:
        real = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be a real number; got {value!r}") from error
    if not math.isfinite(real):
        raise ValueError(f"{name} must be finite; got {real}")
    return real


def _check_rate(lr: float) -> None:
    if _as_real(lr, "lr") <= 0:
        raise ValueError(f"lr must be above 0; got {lr}")
