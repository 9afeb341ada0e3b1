"""The network as a whole: one theta, golden runs of the literature, copies that stand alone."""

import copy
import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursenn import (
    LOSSES,
    SGD,
    Adam,
    Dense,
    Dropout,
    Network,
    accuracy,
    binary_cross_entropy,
    cross_entropy,
    he,
    load_gates,
    mlp,
    one_hot,
    relu,
    sigmoid,
    softmax,
    squared_error,
    tanh,
)


def small(loss=cross_entropy, dropout=False, **options):
    middle = [Dropout(0.4)] if dropout else []
    options = {"rng": 0, "dtype": np.float64} | options
    return Network([Dense(3, 4, tanh), *middle, Dense(4, 2)], loss, **options)


def batch(m=6, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, 3)), one_hot(rng.integers(0, 2, m), 2)


def squashed(*weights):
    """Return a network of sigmoid layers with these weights, [W1, b1, W2, b2, ...]."""
    layers = [Dense(*np.shape(W), sigmoid) for W in weights[::2]]
    net = Network(layers, squared_error, dtype=np.float64)
    for place, values in zip(net.params, weights, strict=True):
        place[...] = values
    return net


# Golden numbers


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ([784, 30, 10], 23_860),
        ([784, 100, 10], 79_510),
        ([64, 50, 10], 3_760),
        ([3, 4, 2], 26),
        ([3, 4, 4, 1], 41),
    ],
)
def test_parameters_are_counted_as_in_the_literature(sizes, count):
    assert mlp(sizes).theta.size == count


MAZUR = (
    [[0.15, 0.25], [0.20, 0.30]],
    [0.35, 0.35],
    [[0.40, 0.50], [0.45, 0.55]],
    [0.60, 0.60],
)
MAZUR_X, MAZUR_Y = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])


def test_mazurs_example_forward_and_backward():
    net = squashed(*MAZUR)
    loss = net.loss_and_grad(MAZUR_X, MAZUR_Y)
    h, o = (layer.A[0] for layer in net.layers)
    np.testing.assert_allclose(h, [0.5932699921, 0.5968843783], atol=5e-11)
    np.testing.assert_allclose(o, [0.7513650696, 0.7729284653], atol=5e-11)
    assert loss == pytest.approx(0.298371109, abs=5e-10)
    golden = [
        np.transpose([[0.0004385677, 0.0008771355], [0.0004977127, 0.0009954255]]),
        [0.0087713547, 0.0099542547],
        np.transpose([[0.0821670406, 0.0826676278], [-0.0226025405, -0.0227402422]]),
        [0.1384985616, -0.0380982365],
    ]
    for grad, expected in zip(net.grads, golden, strict=True):
        np.testing.assert_allclose(grad, expected, atol=5e-11)


def test_mazurs_example_after_one_step_from_the_weights_as_they_were():
    """The published error, 0.291027924, comes from weights changed too early."""
    net = squashed(*MAZUR)
    net.loss_and_grad(MAZUR_X, MAZUR_Y)
    for db in net.grads[1::2]:
        db[...] = 0  # he never updates the biases
    SGD(0.5).step(net.theta, net.grad)
    W1 = [[0.1497807161, 0.1995614323], [0.2497511436, 0.2995022873]]
    W2 = [[0.3589164797, 0.4086661861], [0.5113012702, 0.5613701211]]
    np.testing.assert_allclose(net.params[0].T, W1, atol=5e-11)
    np.testing.assert_allclose(net.params[2].T, W2, atol=5e-11)
    assert squared_error(net(MAZUR_X), MAZUR_Y) == pytest.approx(0.291027774, abs=5e-10)


def test_mazurs_example_with_biases_after_one_and_after_10_000_steps():
    net, sgd, losses = squashed(*MAZUR), SGD(0.5), []
    for _ in range(10_001):
        losses.append(net.loss_and_grad(MAZUR_X, MAZUR_Y))
        sgd.step(net.theta, net.grad)
    assert losses[1] == pytest.approx(0.280471447, abs=5e-10)
    assert losses[10_000] == pytest.approx(2.44756e-06, abs=5e-12)


