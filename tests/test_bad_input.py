"""Bad input: each is met where it is made, with what was got and what to do.

One row is one mistake: what is called, the exception, and words of its message. The last
tests hold the table complete: every public name of the package is in it, or is excused.
"""

import re

import numpy as np
import pytest

import coursenn as nn
from coursenn.activations import LeakyReLU
from coursenn.arrays import as_rows
from coursenn.perceptron import mistake_bound

nan, inf = np.nan, np.inf
RAGGED = [[1.0], [1.0, 2.0]]
WORDS = [["one", "two"]]
OBJECTS = np.array([[None, 1.0]], dtype=object)
COMPLEX = np.array([[1j, 2.0]])
CUBE = np.ones((4, 2, 2))
NONE = np.ones((0, 2))
X, Y = np.ones((4, 2)), np.eye(4)[:, :3]
LABELS = np.array([0, 1, 2, 0])
ONE_HOT = nn.one_hot(LABELS, 3)


def net(loss=nn.cross_entropy):
    return nn.mlp([2, 3], loss=loss, rng=0)


def fit(X=X, Y=ONE_HOT, **options):
    return nn.train(net(), X, Y, nn.SGD(), **{"epochs": 1} | options)


def perceptron():
    return nn.Perceptron([0.0, 0.0])


def step(theta, grad, make=nn.SGD):
    make().step(theta, grad)


def moved(theta):
    """Step an Adam that has moved three parameters of float64."""
    adam = nn.Adam()
    adam.step(np.ones(3), np.ones(3))
    adam.step(theta, theta)


