"""Penalties and the max-norm rule: what they do to weights, and that biases are left alone."""

import itertools

import numpy as np
import pytest

from coursenn import SGD, Dense, Network, mlp, numeric_grad, relative_error, tanh, train


def network(**options):
    net = mlp([3, 4, 2], tanh, rng=0, dtype=np.float64, **options)
    net.theta[...] = np.random.default_rng(1).normal(size=net.theta.size)
    return net


def batch():
    rng = np.random.default_rng(2)
    return rng.normal(size=(6, 3)), rng.normal(size=(6, 2))


@pytest.mark.parametrize(("l1", "l2"), [*itertools.product([0.0, 0.3], [0.0, 0.2])])
def test_the_gradient_of_a_penalty_equals_central_differences(l1, l2):
    net, (X, Y) = network(l1=l1, l2=l2), batch()
    net.loss_and_grad(X, Y)
    by_hand = [g.copy() for g in net.grads]
    for grad, block in zip(by_hand, net.params, strict=True):
        assert relative_error(grad, numeric_grad(lambda _: net.loss_and_grad(X, Y), block)) < 1e-7


def test_the_elastic_net_is_the_sum_of_both_penalties_on_weights_only():
    (X, Y), plain, elastic = batch(), network(), network(l1=0.3, l2=0.2)
    W1, _, W2, _ = plain.params
    penalty = sum(0.3 * np.abs(W).sum() + 0.1 * (W**2).sum() for W in (W1, W2))
    assert elastic.loss_and_grad(X, Y) - plain.loss_and_grad(X, Y) == pytest.approx(penalty)
    for number, (a, b) in enumerate(zip(elastic.grads, plain.grads, strict=True)):
        assert np.array_equal(a, b) == (number % 2 == 1)


def test_l1_makes_weights_zero_that_l2_only_makes_small():
    """y depends on one of three inputs."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 3))
    Y = 2 * X[:, :1]

    def weights(**penalty):
        net = Network([Dense(3, 1)], rng=0, dtype=np.float64, **penalty)
        for _ in train(net, X, Y, SGD(lambda t: 0.5 / t**0.7), 400, batch_size=200, rng=0):
            pass
        return np.abs(net.params[0].ravel())

    assert weights(l1=0.2)[1:].max() < 3e-3
    assert weights(l2=0.2)[1:].max() > 3e-3
    assert weights(l1=0.2)[0] == pytest.approx(2 - 0.2 / np.mean(X[:, 0] ** 2), abs=0.05)


def test_max_norm_shortens_long_columns_and_nothing_else():
    net = network(max_norm=1.0)
    before = [p.copy() for p in net.params]
    net.project()
    for number, (new, old) in enumerate(zip(net.params, before, strict=True)):
        if number % 2:
            np.testing.assert_array_equal(new, old)
            continue
        norms = np.linalg.norm(old, axis=0)
        assert (norms > 1).any()
        np.testing.assert_allclose(np.linalg.norm(new, axis=0), np.minimum(norms, 1))
        np.testing.assert_allclose(new * norms, old * np.minimum(norms, 1))


def test_training_keeps_to_max_norm_after_every_step():
    net, (X, Y) = network(max_norm=0.5), batch()
    for _ in train(net, X, 10 * Y, SGD(0.1), epochs=3, batch_size=2, rng=0):
        for W in net.params[::2]:
            assert np.linalg.norm(W, axis=0).max() <= 0.5 * (1 + 1e-12)


def test_without_max_norm_nothing_is_projected():
    net = network()
    before = net.theta.copy()
    net.project()
    np.testing.assert_array_equal(net.theta, before)
