"""Layers, and the four equations of backpropagation.

Rows are examples: X is (m, n_in), W is (n_in, n_out), b is (n_out,). With C the loss,
⊙ the elementwise product and δ = ∂C/∂Z the error of a layer,

    BP1   δ of the last layer   = ∂C/∂A ⊙ f'(Z)
    BP2   δ of any other layer  = (δ_next W_nextᵀ) ⊙ f'(Z)
    BP3   ∂C/∂b                 = sum of δ over rows
    BP4   ∂C/∂W                 = Xᵀ δ

A layer runs in two ways. ``layer(X)`` predicts, checks X and remembers nothing; its formula
alone is ``layer.predict(X, params)``. ``layer.forward(X, rng)`` and ``layer.backward(dA)``
are the training pass: forward remembers what backward needs, and both trust the Network
that calls them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .activations import Activation, Identity, identity
from .arrays import Array, as_matrix, as_real, check_count
from .initializers import Initializer, glorot


class Layer:
    """What a Network asks of a layer. The defaults are those of one without parameters.

    Attributes
    ----------
    n_in, n_out : int
        Columns of X and of A; 0 if any number passes through unchanged.
    shapes : shapes of the parameters, in order
    params : the parameters, once a Network has given the layer memory
    knobs : names of the constructor's arguments that are saved with a network
    """

    n_in = 0
    n_out = 0
    knobs: tuple[str, ...] = ()
    shapes: tuple[tuple[int, ...], ...] = ()
    params: Sequence[Array] = ()
    bound = False

    def bind(self, params: Sequence[Array], grads: Sequence[Array]) -> None:
        """Take the arrays that hold the parameters, and those to write gradients to."""
        self.params, self.bound = params, True

    def reset(self, rng: np.random.Generator) -> None:
        """Draw new initial parameters, in place."""

    def __call__(self, X: ArrayLike) -> Array:
        """Return the layer's outputs A for the rows of X, remembering nothing.

        Raises
        ------
        TypeError, ValueError
            If X is not a finite matrix of n_in columns.
        RuntimeError
            If the layer has parameters, and belongs to no Network that would hold them.
        """
        if self.shapes and not self.bound:
            raise RuntimeError(f"{self} has no weights yet: put it into a Network first")
        dtype = self.params[0].dtype if self.shapes else None
        return self.predict(as_matrix(X, "X", self.n_in or None, dtype), self.params)

    def predict(self, X: Array, params: Sequence[Array]) -> Array:
        """Return A for the rows of X and these parameters. The formula alone."""
        raise NotImplementedError

    def forward(self, X: Array, rng: np.random.Generator) -> Array:
        """Return A for training, and remember what ``backward`` needs."""
        raise NotImplementedError

    def backward(self, dA: Array, need_dX: bool = True) -> Array | None:
        """Write the gradients of the parameters, and return ∂C/∂X if it is needed."""
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle without arrays: those of parameters belong to the Network."""
        state = {k: v for k, v in vars(self).items() if not isinstance(v, np.ndarray)}
        return state | {"params": (), "bound": False}


class Dense(Layer):
    """A fully connected layer: A = f(X W + b).

    A layer only describes itself until a Network gives it memory (``bind``).

    Parameters
    ----------
    n_in, n_out : int, at least 1
        Inputs and units of the layer.
    f : Activation
    init : function (n_in, n_out, rng) -> W
        b starts at zero.
    """

    knobs = ("n_in", "n_out", "f")

    def __init__(self, n_in: int, n_out: int, f: Activation = identity, init: Initializer = glorot):
        check_count(n_in, "n_in")
        check_count(n_out, "n_out")
        if not isinstance(f, Activation):
            raise TypeError(f"f must be an Activation, such as coursenn.relu; got {f!r}")
        if not callable(init):
            raise TypeError(f"init must be an initializer, such as coursenn.he; got {init!r}")
        self.n_in, self.n_out, self.f, self.init = int(n_in), int(n_out), f, init
        self.shapes = ((self.n_in, self.n_out), (self.n_out,))

    def bind(self, params: Sequence[Array], grads: Sequence[Array]) -> None:
        super().bind(params, grads)
        self.W, self.b = params
        self.dW, self.db = grads

    def reset(self, rng: np.random.Generator) -> None:
        self.W[...] = self.init(self.n_in, self.n_out, rng)
        self.b[...] = 0

    def predict(self, X: Array, params: Sequence[Array]) -> Array:
        W, b = params
        return self.f.f(X @ W + b)

    def forward(self, X: Array, rng: np.random.Generator) -> Array:
        self.X, self.Z = X, X @ self.W + self.b
        self.A = self.f.f(self.Z)
        return self.A

    def backward(self, dA: Array, need_dX: bool = True) -> Array | None:
        """Write ∂C/∂W and ∂C/∂b, and return ∂C/∂X: the dA of the layer below."""
        delta = dA * self.f.df(self.Z, self.A)  # BP1, BP2
        delta.sum(axis=0, out=self.db)  # BP3
        np.matmul(self.X.T, delta, out=self.dW)  # BP4
        return delta @ self.W.T if need_dX else None

    def __repr__(self) -> str:
        f = "" if isinstance(self.f, Identity) else f", {self.f}"
        return f"Dense({self.n_in}, {self.n_out}{f})"


class Dropout(Layer):
    """Zero each input with probability p while training; do nothing otherwise.

    Survivors are scaled by 1 / (1 - p), so that the expected value is unchanged and
    prediction needs no correction (inverted dropout). Note that p is the probability to
    drop; some texts write p for the probability to keep.

    Parameters
    ----------
    p : float in [0, 1)

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, JMLR 15, 2014.
    """

    knobs = ("p",)

    def __init__(self, p: float = 0.5):
        self.p = as_real(p, "p")
        if not 0 <= self.p < 1:
            raise ValueError(f"p is the share of inputs dropped, in [0, 1); got {p}")

    def predict(self, X: Array, params: Sequence[Array]) -> Array:
        return X

    def forward(self, X: Array, rng: np.random.Generator) -> Array:
        kept = rng.random(X.shape, dtype=X.dtype) >= self.p
        self.mask = kept * X.dtype.type(1 / (1 - self.p))
        return X * self.mask

    def backward(self, dA: Array, need_dX: bool = True) -> Array | None:
        return dA * self.mask if need_dX else None

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"