T, V, F = TypeError, ValueError, FloatingPointError
ROWS = {
    # name: [(mistake, call, exception, words of the message, ...)]
    "activations": [
        ("words", lambda: nn.sigmoid("high"), T, "z must hold numbers", "<U4", ".astype(float)"),
        ("objects", lambda: nn.relu(OBJECTS), T, "z must hold numbers", "object"),
        ("ragged", lambda: nn.tanh(RAGGED), T, "z must be a rectangular array", "inhomogeneous"),
        ("none", lambda: nn.elu(None), T, "z must hold numbers", "object"),
        ("softplus words", lambda: nn.softplus(WORDS), T, "z must hold numbers"),
        ("heaviside words", lambda: nn.heaviside(WORDS), T, "z must hold numbers"),
        ("identity words", lambda: nn.identity(WORDS), T, "z must hold numbers"),
        ("leaky words", lambda: nn.leaky_relu(WORDS), T, "z must hold numbers"),
        ("slope", lambda: LeakyReLU(1.5), V, "slope must be in (0, 1); got 1.5"),
        ("slope a word", lambda: LeakyReLU("steep"), T, "slope must be a number; got 'steep'"),
    ],
    "losses": [
        ("columns", lambda: nn.squared_error(X, Y), V, "(4, 2) and (4, 3)", "one_hot(y, n_cl"),
        ("rows", lambda: nn.squared_error(X, X[:3]), V, "A and Y must have one row", "4 and 3"),
        ("vector", lambda: nn.squared_error([1, 2], [1, 2]), V, "A must be a matrix", "(2,)"),
        ("words", lambda: nn.squared_error(WORDS, WORDS), T, "A must hold numbers"),
        ("complex", lambda: nn.squared_error(COMPLEX, COMPLEX), T, "A must hold real numbers"),
        ("nan", lambda: nn.squared_error(X, X * nan), V, "Y must be finite", "(0, 0) is nan"),
        ("empty", lambda: nn.squared_error(NONE, NONE), V, "A is empty", "at least one row"),
        ("gradient", lambda: nn.squared_error.grad(X, Y), V, "(4, 2) and (4, 3)"),
        ("below 0", lambda: nn.binary_cross_entropy(X, -X), V, "in [0, 1]", "from -1 to -1"),
        ("above 1", lambda: nn.binary_cross_entropy(X, 2 * X), V, "in [0, 1]", "from 2 to 2"),
        ("classes", lambda: nn.cross_entropy(X, [[0, 1]] * 3 + [[1, 1]]), V, "row 3", "sum 2"),
        ("negative", lambda: nn.cross_entropy(X, [[2, -1]] * 4), V, "row 0", "from -1", "one_hot"),
        ("labels", lambda: nn.cross_entropy(X, LABELS), V, "Y must be a matrix", "got shape (4,)"),
    ],
    "softmax": [
        ("vector", lambda: nn.softmax([1.2, 0.3]), V, "Z must be a matrix", "Z[np.newaxis, :]"),
        ("inf", lambda: nn.softmax([[1, inf]]), V, "Z must be finite; entry (0, 1) is inf"),
        ("objects", lambda: nn.softmax(OBJECTS), T, "Z must hold numbers; got dtype object"),
        ("cube", lambda: nn.softmax(CUBE), V, "(4, 2, 2)", "Z.reshape(len(Z), -1)"),
    ],
    "initializers": [
        ("width 0", lambda: nn.normal(0), V, "std must be positive; got 0"),
        ("width nan", lambda: nn.uniform(nan), V, "eps must be finite; got nan"),
        ("a word", lambda: nn.normal("wide"), T, "std must be a number; got 'wide'"),
    ],
    "Dense": [
        ("no inputs", lambda: nn.Dense(0, 2), V, "n_in must be at least 1; got 0"),
        ("half a unit", lambda: nn.Dense(2, 2.5), T, "n_out must be an integer; got 2.5"),
        ("f by name", lambda: nn.Dense(2, 2, "relu"), T, "such as coursenn.relu; got 'relu'"),
        ("no init", lambda: nn.Dense(2, 2, nn.relu, 0.1), T, "such as coursenn.he; got 0.1"),
        ("columns", lambda: net().layers[0](CUBE[0][:, :1]), V, "shape (m, 2); got (2, 1)"),
        ("alone", lambda: nn.Dense(2, 2)(X), RuntimeError, "put it into a Network first"),
    ],
    "BatchNorm": [
        ("no columns", lambda: nn.BatchNorm(0), V, "n must be at least 1; got 0"),
        ("f", lambda: nn.BatchNorm(2, f=np.tanh), T, "f must be an Activation"),
    ],
    "Dropout": [
        ("all", lambda: nn.Dropout(1), V, "share of inputs dropped, in [0, 1); got 1"),
        ("a word", lambda: nn.Dropout("half"), T, "p must be a number; got 'half'"),
        ("vector", lambda: nn.Dropout()([1.0, 2.0]), V, "X must be a matrix", "(2,)"),
    ],
    "Network": [
        ("vector", lambda: net()([1.0, 2.0]), V, "X must be a matrix", "X[np.newaxis, :]"),
        ("columns", lambda: net()(Y), V, "X must have shape (m, 2); got (4, 3)"),
        ("nan", lambda: net()(X * nan), V, "X must be finite; entry (0, 0) is nan"),
        ("overflow", lambda: net()(X * 1e39), V, "X, converted to float32, must be finite"),
        ("empty", lambda: net()(NONE), V, "X is empty: shape (0, 2). Pass at least one row"),
        ("words", lambda: net()(WORDS), T, "X must hold numbers", ".astype(float)"),
        ("complex", lambda: net()(COMPLEX), T, "X must hold real numbers; got complex128"),
        ("ragged", lambda: net()(RAGGED), T, "X must be a rectangular array of numbers"),
        ("pictures", lambda: net()(CUBE), V, "Flatten each example first: X.reshape(len(X), -1)"),
        ("predict", lambda: net().predict(inf * X), V, "X must be finite; entry (0, 0) is inf"),
        ("rows", lambda: net().loss_and_grad(X, ONE_HOT[:3]), V, "X and Y", "got 4 and 3"),
        ("labels", lambda: net().loss_and_grad(X, LABELS), V, "(m, 3)", "(4,)", "one_hot(y, 3)"),
        ("targets", lambda: net().loss_and_grad(X, Y), V, "distribution", "row 3", "sum 0"),
        ("Y columns", lambda: net().check(X, X), V, "Y must have shape (m, 3); got (4, 2)"),
        ("Y ragged", lambda: net().check(X, RAGGED), T, "Y must be a rectangular array"),
        ("Y words", lambda: net().check(X, WORDS), T, "Y must hold numbers"),
        ("Y nan", lambda: net().check(X, ONE_HOT * nan), V, "Y must be finite"),
        ("loss", lambda: nn.Network([nn.Dense(2, 1)], "mse"), T, "coursenn.squared_error; got 'ms"),
        ("l1", lambda: nn.Network([nn.Dense(2, 1)], l1=-1), V, "l1 must be at least 0; got -1"),
        ("max_norm", lambda: nn.Network([nn.Dense(2, 1)], max_norm=0), V, "max_norm must be pos"),
        ("l2", lambda: nn.Network([nn.Dense(2, 1)], l2=-1), V, "l2 must be at least 0; got -1"),
        (
            "l2 word",
            lambda: nn.Network([nn.Dense(2, 1)], l2="x"),
            T,
            "l2 must be a number; got 'x'",
        ),
        (
            "dtype",
            lambda: nn.Network([nn.Dense(2, 1)], dtype=int),
            V,
            "float32 or float64",
            "int64",
        ),
        ("layers", lambda: nn.Network([nn.relu]), T, "such as Dense(3, 2); got ReLU"),
        ("one layer", lambda: nn.Network(nn.Dense(2, 1)), T, "a list of layers; got Dense(2, 1)"),
        ("misfit", lambda: nn.Network([nn.Dense(3, 4), nn.Dense(5, 2)]), V, "takes 5 inputs, but"),
        ("no file", lambda: nn.Network.load("nowhere.npz"), FileNotFoundError, "nowhere.npz"),
    ],
    "mlp": [
        ("one size", lambda: nn.mlp([3]), V, "at least inputs and outputs; got [3]"),
        ("a number", lambda: nn.mlp(3), T, "sizes must be a list", "[784, 30, 10]; got 3"),
        ("a word", lambda: nn.mlp([3, "many"]), T, "n_out must be an integer; got 'many'"),
    ],
    "optimizers": [
        ("a list", lambda: step([1.0], [1.0]), T, "theta must be a float vector", "got list"),
        ("integers", lambda: step(np.ones(3, int), np.ones(3)), T, "float vector", "int64"),
        ("matrix", lambda: step(X, X), T, "float vector", "shape (4, 2)"),
        ("sizes", lambda: step(np.ones(3), np.ones(4)), V, "grad must be like theta", "(4,)"),
        ("dtypes", lambda: step(np.ones(3), np.ones(3, "f4")), V, "like theta", "float32"),
        ("nan", lambda: step(np.ones(1), np.array([nan])), F, "nan or inf. Lower the learning"),
        ("adam inf", lambda: step(np.ones(1), np.array([inf]), nn.Adam), F, "scale the inputs"),
        ("two nets", lambda: moved(np.ones(4)), V, "has moved float64 of shape (3,)", "new opti"),
        ("lr 0", lambda: nn.SGD(0), V, "lr must be positive; got 0"),
        ("lr nan", lambda: nn.Adam(nan), V, "lr must be finite; got nan"),
        ("lr a word", lambda: nn.SGD("slow"), T, "lr must be a number; got 'slow'"),
        ("momentum", lambda: nn.SGD(0.1, 1.0), V, "momentum must be in [0, 1); got 1.0"),
        ("beta", lambda: nn.Adam(beta2=-0.1), V, "beta2 must be in [0, 1); got -0.1"),
        ("eps", lambda: nn.Adam(eps=0), V, "eps must be positive; got 0"),
    ],
    "cosine": [
        ("floor", lambda: nn.cosine(0.1, 10, floor=0.2), V, "above floor", "0.1 and 0.2"),
        ("no steps", lambda: nn.cosine(0.1, 0), V, "steps must be at least 1; got 0"),
        ("steps", lambda: nn.cosine(0.1, 1e3), T, "steps must be an integer; got 1000.0"),
    ],
    "numeric_grad": [
        ("list", lambda: nn.numeric_grad(lambda _: 0.0, [1.0]), T, "float64 array", "got list"),
        (
            "float32",
            lambda: nn.numeric_grad(lambda _: 0.0, np.ones(1, "f4")),
            T,
            "dtype=np.float64",
        ),
        ("nan", lambda: nn.numeric_grad(lambda _: 0.0, np.array([nan])), V, "theta must be finite"),
        (
            "h",
            lambda: nn.numeric_grad(lambda _: 0.0, np.ones(1), h=0),
            V,
            "h must be positive; got 0",
        ),
    ],
    "relative_error": [
        ("shapes", lambda: nn.relative_error([1.0], [1.0, 2]), V, "same shape; got (1,) and (2,)"),
        ("nan", lambda: nn.relative_error([nan], [1.0]), V, "a must be finite; entry (0,) is nan"),
        ("words", lambda: nn.relative_error([1.0], ["1"]), T, "b must hold numbers"),
    ],
    "train": [
        ("nan", lambda: fit(X * nan), V, "X must be finite"),
        ("rows", lambda: fit(Y=ONE_HOT[:2]), V, "got 4 and 2"),
        ("labels", lambda: fit(Y=LABELS), V, "one_hot(y, 3)"),
        ("epochs", lambda: fit(epochs=0), V, "epochs must be at least 1; got 0"),
        ("batch", lambda: fit(batch_size=1.5), T, "batch_size must be an integer; got 1.5"),
        ("no step", lambda: nn.train(net(), X, Y, 0.1, 1), T, "such as SGD(lr=0.1), with step"),
        ("augment", lambda: fit(augment=2), T, "function of X and rng", "Distortion(shift=2); got"),
    ],
    "Distortion": [
        ("shift", lambda: nn.Distortion(shift=-1), V, "shift must be at least 0; got -1"),
        ("rotate", lambda: nn.Distortion(rotate="a bit"), T, "rotate must be a number; got 'a b"),
        ("scale", lambda: nn.Distortion(scale=1), V, "scale must be below 1", "vanish; got 1"),
        ("sheared", lambda: nn.Distortion(shear=nan), V, "shear must be finite; got nan"),
        ("bent", lambda: nn.Distortion(alpha=-34), V, "alpha must be at least 0; got -34"),
        ("sigma", lambda: nn.Distortion(sigma=0), V, "sigma must be positive; got 0", "alpha=0"),
        ("share", lambda: nn.Distortion(share=0.5), T, "share must be an integer; got 0.5"),
        ("oblong", lambda: nn.Distortion()(Y, 0), V, "square image", "got 3, between 1² and 2²"),
        ("nan", lambda: nn.Distortion()(CUBE[0] * nan, 0), V, "X must be finite"),
        ("not flat", lambda: nn.Distortion()(CUBE, 0), V, "X.reshape(len(X), -1)"),
        ("complex", lambda: nn.Distortion()(COMPLEX, 0), T, "X must hold real numbers"),
        ("words", lambda: nn.Distortion()(WORDS, 0), T, "X must hold numbers"),
    ],
    "accuracy": [
        ("vector", lambda: nn.accuracy([0.1, 0.9], [0, 1]), V, "A must be a matrix", "(2,)"),
        ("one column", lambda: nn.accuracy(X[:, :1], LABELS), V, "at least 2; A has 1", ">= 0.5"),
        ("rows", lambda: nn.accuracy(Y, LABELS[:3]), V, "A and y must have one row", "4 and 3"),
        (
            "floats",
            lambda: nn.accuracy(Y, LABELS / 1),
            T,
            "integer labels; got float64",
            "astype(in",
        ),
        ("range", lambda: nn.accuracy(X, LABELS), V, "run from 0 to 1; got 0 to 2"),
        ("negative", lambda: nn.accuracy(Y, -LABELS), V, "run from 0 to 2; got -2 to 0"),
        ("nan", lambda: nn.accuracy(Y * nan, LABELS), V, "A must be finite"),
        ("one-hot y", lambda: nn.accuracy(Y, ONE_HOT.astype(int)), V, "vector of labels", "(4, 3)"),
    ],
    "one_hot": [
        ("floats", lambda: nn.one_hot([0.5], 2), T, "y must hold integer labels; got float64"),
        ("words", lambda: nn.one_hot(["cat"], 2), T, "must hold numbers; got dtype <U3"),
        ("range", lambda: nn.one_hot([0, 2], 2), V, "must run from 0 to 1; got 0 to 2"),
        ("negative", lambda: nn.one_hot([-1], 2), V, "must run from 0 to 1; got -1 to -1"),
        ("empty", lambda: nn.one_hot(np.array([], int), 2), V, "y is empty"),
        ("classes", lambda: nn.one_hot([0], 0), V, "n_classes must be at least 1; got 0"),
    ],
    "batches": [
        ("rows", lambda: nn.batches(X, X[:3], 2, 0), V, "one row per example each; got 4 and 3"),
        ("empty", lambda: nn.batches(NONE, NONE, 2, 0), V, "at least one row; got shape (0, 2)"),
        ("words", lambda: nn.batches(WORDS, WORDS, 2, 0), T, "X must hold numbers"),
        ("size", lambda: nn.batches(X, X, 0, 0), V, "size must be at least 1; got 0"),
    ],
    "split": [
        ("rows", lambda: nn.split(X, X[:3], 0.5, 0), V, "X and y must have one row", "4 and 3"),
        ("ragged", lambda: nn.split(RAGGED, X[:2], 0.5, 0), T, "X must be a rectangular array"),
        ("share", lambda: nn.split(X, X, 1.0, 0), V, "rows in both parts", "got 1.0 of 4 rows"),
    ],
    "mcculloch_pitts": [
        ("not bits", lambda: nn.mcculloch_pitts([[0, 2]], 1), V, "0 and 1 only; got 2"),
        ("vector", lambda: nn.mcculloch_pitts([0, 1], 1), V, "excitatory must be a matrix"),
        ("rows", lambda: nn.mcculloch_pitts([[1]], 1, [[0], [1]]), V, "got 1 and 2"),
        ("threshold", lambda: nn.mcculloch_pitts([[1]], 0.5), T, "threshold must be an integer"),
    ],
    "Perceptron": [
        ("matrix w", lambda: nn.Perceptron(X), V, "w must be a vector of weights", "(4, 2)"),
        ("nan w", lambda: nn.Perceptron([nan]), V, "w must be finite"),
        ("words w", lambda: nn.Perceptron(["1"]), T, "w must hold numbers"),
        ("columns", lambda: perceptron()(Y), V, "X must have shape (m, 2); got (4, 3)"),
        ("labels", lambda: perceptron().learn(X, [0, 1, 2, 0]), V, "from 0 to 1; got 0 to 2"),
        ("rows", lambda: perceptron().learn(X, [0, 1]), V, "X and y must", "got 4 and 2"),
        ("lr", lambda: perceptron().learn(X, [0, 1, 1, 0], lr=0), V, "lr must be above 0; got 0"),
        (
            "bound",
            lambda: mistake_bound([1, 1], 0, X, [0] * 4),
            V,
            "separate the classes",
            "4 of 4",
        ),
    ],
    "train_perceptron": [
        ("floats", lambda: nn.train_perceptron(perceptron(), X, [0.0] * 4, 1), T, "integer labels"),
        ("inf", lambda: nn.train_perceptron(perceptron(), X * inf, [0] * 4, 1), V, "X must be fin"),
        (
            "epochs",
            lambda: nn.train_perceptron(perceptron(), X, [0] * 4, 0),
            V,
            "at least 1; got 0",
        ),
    ],
    "load_mnist": [
        ("dtype", lambda: nn.load_mnist("int8"), V, "float32, float64 or uint8; got int8"),
        ("too many", lambda: nn.load_mnist(validation=60_000), V, "below the 60,000", "got 60000"),
    ],
    "load_digits": [
        ("dtype", lambda: nn.load_digits("f2"), V, "float32, float64 or uint8; got float16"),
    ],
    "rows": [
        ("number", lambda: as_rows(3.0), V, "X must have at least one row; got shape ()"),
    ],
}
TABLE = [(f"{name}: {row[0]}", *row[1:3], row[3:]) for name, rows in ROWS.items() for row in rows]

