"""One vector, many shapes: the memory layout of parameters and gradients."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from .arrays import Array


def flat_views(shapes: Sequence[tuple[int, ...]], dtype: DTypeLike) -> tuple[Array, list[Array]]:
    """Allocate one vector of zeros, and return it with a reshaped view per shape.

    Writing to a view writes to the vector, and the other way round. Rebinding a view
    (``W = W - step``) breaks the link; assign into it (``W[...] = W - step``) instead.

    Parameters
    ----------
    shapes : sequence of shapes, e.g. [(2, 3), (3,)]
    dtype : dtype of the vector

    Returns
    -------
    flat : (P,) array, P the number of entries of all shapes together
    views : list of arrays, one per shape, in order
    """
    ends = np.cumsum([math.prod(shape) for shape in shapes], dtype=int)
    flat = np.zeros(ends[-1] if len(ends) else 0, dtype)
    parts = np.split(flat, ends[:-1])
    return flat, [part.reshape(shape) for part, shape in zip(parts, shapes, strict=False)]
