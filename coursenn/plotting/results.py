"""How training went, and what a trained network takes for what."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from ..arrays import Array, as_labels, as_matrix, as_numbers, check_count, check_same_rows
from .style import COLOURS, new_axes


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
    checked = _check_curves(curves)
    ax = new_axes(ax)
    for (name, runs), style in zip(checked.items(), cycle(["-", "--", "-.", ":"])):
        _plot_runs(ax, np.arange(1, runs.shape[1] + 1), runs, style, name)
    ax.set(xlabel="epoch", ylabel=ylabel)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


def plot_validation_curve(
    values: ArrayLike,
    curves: Mapping[str, ArrayLike],
    xlabel: str,
    ylabel: str,
    xscale: str = "log",
    ax: Axes | None = None,
) -> Axes:
    """Draw scores against the values of a knob, such as a learning rate; runs become a band.

    Parameters
    ----------
    values : (n,) array, rising, above 0 unless xscale is "linear"
        What the knob was set to.
    curves : dict from a name to an (n,) array, or to a (runs, n) array
        Of several runs the line shows the median, and the band the range.
    xlabel, ylabel : the knob, and what is measured
    xscale : "log" or "linear"
        "linear" is for knobs such as momentum, where 0 is a value like others.

    Raises
    ------
    TypeError, ValueError
        If there is no curve, or an argument is not as above.
    """
    x = _check_knob(values, xscale)
    checked = _check_curves(curves, len(x))
    ax = new_axes(ax)
    for (name, runs), style in zip(checked.items(), cycle(["o-", "s--", "^-.", "D:"])):
        _plot_runs(ax, x, runs, style, name)
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale)
    ax.legend()
    return ax


def _check_knob(values: ArrayLike, xscale: str) -> Array:
    """Return values as a vector, if it can stand along an axis of that scale."""
    x = _as_runs(values, "values")
    if len(x) != 1 or (np.diff(x) <= 0).any():
        raise ValueError(f"values must be a list of rising numbers; got {x.tolist()}")
    if xscale not in ("log", "linear"):
        raise ValueError(f"xscale must be 'log' or 'linear'; got {xscale!r}")
    if xscale == "log" and x[0, 0] <= 0:
        raise ValueError(
            f"a logarithmic axis has no place for {x[0, 0]:g}: leave it out and draw its score"
            " with ax.axhline, or pass xscale='linear'"
        )
    return x[0]


def _check_curves(curves: Mapping[str, ArrayLike], n: int | None = None) -> dict[str, Array]:
    """Return the curves as (runs, n) matrices, by default each of any n."""
    if not curves:
        raise ValueError("curves is empty: pass at least one, as {'training': losses}")
    return {name: _as_runs(values, f"the curve {name!r}", n) for name, values in curves.items()}


def _as_runs(values: ArrayLike, name: str, n: int | None = None) -> Array:
    return as_matrix(np.atleast_2d(as_numbers(values, name)), name, n)


def _plot_runs(ax: Axes, x: Array, runs: Array, style: str, name: str) -> None:
    """Draw the median of the rows of runs, and a band over their range if there are several."""
    (line,) = ax.plot(x, np.median(runs, axis=0), style, ms=4, label=name)
    if len(runs) > 1:
        low, high = runs.min(axis=0), runs.max(axis=0)
        ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2, lw=0)


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


def plot_reliability(P: ArrayLike, y: ArrayLike, bins: int = 10, ax: Axes | None = None) -> Axes:
    """Draw how often a classifier is right, by how sure it says it is.

    On the dashed line it is right as often as it says. Below, it is too sure.

    Parameters
    ----------
    P : (m, k) array of probabilities
    y : (m,) integer labels
    bins : int, at least 1
        Groups of equal width of the largest probability in a row.

    Raises
    ------
    TypeError, ValueError
        If P is not a matrix of probabilities with a label in y for each row.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, ICML 2017, figure 1.
    """
    check_count(bins, "bins")
    P = as_matrix(P, "P")
    if P.min() < 0 or P.max() > 1:
        raise ValueError(f"P must hold probabilities; it runs from {P.min():g} to {P.max():g}")
    y = as_labels(y, P.shape[1])
    check_same_rows(P, y, "P and y")
    sure, right = P.max(axis=1), P.argmax(axis=1) == y
    group = np.minimum((sure * bins).astype(int), bins - 1)
    ax = new_axes(ax, figsize=(4.4, 4.0))
    ax.plot([0, 1], [0, 1], "--", color="0.5")
    for i in np.unique(group):
        rows = group == i
        ax.bar((i + 0.5) / bins, right[rows].mean(), 0.9 / bins, color=COLOURS[0], alpha=0.7)
        ax.text((i + 0.5) / bins, 0.02, rows.sum(), ha="center", size=7, rotation=90)
    ax.set(xlabel="how sure", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    return ax


def plot_grid_search(
    scores: ArrayLike,
    rows: tuple[str, Sequence[object]],
    columns: tuple[str, Sequence[object]],
    ax: Axes | None = None,
) -> Axes:
    """Draw the scores of a grid search as a heat map, the best one framed. Needs seaborn.

    Parameters
    ----------
    scores : (n, k) array
    rows, columns : (name, values)
        What was varied, and its n or k values, such as ("λ", [0, 1e-4, 1e-3]).

    Raises
    ------
    TypeError, ValueError
        If scores is not a finite matrix with a row and a column for each value.
    """
    import seaborn as sns  # type: ignore[import-untyped]

    scores = as_matrix(scores, "scores")
    if scores.shape != (len(rows[1]), len(columns[1])):
        raise ValueError(
            f"scores must have a row for each of {len(rows[1])} values and a column for each"
            f" of {len(columns[1])}; got shape {scores.shape}"
        )
    ax = new_axes(ax, figsize=(5.6, 4.4))
    ticks = {"xticklabels": list(columns[1]), "yticklabels": list(rows[1])}
    sns.heatmap(scores, annot=True, fmt=".3g", cmap="cividis", ax=ax, cbar=False, **ticks)
    i, j = np.unravel_index(scores.argmax(), scores.shape)
    ax.add_patch(
        Rectangle((float(j), float(i)), 1, 1, fill=False, ec=COLOURS[1], lw=3, clip_on=False)
    )
    ax.set(xlabel=columns[0], ylabel=rows[0])
    ax.tick_params(axis="y", rotation=0)
    return ax
