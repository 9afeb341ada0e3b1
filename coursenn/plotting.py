"""Figures of the book: each function draws one message, on one set of axes or a grid.

Functions take arrays and return the ``Axes`` they drew on. ``use_book_style()`` sets an
opaque white ground, so that figures read on dark pages too, and colours that readers who
are colour-blind can tell apart.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from .arrays import Array, as_labels, as_matrix, as_numbers, check_count, check_same_rows

# Okabe and Ito, Color universal design, 2008; black last, since text is black already.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]


def use_book_style() -> None:
    """Set Matplotlib's defaults to those of the book's figures."""
    plt.rcParams.update(
        {
            "figure.figsize": (6.4, 3.6),
            "figure.dpi": 100,
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "savefig.bbox": "standard",
            "figure.constrained_layout.use": True,
            "axes.prop_cycle": cycler(color=COLOURS),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "font.family": "DejaVu Sans",  # shipped with Matplotlib: the same on every machine
            "font.size": 10,
            "legend.frameon": False,
        }
    )


def new_axes(ax: Axes | None, **options: Any) -> Axes:
    """Return ax, or the axes of a new figure if ax is None."""
    return plt.subplots(**options)[1] if ax is None else ax


def plot_points(X: ArrayLike, y: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw the rows of X as points of the plane, with a colour and a shape for each label.

    Parameters
    ----------
    X : (m, 2) array
    y : (m,) integer labels, 0 to 6

    Raises
    ------
    TypeError, ValueError
        If X or y is not as above.
    """
    X, y = as_matrix(X, n_columns=2), as_labels(y, n_classes=len(COLOURS))
    check_same_rows(X, y, "X and y")
    ax = new_axes(ax, figsize=(4.4, 3.6))
    for label in np.unique(y):
        x1, x2 = X[y == label].T
        ax.scatter(
            x1,
            x2,
            s=50,
            c=[COLOURS[label]],
            marker="osD^vP*"[label],
            edgecolors="white",
            zorder=3,
            label=f"class {label}",
        )
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    return ax


def plot_decision_boundary(
    predict: Callable[[Array], Array],
    X: ArrayLike,
    y: ArrayLike,
    ax: Axes | None = None,
    pad: float = 0.15,
) -> Axes:
    """Draw the rows of X, and behind them the regions that ``predict`` gives each label.

    Parameters
    ----------
    predict : function from an (m, 2) array to (m,) integer labels
    X : (m, 2) array
    y : (m,) integer labels, 0 to 6
    pad : float, room around the points as a share of their range

    Raises
    ------
    TypeError, ValueError
        If X or y is not as above.
    """
    ax = plot_points(X, y, ax)
    X = as_matrix(X)
    room = pad * np.ptp(X, axis=0)
    (left, bottom), (right, top) = X.min(axis=0) - room, X.max(axis=0) + room
    x1, x2 = np.meshgrid(np.linspace(left, right, 400), np.linspace(bottom, top, 400))
    labels = predict(np.column_stack([x1.ravel(), x2.ravel()])).reshape(x1.shape)
    tints = ListedColormap(COLOURS)(labels, alpha=0.2)
    ax.imshow(tints, extent=(left, right, bottom, top), origin="lower", aspect="auto")
    for label in np.unique(labels)[1:]:
        ax.contour(x1, x2, labels >= label, levels=[0.5], colors="black", linewidths=1.2)
    ax.set(xlim=(left, right), ylim=(bottom, top))
    return ax


