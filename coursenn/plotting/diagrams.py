"""Diagrams of a neuron and of a network."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from ..arrays import Array, check_count
from .style import new_axes


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


def _node(ax: Axes, x: float, y: float, text: str, radius: float = 0.17) -> None:
    ax.add_patch(Circle((x, y), radius, facecolor="white", edgecolor="black", lw=1.4, zorder=2))
    ax.text(x, y, text, ha="center", va="center", size=12, zorder=3)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], text: str = "") -> None:
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "black"})
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    if text:
        ax.text(*middle, text, ha="center", va="center", size=12, bbox={"color": "white", "pad": 1})
