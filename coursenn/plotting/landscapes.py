"""Where descent goes: a cost over two parameters, and what passes through the layers."""

from collections.abc import Callable, Mapping
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from ..arrays import Array, as_matrix, as_numbers, check_count
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


def plot_histograms(arrays: Mapping[str, ArrayLike], bins: int = 40) -> Array:
    """Draw a histogram of each array on its own axes, side by side, on one scale.

    For activations or gradients layer by layer: whether they keep their size, die out or
    saturate. Above each stands its standard deviation, and the share of exact zeros.

    Parameters
    ----------
    arrays : dict from a name to an array of numbers
    bins : int, at least 1

    Returns
    -------
    axes : array of Axes, one for each array

    Raises
    ------
    TypeError, ValueError
        If there is no array, or one is empty or does not hold finite numbers.
    """
    check_count(bins, "bins")
    if not arrays:
        raise ValueError("arrays is empty: pass at least one, as {'layer 1': A1}")
    values = {
        name: as_matrix(np.ravel(as_numbers(array, name))[:, np.newaxis], name)[:, 0]
        for name, array in arrays.items()
    }
    reach = (min(v.min() for v in values.values()), max(v.max() for v in values.values()))
    width = min(2.0 * len(values), 7.2)
    _, axes = plt.subplots(1, len(values), figsize=(width, 2.4), sharex=True, squeeze=False)
    for ax, (name, v) in zip(axes[0], values.items(), strict=True):
        ax.hist(v, bins, range=reach, weights=np.full(v.size, 1 / v.size))
        zeros = f"\n{np.mean(v == 0):.0%} zeros" if (v == 0).any() else ""
        ax.set_title(f"{name}\nstd {v.std():.2g}{zeros}", size=9)
        ax.set(yticks=[])
        ax.xaxis.set_major_locator(MaxNLocator(3))
    axes[0, 0].set_ylabel("share")
    return np.asarray(axes[0])
