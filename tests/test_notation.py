"""The same network in every convention: the same outputs, cost, δ and gradients.

Each ``pass_of_...`` is a forward and a backward pass as that source writes it, from nothing
but lists of its own parameters, inputs and targets. What it returns is converted, and must
equal what a Network computes to 1e-14.
"""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursenn import (
    Dense,
    Network,
    binary_cross_entropy,
    cross_entropy,
    mlp,
    one_hot,
    relative_error,
    relu,
    sigmoid,
    squared_error,
    tanh,
)
from coursenn.activations import identity
from coursenn.notation import (
    CONVENTIONS,
    cs231n,
    hjorth_jensen,
    hjorth_jensen_221,
    ml_mastery,
    ng,
    nielsen,
    ours,
    rosetta,
    ucf,
)

TOLERANCE = 1e-14
DEPTHS = [[2, 1], [2, 2, 1], [3, 4, 2], [2, 3, 2, 2], [4, 3, 5, 4, 3]]
each_convention = pytest.mark.parametrize("theirs", CONVENTIONS, ids=lambda c: c.name)


def logistic(z):
    return 1 / (1 + np.exp(-z))


# A forward and a backward pass of each source. All return outputs, cost, [δ of each layer],
# [gradient of each array of parameters], in its own layout.


def pass_of_nielsen(params, xs, ys):
    """Column by column, l = L-1 ... 2 by negative indices, nabla_w summed over the batch."""
    weights, biases = params[::2], params[1::2]
    nabla_w, nabla_b = [0 * w for w in weights], [0 * b for b in biases]
    outputs, cost, deltas = [], 0, [[] for _ in weights]
    n = xs.shape[1]
    for x, y in zip(xs.T[:, :, None], ys.T[:, :, None], strict=True):
        activations, zs = [x], []
        for w, b in zip(weights, biases, strict=True):
            zs.append(np.dot(w, activations[-1]) + b)
            activations.append(logistic(zs[-1]))
        slope = [logistic(z) * (1 - logistic(z)) for z in zs]
        outputs.append(activations[-1])
        cost += np.sum((y - activations[-1]) ** 2) / (2 * n)
        for l in range(1, len(weights) + 1):  # noqa: E741, his letter
            if l == 1:
                delta = (activations[-1] - y) * slope[-1]
            else:
                delta = np.dot(weights[-l + 1].T, delta) * slope[-l]
            nabla_b[-l] += delta
            nabla_w[-l] += np.dot(delta, activations[-l - 1].T)
            deltas[-l].append(delta)
    nabla = [array for pair in zip(nabla_w, nabla_b, strict=True) for array in pair]
    return np.hstack(outputs), cost, [np.hstack(d) for d in deltas], nabla


def pass_of_ucf(params, xs, ds):
    """Sums over i and j, w[i, j] from i to j, y[0] = 1; tanh, logistic in the last layer."""
    T, L = xs.shape[1], len(params)
    outputs, total, deltas = np.zeros_like(ds), 0, [np.zeros((w.shape[1], T)) for w in params]
    grads = [np.zeros_like(w) for w in params]
    for t in range(T):
        y, z = [[1, *xs[:, t]]], []
        for k, w in enumerate(params):
            n_in, n_out = w.shape
            z.append([sum(w[i, j] * y[k][i] for i in range(n_in)) for j in range(n_out)])
            y.append([1, *(math.tanh(v) if k < L - 1 else logistic(v) for v in z[k])])
        outputs[:, t] = y[L][1:]
        total += sum((y_i - d_i) ** 2 / 2 for y_i, d_i in zip(y[L][1:], ds[:, t], strict=True))
        dy = [y_i - d_i for y_i, d_i in zip(y[L][1:], ds[:, t], strict=True)]
        for k in reversed(range(L)):
            w, out = params[k], y[k + 1][1:]
            slope = [(1 - o * o) if k < L - 1 else o * (1 - o) for o in out]
            dz = [a * b for a, b in zip(dy, slope, strict=True)]
            deltas[k][:, t] = dz
            for i in range(w.shape[0]):
                for j in range(w.shape[1]):
                    grads[k][i, j] += y[k][i] * dz[j]
            dy = [sum(w[i, j] * dz[j] for j in range(len(dz))) for i in range(1, w.shape[0])]
    return outputs, total / T, deltas, grads


