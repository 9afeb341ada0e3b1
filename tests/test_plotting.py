"""Figures: what is drawn is what the arrays say. How it looks is compared in the notebooks."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.contour import QuadContourSet
from matplotlib.patches import ArrowStyle
from matplotlib.text import Annotation

from coursenn.activations import heaviside
from coursenn.perceptron import Perceptron
from coursenn.plotting import (
    plot_answers,
    plot_confusion_matrix,
    plot_decision_boundary,
    plot_images,
    plot_learning_curves,
    plot_network,
    plot_neuron,
    plot_points,
    plot_weights,
)

BITS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


pytestmark = pytest.mark.usefixtures("book_style")


def texts(ax):
    return [text.get_text() for text in ax.texts]


# Points and boundaries


def test_points_of_each_class_are_drawn_at_their_rows_in_a_shape_of_their_own():
    zeros, ones = plot_points(BITS, [0, 1, 1, 1]).collections
    np.testing.assert_array_equal(zeros.get_offsets(), BITS[:1])
    np.testing.assert_array_equal(ones.get_offsets(), BITS[1:])
    assert len(zeros.get_paths()[0].vertices) != len(ones.get_paths()[0].vertices)


def test_the_boundary_is_drawn_where_the_answer_changes():
    ax = plot_decision_boundary(Perceptron([1, 1], -1.5), BITS, [0, 0, 0, 1])
    (boundary,) = (c for c in ax.collections if isinstance(c, QuadContourSet))
    line = np.vstack([path.vertices for path in boundary.get_paths()])
    np.testing.assert_allclose(line.sum(axis=1), 1.5, atol=0.01)


def test_each_side_has_the_colour_of_its_class():
    ax = plot_decision_boundary(Perceptron([1, 1], -1.5), BITS, [0, 0, 0, 1])
    picture = ax.images[0].get_array()  # rows from the bottom up
    zeros, ones = ax.collections[:2]
    np.testing.assert_allclose(picture[0, 0, :3], zeros.get_facecolor()[0, :3])
    np.testing.assert_allclose(picture[-1, -1, :3], ones.get_facecolor()[0, :3])


def test_figures_are_drawn_on_the_axes_given():
    _, ax = plt.subplots()
    assert plot_decision_boundary(Perceptron([1, 1]), BITS, [0, 0, 0, 1], ax=ax) is ax


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (np.ones((3, 3)), [0, 1, 0], ValueError, r"\(m, 2\)"),
        ([[0, np.nan]], [0], ValueError, "finite"),
        (BITS, [0, 1], ValueError, "got 4 and 2"),
        (BITS, [0.0, 1.0, 0.0, 1.0], TypeError, "integer labels"),
        (BITS, [0, 1, 7, 0], ValueError, "from 0 to 6"),
    ],
)
def test_points_refuse_bad_input(X, y, error, message):
    with pytest.raises(error, match=message):
        plot_points(X, y)


# Diagrams


def test_a_neuron_shows_its_inputs_weights_bias_and_output():
    ax = plot_neuron(["a", "b"], ["u", "v"], heaviside, "out")
    assert {"a", "b", "u", "v", "$b$", "$z$", "out"} <= set(texts(ax))


def test_a_neuron_shows_the_curve_of_its_activation():
    (curve,) = plot_neuron(["a"], ["u"], heaviside).lines
    assert len(np.unique(curve.get_ydata())) == 2
    assert np.argmax(np.diff(curve.get_ydata())) == 299  # the jump at z = 0


def test_a_network_has_a_circle_per_unit_and_a_line_per_weight():
    ax = plot_network([2, 3, 1], labels=[["a", "b"], ["c", "d", "e"], ["f"]])
    assert (len(ax.patches), len(ax.lines)) == (6, 2 * 3 + 3 * 1)
    assert [text for text in texts(ax) if text] == list("abcdef")


def test_arrows_have_heads_and_end_at_the_rim_of_a_unit():
    ax = plot_network([3, 1], arrows=True)
    arrows = [note for note in ax.texts if isinstance(note, Annotation)]
    assert len(arrows) == 3
    for arrow in arrows:
        assert isinstance(arrow.arrow_patch.get_arrowstyle(), ArrowStyle.CurveFilledB)
        assert np.hypot(arrow.xy[0] - 2, arrow.xy[1]) == pytest.approx(ax.patches[0].radius)


def test_connections_have_their_colour_and_those_without_one_are_not_drawn():
    ax = plot_network([4, 2], lambda i, j: f"C{i - j}" if 0 <= i - j <= 2 else "")
    assert [line.get_color() for line in ax.lines] == ["C0", "C1", "C0", "C2", "C1", "C2"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_neuron([], [], heaviside), ValueError, "number of inputs"),
        (lambda: plot_neuron(["a"], ["u", "v"], heaviside), ValueError, "got 1 and 2"),
        (lambda: plot_network([2, 0]), ValueError, "size of a layer"),
        (lambda: plot_network([2, 1.5]), TypeError, "size of a layer"),
        (lambda: plot_network([2, 1], labels=[["a"], ["b"]]), ValueError, r"\[2, 1\]"),
    ],
)
def test_diagrams_refuse_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


# Pictures, learning curves and confusion


def test_each_row_becomes_a_picture_row_by_row_from_the_top():
    X = np.arange(3 * 9).reshape(3, 9) / 27
    axes = plot_images(X, columns=2)
    assert len(axes) == 3
    for ax, x in zip(axes, X, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), x.reshape(3, 3))
        assert ax.images[0].get_clim() == (0, 1)
        assert ax.images[0].origin == "upper"


def test_pictures_left_over_in_the_last_row_stay_empty():
    axes = plot_images(np.ones((3, 4)), columns=2)
    in_figure = axes[0].figure.axes
    assert [len(ax.images) for ax in in_figure] == [1, 1, 1, 0]
    assert not any(ax.axison for ax in in_figure)


def test_each_picture_has_its_title():
    axes = plot_images(np.ones((2, 4)), ["5", "7"])
    assert [ax.get_title() for ax in axes] == ["5", "7"]


def test_answers_show_the_right_class_blue_and_what_beat_it_orange():
    P = np.array([[0.1, 0.7, 0.2], [0.6, 0.3, 0.1]])
    above, below = plot_answers(np.eye(4)[:2], P, [1, 1])
    assert [ax.get_title() for ax in above] == ["1", "1"]
    assert [ax.get_xlabel() for ax in below] == ["reads 1", "reads 0"]
    assert [list(ax.get_xticks()) for ax in below] == [[1], [0, 1]]
    np.testing.assert_array_equal(above[1].images[0].get_array(), [[0, 1], [0, 0]])
    for ax, p in zip(below, P, strict=True):
        np.testing.assert_array_equal([bar.get_height() for bar in ax.patches], p)
    blue, orange, grey = (to_rgba(c) for c in ("#0072B2", "#D55E00", "0.6"))
    assert [bar.get_facecolor() for bar in below[0].patches] == [grey, blue, grey]
    assert [bar.get_facecolor() for bar in below[1].patches] == [orange, blue, grey]


def test_answers_stand_four_in_a_row_and_the_rest_of_the_last_row_stays_empty():
    X = np.eye(9)[:5]
    axes = plot_answers(X, np.eye(5), range(5))
    assert axes.shape == (2, 5)
    for ax, x in zip(axes[0], X, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), x.reshape(3, 3))
    tops = [ax.get_subplotspec().rowspan.start for ax in axes.T.flat]
    assert tops == [0, 1] * 4 + [2, 3]
    assert [ax.get_ylabel() for ax in axes[1]] == ["probability", "", "", "", "probability"]
    others = set(axes[0, 0].figure.axes) - set(axes.flat)
    assert len(others) == 6
    assert not any(ax.axison for ax in others)


def test_the_weights_into_each_unit_share_a_scale_that_is_white_at_zero():
    W = np.random.default_rng(0).normal(size=(9, 4))
    axes = plot_weights(W)
    for ax, w in zip(axes, W.T, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), w.reshape(3, 3))
        assert ax.images[0].get_clim() == pytest.approx((-3 * W.std(), 3 * W.std()))


def test_a_learning_curve_starts_at_epoch_1_and_has_its_name():
    (curve,) = plot_learning_curves({"training": [3, 2, 1]}, "loss").lines
    np.testing.assert_array_equal(curve.get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(curve.get_ydata(), [3, 2, 1])
    assert curve.get_label() == "training"


def test_several_runs_are_drawn_as_median_and_range():
    ax = plot_learning_curves({"a": [[1, 2], [5, 3], [2, 9]], "b": [0, 0]}, "loss")
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [2, 3])
    (band,) = ax.collections
    corners = {tuple(corner) for corner in band.get_paths()[0].vertices}
    assert corners == {(1, 1), (1, 5), (2, 2), (2, 9)}
    assert [text.get_text() for text in ax.get_legend().texts] == ["a", "b"]


def test_a_confusion_matrix_shows_every_count_and_colours_only_mistakes():
    ax = plot_confusion_matrix([[90, 2], [0, 80]])
    assert texts(ax) == ["90", "2", "0", "80"]
    assert [text.get_position() for text in ax.texts] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    np.testing.assert_array_equal(ax.images[0].get_array(), [[0, 2], [0, 0]])


def test_a_confusion_matrix_without_mistakes_can_be_drawn():
    assert plot_confusion_matrix(np.eye(3, dtype=int)).images[0].get_array().max() == 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_images(np.ones((2, 5))), ValueError, "5 pixels are not a square"),
        (lambda: plot_images(np.ones(4)), ValueError, r"\(m, n\)"),
        (lambda: plot_images([[np.nan] * 4]), ValueError, "finite"),
        (lambda: plot_images(np.ones((2, 4)), ["one"]), ValueError, "got 1 and 2"),
        (lambda: plot_images(np.ones((2, 4)), columns=0), ValueError, "columns"),
        (lambda: plot_images(np.ones((2, 4)), limits=(1, 1)), ValueError, "two rising numbers"),
        (lambda: plot_answers(np.ones((2, 5)), np.eye(2), [0, 1]), ValueError, "not a square"),
        (lambda: plot_answers(np.ones((2, 4)), np.eye(2), [0, 2]), ValueError, "0 .. 1"),
        (lambda: plot_answers(np.ones((2, 4)), np.eye(3), [0, 1]), ValueError, "X and P"),
        (lambda: plot_answers(np.ones((2, 4)), np.eye(2), [0]), ValueError, "X and y"),
        (lambda: plot_weights(np.zeros((4, 2))), ValueError, "two rising numbers"),
        (lambda: plot_weights(np.ones((5, 2))), ValueError, "5 pixels are not a square"),
        (lambda: plot_learning_curves({}, "loss"), ValueError, "curves is empty"),
        (lambda: plot_learning_curves({"a": [1, np.inf]}, "loss"), ValueError, "curve 'a'"),
        (lambda: plot_learning_curves({"a": ["x"]}, "loss"), TypeError, "must hold numbers"),
        (lambda: plot_confusion_matrix([[1, 2]]), ValueError, "square matrix"),
        (lambda: plot_confusion_matrix([[1, -2], [0, 1]]), ValueError, "negative"),
        (lambda: plot_confusion_matrix([[0.5, 0], [0, 1]]), TypeError, "integers"),
    ],
)
def test_grids_and_curves_refuse_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
