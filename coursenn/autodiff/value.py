"""Reverse mode on numbers, every rule spelled out."""

import math

import numpy as np

from .graph import Node, lineage


class Value(Node):
    """A number that can be differentiated.

    Every operation notes, for each of its inputs, the local derivative: the number by
    which a small change of the input is multiplied.

    Parameters
    ----------
    data : float
    parents : pairs (input, local derivative)
    op : name of the operation that made it

    A domain error, such as the log of 0, raises what Python's ``math`` raises.
    """

    __slots__ = ()

    data: float

    def __init__(self, data: float, parents: tuple[tuple["Value", float], ...] = (), op: str = ""):
        if type(data) is not float:  # operations pass a float, and are spared a slower look
            data = as_float(data)
        Node.__init__(self, data, parents, op)

    def backward(self) -> None:
        """Set ``grad`` on every Value that this one was made from: d(self)/d(that).

        It assigns and never adds to an old gradient: called twice, it gives the same
        answer, and there is no gradient to zero between two steps.
        """
        nodes = lineage(self)
        for node in nodes:
            node.grad = 0.0
        self.grad = 1.0
        for node in nodes:
            for parent, derivative in node.parents:
                parent.grad += node.grad * derivative

    def __add__(self, other: "Value | float") -> "Value":
        other = as_value(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)), "+")

    def __sub__(self, other: "Value | float") -> "Value":
        other = as_value(other)
        return Value(self.data - other.data, ((self, 1.0), (other, -1.0)), "−")

    def __mul__(self, other: "Value | float") -> "Value":
        other = as_value(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)), "×")

    def __truediv__(self, other: "Value | float") -> "Value":
        other = as_value(other)
        y = self.data / other.data
        return Value(y, ((self, 1 / other.data), (other, -y / other.data)), "÷")

    def __pow__(self, n: float) -> "Value":
        if not isinstance(n, int | float):
            raise TypeError(
                f"the exponent must be a plain number, not {type(n).__name__};"
                " write a ** b as (a.log() * b).exp()"
            )
        derivative = n * self.data ** (n - 1) if n else 0.0
        return Value(self.data**n, ((self, derivative),), f"power {n:g}")

    def __neg__(self) -> "Value":
        return Value(-self.data, ((self, -1.0),), "negative")

    def __radd__(self, other: float) -> "Value":
        return self + other

    def __rsub__(self, other: float) -> "Value":
        return as_value(other) - self

    def __rmul__(self, other: float) -> "Value":
        return self * other

    def __rtruediv__(self, other: float) -> "Value":
        return as_value(other) / self

    def __eq__(self, other: object) -> bool:
        raise TypeError("a Value is not compared, since that has no derivative: compare its .data")

    __hash__ = Node.__hash__

    def __bool__(self) -> bool:
        raise TypeError("a Value is neither true nor false: ask its .data")

    def exp(self) -> "Value":
        y = math.exp(self.data)
        return Value(y, ((self, y),), "exp")

    def log(self) -> "Value":
        return Value(math.log(self.data), ((self, 1 / self.data),), "log")

    def sqrt(self) -> "Value":
        y = math.sqrt(self.data)
        return Value(y, ((self, 0.5 / y),), "sqrt")

    def sin(self) -> "Value":
        return Value(math.sin(self.data), ((self, math.cos(self.data)),), "sin")

    def cos(self) -> "Value":
        return Value(math.cos(self.data), ((self, -math.sin(self.data)),), "cos")

    def tanh(self) -> "Value":
        y = math.tanh(self.data)
        return Value(y, ((self, 1 - y * y),), "tanh")

    def relu(self) -> "Value":
        return Value(max(self.data, 0.0), ((self, float(self.data > 0)),), "relu")


def as_value(x: "Value | float") -> Value:
    """Return x itself if it is a Value, else x as a new constant."""
    return x if isinstance(x, Value) else Value(x)


def as_float(x: float) -> float:
    """Return x, a number of any kind, as a float; TypeError if it is none."""
    if not isinstance(x, int | float | np.number):
        raise TypeError(f"a Value holds a number; got {x!r}")
    return float(x)
