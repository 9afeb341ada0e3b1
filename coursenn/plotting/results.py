"""How training went, and what a trained network takes for what."""

from collections.abc import Mapping
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from ..arrays import as_matrix, as_numbers
from .style import new_axes


def plot_learning_curves(
    curves: Mapping[str, ArrayLike], ylabel: str, ax: Axes | None = None
) -> Axes:
    """Draw one curve over the epochs 1, 2, ... for each name; several runs become a band.

    Parameters
    ----------
    curves : dict from a name to an (epochs,) array, or to a (runs, epochs) array
        Of several runs the line shows the median, and the band the range.
    ylabel : what is measured

    Raises
    ------
    TypeError, ValueError
        If there is no curve, or one is not as above.
    """
    if not curves:
        raise ValueError("curves is empty: pass at least one, as {'training': losses}")
    ax = new_axes(ax)
    for (name, values), style in zip(curves.items(), cycle(["-", "--", "-.", ":"])):
        runs = as_matrix(np.atleast_2d(as_numbers(values, name)), f"the curve {name!r}")
        epochs = np.arange(1, runs.shape[1] + 1)
        (line,) = ax.plot(epochs, np.median(runs, axis=0), style, label=name)
        if len(runs) > 1:
            low, high = runs.min(axis=0), runs.max(axis=0)
            ax.fill_between(epochs, low, high, color=line.get_color(), alpha=0.2, lw=0)
    ax.set(xlabel="epoch", ylabel=ylabel)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


def plot_confusion_matrix(counts: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix: row i and column j say how often an i was taken for a j.

    Colour shows mistakes only; with the diagonal it would show nothing else.

    Parameters
    ----------
    counts : (k, k) array of integers, at least 0

    Raises
    ------
    TypeError, ValueError
        If counts is not as above.
    """
    counts = np.asarray(counts)
    if counts.dtype.kind not in "iu":
        raise TypeError(f"counts must hold integers; got {counts.dtype}")
    mistakes = as_matrix(counts, "counts")
    if mistakes.shape[0] != mistakes.shape[1] or mistakes.min() < 0:
        raise ValueError(
            "counts must be a square matrix without negative entries, a row and a column for"
            f" each class; got shape {counts.shape} and least entry {counts.min()}"
        )
    mistakes = mistakes * (1 - np.eye(len(counts)))
    top = max(mistakes.max(), 1.0)
    ax = new_axes(ax, figsize=(5.2, 4.8))
    ax.imshow(mistakes, cmap="Oranges", vmin=0, vmax=1.4 * top)
    for (i, j), count in np.ndenumerate(counts):
        ax.text(j, i, count, ha="center", va="center", size=8, color="0.5" if i == j else "black")
    ticks = range(len(counts))
    ax.set(xlabel="taken for", ylabel="is", xticks=ticks, yticks=ticks)
    return ax
