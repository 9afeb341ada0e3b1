"""Four independent ways to a gradient agree: by hand, reverse mode, forward mode, and the
complex step; and central differences, as far as they are exact."""

import numpy as np
import pytest

from coursenn import LOSSES, Dense, Dropout, Network, elu, leaky_relu, relu
from coursenn.activations import identity, sigmoid, softplus, tanh
from coursenn.autodiff import Dual, Tensor
from coursenn.flat import unflatten
from coursenn.gradcheck import complex_step_grad, directional_check, numeric_grad, relative_error

SMOOTH = [identity, sigmoid, tanh, softplus]
SMOOTH_LOSSES = [LOSSES[k] for k in ("squared_error", "binary_cross_entropy", "cross_entropy")]
NETWORKS = 200


def random_network(seed):
    """1 to 5 layers of 1 to 4 units, each with an activation of its own, 2 to 4 outputs."""
    rng = np.random.default_rng(seed)
    depth = 1 + seed % 5
    sizes = [*rng.integers(1, 5, depth), rng.integers(2, 5)]
    fs = rng.choice(len(SMOOTH), depth)
    layers = [
        Dense(n_in, n_out, SMOOTH[i]) for n_in, n_out, i in zip(sizes, sizes[1:], fs, strict=False)
    ]
    loss = SMOOTH_LOSSES[seed % len(SMOOTH_LOSSES)]
    net = Network(layers, loss, rng=0, dtype=np.float64)
    # With deviation 1, one of the 200 networks has a gradient so small beside its loss that
    # rounding alone takes central differences to 1.1e-7; the other ways agree there, too.
    net.theta[...] = rng.normal(0, 0.8, net.theta.size)
    X = rng.normal(size=(rng.integers(1, 6), sizes[0]))
    return net, X, rng.dirichlet(np.ones(sizes[-1]), len(X))


def loss_at(net, theta, X, Y):
    """The loss as a formula, so that theta may be complex."""
    return net.loss.C(net(X, unflatten(theta, [p.shape for p in net.params])), Y)


def by_hand(net, X, Y):
    net.loss_and_grad(X, Y)
    return net.grad.copy()


def by_reverse_mode(net, X, Y):
    params = [Tensor(p) for p in net.params]
    net.loss(net(X, params), Y).backward()
    return np.concatenate([p.grad.ravel() for p in params])


def by_forward_mode(net, X, Y):
    basis = np.eye(net.theta.size)
    return np.array([loss_at(net, Dual(net.theta, t), X, Y).tangent for t in basis])


def by_complex_step(net, X, Y):
    return complex_step_grad(lambda theta: loss_at(net, theta, X, Y), net.theta)


def by_differences(net, X, Y):
    return numeric_grad(lambda _: net.loss(net(X), Y), net.theta)


@pytest.mark.parametrize("seed", range(NETWORKS))
def test_four_ways_agree_on_a_random_network(seed):
    net, X, Y = random_network(seed)
    grad = by_hand(net, X, Y)
    for way in (by_reverse_mode, by_forward_mode, by_complex_step):
        assert relative_error(grad, way(net, X, Y)) < 1e-12, way.__name__
    assert relative_error(grad, by_differences(net, X, Y)) < 1e-7
    loss = lambda _: net.loss(net(X), Y)  # noqa: E731
    assert directional_check(loss, net.theta, grad, rng=seed) < 1e-5


def test_the_random_networks_are_of_every_kind():
    networks = [random_network(seed)[0] for seed in range(NETWORKS)]
    kinds = {(len(net.layers), str(net.loss)) for net in networks}
    assert len(kinds) == 5 * len(SMOOTH_LOSSES)
    assert {layer.f for net in networks for layer in net.layers} == set(SMOOTH)
    assert {net.n_out for net in networks} == {2, 3, 4}


@pytest.mark.parametrize("f", [relu, leaky_relu, elu])
def test_four_ways_agree_away_from_kinks(f):
    rng = np.random.default_rng(3)
    net = Network([Dense(3, 4, f), Dropout(0.5), Dense(4, 2)], rng=rng, dtype=np.float64)
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    grad = by_reverse_mode(net, X, Y)  # predicts: dropout is off
    for way in (by_forward_mode, by_complex_step):
        assert relative_error(grad, way(net, X, Y)) < 1e-12
    assert relative_error(grad, by_differences(net, X, Y)) < 1e-7


def test_the_gradient_of_the_inputs_by_three_ways():
    net, X, Y = random_network(14)
    leaf = Tensor(X)
    net.loss(net(leaf), Y).backward()
    forward = [net.loss(net(Dual(X, t.reshape(X.shape))), Y).tangent for t in np.eye(X.size)]
    assert relative_error(leaf.grad.ravel(), np.array(forward)) < 1e-12
    numeric = numeric_grad(lambda X: net.loss(net(X), Y), X)
    assert relative_error(leaf.grad, numeric) < 1e-7


def test_a_network_refuses_parameters_of_other_shapes():
    net, X, _ = random_network(1)
    with pytest.raises(ValueError, match=r"params must have the shapes \[.*\]; got \[\(1,\)\]"):
        net(X, [np.ones(1)])
