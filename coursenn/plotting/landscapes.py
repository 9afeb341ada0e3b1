"""Where descent goes: a cost over two parameters, and paths on it."""

from collections.abc import Callable, Mapping
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ..arrays import Array, as_matrix, as_numbers
from .style import new_axes

GRID = 120  # points along each side of a landscape


def plot_landscape(
    f: Callable[[Array, Array], Array],
    bounds: tuple[float, float, float, float],
    paths: Mapping[str, ArrayLike] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a function of two parameters by its contours, and paths of descent on them.

    Contours stand at equal ratios above the lowest value in view: near a minimum a valley
    is as visible as the slopes around it.

    Parameters
    ----------
    f : function of two arrays of one shape to an array of that shape
    bounds : (x from, x to, y from, y to)
    paths : dict from a name to a (k, 2) array of the points visited, optional
        A cross marks the start, a dot the end.

    Raises
    ------
    TypeError, ValueError
        If bounds do not span an area, f does not return finite numbers of the shape of its
        arguments, or a path is not a finite matrix of two columns.
    """
    left, right, low, high = as_numbers(bounds, "bounds")
    if not (left < right and low < high):
        raise ValueError(f"bounds must be (x from, x to, y from, y to); got {bounds}")
    x, y = np.meshgrid(np.linspace(left, right, GRID), np.linspace(low, high, GRID))
    z = as_matrix(f(x, y), "f(x, y)", GRID)
    ax = new_axes(ax, figsize=(5.2, 4.2))
    heights = z - z.min()
    levels = np.geomspace(max(1e-4 * heights.max(), 1e-12), max(heights.max(), 1e-11), 16)
    ax.contourf(x, y, heights, [0, *levels], cmap="Greys", alpha=0.5)
    ax.contour(x, y, heights, levels, colors="0.6", linewidths=0.6)
    for (name, points), marker in zip((paths or {}).items(), cycle("os^D")):
        path = as_matrix(points, f"the path {name!r}", 2)
        (line,) = ax.plot(*path.T, marker=marker, ms=3, lw=1.2, label=name)
        ax.plot(*path[0], "x", color=line.get_color(), ms=8, mew=2)
        ax.plot(*path[-1], marker, color=line.get_color(), ms=7)
    ax.set(xlim=(left, right), ylim=(low, high))
    if paths:
        ax.legend()
    return ax
