"""What reverse mode needs of a graph: its nodes, the newest first."""

from collections.abc import Sequence
from itertools import count
from operator import attrgetter
from typing import Any

_births = count()


class Node:
    """A value that remembers what it was made from.

    A node is born after its inputs. From the newest to the oldest is therefore an order
    in which every node comes before all that it was made from, and no search is needed.

    Attributes
    ----------
    data : the value
    grad : d(root)/d(self) after ``root.backward()``; None before
    parents : a pair for each input: the node, and how a gradient of self becomes one of that
        node: the local derivative of a Value, push and pull of a Tensor
    op : the operation that made it, such as "×" or "exp"; "" for an input or a constant
    """

    __slots__ = ("__weakref__", "born", "data", "grad", "op", "parents")

    def __init__(self, data: Any, parents: Sequence[tuple["Node", Any]] = (), op: str = ""):
        self.data, self.parents, self.op, self.born = data, parents, op, next(_births)
        self.grad: Any = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.data})"


def lineage(root: Node) -> list[Node]:
    """Return root and every node it was made from, newest first."""
    nodes, met = [root], {root.born}
    for node in nodes:  # which grows on the way
        for parent, _ in node.parents:
            if parent.born not in met:
                met.add(parent.born)
                nodes.append(parent)
    nodes.sort(key=attrgetter("born"), reverse=True)
    return nodes
