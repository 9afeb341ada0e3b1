"""The check is checked: numeric gradients of known functions, and a norm-wise error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from coursenn import numeric_grad, relative_error

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
