"""Graphs of a computation: every number at its place, and nothing in the way of a reader."""

from collections import Counter
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import ArrowStyle, FancyArrowPatch, FancyBboxPatch

from coursenn.autodiff import Tensor, Value
from coursenn.plotting import plot_graph
from coursenn.plotting.layout import Layout

pytestmark = pytest.mark.usefixtures("book_style")


# ---- computations ------------------------------------------------------------------------


def product_of_a_sum():
    x, y, z = Value(-2), Value(5), Value(-4)
    q = x + y
    f = q * z
    return f, {"x": x, "y": y, "z": z, "q": q, "f": f}


def shared_node():
    x = Value(0.5)
    square = x * x
    total = square + square.exp()
    return total.sqrt() + total.cos(), {"x": x}


def neuron():
    w1, w2, x1, x2, b = (Value(number) for number in (2, -3, -1, -2, -3))
    z = w1 * x1 + w2 * x2 + b
    return 1 / (1 + (-z).exp()), {"w1": w1, "w2": w2, "x1": x1, "x2": x2, "b": b}


def tangle(seed, n=25):
    """Return the root of a random graph, in which a node may feed several others."""
    rng = np.random.default_rng(seed)
    nodes = [Value(x) for x in rng.normal(size=5)]
    loose = list(nodes)  # what feeds nothing yet
    while len(loose) > 1 or len(nodes) < n:
        a = loose[rng.integers(len(loose))]
        rest = nodes if len(nodes) + len(loose) <= n else loose
        b = [node for node in rest if node is not a][rng.integers(len(rest) - 1)]
        node = a * b if rng.integers(2) else a + b
        loose = [*(other for other in loose if other is not a and other is not b), node]
        nodes.append(node)
    return loose[0], {}


GRAPHS = {
    "product of a sum": product_of_a_sum,
    "shared node": shared_node,
    "neuron": neuron,
    **{f"tangle {seed}": lambda seed=seed: tangle(seed) for seed in range(3)},
}


def after_backward(make):
    root, names = make()
    root.backward()
    return root, names


# ---- what is drawn -----------------------------------------------------------------------


def boxes(ax):
    """Return the texts of each box, from the top, and its sides: left, bottom, right, top."""
    patches = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    return [(texts_in(ax, patch.get_bbox()), patch.get_bbox().extents) for patch in patches]


def texts_in(ax, box):
    inside = [text for text in ax.texts if box.contains(*text.get_position())]
    return tuple(t.get_text() for t in sorted(inside, key=lambda t: -t.get_position()[1]))


def contents(ax):
    return sorted(texts for texts, _ in boxes(ax))


def labels(ax):
    """Return the texts that are in no box."""
    in_boxes = Counter(text for texts, _ in boxes(ax) for text in texts)
    return sorted((Counter(text.get_text() for text in ax.texts) - in_boxes).elements())


