"""Figures of the book: each function draws one message, on one set of axes or a grid.

Functions take arrays and return the ``Axes`` they drew on. ``use_book_style()`` sets an
opaque white ground, so that figures read on dark pages too, and colours that readers who
are colour-blind can tell apart.
"""

from .diagrams import plot_network, plot_neuron
from .graphs import plot_graph
from .landscapes import plot_landscape
from .layers import plot_dead_units, plot_histograms
from .pictures import plot_answers, plot_images, plot_weights
from .points import plot_decision_boundary, plot_points
from .results import (
    plot_confusion_matrix,
    plot_grid_search,
    plot_learning_curves,
    plot_reliability,
    plot_validation_curve,
)
from .style import COLOURS, new_axes, use_book_style

__all__ = [
    "COLOURS",
    "new_axes",
    "plot_answers",
    "plot_confusion_matrix",
    "plot_dead_units",
    "plot_decision_boundary",
    "plot_graph",
    "plot_grid_search",
    "plot_histograms",
    "plot_images",
    "plot_landscape",
    "plot_learning_curves",
    "plot_network",
    "plot_neuron",
    "plot_points",
    "plot_reliability",
    "plot_validation_curve",
    "plot_weights",
    "use_book_style",
]