# Public names that stand in the table under another one, or that take nothing to get wrong
UNDER = {
    "activations": {"elu", "heaviside", "identity", "leaky_relu", "relu", "sigmoid", "softplus"}
    | {"tanh", "ACTIVATIONS"},
    "losses": {"squared_error", "binary_cross_entropy", "cross_entropy", "LOSSES"}
    | {"absolute_error", "hinge"},
    "initializers": {"normal", "uniform", "sparse"},
    "optimizers": {"SGD", "Adagrad", "RMSprop", "Adam", "AdamW"},
}
TAKE_NO_ARRAYS = {
    "clip_norm",  # the functions that these make get their arrays from an optimizer
    "clip_value",
    "step_decay",
    "exponential",
    "inverse_time",
    "warm_up",
    "EarlyStopping",
    "glorot",  # (n_in, n_out, rng), called by Dense, which checks them
    "he",
    "lecun",
    "zeros",
    "load_gates",
    "load_wheat_seeds",
    "DatasetError",
    "ModelFileError",
    "Epoch",
    "Layer",
}


@pytest.mark.parametrize(("name", "call", "kind", "words"), TABLE, ids=[row[0] for row in TABLE])
def test_bad_input_is_refused_with_a_short_lesson(name, call, kind, words):
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    for word in words:
        assert re.search(re.escape(word), str(caught.value)), f"{word!r} is not in: {caught.value}"