def pass_of_hjorth_jensen(params, xs, ys):
    """z = Wᵀ a + b for a column a, and δ_j = Σ_k w_jk δ_k σ'(z_j): BP2 for that z."""
    Ws, bs = params[::2], params[1::2]
    a, zs = [xs], []
    for W, b in zip(Ws, bs, strict=True):
        zs.append(W.T @ a[-1] + b)
        a.append(logistic(zs[-1]))
    delta = (a[-1] - ys) * a[-1] * (1 - a[-1])
    deltas, grads = [], []
    for l in range(len(Ws), 0, -1):  # noqa: E741, l = L, ..., 1
        deltas.insert(0, delta)
        dW = np.einsum("im,jm->ij", a[l - 1], delta)  # ∂C/∂w_ij = δ_j a_i
        grads = [dW, delta.sum(axis=1, keepdims=True), *grads]
        delta = np.einsum("jk,km->jm", Ws[l - 1], delta) * a[l - 1] * (1 - a[l - 1])
    return a[-1], np.sum((a[-1] - ys) ** 2) / 2, deltas, grads


def pass_of_hjorth_jensen_221(params, xs, ys):
    """z_i = Σ_j w_ij a_j + b_i, every entry for itself: ∂C/∂w_ij = δ_i a_j."""
    Ws, bs = params[::2], params[1::2]
    a = [xs]
    for W, b in zip(Ws, bs, strict=True):
        z = [sum(W[i, j] * a[-1][j] for j in range(W.shape[1])) + b[i, 0] for i in range(len(W))]
        a.append(logistic(np.array(z)))
    delta = [(a_i - y_i) * a_i * (1 - a_i) for a_i, y_i in zip(a[-1], ys, strict=True)]
    deltas, grads = [], []
    for W, below in zip(Ws[::-1], a[-2::-1], strict=True):
        deltas.insert(0, np.array(delta))
        dW = [[np.sum(delta_i * a_j) for a_j in below] for delta_i in delta]
        grads = [np.array(dW), np.array([[np.sum(delta_i)] for delta_i in delta]), *grads]
        delta = [
            sum(delta[i] * W[i, j] for i in range(len(W))) * below[j] * (1 - below[j])
            for j in range(W.shape[1])
        ]
    return (
        a[-1],
        sum(np.sum((p - y) ** 2) / 2 for p, y in zip(a[-1], ys, strict=True)),
        deltas,
        grads,
    )


def pass_of_ng(Thetas, xs, ys):
    """a_0 = 1 added at each layer, the bias column dropped on the way back, D = Δ/m."""
    m = xs.shape[1]
    Delta = [np.zeros_like(Theta) for Theta in Thetas]
    outputs, J, deltas = [], 0, [[] for _ in Thetas]
    for x, y in zip(xs.T, ys.T, strict=True):
        a = [np.concatenate([[1], x])]
        for Theta in Thetas:
            a.append(np.concatenate([[1], logistic(Theta @ a[-1])]))
        h = a[-1][1:]
        outputs.append(h)
        J += -np.sum(y * np.log(h) + (1 - y) * np.log(1 - h)) / m
        delta = h - y
        for l in range(len(Thetas) - 1, -1, -1):  # noqa: E741, his letter
            deltas[l].append(delta)
            Delta[l] += np.outer(delta, a[l])
            delta = (Thetas[l].T @ delta)[1:] * a[l][1:] * (1 - a[l][1:])
    return np.array(outputs).T, J, [np.array(d).T for d in deltas], [D / m for D in Delta]


