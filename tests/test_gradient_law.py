"""The law: backpropagation equals central differences, for every network we can build.

Differences are taken in float64, and compared for each W and each b by itself: a wrong
block of small numbers would drown in the norm of the whole vector. The last tests break
the derivatives on purpose, and see the law fail.
"""

import itertools

import numpy as np
import pytest

from coursenn import ACTIVATIONS, LOSSES, Dense, Dropout, Network, numeric_grad, relative_error
from coursenn.activations import LeakyReLU, Tanh, heaviside, relu, sigmoid, tanh
from coursenn.flat import flat_views
from coursenn.losses import (
    SquaredError,
    absolute_error,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    squared_error,
)

TOLERANCE = 1e-7
KINKED = {"heaviside", "relu", "leaky_relu", "elu", "steep_leaky_relu"}
FUNCTIONS = {**ACTIVATIONS, "steep_leaky_relu": LeakyReLU(0.3)}
MASKS = 7  # seed of the dropout masks


def example(loss, n_out, rng, m=6):
    X = rng.normal(size=(m, 3))
    if loss in (squared_error, absolute_error):
        return X, rng.normal(size=(m, n_out))
    if loss is hinge:
        return X, rng.choice([-1.0, 1.0], (m, n_out))
    if loss is binary_cross_entropy:
        return X, rng.random((m, n_out))
    return X, rng.dirichlet(np.ones(n_out), m)  # not only ones and zeros


def build(f, loss, depth, dropout=False, l2=0.0, n_out=2, last=None, dense=Dense):
    """Dense layers of 3 units; dropout after the hidden ones, or on X where there are none."""
    sizes = [3] * depth + [n_out]
    layers = []
    for place, (n_in, n_units) in enumerate(itertools.pairwise(sizes), start=1):
        if dropout and (place > 1 or depth == 1):
            layers.append(Dropout(0.3))
        layers.append(dense(n_in, n_units, f if place < depth else last or ACTIVATIONS["identity"]))
    return Network(layers, loss, l2, rng=0, dtype=np.float64)


def loss_with_fixed_masks(net, X, Y):
    net.rng = np.random.default_rng(MASKS)
    return net.loss_and_grad(X, Y)


def set_up(net, n_out, kinked):
    """Draw theta and a batch; with kinks, until no Z and no loss is near one.

    The slopes of a loss with kinks may cancel to a gradient of 0, too: draw again.

    A nudge of 1e-5 moves Z by far less than the margin of 1e-3.
    """
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        net.theta[...] = rng.normal(size=net.theta.size)
        X, Y = example(net.loss, n_out, rng)
        loss_with_fixed_masks(net, X, Y)
        dense = [layer for layer in net.layers if isinstance(layer, Dense)]
        smooth = not kinked or min(np.abs(layer.Z).min() for layer in dense) > 1e-3
        if smooth and loss_is_smooth(net, dense, Y):
            return X, Y
    raise AssertionError("no seed keeps Z away from the kinks")


def loss_is_smooth(net, dense, Y):
    A = dense[-1].A
    kinks = {absolute_error: A - Y, hinge: 1 - Y * A}
    if net.loss not in kinks:
        return True
    alive = all(g.any() for g in net.grads) or heaviside in [layer.f for layer in dense]
    return alive and np.abs(kinks[net.loss]).min() > 1e-3


def errors_by_block(net, X, Y):
    loss_with_fixed_masks(net, X, Y)
    by_hand = [block.copy() for block in net.grads]
    loss = lambda _: loss_with_fixed_masks(net, X, Y)  # noqa: E731
    numeric = [numeric_grad(loss, block) for block in net.params]
    return [relative_error(a, b) for a, b in zip(by_hand, numeric, strict=True)], by_hand


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("f", FUNCTIONS)
def test_backprop_equals_central_differences(f, loss, depth):
    for dropout, l2 in itertools.product([False, True], [0.0, 0.1]):
        n_out = 2 if dropout == bool(l2) else 3
        net = build(FUNCTIONS[f], LOSSES[loss], depth, dropout, l2, n_out)
        X, Y = set_up(net, n_out, f in KINKED)
        errors, by_hand = errors_by_block(net, X, Y)
        assert max(errors) < TOLERANCE, f"{dropout=} {l2=} {n_out=} {errors=}"
        if f != "heaviside":
            assert all(block.any() for block in by_hand), "a block of zeros proves nothing"


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("f", FUNCTIONS)
def test_backprop_equals_central_differences_behind_a_squashed_last_layer(f, loss, depth):
    net = build(tanh, LOSSES[loss], depth, l2=0.1, last=FUNCTIONS[f])
    X, Y = set_up(net, 2, f in KINKED)
    errors, _ = errors_by_block(net, X, Y)
    assert max(errors) < TOLERANCE


