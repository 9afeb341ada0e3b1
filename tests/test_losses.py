"""Losses: golden values, limits, and what they are indifferent to."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coursenn import (
    LOSSES,
    absolute_error,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    one_hot,
    sigmoid,
    softmax,
    squared_error,
)

reals = st.floats(-30, 30)
logits = arrays(np.float64, (4, 3), elements=reals)


def targets(loss, shape, rng):
    if loss in (squared_error, absolute_error):
        return rng.normal(size=shape)
    if loss is hinge:
        return rng.choice([-1.0, 1.0], shape)
    if loss is binary_cross_entropy:
        return rng.random(shape)
    return rng.dirichlet(np.ones(shape[1]), shape[0])


# Golden values


def test_softmax_of_a_lecture():
    golden = [[0.7109495026250039, 0.2890504973749961]]
    np.testing.assert_allclose(softmax([[1.2, 0.3]]), golden, rtol=1e-15)
    golden = [[0.000159, 0.996120, 0.003721]]
    np.testing.assert_allclose(softmax([[-0.62, 8.12, 2.53]]), golden, atol=5e-7)


@pytest.mark.parametrize(("p", "loss"), [(0.4, 0.916290731874155), (0.7, 0.356674943938732)])
def test_the_cross_entropy_is_minus_the_log_of_the_probability_of_the_right_class(p, loss):
    """The minus is the erratum of the lecture that these come from."""
    A = np.log([[p, (1 - p) / 2, (1 - p) / 2]])
    assert cross_entropy(A, [[1, 0, 0]]) == pytest.approx(loss, abs=1e-15)


def test_a_lower_loss_is_not_a_higher_accuracy():
    Y = np.ones((4, 1))
    logit = lambda p: np.log(np.array([p]).T / (1 - np.array([p]).T))  # noqa: E731
    timid, bold = logit([0.51, 0.51, 0.51, 0.49]), logit([0.99, 0.99, 0.49, 0.49])
    assert binary_cross_entropy(timid, Y) == pytest.approx(0.683, abs=5e-4)
    assert binary_cross_entropy(bold, Y) == pytest.approx(0.362, abs=5e-4)
    assert (np.mean(timid > 0), np.mean(bold > 0)) == (0.75, 0.5)


def test_half_the_squared_error_is_summed_over_columns_and_averaged_over_rows():
    assert squared_error([[1.0, 2.0], [3.0, 4.0]], [[0, 0], [0, 0]]) == (1 + 4 + 9 + 16) / 2 / 2


def test_a_coin_flip_costs_log_2_and_a_guess_among_ten_log_10():
    assert binary_cross_entropy([[0.0]], [[1]]) == pytest.approx(0.6931471805599453, rel=1e-15)
    assert cross_entropy(np.zeros((1, 10)), one_hot([3], 10)) == pytest.approx(math.log(10))


def test_two_classes_by_softmax_cost_what_one_costs_by_sigmoid():
    rng = np.random.default_rng(0)
    a, y = 5 * rng.normal(size=(6, 1)), rng.random((6, 1))
    by_softmax = cross_entropy(np.hstack([a, 0 * a]), np.hstack([y, 1 - y]))
    assert by_softmax == pytest.approx(binary_cross_entropy(a, y), rel=1e-14)


# Far out


def exact_binary_cross_entropy(a, y):
    """-y log p - (1 - y) log(1 - p) in 60 digits, by the definition itself."""
    with localcontext() as context:
        context.prec = 60
        p, y = 1 / (1 + (-Decimal(a)).exp()), Decimal(y)
        return float(-y * p.ln() - (1 - y) * (1 - p).ln())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(a=st.floats(-60, 60, width=32), y=st.sampled_from([0.0, 0.25, 1.0]))
def test_the_binary_cross_entropy_keeps_its_digits_where_the_log_of_p_has_none(dtype, a, y):
    loss = binary_cross_entropy(np.array([[a]], dtype), np.array([[y]], dtype))
    assert loss == pytest.approx(
        exact_binary_cross_entropy(a, y), rel=8 * float(np.finfo(dtype).eps)
    )


def test_the_cross_entropy_agrees_with_60_digits():
    for row in ([1.2, 0.3, -4.0], [30.0, -10.0, 29.0], [-700.0, 0.0, 5.0]):
        with localcontext() as context:
            context.prec = 60
            powers = [Decimal(z).exp() for z in row]
            exact = [float(-(power / sum(powers)).ln()) for power in powers]
        for k in range(3):
            loss = cross_entropy([row], one_hot([k], 3))
            assert loss == pytest.approx(exact[k], rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_logits_give_exact_limits_without_a_warning(dtype):
    A = np.array([[1e4, -1e4], [-1e4, 1e4]], dtype)
    right, wrong = np.eye(2, dtype=dtype), 1 - np.eye(2, dtype=dtype)
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(softmax(A), right)
        assert (cross_entropy(A, right), cross_entropy(A, wrong)) == (0, 2e4)
        assert (binary_cross_entropy(A, right), binary_cross_entropy(A, wrong)) == (0, 2e4)
        np.testing.assert_array_equal(cross_entropy.grad(A, wrong), (right - wrong) / 2)
        np.testing.assert_array_equal(binary_cross_entropy.grad(A, wrong), (right - wrong) / 2)


def test_softmax_of_1000_does_not_overflow():
    np.testing.assert_array_equal(softmax([[1000.0, 1000.0]]), [[0.5, 0.5]])


def test_the_binary_cross_entropy_survives_the_largest_floats():
    A = np.array([[np.finfo(float).max, -np.finfo(float).max]])
    assert binary_cross_entropy(A, [[1, 0]]) == 0


# Properties


@given(logits)
def test_softmax_rows_are_probabilities(Z):
    P = softmax(Z)
    assert np.all((P >= 0) & (P <= 1))
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-14)


@given(logits, reals)
def test_softmax_and_its_loss_ignore_a_shift(Z, c):
    Y = one_hot([0, 1, 2, 0], 3)
    np.testing.assert_allclose(softmax(Z + c), softmax(Z), atol=1e-13)
    assert cross_entropy(Z + c, Y) == pytest.approx(cross_entropy(Z, Y), abs=1e-12)


@given(logits, st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter_and_the_gradient_follows_it(Z, order):
    for loss in LOSSES.values():
        Y = targets(loss, Z.shape, np.random.default_rng(0))
        assert loss(Z[order], Y[order]) == pytest.approx(loss(Z, Y), rel=1e-13)
        np.testing.assert_array_equal(loss.grad(Z[order], Y[order]), loss.grad(Z, Y)[order])


@pytest.mark.parametrize("name", LOSSES)
def test_every_row_twice_is_the_same_loss_since_it_is_a_mean(name):
    rng, loss = np.random.default_rng(0), LOSSES[name]
    A, Y = rng.normal(size=(5, 3)), targets(loss, (5, 3), rng)
    assert loss(np.vstack([A, A]), np.vstack([Y, Y])) == pytest.approx(loss(A, Y), rel=1e-14)
    np.testing.assert_allclose(
        loss.grad(np.vstack([A, A]), np.vstack([Y, Y]))[:5], loss.grad(A, Y) / 2
    )


@pytest.mark.parametrize("name", ["squared_error", "binary_cross_entropy", "cross_entropy"])
def test_the_gradient_is_prediction_minus_target_shared_among_the_rows(name):
    rng, loss = np.random.default_rng(0), LOSSES[name]
    A, Y = rng.normal(size=(5, 3)), targets(loss, (5, 3), rng)
    np.testing.assert_array_equal(loss.grad(A, Y), (loss.link(A) - Y) / 5)
    np.testing.assert_allclose(loss.grad(A, loss.link(A)), 0, atol=1e-16)


def test_what_outputs_mean_depends_on_the_loss():
    A = np.array([[1.0, -2.0]])
    np.testing.assert_array_equal(squared_error.link(A), A)
    np.testing.assert_array_equal(binary_cross_entropy.link(A), sigmoid(A))
    np.testing.assert_array_equal(cross_entropy.link(A), softmax(A))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_keeps_the_dtype(name, dtype):
    A, Y = np.ones((2, 2), dtype), targets(LOSSES[name], (2, 2), np.random.default_rng(0))
    Y = Y.astype(dtype)
    assert LOSSES[name].grad(A, Y).dtype == dtype
    assert LOSSES[name].link(A).dtype == dtype
    assert type(LOSSES[name](A, Y)) is float


def test_rows_of_targets_may_sum_to_one_only_nearly():
    cross_entropy(np.zeros((1, 3)), np.full((1, 3), np.float32(1 / 3)))


# Losses with kinks


def test_the_absolute_error_pulls_a_wild_target_no_harder_than_others():
    A, Y = np.zeros((4, 1)), np.array([[1.0], [1000], [-1], [0]])
    assert absolute_error(A, Y) == 1002 / 4
    np.testing.assert_array_equal(absolute_error.grad(A, Y).ravel(), [-0.25, -0.25, 0.25, 0])


def test_the_hinge_loss_is_zero_behind_the_margin_and_sums_over_attributes():
    """sources.md C13: each attribute a question of its own, with a target of -1 or 1."""
    A = np.array([[2.0, -0.5, 1.0], [-3.0, 0.5, 0.0]])
    Y = np.array([[1.0, -1, 1], [1, -1, -1]])
    assert hinge(A, Y) == pytest.approx(((0 + 0.5 + 0) + (4 + 1.5 + 1)) / 2)
    np.testing.assert_array_equal(hinge.grad(A, Y), np.array([[0, 1, 0], [-1, 1, 1]]) / 2)
    with pytest.raises(ValueError, match=r"-1 or 1; Y holds 0 as well.*2 \* y - 1"):
        hinge(A, np.maximum(Y, 0))


def test_cross_entropy_is_as_precise_as_its_scores_whatever_the_targets_are():
    A = np.random.default_rng(0).normal(size=(7, 3))
    Y = np.eye(3)[[0, 1, 2, 0, 1, 2, 0]]
    exact = cross_entropy(A, Y)
    assert cross_entropy(A, Y.astype(np.float32)) == pytest.approx(exact, rel=1e-15)
    assert cross_entropy(A, Y.astype(int)) == pytest.approx(exact, rel=1e-15)
