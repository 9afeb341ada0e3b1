"""Figures of learning: what is drawn is what the arrays say."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from coursenn.plotting import (
    plot_dead_units,
    plot_grid_search,
    plot_histograms,
    plot_landscape,
    plot_reliability,
    plot_validation_curve,
)

BOUNDS = (-3.0, 3.0, -2.0, 2.0)


pytestmark = pytest.mark.usefixtures("book_style")


def bowl(x, y):
    return x**2 + 4 * y**2


def test_a_path_is_drawn_through_its_points_with_marks_at_both_ends():
    path = np.array([[2.0, 1], [1, 0.5], [0, 0]])
    ax = plot_landscape(bowl, BOUNDS, {"descent": path})
    line, start, end = ax.lines
    np.testing.assert_array_equal(line.get_xydata(), path)
    np.testing.assert_array_equal(start.get_xydata(), path[:1])
    np.testing.assert_array_equal(end.get_xydata(), path[-1:])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["descent"]
    assert ax.get_xlim() + ax.get_ylim() == BOUNDS


def test_contours_stand_where_the_function_has_their_height():
    ax = plot_landscape(lambda x, y: 7 + bowl(x, y), BOUNDS)  # only heights above the lowest
    lines = ax.collections[-1]
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        if level > 1:  # the grid is too coarse for the smallest rings
            np.testing.assert_allclose(bowl(*path.vertices.T), level, rtol=0.02)
    assert len(lines.levels) > 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_landscape(bowl, (1, -1, 0, 1)), "bounds must be"),
        (lambda: plot_landscape(lambda x, y: 1.0, BOUNDS), r"f\(x, y\) must be a matrix"),
        (lambda: plot_landscape(lambda x, y: x / 0 * y, BOUNDS), "must be finite"),
        (lambda: plot_landscape(bowl, BOUNDS, {"p": [[1.0, 2, 3]]}), "path 'p' must have shape"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_what_is_no_landscape_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_histograms_share_a_scale_and_show_shares_deviations_and_zeros():
    rng = np.random.default_rng(0)
    A = {"layer 1": rng.normal(size=(50, 20)), "layer 2": np.maximum(rng.normal(size=300), 0)}
    axes = plot_histograms(A, bins=25)
    assert axes[0].get_xlim() == axes[1].get_xlim()
    for ax in axes:
        assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(1)
    assert axes[0].get_title(loc="left") == f"layer 1\nstd {A['layer 1'].std():.2g}"
    assert f"{np.mean(A['layer 2'] == 0):.0%} zeros" in axes[1].get_title(loc="left")


@pytest.mark.parametrize("arrays", [{}, {"a": []}, {"a": [np.nan]}])
def test_histograms_of_nothing_are_refused(arrays):
    with pytest.raises(ValueError, match=r"empty|finite"):
        plot_histograms(arrays)


def test_units_are_sorted_by_the_share_of_rows_on_which_they_are_active():
    A = [[0, 2, 0.5], [0, 3, 0], [0, 0, 0], [0, 1, 0]]
    for ax in plot_dead_units({"layer 1": A, "layer 2": np.negative(A)}):
        shares, edges, _ = ax.patches[0].get_data()
        np.testing.assert_array_equal(shares, [0.75, 0.25, 0])
        np.testing.assert_array_equal(edges, [0, 1, 2, 3])


def test_a_unit_that_is_0_on_every_row_is_dead_and_marked():
    rarely = 1e-300 * np.eye(1000, 2)  # active on one row of a thousand
    layers = {"few rows": rarely[1:], "all rows": rarely, "none": np.zeros((9, 4))}
    axes = plot_dead_units(layers)
    titles = ["few rows\n1 of 2 dead", "all rows\n0 of 2 dead", "none\n4 of 4 dead"]
    assert [ax.get_title(loc="left") for ax in axes] == titles
    grounds = [ax.patches[1] for ax in axes]
    spans = [(ground.get_x(), ground.get_x() + ground.get_width()) for ground in grounds]
    assert spans == [(1, 2), (2, 2), (0, 4)]


def test_layers_stand_side_by_side_on_one_scale_in_letters_large_enough_to_read():
    axes = plot_dead_units({f"layer {i}": np.eye(30) for i in range(5)})
    assert {ax.get_ylim() for ax in axes} == {(0, 1)}
    assert axes[0].get_shared_y_axes().joined(axes[0], axes[4])
    figure = axes[0].figure
    figure.draw_without_rendering()
    written = [text for text in figure.findobj(Text) if text.get_text()]
    assert min(text.get_fontsize() for text in written) >= 8
    titles = [text.get_window_extent() for text in written if "dead" in text.get_text()]
    assert len(titles) == 5
    assert all(a.x1 < b.x0 for a, b in pairwise(titles))


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ({}, ValueError, "activations is empty"),
        ({"layer 1": [1.0, 0.0]}, ValueError, "layer 1 must be a matrix"),
        ({"layer 1": np.empty((0, 3))}, ValueError, "layer 1 is empty"),
        ({"layer 1": [[1.0]], "layer 2": [[np.nan]]}, ValueError, "layer 2 must be finite"),
        ({"layer 1": [["on"]]}, TypeError, "layer 1 must hold numbers"),
    ],
)
def test_what_is_no_layer_of_activations_is_refused(layers, error, message):
    with pytest.raises(error, match=message):
        plot_dead_units(layers)
    assert not plt.get_fignums()


RATES = [0.001, 0.01, 0.1]


def test_a_validation_curve_stands_over_the_values_of_the_knob():
    scores = {"training": [0.8, 0.9, 0.99], "validation": [0.7, 0.8, 0.6]}
    ax = plot_validation_curve(RATES, scores, "learning rate", "accuracy")
    for line, (name, y) in zip(ax.lines, scores.items(), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([RATES, y]))
        assert line.get_label() == name
    assert [text.get_text() for text in ax.get_legend().texts] == list(scores)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("learning rate", "accuracy")
    assert ax.get_xscale() == "log"


def test_the_curves_of_a_validation_curve_differ_in_colour_dash_and_marker():
    ax = plot_validation_curve(RATES, dict.fromkeys("abc", RATES), "rate", "score")
    for look in ("get_color", "get_linestyle", "get_marker"):
        assert len({getattr(line, look)() for line in ax.lines} - {"None"}) == 3


def test_the_runs_of_a_validation_curve_are_drawn_as_median_and_range():
    runs = [[1, 2, 3], [5, 3, 3], [2, 9, 4]]
    ax = plot_validation_curve(RATES, {"a": runs, "b": [0, 0, 0]}, "rate", "score")
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [2, 3, 3])
    (band,) = ax.collections
    corners = {tuple(corner) for corner in band.get_paths()[0].vertices}
    assert corners == {(0.001, 1), (0.001, 5), (0.01, 2), (0.01, 9), (0.1, 3), (0.1, 4)}


def test_a_knob_that_can_be_0_stands_on_a_linear_axis():
    _, given = plt.subplots()
    ax = plot_validation_curve([0, 0.9], {"a": [1, 2]}, "momentum", "score", "linear", given)
    assert ax is given
    assert ax.get_xscale() == "linear"
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [0, 0.9])


@pytest.mark.parametrize(
    ("values", "curves", "xscale", "error", "message"),
    [
        ([0, 0.1], {"a": [1, 2]}, "log", ValueError, "no place for 0: leave it out"),
        ([-1, 0.1], {"a": [1, 2]}, "log", ValueError, "no place for -1"),
        ([0.1, 0.01], {"a": [1, 2]}, "log", ValueError, "rising numbers"),
        ([0.1, 0.1], {"a": [1, 2]}, "log", ValueError, "rising numbers"),
        ([[0.1, 0.2], [0.3, 0.4]], {"a": [1, 2]}, "log", ValueError, "rising numbers"),
        ([0.1, np.nan], {"a": [1, 2]}, "log", ValueError, "values must be finite"),
        ([], {"a": []}, "log", ValueError, "values is empty"),
        (["x"], {"a": [1]}, "log", TypeError, "values must hold numbers"),
        ([0.1, 1], {}, "log", ValueError, "curves is empty"),
        ([0.1, 1], {"a": [1, 2, 3]}, "log", ValueError, r"curve 'a' must have shape \(m, 2\)"),
        ([0.1, 1], {"a": [1, np.inf]}, "log", ValueError, "curve 'a' must be finite"),
        ([0.1, 1], {"a": [1, 2]}, "symlog", ValueError, "got 'symlog'"),
    ],
)
def test_what_is_no_validation_curve_is_refused(values, curves, xscale, error, message):
    with pytest.raises(error, match=message):
        plot_validation_curve(values, curves, "knob", "score", xscale)
    assert not plt.get_fignums()


def test_reliability_bars_are_the_share_right_among_rows_that_are_equally_sure():
    P = np.array([[0.95, 0.05], [0.92, 0.08], [0.35, 0.65], [0.61, 0.39]])
    ax = plot_reliability(P, [0, 1, 1, 0], bins=10)
    heights = {round(bar.get_x() + bar.get_width() / 2, 2): bar.get_height() for bar in ax.patches}
    assert heights == {0.65: 1.0, 0.95: 0.5}
    assert [text.get_text() for text in ax.texts] == ["2", "2"]


def test_a_row_that_is_quite_sure_is_in_the_last_group():
    ax = plot_reliability([[1.0, 0.0]], [0], bins=4)
    (bar,) = ax.patches
    assert bar.get_x() + bar.get_width() / 2 == pytest.approx(0.875)


def test_reliability_refuses_what_is_no_probability():
    with pytest.raises(ValueError, match="P must hold probabilities; it runs from 0 to 2"):
        plot_reliability([[0.0, 2.0]], [1])


def test_the_best_of_a_grid_search_is_framed_and_every_score_is_written():
    scores = np.array([[0.1, 0.2, 0.95], [0.4, 0.5, 0.6]])
    ax = plot_grid_search(scores, ("decay", [0, 1e-3]), ("rate", [1, 2, 3]))
    (frame,) = (p for p in ax.patches if isinstance(p, Rectangle))
    assert frame.get_xy() == (2, 0)
    assert [float(t.get_text()) for t in ax.texts] == scores.ravel().tolist()
    assert [t.get_text() for t in ax.get_yticklabels()] == ["0", "0.001"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("rate", "decay")
    with pytest.raises(ValueError, match=r"a row for each of 2 values.*got shape \(2, 3\)"):
        plot_grid_search(scores, ("decay", [0, 1]), ("rate", [1, 2]))
