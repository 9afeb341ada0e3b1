"""The estimators: scikit-learn takes them for its own, and they train as this course does."""

import pickle
import subprocess
import sys
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import neural_network as theirs
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from coursenn import (
    SGD,
    Adagrad,
    Adam,
    RMSprop,
    binary_cross_entropy,
    clip_norm,
    cross_entropy,
    glorot,
    he,
    mlp,
    numeric_grad,
    one_hot,
    relative_error,
    relu,
    sigmoid,
    squared_error,
    tanh,
    train,
)
from coursenn.estimator import MLPClassifier, MLPRegressor

JUST = {"n_iter_no_change": np.inf}  # as many epochs as max_iter says, whatever the loss does
QUICK = {"max_iter": 30, "batch_size": 32, "learning_rate_init": 0.02}
UNFINISHED = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def clouds(m=60, n_classes=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.permutation(m) % n_classes
    return rng.normal(size=(m, 2)) + 3 * np.array([[0, 0], [0, 1], [1, 0]])[y], y


def curves(m=40, n_out=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (m, 2))
    Y = np.column_stack([np.sin((k + 1) * X[:, 0]) + k * X[:, 1] for k in range(n_out)])
    return X, Y if n_out > 1 else Y[:, 0]


# One of scikit-learn's


@UNFINISHED
@parametrize_with_checks(
    [
        MLPClassifier((8,), **QUICK),
        MLPClassifier((8,), **QUICK, early_stopping=True, validation_fraction=0.3),
        MLPRegressor((8,), **QUICK),
    ]
)
def test_scikit_learn_finds_nothing_to_object_to(estimator, check):
    check(estimator)


def test_it_works_at_the_end_of_a_pipeline():
    X, y = clouds(150)
    model = make_pipeline(StandardScaler(), MLPClassifier((8,), **QUICK, **JUST, random_state=0))
    assert cross_val_score(model, X * [0.001, 1000], y, cv=3).mean() > 0.85
    model.set_params(mlpclassifier__max_iter=1).fit(X, y)
    assert model[-1].n_iter_ == 1


def test_a_grid_search_finds_the_penalty_that_does_not_drown_the_data():
    X, y = clouds()
    model = MLPClassifier((8,), **QUICK, **JUST, random_state=0)
    search = GridSearchCV(model, {"alpha": [0.01, 100]}).fit(X, y)
    assert search.best_params_ == {"alpha": 0.01}
    assert search.best_estimator_.net_.l2 == 0.01


def test_regression_learns_curves():
    X, Y = curves(150)
    model = MLPRegressor((32,), "tanh", **{**QUICK, "max_iter": 100}, random_state=0, **JUST)
    assert cross_val_score(model, X, Y, cv=3).mean() > 0.98


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_add_up_and_the_largest_is_predicted(n_classes):
    X, labels = clouds(n_classes=n_classes)
    y = np.array(["wheat", "rye", "oats"])[labels]
    model = MLPClassifier((8,), **QUICK, **JUST, random_state=0).fit(X, y)
    P = model.predict_proba(X)
    assert model.classes_.tolist() == sorted(set(y))
    np.testing.assert_allclose(P.sum(axis=1), np.ones(60), rtol=1e-12)
    np.testing.assert_array_equal(model.predict(X), model.classes_[P.argmax(axis=1)])
    assert model.score(X, y) > 0.8


def test_the_names_of_a_tables_columns_are_kept_and_checked():
    X, y = clouds()
    table = pd.DataFrame(X, columns=["length", "width"])
    model = MLPClassifier((4,), **QUICK, **JUST).fit(table, y)
    assert model.feature_names_in_.tolist() == ["length", "width"]
    assert model.n_features_in_ == 2
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(table.rename(columns={"width": "mass"}))


def test_a_clone_has_the_parameters_and_nothing_learnt():
    X, y = clouds()
    model = MLPClassifier((4,), alpha=0.5, solver=SGD(0.2), **JUST, max_iter=2).fit(X, y)
    twin = clone(model)
    assert repr(twin.get_params()["alpha"]) == "0.5"
    assert twin.solver.lr == 0.2
    with pytest.raises(NotFittedError):
        twin.predict(X)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_pickled_model_predicts_and_goes_on_learning_the_same(solver):
    X, y = clouds()
    model = MLPClassifier((4,), **QUICK, **JUST, solver=solver, random_state=0).fit(X, y)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(X), model.predict_proba(X))
    model.partial_fit(X, y)
    np.testing.assert_array_equal(copy.partial_fit(X, y).net_.theta, model.net_.theta)


