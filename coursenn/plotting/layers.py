"""What passes through the layers: the sizes of activations or gradients, and dead units."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from ..arrays import Array, as_matrix, as_numbers, check_count
from .style import COLOURS


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
    axes = _side_by_side(len(values), sharex=True)
    for ax, (name, v) in zip(axes, values.items(), strict=True):
        ax.hist(v, bins, range=reach, weights=np.full(v.size, 1 / v.size))
        zeros = f"\n{np.mean(v == 0):.0%} zeros" if (v == 0).any() else ""
        ax.set_title(f"{name}\nstd {v.std():.2g}{zeros}", size=9)
        ax.set(yticks=[])
        ax.xaxis.set_major_locator(MaxNLocator(3))
    axes[0].set_ylabel("share")
    return axes


def plot_dead_units(activations: Mapping[str, ArrayLike]) -> Array:
    """Draw, layer by layer, the share of rows on which each unit is active.

    A unit is active on a row if its activation there is not exactly 0. It is dead if it is
    active on no row: no example changes the weights into it. Meant for relu, whose zeros are
    exact. The units of a layer are sorted; the dead ones, last, stand on orange ground, and
    their number above.

    Parameters
    ----------
    activations : dict from the name of a layer to an (m, n) array
        A row for each example, a column for each unit. What is dead on a few rows may be
        active on others: take many.

    Returns
    -------
    axes : array of Axes, one for each layer

    Raises
    ------
    TypeError, ValueError
        If there is no layer, or one is not a finite matrix.

    References
    ----------
    CS231n, Neural networks, part 1: commonly used activation functions.
    """
    if not activations:
        raise ValueError("activations is empty: pass at least one layer, as {'layer 1': A1}")
    layers = {name: as_matrix(A, name) for name, A in activations.items()}
    axes = _side_by_side(len(layers), sharey=True)
    for ax, (name, A) in zip(axes, layers.items(), strict=True):
        shares = np.sort((A != 0).mean(axis=0))[::-1]
        n, dead = len(shares), np.sum(shares == 0)
        ax.stairs(shares, fill=True)
        ax.axvspan(n - dead, n, color=COLOURS[1], alpha=0.4, lw=0)
        ax.set_title(f"{name}\n{dead} of {n} dead", size=9)
        ax.set(xlim=(0, n), ylim=(0, 1), xlabel="units, sorted")
        ax.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes[0].set_ylabel("share of rows")
    return axes


def _side_by_side(n: int, **share: Any) -> Array:
    """Return the axes of a new figure, n in one row."""
    size = min(2.0 * n, 7.2), 2.4
    return np.asarray(plt.subplots(1, n, figsize=size, squeeze=False, **share)[1][0])
