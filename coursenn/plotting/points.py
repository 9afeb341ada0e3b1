"""Points of the plane, and the regions that a rule divides it into."""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import ArrayLike

from ..arrays import Array, as_labels, as_matrix, check_same_rows
from .style import COLOURS, new_axes


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