def arrows(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def is_orange(patch):
    return patch.get_edgecolor() == to_rgba("#B85000")


def test_a_graph_shows_names_operations_values_and_local_derivatives():
    ax = plot_graph(*product_of_a_sum())
    expected = [("f: ×", "−12"), ("q: +", "3"), ("x", "−2"), ("y", "5"), ("z", "−4")]
    assert contents(ax) == expected
    assert labels(ax) == ["1", "1", "3", "−4"]
    assert len(arrows(ax)) == 4


def test_without_names_there_are_operations_and_values():
    root, _ = product_of_a_sum()
    assert contents(plot_graph(root)) == [("+", "3"), ("5",), ("×", "−12"), ("−2",), ("−4",)]


def test_gradients_are_shown_once_they_are_there():
    ax = plot_graph(*after_backward(product_of_a_sum))
    assert contents(ax) == [
        ("f: ×", "−12", "1"),
        ("q: +", "3", "−4"),
        ("x", "−2", "−4"),
        ("y", "5", "−4"),
        ("z", "−4", "3"),
    ]


def test_numbers_have_four_digits():
    x = Value(2 / 3)
    y = x.exp()
    y.backward()
    ax = plot_graph(y, {"x": x})
    assert contents(ax) == [("exp", "1.948", "1"), ("x", "0.6667", "1.948")]
    assert labels(ax) == ["1.948"]


def test_a_node_used_twice_has_two_edges():
    x = Value(3)
    ax = plot_graph(x * x, {"x": x})
    assert len(arrows(ax)) == 2
    assert labels(ax) == ["3", "3"]


def test_tensors_show_shapes_until_they_are_single_numbers():
    W = Tensor(np.ones((2, 3)))
    C = 0.5 * np.sum(np.ones((4, 2)) @ W)
    assert contents(plot_graph(C, {"W": W})) == [
        ("@", "(4, 3)"),
        ("W", "(2, 3)"),
        ("sum", "24"),
        ("×", "12"),
    ]
    assert labels(plot_graph(C)) == ["0.5"]
    C.backward()
    assert ("W", "(2, 3)", "(2, 3)") in contents(plot_graph(C, {"W": W}))
    assert ("sum", "24", "0.5") in contents(plot_graph(C, {"W": W}))


def test_a_tensor_of_one_number_is_drawn_as_a_value_is():
    def f(x):
        y = x * x + 0.5 * np.exp(x) if isinstance(x, Tensor) else x * x + x.exp() * 0.5
        y.backward()
        return plot_graph(y, {"x": x})

    by_tensor, by_value = f(Tensor(2.0)), f(Value(2.0))
    constant = ("0.5", "7.389")
    assert contents(by_tensor) == [texts for texts in contents(by_value) if texts != constant]
    assert Counter(labels(by_value)) - Counter(labels(by_tensor)) == Counter(["7.389"])


# ---- the backward walk, step by step -----------------------------------------------------


def test_each_step_shows_one_gradient_more():
    root, names = after_backward(product_of_a_sum)
    shown = []
    for k in range(6):
        known = [texts for texts in contents(plot_graph(root, names, step=k)) if len(texts) == 3]
        shown.append({head[0]: grad for head, _, grad in known})
    assert shown[:3] == [{}, {"f": "1"}, {"f": "1", "q": "−4"}]
    assert [len(gradients) for gradients in shown] == [0, 1, 2, 3, 4, 5]


def test_an_edge_of_the_step_shows_what_it_hands_out():
    root, names = after_backward(product_of_a_sum)
    plain = labels(plot_graph(root, names))
    more = [Counter(labels(plot_graph(root, names, step=k))) - Counter(plain) for k in range(4)]
    assert more == [Counter(), Counter(["3", "−4"]), Counter(["−4", "−4"]), Counter()]


def test_the_node_of_the_step_and_its_edges_are_orange_and_point_back():
    root, names = after_backward(product_of_a_sum)
    ax = plot_graph(root, names, step=2)
    rims = [patch for patch in ax.patches if is_orange(patch) and patch not in arrows(ax)]
    assert [texts_in(ax, rim.get_bbox()) for rim in rims] == [("q: +", "3", "−4")]
    back = [a for a in arrows(ax) if isinstance(a.get_arrowstyle(), ArrowStyle.CurveFilledA)]
    assert len(back) == 2
    assert back == [arrow for arrow in arrows(ax) if is_orange(arrow)]


@pytest.mark.parametrize("step", [None, 0])
def test_before_the_first_step_nothing_is_orange(step):
    ax = plot_graph(*after_backward(product_of_a_sum), step=step)
    assert not any(is_orange(patch) for patch in ax.patches)


def test_all_steps_are_drawn_at_the_same_places():
    root, names = after_backward(neuron)
    first, *others = [
        [sides for _, sides in boxes(plot_graph(root, names, step=k))] for k in (0, 1, 5, 13)
    ]
    for places in others:
        np.testing.assert_allclose(places, first)


# ---- where it is drawn -------------------------------------------------------------------


def columns(ax):
    """Return the first text of each box, column by column from the left."""
    found = {}
    for texts, (left, *_) in boxes(ax):
        found.setdefault(round(left, 3), set()).add(texts[0])
    return [found[left] for left in sorted(found)]


def test_inputs_are_at_the_left_and_the_root_is_at_the_right():
    found = columns(plot_graph(*neuron()))
    assert found[0] == {"w1", "w2", "x1", "x2", "b"}
    assert found[-1] == {"÷"}
    assert len(found) == 8


def test_drawn_downwards_inputs_are_above_in_their_order_and_the_graph_is_narrower():
    right, down = plot_graph(*neuron()), plot_graph(*neuron(), down=True)
    tops = {texts: (-round(sides[3], 3), sides[0]) for texts, sides in boxes(down)}
    order = [texts[0] for texts in sorted(tops, key=tops.get)]
    assert order[:5] == ["w1", "x1", "w2", "x2", "b"]
    assert order[-1] == "÷"
    assert contents(down) == contents(right)
    assert labels(down) == labels(right)
    assert down.figure.get_figwidth() < 0.7 * right.figure.get_figwidth()


def test_a_constant_stands_beside_what_it_feeds():
    found = columns(plot_graph(*neuron()))
    assert found[-3:] == [{"exp", "1"}, {"+", "1"}, {"÷"}]


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("name", GRAPHS)
def test_every_edge_leads_to_the_right_or_down_and_past_all_boxes(name, down):
    ax = plot_graph(*GRAPHS[name](), down=down)
    for arrow in arrows(ax):
        path = arrow.get_path().cleaned(curves=False)
        line = path.vertices[np.isin(path.codes, [path.MOVETO, path.LINETO])]
        starts_first = line[0, 1] == line[:, 1].max() if down else line[0, 0] == line[:, 0].min()
        assert starts_first
        for _, (left, bottom, right, top) in boxes(ax):
            inside = (np.abs(line - [(left + right) / 2, (bottom + top) / 2])) < [
                (right - left) / 2 - 0.03,
                (top - bottom) / 2 - 0.03,
            ]
            assert not inside.all(axis=1).any()


@pytest.mark.parametrize(
    ("name", "step", "down"),
    [
        *((name, step, False) for name in GRAPHS for step in (None, 4)),
        *((name, step, True) for name in ("neuron", "shared node") for step in (None, 4, 7)),
    ],
)
def test_no_text_covers_another_or_leaves_the_figure(name, step, down):
    ax = plot_graph(*after_backward(GRAPHS[name]), step=step, down=down)
    renderer = ax.figure.canvas.get_renderer()
    places = [text.get_window_extent(renderer) for text in ax.texts]
    for (a, one), (b, other) in combinations(zip(places, ax.texts, strict=True), 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(wide, high) < 1.5, (one, other)  # pixels: ascents of neighbouring lines touch
    for place in places:
        assert ax.figure.bbox.x0 <= place.x0 < place.x1 <= ax.figure.bbox.x1
        assert ax.figure.bbox.y0 <= place.y0 < place.y1 <= ax.figure.bbox.y1


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("name", GRAPHS)
def test_every_text_of_a_box_fits_into_it(name, down):
    ax = plot_graph(*after_backward(GRAPHS[name]), down=down)
    renderer = ax.figure.canvas.get_renderer()
    places = [text.get_window_extent(renderer) for text in ax.texts]
    for _, (left, bottom, right, top) in boxes(ax):
        (x0, y0), (x1, y1) = ax.transData.transform([(left, bottom), (right, top)])
        for place in places:
            if x0 < (place.x0 + place.x1) / 2 < x1 and y0 < (place.y0 + place.y1) / 2 < y1:
                assert x0 <= place.x0 < place.x1 <= x1
                assert y0 - 1 <= place.y0 < place.y1 <= y1 + 1


def test_a_small_figure_is_drawn_with_small_letters_and_a_large_one_at_the_usual_size():
    root, names = product_of_a_sum()
    sizes = []
    for inches in (1.5, 8):
        _, ax = plt.subplots(figsize=(inches, inches), layout="none")
        assert plot_graph(root, names, ax=ax) is ax
        sizes.append(ax.texts[0].get_size())
        sides = np.array([sides for _, sides in boxes(ax)])
        assert sides.min() >= min(*ax.get_xlim(), *ax.get_ylim())
        assert sides[:, 2].max() <= ax.get_xlim()[1]
        assert sides[:, 3].max() <= ax.get_ylim()[1]
    assert sizes[0] < 8
    assert sizes[1] == 11


def test_a_tree_is_drawn_without_crossings():
    parents = [[], [], [], [], [0, 1], [2, 3], [4, 5]]
    assert Layout(parents, [False] * 7).columns == [[0, 1, 2, 3], [4, 5], [6]]


def test_crossings_that_can_be_avoided_are_avoided():
    # 0 and 1 feed 3 and 4 crosswise; the root takes 3 first.
    layout = Layout([[], [], [1], [0], [2, 3]], [False] * 5)
    assert layout.columns == [[1, 0], [2, 3], [4]]


def test_operations_in_a_row_stand_on_one_line():
    is_constant = [False, False, True, False, False, False]
    layout = Layout([[], [0], [], [1, 2], [3], [4]], is_constant)
    np.testing.assert_allclose(layout.height[[1, 3, 4, 5]], layout.height[0], atol=1e-5)


# ---- bad input ---------------------------------------------------------------------------


def long_sum(n):
    total = Value(0)
    for _ in range(n):
        total = total + 1
    return total


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_graph(3.0), TypeError, "root must be a Value or a Tensor .* got float"),
        (lambda: plot_graph(Value(1), {"x": 1}), TypeError, "x must be a Value"),
        (lambda: plot_graph(long_sum(30)), ValueError, "a graph of 61 nodes .* at most 60"),
        (lambda: plot_graph(Value(1), step=1), ValueError, r"call root.backward\(\) first"),
        (lambda: plot_graph(*after_backward(neuron), step=16), ValueError, "from 0 to 15"),
        (lambda: plot_graph(*after_backward(neuron), step=-1), ValueError, "got -1"),
        (lambda: plot_graph(*after_backward(neuron), step=1.0), TypeError, "an integer; got 1.0"),
    ],
)
def test_graphs_refuse_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
