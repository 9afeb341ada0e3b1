"""Learning rates that change: functions of the step t = 1, 2, ... to a number.

An optimizer takes one in place of a number: ``Adam(cosine(3e-3, steps=1000))``. A rate that
stays is just the number.
"""

import math
from collections.abc import Callable
from functools import partial

from .arrays import as_real, check_count

Schedule = Callable[[int], float]


def step_decay(lr: float, factor: float, every: int) -> Schedule:
    """Return a schedule that multiplies lr by factor after every ``every`` steps.

    Parameters
    ----------
    lr : positive float
    factor : float in (0, 1)
    every : int, at least 1
    """
    _check_positive(lr, "lr")
    check_count(every, "every")
    if not 0 < as_real(factor, "factor") < 1:
        raise ValueError(f"factor must be in (0, 1); got {factor}")
    return partial(_step_decay, lr, factor, every)


def _step_decay(lr: float, factor: float, every: int, t: int) -> float:
    return lr * factor ** ((t - 1) // every)


def exponential(lr: float, rate: float) -> Schedule:
    """Return the schedule lr e^(-rate (t - 1)): the same share is lost in every step.

    Parameters
    ----------
    lr, rate : positive float
    """
    _check_positive(lr, "lr")
    _check_positive(rate, "rate")
    return partial(_exponential, lr, rate)


def _exponential(lr: float, rate: float, t: int) -> float:
    return lr * math.exp(-rate * (t - 1))


def inverse_time(lr: float, rate: float) -> Schedule:
    """Return the schedule lr / (1 + rate (t - 1)).

    It falls slowly enough for its steps to reach any distance (their sum diverges), and
    fast enough for noise to average out (the sum of their squares converges).

    Parameters
    ----------
    lr, rate : positive float

    References
    ----------
    Robbins and Monro, Annals of Mathematical Statistics 22, 1951, equation 6.
    """
    _check_positive(lr, "lr")
    _check_positive(rate, "rate")
    return partial(_inverse_time, lr, rate)


def _inverse_time(lr: float, rate: float, t: int) -> float:
    return lr / (1 + rate * (t - 1))


def cosine(lr: float, steps: int, floor: float = 0.0) -> Schedule:
    """Return a schedule that falls from lr to floor along half a cosine, and stays there.

    Parameters
    ----------
    lr, floor : float, lr > floor >= 0
    steps : int, at least 1
        The step at which floor is reached.

    References
    ----------
    Loshchilov and Hutter, ICLR 2017, equation 5, without restarts.
    """
    check_count(steps, "steps")
    if not as_real(lr, "lr") > as_real(floor, "floor") >= 0:
        raise ValueError(f"lr must be above floor, and floor at least 0; got {lr} and {floor}")
    return partial(_cosine, lr, steps, floor)


def _cosine(lr: float, steps: int, floor: float, t: int) -> float:
    return floor + (lr - floor) * 0.5 * (1 + math.cos(math.pi * min(t / steps, 1.0)))


def warm_up(lr: float | Schedule, steps: int) -> Schedule:
    """Return a schedule whose first steps are smaller: lr times t / steps, until that is 1.

    Parameters
    ----------
    lr : positive float, or a schedule
    steps : int, at least 1

    References
    ----------
    Goyal et al., arXiv:1706.02677, 2017, section 2.2.
    """
    check_count(steps, "steps")
    if not callable(lr):
        _check_positive(lr, "lr")
    return partial(_warm_up, lr, steps)


def _warm_up(lr: float | Schedule, steps: int, t: int) -> float:
    return (lr(t) if callable(lr) else lr) * min(t / steps, 1.0)


def _check_positive(value: float, name: str) -> None:
    if as_real(value, name) <= 0:
        raise ValueError(f"{name} must be positive; got {value}")
