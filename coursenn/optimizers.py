"""Optimizers: how a gradient becomes a step.

``step(theta, grad)`` moves theta in place. Both are flat vectors, so each ``update`` below
is its published formula and nothing else. The learning rate is a number, or a schedule
(``coursenn.schedules``). Every optimizer takes ``clip``, such as ``clip_norm(1.0)``, which
bounds a gradient before it is used.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .arrays import Array, as_real, is_finite
from .schedules import Schedule

Clip = Callable[[Array], Array]  # from a gradient to the one that is used in its place

SWEEP = 16  # steps between two looks for numbers that have all but vanished


class Optimizer:
    """Counts steps, and keeps ``n_slots`` state vectors beside theta.

    An optimizer belongs to the theta it first moved. Its state is kept from step to step
    and from epoch to epoch.

    Attributes
    ----------
    t : int
        Steps taken so far.
    state : list of arrays like theta
    """

    n_slots = 0
    block = 2**15  # entries updated at a time: small enough that temporaries stay in cache

    def __init__(self, lr: float | Schedule, clip: Clip | None = None):
        if not callable(lr):
            lr = _as_positive(lr, "lr")
        if clip is not None and not callable(clip):
            raise TypeError(f"clip must be a function, such as clip_norm(1.0); got {clip!r}")
        self.lr, self.clip, self.t = lr, clip, 0
        self.state: list[Array] | None = None

    def step(self, theta: Array, grad: Array, checked: bool = False) -> None:
        """Move theta one step, in place.

        Parameters
        ----------
        theta, grad : float arrays of shape (P,) and one dtype
        checked : bool
            True saves looking for nan and inf in grad: ``train`` meets them in the next
            loss, or in theta.

        Raises
        ------
        TypeError, ValueError
            If theta is not a float vector, grad is not like theta, or theta is not of the
            size that this optimizer has moved before.
        FloatingPointError
            If grad holds nan or inf. theta is left as it was.
        """
        self._check(theta, grad)
        if not (checked or is_finite(grad)):
            raise FloatingPointError(
                "grad holds nan or inf. Lower the learning rate, or scale the inputs"
            )
        if self.state is None:
            self.state = [np.zeros_like(theta) for _ in range(self.n_slots)]
        if self.clip is not None:
            grad = self.clip(grad)
        self.t += 1
        lr = float(self.lr(self.t)) if callable(self.lr) else self.lr
        for start in range(0, theta.size, self.block):
            block = slice(start, start + self.block)
            self.update(theta[block], grad[block], lr, *(slot[block] for slot in self.state))
        if self.state and self.t % SWEEP == 0:
            for vector in (theta, *self.state):
                _drop_traces(vector)

    def update(self, theta: Array, g: Array, lr: float, *slots: Array) -> None:
        """Move a block of theta, and its slots, in place: the published formula."""
        raise NotImplementedError

    def _check(self, theta: Array, grad: Array) -> None:
        if not isinstance(theta, np.ndarray) or theta.dtype.kind != "f" or theta.ndim != 1:
            raise TypeError(f"theta must be a float vector, moved in place; got {_kind(theta)}")
        if not isinstance(grad, np.ndarray) or (grad.shape, grad.dtype) != (
            theta.shape,
            theta.dtype,
        ):
            raise ValueError(f"grad must be like theta, {_kind(theta)}; got {_kind(grad)}")
        if self.state and _kind(self.state[0]) != _kind(theta):
            raise ValueError(
                f"this {type(self).__name__} has moved {_kind(self.state[0])}, and theta is"
                f" {_kind(theta)}: make a new optimizer for each network"
            )


class SGD(Optimizer):
    """Gradient descent on batches, with momentum if momentum > 0.

    v ← momentum v + g;  theta ← theta - lr v. Without momentum, v is g.

    Parameters
    ----------
    lr : positive float, or a schedule
    momentum : float in [0, 1)
    nesterov : bool
        Use the gradient where momentum is about to carry theta. theta then holds that
        point, so the step is momentum v + g in place of v.
    clip : function from a gradient to the one to use, optional

    References
    ----------
    Robbins and Monro, Annals of Mathematical Statistics 22, 1951; Polyak, USSR
    Computational Mathematics and Mathematical Physics 4, 1964, for the momentum; Nesterov,
    Soviet Mathematics Doklady 27, 1983, in the form of Sutskever, Martens, Dahl and Hinton,
    ICML 2013, equations 3 and 4.
    """

    def __init__(
        self,
        lr: float | Schedule = 0.1,
        momentum: float = 0.0,
        nesterov: bool = False,
        clip: Clip | None = None,
    ):
        super().__init__(lr, clip)
        self.momentum, self.nesterov = _as_share(momentum, "momentum"), nesterov
        if not momentum:
            self.block = 2**17  # one temporary only
        if nesterov and not momentum:
            raise ValueError("nesterov=True needs a momentum above 0, such as momentum=0.9")
        self.n_slots = 1 if momentum else 0

    def update(self, theta: Array, g: Array, lr: float, *slots: Array) -> None:
        for v in slots:
            v *= self.momentum
            v += g
            g = self.momentum * v + g if self.nesterov else v
        theta -= lr * g


class Adagrad(Optimizer):
    """Steps that shrink along a parameter as its gradients add up.

    s ← s + g²;  theta ← theta - lr g / (√s + eps). With momentum, that step is added to a
    share of the one before.

    Parameters
    ----------
    lr : positive float, or a schedule
    momentum : float in [0, 1)
    eps : positive float
        Keeps the step finite where s is 0.
    clip : function from a gradient to the one to use, optional

    References
    ----------
    Duchi, Hazan and Singer, JMLR 12, 2011, the diagonal case of figure 1.
    """

    def __init__(
        self,
        lr: float | Schedule = 0.01,
        momentum: float = 0.0,
        eps: float = 1e-8,
        clip: Clip | None = None,
    ):
        super().__init__(lr, clip)
        self.momentum, self.eps = _as_share(momentum, "momentum"), _as_positive(eps, "eps")
        self.n_slots = 2 if momentum else 1

    def update(self, theta: Array, g: Array, lr: float, *slots: Array) -> None:
        s, *velocity = slots
        s += g * g
        step = lr * g / (np.sqrt(s) + self.eps)
        for v in velocity:
            v *= self.momentum
            v += step
            step = v
        theta -= step


class RMSprop(Optimizer):
    """Steps of about lr along each parameter: g over the root of its mean square.

    s ← beta s + (1 - beta) g²;  theta ← theta - lr g / (√s + eps).

    Parameters
    ----------
    lr : positive float, or a schedule
    beta : float in [0, 1)
        Memory of the mean square s.
    eps : positive float
        Keeps the step finite where s is 0.
    clip : function from a gradient to the one to use, optional

    References
    ----------
    Tieleman and Hinton, lecture 6.5 of Neural Networks for Machine Learning, Coursera, 2012.
    """

    n_slots = 1

    def __init__(
        self,
        lr: float | Schedule = 1e-3,
        beta: float = 0.9,
        eps: float = 1e-8,
        clip: Clip | None = None,
    ):
        super().__init__(lr, clip)
        self.beta, self.eps = _as_share(beta, "beta"), _as_positive(eps, "eps")

    def update(self, theta: Array, g: Array, lr: float, *slots: Array) -> None:
        (s,) = slots
        s += (1 - self.beta) * (g * g - s)
        theta -= lr * g / (np.sqrt(s) + self.eps)


class Adam(Optimizer):
    """Steps of about lr along each parameter, whatever the size of its gradient.

    Parameters
    ----------
    lr : positive float, or a schedule
    beta1, beta2 : float in [0, 1)
        Memory of the mean m and of the mean square v of the gradient.
    eps : positive float
        Keeps the step finite where v is 0.
    clip : function from a gradient to the one to use, optional

    References
    ----------
    Kingma and Ba, ICLR 2015, algorithm 1.
    """

    n_slots = 2

    def __init__(
        self,
        lr: float | Schedule = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        clip: Clip | None = None,
    ):
        super().__init__(lr, clip)
        self.beta1, self.beta2 = _as_share(beta1, "beta1"), _as_share(beta2, "beta2")
        self.eps = _as_positive(eps, "eps")

    def update(self, theta: Array, g: Array, lr: float, *slots: Array) -> None:
        m, v = slots
        m += (1 - self.beta1) * (g - m)
        v += (1 - self.beta2) * (g * g - v)
        m_hat = m / (1 - self.beta1**self.t)
        v_hat = v / (1 - self.beta2**self.t)
        theta -= lr * m_hat / (np.sqrt(v_hat) + self.eps)


class AdamW(Adam):
    """Adam, and in every step theta shrinks by the share lr decay.

    An L2 penalty goes through Adam's division by √v, which all but undoes it where
    gradients are large. Decay taken from theta itself acts on all parameters alike, biases
    among them.

    Parameters
    ----------
    lr : positive float, or a schedule
    decay : float, at least 0
        Here it is multiplied by lr, as in PyTorch; in the paper, by the schedule alone.
    **options
        beta1, beta2, eps, clip: see Adam.

    References
    ----------
    Loshchilov and Hutter, ICLR 2019, algorithm 2.
    """

    def __init__(self, lr: float | Schedule = 1e-3, decay: float = 0.01, **options: Any):
        super().__init__(lr, **options)
        if as_real(decay, "decay") < 0:
            raise ValueError(f"decay must be at least 0; got {decay}")
        self.decay = decay

    def update(self, theta: Array, g: Array, lr: float, *slots: Array) -> None:
        theta -= lr * self.decay * theta
        super().update(theta, g, lr, *slots)


def clip_value(limit: float) -> Clip:
    """Return a function that brings every entry of a gradient into [-limit, limit].

    This can turn the gradient: entries are cut one by one.
    """
    return partial(_clip_value, _as_positive(limit, "limit"))


def _clip_value(limit: float, grad: Array) -> Array:
    return np.clip(grad, -limit, limit)


def clip_norm(limit: float) -> Clip:
    """Return a function that shortens a gradient longer than limit, and keeps its direction.

    References
    ----------
    Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1.
    """
    return partial(_clip_norm, _as_positive(limit, "limit"))


def _clip_norm(limit: float, grad: Array) -> Array:
    norm = float(np.linalg.norm(grad))
    return grad if norm <= limit else grad * grad.dtype.type(limit / norm)


def _as_share(value: float, name: str) -> float:
    share = as_real(value, name)
    if not 0 <= share < 1:
        raise ValueError(f"{name} must be in [0, 1); got {value}")
    return share


def _as_positive(value: float, name: str) -> float:
    number = as_real(value, name)
    if number <= 0:
        raise ValueError(f"{name} must be positive; got {value}")
    return number


def _kind(x: object) -> str:
    return f"{x.dtype} of shape {x.shape}" if isinstance(x, np.ndarray) else type(x).__name__


def _drop_traces(vector: Array) -> None:
    """Set to 0 what is about to leave the range of normal floats.

    Where a gradient stays 0, as for a dead unit, its running mean shrinks for ever; and so
    does, under a penalty, the weight of a pixel that is always blank. Many processors take
    several times longer over numbers so small (subnormal), and no sum is small enough to
    feel them.
    """
    vector[np.abs(vector) < 1000 * np.finfo(vector.dtype).tiny] = 0