# What is trained is coursenn


def by_hand(X, Y, loss, f=tanh, init=glorot, lr=0.02):
    rng = np.random.default_rng(5)
    net = mlp([X.shape[1], 6, 4, Y.shape[1]], f, init, loss=loss, l2=0.01, rng=rng, dtype=X.dtype)
    losses = [epoch.loss for epoch in train(net, X, Y, Adam(lr), 7, batch_size=16, rng=rng)]
    return net, losses


HAND = {
    "alpha": 0.01,
    "learning_rate_init": 0.02,
    "max_iter": 7,
    "batch_size": 16,
    "random_state": 5,
}


@pytest.mark.parametrize("n_out", [1, 2, 3])
def test_a_regression_of_several_outputs_is_coursenn_by_hand(n_out):
    X, Y = curves(n_out=n_out)
    net, losses = by_hand(X, Y.reshape(40, n_out), squared_error)
    model = MLPRegressor((6, 4), "tanh", **HAND, **JUST).fit(X, Y)
    np.testing.assert_array_equal(model.net_.theta, net.theta)
    np.testing.assert_array_equal(model.predict(X).reshape(40, n_out), net.predict(X))
    assert model.loss_curve_ == losses
    assert model.n_iter_ == 7


@pytest.mark.parametrize(("n_classes", "loss"), [(2, binary_cross_entropy), (3, cross_entropy)])
@pytest.mark.parametrize(
    ("name", "f", "init"),
    [("relu", relu, he), ("logistic", sigmoid, glorot), ("tanh", tanh, glorot)],
)
def test_a_classifier_is_coursenn_by_hand(n_classes, loss, name, f, init):
    X, y = clouds(n_classes=n_classes)
    Y = one_hot(y, 3) if n_classes == 3 else y[:, np.newaxis]
    net, losses = by_hand(X, Y, loss, f, init)
    model = MLPClassifier((6, 4), name, **HAND, **JUST).fit(X, y)
    np.testing.assert_array_equal(model.net_.theta, net.theta)
    assert model.loss_curve_ == losses


def one_step(model, X, y):
    """Return the change of [W1, W2, ..., b1, b2, ...] in a step of size 1 on the whole of X."""
    before = [p.copy() for p in (*model.coefs_, *model.intercepts_)]
    model.partial_fit(X, y)
    return [b - p for b, p in zip(before, (*model.coefs_, *model.intercepts_), strict=True)]


STEP = {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False, "learning_rate_init": 1.0}


@pytest.mark.parametrize("n_out", [1, 2, 5])
def test_the_regressor_steps_along_the_gradient_of_its_loss(n_out):
    X, Y = curves(n_out=n_out)
    model = MLPRegressor((4,), "tanh", **STEP, alpha=0.3, random_state=0, max_iter=1, **JUST)
    net, columns = model.set_params(learning_rate_init=0.01).fit(X, Y).net_, Y.reshape(40, n_out)

    def loss(theta):
        W1, b1, W2, b2 = net.params
        A = np.tanh(X @ W1 + b1) @ W2 + b2
        penalty = 0.3 / 2 * (np.sum(W1**2) + np.sum(W2**2))
        return np.mean(np.sum((A - columns) ** 2, axis=1)) / 2 + penalty

    expected, value, before = numeric_grad(loss, net.theta), loss(net.theta), net.theta.copy()
    model.partial_fit(X, Y)
    assert relative_error((before - net.theta) / 0.01, expected) < 1e-7
    assert model.loss_curve_[-1] == pytest.approx(value, rel=1e-12)