def test_a_lectures_2_2_1_network_with_the_right_sign():
    """Tanh hidden, logistic out, no biases. Its slides print z = -0.1246 for +0.1246."""
    net = Network([Dense(2, 2, tanh), Dense(2, 1, sigmoid)], squared_error, dtype=np.float64)
    net.params[0][...] = [[0.3, -0.3], [-0.4, 0.6]]
    net.params[2][...] = [[0.9], [0.3]]
    loss = net.loss_and_grad([[1.1, 0.4]], [[1]])
    hidden, out = net.layers
    np.testing.assert_allclose(hidden.Z, [[0.17, -0.09]], atol=1e-15)
    np.testing.assert_allclose(hidden.A, [[0.1683810459, -0.0897577847]], atol=5e-11)
    assert out.Z[0, 0] == pytest.approx(0.1246156059, abs=5e-11)
    assert out.A[0, 0] == pytest.approx(0.5311136481, abs=5e-11)
    assert loss == pytest.approx(0.1099272055, abs=5e-11)
    np.testing.assert_allclose(net.grads[3], [-0.1167676783], atol=5e-11)  # of z
    np.testing.assert_allclose(net.grads[2], [[-0.0196614638], [0.0104808081]], atol=5e-11)
    np.testing.assert_allclose(net.grads[1], [-0.1021113544, -0.0347480832], atol=5e-11)
    dW1 = [[-0.1123224898, -0.0382228916], [-0.0408445418, -0.0138992333]]
    np.testing.assert_allclose(net.grads[0], dW1, atol=5e-11)


ML_MASTERY = (
    [[0.13436424411240122], [0.8474337369372327]],
    [0.763774618976614],
    [[0.2550690257394217, 0.4494910647887381]],
    [0.49543508709194095, 0.651592972722763],
)


def test_a_tutorials_pure_python_network_forward():
    golden = [[0.6629970129852887, 0.7253160725279748]]
    np.testing.assert_allclose(squashed(*ML_MASTERY)([[1, 0]]), golden, rtol=1e-15)


def test_a_tutorials_pure_python_network_backward():
    """It works with expected - output; the signs here are the other way round."""
    hidden, out = squashed(*ML_MASTERY).layers
    hidden.X, out.X = np.ones((1, 2)), np.array([[0.7105668883115941]])
    hidden.A, out.A = out.X, np.array([[0.6213859615555266, 0.6573693455986976]])
    hidden.Z = out.Z = None  # the derivative of sigmoid needs only a
    hidden.backward(out.backward(squared_error.dA(out.A, np.array([[0, 1]]))))
    np.testing.assert_allclose(-out.db, [-0.14619064683582808, 0.0771723774346327], rtol=1e-12)
    np.testing.assert_allclose(-hidden.db, [-0.0005348048046610517], rtol=1e-12)


def test_a_scalar_network_learns_as_in_a_lecture():
    net = Network([Dense(1, 1, sigmoid), Dense(1, 1)], squared_error, dtype=np.float64)
    net.theta[...] = [1.764052345967664, 0.01, 0.4001572083672233, 0.01]
    costs = []
    for _ in range(50):
        costs.append(net.loss_and_grad([[4]], [[9]]))
        net.theta -= 0.1 * net.grad
    golden = [36.895630743854, 23.623231748425, 15.125168103835]
    np.testing.assert_allclose(costs[:3], golden, atol=5e-13)
    assert costs[-1] == pytest.approx(1.194e-08, rel=5e-4)


def test_without_a_hidden_layer_xor_ends_as_a_coin_flip():
    X, gates = load_gates()
    net = mlp([2, 1], loss=binary_cross_entropy, rng=0, dtype=np.float64)
    for _ in range(2000):
        loss = net.loss_and_grad(X, gates["xor"][:, np.newaxis])
        net.theta -= 0.5 * net.grad
    assert loss == pytest.approx(0.6931471805599453, abs=1e-12)
    np.testing.assert_allclose(net.predict(X), 0.5, atol=1e-6)


def test_without_nonlinearity_layers_collapse_into_one():
    net = Network([Dense(3, 5), Dense(5, 2)], rng=0, dtype=np.float64)
    net.theta[...] = np.random.default_rng(0).normal(size=net.theta.size)
    W1, b1, W2, b2 = net.params
    X, _ = batch()
    np.testing.assert_allclose(net(X), X @ (W1 @ W2) + (b1 @ W2 + b2), rtol=1e-12)


def test_an_example_of_all_zeros_scores_by_its_largest_output():
    """A course's code counts elementwise matches: no output at all would be 90 % right."""
    assert accuracy(np.zeros((10, 10)), np.arange(10)) == 0.1


# One theta


def test_every_view_looks_into_theta_and_grad():
    net = small()
    net.theta[...] = np.arange(net.theta.size)
    joined = np.concatenate([block.ravel() for block in net.params])
    np.testing.assert_array_equal(joined, net.theta)
    for block, place in itertools.chain(
        ((block, net.theta) for block in net.params), ((block, net.grad) for block in net.grads)
    ):
        assert np.shares_memory(block, place)
    first = net.layers[0]
    assert first.W is net.params[0]
    assert first.db is net.grads[1]


