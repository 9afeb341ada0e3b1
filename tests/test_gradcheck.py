"""The check is checked: numeric gradients of known functions, and a norm-wise error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from coursenn.gradcheck import (
    central_difference,
    complex_step,
    complex_step_grad,
    directional_check,
    forward_difference,
    numeric_grad,
    relative_error,
    step_errors,
)

finite = arrays(np.float64, array_shapes(max_side=3), elements=st.floats(-1e300, 1e300))


def test_the_gradient_of_a_quadratic_is_exact_but_for_rounding():
    theta = np.array([[1.0, -2.0], [0.5, 3.0]])
    grad = numeric_grad(lambda _: float(np.sum(theta**2)), theta)
    np.testing.assert_allclose(grad, 2 * theta, rtol=1e-9)
    assert grad.shape == theta.shape


def test_the_error_shrinks_with_the_square_of_h():
    """h = 1e-2 and 1e-3, where truncation is larger than rounding by far."""
    theta = np.array([0.7])
    errors = [
        abs(numeric_grad(lambda _: float(np.exp(theta[0])), theta, h)[0] - np.exp(0.7))
        for h in (1e-2, 1e-3)
    ]
    assert errors[0] / errors[1] == pytest.approx(100, rel=1e-3)


def test_two_examples_of_a_lecture_on_derivatives():
    """Away from the points where f = f', which would let a wrong answer pass."""
    x = np.array(2.0)
    assert numeric_grad(lambda _: np.exp(x**2), x) == pytest.approx(218.39260, abs=5e-6)
    f = lambda x: float(np.sqrt(x**2 + np.exp(x**2)))  # noqa: E731
    assert f(x) == pytest.approx(7.654942849763, abs=5e-13)
    assert numeric_grad(f, x) == pytest.approx(14.526078410856, abs=1e-8)
    x[...] = 0.5
    assert numeric_grad(f, x) == pytest.approx(0.922050396876, abs=1e-9)


def test_theta_is_put_back_bit_for_bit_even_if_the_function_fails():
    theta = np.random.default_rng(0).normal(size=20)
    before = theta.copy()
    numeric_grad(lambda _: float(theta.sum()), theta)
    np.testing.assert_array_equal(theta, before)
    with pytest.raises(ZeroDivisionError):
        numeric_grad(lambda _: 1 / 0, theta)
    np.testing.assert_array_equal(theta, before)


def test_views_are_nudged_where_they_look():
    theta = np.arange(6.0)
    grad = numeric_grad(lambda _: float(theta @ theta), theta[::2])
    np.testing.assert_allclose(grad, [0, 4, 8], atol=1e-9)


def test_relative_error_of_known_vectors():
    assert relative_error([3.0, 4.0], [3.0, 4.0]) == 0
    assert relative_error([1.0], [-1.0]) == 1
    assert relative_error([4.0], [1.0]) == 0.6
    assert relative_error([3.0, 0.0], [0.0, 4.0]) == pytest.approx(5 / 7, rel=1e-15)
    assert relative_error([0.0, 0.0], [0.0, 0.0]) == 0
    assert relative_error([], []) == 0
    assert relative_error(2, 2) == 0


@given(finite)
def test_relative_error_is_symmetric_and_between_0_and_1(a):
    b = np.roll(a, 1)
    assert relative_error(a, b) == relative_error(b, a)
    assert 0 <= relative_error(a, b) <= 1 + 1e-15
    assert relative_error(a, a) == 0


@pytest.mark.parametrize("scale", [1e-320, 1e-200, 1e-10, 1e200, 1e308])
def test_relative_error_does_not_depend_on_the_scale(scale):
    """Squares of small numbers vanish, and two gradients that differ would seem equal."""
    assert relative_error([1.0 * scale], [0.5 * scale]) == pytest.approx(1 / 3, rel=1e-3)
    assert relative_error([scale], [-scale]) == 1


# ---- functions of one number -------------------------------------------------------------


