"""A model written with Tensors trains like a Network, and says what is wrong with it."""

import numpy as np
import pytest

from coursenn import SGD, Adam, cross_entropy, mlp, numeric_grad, relative_error, sigmoid, train
from coursenn.autodiff import Tensor, TensorModel
from coursenn.losses import squared_error


def data(m=40):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(m, 3))
    return X, np.eye(2)[(X[:, 0] > X[:, 1]).astype(int)]


@pytest.mark.parametrize("optimizer", [lambda: SGD(lr=0.1, momentum=0.9), lambda: Adam(lr=0.05)])
def test_training_by_autodiff_equals_training_by_hand(optimizer):
    net = mlp([3, 5, 2], sigmoid, loss=cross_entropy, rng=1, dtype=np.float64)
    model = TensorModel(lambda params, X, Y: net.loss(net(X, params), Y), net.params)
    by_hand = list(train(net, *data(), optimizer(), epochs=5, batch_size=8, rng=2))
    by_tape = list(train(model, *data(), optimizer(), epochs=5, batch_size=8, rng=2))
    np.testing.assert_allclose(model.theta, net.theta, rtol=1e-11)
    np.testing.assert_allclose([e.loss for e in by_tape], [e.loss for e in by_hand], rtol=1e-12)
    assert by_hand[-1].loss < by_hand[0].loss


def test_a_loss_that_is_no_network_can_be_trained():
    """A circle of radius r around c: three numbers, no layers."""

    def loss(params, X, Y):
        c, r = params
        distance = np.sqrt(np.sum((X - c) ** 2, axis=1))
        return np.mean((distance - r) ** 2)

    angle = np.linspace(0, 6, 50)
    X = np.column_stack([1 + 2 * np.cos(angle), -1 + 2 * np.sin(angle)])
    model = TensorModel(loss, [np.zeros(2), 1.0])
    for _ in train(model, X, X, SGD(lr=0.3), epochs=100, batch_size=50, rng=0):
        pass
    np.testing.assert_allclose(model.theta, [1, -1, 2], atol=1e-6)


def test_theta_and_params_are_the_same_memory_and_the_initial_arrays_are_not():
    W = np.ones((2, 2))
    model = TensorModel(lambda params, X, Y: np.sum(X @ params[0]), [W, [1, 2]], np.float32)
    model.theta[0] = 7
    assert model.params[0][0, 0] == 7
    assert model.theta.dtype == np.float32
    assert W[0, 0] == 1
    assert [p.shape for p in model.params] == [(2, 2), (2,)]


def test_a_parameter_that_does_not_enter_the_loss_has_gradient_zero():
    model = TensorModel(lambda params, X, Y: np.sum(params[0] ** 2), [[3.0], [5.0]])
    model.grad[...] = np.nan
    assert model.loss_and_grad(np.ones((1, 1)), np.ones((1, 1))) == 9
    assert model.grad.tolist() == [6, 0]


def test_integer_targets_stay_integers_and_floats_take_the_dtype_of_the_model():
    model = TensorModel(lambda params, X, Y: params[0], [1.0], np.float32)
    X, y = model.check(np.ones((3, 2)), [0, 1, 2])
    assert X.dtype == np.float32
    assert y.dtype.kind == "i"


def test_a_penalty_is_one_more_term():
    X, Y = data()
    net = mlp([3, 4, 2], rng=1, l2=0.1, dtype=np.float64)

    def loss(params, X, Y):
        penalty = sum(np.sum(W**2) for W in params[::2])
        return squared_error(net(X, params), Y) + 0.05 * penalty

    model = TensorModel(loss, net.params)
    assert model.loss_and_grad(X, Y) == pytest.approx(net.loss_and_grad(X, Y), rel=1e-14)
    assert relative_error(model.grad, net.grad) < 1e-14
    numeric = numeric_grad(lambda _: model.loss_and_grad(X, Y), model.theta)
    assert relative_error(net.grad, numeric) < 1e-8


@pytest.mark.parametrize(
    ("misuse", "error", "message"),
    [
        (lambda: TensorModel(np.sum, []), ValueError, "params is empty"),
        (lambda: TensorModel(np.sum, ["a"]), TypeError, r"params\[0\] must hold numbers"),
        (lambda: TensorModel(np.sum, [1.0, np.nan]), ValueError, r"params\[1\] must be finite"),
        (lambda: forgetful().loss_and_grad([1.0], [1.0]), TypeError, "must return a Tensor"),
        (lambda: whole().loss_and_grad([1.0], [1.0]), ValueError, r"shape \(2,\); reduce it"),
        (lambda: whole().loss_and_grad([1.0], [1.0, 2]), ValueError, "one row per example"),
        (lambda: whole().loss_and_grad([np.nan], [1.0]), ValueError, "X must be finite"),
        (lambda: whole().loss_and_grad(1.0, [1.0]), ValueError, "X must have at least one row"),
    ],
)
def test_a_wrong_model_or_batch_is_refused_with_advice(misuse, error, message):
    with pytest.raises(error, match=message):
        misuse()


def forgetful():
    return TensorModel(lambda params, X, Y: float(np.sum(params[0].data)), [[1.0, 2.0]])


def whole():
    return TensorModel(lambda params, X, Y: params[0], [[1.0, 2.0]])


def test_tensors_of_a_network_are_its_own_parameters_not_copies():
    net = mlp([3, 2], rng=0)
    assert all(Tensor(p).data is p for p in net.params)