def test_the_gradient_is_written_in_full_each_time():
    net = small(l2=0.1)
    X, Y = batch()
    net.loss_and_grad(X, Y)
    first = net.grad.copy()
    net.grad[...] = np.nan
    net.loss_and_grad(X, Y)
    np.testing.assert_array_equal(net.grad, first)


def test_restoring_the_best_weights_is_one_assignment():
    net = small()
    X, _ = batch()
    before, snapshot = net(X), net.theta.copy()
    net.theta += 1
    assert not np.allclose(net(X), before)
    net.theta[...] = snapshot
    np.testing.assert_array_equal(net(X), before)


# Properties


@pytest.mark.parametrize("loss", [squared_error, binary_cross_entropy, cross_entropy], ids=repr)
@given(order=st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(loss, order):
    net = small(loss)
    X, Y = batch()
    a, grad = net.loss_and_grad(X, Y), net.grad.copy()
    b = net.loss_and_grad(X[order], Y[order])
    assert a == pytest.approx(b, rel=1e-13)
    np.testing.assert_allclose(net.grad, grad, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("loss", [squared_error, binary_cross_entropy, cross_entropy], ids=repr)
def test_every_row_twice_gives_the_same_loss_and_gradient(loss):
    net = small(loss, l2=0.1)
    X, Y = batch()
    a, grad = net.loss_and_grad(X, Y), net.grad.copy()
    b = net.loss_and_grad(np.vstack([X, X]), np.vstack([Y, Y]))
    assert a == pytest.approx(b, rel=1e-14)
    np.testing.assert_allclose(net.grad, grad, rtol=1e-12, atol=1e-16)


def test_the_gradient_of_a_batch_is_the_mean_of_those_of_its_rows():
    net = small(l2=0.1)
    X, Y = batch()
    net.loss_and_grad(X, Y)
    whole, rows = net.grad.copy(), []
    for i in range(len(X)):
        net.loss_and_grad(X[i : i + 1], Y[i : i + 1])
        rows.append(net.grad.copy())
    np.testing.assert_allclose(whole, np.mean(rows, axis=0), rtol=1e-12, atol=1e-16)


def test_a_small_step_downhill_lowers_the_loss_by_lr_times_the_squared_slope():
    net = small(l2=0.1)
    X, Y = batch()
    before = net.loss_and_grad(X, Y)
    slope = net.grad @ net.grad
    net.theta -= 1e-6 * net.grad
    assert before - net.loss_and_grad(X, Y) == pytest.approx(1e-6 * slope, rel=1e-4)


def test_l2_leaves_biases_alone():
    net = mlp([2, 1], l2=1.0, rng=0, dtype=np.float64)
    net.params[1][...] = 5.0
    X = np.zeros((4, 2))
    loss = net.loss_and_grad(X, net(X))
    assert net.grads[1] == 0.0
    assert loss == pytest.approx(0.5 * np.sum(net.params[0] ** 2))


def test_l2_is_not_divided_by_the_size_of_the_batch():
    penalties = []
    for m in (1, 100):
        with_penalty, without = small(l2=0.3), small()
        X, Y = batch(m)
        penalties.append(with_penalty.loss_and_grad(X, Y) - without.loss_and_grad(X, Y))
    assert penalties[0] == pytest.approx(penalties[1], rel=1e-9)


# Predicting and training


def test_predict_gives_what_the_loss_says_that_outputs_mean():
    X, _ = batch()
    for loss, link in (
        (squared_error, np.array),
        (binary_cross_entropy, sigmoid),
        (cross_entropy, softmax),
    ):
        net = small(loss)
        np.testing.assert_array_equal(net.predict(X), link(net(X)))


def test_dropout_is_off_when_the_network_predicts_and_on_when_it_trains():
    net, without = small(dropout=True), small()
    without.theta[...] = net.theta
    X, Y = batch()
    np.testing.assert_array_equal(net(X), without(X))
    losses = {net.loss_and_grad(X, Y) for _ in range(5)}
    assert len(losses) == 5


def test_prediction_leaves_theta_grad_and_the_generator_alone():
    net = small(dropout=True)
    before = net.theta.copy(), net.grad.copy(), net.rng.bit_generator.state
    net.predict(batch()[0])
    np.testing.assert_array_equal(net.theta, before[0])
    np.testing.assert_array_equal(net.grad, before[1])
    assert net.rng.bit_generator.state == before[2]


def test_the_same_seed_draws_the_same_network():
    a, b, c = (mlp([3, 4, 2], rng=seed) for seed in (1, np.random.default_rng(1), 2))
    np.testing.assert_array_equal(a.theta, b.theta)
    assert not np.array_equal(a.theta, c.theta)


@pytest.mark.parametrize("given_dtype", [np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_dtype_of_the_network_is_kept_everywhere(loss, dtype, given_dtype):
    net = small(LOSSES[loss], dropout=True, dtype=dtype, l2=np.float64(0.1))
    X, Y = np.ones((4, 3), given_dtype), one_hot([0, 1, 0, 1], 2).astype(given_dtype)
    net.loss_and_grad(X, np.ones_like(Y) if loss == "hinge" else Y)
    Adam(np.float64(0.1)).step(net.theta, net.grad)
    inside = [layer.A for layer in net.layers if isinstance(layer, Dense)]
    found = [net.theta, net.grad, net(X), net.predict(X), *inside, *net.params, *net.grads]
    assert {array.dtype for array in found} == {np.dtype(dtype)}


def test_checked_data_are_not_looked_at_again():
    net = small()
    X, Y = net.check(*batch())
    assert net.loss_and_grad(X, Y, checked=True) == net.loss_and_grad(X, Y)
    assert np.isnan(net.loss_and_grad(X * np.nan, Y, checked=True))


def test_mlp_is_linear_at_its_end_and_takes_f_and_init_elsewhere():
    net = mlp([3, 5, 4, 2], relu, he, loss=cross_entropy, l2=0.5, rng=0)
    assert [repr(layer) for layer in net.layers] == [
        "Dense(3, 5, ReLU)",
        "Dense(5, 4, ReLU)",
        "Dense(4, 2)",
    ]
    assert all(layer.init is he for layer in net.layers)
    assert (net.n_in, net.n_out, net.l2) == (3, 2, 0.5)
    assert repr(net).endswith("CrossEntropy, 54 parameters)")


# Copies


@pytest.mark.parametrize(
    "clone",
    [copy.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_copy_predicts_the_same_learns_the_same_and_stands_alone(clone):
    net = small(dropout=True, l2=0.1)
    X, Y = batch()
    net.loss_and_grad(X, Y)
    outputs = net(X)
    twin = clone(net)
    np.testing.assert_array_equal(twin(X), outputs)

    for each in (net, twin):  # each has its own memory, and its layers look into it
        assert all(np.shares_memory(block, each.theta) for block in each.params)
        assert [layer.W is W for layer, W in zip(each.layers[::2], each.params[::2], strict=True)]
        assert all(np.shares_memory(layer.W, each.theta) for layer in each.layers[::2])
        assert all(np.shares_memory(layer.dW, each.grad) for layer in each.layers[::2])
    assert not np.shares_memory(net.theta, twin.theta)

    twin.theta += 1
    np.testing.assert_array_equal(net(X), outputs)
    assert not np.allclose(twin(X), outputs)
    twin.theta[...] = net.theta
    net.rng, twin.rng = np.random.default_rng(3), np.random.default_rng(3)
    assert twin.loss_and_grad(X, Y) == net.loss_and_grad(X, Y)
    np.testing.assert_array_equal(twin.grad, net.grad)


# Layers that do not make a network


def test_layers_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"Dense\(5, 2\) takes 5 inputs, but Dense\(3, 4\) below"):
        Network([Dense(3, 4), Dropout(), Dense(5, 2)])


def test_a_layer_belongs_to_one_network_and_one_place():
    layer = Dense(3, 3)
    with pytest.raises(ValueError, match="the same layer object stands twice"):
        Network([layer, layer])
    Network([layer])
    with pytest.raises(ValueError, match=r"Dense\(3, 3\) belongs to a network already: make a new"):
        Network([layer])


@pytest.mark.parametrize("layers", [[], [Dropout(0.5)]], ids=["none", "only dropout"])
def test_a_network_has_weights(layers):
    with pytest.raises(ValueError, match="at least one layer with weights, such as Dense"):
        Network(layers)


@pytest.mark.parametrize("place", [0, 1])
def test_dropout_may_stand_first_or_last(place):
    layers = [Dense(3, 2)]
    layers.insert(place, Dropout(0.5))
    net = Network(layers, rng=0)
    assert (net.n_in, net.n_out) == (3, 2)
    net.loss_and_grad(*batch())
    assert net.grad.any()
