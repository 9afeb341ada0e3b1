"""One vector, many shapes: the memory layout of parameters and gradients."""

import math
from collections.abc import Sequence
from itertools import accumulate

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
    flat = np.zeros(sum(map(math.prod, shapes)), dtype)
    return flat, unflatten(flat, shapes)


def unflatten(flat: Array, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    """Return views into a vector, one per shape, in order.

    Parameters
    ----------
    flat : (P,) array, or a Tensor or Dual of this shape
    shapes : sequence of shapes that together have P entries, e.g. [(2, 3), (3,)]

    Raises
    ------
    ValueError
        If flat is not a vector of as many entries as the shapes have.
    """
    sizes = [math.prod(shape) for shape in shapes]
    if flat.shape != (sum(sizes),):
        raise ValueError(f"flat must have shape ({sum(sizes)},) for {shapes}; got {flat.shape}")
    ends = list(accumulate(sizes))
    return [
        flat[end - size : end].reshape(shape)
        for end, size, shape in zip(ends, sizes, shapes, strict=True)
    ]