def pass_of_cs231n(params, x, y):
    """W2 max(0, W1 x + b1) + b2, softmax, dscores with 1 taken from the right class and /= N."""
    Ws, bs = params[::2], params[1::2]
    N, labels = x.shape[1], y.argmax(axis=0)
    hidden = [x]
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        hidden.append(np.maximum(0, W.dot(hidden[-1]) + b))
    scores = Ws[-1].dot(hidden[-1]) + bs[-1]
    probs = np.exp(scores) / np.exp(scores).sum(axis=0)
    loss = -np.log(probs[labels, np.arange(N)]).sum() / N
    dscores = probs.copy()
    dscores[labels, np.arange(N)] -= 1
    dscores /= N
    deltas, grads = [], []
    for W, h in zip(Ws[::-1], hidden[::-1], strict=True):
        deltas.insert(0, dscores)
        grads = [dscores.dot(h.T), dscores.sum(axis=1, keepdims=True), *grads]
        dscores = W.T.dot(dscores)
        dscores[h <= 0] = 0
    return probs, loss, deltas, grads


def pass_of_ml_mastery(params, rows, expected):
    """Dictionaries of neurons; error = expected - output, and weights go up by lr delta input."""
    network = [[{"weights": list(w), "ups": [0.0] * len(w)} for w in W] for W in params]
    outputs, sum_error = [], 0.0
    deltas = [[] for _ in network]
    for row, wanted in zip(rows, expected, strict=True):
        inputs = list(row)
        for layer in network:
            for neuron in layer:
                *weights, bias = neuron["weights"]
                activation = bias + sum(w * x for w, x in zip(weights, inputs, strict=True))
                neuron["inputs"], neuron["output"] = inputs, 1 / (1 + math.exp(-activation))
            inputs = [neuron["output"] for neuron in layer]
        outputs.append(inputs)
        sum_error += sum((e - o) ** 2 for e, o in zip(wanted, inputs, strict=True))
        errors = [e - o for e, o in zip(wanted, inputs, strict=True)]
        for k in reversed(range(len(network))):
            for error, neuron in zip(errors, network[k], strict=True):
                neuron["delta"] = error * neuron["output"] * (1 - neuron["output"])
                for j, x in enumerate([*neuron["inputs"], 1]):
                    neuron["ups"][j] += neuron["delta"] * x
            deltas[k].append([neuron["delta"] for neuron in network[k]])
            errors = [
                sum(neuron["weights"][j] * neuron["delta"] for neuron in network[k])
                for j in range(len(network[k][0]["inputs"]))
            ]
    ups = [np.array([neuron["ups"] for neuron in layer]) for layer in network]
    return np.array(outputs), sum_error, [np.array(d) for d in deltas], ups


PASSES = {  # convention: its pass; what a hidden and the last layer do; the loss
    nielsen: (pass_of_nielsen, sigmoid, sigmoid, squared_error),
    ucf: (pass_of_ucf, tanh, sigmoid, squared_error),
    hjorth_jensen: (pass_of_hjorth_jensen, sigmoid, sigmoid, squared_error),
    hjorth_jensen_221: (pass_of_hjorth_jensen_221, sigmoid, sigmoid, squared_error),
    ng: (pass_of_ng, sigmoid, identity, binary_cross_entropy),
    cs231n: (pass_of_cs231n, relu, identity, cross_entropy),
    ml_mastery: (pass_of_ml_mastery, sigmoid, sigmoid, squared_error),
}


def build(sizes, hidden, last, loss, rng):
    layers = [Dense(n_in, n_out, hidden) for n_in, n_out in itertools.pairwise(sizes)]
    layers[-1].f = last
    net = Network(layers, loss, rng=rng, dtype=np.float64)
    net.theta[...] = rng.normal(size=net.theta.size)
    for b in net.params[1::2]:
        b += 1  # or a layer of relu might be dead, and prove nothing
    return net


