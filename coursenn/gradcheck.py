"""Compare a gradient with finite differences. If they disagree, the code is wrong."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, as_numbers, as_real, check_finite


def numeric_grad(f: Callable[[], float], theta: Array, h: float = 1e-5) -> Array:
    """Return the gradient of f() with respect to theta by central differences.

    Parameters
    ----------
    f : function () -> float
        Reads theta. It is called twice for every entry of theta.
    theta : float64 array of any shape
        Nudged in place one entry at a time, and put back, whatever happens in f.
    h : float, positive
        Size of the nudge. The truncation error is O(h²), the rounding error about
        1e-16 / h; 1e-5 balances the two for values near 1.

    Returns
    -------
    grad : array of the shape of theta

    Raises
    ------
    TypeError
        If theta is not a float64 array: float32 has too few digits to subtract.
    ValueError
        If theta is not finite, or h is not positive.
    """
    if not isinstance(theta, np.ndarray) or theta.dtype != np.float64:
        kind = theta.dtype if isinstance(theta, np.ndarray) else type(theta).__name__
        raise TypeError(
            f"theta must be a float64 array, which is nudged in place; got {kind}."
            " Build the network with dtype=np.float64"
        )
    if as_real(h, "h") <= 0:
        raise ValueError(f"h must be positive; got {h}")
    check_finite(theta, "theta")
    grad = np.empty_like(theta)
    for i in np.ndindex(theta.shape):
        grad[i] = (_nudged(f, theta, i, h) - _nudged(f, theta, i, -h)) / (2 * h)
    return grad


def _nudged(f: Callable[[], float], theta: Array, i: tuple[int, ...], step: float) -> float:
    old = theta[i]
    theta[i] = old + step
    try:
        return f()
    finally:
        theta[i] = old


def relative_error(a: ArrayLike, b: ArrayLike) -> float:
    """Return ‖a - b‖ / (‖a‖ + ‖b‖), which is 0 when both are 0 and at most 1.

    Raises
    ------
    TypeError, ValueError
        If a or b does not hold finite numbers, or their shapes differ.
    """
    x, y = as_numbers(a, "a"), as_numbers(b, "b")
    if x.shape != y.shape:
        raise ValueError(f"a and b must have the same shape; got {x.shape} and {y.shape}")
    check_finite(x, "a")
    check_finite(y, "b")
    largest = max(np.max(np.abs(x), initial=0), np.max(np.abs(y), initial=0))
    if not largest:
        return 0.0
    x, y = x / largest, y / largest  # or squares would vanish, or overflow
    return float(np.linalg.norm(x - y) / (np.linalg.norm(x) + np.linalg.norm(y)))
