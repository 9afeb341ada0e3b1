"""Rows of an array as pictures."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array, as_labels, as_matrix, check_count, check_same_rows
from .style import COLOURS


def plot_images(
    X: ArrayLike,
    titles: Sequence[str] | None = None,
    columns: int = 10,
    limits: tuple[float, float] = (0, 1),
    cmap: str = "gray_r",
) -> Array:
    """Draw each row of X as a square picture, in a grid of its own figure.

    Parameters
    ----------
    X : (m, n) array, n a square number
        One picture in each row, its pixels from left to right and from top to bottom.
    titles : strings, one for each picture
    columns : pictures side by side, at least 1
    limits : the values drawn as the first and the last colour, paper and ink
    cmap : name of a Matplotlib colour map

    Returns
    -------
    (m,) array of Axes

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above.
    """
    X = as_matrix(X)
    check_count(columns, "columns")
    side = _side(X)
    if titles is not None and len(titles) != len(X):
        raise ValueError(f"titles must be one for each picture; got {len(titles)} and {len(X)}")
    if not limits[0] < limits[1]:
        raise ValueError(f"limits must be two rising numbers; got {limits}")
    columns = min(columns, len(X))
    rows = -(-len(X) // columns)
    size = 0.72 * columns, (0.72 if titles is None else 1.0) * rows
    axes = plt.subplots(rows, columns, figsize=size, squeeze=False)[1].ravel()
    for ax in axes:
        ax.set_axis_off()
    for ax, x in zip(axes, X, strict=False):
        ax.imshow(x.reshape(side, side), cmap=cmap, vmin=limits[0], vmax=limits[1])
    for ax, title in zip(axes, titles or [], strict=False):
        ax.set_title(title, loc="center", size=9)
    return axes[: len(X)]


def plot_answers(X: ArrayLike, P: ArrayLike, y: ArrayLike) -> Array:
    """Draw each row of X as a square picture, and below it the probability of each class.

    The bar of the right class is blue, a larger one, of a wrong answer, orange; both have a
    tick. Four answers stand side by side, so that the bars can be told apart on a phone.

    Parameters
    ----------
    X : (m, n) array, n a square number
        Pictures of values from 0, paper, to 1, ink.
    P : (m, n_classes) array
        Probabilities that a network gives to the classes.
    y : (m,) integer labels

    Returns
    -------
    (2, m) array of Axes
        Pictures above, bars below.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as above.
    """
    X, P = as_matrix(X), as_matrix(P, "P")
    y = as_labels(y, P.shape[1])
    check_same_rows(X, P, "X and P")
    check_same_rows(X, y, "X and y")
    side = _side(X)
    columns = min(4, len(X))
    rows = -(-len(X) // columns)
    grid: dict[str, Any] = {"sharey": "row", "squeeze": False}
    axes = plt.subplots(2 * rows, columns, figsize=(1.5 * columns + 0.4, 2.4 * rows), **grid)[1]
    axes = axes.reshape(rows, 2, columns).swapaxes(0, 1).reshape(2, -1)
    for ax in axes[:, len(X) :].flat:
        ax.set_axis_off()
    for (above, below), x, p, label in zip(axes.T, X, P, y, strict=False):
        above.imshow(x.reshape(side, side), cmap="gray_r", vmin=0, vmax=1)
        above.set_title(f"{label}", loc="center")
        above.set_axis_off()
        colours = np.where(p > p[label], COLOURS[1], "0.6")
        colours[label] = COLOURS[0]
        below.bar(np.arange(len(p)), p, color=colours)
        answer = int(p.argmax())
        below.set(ylim=(0, 1), xticks=sorted({answer, int(label)}), xlabel=f"reads {answer}")
    for ax in axes[1, ::columns]:
        ax.set_ylabel("probability")
    return axes[:, : len(X)]


def plot_weights(W: ArrayLike, columns: int = 10) -> Array:
    """Draw the weights into each unit of a first layer as a picture: blue -, white 0, red +.

    All pictures share one scale, so that strong units look strong. It is cut at 3 standard
    deviations of W, so that a single large weight does not fade the others.

    Parameters
    ----------
    W : (n_in, n_out) array, n_in a square number
    columns : pictures side by side, at least 1

    Returns
    -------
    (n_out,) array of Axes

    Raises
    ------
    TypeError, ValueError
        If W is not as above, or all of it is equal.
    """
    W = as_matrix(W, "W")
    limit = 3 * float(W.std())
    axes = plot_images(W.T, columns=columns, limits=(-limit, limit), cmap="RdBu_r")
    for ax in axes:
        ax.images[0].set_interpolation("nearest")  # smoothed noise makes a file four times as large
    return axes


def _side(X: Array) -> int:
    """Return the side of the square pictures in the rows of X."""
    side = math.isqrt(X.shape[1])
    if side * side != X.shape[1]:
        raise ValueError(f"pictures must be square: {X.shape[1]} pixels are not a square number")
    return side
