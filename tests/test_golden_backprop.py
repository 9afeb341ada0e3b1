"""Worked examples of the literature, to the last digit in print, by every way we have.

Gradients of networks are found by hand (Network), in reverse and forward mode, by the
complex step and by differences; where a source prints no digits, its formulas are written
out in indices and held against these. test_network.py has the forward passes of the same
examples. Numbers of items and errata (G10, ER42, ...) are those of the list of sources.
"""

from itertools import pairwise, product

import numpy as np
import pytest
from test_four_ways import (
    by_complex_step,
    by_differences,
    by_forward_mode,
    by_hand,
    by_reverse_mode,
)

from coursenn import (
    SGD,
    Dense,
    Network,
    binary_cross_entropy,
    cross_entropy,
    relative_error,
    sigmoid,
    softmax,
    squared_error,
    tanh,
    train,
    uniform,
)
from coursenn.activations import identity
from coursenn.autodiff import Dual, Tensor, TensorModel, Value
from coursenn.gradcheck import central_difference, complex_step
from coursenn.notation import hjorth_jensen, hjorth_jensen_221, ml_mastery, ng, ucf

WAYS = {  # and the relative error that is theirs by nature
    by_hand: 1e-13,
    by_reverse_mode: 1e-13,
    by_forward_mode: 1e-13,
    by_complex_step: 1e-13,
    by_differences: 1e-8,
}
every_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


def network(params, *fs, loss=squared_error):
    layers = [Dense(*np.shape(W), f) for W, f in zip(params[::2], fs, strict=True)]
    net = Network(layers, loss, dtype=np.float64)
    for place, values in zip(net.params, params, strict=True):
        place[...] = values
    return net


def random_network(sizes, *fs, loss=squared_error, seed=0):
    rng = np.random.default_rng(seed)
    shapes = [s for n_in, n_out in pairwise(sizes) for s in ((n_in, n_out), n_out)]
    return network([rng.normal(size=shape) for shape in shapes], *fs, loss=loss)


def blocks(net, flat):
    """Return the flat gradient as [dW1, db1, dW2, db2, ...]."""
    ends = np.cumsum([p.size for p in net.params])[:-1]
    parts = np.split(flat, ends)
    return [part.reshape(p.shape) for part, p in zip(parts, net.params, strict=True)]


def logit(p):
    return np.log(p / (1 - np.asarray(p)))


# ---- functions of numbers: I6, I8, H1 ----------------------------------------------------

FUNCTIONS = {  # f(*xs, g), where g is Value or np; at; value; slopes; digits in print
    "I6": (lambda x, g: g.exp(x**2), (2.0,), 54.59815, (218.39260,), 5e-6),
    "I8": (
        lambda x, g: g.sqrt(x**2 + g.exp(x**2)),
        (2.0,),
        7.654942849763,
        (14.526078410856,),
        5e-13,
    ),
    "I8 at ½": (
        lambda x, g: g.sqrt(x**2 + g.exp(x**2)),
        (0.5,),
        1.238557797072,
        (0.922050396876,),
        5e-13,
    ),
    "H1": (lambda x, y, z, g: (x + y) * z, (-2.0, 5.0, -4.0), -12, (-4, -4, 3), 1e-15),
}


def slopes_in_reverse_mode(f, xs, kind, g):
    leaves = [kind(x) for x in xs]
    y = f(*leaves, g)
    y.backward()
    return float(y.data), [float(x.grad) for x in leaves]


