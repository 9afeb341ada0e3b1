"""The training loop, as a generator: the caller logs, plots, or stops."""

import math
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from .arrays import (
    Array,
    as_labels,
    as_matrix,
    as_real,
    check_count,
    check_same_rows,
    is_finite,
)
from .data import Rng, batches


class Model(Protocol):
    """What ``train`` needs of a model."""

    theta: Array
    grad: Array

    def check(self, X: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
        """Return X and Y ready for use, or raise an error that says what is wrong."""

    def loss_and_grad(self, X: ArrayLike, Y: ArrayLike, checked: bool = False) -> float:
        """Return the loss on a batch, and write its gradient to ``grad``."""


class Stepper(Protocol):
    """What ``train`` needs of an optimizer."""

    def step(self, theta: Array, grad: Array, checked: bool = False) -> None:
        """Move theta one step, in place; checked says that others look for nan in grad."""


Augment = Callable[[Array, np.random.Generator], ArrayLike]  # inputs to others of that shape


class Epoch(NamedTuple):
    """What happened in one pass over the data."""

    number: int
    loss: float


def train(
    model: Model,
    X: ArrayLike,
    Y: ArrayLike,
    optimizer: Stepper,
    epochs: int,
    batch_size: int = 32,
    rng: Rng = None,
    progress: bool = False,
    augment: Augment | None = None,
) -> Iterator[Epoch]:
    """Train a model, yielding an Epoch after each pass over the data.

    Arguments are checked at once; training goes on as the result is looped over. To stop
    early, break. To look after every epoch, look inside the loop.

    The epochs are a table: ``pd.DataFrame(train(...)).plot(x="number", y="loss")``.

    Parameters
    ----------
    model : Network, or anything else with theta, grad, check and loss_and_grad
    X, Y : array-like, shapes (m, n_in) and (m, n_out)
        Inputs and targets, one example per row.
    optimizer : SGD, or anything else with step(theta, grad, checked)
    epochs, batch_size : int, at least 1
        Passes over the data; rows per step (the last batch of an epoch may be smaller).
    rng : seed or numpy Generator
        Fixes the order of the rows, and what augment draws.
    progress : bool
        Show a progress bar (needs tqdm).
    augment : function (X, rng) -> X, such as ``coursenn.Distortion``, optional
        Takes the inputs of a batch, and returns those to learn from in their place. It is
        called anew for every batch of every epoch. X and Y stay as they are.

    Yields
    ------
    Epoch
        Its number from 1, and the mean over the rows of the loss of their batch, each
        measured just before the batch was learned from.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described above.
    ImportError
        If a progress bar is asked for and tqdm is not installed.
    FloatingPointError
        If the loss of a batch, or theta after an epoch, is not finite: training has
        diverged and theta is lost.
    """
    _check_methods(model, "model", "a Network", "check", "loss_and_grad")
    _check_methods(optimizer, "optimizer", "SGD(lr=0.1)", "step")
    check_count(epochs, "epochs")
    check_count(batch_size, "batch_size")
    if augment is not None and (isinstance(augment, type) or not callable(augment)):
        raise TypeError(
            f"augment must be a function of X and rng, such as Distortion(shift=2); got {augment!r}"
        )
    if progress:
        _tqdm()  # missing? said at once
    X, Y = model.check(X, Y)
    rng = np.random.default_rng(rng)
    return _epochs(model, X, Y, optimizer, epochs, batch_size, rng, progress, augment)


def _epochs(
    model: Model,
    X: Array,
    Y: Array,
    optimizer: Stepper,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    progress: bool,
    augment: Augment | None,
) -> Iterator[Epoch]:
    rows = epochs * len(X)
    with _tqdm()(total=rows, unit="row", unit_scale=True) if progress else nullcontext() as bar:
        for number in range(1, epochs + 1):
            data = batches(X, Y, batch_size, rng)
            if augment is not None:
                data = _augmented(data, augment, rng)
            loss = _epoch(model, data, optimizer, number, bar) / len(X)
            if not is_finite(model.theta):
                raise _diverged("theta is not finite", number, X)
            if bar is not None:
                bar.set_postfix(loss=f"{loss:.4f}")
            yield Epoch(number, loss)


def _augmented(
    data: Iterator[tuple[Array, Array]], augment: Augment, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    """Yield the batches with their inputs changed, in the dtype that they had."""
    for x, y in data:
        new = np.asarray(augment(x, rng), x.dtype)
        if new.shape != x.shape:
            raise ValueError(
                f"augment must return inputs like those it takes, {x.shape}; got {new.shape}"
            )
        yield new, y


@np.errstate(over="ignore", invalid="ignore")  # both show in the loss, or in theta
def _epoch(
    model: Model,
    data: Iterator[tuple[Array, Array]],
    optimizer: Stepper,
    number: int,
    bar: Any,
) -> float:
    """Take one step for each batch, and return the sum over the rows of their losses."""
    total = 0.0
    for x, y in data:
        loss = model.loss_and_grad(x, y, checked=True)
        if not math.isfinite(loss):
            raise _diverged(f"the loss became {loss}", number, x)
        optimizer.step(model.theta, model.grad, checked=True)
        project(model)
        total += len(x) * loss
        if bar is not None:
            bar.update(len(x))
    return total


def project(model: Model) -> None:
    """Put the parameters back where they may be, if the model has such a rule (max-norm)."""
    if hasattr(model, "project"):
        model.project()


def _diverged(what: str, number: int, X: Array) -> FloatingPointError:
    return FloatingPointError(
        f"{what} in epoch {number}. Lower the learning rate, or scale the inputs:"
        f" here X runs from {X.min():.3g} to {X.max():.3g}"
    )


def _tqdm() -> Any:
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise ImportError("progress=True needs tqdm: pip install tqdm") from error
    return tqdm


def _check_methods(thing: object, name: str, example: str, *methods: str) -> None:
    if isinstance(thing, type) or not all(callable(getattr(thing, m, None)) for m in methods):
        raise TypeError(
            f"{name} must be an object such as {example}, with {' and '.join(methods)};"
            f" got {thing!r}"
        )


class EarlyStopping:
    """Remember a model's best parameters, and say when to stop waiting for better ones.

    ::

        stop = EarlyStopping(net, patience=5)
        for _ in train(net, X, Y, Adam(), epochs=100):
            if stop.after(net.loss(net(X_val), Y_val)):
                break
        stop.restore()

    Parameters
    ----------
    model : Network, or anything else with theta
    patience : int, at least 1, or ``numpy.inf``
        Scores in a row without a new best until it is time to stop.
    tol : float, at least 0
        A score counts as a new best only if it is lower by more than tol.

    Attributes
    ----------
    best : float
        The lowest score so far.
    waited : int
        Scores since the last new best.

    References
    ----------
    Prechelt, Early stopping, but when?, in Neural Networks: Tricks of the Trade, 1998.
    """

    def __init__(self, model: Any, patience: float = 10, tol: float = 0.0):
        if patience != math.inf:
            check_count(patience, "patience")  # type: ignore[arg-type]
        if as_real(tol, "tol") < 0:
            raise ValueError(f"tol must be at least 0; got {tol}")
        self.model, self.patience, self.tol = model, patience, tol
        self.best, self.waited = math.inf, 0
        self._keep()

    def after(self, score: float) -> bool:
        """Take the score of an epoch, such as a loss: lower is better. Return whether to stop.

        A score that is not a number is no best one.
        """
        self.waited = 0 if score < self.best - self.tol else self.waited + 1
        if score < self.best:
            self.best = float(score)
            self._keep()
        return self.waited >= self.patience

    def _keep(self) -> None:
        state = getattr(self.model, "state", ())  # what BatchNorm remembers
        self._snapshot = self.model.theta.copy(), np.copy(state)

    def restore(self) -> None:
        """Give the model back the parameters it had when its score was best."""
        theta, state = self._snapshot
        self.model.theta[...] = theta
        if state.size:
            self.model.state[...] = state


def accuracy(A: ArrayLike, y: ArrayLike) -> float:
    """Return the share of rows whose largest output stands in the column of the label.

    Parameters
    ----------
    A : array-like, shape (m, n_classes), n_classes at least 2
        Outputs or probabilities, e.g. ``net.predict(X)``.
    y : (m,) integer labels

    Raises
    ------
    TypeError, ValueError
        If A is not a finite matrix of at least two columns, or y does not hold one label
        in 0 .. n_classes - 1 per row of A.
    """
    A = as_matrix(A, "A")
    if A.shape[1] < 2:
        raise ValueError(
            "accuracy needs one column per class, at least 2; A has 1."
            " For one probability per row, compare A[:, 0] >= 0.5 with y"
        )
    y = as_labels(y, A.shape[1])
    check_same_rows(A, y, "A and y")
    return float(np.mean(A.argmax(axis=1) == y))
