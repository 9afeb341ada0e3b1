"""BatchNorm: the published algorithm, its gradient, and its two ways to run."""

import copy
import pickle

import numpy as np
import pytest

from coursenn import (
    ACTIVATIONS,
    SGD,
    BatchNorm,
    Dense,
    Network,
    cross_entropy,
    identity,
    numeric_grad,
    relative_error,
    relu,
    tanh,
    train,
)
from coursenn.autodiff import Tensor


def network(f=tanh, **options):
    layers = [Dense(3, 4), BatchNorm(4, f), Dense(4, 3), BatchNorm(3, f), Dense(3, 2)]
    return Network(layers, **{"rng": 0, "dtype": np.float64} | options)


def batch(m=6, seed=1):
    rng = np.random.default_rng(seed)
    return 5 + 3 * rng.normal(size=(m, 3)), rng.dirichlet([1, 1], m)


def test_columns_get_mean_0_and_variance_1_and_are_then_scaled_and_shifted():
    net = Network([Dense(3, 4), BatchNorm(4)], rng=0, dtype=np.float64)
    norm, (X, _) = net.layers[1], batch(50)
    A = norm.forward(net.layers[0](X), net.rng)
    np.testing.assert_allclose(A.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(A.var(axis=0), 1, rtol=1e-4)
    norm.gamma[...], norm.beta[...] = 2, 7
    A = norm.forward(net.layers[0](X), net.rng)
    np.testing.assert_allclose(A.mean(axis=0), 7)
    np.testing.assert_allclose(A.std(axis=0), 2, rtol=1e-4)


@pytest.mark.parametrize("m", [2, 3, 6])
@pytest.mark.parametrize("f", ["identity", "sigmoid", "tanh", "softplus"])
def test_backprop_through_batch_norm_equals_central_differences(f, m):
    net, (X, Y) = network(ACTIVATIONS[f], l2=0.1, loss=cross_entropy), batch(m)
    net.theta[...] = np.random.default_rng(2).normal(size=net.theta.size)
    net.loss_and_grad(X, Y)
    by_hand = [g.copy() for g in net.grads]
    for grad, block in zip(by_hand, net.params, strict=True):
        numeric = numeric_grad(lambda _: net.loss_and_grad(X, Y), block)
        if np.abs(grad).max() > 1e-3:
            assert relative_error(grad, numeric) < 1e-7
        else:  # what BatchNorm takes away, as it does a bias before it; or two rows: ±1
            np.testing.assert_allclose(grad, numeric, atol=1e-9)
    assert sum(np.abs(grad).max() > 1e-3 for grad in by_hand) >= 5


def test_the_gradient_of_the_input_equals_central_differences():
    norm, (X, _) = Network([Dense(3, 3), BatchNorm(3, tanh)], rng=0, dtype=float).layers[1], batch()
    dA = np.random.default_rng(3).normal(size=X.shape)
    norm.forward(X, None)
    dX = norm.backward(dA)
    numeric = numeric_grad(lambda X: float(np.sum(dA * norm.forward(X, None))), X)
    assert relative_error(dX, numeric) < 1e-7
    assert norm.backward(dA, need_dX=False) is None


def test_predictions_use_running_averages_so_that_rows_do_not_mix():
    net, (X, Y) = network(), batch(200)
    for _ in train(net, X, Y, SGD(0.01), epochs=30, batch_size=20, rng=0):
        pass
    together = net(X)
    alone = np.vstack([net(x[np.newaxis]) for x in X])
    np.testing.assert_allclose(together, alone, rtol=1e-12)


def test_running_averages_follow_the_published_formula():
    norm = Network([BatchNorm(2), Dense(2, 1)], rng=0, dtype=np.float64).layers[0]
    X = np.array([[1.0, 10], [3, 30], [5, 20]])
    norm.forward(X, None)
    np.testing.assert_allclose(norm.mean, 0.1 * np.array([3, 20]))
    np.testing.assert_allclose(norm.var, 0.9 + 0.1 * np.var(X, axis=0, ddof=1))
    for _ in range(300):
        norm.forward(X, None)
    np.testing.assert_allclose(norm.mean, [3, 20])
    np.testing.assert_allclose(norm.predict(X, norm.params)[:, 0], [-1, 0, 1], atol=1e-4)


def test_a_prediction_leaves_the_averages_alone_and_training_moves_them():
    net, (X, Y) = network(), batch()
    net(X)
    np.testing.assert_array_equal(net.state, np.repeat([0, 1, 0, 1], [4, 4, 3, 3]))
    net.loss_and_grad(X, Y)
    assert not np.array_equal(net.state[:4], np.zeros(4))


def test_a_batch_of_one_row_is_refused_in_training_and_welcome_in_prediction():
    net, (X, Y) = network(), batch(7)
    assert net(X[:1]).shape == (1, 2)
    with pytest.raises(ValueError, match=r"BatchNorm\(4, Tanh\) needs at least 2 rows.*got 1"):
        net.loss_and_grad(X[:1], Y[:1])
    with pytest.raises(ValueError, match="does not leave one row over"):
        list(train(net, X, Y, SGD(0.1), epochs=1, batch_size=3, rng=0))


def test_averages_are_saved_copied_and_pickled_with_the_network(tmp_path):
    net, (X, Y) = network(relu), batch()
    net.loss_and_grad(X, Y)
    net.save(tmp_path / "net.npz")
    for twin in (
        Network.load(tmp_path / "net.npz"),
        copy.copy(net),
        copy.deepcopy(net),
        pickle.loads(pickle.dumps(net)),
    ):
        np.testing.assert_array_equal(twin(X), net(X))
        twin.loss_and_grad(2 * X, Y)
        assert not np.array_equal(twin.state, net.state)


def test_the_state_is_no_part_of_theta_so_that_no_optimizer_moves_it():
    net = network()
    assert net.theta.size == 3 * 4 + 4 + 4 + 4 + 4 * 3 + 3 + 3 + 3 + 3 * 2 + 2
    assert net.state.size == 2 * (4 + 3)


def test_predictions_can_be_differentiated_by_tensors():
    net, (X, Y) = network(), batch()
    net.loss_and_grad(X, Y)  # gives the averages something to hold
    params = [Tensor(p) for p in net.params]
    net.loss(net(X, params), Y).backward()
    for block, p in zip(net.params, params, strict=True):
        numeric = numeric_grad(lambda _: net.loss(net(X), Y), block)
        assert relative_error(p.grad, numeric) < 1e-7


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: BatchNorm(0), ValueError, "n must be at least 1"),
        (lambda: BatchNorm(3, f="tanh"), TypeError, "f must be an Activation"),
        (lambda: BatchNorm(3, identity, momentum=0), ValueError, r"momentum must be in \(0, 1\]"),
        (lambda: BatchNorm(3, eps=0), ValueError, "eps must be positive"),
        (lambda: Network([Dense(2, 3), BatchNorm(4)]), ValueError, "takes 4 inputs"),
    ],
)
def test_impossible_layers_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
