"""Training: reproducible, honest about its loss, and loud when it diverges."""

import itertools
import sys

import numpy as np
import pandas as pd
import pytest

from coursenn import (
    SGD,
    Adam,
    BatchNorm,
    Dense,
    Distortion,
    Dropout,
    EarlyStopping,
    Epoch,
    Network,
    accuracy,
    batches,
    binary_cross_entropy,
    cosine,
    cross_entropy,
    load_digits,
    load_gates,
    mlp,
    one_hot,
    squared_error,
    tanh,
    train,
)


class Frozen:
    """An optimizer that never moves."""

    def step(self, theta, grad, checked=False):
        pass


def blobs(m=60, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, m)
    X = rng.normal(size=(m, 2)) + 3 * np.array([[0, 0], [0, 2], [2, 0]])[y]
    return X, y


# It learns


@pytest.mark.parametrize("seed", range(3))
def test_xor_is_learnt(seed):
    X, gates = load_gates()
    Y = gates["xor"][:, np.newaxis]
    net = mlp([2, 8, 1], tanh, loss=binary_cross_entropy, rng=seed)
    *_, last = train(net, X, Y, Adam(0.05), epochs=300, batch_size=4, rng=seed)
    assert last.loss < 0.01
    np.testing.assert_array_equal(net.predict(X) > 0.5, Y)


def test_three_clouds_are_told_apart():
    X, y = blobs()
    net = mlp([2, 8, 3], loss=cross_entropy, rng=0)
    losses = [e.loss for e in train(net, X, one_hot(y, 3), SGD(0.1, 0.9), epochs=20, rng=0)]
    assert losses[-1] < 0.2 < losses[0]
    assert accuracy(net(X), y) > 0.95


def test_a_line_is_found_to_all_digits():
    X = np.linspace(-1, 1, 20)[:, np.newaxis]
    net = mlp([1, 1], rng=0, dtype=np.float64)
    list(train(net, X, 3 * X - 2, SGD(0.3), epochs=200, batch_size=20, rng=0))
    np.testing.assert_allclose(net.theta, [3, -2], rtol=1e-6)


# It is reproducible


@pytest.mark.parametrize("make", [lambda: SGD(0.1, 0.9), lambda: Adam(cosine(0.01, 100))])
def test_one_seed_fixes_everything_bit_for_bit(make):
    def run(seed):
        rng, (X, y) = np.random.default_rng(seed), blobs()
        net = Network([Dense(2, 8, tanh), Dropout(0.2), Dense(8, 3)], cross_entropy, rng=rng)
        return [e.loss for e in train(net, X, one_hot(y, 3), make(), 5, 16, rng)], net.theta

    (losses, theta), (again, theta_again), (others, _) = run(0), run(0), run(1)
    assert losses == again
    np.testing.assert_array_equal(theta, theta_again)
    assert losses != others