# Beside scikit-learn's own


def same_start(ours, them, X, y):
    """Fit both for one epoch, then give them the weights of ours; warm starts go on from there."""
    ours.fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        them.fit(X, y)
    for p, q in zip(
        (*ours.coefs_, *ours.intercepts_), (*them.coefs_, *them.intercepts_), strict=True
    ):
        q[...] = p


@pytest.mark.parametrize("m", [20, 60])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_alpha_is_not_divided_by_the_rows_of_a_batch_as_scikit_learns_is(m, n_classes):
    X, y = clouds(m, n_classes)
    options = {**STEP, "max_iter": 1, "batch_size": m, "random_state": 0}
    ours = MLPClassifier((5,), "tanh", alpha=0.3, **options, **JUST)
    them = theirs.MLPClassifier((5,), "tanh", alpha=0.3 * m, **options)
    same_start(ours, them, X, y)
    for dp, dq in zip(one_step(ours, X, y), one_step(them, X, y), strict=True):
        assert relative_error(dp, dq) < 1e-12


@UNFINISHED
@pytest.mark.parametrize("n_classes", [2, 3])
def test_from_the_same_weights_both_descend_the_same_way_to_the_same_loss(n_classes):
    X, y = clouds(60, n_classes)
    options = {"solver": "sgd", "learning_rate_init": 0.5, "warm_start": True, "random_state": 0}
    ours = MLPClassifier((5,), "tanh", alpha=0.01, max_iter=1, **options, **JUST)
    them = theirs.MLPClassifier((5,), "tanh", alpha=0.6, max_iter=1, **options, **JUST)
    same_start(ours, them, X, y)
    ours.set_params(max_iter=1000).fit(X, y)
    them.set_params(max_iter=1000).fit(X, y)
    np.testing.assert_allclose(ours.loss_curve_[1:], them.loss_curve_[1:], rtol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(X), them.predict_proba(X), atol=1e-7)
    assert ours.loss_curve_[-2] - ours.loss_curve_[-1] < 1e-6  # it has arrived


@pytest.mark.parametrize("n_classes", [2, 3])
def test_without_hidden_layers_it_finds_the_one_minimum_of_logistic_regression(n_classes):
    X, y = clouds(60, n_classes)
    ours = MLPClassifier((), alpha=0.1, solver="sgd", learning_rate_init=0.2, max_iter=500, **JUST)
    them = LogisticRegression(C=1 / (60 * 0.1), tol=1e-10, max_iter=1000).fit(X, y)
    ours.fit(X, y)
    assert [W.shape for W in ours.coefs_] == [(2, 1 if n_classes == 2 else 3)]
    np.testing.assert_allclose(ours.predict_proba(X), them.predict_proba(X), atol=1e-5)


# When training stops


def test_early_stopping_waits_as_told_and_goes_back_to_the_best_weights():
    X, y = clouds(60)
    y = np.random.default_rng(1).permutation(y)  # nothing to learn: held-out loss must rise
    options = {"learning_rate_init": 0.05, "random_state": 3, "early_stopping": True, "tol": 0}
    model = MLPClassifier((30,), **options, n_iter_no_change=6, validation_fraction=0.25).fit(X, y)
    watched = model.validation_loss_curve_
    best = int(np.argmin(watched)) + 1
    assert model.n_iter_ == len(watched) == len(model.loss_curve_) == best + 6
    short = clone(model).set_params(max_iter=best, n_iter_no_change=np.inf).fit(X, y)
    np.testing.assert_array_equal(short.net_.theta, model.net_.theta)
    assert model.loss_curve_[-1] < model.loss_curve_[best - 1]  # training alone would go on


def test_early_stopping_restores_the_best_weights_when_max_iter_ends_it_too():
    X, y = clouds(60)
    y = np.random.default_rng(1).permutation(y)
    options = {"learning_rate_init": 0.05, "random_state": 3, "early_stopping": True}
    long = MLPClassifier((30,), **options, **JUST, max_iter=60).fit(X, y)
    best = int(np.argmin(long.validation_loss_curve_)) + 1
    assert best < 60
    short = clone(long).set_params(max_iter=best).fit(X, y)
    np.testing.assert_array_equal(short.net_.theta, long.net_.theta)


