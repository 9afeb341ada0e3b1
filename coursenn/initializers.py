"""Initial weights: an initializer is a function ``(n_in, n_out, rng) -> W``.

W has shape (n_in, n_out) and dtype float64; a network converts it to its own. ``normal``
and ``uniform`` take their width first and return an initializer.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from .arrays import Array, as_real, check_count

Initializer = Callable[[int, int, np.random.Generator], Array]


def zeros(n_in: int, n_out: int, rng: np.random.Generator) -> Array:
    """Return W = 0. Every hidden unit then stays identical: a lesson, not a choice."""
    return np.zeros((n_in, n_out))


def normal(std: float) -> Initializer:
    """Return an initializer that draws from a normal of mean 0 and deviation std > 0."""
    return partial(_normal, _as_width(std, "std"))


def _normal(std: float, n_in: int, n_out: int, rng: np.random.Generator) -> Array:
    return rng.normal(0, std, (n_in, n_out))


def uniform(eps: float) -> Initializer:
    """Return an initializer that draws uniformly from [-eps, eps), eps > 0."""
    return partial(_uniform, _as_width(eps, "eps"))


def _uniform(eps: float, n_in: int, n_out: int, rng: np.random.Generator) -> Array:
    return rng.uniform(-eps, eps, (n_in, n_out))


def lecun(n_in: int, n_out: int, rng: np.random.Generator) -> Array:
    """Return W drawn from a normal of variance 1 / n_in.

    The n_in terms of a weighted sum then add up to the variance of one input, so that no
    unit starts out saturated.

    References
    ----------
    LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998, equation 16.
    """
    return rng.normal(0, np.sqrt(1 / n_in), (n_in, n_out))


def glorot(n_in: int, n_out: int, rng: np.random.Generator) -> Array:
    """Return W drawn uniformly with variance 2 / (n_in + n_out), for tanh layers.

    Signals keep their size on the way forward if the variance is 1 / n_in, gradients on
    the way back if it is 1 / n_out; this is the compromise.

    References
    ----------
    Glorot and Bengio, AISTATS 2010, equation 16.
    """
    limit = np.sqrt(6 / (n_in + n_out))
    return rng.uniform(-limit, limit, (n_in, n_out))


def he(n_in: int, n_out: int, rng: np.random.Generator) -> Array:
    """Return W drawn from a normal of variance 2 / n_in, for relu layers.

    relu zeroes half of its input on average; the 2 makes up for it, so that signals keep
    their size from layer to layer.

    References
    ----------
    He, Zhang, Ren and Sun, ICCV 2015, equation 10.
    """
    return rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out))


def sparse(k: int, std: float = 1.0) -> Initializer:
    """Return an initializer that joins each unit to k random inputs, and leaves the rest at 0.

    The sum z of a unit then has the same size however many inputs there are.

    Parameters
    ----------
    k : int, at least 1
        Inputs of a unit with a weight; all of them, if there are fewer than k.
    std : positive float
        Deviation of these weights, drawn from a normal of mean 0.

    References
    ----------
    Martens, ICML 2010, section 5.
    """
    check_count(k, "k")
    return partial(_sparse, k, _as_width(std, "std"))


def _sparse(k: int, std: float, n_in: int, n_out: int, rng: np.random.Generator) -> Array:
    W = np.zeros((n_in, n_out))
    for column in W.T:
        joined = rng.choice(n_in, min(k, n_in), replace=False)
        column[joined] = rng.normal(0, std, len(joined))
    return W


def _as_width(value: float, name: str) -> float:
    width = as_real(value, name)
    if width <= 0:
        raise ValueError(f"{name} must be positive; got {value}")
    return width