def test_the_table_tries_at_least_sixty_mistakes():
    assert len(TABLE) >= 60
    assert len({row[0] for row in TABLE}) == len(TABLE)


def test_every_public_name_is_in_the_table_or_takes_no_arrays():
    covered = set(ROWS) | TAKE_NO_ARRAYS | set().union(*UNDER.values())
    assert set(nn.__all__) - covered == set()
    assert covered - set(nn.__all__) == {
        "activations",
        "losses",
        "initializers",
        "optimizers",
        "rows",
    }


def test_every_activation_and_loss_refuses_what_is_not_numbers():
    for f in nn.ACTIVATIONS.values():
        with pytest.raises(TypeError, match="z must hold numbers"):
            f(WORDS)
    for loss in nn.LOSSES.values():
        for call in (loss, loss.grad):
            with pytest.raises(TypeError, match="A must hold numbers"):
                call(WORDS, WORDS)


def test_what_was_refused_left_nothing_changed():
    model = net()
    theta, grad = model.theta.copy(), model.grad.copy()
    for bad in (X * nan, Y, WORDS, NONE):
        with pytest.raises((TypeError, ValueError)):
            model.loss_and_grad(bad, ONE_HOT)
    np.testing.assert_array_equal(model.theta, theta)
    np.testing.assert_array_equal(model.grad, grad)