def test_early_stopping_holds_out_its_share_of_every_class_and_learns_from_the_rest(monkeypatch):
    seen = {}

    def spy(net, X, Y, *rest):
        seen.update(X=X, Y=Y)
        return train(net, X, Y, *rest)

    monkeypatch.setattr("coursenn.estimator.train", spy)
    X, y = clouds(60)
    options = {"early_stopping": True, "validation_fraction": 0.2, "max_iter": 1, "random_state": 0}
    model = MLPClassifier((4,), **options, **JUST).fit(X, y)
    assert seen["Y"].sum(axis=0).tolist() == [16, 16, 16]
    learnt = {tuple(row) for row in seen["X"]}
    held_out = np.array([tuple(row) not in learnt for row in X])
    assert held_out.sum() == 12
    loss = cross_entropy(model.net_(X[held_out]), one_hot(y[held_out], 3))
    assert model.validation_loss_curve_ == [pytest.approx(loss)]


def test_training_stops_when_the_loss_has_not_fallen_by_tol_for_a_while():
    X, y = clouds()
    model = MLPClassifier((4,), tol=10, n_iter_no_change=4, random_state=0).fit(X, y)
    assert model.n_iter_ == 5  # the first is the best so far; then four fall by less than 10
    assert model.validation_loss_curve_ == []


def test_a_training_cut_short_is_said_unless_asked_for():
    X, y = clouds()
    with pytest.warns(ConvergenceWarning, match="max_iter=3"):
        MLPClassifier((4,), max_iter=3).fit(X, y)
    assert MLPClassifier((4,), max_iter=3, **JUST).fit(X, y).n_iter_ == 3


@pytest.mark.parametrize("lr", [10, 1e300])  # the second is too much for the held-out rows alone
def test_training_that_diverges_says_so(lr):
    X, Y = curves()
    options = {"solver": "sgd", "early_stopping": True, "random_state": 0, "max_iter": 1000}
    model = MLPRegressor((), learning_rate_init=lr, **options, **JUST)
    with pytest.raises(FloatingPointError, match="Lower the learning rate"):
        model.fit(1000 * X if lr > 10 else X, Y)
    assert not np.isfinite(model.validation_loss_curve_[-1])


# Going on with what is learnt


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_calls_of_partial_fit_are_the_epochs_of_fit(solver):
    X, y = clouds()
    options = {"solver": solver, "batch_size": 16, "random_state": 2}
    model = MLPClassifier((4,), **options)
    for _ in range(6):
        model.partial_fit(X, y, classes=[0, 1, 2])
    whole = MLPClassifier((4,), **options, max_iter=6, **JUST).fit(X, y)
    np.testing.assert_array_equal(model.net_.theta, whole.net_.theta)
    assert model.loss_curve_ == whole.loss_curve_
    assert (model.n_iter_, whole.n_iter_) == (1, 6)


def test_partial_fit_of_a_regression_is_fit_too():
    X, Y = curves()
    model = MLPRegressor((4,), random_state=2).partial_fit(X, Y).partial_fit(X, Y)
    whole = MLPRegressor((4,), random_state=2, max_iter=2, **JUST).fit(X, Y)
    np.testing.assert_array_equal(model.net_.theta, whole.net_.theta)


def test_partial_fit_learns_classes_that_come_later():
    X, y = clouds(90)
    model = MLPClassifier((8,), learning_rate_init=0.02, random_state=0)
    for epoch in range(60):
        rows = y != epoch % 3
        model.partial_fit(X[rows], y[rows], classes=[2, 1, 0])
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.score(X, y) > 0.8


def test_partial_fit_follows_a_penalty_that_is_changed():
    X, y = clouds()
    model = MLPClassifier((4,), random_state=0).partial_fit(X, y, [0, 1, 2])
    assert model.set_params(alpha=3).partial_fit(X, y).net_.l2 == 3


