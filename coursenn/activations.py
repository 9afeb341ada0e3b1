"""Elementwise nonlinearities: a = f(z), each with its derivative f'(z).

Every f is written once, in NumPy ufuncs; every df is derived by hand, and the tests hold
it against finite differences. An activation takes numbers of any shape. Like NumPy's own
functions it answers inf with the limit and nan with nan.
"""

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, as_numbers, as_real


class Activation:
    """A function applied to every entry of an array: ``f(z) -> a``.

    Subclasses write the formulas ``f(z)`` and ``df(z, a)``. The derivative is given
    a = f(z) as well, since some derivatives are cheapest in terms of their own output.
    ``knobs`` names the constructor's arguments that are saved with a network.
    """

    knobs: tuple[str, ...] = ()

    def __call__(self, z: ArrayLike) -> Array:
        """Return f(z), the shape of z; TypeError if z does not hold numbers."""
        return self.f(as_numbers(z))

    def f(self, z: Array) -> Array:
        """Return f(z). The formula alone: ``__call__`` checks its argument first."""
        raise NotImplementedError

    def df(self, z: Array, a: Array) -> Array:
        """Return f'(z), the shape of z, given a = f(z)."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return type(self).__name__


class Identity(Activation):
    """f(z) = z: a linear layer."""

    def f(self, z: Array) -> Array:
        return z

    def df(self, z: Array, a: Array) -> Array:
        return np.ones_like(z)


class Heaviside(Activation):
    """f(z) = 1 if z >= 0, else 0: the threshold of the perceptron.

    Its derivative is 0 wherever it exists, and is taken as 0 at the jump: nothing is left
    for gradient descent to follow.
    """

    def f(self, z: Array) -> Array:
        return np.heaviside(z, np.ones((), z.dtype))

    def df(self, z: Array, a: Array) -> Array:
        return np.zeros_like(z)


class Sigmoid(Activation):
    """f(z) = 1 / (1 + e⁻ᶻ), between 0 and 1."""

    def f(self, z: Array) -> Array:
        return 0.5 + 0.5 * np.tanh(0.5 * z)  # the same function, without overflow

    def df(self, z: Array, a: Array) -> Array:
        return a * (1 - a)


class Tanh(Activation):
    """f(z) = tanh z, between -1 and 1: a sigmoid centred on zero."""

    def f(self, z: Array) -> Array:
        return np.tanh(z)

    def df(self, z: Array, a: Array) -> Array:
        return 1 - a * a


class ReLU(Activation):
    """f(z) = max(z, 0). At the kink, f'(0) = 0 by convention."""

    def f(self, z: Array) -> Array:
        return np.maximum(z, 0)

    def df(self, z: Array, a: Array) -> Array:
        return (z > 0).astype(z.dtype)


class LeakyReLU(Activation):
    """f(z) = max(z, slope z), so that no unit is ever quite dead. f'(0) = slope.

    Parameters
    ----------
    slope : float in (0, 1)
        Slope for z < 0.

    References
    ----------
    Maas, Hannun and Ng, ICML workshop on deep learning for audio, speech and language, 2013.
    """

    knobs = ("slope",)

    def __init__(self, slope: float = 0.01):
        self.slope = as_real(slope, "slope")
        if not 0 < self.slope < 1:
            raise ValueError(f"slope must be in (0, 1); got {slope}")

    def f(self, z: Array) -> Array:
        return np.maximum(z, self.slope * z)

    def df(self, z: Array, a: Array) -> Array:
        return np.where(z > 0, z.dtype.type(1), z.dtype.type(self.slope))

    def __repr__(self) -> str:
        return f"LeakyReLU({self.slope:g})"


class ELU(Activation):
    """f(z) = z if z > 0, else eᶻ - 1: a ReLU that bends smoothly down to -1.

    References
    ----------
    Clevert, Unterthiner and Hochreiter, ICLR 2016, equation 15, with α = 1.
    """

    def f(self, z: Array) -> Array:
        return np.maximum(z, 0) + np.expm1(np.minimum(z, 0))

    def df(self, z: Array, a: Array) -> Array:
        return np.minimum(a, 0) + 1  # for z < 0, eᶻ = a + 1


class Softplus(Activation):
    """f(z) = log(1 + eᶻ), above 0: a smooth ReLU whose derivative is the sigmoid."""

    def f(self, z: Array) -> Array:
        return np.maximum(z, 0) + np.log1p(np.exp(np.minimum(z, -z)))  # no overflow

    def df(self, z: Array, a: Array) -> Array:
        return sigmoid.f(z)


identity, heaviside, sigmoid, tanh = Identity(), Heaviside(), Sigmoid(), Tanh()
relu, leaky_relu, elu, softplus = ReLU(), LeakyReLU(), ELU(), Softplus()

# Every activation by name: what is saved with a network, and what a table can loop over.
ACTIVATIONS: dict[str, Activation] = {
    "identity": identity,
    "heaviside": heaviside,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "softplus": softplus,
}
