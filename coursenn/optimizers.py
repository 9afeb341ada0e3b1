"""Optimizers: how a gradient becomes a step.

``step(theta, grad)`` moves theta in place. Both are flat vectors, so each ``update`` below
is its published formula and nothing else. The learning rate is a number, or a schedule: a
function from the step count t = 1, 2, ... to a number.
"""

import math
from collections.abc import Callable

import numpy as np

from .arrays import Array, as_real, check_count, is_finite

Schedule = Callable[[int], float]

BLOCK = 2**15  # entries updated at a time: small enough that temporaries stay in cache
SWEEP = 16  # steps between two looks for state that has all but vanished


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

    def __init__(self, lr: float | Schedule):
        if not callable(lr):
            lr = _as_positive(lr, "lr")
        self.lr, self.t = lr, 0
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
        self.t += 1
        lr = float(self.lr(self.t)) if callable(self.lr) else self.lr
        for start in range(0, theta.size, BLOCK):
            block = slice(start, start + BLOCK)
            self.update(theta[block], grad[block], lr, *(slot[block] for slot in self.state))
        if self.t % SWEEP == 0:
            self._drop_traces()

    def _drop_traces(self) -> None:
        """Set to 0 what is about to leave the range of normal floats.

        Where a gradient stays 0, as for a dead unit, its running mean shrinks for ever.
        Processors take many times longer over numbers so small (subnormal), which can more
        than double the time of a step; and no theta is large enough to feel them.
        """
        for slot in self.state or ():
            slot[np.abs(slot) < 1000 * np.finfo(slot.dtype).tiny] = 0

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

    References
    ----------
    Robbins and Monro, Annals of Mathematical Statistics 22, 1951; Polyak, USSR
    Computational Mathematics and Mathematical Physics 4, 1964, for the momentum.
    """

    def __init__(self, lr: float | Schedule = 0.1, momentum: float = 0.0):
        super().__init__(lr)
        self.momentum = _as_share(momentum, "momentum")
        self.n_slots = 1 if momentum else 0

    def update(self, theta: Array, g: Array, lr: float, *slots: Array) -> None:
        for v in slots:
            v *= self.momentum
            v += g
            g = v
        theta -= lr * g


class Adam(Optimizer):
    """Steps of about lr along each parameter, whatever the size of its gradient.

    Parameters
    ----------
    lr : positive float, or a schedule
    beta1, beta2 : float in [0, 1)
        Memory of the mean m and of the mean square v of the gradient.
    eps : positive float
        Keeps the step finite where v is 0.

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
    ):
        super().__init__(lr)
        self.beta1, self.beta2 = _as_share(beta1, "beta1"), _as_share(beta2, "beta2")
        self.eps = _as_positive(eps, "eps")

    def update(self, theta: Array, g: Array, lr: float, *slots: Array) -> None:
        m, v = slots
        m += (1 - self.beta1) * (g - m)
        v += (1 - self.beta2) * (g * g - v)
        m_hat = m / (1 - self.beta1**self.t)
        v_hat = v / (1 - self.beta2**self.t)
        theta -= lr * m_hat / (np.sqrt(v_hat) + self.eps)


def cosine(lr: float, steps: int, warmup: int = 0, floor: float = 0.0) -> Schedule:
    """Return a schedule: rise linearly to lr over warmup steps, then follow half a cosine.

    It reaches floor at t = steps and stays there.

    Parameters
    ----------
    lr, floor : float, lr > floor >= 0
    steps, warmup : int, steps > warmup >= 0

    References
    ----------
    Loshchilov and Hutter, ICLR 2017, equation 5, without restarts.
    """
    check_count(warmup, "warmup", least=0)
    check_count(steps, "steps", least=warmup + 1)
    if not as_real(lr, "lr") > as_real(floor, "floor") >= 0:
        raise ValueError(f"lr must be above floor, and floor at least 0; got {lr} and {floor}")

    def schedule(t: int) -> float:
        if t < warmup:
            return lr * t / warmup
        progress = min((t - warmup) / (steps - warmup), 1.0)
        return floor + (lr - floor) * 0.5 * (1 + math.cos(math.pi * progress))

    return schedule


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