def test_backprop_equals_central_differences_with_one_output_and_one_row():
    for loss in (squared_error, binary_cross_entropy):
        net = build(sigmoid, loss, depth=2, n_out=1)
        X, Y = set_up(net, 1, kinked=False)
        errors, _ = errors_by_block(net, X[:1], Y[:1])
        assert max(errors) < TOLERANCE


def test_below_a_heaviside_layer_both_gradients_are_exactly_zero():
    net = build(heaviside, squared_error, depth=3)
    X, Y = set_up(net, 2, kinked=True)
    _, by_hand = errors_by_block(net, X, Y)
    numeric = [numeric_grad(lambda _: net.loss_and_grad(X, Y), block) for block in net.params]
    for block in (*by_hand[:4], *numeric[:4]):
        assert not block.any()
    assert by_hand[4].any()


# What backward returns


@pytest.mark.parametrize("f", FUNCTIONS)
def test_dense_returns_the_gradient_of_its_input(f):
    rng = np.random.default_rng(3)
    layer = Dense(4, 3, FUNCTIONS[f])
    layer.bind(flat_views(layer.shapes, float)[1], flat_views(layer.shapes, float)[1])
    layer.reset(rng)
    X, dA = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    layer.forward(X, rng)
    assert np.abs(layer.Z).min() > 1e-3
    dX = layer.backward(dA)
    numeric = numeric_grad(lambda _: float(np.sum(dA * layer.forward(X, rng))), X)
    assert relative_error(dX, numeric) < TOLERANCE
    assert layer.backward(dA, need_dX=False) is None


def test_dropout_returns_the_gradient_of_its_input():
    rng = np.random.default_rng(3)
    layer, X, dA = Dropout(0.4), rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    forward = lambda: layer.forward(X, np.random.default_rng(MASKS))  # noqa: E731
    forward()
    dX = layer.backward(dA)
    assert 0 < np.count_nonzero(dX) < dX.size
    assert relative_error(dX, numeric_grad(lambda _: float(np.sum(dA * forward())), X)) < TOLERANCE
    assert layer.backward(dA, need_dX=False) is None


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("n_out", [1, 2, 5])
def test_the_gradient_of_a_loss_equals_central_differences(loss, n_out):
    rng = np.random.default_rng(4)
    _, Y = example(LOSSES[loss], n_out, rng)
    A = 3 * rng.normal(size=Y.shape)
    numeric = numeric_grad(lambda _: LOSSES[loss](A, Y), A)
    assert relative_error(LOSSES[loss].grad(A, Y), numeric) < TOLERANCE


@pytest.mark.parametrize("f", FUNCTIONS)
def test_the_derivative_of_an_activation_equals_central_differences(f):
    z = np.array([-20, -3, -1, -0.3, -0.01, 0.01, 0.3, 1, 3, 20.0])
    a = FUNCTIONS[f](z)
    for i in range(len(z)):
        numeric = numeric_grad(lambda _, i=i: float(FUNCTIONS[f](z)[i]), z)[i]
        assert abs(FUNCTIONS[f].df(z, a)[i] - numeric) < 1e-9


# The law can fail: planted errors


class WrongSign(Tanh):
    def df(self, z, a):
        return a * a - 1


class DerivativeOfA(Tanh):
    """The classic slip: f' taken at a = f(z) instead of at z."""

    def df(self, z, a):
        return 1 - np.tanh(a) ** 2


class WithoutDerivative(Dense):
    def backward(self, dA, need_dX=True):
        self.db[...], self.dW[...] = dA.sum(axis=0), self.X.T @ dA
        return dA @ self.W.T


class WithoutTransposition(Dense):
    def backward(self, dA, need_dX=True):
        right = super().backward(dA, need_dX)
        square = self.n_in == self.n_out and need_dX
        return (dA * self.f.df(self.Z, self.A)) @ self.W if square else right