def test_a_warm_start_goes_on_from_the_weights_and_a_cold_one_begins_again():
    X, y = clouds()
    options = {"max_iter": 20, "learning_rate_init": 0.02, "random_state": 0}
    cold = MLPClassifier((4,), **options, **JUST).fit(X, y)
    again = clone(cold).fit(X, y).fit(X, y)
    np.testing.assert_array_equal(again.net_.theta, cold.net_.theta)
    assert again.loss_curve_ == cold.loss_curve_

    warm = clone(cold).set_params(warm_start=True).fit(X, y)
    np.testing.assert_array_equal(warm.net_.theta, cold.net_.theta)
    at_20 = warm.net_.loss(warm.net_(X), one_hot(y, 3))
    warm.set_params(alpha=0.0).fit(X, y)
    assert warm.loss_curve_[20] == pytest.approx(at_20)  # one batch: the loss before the step
    assert (len(warm.loss_curve_), warm.n_iter_) == (40, 20)


def test_a_warm_start_with_a_seed_holds_out_the_same_rows():
    X, y = clouds()
    options = {"early_stopping": True, "warm_start": True, "random_state": 0, "max_iter": 1}
    model = MLPClassifier((4,), **options, **JUST, solver=SGD(1e-12)).fit(X, y).fit(X, y)
    first, second = model.validation_loss_curve_
    assert first == pytest.approx(second, rel=1e-9)


# What chance decides


@pytest.mark.parametrize(
    "make", [lambda: 7, lambda: np.random.default_rng(7), lambda: np.random.RandomState(7)]
)
def test_the_random_state_fixes_weights_held_out_rows_and_order(make):
    X, y = clouds()
    options = {"early_stopping": True, "batch_size": 8, "max_iter": 3}
    thetas = [
        MLPClassifier((4,), **options, **JUST, random_state=make()).fit(X, y).net_.theta
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*thetas)


def test_without_a_random_state_or_with_another_it_is_another_model():
    X, y = clouds()
    thetas = [
        MLPClassifier((4,), max_iter=1, **JUST, random_state=seed).fit(X, y).net_.theta
        for seed in (None, None, 1, 2)
    ]
    assert len({theta.tobytes() for theta in thetas}) == 4


def test_the_order_of_the_rows_changes_from_epoch_to_epoch_and_not_from_fit_to_fit(monkeypatch):
    orders = []

    class Watch(SGD):
        def update(self, theta, g, lr, *slots):
            orders.append(float(g @ g))

    X, y = clouds(32)
    model = MLPClassifier((4,), max_iter=2, batch_size=8, solver=Watch(), **JUST, random_state=0)
    model.fit(X, y).fit(X, y)
    assert orders[:8] == orders[8:]  # two fits, of two epochs of four batches
    assert set(orders[:4]).isdisjoint(orders[4:8])


# Parameters


@pytest.mark.parametrize(
    ("name", "expected"),
    [("sgd", SGD), ("adagrad", Adagrad), ("rmsprop", RMSprop), ("adam", Adam)],
)
def test_a_solver_is_an_optimizer_of_that_name(name, expected):
    X, y = clouds()
    model = MLPClassifier((4,), solver=name, learning_rate_init=0.03, max_iter=2, **JUST).fit(X, y)
    assert type(model.optimizer_) is expected
    assert (model.optimizer_.lr, model.optimizer_.t) == (0.03, 2)


def test_momentum_is_that_of_sgd():
    X, y = clouds()
    plain = MLPClassifier((4,), solver="sgd", momentum=0, max_iter=1, **JUST).fit(X, y)
    heavy = MLPClassifier((4,), solver="sgd", nesterovs_momentum=False, max_iter=1, **JUST)
    heavy.fit(X, y)
    assert (plain.optimizer_.momentum, plain.optimizer_.nesterov) == (0, False)
    assert (heavy.optimizer_.momentum, heavy.optimizer_.nesterov) == (0.9, False)
    assert clone(heavy).set_params(nesterovs_momentum=True).fit(X, y).optimizer_.nesterov