def test_the_ways_to_differentiate_at_a_point_where_f_and_its_derivative_differ():
    f, exact = lambda x: np.sqrt(x**2 + np.exp(x**2)), 14.526078410856
    assert forward_difference(f, 2.0, 1e-8) == pytest.approx(exact, rel=1e-7)
    assert central_difference(f, 2.0, 1e-5) == pytest.approx(exact, rel=1e-9)
    assert complex_step(f, 2.0) == pytest.approx(exact, rel=1e-13)
    assert complex_step(f, 2.0, 1e-200) == pytest.approx(exact, rel=1e-13)


def test_errors_fall_with_the_step_until_rounding_takes_over():
    steps = np.array([1e-1, 1e-2, 1e-3, 1e-14])
    errors = step_errors(np.exp, 1.0, np.e, steps)
    forward, central = errors["forward difference"], errors["central difference"]
    assert forward[0] / forward[1] == pytest.approx(10, rel=0.1)
    assert central[0] / central[1] == pytest.approx(100, rel=0.1)
    assert forward[3] > forward[2]
    assert central[3] > central[2]
    assert errors["complex step"][3] < 1e-15


def test_an_error_relative_to_zero_is_refused():
    with pytest.raises(ValueError, match="exact must not be 0"):
        step_errors(np.cos, 0.0, 0.0, [1e-3])
    with pytest.raises(ValueError, match="h must be positive; got 0"):
        step_errors(np.exp, 0.0, 1.0, [1e-3, 0])


# ---- functions of many -------------------------------------------------------------------


def quadratic(theta):
    return np.sum(theta**2 * np.arange(1, theta.size + 1).reshape(theta.shape))


def test_the_complex_step_is_exact_to_rounding_and_leaves_theta_alone():
    theta = np.array([[1.0, -2.0], [0.5, 3.0]])
    before = theta.copy()
    grad = complex_step_grad(quadratic, theta)
    np.testing.assert_allclose(grad, 2 * theta * [[1, 2], [3, 4]], rtol=1e-15)
    np.testing.assert_array_equal(theta, before)


def test_a_function_that_drops_the_imaginary_part_is_refused():
    with pytest.raises(TypeError, match="f must return a complex number"):
        complex_step_grad(lambda theta: float(np.sum(theta.real)), np.ones(2))


@pytest.mark.parametrize("size", [1, 10, 10_000])
def test_a_direction_costs_two_evaluations_whatever_the_size(size):
    theta, calls = np.linspace(1, 2, size), []

    def f(theta):
        calls.append(1)
        return quadratic(theta)

    right = 2 * theta * np.arange(1, size + 1)
    assert directional_check(f, theta, right, rng=0) < 1e-7
    assert len(calls) == 2


def test_a_direction_notices_one_wrong_entry_and_puts_theta_back():
    theta = np.random.default_rng(0).normal(size=50)
    before, right = theta.copy(), 2 * theta * np.arange(1, 51)
    for i in range(50):
        wrong = right.copy()
        wrong[i] += 1
        assert directional_check(quadratic, theta, wrong, rng=i) > 1e-7
    np.testing.assert_array_equal(theta, before)
    with pytest.raises(ZeroDivisionError):
        directional_check(lambda _: 1 / 0, theta, right, rng=0)
    np.testing.assert_array_equal(theta, before)


@pytest.mark.parametrize("check", [complex_step_grad, numeric_grad])
def test_theta_must_be_a_finite_float64_array(check):
    with pytest.raises(TypeError, match="float64 array; got float32"):
        check(quadratic, np.ones(2, np.float32))
    with pytest.raises(ValueError, match="theta must be finite"):
        check(quadratic, np.array([np.inf]))
    with pytest.raises(ValueError, match="h must be positive"):
        check(quadratic, np.ones(2), h=-1)


def test_a_gradient_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"shape of theta, \(2,\); got \(3,\)"):
        directional_check(quadratic, np.ones(2), np.ones(3))
