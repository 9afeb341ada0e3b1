"""Where the nodes of a graph are drawn: in layers, with few crossings, edges nearly straight.

The method of Sugiyama, Tagawa and Toda (IEEE Transactions on Systems, Man, and Cybernetics
11, 1981), in four steps: a layer for every node; a bend for every layer that an edge jumps
over; an order within each layer; a height for each node and bend.
"""

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np

from ..arrays import Array

SWEEPS = 12  # there and back; graphs of 60 nodes settle in fewer
BEND = 0.4  # the room that a bend takes in its column


class Layout:
    """Layers, orders and heights of the nodes of a graph, and the bends of its edges.

    Parameters
    ----------
    parents : for each node, the numbers of its inputs; inputs come before what they feed
    is_late : for each node, whether it stands as near as it can to what it feeds
    sizes : for each node, the room it takes in its column; by default 1

    Attributes
    ----------
    layer : for each node and bend, the column it stands in, from 0
    height : for each node and bend, how high it stands; neighbours in a column are at
        least half the sum of their sizes apart
    paths : for each node and each of its inputs, the nodes and bends from the input to it
    """

    def __init__(
        self,
        parents: Sequence[Sequence[int]],
        is_late: Sequence[bool],
        sizes: Sequence[float] | None = None,
    ):
        self.n_nodes, self.is_late = len(parents), is_late
        self.layer = _layers(parents, is_late)
        self.paths = [[self._path(i, j) for i in inputs] for j, inputs in enumerate(parents)]
        edges = {edge for paths in self.paths for path in paths for edge in pairwise(path)}
        self.edges = sorted(edges)
        self.columns = _best_order(self._first_order(), self.edges, self.layer)
        self.sizes = [1.0] * self.n_nodes if sizes is None else [*sizes]
        self.sizes += [BEND] * (len(self.layer) - self.n_nodes)
        self.height = self._heights()

    def _path(self, i: int, j: int) -> list[int]:
        """Return the way from node i to node j, with a new bend in each layer between."""
        between = range(self.layer[i] + 1, self.layer[j])
        bends = range(len(self.layer), len(self.layer) + len(between))
        self.layer.extend(between)
        return [i, *bends, j]

    def _first_order(self) -> list[list[int]]:
        """Return columns in the order in which a walk back from the last node meets things.

        Inputs are visited from first to last, as they stand in a formula; a tree drawn in
        this order has no crossings.
        """
        columns: list[list[int]] = [[] for _ in range(max(self.layer) + 1)]

        def visit(node: int) -> None:
            columns[self.layer[node]].append(node)
            for path in self.paths[node]:
                for bend in path[1:-1]:
                    columns[self.layer[bend]].append(bend)
                if path[0] not in columns[self.layer[path[0]]]:
                    visit(path[0])

        visit(self.n_nodes - 1)
        return columns

    def _heights(self) -> Array:
        """Draw nodes and bends to the level of what feeds them, then of what they feed.

        The last sweep follows what feeds them, so that a chain of operations is straight.
        """
        height = np.zeros(len(self.layer))
        for column in self.columns:
            offsets = self._offsets(column)
            height[column] = offsets.mean() - offsets
        near = _neighbours(self.edges, len(self.layer))
        for sweep in range(SWEEPS + 1):
            forward = sweep % 2 == 0
            for column in self.columns if forward else reversed(self.columns):
                leaders = [self._leaders(i, near[i], forward) for i in column]
                wanted = [height[js].mean() for js in leaders]
                # What is led from behind stays on its line; what is not makes room for it.
                led = [
                    self.layer[js[0]] < self.layer[i] for i, js in zip(column, leaders, strict=True)
                ]
                offsets = self._offsets(column)
                fitted = _falling(wanted + offsets, np.where(led, 1e6, 1.0))
                height[column] = fitted - offsets
        return height

    def _offsets(self, column: list[int]) -> Array:
        """Return how far below the first each member of a column must stand at least."""
        half = [self.sizes[i] / 2 for i in column]
        return np.cumsum([0.0, *(a + b for a, b in pairwise(half))])

    def _leaders(self, i: int, near: list[int], forward: bool) -> list[int]:
        """Return what i should be level with: what feeds it, or what it feeds, or itself.

        Constants do not lead, if there is anything else.
        """
        before = [j for j in near if self.layer[j] < self.layer[i]]
        before = [j for j in before if j >= self.n_nodes or not self.is_late[j]] or before
        after = [j for j in near if self.layer[j] > self.layer[i]]
        return ((before or after) if forward else (after or before)) or [i]


def _layers(parents: Sequence[Sequence[int]], is_late: Sequence[bool]) -> list[int]:
    """Return the length of the longest way from an input to each node; late ones move on."""
    layer: list[int] = []
    for inputs in parents:
        layer.append(max((layer[i] + 1 for i in inputs), default=0))
    for i, late in enumerate(is_late):
        fed = [layer[j] for j, inputs in enumerate(parents) if i in inputs]
        if late and fed:
            layer[i] = min(fed) - 1
    return layer


def _best_order(
    columns: list[list[int]], edges: list[tuple[int, int]], layer: list[int]
) -> list[list[int]]:
    """Sort columns by the mean place of neighbours, right and left; keep the best order."""
    near = _neighbours(edges, len(layer))
    best, fewest = columns, _crossings(columns, edges)
    for sweep in range(SWEEPS):
        columns = _swept([*columns], near, layer, step=1 if sweep % 2 == 0 else -1)
        crossings = _crossings(columns, edges)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _swept(
    columns: list[list[int]], near: list[list[int]], layer: list[int], step: int
) -> list[list[int]]:
    """Sort each column by the places of its neighbours in the column a step further."""
    place = {i: k for column in columns for k, i in enumerate(column)}

    def mean(i: int) -> float:
        there = [place[j] for j in near[i] if layer[j] == layer[i] + step]
        return sum(there) / len(there) if there else place[i]

    for at in range(len(columns))[::-step]:
        columns[at] = sorted(columns[at], key=mean)
        place.update((i, k) for k, i in enumerate(columns[at]))
    return columns


def _crossings(columns: list[list[int]], edges: list[tuple[int, int]]) -> int:
    place = {i: (at, k) for at, column in enumerate(columns) for k, i in enumerate(column)}
    ends = [(*place[i], place[j][1]) for i, j in edges]
    return sum(a[0] == b[0] and (a[1] - b[1]) * (a[2] - b[2]) < 0 for a, b in combinations(ends, 2))


def _neighbours(edges: list[tuple[int, int]], n: int) -> list[list[int]]:
    near: list[list[int]] = [[] for _ in range(n)]
    for i, j in edges:
        near[i].append(j)
        near[j].append(i)
    return near


def _falling(x: Array, weights: Array) -> Array:
    """Return the falling sequence that is nearest to x: neighbours that rise share a mean."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(x, weights, strict=True):
        mean, mass, size = float(value), float(weight), 1
        while blocks and blocks[-1][0] < mean:
            above, more, n = blocks.pop()
            mean = (above * more + mean * mass) / (more + mass)
            mass, size = mass + more, size + n
        blocks.append((mean, mass, size))
    return np.repeat([mean for mean, _, _ in blocks], [size for _, _, size in blocks])