def plot_neuron(
    inputs: Sequence[str],
    weights: Sequence[str],
    f: Callable[[Array], Array],
    output: str = r"$\hat y$",
    ax: Axes | None = None,
) -> Axes:
    """Draw a neuron: inputs, weights, a bias, their sum z, the curve f(z), the output.

    Parameters
    ----------
    inputs, weights : labels, one each per input
    f : the activation function; its curve is drawn for z from -3 to 3
    output : label of the output

    Raises
    ------
    ValueError
        If there are no inputs, or not as many weights as inputs.
    """
    check_count(len(inputs), "the number of inputs")
    if len(inputs) != len(weights):
        raise ValueError(f"each input needs a weight; got {len(inputs)} and {len(weights)}")
    ax = new_axes(ax, figsize=(6.4, 2.9))
    names, edges = [*inputs, "$1$"], [*weights, "$b$"]
    for name, edge, height in zip(names, edges, np.linspace(1, -1, len(names)), strict=True):
        _node(ax, 0, height, name)
        _arrow(ax, (0.17, height), (1.72, 0.1 * height), edge)
    _node(ax, 2, 0, r"$\Sigma$", radius=0.28)
    _arrow(ax, (2.28, 0), (2.93, 0), "$z$")
    z = np.linspace(-3, 3, 601)
    a = f(z)
    ax.add_patch(Rectangle((2.93, -0.4), 0.9, 0.8, fill=False, lw=1.4))
    ax.plot(3.38 + 0.13 * z, -0.27 + 0.54 * (a - a.min()) / np.ptp(a), lw=2)
    _arrow(ax, (3.83, 0), (4.6, 0))
    ax.text(4.68, 0, output, va="center", size=14)
    ax.set(xlim=(-0.25, 5), ylim=(-1.25, 1.25), aspect="equal")
    ax.set_axis_off()
    return ax


def plot_network(
    sizes: Sequence[int],
    colour: Callable[[int, int], str] = lambda i, j: "0.6",
    labels: Sequence[Sequence[str]] | None = None,
    arrows: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network, layer by layer from left to right.

    Parameters
    ----------
    sizes : units in each layer, each at least 1
    colour : function from i and j to the colour in which unit i of a layer feeds unit j of
        the next, or to "" if it does not
    labels : texts to write into the units, one list per layer; by default none
    arrows : whether connections have heads

    Raises
    ------
    TypeError, ValueError
        If a size is not a count of at least 1, or labels do not fit the sizes.
    """
    for size in sizes:
        check_count(size, "the size of a layer")
    if labels is not None and [len(texts) for texts in labels] != list(sizes):
        raise ValueError(f"labels must be one text per unit, for layers of {list(sizes)} units")
    ax = new_axes(ax, figsize=(4.4, 2.9))
    heights = [(size - 1) / 2 - np.arange(size) for size in sizes]
    for layer, (below, above) in enumerate(pairwise(heights)):
        for i, start in enumerate(below):
            for j, end in enumerate(above):
                if colour(i, j):
                    line: dict[str, Any] = {"color": colour(i, j), "lw": 1}
                    ax.plot([2 * layer, 2 * layer + 2], [start, end], **line, zorder=1)
                    if arrows:
                        rim = 1 - 0.3 / math.hypot(2, end - start)  # where the circle begins
                        tip = 2 * layer + 2 * rim, start + rim * (end - start)
                        head = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **line}
                        ax.annotate("", tip, (2 * layer, start), arrowprops=head, zorder=1)
    for layer, units in enumerate(heights):
        for i, height in enumerate(units):
            _node(ax, 2 * layer, height, labels[layer][i] if labels else "", radius=0.3)
    ax.set(xlim=(-0.5, 2 * len(sizes) - 1.5), ylim=(-max(sizes) / 2, max(sizes) / 2))
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


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
    return plot_images(W.T, columns=columns, limits=(-limit, limit), cmap="RdBu_r")


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


def _side(X: Array) -> int:
    """Return the side of the square pictures in the rows of X."""
    side = math.isqrt(X.shape[1])
    if side * side != X.shape[1]:
        raise ValueError(f"pictures must be square: {X.shape[1]} pixels are not a square number")
    return side


def _node(ax: Axes, x: float, y: float, text: str, radius: float = 0.17) -> None:
    ax.add_patch(Circle((x, y), radius, facecolor="white", edgecolor="black", lw=1.4, zorder=2))
    ax.text(x, y, text, ha="center", va="center", size=12, zorder=3)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], text: str = "") -> None:
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "black"})
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    if text:
        ax.text(*middle, text, ha="center", va="center", size=12, bbox={"color": "white", "pad": 1})
