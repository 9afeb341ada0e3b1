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
    state_shapes : shapes of what the layer remembers for prediction without learning it
    params, state : these arrays, once a Network has given the layer memory
    knobs : names of the constructor's arguments that are saved with a network
    """

    n_in = 0
    n_out = 0
    knobs: tuple[str, ...] = ()
    shapes: tuple[tuple[int, ...], ...] = ()
    state_shapes: tuple[tuple[int, ...], ...] = ()
    params: Sequence[Array] = ()
    state: Sequence[Array] = ()
    bound = False

    def bind(
        self, params: Sequence[Array], grads: Sequence[Array], state: Sequence[Array] = ()
    ) -> None:
        """Take the arrays for the parameters, for their gradients, and for the state."""
        self.params, self.state, self.bound = params, state, True

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
        return state | {"params": (), "state": (), "bound": False}


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

    def bind(
        self, params: Sequence[Array], grads: Sequence[Array], state: Sequence[Array] = ()
    ) -> None:
        super().bind(params, grads, state)
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


class BatchNorm(Layer):
    """Give each column mean 0 and variance 1 over the batch, then scale, shift and squash.

    A = f(gamma X̂ + beta), X̂ = (X - mean) / √(variance + eps). It stands between a linear
    ``Dense`` and the nonlinearity f. While training, mean and variance are those of the
    batch, and running averages of them are kept; predictions use the averages, so that the
    answer to a row does not depend on its neighbours.

    Parameters
    ----------
    n : int, at least 1
        Columns of X.
    f : Activation
    momentum : float in (0, 1]
        Share of a batch's mean and variance in the running averages.
    eps : positive float
        Keeps a column of equal numbers finite.

    References
    ----------
    Ioffe and Szegedy, ICML 2015, algorithms 1 and 2, and the gradients of section 3.
    """

    knobs = ("n", "f", "momentum", "eps")

    def __init__(self, n: int, f: Activation = identity, momentum: float = 0.1, eps: float = 1e-5):
        check_count(n, "n")
        if not isinstance(f, Activation):
            raise TypeError(f"f must be an Activation, such as coursenn.relu; got {f!r}")
        if not 0 < as_real(momentum, "momentum") <= 1:
            raise ValueError(f"momentum must be in (0, 1]; got {momentum}")
        if as_real(eps, "eps") <= 0:
            raise ValueError(f"eps must be positive; got {eps}")
        self.n = self.n_in = self.n_out = int(n)
        self.f, self.momentum, self.eps = f, momentum, eps
        self.shapes = self.state_shapes = ((self.n,), (self.n,))

    def bind(
        self, params: Sequence[Array], grads: Sequence[Array], state: Sequence[Array] = ()
    ) -> None:
        super().bind(params, grads, state)
        self.gamma, self.beta = params
        self.dgamma, self.dbeta = grads
        self.mean, self.var = state

    def reset(self, rng: np.random.Generator) -> None:
        self.gamma[...], self.beta[...] = 1, 0
        self.mean[...], self.var[...] = 0, 1

    def predict(self, X: Array, params: Sequence[Array]) -> Array:
        gamma, beta = params
        return self.f.f(gamma * ((X - self.mean) / np.sqrt(self.var + self.eps)) + beta)

    def forward(self, X: Array, rng: np.random.Generator) -> Array:
        m = len(X)
        if m < 2:
            raise ValueError(
                f"{self} needs at least 2 rows in a batch, to have a variance; got {m}."
                " Choose a batch size that does not leave one row over"
            )
        mean, var = X.mean(axis=0), X.var(axis=0)
        self.mean += self.momentum * (mean - self.mean)
        self.var += self.momentum * (var * (m / (m - 1)) - self.var)  # that of the population
        self.std = np.sqrt(var + self.eps)
        self.X_hat = (X - mean) / self.std
        self.Z = self.gamma * self.X_hat + self.beta
        self.A = self.f.f(self.Z)
        return self.A

    def backward(self, dA: Array, need_dX: bool = True) -> Array | None:
        """Write ∂C/∂gamma and ∂C/∂beta, and return ∂C/∂X.

        Each row moves the mean and the variance of its column, and through them the X̂ of
        all rows: the two means that are subtracted.
        """
        delta = dA * self.f.df(self.Z, self.A)
        np.sum(delta * self.X_hat, axis=0, out=self.dgamma)
        np.sum(delta, axis=0, out=self.dbeta)
        if not need_dX:
            return None
        dX_hat = delta * self.gamma
        along = np.mean(dX_hat * self.X_hat, axis=0)
        return (dX_hat - dX_hat.mean(axis=0) - self.X_hat * along) / self.std

    def __repr__(self) -> str:
        f = "" if isinstance(self.f, Identity) else f", {self.f}"
        return f"BatchNorm({self.n}{f})"
