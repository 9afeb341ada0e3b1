"""Derivatives that need no rules, to hold a gradient against. If they disagree, the code is wrong.

A function of one number is differentiated by ``forward_difference``, ``central_difference``
or ``complex_step``. A function f(theta) of many is differentiated entry by entry
(``numeric_grad``, ``complex_step_grad``), or checked along one random direction, which
costs the same however many entries there are (``directional_check``).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, as_numbers, as_real, check_finite

Function = Callable[[Any], Any]  # of one number, or of theta


def forward_difference(f: Function, x: Any, h: float) -> Any:
    """Return (f(x + h) - f(x)) / h, which is f'(x) up to an error O(h)."""
    return (f(x + h) - f(x)) / h


def central_difference(f: Function, x: Any, h: float) -> Any:
    """Return (f(x + h) - f(x - h)) / 2h, which is f'(x) up to an error O(h²)."""
    return (f(x + h) - f(x - h)) / (2 * h)


def complex_step(f: Function, x: Any, h: float = 1e-20) -> Any:
    """Return Im f(x + ih) / h, which is f'(x) up to an error O(h²), with nothing subtracted.

    Since nothing cancels, h can be so small that the error is below rounding. f must be
    analytic: made of arithmetic and functions such as exp or tanh, without abs.

    References
    ----------
    Squire and Trapp, SIAM Review 40, 1998, equation 5.
    """
    return np.imag(f(x + 1j * h)) / h


def step_errors(f: Function, x: float, exact: float, steps: ArrayLike) -> dict[str, Array]:
    """Return how far each way to differentiate f at x is from the exact derivative.

    Parameters
    ----------
    f : analytic function of a number, real or complex
    x : float
    exact : float, not 0
        f'(x), from a formula.
    steps : (k,) array-like of positive numbers
        The step sizes h to try.

    Returns
    -------
    errors : dict
        For "forward difference", "central difference" and "complex step" an array (k,)
        of relative errors, one for each step.

    Raises
    ------
    TypeError, ValueError
        If exact is 0 or not finite, or a step is not positive.
    """
    if as_real(exact, "exact") == 0:
        raise ValueError("exact must not be 0: an error relative to 0 has no size")
    for h in (steps := as_numbers(steps, "steps")):
        _check_step(h)
    ways: dict[str, Function] = {
        "forward difference": lambda h: forward_difference(f, x, h),
        "central difference": lambda h: central_difference(f, x, h),
        "complex step": lambda h: complex_step(f, x, h),
    }
    return {
        name: np.array([abs(way(h) - exact) / abs(exact) for h in steps])
        for name, way in ways.items()
    }


def numeric_grad(f: Function, theta: Array, h: float = 1e-5) -> Array:
    """Return the gradient of f(theta) by central differences.

    Parameters
    ----------
    f : function theta -> float
        It is called twice for every entry of theta.
    theta : float64 array of any shape
        Moved in place, one entry at a time, and put back, whatever happens in f. So a
        network whose parameters these are feels each nudge.
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
    _check_theta(theta)
    _check_step(h)
    grad = np.empty_like(theta)
    for i in np.ndindex(theta.shape):
        grad[i] = central_difference(_by_entry(f, theta, i), theta[i], h)
    return grad


def _by_entry(f: Function, theta: Array, i: Any) -> Function:
    """Return f as a function of theta[i], which is moved in place and put back."""

    def g(value: Any) -> Any:
        old = np.copy(theta[i])
        theta[i] = value
        try:
            return f(theta)
        finally:
            theta[i] = old

    return g


def complex_step_grad(f: Function, theta: Array, h: float = 1e-20) -> Array:
    """Return the gradient of f(theta) by complex steps, exact to rounding.

    Parameters
    ----------
    f : function theta -> complex number
        Analytic, and written so that complex numbers pass. It is called once for every
        entry, with a complex copy of theta.
    theta : float64 array of any shape
    h : float, positive

    Returns
    -------
    grad : array of the shape of theta

    Raises
    ------
    TypeError
        If theta is not a float64 array, or f returns a real number: then something in f
        has thrown the imaginary part away.
    ValueError
        If theta is not finite, or h is not positive.
    """
    _check_theta(theta)
    _check_step(h)

    def analytic(theta: Array) -> Any:
        y = f(theta)
        if not np.iscomplexobj(y):
            raise TypeError(
                f"f must return a complex number; got {y!r}. Something in it drops the imaginary"
                " part, such as float(...), or parameters that are not those handed to f"
            )
        return y

    grad, moved = np.empty_like(theta), theta.astype(complex)
    for i in np.ndindex(theta.shape):
        grad[i] = complex_step(_by_entry(analytic, moved, i), theta[i], h)
    return grad


def directional_check(
    f: Function,
    theta: Array,
    grad: Array,
    rng: int | np.random.Generator | None = None,
    h: float = 1e-5,
) -> float:
    """Return how far grad is from the slope of f along one random direction.

    Two evaluations of f, whatever the size of theta. A wrong gradient agrees with the
    slope along a random direction only by a coincidence that never happens in practice;
    an error that is small relative to the whole gradient shows small, too.

    Parameters
    ----------
    f : function theta -> float
    theta : float64 array
        Moved in place, and put back, whatever happens in f.
    grad : array of the shape of theta
        The gradient to check.
    rng : seed or numpy Generator
    h : float, positive
        Length of the step.

    Returns
    -------
    error : float
        ``relative_error`` of the slope by central difference, and grad · direction.

    Raises
    ------
    TypeError, ValueError
        If theta is not a finite float64 array, or grad has another shape or is not finite.
    """
    _check_theta(theta)
    _check_step(h)
    grad = as_numbers(grad, "grad")
    if grad.shape != theta.shape:
        raise ValueError(f"grad must have the shape of theta, {theta.shape}; got {grad.shape}")
    check_finite(grad, "grad")
    direction = np.random.default_rng(rng).normal(size=theta.shape)
    direction /= np.linalg.norm(direction)
    start, at = theta.copy(), _by_entry(f, theta, ...)
    slope = central_difference(lambda t: at(start + t * direction), 0.0, h)
    return relative_error(slope, np.sum(grad * direction))


def _check_theta(theta: Array) -> None:
    if not isinstance(theta, np.ndarray) or theta.dtype != np.float64:
        kind = theta.dtype if isinstance(theta, np.ndarray) else type(theta).__name__
        raise TypeError(
            f"theta must be a float64 array; got {kind}. Build the network with dtype=np.float64"
        )
    check_finite(theta, "theta")


def _check_step(h: float) -> None:
    if as_real(h, "h") <= 0:
        raise ValueError(f"h must be positive; got {h}")


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