def deltas_of(net, X, Y):
    """Return δ of every layer: alone, a row has its δ for ∂C/∂b; in the mean, 1/m of it."""
    rows = []
    for k in range(len(X)):
        net.loss_and_grad(X[k : k + 1], Y[k : k + 1])
        rows.append([db.copy() for db in net.grads[1::2]])
    return [np.array(delta) / len(X) for delta in zip(*rows, strict=True)]


@pytest.mark.parametrize("m", [1, 5])
@pytest.mark.parametrize("sizes", DEPTHS, ids=str)
@pytest.mark.parametrize("theirs", PASSES, ids=lambda c: c.name)
def test_the_same_network_gives_the_same_numbers_in_every_convention(theirs, sizes, m):
    their_pass, hidden, last, loss = PASSES[theirs]
    rng = np.random.default_rng([len(sizes), m])
    n_out = sizes[-1] + (theirs is cs231n)  # one class would leave nothing to learn
    net = build([*sizes[:-1], n_out], hidden, last, loss, rng)
    X = rng.normal(size=(m, sizes[0]))
    Y = one_hot(rng.integers(n_out, size=m), n_out) if theirs is cs231n else rng.random((m, n_out))
    deltas = deltas_of(net, X, Y)
    cost = net.loss_and_grad(X, Y)

    outputs, their_cost, their_deltas, their_grads = their_pass(
        theirs.to_theirs(net.params), theirs.data_to_theirs(X), theirs.data_to_theirs(Y)
    )

    assert relative_error(theirs.data_from_theirs(outputs), net.predict(X)) < TOLERANCE
    assert relative_error(theirs.cost_from_theirs(their_cost, m), cost) < TOLERANCE
    for got, delta in zip(their_deltas, deltas, strict=True):
        assert delta.any()
        assert relative_error(theirs.delta_from_theirs(got), delta) < TOLERANCE
        assert relative_error(got, theirs.delta_to_theirs(delta)) < TOLERANCE
    converted = theirs.grads_from_theirs(their_grads, m)
    for got, grad in zip(converted, net.grads, strict=True):
        assert relative_error(got, grad) < TOLERANCE
    for got, grad in zip(their_grads, theirs.grads_to_theirs(net.grads, m), strict=True):
        assert got.shape == grad.shape
        assert relative_error(got, grad) < TOLERANCE


def test_every_convention_is_held_to_a_pass_of_its_own():
    assert {ours, *PASSES} == set(CONVENTIONS)


# There and back


def random_network(sizes):
    return build(sizes, tanh, identity, squared_error, np.random.default_rng(len(sizes)))


sizes = st.lists(st.integers(1, 5), min_size=2, max_size=6)


@each_convention
@given(sizes=sizes, m=st.integers(1, 7))
def test_there_and_back_is_the_same(theirs, sizes, m):
    net, X = random_network(sizes), np.random.default_rng(m).normal(size=(m, 3))
    for back, array in zip(
        theirs.from_theirs(theirs.to_theirs(net.params)), net.params, strict=True
    ):
        np.testing.assert_array_equal(back, array)
    there = theirs.grads_to_theirs(net.params, m)
    for back, array in zip(theirs.grads_from_theirs(there, m), net.params, strict=True):
        np.testing.assert_allclose(back, array, rtol=1e-15)
    np.testing.assert_array_equal(theirs.data_from_theirs(theirs.data_to_theirs(X)), X)
    np.testing.assert_allclose(theirs.delta_from_theirs(theirs.delta_to_theirs(X)), X, rtol=1e-15)
    assert theirs.cost_from_theirs(theirs.cost_to_theirs(0.7, m), m) == pytest.approx(
        0.7, rel=1e-15
    )


