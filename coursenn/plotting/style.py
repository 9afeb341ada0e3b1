"""The style of the book's figures, and the axes they are drawn on."""

from typing import Any

import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.axes import Axes

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
