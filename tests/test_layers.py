"""Layers on their own: what they compute, describe and refuse."""

import pickle

import numpy as np
import pytest

from coursenn import Dense, Dropout, Layer, Network, he, identity, relu, sigmoid
from coursenn.flat import flat_views


def bound(layer, dtype=np.float64):
    layer.bind(flat_views(layer.shapes, dtype)[1], flat_views(layer.shapes, dtype)[1])
    return layer


def test_dense_computes_f_of_x_times_w_plus_b():
    layer = bound(Dense(2, 3, relu))
    layer.W[...] = [[1, 2, 3], [4, 5, 6]]
    layer.b[...] = [0, 0, -100]
    expected = [[1 * 1 + 1 * 4, 2 + 5, 0]]
    np.testing.assert_array_equal(layer([[1, 1]]), expected)
    np.testing.assert_array_equal(layer.forward(np.ones((1, 2)), None), expected)


def test_dense_remembers_x_z_and_a_when_it_trains_and_nothing_when_it_predicts():
    layer = bound(Dense(2, 3, sigmoid))
    layer.reset(np.random.default_rng(0))
    layer(np.ones((1, 2)))
    assert not {"X", "Z", "A"} & set(vars(layer))
    X = np.ones((4, 2))
    A = layer.forward(X, None)
    np.testing.assert_array_equal(layer.Z, X @ layer.W + layer.b)
    np.testing.assert_array_equal(A, sigmoid(layer.Z))


def test_backward_assigns_and_never_adds_up():
    layer = bound(Dense(2, 3))
    layer.forward(np.ones((4, 2)), None)
    layer.backward(np.ones((4, 3)))
    first = layer.dW.copy(), layer.db.copy()
    layer.backward(np.ones((4, 3)))
    np.testing.assert_array_equal(layer.dW, first[0])
    np.testing.assert_array_equal(layer.db, first[1])
    np.testing.assert_array_equal(layer.db, [4, 4, 4])  # BP3: summed over rows


def test_biases_start_at_zero_and_weights_from_the_initializer():
    layer = bound(Dense(2, 3, init=lambda n_in, n_out, rng: np.full((n_in, n_out), 7)))
    layer.b[...] = 1
    layer.reset(np.random.default_rng(0))
    assert np.all(layer.W == 7)
    assert not layer.b.any()


def test_a_layer_outside_a_network_says_that_it_has_no_weights():
    with pytest.raises(RuntimeError, match=r"Dense\(2, 3\) has no weights yet: put it into a Net"):
        Dense(2, 3)(np.ones((1, 2)))


def test_layers_say_what_they_are():
    described = [Dense(2, 3), Dense(2, 3, relu), Dropout(0.25)]
    assert [repr(layer) for layer in described] == [
        "Dense(2, 3)",
        "Dense(2, 3, ReLU)",
        "Dropout(0.25)",
    ]


def test_a_pickled_layer_leaves_its_arrays_behind():
    net = Network([Dense(200, 300, relu, he)], rng=0)
    net.loss_and_grad(np.ones((50, 200)), np.ones((50, 300)))
    data = pickle.dumps(net.layers[0])
    assert len(data) < 1000
    assert not pickle.loads(data).bound


# Dropout


def test_dropout_does_nothing_when_it_predicts():
    X = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(Dropout(0.9)(X), X)


def test_p_is_the_probability_to_drop_and_survivors_are_scaled_up():
    kept = Dropout(0.2).forward(np.ones((300, 300)), np.random.default_rng(0))
    assert set(np.unique(kept)) == {0.0, 1 / 0.8}
    # 90,000 draws: the share dropped is known to 0.0013; three times that is allowed
    assert np.mean(kept == 0) == pytest.approx(0.2, abs=0.004)
    assert kept.mean() == pytest.approx(1, abs=0.005)


def test_dropout_passes_errors_where_it_passed_signals_and_scales_them_alike():
    layer, X = Dropout(0.5), np.ones((20, 20))
    A = layer.forward(X, np.random.default_rng(0))
    np.testing.assert_array_equal(layer.backward(X), A)


def test_dropout_draws_a_new_mask_each_time_from_the_generator_it_is_given():
    layer, X = Dropout(0.5), np.ones((20, 20))
    rng = np.random.default_rng(0)
    first, second = layer.forward(X, rng), layer.forward(X, rng)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(layer.forward(X, np.random.default_rng(0)), first)


def test_dropout_of_nothing_is_the_identity():
    X = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(Dropout(0).forward(X, np.random.default_rng(0)), X)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layer", [Dense(3, 2, sigmoid), Dropout(np.float64(0.3))], ids=repr)
def test_layers_keep_the_dtype(layer, dtype):
    layer = bound(pickle.loads(pickle.dumps(layer)), dtype)
    X, rng = np.ones((4, 3), dtype), np.random.default_rng(0)
    A = layer.forward(X, rng)
    assert {A.dtype, layer(X).dtype, layer.backward(A).dtype} == {np.dtype(dtype)}


def test_the_base_class_asks_for_the_three_methods():
    layer = Layer()
    for call in (
        lambda: layer([[1]]),
        lambda: layer.forward(None, None),
        lambda: layer.backward(None),
    ):
        with pytest.raises(NotImplementedError):
            call()


def test_f_and_init_are_checked_when_the_layer_is_made():
    with pytest.raises(
        TypeError, match=r"f must be an Activation, such as coursenn.relu; got 'relu'"
    ):
        Dense(2, 3, "relu")
    with pytest.raises(
        TypeError, match=r"init must be an initializer, such as coursenn.he; got 0.1"
    ):
        Dense(2, 3, identity, 0.1)