def test_a_solver_of_ones_own_is_copied_fresh_for_each_fit():
    X, y = clouds()
    solver = Adam(0.01, clip=clip_norm(1.0))
    model = MLPClassifier((4,), solver=solver, max_iter=3, **JUST).fit(X, y).fit(X, y)
    assert (solver.t, model.optimizer_.t) == (0, 3)
    assert model.optimizer_.clip is not None


def test_batches_have_200_rows_unless_told_otherwise():
    X, y = clouds(450)
    steps = {
        size: MLPClassifier((4,), batch_size=size, max_iter=1, **JUST).fit(X, y).optimizer_.t
        for size in ("auto", 100, 1000)
    }
    assert steps == {"auto": 3, 100: 5, 1000: 1}


@pytest.mark.parametrize("hidden", [5, (5,), [5], np.array([5])])
def test_one_hidden_layer_may_be_a_number(hidden):
    X, y = clouds()
    model = MLPClassifier(hidden, max_iter=1, **JUST).fit(X, y)
    assert [W.shape for W in model.coefs_] == [(2, 5), (5, 3)]
    assert [b.shape for b in model.intercepts_] == [(5,), (3,)]


def test_weights_that_are_changed_are_those_of_the_network():
    X, Y = curves(n_out=1)
    model = MLPRegressor((4,), max_iter=1, **JUST).fit(X, Y)
    model.coefs_[-1][...], model.intercepts_[-1][...] = 0, 2.5
    np.testing.assert_array_equal(model.predict(X), np.full(40, 2.5))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_trains_in_the_precision_of_the_data(dtype):
    X, Y = curves()
    model = MLPRegressor((4,), max_iter=1, **JUST).fit(X.astype(dtype), Y)
    assert model.net_.theta.dtype == model.predict(X).dtype == dtype


def test_verbose_shows_a_progress_bar(capfd):
    X, y = clouds()
    MLPClassifier((4,), max_iter=2, **JUST).fit(X, y)
    assert capfd.readouterr().err == ""
    MLPClassifier((4,), max_iter=2, **JUST, verbose=True).fit(X, y)
    assert "120/120" in capfd.readouterr().err.replace(".00", "")


# Bad input


@pytest.mark.parametrize(
    "bad",
    [
        {"alpha": -1},
        {"activation": "swish"},
        {"solver": "lbfgs"},
        {"solver": SGD},
        {"batch_size": 0},
        {"hidden_layer_sizes": 0},
        {"learning_rate_init": 0},
        {"momentum": 1},
        {"max_iter": 0},
        {"max_iter": 2.5},
        {"tol": -1e-9},
        {"n_iter_no_change": 0},
        {"validation_fraction": 1.0},
        {"validation_fraction": 0.0},
        {"early_stopping": "yes"},
        {"random_state": "seed"},
    ],
)
@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor()])
def test_a_bad_parameter_is_refused_in_scikit_learns_words(estimator, bad):
    X, y = clouds()
    name = next(iter(bad))
    model = clone(estimator).set_params(**bad)
    with pytest.raises(ValueError, match=f"The '{name}' parameter of {type(model).__name__} must"):
        model.fit(X, y)
    call = {"classes": [0, 1, 2]} if isinstance(model, MLPClassifier) else {}
    with pytest.raises(ValueError, match=f"The '{name}' parameter"):
        model.partial_fit(X, y, **call)


def test_a_layer_without_units_is_refused():
    with pytest.raises(ValueError, match=r"hidden_layer_sizes must be > 0, got \[5, 0\]"):
        MLPClassifier((5, 0)).fit(*clouds())


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1.0, np.nan], [2, 3]], [0, 1], "contains NaN"),
        ([1.0, 2], [0, 1], "Expected 2D array"),
        ([[1.0], [2], [3]], [0, 1], "inconsistent numbers of samples"),
        ([[1.0], [2]], [0.5, 1.7], "Unknown label type"),
        ([[1.0], [2]], [[0, 1], [1, 0]], "y should be a 1d array"),
        ([[1.0], [2]], [4, 4], "got one class"),
        ([[1.0], [2]], None, "requires y to be passed"),
    ],
)
def test_bad_data_for_a_classifier_is_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier((4,)).fit(X, y)


