"""A scalar autodiff engine in the well-known style: closures, sets and recursion.

Each operation makes a function ``_backward`` that adds to the gradients of its inputs, and
keeps the inputs in a set ``_prev``. ``backward`` sorts the graph by recursion and calls
these functions, last first. Gradients add up over calls, until somebody sets them to 0.
It follows Karpathy's micrograd, 2020, whose readers will feel at home; it is written for
the benchmark, and no slower than this style has to be.
"""

import math
from collections.abc import Callable


class Scalar:
    """A number that remembers which numbers it was made from, and how to go back."""

    def __init__(self, data: float, _prev: "tuple[Scalar, ...]" = (), _op: str = ""):
        self.data = data
        self.grad = 0.0
        self._prev = set(_prev)
        self._op = _op
        self._backward: Callable[[], None] = lambda: None

    def __add__(self, other: "Scalar | float") -> "Scalar":
        other = other if isinstance(other, Scalar) else Scalar(other)
        out = Scalar(self.data + other.data, (self, other), "+")

        def _backward() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other: "Scalar | float") -> "Scalar":
        other = other if isinstance(other, Scalar) else Scalar(other)
        out = Scalar(self.data * other.data, (self, other), "*")

        def _backward() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out

    def __sub__(self, other: "Scalar | float") -> "Scalar":
        other = other if isinstance(other, Scalar) else Scalar(other)
        out = Scalar(self.data - other.data, (self, other), "-")

        def _backward() -> None:
            self.grad += out.grad
            other.grad -= out.grad

        out._backward = _backward
        return out

    def tanh(self) -> "Scalar":
        y = math.tanh(self.data)
        out = Scalar(y, (self,), "tanh")

        def _backward() -> None:
            self.grad += (1 - y * y) * out.grad

        out._backward = _backward
        return out

    def relu(self) -> "Scalar":
        out = Scalar(max(self.data, 0.0), (self,), "relu")

        def _backward() -> None:
            self.grad += (out.data > 0) * out.grad

        out._backward = _backward
        return out

    def backward(self) -> None:
        """Add d(self)/d(that) to the ``grad`` of every number that self was made from."""
        order: list[Scalar] = []
        visited: set[Scalar] = set()

        def visit(node: Scalar) -> None:
            if node not in visited:
                visited.add(node)
                for parent in node._prev:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node._backward()

    def __radd__(self, other: float) -> "Scalar":
        return self + other

    def __rmul__(self, other: float) -> "Scalar":
        return self * other