def test_rows_come_in_a_new_order_in_every_epoch_with_their_targets():
    seen = []

    class Spy:
        theta = grad = np.zeros(1)

        def check(self, X, Y):
            return X, Y

        def loss_and_grad(self, X, Y, checked=False):
            np.testing.assert_array_equal(Y, 10 * X)
            seen.append(X.ravel().tolist())
            return 0.0

    X = np.arange(10.0)[:, np.newaxis]
    list(train(Spy(), X, 10 * X, Frozen(), epochs=3, batch_size=4, rng=0))
    assert [len(x) for x in seen] == [4, 4, 2] * 3
    epochs = [tuple(itertools.chain(*seen[i : i + 3])) for i in (0, 3, 6)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 3
    assert len(set(epochs)) == 3


def test_training_is_what_its_parts_written_out_do():
    X, y = blobs()
    Y = one_hot(y, 3)
    net, by_hand = (mlp([2, 4, 3], loss=cross_entropy, rng=0) for _ in range(2))
    list(train(net, X, Y, Adam(0.01), epochs=3, batch_size=16, rng=5))
    adam, rng = Adam(0.01), np.random.default_rng(5)
    for _ in range(3):
        for x, t in batches(X, Y, 16, rng):
            by_hand.loss_and_grad(x, t)
            adam.step(by_hand.theta, by_hand.grad)
    np.testing.assert_array_equal(net.theta, by_hand.theta)


# It learns from what augment makes of the inputs


def test_augment_changes_every_batch_anew_and_the_targets_stay():
    X, y = blobs()
    Y, before = one_hot(y, 3), X.copy()
    net, by_hand = (mlp([2, 4, 3], loss=cross_entropy, rng=0, dtype=np.float64) for _ in range(2))

    def jitter(X, rng):
        return X + 0.1 * rng.normal(size=X.shape)

    list(train(net, X, Y, Adam(0.01), epochs=3, batch_size=16, rng=5, augment=jitter))
    adam, rng = Adam(0.01), np.random.default_rng(5)
    for _ in range(3):
        for x, t in batches(X, Y, 16, rng):
            by_hand.loss_and_grad(jitter(x, rng), t)
            adam.step(by_hand.theta, by_hand.grad)
    np.testing.assert_array_equal(net.theta, by_hand.theta)
    np.testing.assert_array_equal(X, before)


def test_augment_that_writes_into_its_batch_leaves_the_data_alone():
    X, Y = np.ones((8, 1)), np.ones((8, 1))

    def wipe(X, rng):
        X[...] = 0
        return X

    list(train(mlp([1, 1], rng=0, dtype=np.float64), X, Y, SGD(), 2, rng=0, augment=wipe))
    assert (X == 1).all()


def test_augment_that_changes_nothing_changes_nothing():
    def run(augment):
        X, y = blobs()
        net = mlp([2, 4, 3], loss=cross_entropy, rng=0)
        list(train(net, X, one_hot(y, 3), Adam(), 3, rng=5, augment=augment))
        return net.theta

    np.testing.assert_array_equal(run(None), run(lambda X, rng: X))


def test_distorted_digits_are_learnt_reproducibly():
    def run():
        rng, (X, y) = np.random.default_rng(0), load_digits()
        net = mlp([64, 20, 10], loss=cross_entropy, rng=rng)
        distort = Distortion(shift=0.5, alpha=2, sigma=2)
        epochs = train(net, X, one_hot(y, 10), Adam(0.01), 10, 64, rng, augment=distort)
        return [e.loss for e in epochs], net.theta, accuracy(net(X), y)

    (losses, theta, score), (again, theta_again, _) = run(), run()
    assert losses == again
    np.testing.assert_array_equal(theta, theta_again)
    assert score > 0.9


def test_augment_may_return_another_dtype_and_the_networks_is_kept():
    X, seen = np.ones((4, 1), np.float32), []
    net = mlp([1, 1], rng=0)
    learn = net.loss_and_grad
    net.loss_and_grad = lambda x, y, checked: seen.append(x.dtype) or learn(x, y, checked)
    list(train(net, X, X, SGD(), 1, augment=lambda X, rng: X.astype(np.float64)))
    assert seen == [np.float32]


@pytest.mark.parametrize("augment", [lambda X, rng: X[:, :1], lambda X, rng: None])
def test_augment_must_return_inputs_like_those_it_takes(augment):
    X = np.ones((4, 2))
    with pytest.raises(ValueError, match=r"return inputs like those it takes, \(4, 2\); got \("):
        list(train(mlp([2, 1], rng=0), X, X[:, :1], SGD(), 1, augment=augment))


# What it reports


@pytest.mark.usefixtures("book_style")
def test_the_history_is_a_table_with_named_columns_that_plots_itself():
    X, y = blobs()
    net = mlp([2, 3], loss=cross_entropy, rng=0)
    history = pd.DataFrame(train(net, X, one_hot(y, 3), Adam(0.01), epochs=5, rng=0))
    assert history.columns.tolist() == ["number", "loss"]
    assert history["number"].tolist() == [1, 2, 3, 4, 5]
    assert history["loss"].is_monotonic_decreasing
    (line,) = history.plot(x="number", y="loss").lines
    np.testing.assert_array_equal(line.get_xydata(), history)


def test_the_loss_of_an_epoch_is_the_mean_over_rows_not_over_batches():
    X = np.arange(5.0)[:, np.newaxis]
    net = mlp([1, 1], rng=0, dtype=np.float64)
    (epoch,) = train(net, X, X, Frozen(), epochs=1, batch_size=2, rng=0)
    assert epoch.loss == pytest.approx(squared_error(net(X), X))


def test_epochs_are_numbered_from_one():
    X = np.ones((4, 1))
    epochs = list(train(mlp([1, 1], rng=0), X, X, SGD(), epochs=3))
    assert [e.number for e in epochs] == [1, 2, 3]
    assert all(isinstance(e, Epoch) for e in epochs)


def test_to_stop_early_is_to_break():
    X = np.ones((4, 1))
    net = mlp([1, 1], rng=0)
    for epoch in train(net, X, X, SGD(0.01), epochs=100):
        if epoch.number == 2:
            break
    theta = net.theta.copy()
    twin = mlp([1, 1], rng=0)
    list(train(twin, X, X, SGD(0.01), epochs=2))
    np.testing.assert_array_equal(theta, twin.theta)


def test_the_network_is_ready_for_use_after_each_epoch():
    X, y = blobs()
    net = mlp([2, 8, 3], loss=cross_entropy, rng=0)
    scores = [accuracy(net(X), y) for _ in train(net, X, one_hot(y, 3), Adam(0.05), 10, rng=0)]
    assert scores[0] < scores[-1]


def test_nothing_is_printed_unless_asked(capfd):
    X = np.ones((4, 1))
    list(train(mlp([1, 1], rng=0), X, X, SGD(), epochs=2))
    assert capfd.readouterr() == ("", "")


def test_a_progress_bar_goes_to_stderr_on_request(capsys):
    X = np.ones((4, 1))
    list(train(mlp([1, 1], rng=0), X, X, SGD(), epochs=2, progress=True))
    out, err = capsys.readouterr()
    assert out == ""
    assert "8.00/8.00" in err
    assert "loss=" in err


def test_the_bar_is_closed_when_the_loop_is_left_early(capsys):
    X = np.ones((4, 1))
    for _ in train(mlp([1, 1], rng=0), X, X, SGD(), epochs=2, progress=True):
        break
    assert capsys.readouterr().err.endswith("\n")


def test_a_bar_without_tqdm_says_what_to_install_at_the_call(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    X = np.ones((4, 1))
    with pytest.raises(ImportError, match="progress=True needs tqdm: pip install tqdm"):
        train(mlp([1, 1], rng=0), X, X, SGD(), epochs=2, progress=True)
    list(train(mlp([1, 1], rng=0), X, X, SGD(), epochs=2))


# When it diverges


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", [lambda: SGD(10.0), lambda: SGD(10.0, 0.9)])
def test_a_loss_that_is_not_finite_stops_training_with_advice(make, dtype):
    X = np.linspace(1, 254, 64)[:, np.newaxis]
    net = mlp([1, 3, 1], rng=0, dtype=dtype)
    net.layers[0].f = net.layers[1].f  # linear, so that nothing holds it back
    advice = r"in epoch \d+. Lower the learning rate, or scale the inputs: here X runs from"
    with pytest.raises(FloatingPointError, match=advice):
        list(train(net, X, X, make(), epochs=100, rng=0))


def test_the_epoch_that_diverged_is_named():
    class Model:
        theta = grad = np.zeros(1)
        calls = 0

        def check(self, X, Y):
            return np.asarray(X), np.asarray(Y)

        def loss_and_grad(self, X, Y, checked=False):
            self.calls += 1
            return np.inf if self.calls > 4 else 1.0

    X = np.array([[1.0], [254.0]])
    seen = []
    with pytest.raises(FloatingPointError) as caught:
        seen.extend(train(Model(), X, X, Frozen(), epochs=9, batch_size=1, rng=0))
    assert "the loss became inf in epoch 3. Lower the learning rate" in str(caught.value)


@pytest.mark.parametrize("make", [lambda: SGD(1e38), lambda: SGD(1e38, 0.9)])
def test_a_last_step_that_overflows_theta_is_not_passed_over(make):
    """The loss was finite, and no batch comes after it to show the damage."""
    X = np.full((1, 1), 1e3)
    net = mlp([1, 1], rng=0)
    with pytest.raises(FloatingPointError, match=r"theta is not finite in epoch 1. Lower the lear"):
        list(train(net, X, X + 1, make(), epochs=1))


def test_a_gradient_that_overflows_stops_training():
    class Steep:
        theta, grad = np.zeros(1), np.full(1, np.inf)

        def check(self, X, Y):
            return X, Y

        def loss_and_grad(self, X, Y, checked=False):
            return 1.0

    with pytest.raises(FloatingPointError, match="Lower the learning rate"):
        list(train(Steep(), np.ones((1, 1)), np.ones((1, 1)), SGD(), epochs=1))


# What it asks for


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be at least 1; got 0"),
        ({"epochs": 1.0}, TypeError, "epochs must be an integer; got 1.0"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1; got 0"),
        ({"batch_size": 2.5}, TypeError, "batch_size must be an integer"),
        ({"rng": -1}, ValueError, "non-negative"),
        ({"X": [[np.nan]] * 4}, ValueError, "X must be finite"),
        ({"Y": [[1.0]] * 3}, ValueError, "got 4 and 3"),
        ({"Y": [1.0] * 4}, ValueError, r"for one column, Y\[:, np.newaxis\]"),
        ({"optimizer": 0.1}, TypeError, r"optimizer must be an object such as SGD.*got 0.1"),
        ({"optimizer": SGD}, TypeError, r"such as SGD\(lr=0.1\), with step; got <class"),
        ({"augment": 2}, TypeError, r"augment must be a function of X and rng.*got 2"),
        ({"augment": Distortion}, TypeError, r"such as Distortion\(shift=2\); got <class"),
        ({"model": [1]}, TypeError, r"an object such as a Network, with check and .*got \[1\]"),
    ],
)
def test_arguments_are_checked_at_the_call_and_not_at_the_first_epoch(change, kind, message):
    arguments = {
        "model": mlp([1, 1], rng=0),
        "X": np.ones((4, 1)),
        "Y": np.ones((4, 1)),
        "optimizer": SGD(),
        "epochs": 1,
    }
    with pytest.raises(kind, match=message):
        train(**arguments | change)


def test_any_model_with_theta_grad_check_and_loss_and_grad_will_do():
    class Parabola:
        """C = ½ (theta - 3)², whatever the data."""

        def __init__(self):
            self.theta, self.grad = np.zeros(1), np.zeros(1)

        def check(self, X, Y):
            return np.asarray(X), np.asarray(Y)

        def loss_and_grad(self, X, Y, checked=False):
            self.grad[...] = self.theta - 3
            return float(0.5 * self.grad @ self.grad)

    model = Parabola()
    list(train(model, [[0]], [[0]], SGD(0.5), epochs=50))
    np.testing.assert_allclose(model.theta, 3)


# Early stopping


def scores(stop, values):
    return [stop.after(value) for value in values]


def test_patience_counts_scores_since_the_last_new_best():
    stop = EarlyStopping(mlp([2, 1], rng=0), patience=3)
    assert scores(stop, [5, 4, 4.5, 4, 3.9, 4, 4, 4]) == [False] * 7 + [True]
    assert (stop.best, stop.waited) == (3.9, 3)


def test_a_gain_within_tol_is_kept_but_does_not_restart_the_wait():
    net = mlp([2, 1], rng=0)
    stop = EarlyStopping(net, patience=2, tol=0.1)
    assert not stop.after(1.0)
    net.theta[...] = 7
    assert scores(stop, [0.95, 0.92]) == [False, True]
    net.theta[...] = 8
    stop.restore()
    assert (net.theta == 7).all()
    assert stop.best == 0.92


def test_the_best_parameters_come_back_with_what_batch_norm_remembers():
    net = Network([Dense(2, 2), BatchNorm(2), Dense(2, 1)], rng=0)
    stop, X = EarlyStopping(net), np.ones((1, 2))
    net.loss_and_grad(np.eye(2), np.ones((2, 1)))  # moves the averages
    stop.after(1.0)
    best = net(X)
    net.theta += 1
    net.state += 1
    stop.after(np.nan)
    stop.restore()
    np.testing.assert_array_equal(net(X), best)


def test_a_run_that_overfits_is_stopped_and_taken_back():
    """Twenty noisy rows and a hundred units: the held-out loss falls, then rises."""
    rng = np.random.default_rng(0)
    X, X_val = rng.uniform(-2, 2, (20, 1)), rng.uniform(-2, 2, (200, 1))
    Y, Y_val = (np.sin(2 * x) + 0.3 * rng.normal(size=x.shape) for x in (X, X_val))
    net = mlp([1, 100, 1], rng=0)
    stop, history = EarlyStopping(net, patience=30), []
    for _ in train(net, X, Y, Adam(0.02), epochs=2000, rng=0):
        history.append(net.loss(net(X_val), Y_val))
        if stop.after(history[-1]):
            break
    stop.restore()
    assert len(history) < 2000
    assert net.loss(net(X_val), Y_val) == min(history) == stop.best < history[-1]


@pytest.mark.parametrize("patience", [0, -1, 2.5, "many"])
def test_a_patience_that_is_no_count_is_refused(patience):
    with pytest.raises((TypeError, ValueError), match="patience must be"):
        EarlyStopping(mlp([2, 1]), patience)
