"""The graph of a computation, with what flows through it: values forward, gradients back."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from ..arrays import Array
from ..autodiff import graph
from .labels import place_labels
from .layout import Layout
from .style import COLOURS, new_axes

LIMIT = 60  # nodes
SIZE = 11  # points
LINE = 0.22  # inches: a line of text in a box
PAD = 0.07  # inches, between a text and the rim of its box
GAP = 0.3  # inches, between boxes one above the other
SIDE_GAP = 0.16  # inches, between boxes side by side, in a graph that is drawn downwards
PORT = 0.2  # inches, between arrows that end at one box: the height of a label
MARGIN = 0.06  # inches, around the drawing

BLUE = COLOURS[0]
ORANGE = "#B85000"  # the second colour, darker: letters on white need the contrast
BLUE_TINT, GREY_TINT = "#E3EFF7", "#EEEEEE"  # of inputs with a name, and of the others


def plot_graph(
    root: graph.Node,
    names: Mapping[str, graph.Node] | None = None,
    step: int | None = None,
    ax: Axes | None = None,
    down: bool = False,
) -> Axes:
    """Draw what root was made from: inputs on the left, root on the right.

    A box shows the operation or the name, below it the value, and below that, in orange,
    the gradient if there is one. An edge shows the local derivative, in blue: by how much
    the output of the operation changes per change of this input. Of Tensors with more
    than one entry the shapes are shown instead.

    Parameters
    ----------
    root : Value or Tensor
    names : what to call some of the nodes, as in ``{"x": x, "q": q}``
    step : how many steps of the backward walk to show, from 0 to the number of nodes; by
        default all. In each step one node, the newest first, hands its gradient to its
        inputs. The node of the last step and its edges are orange, and each edge shows
        what it carries: local derivative times gradient.
    ax : Axes to draw on; by default a new figure, as large as the graph needs
    down : draw from top to bottom, inputs above: of a long graph a narrow picture, which
        can be read on a phone

    Raises
    ------
    TypeError
        If root or what is named is not a node, or step is not an integer.
    ValueError
        If the graph has more than 60 nodes, or step is out of range or asks for
        gradients before ``root.backward()`` was called.
    """
    nodes = _checked_nodes(root, names, step)
    drawing = _Drawing(nodes, names or {}, step, down)
    ax = new_axes(ax, figsize=tuple(drawing.size), layout="none", gridspec_kw=_WHOLE)
    drawing.draw(ax)
    return ax


_WHOLE = {"left": 0, "right": 1, "bottom": 0, "top": 1}


def _checked_nodes(
    root: graph.Node, names: Mapping[str, graph.Node] | None, step: int | None
) -> list[graph.Node]:
    """Return the nodes of the graph, oldest first, if all arguments are sound."""
    for name, node in [("root", root), *(names or {}).items()]:
        if not isinstance(node, graph.Node):
            raise TypeError(
                f"{name} must be a Value or a Tensor of coursenn.autodiff; got"
                f" {type(node).__name__}. A plain number does not know what it was made from"
            )
    nodes = graph.lineage(root)
    if len(nodes) > LIMIT:
        raise ValueError(
            f"a graph of {len(nodes)} nodes cannot be read; at most {LIMIT} are drawn."
            " Draw a smaller example, or only a part: plot_graph of a node nearer to the inputs"
        )
    if step is not None:
        if not isinstance(step, int | np.integer):
            raise TypeError(f"step must be an integer; got {step!r}")
        if not 0 <= step <= len(nodes):
            raise ValueError(f"step must be from 0 to {len(nodes)}, a step per node; got {step}")
        if root.grad is None:
            raise ValueError("there are no gradients to show yet: call root.backward() first")
    return nodes[::-1]


class _Box(NamedTuple):
    """What is written for a node, and whether it is the node of the step."""

    head: str
    value: str
    grad: str
    tint: str
    is_active: bool


class _Edge(NamedTuple):
    """What is written on an edge: the local derivative, and what it carries when active."""

    derivative: str
    message: str
    is_active: bool


_End = tuple[int, int]  # of an edge: the node it leads to, and which input of it it is
_Paths = dict[_End, list[int]]


class _Drawing:
    """A graph as boxes and edges with their places, in inches.

    A place is two numbers, along and across: from left to right and from below, or, if the
    graph is drawn downwards, from above and from right to left.
    """

    def __init__(
        self,
        nodes: list[graph.Node],
        names: Mapping[str, graph.Node],
        step: int | None,
        down: bool,
    ):
        self.nodes, self.down = nodes, down
        self.has_steps = step is not None
        number = {node.born: k for k, node in enumerate(nodes)}
        parents = [[number[parent.born] for parent, _ in node.parents] for node in nodes]
        called = {node.born: name for name, node in names.items()}
        reached = len(nodes) - (len(nodes) if step is None else step)  # the oldest with a gradient
        self.boxes = [
            _box(node, called.get(node.born, ""), k >= reached, self.has_steps and k == reached)
            for k, node in enumerate(nodes)
        ]
        is_late = [not node.op and node.born not in called for node in nodes]
        self.n_lines = 3 if self.has_steps or any(box.grad for box in self.boxes) else 2
        widths = [self._width(k) for k in range(len(nodes))]
        self.layout = Layout(parents, is_late, [w + SIDE_GAP for w in widths] if down else None)
        self.edges = [
            [_edge(node, parent, rule, self.boxes[k].is_active) for parent, rule in node.parents]
            for k, node in enumerate(nodes)
        ]
        self._measure()

    def _measure(self) -> None:
        """Find where the columns begin and end and where the boxes stand across, in inches."""
        columns = range(max(self.layout.layer) + 1)
        height, nodes = self.n_lines * LINE + 0.1, range(len(self.nodes))
        widths = [max(self._width(k) for k in self._members(c)) for c in columns]
        lengths = [height] * len(columns) if self.down else widths
        gaps = [MARGIN, *(self._gap(c) for c in columns[1:])]
        self.begin = np.cumsum(gaps) + np.cumsum([0.0, *lengths[:-1]])
        self.end = self.begin + lengths
        self.breadth = [self._width(k) if self.down else height for k in nodes]
        y = self.layout.height * (1 if self.down else height + GAP)
        half = np.full(len(y), 0.3 if self.down else 0.1)  # beside a bend, or over it: a label
        half[: len(nodes)] = np.array(self.breadth) / 2
        self.y = y - (y - half).min() + MARGIN
        size = np.array([self.end[-1], (self.y + half).max()]) + MARGIN
        self.size = size[::-1] if self.down else size
        self._place_ports()

    def _place(self, points: Array) -> Array:
        """Turn (along, across) into (x, y), from the lower left corner."""
        return self.size - points[..., ::-1] if self.down else points

    def _place_ports(self) -> None:
        """Find where edges begin and end, so that those of one box neither cross nor touch."""
        ends = [(k, n) for k, paths in enumerate(self.layout.paths) for n in range(len(paths))]
        path = {end: self.layout.paths[end[0]][end[1]] for end in ends}
        self.end_y = self._spread(path, at=-1, towards={e: self.y[path[e][-2]] for e in ends})
        towards = {e: self.end_y[e] if len(path[e]) == 2 else self.y[path[e][1]] for e in ends}
        self.start_y = self._spread(path, at=0, towards=towards)

    def _spread(self, path: _Paths, at: int, towards: dict[_End, float]) -> dict[_End, float]:
        """Place the edges that meet in a box side by side, as they come from elsewhere."""
        places: dict[_End, float] = {}
        for k in range(len(self.nodes)):
            meet = sorted((e for e in path if path[e][at] == k), key=lambda e: (-towards[e], e))
            port = 3 * PORT if self.down else 2 * PORT if self.has_steps else PORT  # for a label
            rim = 0.14 if self.down else 0.2
            port = min(port, (self.breadth[k] - rim) / max(1, len(meet) - 1))
            for rank, end in enumerate(meet):
                places[end] = self.y[k] + port * ((len(meet) - 1) / 2 - rank)
        return places

    def _members(self, column: int) -> list[int]:
        return [k for k in range(len(self.nodes)) if self.layout.layer[k] == column]

    def _width(self, k: int) -> float:
        box, grad = self.boxes[k], self.nodes[k].grad
        grad_width = 0.0 if grad is None else _text_width(_shown(grad))  # in every step
        widths = 1.15 * _text_width(box.head), _text_width(box.value), grad_width
        return max(0.62 if self.down else 0.5, 2 * PAD + max(widths))  # the head is bold

    def _gap(self, column: int) -> float:
        """Return the room that the labels of the edges into a column need, in every step."""
        if self.down:  # the height of one line, or in a step of two
            return 0.8 if self.has_steps else 0.5
        edges = [edge for k in self._members(column) for edge in self.edges[k]]
        labels = [edge.derivative for edge in edges]
        if self.has_steps:
            labels += [edge.message for edge in edges]
        return (0.5 if self.has_steps else 0.4) + max([0.0, *map(_text_width, labels)])

    def draw(self, ax: Axes) -> None:
        room = _room(ax)
        self.scale = min(1.0, *(room / self.size))
        spare = (room / self.scale - self.size) / 2
        ax.set(xlim=(-spare[0], self.size[0] + spare[0]), aspect="equal")
        ax.set(ylim=(-spare[1], self.size[1] + spare[1]))
        ax.set_axis_off()
        for k in range(len(self.nodes)):
            self._draw_box(ax, k)
        curves = [
            self._curve(k, n) for k, edges in enumerate(self.edges) for n in range(len(edges))
        ]
        edges = [edge for edges in self.edges for edge in edges]
        for edge, curve in zip(edges, curves, strict=True):
            self._draw_edge(ax, edge, curve)
        self._label_edges(ax, edges, curves)

    def _draw_box(self, ax: Axes, k: int) -> None:
        box, column, half = self.boxes[k], self.layout.layer[k], self.breadth[k] / 2
        sides = [[self.begin[column], self.y[k] - half], [self.end[column], self.y[k] + half]]
        (left, bottom), (right, top) = np.sort(self._place(np.array(sides)), axis=0)
        outline = FancyBboxPatch(
            (left, bottom),
            right - left,
            top - bottom,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=box.tint,
            edgecolor=ORANGE if box.is_active else "0.25",
            linewidth=(2.6 if box.is_active else 1.1) * self.scale,
            zorder=3,
        )
        ax.add_patch(outline)
        lines = [(box.head, "black", "bold"), (box.value, "black", "normal")]
        lines.append((box.grad, ORANGE, "normal"))
        lines = lines[not box.head : self.n_lines]
        for n, (text, colour, weight) in enumerate(lines):
            y = (bottom + top) / 2 + LINE * ((len(lines) - 1) / 2 - n)
            self._text(ax, (left + right) / 2, y, text, color=colour, weight=weight)

    def _text(self, ax: Axes, x: float, y: float, text: str, **options: Any) -> None:
        if text:
            size = SIZE * self.scale
            ax.text(x, y, text, ha="center", va="center_baseline", size=size, zorder=5, **options)

    def _curve(self, k: int, n: int) -> Array:
        """Return the way to node k from its n-th input, (pieces, 4, 2): a curve for each gap.

        The curves are Bézier's; their points are places along and across.
        """
        path, layer = self.layout.paths[k][n], self.layout.layer
        ys = [self.start_y[k, n], *self.y[path[1:-1]], self.end_y[k, n]]
        pieces = []
        for (i, y0), (j, y1) in pairwise(zip(path, ys, strict=True)):
            x0, x1 = self.end[layer[i]], self.begin[layer[j]]
            middle = (x0 + x1) / 2
            pieces.append([(x0, y0), (middle, y0), (middle, y1), (x1, y1)])
        return np.array(pieces)

    def _draw_edge(self, ax: Axes, edge: _Edge, curve: Array) -> None:
        colour, width = (ORANGE, 2.2) if edge.is_active else ("0.45", 1.2)
        curve = self._place(curve)
        vertices, codes = [curve[0, 0]], [Path.MOVETO]
        for n, piece in enumerate(curve):
            vertices += [*piece[n == 0 :]]
            codes += [Path.LINETO] * (n > 0) + [Path.CURVE4] * 3
        arrow = FancyArrowPatch(
            path=Path(np.array(vertices), codes),
            arrowstyle="<|-" if edge.is_active else "-|>",  # gradients go back
            mutation_scale=11 * self.scale,
            color=colour,
            linewidth=width * self.scale,
            zorder=2,
        )
        ax.add_patch(arrow)

    def _label_edges(self, ax: Axes, edges: list[_Edge], curves: list[Array]) -> None:
        texts = {
            n: [edge.derivative, edge.message] if edge.is_active else [edge.derivative]
            for n, edge in enumerate(edges)
            if edge.derivative
        }
        halves = {
            n: np.array([max(map(_text_width, lines)) / 2 + 0.03, len(lines) * 0.1])
            for n, lines in texts.items()
        }
        turned = {n: half[::-1] if self.down else half for n, half in halves.items()}
        for n, place in place_labels(curves, turned).items():
            self._write_label(ax, self._place(place), halves[n], texts[n])

    def _write_label(self, ax: Axes, place: Array, half: Array, texts: list[str]) -> None:
        x, y = place - half
        width, height = 2 * half
        ax.add_patch(Rectangle((x, y), width, height, facecolor="white", lw=0, zorder=4))
        for n, (text, colour) in enumerate(zip(texts, (BLUE, ORANGE), strict=False)):
            line = place[1] + 0.2 * ((len(texts) - 1) / 2 - n)
            self._text(ax, place[0], line, text, color=colour)


def _box(node: graph.Node, name: str, has_grad: bool, is_active: bool) -> _Box:
    head = f"{name}: {node.op}" if name and node.op else name or node.op
    grad = _shown(node.grad) if has_grad and node.grad is not None else ""
    tint = "white" if node.op else BLUE_TINT if name else GREY_TINT
    return _Box(head, _shown(node.data), grad, tint, is_active)


def _edge(node: graph.Node, parent: graph.Node, rule: Any, is_active: bool) -> _Edge:
    """Return what is known of an edge; a Tensor's derivative is what its pull makes of 1."""
    if np.size(node.data) != 1 or np.size(parent.data) != 1:
        return _Edge("", "", is_active)
    d = float(np.sum(rule[1](np.ones_like(node.data)) if isinstance(rule, tuple) else rule))
    message = "" if node.grad is None else _shown(d * float(np.sum(node.grad)))
    return _Edge(_shown(d), message, is_active)


def _shown(x: Any) -> str:
    """Return a number to four digits, or the shape of an array."""
    if np.size(x) != 1:
        return str(np.shape(x))
    return f"{float(np.sum(x)):z.4g}".replace("-", "−")


def _text_width(text: str) -> float:
    """Return the width of a text that is not bold, in inches."""
    return float(np.ptp(TextPath((0, 0), text, size=SIZE).vertices[:, 0])) / 72 if text else 0.0


def _room(ax: Axes) -> Array:
    """Return the width and height of the axes, in inches."""
    place, figure = ax.get_position(), ax.get_figure(root=True)
    assert figure is not None
    return np.array(figure.get_size_inches() * [place.width, place.height])
