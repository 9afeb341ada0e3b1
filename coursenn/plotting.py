"""Figures of the book: each function draws one message on one set of axes.

Functions take arrays and return the ``Axes`` they drew on. ``use_book_style()`` sets an
opaque white ground, so that figures read on dark pages too, and colours that readers who
are colour-blind can tell apart.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Circle, Rectangle
from numpy.typing import ArrayLike

from .arrays import Array, as_labels, as_matrix, check_count, check_same_rows

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
    connected: Callable[[int, int], bool] = lambda i, j: True,
    labels: Sequence[Sequence[str]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network, layer by layer from left to right.

    Parameters
    ----------
    sizes : units in each layer, each at least 1
    connected : function that says whether unit i of a layer feeds unit j of the next
    labels : texts to write into the units, one list per layer; by default none

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
                if connected(i, j):
                    ax.plot([2 * layer, 2 * layer + 2], [start, end], color="0.6", lw=1)
    for layer, units in enumerate(heights):
        for i, height in enumerate(units):
            _node(ax, 2 * layer, height, labels[layer][i] if labels else "", radius=0.3)
    ax.set(xlim=(-0.5, 2 * len(sizes) - 1.5), ylim=(-max(sizes) / 2, max(sizes) / 2))
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


def _node(ax: Axes, x: float, y: float, text: str, radius: float = 0.17) -> None:
    ax.add_patch(Circle((x, y), radius, facecolor="white", edgecolor="black", lw=1.4, zorder=2))
    ax.text(x, y, text, ha="center", va="center", size=12, zorder=3)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], text: str = "") -> None:
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "black"})
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    if text:
        ax.text(*middle, text, ha="center", va="center", size=12, bbox={"color": "white", "pad": 1})
