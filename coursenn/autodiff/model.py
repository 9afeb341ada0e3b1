"""A model written as a function of its parameters, trained like a Network."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ..arrays import Array, as_numbers, as_rows, check_finite, check_same_rows
from ..flat import flat_views
from .tensor import Tensor


class TensorModel:
    """A loss written with Tensors, and the parameters that ``train`` is to move.

    Parameters
    ----------
    loss_fn : function (params, X, Y) -> Tensor of one number
        The loss of a batch; params is the list of parameters as Tensors.
    params : sequence of arrays
        The initial parameters, of any shapes; they are copied.
    dtype : float32 or float64

    Attributes
    ----------
    theta, grad : (P,) arrays
        The parameters, and the gradient of the loss with respect to them.
    params, grads : list of arrays
        The same as views, in the shapes given.

    Raises
    ------
    TypeError, ValueError
        If there are no parameters, or one does not hold finite numbers.
    """

    def __init__(
        self,
        loss_fn: Callable[[list[Tensor], Array, Array], Tensor],
        params: Sequence[ArrayLike],
        dtype: DTypeLike = np.float64,
    ):
        arrays = [as_numbers(p, f"params[{i}]") for i, p in enumerate(params)]
        if not arrays:
            raise ValueError("params is empty: a model needs at least one array of parameters")
        self.loss_fn, self.dtype = loss_fn, np.dtype(dtype)
        shapes = [p.shape for p in arrays]
        self.theta, self.params = flat_views(shapes, dtype)
        self.grad, self.grads = flat_views(shapes, dtype)
        for i, (view, p) in enumerate(zip(self.params, arrays, strict=True)):
            check_finite(p, f"params[{i}]")
            view[...] = p

    def check(self, X: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
        """Return X and Y as arrays with one example per row: floats in the model's dtype.

        Raises
        ------
        TypeError, ValueError
            If X or Y does not hold finite numbers, or they differ in rows.
        """
        X, Y = self._ready(X, "X"), self._ready(Y, "Y")
        check_same_rows(X, Y)
        return X, Y

    def _ready(self, x: ArrayLike, name: str) -> Array:
        rows = as_rows(x, name)
        if rows.dtype.kind != "f":
            return rows  # integers may be labels, and stay
        check_finite(rows, name)
        return rows.astype(self.dtype, copy=False)

    def loss_and_grad(self, X: ArrayLike, Y: ArrayLike, checked: bool = False) -> float:
        """Return the loss on a batch, and write its gradient to ``grad``.

        Parameters
        ----------
        X, Y : array-like, one example per row
        checked : bool
            True says that X and Y come from ``check``, and saves looking again.

        Raises
        ------
        TypeError, ValueError
            As ``check`` does, or if loss_fn does not return a Tensor of one number.
        """
        X, Y = (np.asarray(X), np.asarray(Y)) if checked else self.check(X, Y)
        leaves = [Tensor(p) for p in self.params]
        C = self.loss_fn(leaves, X, Y)
        if not isinstance(C, Tensor):
            raise TypeError(f"loss_fn must return a Tensor computed from params; got {C!r}")
        C.backward(keep=False)
        for grad, leaf in zip(self.grads, leaves, strict=True):
            grad[...] = 0 if leaf.grad is None else leaf.grad  # None: it does not enter C
        return float(C.data)