def test_sparse_data_are_refused():
    with pytest.raises(TypeError, match="dense data is required"):
        MLPClassifier((4,)).fit(sparse.eye_array(4).tocsr(), [0, 1, 0, 1])


def test_bad_targets_of_a_regression_are_refused():
    with pytest.raises(ValueError, match="contains infinity"):
        MLPRegressor((4,)).fit([[1.0], [2]], [0, np.inf])
    with pytest.raises(TypeError, match="Y must hold numbers"):
        MLPRegressor((4,)).fit([[1.0], [2]], ["a", "b"])


def test_rows_of_another_width_are_refused():
    X, y = clouds()
    model = MLPClassifier((4,), max_iter=1, **JUST).fit(X, y)
    with pytest.raises(ValueError, match="X has 1 features, but MLPClassifier is expecting 2"):
        model.predict(X[:, :1])
    with pytest.raises(ValueError, match="X has 1 features"):
        model.partial_fit(X[:, :1], y)


def test_labels_that_are_not_among_the_classes_are_refused():
    X, y = clouds()
    model = MLPClassifier((4,))
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        model.partial_fit(X, y)
    with pytest.raises(ValueError, match=r"y has labels \[2\] that are not among \[0 1\]"):
        model.partial_fit(X, y, classes=[0, 1])
    warm = MLPClassifier((4,), max_iter=1, warm_start=True, **JUST).fit(X[y < 2], y[y < 2])
    with pytest.raises(ValueError, match=r"y has labels \[2\]"):
        warm.fit(X, y)


@pytest.mark.parametrize("estimator", [MLPClassifier(), MLPRegressor()])
def test_predicting_before_fit_is_refused(estimator):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        estimator.predict([[1.0, 2.0]])
    assert not hasattr(estimator, "coefs_")


# Many at once


def a_search(n_jobs=None):
    """Return a search over four networks, whose score is sensitive to the last digits."""
    model = MLPClassifier((6,), max_iter=3, batch_size=16, **JUST, random_state=0)
    grid = {"alpha": [0, 0.1], "learning_rate_init": [0.001, 0.05]}
    return GridSearchCV(model, grid, cv=3, scoring="neg_log_loss", n_jobs=n_jobs)


@pytest.fixture(scope="module")
def expected():
    """The scores of the search in this process, one by one."""
    return a_search().fit(*clouds()).cv_results_["mean_test_score"]


def test_the_search_scores_its_networks_differently(expected):
    assert np.unique(expected.round(4)).size == 4


def test_a_search_on_several_cores_gives_the_same_numbers(expected):
    search = a_search(n_jobs=2).fit(*clouds())
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], expected, rtol=1e-12)


@pytest.mark.filterwarnings("default::ResourceWarning")  # the cluster's, while it closes
def test_a_search_on_a_dask_cluster_gives_the_same_numbers(expected):
    distributed = pytest.importorskip("dask.distributed")
    search = a_search()
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        with joblib.parallel_config(backend="dask"):
            search.fit(*clouds())
        workers = client.run(lambda: "coursenn.estimator" in __import__("sys").modules)
    assert len(workers) == 2
    assert any(workers.values())  # the work was done there
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], expected, rtol=1e-12)


# The module


def run_python(code):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_coursenn_loads_scikit_learn_only_with_this_module():
    code = "import sys, coursenn; before = 'sklearn' in sys.modules; import coursenn.estimator"
    assert run_python(code + "; print(before, 'sklearn' in sys.modules)").stdout == "False True\n"


def test_without_scikit_learn_it_says_what_to_install():
    code = "import sys; sys.modules['sklearn'] = None; from coursenn.estimator import MLPClassifier"
    last_line = run_python(code).stderr.strip().splitlines()[-1]
    assert last_line == (
        "ImportError: coursenn.estimator needs scikit-learn 1.7 or later: pip install scikit-learn"
    )