class WithoutBias(Dense):
    def backward(self, dA, need_dX=True):
        dX = super().backward(dA, need_dX)
        self.db[...] = 0
        return dX


class BiasOfTheMean(Dense):
    def backward(self, dA, need_dX=True):
        dX = super().backward(dA, need_dX)
        self.db /= len(dA)
        return dX


class DeltaOfUpdatedWeights(Dense):
    """Errata of a well-known example: weights change before the error is passed on."""

    def backward(self, dA, need_dX=True):
        super().backward(dA, need_dX=False)
        return (dA * self.f.df(self.Z, self.A)) @ (self.W - 0.5 * self.dW).T


class SumOverRows(SquaredError):
    def dA(self, A, Y):
        return A - Y


class MeanOverOutputs(SquaredError):
    def dA(self, A, Y):
        return (A - Y) / A.size


class TargetMinusPrediction(SquaredError):
    def dA(self, A, Y):
        return (Y - A) / len(Y)


class PenaltyOnBiases(Network):
    def _add_penalty(self):
        penalty = super()._add_penalty()
        for db, b in zip(self.grads[1::2], self.params[1::2], strict=True):
            db += self.l2 * b
        return penalty


class PenaltyTwice(Network):
    def _add_penalty(self):
        return super()._add_penalty() + super()._add_penalty() * 0


class MaskForgotten(Dropout):
    def backward(self, dA, need_dX=True):
        return dA


class MaskUnscaled(Dropout):
    def backward(self, dA, need_dX=True):
        return dA * (self.mask > 0)


def network_with(kind=Network, dense=Dense, dropout=Dropout, f=tanh, loss=squared_error):
    layers = [dense(3, 3, f), dense(3, 3, f), dropout(0.3), dense(3, 2)]
    return kind(layers, loss, l2=0.1, rng=0, dtype=np.float64)


def worst_error(net):
    X, Y = set_up(net, 2, kinked=False)
    return max(errors_by_block(net, X, Y)[0])


@pytest.mark.parametrize(
    "planted",
    [
        {"f": WrongSign()},
        {"f": DerivativeOfA()},
        {"dense": WithoutDerivative},
        {"dense": WithoutTransposition},
        {"dense": WithoutBias},
        {"dense": BiasOfTheMean},
        {"dense": DeltaOfUpdatedWeights},
        {"loss": SumOverRows()},
        {"loss": MeanOverOutputs()},
        {"loss": TargetMinusPrediction()},
        {"kind": PenaltyOnBiases},
        {"kind": PenaltyTwice},
        {"dropout": MaskForgotten},
        {"dropout": MaskUnscaled},
    ],
    ids=lambda planted: getattr(*planted.values(), "__name__", str(*planted.values())),
)
def test_the_law_catches_a_planted_error(planted, monkeypatch):
    assert worst_error(network_with()) < TOLERANCE
    if isinstance(planted.get("loss"), SquaredError):
        monkeypatch.setitem(globals(), "squared_error", planted["loss"])  # for real targets
    assert worst_error(network_with(**planted)) > 1e-3


def test_the_law_catches_a_small_error_in_one_number_of_one_block():
    class OneNumber(Dense):
        def backward(self, dA, need_dX=True):
            dX = super().backward(dA, need_dX)
            self.dW[0, 0] *= 1 + 1e-5
            return dX

    assert worst_error(network_with(dense=OneNumber)) > TOLERANCE


def test_the_law_is_relative_so_that_small_gradients_are_held_to_it_too():
    """An absolute tolerance would pass this: every gradient is below 1e-5, and wrong."""

    class Tiny(SquaredError):
        def C(self, A, Y):
            return 1e-6 * super().C(A, Y)

        def dA(self, A, Y):
            return 1.001e-6 * super().dA(A, Y)

    net = Network([Dense(3, 3, relu), Dense(3, 2)], Tiny(), rng=0, dtype=np.float64)
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    errors, by_hand = errors_by_block(net, X, Y)
    assert max(np.abs(block).max() for block in by_hand) < 1e-5
    assert min(errors) > TOLERANCE


def test_targets_of_the_law_are_not_only_zeros_and_ones():
    _, Y = example(cross_entropy, 3, np.random.default_rng(0))
    assert np.all((Y > 0) & (Y < 1))