@given(sizes=sizes)
def test_our_convention_is_what_a_network_holds(sizes):
    net = random_network(sizes)
    for got, array in zip(ours.to_theirs(net.params), net.params, strict=True):
        np.testing.assert_array_equal(got, array)
    assert ours.grads_to_theirs(net.params, 3)[0][0, 0] == net.params[0][0, 0]


@each_convention
@given(sizes=sizes)
def test_shapes_are_those_that_the_table_says(theirs, sizes):
    layers = theirs.to_theirs(random_network(sizes).params)
    matrices = layers[::2] if theirs.bias == "separate" else layers
    for W, (n_in, n_out) in zip(matrices, itertools.pairwise(sizes), strict=True):
        assert W.shape == eval(theirs.shape, {"n_in": n_in, "n_out": n_out})
    assert sum(array.size for array in layers) == mlp(sizes).theta.size


@each_convention
def test_what_is_returned_is_a_copy(theirs):
    net, X = random_network([2, 3, 1]), np.ones((2, 3))
    before = net.theta.copy()
    there = theirs.to_theirs(net.params)
    back = theirs.from_theirs(there)
    for array in (*there, theirs.data_to_theirs(X), theirs.data_from_theirs(X)):
        array[...] = 9
    np.testing.assert_array_equal(net.theta, before)
    np.testing.assert_array_equal(np.concatenate([a.ravel() for a in back]), before)
    assert (X == 1).all()


@each_convention
def test_float32_stays_float32(theirs):
    net = mlp([2, 3, 1], rng=0)
    there = theirs.grads_to_theirs(net.params, 4)
    assert {a.dtype for a in (*there, *theirs.grads_from_theirs(there, 4))} == {np.dtype("f4")}


# One entry, looked up by hand


def test_a_weight_is_found_where_each_source_says():
    """The weight from input 1 to unit 2 of the first layer, and the bias of unit 2, from 0."""
    W, b = np.arange(12.0).reshape(3, 4), np.array([20.0, 21, 22, 23])
    place = {
        ours: lambda p: (p[0][1, 2], p[1][2]),
        nielsen: lambda p: (p[0][2, 1], p[1][2, 0]),
        ucf: lambda p: (p[0][1 + 1, 2], p[0][0, 2]),
        hjorth_jensen: lambda p: (p[0][1, 2], p[1][2, 0]),
        hjorth_jensen_221: lambda p: (p[0][2, 1], p[1][2, 0]),
        ng: lambda p: (p[0][2, 1 + 1], p[0][2, 0]),
        cs231n: lambda p: (p[0][2, 1], p[1][2, 0]),
        ml_mastery: lambda p: (p[0][2, 1], p[0][2, -1]),
    }
    for theirs in CONVENTIONS:
        assert place[theirs](theirs.to_theirs([W, b])) == (W[1, 2], b[2]), theirs.name


# The table


def test_the_table_is_rectangular_and_starts_with_our_own_convention():
    header, *rows = rosetta()
    assert header == ["", *(c.name for c in CONVENTIONS)]
    assert header[1] == "this book"
    assert all(len(row) == len(header) and all(row) for row in rows)
    assert len({row[0] for row in rows}) == len(rows)
    for theirs in CONVENTIONS:
        assert list(theirs.words) == list(ours.words)


@pytest.mark.parametrize("label", ["their cost", "their δ", "their gradient"])
def test_the_factors_of_the_table_are_those_of_the_converters(label):
    row = next(row for row in rosetta() if row[0] == label)
    factor = {"as ours": 1, "m × ours": 7, "2m × ours": 14, "−m × ours": -7}
    ones = [np.ones((1, 1)), np.ones(1)]
    convert = {
        "their cost": lambda c: c.cost_to_theirs(1.0, 7),
        "their δ": lambda c: c.delta_to_theirs(np.ones((7, 2)))[0, 0],
        "their gradient": lambda c: c.grads_to_theirs(ones, 7)[0][0, 0],
    }[label]
    assert [factor[cell] for cell in row[1:]] == [convert(c) for c in CONVENTIONS]


