"""Initial weights: their widths, from the papers, and what each is for."""

import pickle

import numpy as np
import pytest

from coursenn import glorot, he, lecun, mlp, normal, relu, sparse, tanh, uniform, zeros

N_IN, N_OUT = 300, 200
DEVIATIONS = {
    "zeros": (zeros, 0),
    "normal": (normal(0.3), 0.3),
    "uniform": (uniform(0.3), 0.3 / np.sqrt(3)),
    "sparse": (sparse(30, 2.0), 2.0 * np.sqrt(30 / N_IN)),
    "lecun": (lecun, np.sqrt(1 / N_IN)),
    "glorot": (glorot, np.sqrt(2 / (N_IN + N_OUT))),
    "he": (he, np.sqrt(2 / N_IN)),
}


@pytest.mark.parametrize(("init", "deviation"), DEVIATIONS.values(), ids=DEVIATIONS)
def test_weights_have_mean_zero_and_the_deviation_of_the_paper(init, deviation):
    """60,000 weights: mean and deviation are known to 1 part in 200; 3 in 200 are allowed."""
    W = init(N_IN, N_OUT, np.random.default_rng(0))
    assert (W.shape, W.dtype) == ((N_IN, N_OUT), np.float64)
    assert abs(W.mean()) <= 0.015 * deviation
    assert W.std() == pytest.approx(deviation, rel=0.015)


@pytest.mark.parametrize(("init", "_"), DEVIATIONS.values(), ids=DEVIATIONS)
def test_the_same_seed_draws_the_same_weights(init, _):
    first, second = (init(3, 4, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("init", "limit"), [(uniform(0.3), 0.3), (glorot, np.sqrt(6 / (N_IN + N_OUT)))]
)
def test_uniform_weights_fill_their_interval_and_no_more(init, limit):
    W = init(N_IN, N_OUT, np.random.default_rng(0))
    assert 0.999 * limit < np.abs(W).max() <= limit


@pytest.mark.parametrize("make", [normal, uniform])
@pytest.mark.parametrize("width", [0, -1, np.nan, np.inf])
def test_a_width_is_positive_and_finite(make, width):
    with pytest.raises(ValueError, match=r"must be (positive|finite); got"):
        make(width)


@pytest.mark.parametrize("make", [normal, uniform])
def test_a_network_can_be_pickled_whatever_its_initializer(make):
    net = mlp([2, 3], init=make(0.1), rng=0)
    X = np.ones((1, 2))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(net))(X), net(X))


def test_he_keeps_signals_their_size_through_ten_relu_layers():
    """Half as wide, and each layer halves them."""
    X = np.random.default_rng(0).normal(size=(50, 256))
    size = lambda init: float(np.sqrt(np.mean(mlp([256] * 11, relu, init, rng=1)(X) ** 2)))  # noqa: E731
    assert 0.5 < size(he) < 2
    assert size(normal(0.5 * np.sqrt(2 / 256))) == pytest.approx(size(he) / 2**10, rel=0.01)


def test_zeros_leave_hidden_units_identical_after_any_step():
    net = mlp([2, 3, 1], tanh, zeros, rng=0, dtype=np.float64)
    net.params[2][...] = 0.5  # else no error flows back at all
    rng = np.random.default_rng(0)
    for _ in range(5):
        net.loss_and_grad(rng.normal(size=(4, 2)), rng.normal(size=(4, 1)))
        net.theta -= net.grad
    W1, b1, W2, _ = net.params
    assert W1.any()
    for columns in (W1, b1[np.newaxis], W2.T):
        np.testing.assert_array_equal(columns, columns[:, :1] * np.ones(3))


def test_sparse_joins_each_unit_to_k_inputs_of_its_own():
    W = sparse(3)(10, 50, np.random.default_rng(0))
    assert (np.count_nonzero(W, axis=0) == 3).all()
    assert len({tuple(np.flatnonzero(column)) for column in W.T}) > 30
    assert (np.count_nonzero(sparse(9)(4, 5, np.random.default_rng(0)), axis=0) == 4).all()
    with pytest.raises(ValueError, match="k must be at least 1; got 0"):
        sparse(0)