def one_by_one(derivative, f, xs):
    """Return [∂f/∂x_i]: derivative(f_i, x_i) of each variable, the others held."""
    moved = lambda i: lambda x: f(*xs[:i], x, *xs[i + 1 :], np)  # noqa: E731
    return [float(derivative(moved(i), x)) for i, x in enumerate(xs)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_and_its_slopes_by_every_way(name):
    f, xs, value, slopes, digits = FUNCTIONS[name]
    for kind, g in ((Value, Value), (Tensor, np)):
        got, got_slopes = slopes_in_reverse_mode(f, xs, kind, g)
        assert got == pytest.approx(value, abs=digits)
        assert got_slopes == pytest.approx(slopes, abs=digits)
    forward = one_by_one(lambda f, x: f(Dual(x, 1.0)).tangent, f, xs)
    assert forward == pytest.approx(slopes, abs=digits)
    assert one_by_one(complex_step, f, xs) == pytest.approx(slopes, abs=digits)
    differences = one_by_one(lambda f, x: central_difference(f, x, 1e-5), f, xs)
    assert differences == pytest.approx(slopes, abs=max(digits, 1e-7))


# ---- gradients in print: G10, Mazur, ML Mastery ------------------------------------------

UCF = ucf.from_theirs([[[0, 0], [0.3, -0.3], [-0.4, 0.6]], [[0], [0.9], [0.3]]])  # wᵢⱼ, no biases
MAZUR = ([[0.15, 0.25], [0.20, 0.30]], [0.35] * 2, [[0.40, 0.50], [0.45, 0.55]], [0.60] * 2)

# D3 gives outputs, not inputs: biases are what makes these outputs of D1's weights
HIDDEN, OUTPUTS = 0.7105668883115941, np.array([0.6213859615555266, 0.6573693455986976])
D1 = ml_mastery.from_theirs(
    [
        [[0.13436424411240122, 0.8474337369372327, 0.763774618976614]],
        [[0.2550690257394217, 0.49543508709194095], [0.4494910647887381, 0.651592972722763]],
    ]
)
W1, _, W2, _ = D1
D3 = [W1, logit([HIDDEN]) - W1[0], W2, logit(OUTPUTS) - HIDDEN * W2[0]]

GRADIENTS = {  # network; X; Y; loss; gradients in print, None where there is none; digits
    "UCF": (
        network(UCF, tanh, sigmoid),
        [[1.1, 0.4]],
        [[1.0]],
        0.1099272055,
        [
            [[-0.1123224898, -0.0382228916], [-0.0408445418, -0.0138992333]],
            [-0.1021113544, -0.0347480832],
            [[-0.0196614638], [0.0104808081]],
            [-0.1167676783],
        ],
        {"abs": 5.1e-11},
    ),
    "Mazur": (
        network(MAZUR, sigmoid, sigmoid),
        [[0.05, 0.10]],
        [[0.01, 0.99]],
        0.2748110832 + 0.0235600256,
        [
            [[0.0004385677, 0.0004977127], [0.0008771355, 0.0009954255]],
            [0.0087713547, 0.0099542547],
            [[0.0821670406, -0.0226025405], [0.0826676278, -0.0227402422]],
            [0.1384985616, -0.0380982365],
        ],
        {"abs": 1e-10},
    ),
    "ML Mastery, signs turned": (
        network(D3, sigmoid, sigmoid),
        [[1.0, 0.0]],
        [[0.0, 1.0]],
        None,
        [None, [0.0005348048046610517], None, [0.14619064683582808, -0.0771723774346327]],
        {"rel": 1e-12, "abs": 0},
    ),
}


@every_way
@pytest.mark.parametrize("name", GRADIENTS)
def test_a_gradient_in_print_by_every_way(name, way):
    net, X, Y, loss, printed, digits = GRADIENTS[name]
    X, Y = np.array(X), np.array(Y)
    assert loss is None or squared_error(net(X), Y) == pytest.approx(loss, abs=1e-10)
    if way is by_differences and "rel" in digits:
        digits = {"rel": 1e-7, "abs": 0}
    for got, expected in zip(blocks(net, way(net, X, Y)), printed, strict=True):
        if expected is not None:
            assert got == pytest.approx(np.array(expected), **digits)


def test_ml_masterys_deltas_have_the_other_sign():
    net, X, Y, *_ = GRADIENTS["ML Mastery, signs turned"]
    assert network(D1, sigmoid, sigmoid)([[1, 0]]) == pytest.approx(
        np.array([[0.6629970129852887, 0.7253160725279748]]), rel=1e-15
    )
    net.loss_and_grad(X, Y)
    hidden, out = (ml_mastery.delta_to_theirs(layer.db[np.newaxis]) for layer in net.layers)
    assert out == pytest.approx(
        np.array([[-0.14619064683582808, 0.0771723774346327]]), rel=1e-12, abs=0
    )
    assert hidden == pytest.approx(np.array([[-0.0005348048046610517]]), rel=1e-12, abs=0)


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_every_value_and_derivative_on_the_way_through_ucfs_network(kind):
    """G10: the sign of z² is the one that the slides get wrong (ER02)."""
    W1, _, W2, _ = UCF
    x = [kind(1.1), kind(0.4)]
    z1 = [x[0] * W1[0, j] + x[1] * W1[1, j] for j in (0, 1)]
    y1 = [z.tanh() if kind is Value else np.tanh(z) for z in z1]
    z2 = y1[0] * W2[0, 0] + y1[1] * W2[1, 0]
    y2 = 1 / (1 + ((-z2).exp() if kind is Value else np.exp(-z2)))
    div = (y2 - 1) ** 2 * 0.5
    div.backward()
    printed = [  # value and ∂Div/∂it
        (z1[0], 0.17, -0.1021113544),
        (z1[1], -0.09, -0.0347480832),
        (y1[0], 0.1683810459, -0.1050909104),
        (y1[1], -0.0897577847, -0.0350303035),
        (z2, 0.1246156059, -0.1167676783),
        (y2, 0.5311136481, -0.4688863519),
        (div, 0.1099272055, 1),
    ]
    for node, value, derivative in printed:
        assert float(node.data) == pytest.approx(value, abs=5.1e-11)
        assert float(node.grad) == pytest.approx(derivative, abs=5.1e-11)


# ---- Mazur's errors in print: ER19, ER20, ER21 -------------------------------------------


def mazur_runs(steps, biases, too_early=False):
    """Return the loss before each step and after the last, and the last outputs.

    ``too_early`` is the slip: hidden deltas from output weights that are updated already.
    """
    net, sgd, losses = network(MAZUR, sigmoid, sigmoid), SGD(0.5), []
    _, X, Y, *_ = GRADIENTS["Mazur"]
    hidden, out = net.layers
    for _ in range(steps):
        losses.append(net.loss_and_grad(X, Y))
        if too_early:
            hidden.backward(out.db[np.newaxis] @ (out.W - 0.5 * out.dW).T, need_dX=False)
        for db in net.grads[1::2]:
            db *= biases
        sgd.step(net.theta, net.grad)
    return [*losses, squared_error(net(X), Y)], net(X)[0]


@pytest.mark.parametrize(
    ("biases", "too_early", "loss"),
    [(False, False, 0.291027774), (True, False, 0.280471447), (False, True, 0.2910279239)],
    ids=["right", "with biases", "too early, as published"],
)
def test_mazurs_error_after_one_step(biases, too_early, loss):
    losses, _ = mazur_runs(1, biases, too_early)
    assert losses[1] == pytest.approx(loss, abs=5e-10)


def test_mazurs_error_in_print_after_10_000_steps_mixes_two_procedures():
    losses, outputs = mazur_runs(10_000, biases=False)
    assert losses[10_000] == pytest.approx(0.0000351019, abs=5.1e-11)
    assert outputs == pytest.approx([0.015913620, 0.984064274], abs=5.1e-10)
    assert losses[9_999] == pytest.approx(0.0000351085, abs=5.1e-11)  # the error in print

    _, outputs = mazur_runs(10_000, biases=False, too_early=True)
    assert outputs == pytest.approx([0.015912196, 0.984065734], abs=5.1e-10)  # those in print


# ---- softmax with cross-entropy: G11 -----------------------------------------------------


@every_way
def test_behind_softmax_the_gradient_of_a_weight_is_its_input_times_o_minus_t(way):
    """G11, path by path: w_ij moves z_j, z_j moves both outputs, both move the loss."""
    net = random_network([3, 2], identity, loss=cross_entropy)
    h, t = np.array([[0.3, -1.2, 0.8]]), np.array([[0.0, 1.0]])
    (o,) = softmax(net(h))
    dW, db = blocks(net, way(net, h, t))
    for i, j in product(range(3), range(2)):
        paths = sum(-t[0, k] / o[k] * o[k] * ((k == j) - o[j]) * h[0, i] for k in range(2))
        assert paths == pytest.approx(h[0, i] * (o[j] - t[0, j]), rel=1e-13)
        assert dW[i, j] == pytest.approx(paths, rel=WAYS[way], abs=0)
    assert db == pytest.approx(o - t[0], rel=WAYS[way], abs=0)


# ---- Ng's accumulators: H3 to H6 ---------------------------------------------------------


@every_way
def test_ngs_accumulators_divided_by_m_are_the_gradient(way):
    """H3's shapes, H6's loop. ER16: with the bias column in Θ, the shapes differ by one."""
    rng = np.random.default_rng(3)
    layers = [Dense(3, 3, sigmoid, uniform(1)), Dense(3, 3, sigmoid, uniform(1)), Dense(3, 1)]
    net = Network(layers, binary_cross_entropy, rng=rng, dtype=np.float64)
    X, Y = rng.normal(size=(6, 3)), rng.integers(0, 2, (6, 1)).astype(float)
    Thetas = ng.to_theirs(net.params)
    assert [Theta.shape for Theta in Thetas] == [(3, 4), (3, 4), (1, 4)]
    Deltas = [np.zeros_like(Theta) for Theta in Thetas]
    for x, y in zip(X, Y, strict=True):
        a = [np.append(1, x)]
        for Theta in Thetas:
            a.append(np.append(1, sigmoid(Theta @ a[-1])))
        delta = a[-1][1:] - y
        for Theta, Delta, below in zip(Thetas[::-1], Deltas[::-1], a[-2::-1], strict=True):
            Delta += np.outer(delta, below)
            slope = below[1:] * (1 - below[1:])
            assert (Theta.T @ delta).shape != slope.shape
            delta = Theta[:, 1:].T @ delta * slope
    D = ng.grads_to_theirs(blocks(net, way(net, X, Y)), len(X))
    for got, Delta in zip(D, Deltas, strict=True):
        assert relative_error(got, Delta / len(X)) < WAYS[way]


# ---- Hjorth-Jensen: I10, I11, I12 and ER42 to ER44 ---------------------------------------


@every_way
def test_one_hidden_unit_has_w2_where_the_lecture_prints_a1(way):
    """I10 and ER42: the slip multiplies ∂C/∂w1 by a1 / w2, and ∂C/∂b1 by 1 / w2."""
    net = random_network([1, 1, 1], sigmoid, sigmoid)
    x, y = np.array([[0.7]]), np.array([[0.2]])
    (w1,), b1, (w2,), b2 = net.params
    a1 = sigmoid(w1 * x[0] + b1)
    a2 = sigmoid(w2 * a1 + b2)
    delta2 = (a2 - y[0]) * a2 * (1 - a2)
    delta1 = delta2 * w2 * a1 * (1 - a1)
    right = np.concatenate([delta1 * x[0], delta1, delta2 * a1, delta2])
    got = way(net, x, y)
    assert relative_error(got, right) < WAYS[way]
    printed = np.concatenate([delta2 * a1 * a1 * (1 - a1) * x[0], delta2 * a1 * (1 - a1)])
    assert printed / got[:2] == pytest.approx(np.concatenate([a1 / w2, 1 / w2]), rel=1e-6)
    assert relative_error(printed, got[:2]) > 0.1


def test_a_lectures_scalar_network_has_the_same_50_costs_by_every_way():
    """I11: x = 4, y = 9, a linear output, learning rate 0.1; from 36.9 down to 1e-8."""
    x, y = np.array([[4.0]]), np.array([[9.0]])
    start = [[[1.764052345967664]], [0.01], [[0.4001572083672233]], [0.01]]
    net = network(start, sigmoid, identity)

    def loss_fn(params, X, Y):
        return squared_error(net(X, params), Y)

    model = TensorModel(loss_fn, start)
    by_tape = [e.loss for e in train(model, x, y, SGD(0.1), epochs=50, batch_size=1)]
    by_network = [e.loss for e in train(net, x, y, SGD(0.1), epochs=50, batch_size=1)]

    theta, by_formula, by_value = [p.item() for p in map(np.array, start)], [], []
    values = list(theta)
    for _ in range(50):
        w1, b1, w2, b2 = theta
        a1 = 1 / (1 + np.exp(-(w1 * 4 + b1)))
        delta2 = w2 * a1 + b2 - 9
        delta1 = delta2 * w2 * a1 * (1 - a1)
        by_formula.append(delta2**2 / 2)
        theta = [w1 - 0.4 * delta1, b1 - 0.1 * delta1, w2 - 0.1 * delta2 * a1, b2 - 0.1 * delta2]

        w1, b1, w2, b2 = leaves = [Value(v) for v in values]
        cost = (w2 / (1 + (-(w1 * 4 + b1)).exp()) + b2 - 9) ** 2 * 0.5
        cost.backward()
        by_value.append(cost.data)
        values = [v.data - 0.1 * v.grad for v in leaves]

    assert by_formula[:3] == pytest.approx(
        [36.895630743854, 23.623231748425, 15.125168103835], abs=5e-13
    )
    assert by_formula[-1] == pytest.approx(1.194e-08, abs=5e-12)
    for costs in (by_network, by_tape, by_value):
        assert costs == pytest.approx(by_formula, rel=1e-9, abs=0)


@every_way
def test_the_nine_derivatives_of_a_2_2_1_network(way):
    """I12, w[i, j] to i from j; ER43: a_j of the hidden layer, where x_j belongs."""
    net = random_network([2, 2, 1], sigmoid, sigmoid)
    x, y = np.array([0.8, -0.5]), 0.3
    w1, b1, w2, b2 = hjorth_jensen_221.to_theirs(net.params)
    a1 = [sigmoid(w1[i, 0] * x[0] + w1[i, 1] * x[1] + b1[i, 0]) for i in (0, 1)]
    a2 = sigmoid(w2[0, 0] * a1[0] + w2[0, 1] * a1[1] + b2[0, 0])
    delta2 = (a2 - y) * a2 * (1 - a2)
    delta1 = [delta2 * w2[0, i] * a1[i] * (1 - a1[i]) for i in (0, 1)]
    right = hjorth_jensen_221.grads_from_theirs(
        [
            [[delta1[i] * x[j] for j in (0, 1)] for i in (0, 1)],
            [[d] for d in delta1],
            [[delta2 * a1[i] for i in (0, 1)]],
            [[delta2]],
        ],
        m=1,
    )
    got = blocks(net, way(net, x[np.newaxis], np.array([[y]])))
    for block, expected in zip(got, right, strict=True):
        assert relative_error(block, expected) < WAYS[way]
    printed = np.outer(a1, delta1)
    assert printed / got[0] == pytest.approx(np.outer(a1 / x, [1, 1]), rel=1e-6)
    assert relative_error(printed, got[0]) > 0.1


@every_way
def test_with_weights_from_i_to_j_bp2_sums_over_the_second_index(way):
    """ER44: δ_j = Σ_k w_jk δ_k σ'(z_j). In print, w_kj: the sum over the wrong index."""
    net = random_network([3, 2, 2], sigmoid, sigmoid)
    X, Y = np.array([[0.4, -0.9, 1.3]]), np.array([[0.1, 0.8]])
    _, _, w, _ = hjorth_jensen.to_theirs(net.params)
    _, delta, _, delta_above = blocks(net, way(net, X, Y))  # ∂C/∂b is δ, of one row
    net.loss_and_grad(X, Y)
    a = net.layers[0].A[0]
    right = [sum(w[j, k] * delta_above[k] for k in (0, 1)) * a[j] * (1 - a[j]) for j in (0, 1)]
    printed = [sum(w[k, j] * delta_above[k] for k in (0, 1)) * a[j] * (1 - a[j]) for j in (0, 1)]
    assert relative_error(delta, right) < WAYS[way]
    assert relative_error(delta, printed) > 0.1


# ---- the sum over paths: E18 -------------------------------------------------------------


@every_way
def test_backpropagation_is_the_sum_over_all_paths(way):
    """Nielsen's (53): from a weight to C there is a path for each choice of a unit per layer.

    Along it, multiply: input, f' and weight at every step, ∂C/∂a at the end.
    """
    net = random_network([2, 3, 2, 2], sigmoid, tanh, sigmoid)
    X, Y = np.array([[0.6, -1.1]]), np.array([[0.9, 0.2]])
    grads = blocks(net, way(net, X, Y))
    net.loss_and_grad(X, Y)
    slopes = [layer.f.df(layer.Z, layer.A)[0] for layer in net.layers]
    (_, W2, W3), dA = net.params[::2], squared_error.grad(net.layers[-1].A, Y)[0]
    paths = np.zeros((2, 3))
    for i, j in product(range(2), range(3)):
        paths[i, j] = sum(
            X[0, i] * slopes[0][j] * W2[j, k] * slopes[1][k] * W3[k, m] * slopes[2][m] * dA[m]
            for k, m in product(range(2), range(2))
        )
    assert relative_error(grads[0], paths) < WAYS[way]