# Lessons

W, b = np.ones((2, 3)), np.ones(3)
LESSONS = [
    (
        "flat",
        lambda: ng.to_theirs(np.ones(9)),
        TypeError,
        "a list [W1, b1, W2, b2, ...]; got ndarray",
    ),
    ("nothing", lambda: ng.to_theirs([]), ValueError, "[W1, b1, W2, b2, ...]; got a list of 0"),
    ("no b", lambda: ng.to_theirs([W]), ValueError, "got a list of 1"),
    (
        "b column",
        lambda: ng.to_theirs([W, b[:, None]]),
        ValueError,
        "vector (n_out,); got shape (3, 1)",
    ),
    ("b size", lambda: ng.to_theirs([W, b[:2]]), ValueError, "layer 1 has 3 units by its W, and 2"),
    (
        "W vector",
        lambda: ng.to_theirs([b, b]),
        ValueError,
        "(n_in, n_out), every n at least 1; got (3,)",
    ),
    ("empty", lambda: ng.to_theirs([W[:0], b]), ValueError, "every n at least 1; got (0, 3)"),
    (
        "layers",
        lambda: ng.to_theirs([W, b, W, b]),
        ValueError,
        "layer 2 takes 2 inputs, but layer 1 makes 3",
    ),
    (
        "nan",
        lambda: ng.to_theirs([W, np.nan * b]),
        ValueError,
        "array 1 must be finite; entry (0,) is nan",
    ),
    ("words", lambda: ng.to_theirs([["a"], b]), TypeError, "array 0 must hold numbers"),
    (
        "not turned",
        lambda: nielsen.from_theirs([W, np.ones((3, 1))]),
        ValueError,
        "2 units by its W, and 3",
        "(n_out, n_in) in the convention of Nielsen",
    ),
    (
        "b vector",
        lambda: nielsen.from_theirs([W, b[:2]]),
        ValueError,
        "a column (n_out, 1); got shape (2,)",
    ),
    ("b row", lambda: nielsen.from_theirs([W, np.ones((1, 2))]), ValueError, "got shape (1, 2)"),
    ("with b", lambda: ng.from_theirs([W, b]), ValueError, "(n_out, 1 + n_in)", "got (3,)"),
    (
        "only b",
        lambda: ng.from_theirs([np.ones((3, 1))]),
        ValueError,
        "(n_out, 1 + n_in)",
        "got (3, 1)",
    ),
    (
        "ng layers",
        lambda: ng.from_theirs([W, W[:, :2]]),
        ValueError,
        "layer 2 takes 1 inputs, but layer 1 makes 2",
    ),
    ("m", lambda: nielsen.grads_to_theirs([W, b], 0), ValueError, "m must be at least 1; got 0"),
    ("m half", lambda: ours.grads_from_theirs([W, b], 0.5), TypeError, "m must be an integer"),
    ("X vector", lambda: nielsen.data_to_theirs(b), ValueError, "X[np.newaxis, :]"),
    (
        "x vector",
        lambda: nielsen.data_from_theirs(b),
        ValueError,
        "(n, m); got (3,)",
        "X[:, np.newaxis]",
    ),
    ("row vector", lambda: ml_mastery.data_from_theirs(b), ValueError, "X[np.newaxis, :]"),
    ("delta", lambda: ng.delta_to_theirs(b), ValueError, "delta must be a matrix"),
    ("cost", lambda: ng.cost_to_theirs(np.nan, 2), ValueError, "C must be finite"),
    ("cost of none", lambda: ng.cost_from_theirs(1.0, 0), ValueError, "m must be at least 1"),
]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson[0])
def test_bad_input_is_met_with_a_lesson(lesson):
    _, mistake, error, *words = lesson
    with pytest.raises(error) as caught:
        mistake()
    assert type(caught.value) is error
    for word in words:
        assert word in str(caught.value)
