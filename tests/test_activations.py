"""Activations: their values, their limits, and that they keep what they are given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursenn import (
    ACTIVATIONS,
    elu,
    heaviside,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softplus,
    tanh,
)
from coursenn.activations import LeakyReLU

inf = np.inf
reals = st.floats(-50, 50)

# f(-inf), f(-1e4), f(0), f(1e4), f(inf): exact, not to a tolerance
LIMITS = {
    "identity": [-inf, -1e4, 0, 1e4, inf],
    "heaviside": [0, 0, 1, 1, 1],
    "sigmoid": [0, 0, 0.5, 1, 1],
    "tanh": [-1, -1, 0, 1, 1],
    "relu": [0, 0, 0, 1e4, inf],
    "leaky_relu": [-inf, -100, 0, 1e4, inf],
    "elu": [-1, -1, 0, 1e4, inf],
    "softplus": [0, 0, np.log(2), 1e4, inf],
}

# f'(z) at the same places; at a kink the value that is documented
SLOPES = {
    "identity": [1, 1, 1, 1, 1],
    "heaviside": [0, 0, 0, 0, 0],
    "sigmoid": [0, 0, 0.25, 0, 0],
    "tanh": [0, 0, 1, 0, 0],
    "relu": [0, 0, 0, 1, 1],
    "leaky_relu": [0.01, 0.01, 0.01, 1, 1],
    "elu": [0, 0, 1, 1, 1],
    "softplus": [0, 0, 0.5, 1, 1],
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_slopes_at_the_extremes_are_exact_and_give_no_warning(name, dtype):
    z = np.array([-inf, -1e4, 0, 1e4, inf], dtype)
    with np.errstate(all="raise", under="ignore"):
        a = ACTIVATIONS[name](z)
        slopes = ACTIVATIONS[name].df(z, a)
    np.testing.assert_array_equal(a, np.array(LIMITS[name], dtype))
    np.testing.assert_array_equal(slopes, np.array(SLOPES[name], dtype))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_is_answered_with_nan(name):
    with np.errstate(invalid="ignore"):  # np.logaddexp(nan, 0) warns
        assert np.isnan(ACTIVATIONS[name](np.nan))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", [*ACTIVATIONS, "knob of another dtype"])
def test_dtype_and_shape_are_kept(name, dtype):
    f = ACTIVATIONS.get(name, LeakyReLU(np.float64(0.2)))
    z = np.linspace(-2, 2, 24, dtype=dtype).reshape(2, 3, 4)
    a = f(z)
    assert (a.shape, a.dtype) == (z.shape, z.dtype)
    assert (f.df(z, a).shape, f.df(z, a).dtype) == (z.shape, z.dtype)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_numbers_and_lists_of_integers_will_do(name):
    f = ACTIVATIONS[name]
    assert f(2) == f(2.0) == f(np.array([2]))[0] == f([2])[0]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_argument_is_not_changed(name):
    z = np.array([-1.0, 2.0])
    ACTIVATIONS[name].df(z, ACTIVATIONS[name](z))
    np.testing.assert_array_equal(z, [-1, 2])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_rises(name):
    a = ACTIVATIONS[name](np.linspace(-30, 30, 1001))
    assert np.all(np.diff(a) >= 0)


@given(reals)
def test_tanh_is_a_stretched_and_shifted_sigmoid(z):
    assert tanh(z) == pytest.approx(2 * sigmoid(2 * z) - 1, abs=1e-15)


@given(reals)
def test_sigmoid_is_one_over_one_plus_e_to_the_minus_z(z):
    assert sigmoid(z) == pytest.approx(1 / (1 + np.exp(-z)), abs=2e-16)
    assert sigmoid(z) + sigmoid(-z) == 1


@given(reals)
def test_softplus_is_the_log_of_one_plus_e_to_the_z_and_its_slope_the_sigmoid(z):
    assert softplus(z) == pytest.approx(np.log1p(np.exp(z)), rel=1e-14)
    assert softplus.df(z, softplus(z)) == sigmoid(z)


def test_the_slope_of_sigmoid_is_taken_at_z_and_not_at_a():
    """Errata of a course: its code prints .19824, .19722, .19684, the slope at f(z)."""
    z = np.array([4.0, 5.0, 6.0])
    np.testing.assert_allclose(sigmoid.df(z, sigmoid(z)), [0.01766, 0.00665, 0.00247], atol=5e-6)


def test_sigmoid_is_steepest_at_zero_and_flat_where_it_is_near_0_or_1():
    z = np.linspace(-10, 10, 201)
    slopes = sigmoid.df(z, sigmoid(z))
    assert (z[slopes.argmax()], slopes.max()) == (pytest.approx(0), 0.25)
    assert slopes[0] < 1e-4
    assert slopes[-1] < 1e-4


def test_leaky_relu_and_elu_differ_from_relu_only_below_zero():
    z = np.array([-2.0, 3.0])
    np.testing.assert_array_equal(relu(z), [0, 3])
    np.testing.assert_array_equal(leaky_relu(z), [-0.02, 3])
    np.testing.assert_array_equal(LeakyReLU(0.25)(z), [-0.5, 3])
    np.testing.assert_allclose(elu(z), [np.exp(-2) - 1, 3], rtol=1e-15)


def test_elu_keeps_its_digits_close_to_zero():
    assert elu(-1e-20) == -1e-20


def test_heaviside_counts_zero_as_on_and_identity_changes_nothing():
    np.testing.assert_array_equal(heaviside([-1e-300, -0.0, 0.0, 1e-300]), [0, 1, 1, 1])
    np.testing.assert_array_equal(identity([1, -2]), [1, -2])


@pytest.mark.parametrize("slope", [0, 1, -0.1, 2, np.nan])
def test_the_slope_of_leaky_relu_lies_between_0_and_1(slope):
    with pytest.raises(ValueError, match="slope must be"):
        LeakyReLU(slope)


def test_activations_say_what_they_are():
    assert [repr(f) for f in (relu, LeakyReLU(0.2))] == ["ReLU", "LeakyReLU(0.2)"]
