"""The perceptron: what it computes, that it learns, and how often it may err."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursenn.perceptron import Perceptron, mcculloch_pitts, mistake_bound, train_perceptron

BITS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, OR, XOR = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), np.array([0, 1, 1, 0])


def separable_set(seed, m=30, n=2, gap=0.05):
    """Draw a plane (w, b), and points at least ``gap`` from it."""
    rng = np.random.default_rng(seed)
    w, b = rng.normal(size=n), 0.2 * rng.normal()
    X = rng.uniform(-1, 1, size=(20 * m, n))
    z = (X @ w + b) / np.linalg.norm(w)
    far = np.abs(z) >= gap
    return w, b, X[far][:m], (z[far] > 0).astype(int)[:m]


# What it computes


def test_mcculloch_pitts_units_compute_and_or_and_not():
    np.testing.assert_array_equal(mcculloch_pitts(BITS, threshold=2), AND)
    np.testing.assert_array_equal(mcculloch_pitts(BITS, threshold=1), OR)
    bit = np.array([[0], [1]])
    np.testing.assert_array_equal(mcculloch_pitts([[1], [1]], 1, inhibitory=bit), [1, 0])


def test_one_inhibitory_input_vetoes_any_excitation():
    assert mcculloch_pitts([[1, 1, 1, 1]], 1, inhibitory=[[0, 0, 1]]).tolist() == [0]
    assert mcculloch_pitts([[1, 1, 1, 1]], 1, inhibitory=[[0, 0, 0]]).tolist() == [1]


def test_gates_by_hand_compute_their_truth_tables():
    np.testing.assert_array_equal(Perceptron([1, 1], -1.5)(BITS), AND)
    np.testing.assert_array_equal(Perceptron([1, 1], -0.5)(BITS), OR)


def test_the_boundary_itself_counts_as_one():
    assert Perceptron([1.0], -1.0)([[1.0], [0.999]]).tolist() == [1, 0]


def test_answers_are_integers_of_shape_m():
    answers = Perceptron([1, 1])(np.ones((3, 2)))
    assert answers.shape == (3,)
    assert answers.dtype.kind == "i"


# How it learns


def test_a_mistake_moves_the_weights_by_the_input_and_the_bias_by_one():
    perceptron = Perceptron([0.0, 0.0])
    assert perceptron.learn([[2.0, -3.0]], [0]) == 1  # answered 1, should be 0
    assert (perceptron.w.tolist(), perceptron.b) == ([-2.0, 3.0], -1.0)
    assert perceptron.learn([[2.0, -3.0]], [1], lr=0.5) == 1  # answered 0, should be 1
    assert (perceptron.w.tolist(), perceptron.b) == ([-1.0, 1.5], -0.5)


def test_a_right_answer_changes_nothing():
    perceptron = Perceptron([1, 1], -1.5)
    assert perceptron.learn(BITS, AND) == 0
    assert (perceptron.w.tolist(), perceptron.b) == ([1.0, 1.0], -1.5)


def test_and_is_learnt_as_by_hand():
    """From zero, rows in the order of the truth table: worked out on paper."""
    perceptron = Perceptron([0, 0])
    mistakes = [perceptron.learn(BITS, AND) for _ in range(6)]
    assert mistakes == [2, 3, 3, 2, 1, 0]
    assert (perceptron.w.tolist(), perceptron.b) == ([2.0, 1.0], -3.0)


def test_the_callers_weights_are_not_changed():
    w = np.zeros(2)
    Perceptron(w).learn(BITS, AND)
    assert w.tolist() == [0, 0]


def test_training_ends_with_the_first_pass_without_mistakes():
    mistakes = list(train_perceptron(Perceptron([0, 0]), BITS, AND, epochs=100, rng=0))
    assert mistakes[-1] == 0
    assert 0 not in mistakes[:-1]
    assert len(mistakes) < 100


@pytest.mark.parametrize("seed", range(5))
def test_xor_is_never_learnt_and_at_most_three_rows_are_ever_right(seed):
    perceptron = Perceptron([0, 0])
    for mistakes in train_perceptron(perceptron, BITS, XOR, epochs=200, rng=seed):
        assert mistakes > 0
        assert np.sum(perceptron(BITS) == XOR) <= 3


def test_one_neuron_learns_14_of_the_16_functions_of_two_bits():
    tables = itertools.product([0, 1], repeat=4)
    runs = {t: list(train_perceptron(Perceptron([0, 0]), BITS, t, 50, rng=0)) for t in tables}
    assert [t for t, mistakes in runs.items() if mistakes[-1]] == [(0, 1, 1, 0), (1, 0, 0, 1)]


def test_the_same_seed_gives_the_same_training():
    _, _, X, y = separable_set(0)
    a, b = Perceptron([0, 0]), Perceptron([0, 0])
    assert list(train_perceptron(a, X, y, 50, rng=7)) == list(train_perceptron(b, X, y, 50, rng=7))
    assert (a.w.tolist(), a.b) == (b.w.tolist(), b.b)


def test_rows_are_shown_in_a_new_order_in_every_pass():
    orders = []

    class Spy(Perceptron):
        def learn(self, X, y, lr=1.0):
            orders.append(X.ravel().tolist())
            return 1

    list(train_perceptron(Spy([0]), np.arange(8.0)[:, np.newaxis], [0] * 8, epochs=3, rng=0))
    assert [sorted(order) for order in orders] == [list(range(8))] * 3
    assert len({tuple(order) for order in orders}) == 3


@given(seed=st.integers(0, 10**6), power=st.integers(-8, 8))
def test_from_zero_the_learning_rate_only_scales_what_is_learnt(seed, power):
    """Powers of two, which scale floats exactly."""
    _, _, X, y = separable_set(seed)
    one, other = Perceptron([0, 0]), Perceptron([0, 0])
    for _ in range(3):
        assert one.learn(X, y) == other.learn(X, y, lr=2.0**power)
    np.testing.assert_array_equal(other.w, one.w * 2.0**power)


# Novikoff's bound


@settings(max_examples=100)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 5), gap=st.floats(0.02, 0.3))
def test_mistakes_stay_within_novikoffs_bound(seed, n, gap):
    w, b, X, y = separable_set(seed, n=n, gap=gap)
    bound = mistake_bound(w, b, X, y)
    perceptron = Perceptron(np.zeros(n))
    mistakes = list(train_perceptron(perceptron, X, y, int(bound) + 1, rng=seed))
    assert mistakes[-1] == 0
    assert sum(mistakes) <= bound


def test_the_bound_is_r_squared_over_gamma_squared():
    """Points 2 and 0 on a line, plane x - 1 = 0: R² = 5, γ = 1/√2."""
    assert mistake_bound([1], -1, [[2], [0]], [1, 0]) == pytest.approx(10)


def test_the_bound_does_not_depend_on_the_length_of_w():
    w, b, X, y = separable_set(1)
    assert mistake_bound(3 * w, 3 * b, X, y) == pytest.approx(mistake_bound(w, b, X, y))


def test_a_plane_that_does_not_separate_has_no_bound():
    with pytest.raises(ValueError, match="1 of 4 rows"):
        mistake_bound([1, 1], -0.5, BITS, XOR)
    with pytest.raises(ValueError, match="1 of 2 rows"):  # on the boundary: no margin
        mistake_bound([1], 0, [[0], [-1]], [1, 0])


# Bad input

BAD = [
    (lambda: mcculloch_pitts([0, 1], 1), ValueError, "excitatory must be a matrix"),
    (lambda: mcculloch_pitts([[0, 2]], 1), ValueError, "0 and 1 only; got 2"),
    (lambda: mcculloch_pitts([[0, 1]], 1.5), TypeError, "threshold must be an integer"),
    (lambda: mcculloch_pitts([[0, 1]], -1), ValueError, "threshold must be at least 0"),
    (lambda: mcculloch_pitts([[0, 1]], 1, [[1], [0]]), ValueError, "got 1 and 2"),
    (lambda: Perceptron([[1, 1]]), ValueError, r"w must be a vector.*\(1, 2\)"),
    (lambda: Perceptron(0.5), ValueError, "w must be a vector"),
    (lambda: Perceptron([]), ValueError, "w is empty"),
    (lambda: Perceptron([1, np.nan]), ValueError, "w must be finite"),
    (lambda: Perceptron(["1"]), TypeError, "w must hold numbers"),
    (lambda: Perceptron([1j]), TypeError, "w must hold real numbers"),
    (lambda: Perceptron([1], "x"), TypeError, "b must be a real number; got 'x'"),
    (lambda: Perceptron([1], np.inf), ValueError, "b must be finite"),
    (lambda: Perceptron([1, 1])([[1, 2, 3]]), ValueError, r"\(m, 2\); got \(1, 3\)"),
    (lambda: Perceptron([1, 1])([1, 2]), ValueError, "must be a matrix"),
    (lambda: Perceptron([1, 1])([[1, np.inf]]), ValueError, "X must be finite"),
    (lambda: Perceptron([1, 1]).learn(BITS, [0, 1, 1]), ValueError, "got 4 and 3"),
    (lambda: Perceptron([1, 1]).learn(BITS, [0, 1, 2, 0]), ValueError, "from 0 to 1"),
    (lambda: Perceptron([1, 1]).learn(BITS, [-1, 1, 1, -1]), ValueError, "from 0 to 1"),
    (lambda: Perceptron([1, 1]).learn(BITS, [0.0, 1.0, 1.0, 0.0]), TypeError, "integer labels"),
    (lambda: Perceptron([1, 1]).learn(BITS, AND, lr=0), ValueError, "lr must be above 0"),
    (lambda: Perceptron([1, 1]).learn(BITS, AND, lr=None), TypeError, "lr must be a real number"),
    (lambda: train_perceptron(Perceptron([1]), BITS, AND, 5), ValueError, r"\(m, 1\)"),
    (lambda: train_perceptron(Perceptron([1, 1]), BITS, AND, 0), ValueError, "epochs"),
    (lambda: train_perceptron(Perceptron([1, 1]), BITS, AND, 2.5), TypeError, "epochs"),
    (lambda: train_perceptron(Perceptron([1, 1]), BITS, AND, 5, lr=-1), ValueError, "lr"),
    (lambda: mistake_bound([1, 1, 1], 0, BITS, AND), ValueError, r"\(m, 3\)"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_is_refused_with_a_reason(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_refused_examples_leave_the_weights_alone():
    perceptron = Perceptron([0, 0])
    with pytest.raises(ValueError, match="finite"):
        perceptron.learn([[1, 1], [np.nan, 0]], [0, 1])
    assert perceptron.w.tolist() == [0, 0]
