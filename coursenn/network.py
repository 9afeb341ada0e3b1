"""A stack of layers with a loss, whose parameters are one vector theta.

Learning moves one point theta downhill, so theta is stored as one flat array and every W
and b is a view into it; the gradient is laid out the same way. An optimizer step, a
gradient check or a snapshot of the best weights is then one line, without a loop over
layers.
"""

import math
import os
from collections.abc import Sequence
from copy import copy
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from .activations import Activation, tanh
from .arrays import Array, as_matrix, as_real, as_rows, check_finite, check_same_rows
from .flat import flat_views
from .initializers import Initializer, glorot
from .layers import Dense, Layer
from .losses import Loss, squared_error
from .saving import ModelFileError, describe, read_model, rebuild, write_model


class Network:
    """A feedforward network.

    Parameters
    ----------
    layers : sequence of Layer
        The input side first. Each must take what the one before makes, and belong to no
        other network.
    loss : Loss
        What training minimises.
    l2 : float, at least 0
        Strength of the penalty l2/2 ‖W‖² on the weights of every layer, not on biases. It
        is added to the mean loss of a batch, and not divided by the batch size.
    l1 : float, at least 0
        Strength of the penalty l1 Σ|W|, likewise. With l2 together it is the elastic net.
    max_norm : positive float, optional
        No unit's weights (a column of W) may be longer: ``train`` shortens them after each
        step.
    rng : seed or numpy Generator
        Draws the initial weights, and dropout masks.
    dtype : float32 or float64
        float32 trains about twice as fast; float64 is for gradient checks.

    Attributes
    ----------
    theta, grad : (P,) arrays
        The parameters, and the gradient of the loss with respect to them.
    state : (S,) array
        What layers remember without learning it: the running averages of BatchNorm.
    params, grads : list of arrays
        The same as views, [W1, b1, W2, b2, ...].
    n_in, n_out : int
        Columns of X and of the outputs.

    Raises
    ------
    ValueError
        If the layers do not fit together, or a penalty, max_norm or dtype is out of range.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        loss: Loss = squared_error,
        l2: float = 0.0,
        rng: int | np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
        *,
        l1: float = 0.0,
        max_norm: float | None = None,
    ):
        if not isinstance(loss, Loss):
            raise TypeError(f"loss must be a Loss, such as coursenn.squared_error; got {loss!r}")
        for name, strength in (("l1", l1), ("l2", l2)):
            if as_real(strength, name) < 0:
                raise ValueError(f"{name} must be at least 0; got {strength}")
        if max_norm is not None and as_real(max_norm, "max_norm") <= 0:
            raise ValueError(f"max_norm must be positive; got {max_norm}")
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise ValueError(f"dtype must be float32 or float64; got {np.dtype(dtype)}")
        self.n_in, self.n_out = check_layers(layers)
        self.layers, self.loss, self.dtype = list(layers), loss, np.dtype(dtype)
        self.l1, self.l2, self.max_norm = float(l1), float(l2), max_norm
        self.rng = np.random.default_rng(rng)
        self._allocate()
        for layer in self.layers:
            layer.reset(self.rng)

    def _allocate(self) -> None:
        """Make theta, grad and state, and hand every layer its views into them."""
        shapes = [shape for layer in self.layers for shape in layer.shapes]
        state_shapes = [shape for layer in self.layers for shape in layer.state_shapes]
        self.theta, self.params = flat_views(shapes, self.dtype)
        self.grad, self.grads = flat_views(shapes, self.dtype)
        self.state, states = flat_views(state_shapes, self.dtype)
        params, grads, state = iter(self.params), iter(self.grads), iter(states)
        for layer in self.layers:
            k, s = len(layer.shapes), len(layer.state_shapes)
            layer.bind(list(islice(params, k)), list(islice(grads, k)), list(islice(state, s)))

    def __call__(self, X: ArrayLike, params: Sequence[Any] | None = None) -> Array:
        """Return the outputs for the rows of X, shape (m, n_out); dropout is off.

        Parameters
        ----------
        X : array-like, shape (m, n_in)
        params : list of arrays, optional
            Parameters to use in place of the network's own, [W1, b1, W2, b2, ...]. They
            may be complex, or the Tensors or Duals of ``coursenn.autodiff``: then the
            outputs are, too.

        Raises
        ------
        TypeError, ValueError
            If X is not a finite matrix of n_in columns, or params has other shapes than
            the network's own.
        """
        A = as_matrix(X, "X", self.n_in, self.dtype)
        left = iter(self.params if params is None else self._check_shapes(params))
        for layer in self.layers:
            A = layer.predict(A, list(islice(left, len(layer.shapes))))
        return A

    def _check_shapes(self, params: Sequence[Any]) -> Sequence[Any]:
        wanted, got = [p.shape for p in self.params], [getattr(p, "shape", None) for p in params]
        if wanted != got:
            raise ValueError(f"params must have the shapes {wanted}; got {got}")
        return params

    def predict(self, X: ArrayLike) -> Array:
        """Return what the outputs mean: probabilities, or for regression numbers."""
        return self.loss.link(self(X))

    def check(self, X: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
        """Return X and Y as matrices of the network's dtype.

        Raises
        ------
        TypeError, ValueError
            If X or Y is not a finite matrix of the right number of columns, they differ
            in rows, or the loss has no meaning for Y.
        """
        X = as_matrix(X, "X", self.n_in, self.dtype)
        Y = as_rows(Y, "Y")
        if Y.ndim == 1 and self.n_out > 1:
            raise ValueError(
                f"Y must have shape (m, {self.n_out}), one column per output; got"
                f" {Y.shape}. Labels become targets with one_hot(y, {self.n_out})"
            )
        Y = as_matrix(Y, "Y", self.n_out, self.dtype)
        check_same_rows(X, Y)
        self.loss.check_targets(Y)
        return X, Y

    def loss_and_grad(self, X: ArrayLike, Y: ArrayLike, checked: bool = False) -> float:
        """Return the loss on a batch, penalty included, and write its gradient to ``grad``.

        Parameters
        ----------
        X, Y : array-like, shapes (m, n_in) and (m, n_out)
        checked : bool
            True says that X and Y come from ``check``, and saves looking again: ``train``
            checks the whole data once instead of every batch.

        Raises
        ------
        TypeError, ValueError
            As ``check`` does.
        """
        A, Y = (np.asarray(X), np.asarray(Y)) if checked else self.check(X, Y)
        for layer in self.layers:
            A = layer.forward(A, self.rng)

        dA: Any
        C, dA = self.loss.C_and_dA(A, Y)
        first, *rest = self.layers
        for layer in reversed(rest):
            dA = layer.backward(dA)
        first.backward(dA, need_dX=False)

        return float(C) + self._add_penalty()

    def _add_penalty(self) -> float:
        """Return the penalty, and add its gradient to that of each weight matrix."""
        if not (self.l1 or self.l2):
            return 0.0
        penalty = 0.0
        for W, dW in zip(self.params, self.grads, strict=True):
            if self.l2 and W.ndim > 1:
                dW += self.l2 * W
                penalty += 0.5 * self.l2 * float(np.vdot(W, W))
            if self.l1 and W.ndim > 1:
                dW += self.l1 * np.sign(W)  # 0 at the kink
                penalty += self.l1 * float(np.abs(W).sum())
        return penalty

    def project(self) -> None:
        """Shorten the weights of every unit to max_norm, if there is one.

        References
        ----------
        Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, JMLR 15, 2014, section 5.1.
        """
        if self.max_norm is None:
            return
        for W in self.params:
            if W.ndim > 1:
                norms = np.linalg.norm(W, axis=0)
                W *= self.max_norm / np.maximum(norms, self.max_norm)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write architecture and parameters to one ``.npz`` file, whole or not at all.

        Initializers and the state of the random generator are not saved.

        Raises
        ------
        TypeError
            If a layer, activation or loss is not one of coursenn's own.
        ValueError
            If theta is not finite: nothing could be done with it, and a better file may
            already have that name.
        OSError
            If the file cannot be written.
        """
        check_finite(self.theta, "theta")
        write_model(
            path,
            {
                "layers": [describe(layer) for layer in self.layers],
                "loss": describe(self.loss),
                "l1": self.l1,
                "l2": self.l2,
                "max_norm": self.max_norm,
                "dtype": self.dtype.name,
            },
            np.concatenate([self.theta, self.state]),
        )

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        rng: int | np.random.Generator | None = None,
    ) -> "Network":
        """Return the network saved at path; its predictions are the same bit for bit.

        Parameters
        ----------
        path : path of a file written by ``save``
        rng : seed or numpy Generator
            Draws the dropout masks of further training.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ModelFileError
            If the file is not a saved network, is damaged, or was tampered with.
        """
        architecture, numbers = read_model(path)
        try:
            layers = [rebuild(description) for description in architecture["layers"]]
            shapes = [s for layer in layers for s in (*layer.shapes, *layer.state_shapes)]
            size = sum(map(math.prod, shapes))
            if (numbers.shape, numbers.dtype.name) != ((size,), architecture["dtype"]):
                raise ValueError(
                    f"its layers need {size} numbers of {architecture['dtype']}, and it holds"
                    f" {numbers.size} of {numbers.dtype.name}"
                )
            options = {name: architecture[name] for name in ("l1", "l2", "max_norm")}
            loss = rebuild(architecture["loss"])
            # The weights that this draws are written over.
            net = cls(layers, loss, rng=0, dtype=numbers.dtype, **options)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise ModelFileError(f"{path} does not describe a network: {error!r}") from error
        net.theta[...], net.state[...] = np.split(numbers, [net.theta.size])
        net.rng = np.random.default_rng(rng)
        return net

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle without the views, which would no longer look into theta."""
        views = {"params", "grads", "grad"}
        return {name: value for name, value in vars(self).items() if name not in views}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.layers = [copy(layer) for layer in self.layers]  # copy(net) would share them
        theta, remembered = self.theta, self.state
        self._allocate()
        self.theta[...], self.state[...] = theta, remembered

    def __repr__(self) -> str:
        return f"Network({self.layers}, {self.loss}, {self.theta.size} parameters)"


def mlp(
    sizes: Sequence[int],
    f: Activation = tanh,
    init: Initializer = glorot,
    **options: Any,
) -> Network:
    """Return a Network of Dense layers, e.g. ``mlp([784, 30, 10], relu, he)``.

    The last layer is linear: the losses turn its outputs into probabilities.

    Parameters
    ----------
    sizes : sequence of at least two ints
        Inputs, units of each hidden layer, outputs.
    f : Activation
        Of the hidden layers.
    init : initializer
        Of every layer.
    **options
        loss, l2, rng, dtype: see Network.
    """
    if np.ndim(sizes) != 1:
        raise TypeError(f"sizes must be a list, such as [784, 30, 10]; got {sizes!r}")
    if len(sizes) < 2:
        raise ValueError(f"sizes must name at least inputs and outputs; got {list(sizes)}")
    *hidden, last = pairwise(sizes)
    layers = [Dense(n_in, n_out, f, init) for n_in, n_out in hidden]
    return Network([*layers, Dense(*last, init=init)], **options)


def check_layers(layers: Sequence[Layer]) -> tuple[int, int]:
    """Return the columns of X and of the outputs, if the layers make a network.

    Raises
    ------
    TypeError
        If something is not a Layer.
    ValueError
        If no layer has parameters, a layer does not take what the one before it makes, or
        a layer belongs to a network already.
    """
    if not isinstance(layers, Sequence):
        raise TypeError(f"layers must be a list of layers; got {layers!r}")
    for layer in layers:
        if not isinstance(layer, Layer):
            raise TypeError(f"layers must be Layers, such as Dense(3, 2); got {layer!r}")
        if layer.bound:
            raise ValueError(f"{layer} belongs to a network already: make a new one")
    if len(set(map(id, layers))) < len(layers):
        raise ValueError("the same layer object stands twice: make one for each place")
    sized = [layer for layer in layers if layer.n_in]
    if not sized:
        raise ValueError("a network needs at least one layer with weights, such as Dense(3, 2)")
    for below, above in pairwise(sized):
        if below.n_out != above.n_in:
            raise ValueError(
                f"{above} takes {above.n_in} inputs, but {below} below it makes {below.n_out}"
            )
    return sized[0].n_in, sized[-1].n_out
