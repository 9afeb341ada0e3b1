"""The derivative of every elementwise operation: one table for both modes.

``DERIVATIVES[ufunc]`` holds a function per input, ``(y, *inputs) -> ∂y/∂input``, entry by
entry, where y is the output. Forward mode multiplies a tangent by it, reverse mode a
gradient.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Derivative = Callable[..., Any]


ONE = 1.0  # this very object: what is multiplied by it need not be


def one(*_: Any) -> float:
    return ONE


def zero(*_: Any) -> float:
    return 0.0


DERIVATIVES: dict[np.ufunc, tuple[Derivative, ...]] = {
    np.add: (one, one),
    np.subtract: (one, lambda y, a, b: -1.0),
    np.multiply: (lambda y, a, b: b, lambda y, a, b: a),
    np.divide: (lambda y, a, b: 1 / b, lambda y, a, b: -y / b),
    np.power: (
        lambda y, a, n: n * a ** np.where(n == 0, 1, n - 1),  # 0, not nan, for a⁰ at a = 0
        lambda y, a, n: y * np.log(a),
    ),
    np.negative: (lambda y, a: -1.0,),
    np.square: (lambda y, a: 2 * a,),
    np.sqrt: (lambda y, a: 0.5 / y,),
    np.exp: (lambda y, a: y,),
    np.expm1: (lambda y, a: y + 1,),
    np.log: (lambda y, a: 1 / a,),
    np.log1p: (lambda y, a: 1 / (1 + a),),
    np.sin: (lambda y, a: np.cos(a),),
    np.cos: (lambda y, a: -np.sin(a),),
    np.tanh: (lambda y, a: 1 - y * y,),
    np.absolute: (lambda y, a: np.sign(a),),
    np.maximum: (lambda y, a, b: a > b, lambda y, a, b: a <= b),
    np.minimum: (lambda y, a, b: a <= b, lambda y, a, b: a > b),
    np.logaddexp: (lambda y, a, b: np.exp(a - y), lambda y, a, b: np.exp(b - y)),
    np.heaviside: (zero, zero),
}
