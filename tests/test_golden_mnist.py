"""The classic 784-30-10 network on real MNIST, against the numbers in print.

Sigmoid in every layer, squared error, weights and biases from N(0, 1), batches of 10,
50,000 rows to train on, right answers counted among the 10,000 of the test: Nielsen, Neural
Networks and Deep Learning, chapter 1. His cost is the mean over rows of half the squared
error, as here, so that his learning rates are ours.

One seed, so that the file takes half a minute. Bands come from print and from the spread of
an independent reproduction, not from this run. Not every seed gives these numbers: some
start with a digit or two that no output answers to, and catch up late or never (of the 15
seeds of the reproduction one stayed at 86.15 %).
"""

import os

import numpy as np
import pytest

from coursenn import (
    SGD,
    DatasetError,
    Dense,
    Network,
    accuracy,
    load_mnist,
    normal,
    one_hot,
    sigmoid,
    squared_error,
    train,
)

SEED = 3


def mnist_or_skip():
    try:
        return load_mnist(validation=10_000)
    except DatasetError as error:
        if os.environ.get("CI") == "true" and os.environ.get("COURSENN_DATA"):
            raise  # there MNIST is promised, and a skip would hide that it is gone
        pytest.skip(f"MNIST is needed here, and could not be had: {error}")


@pytest.fixture(scope="module")
def mnist():
    return mnist_or_skip()


def right_answers(mnist, lr, epochs):
    """Return how many of the 10,000 test digits are right after each epoch."""
    (X, y), _, (X_test, y_test) = mnist
    rng = np.random.default_rng(SEED)
    layers = [Dense(784, 30, sigmoid, normal(1)), Dense(30, 10, sigmoid, normal(1))]
    net = Network(layers, squared_error, rng=rng)
    for b in net.params[1::2]:
        b[...] = rng.normal(size=b.shape)  # not our habit, but part of the classic
    run = train(net, X, one_hot(y, 10), SGD(lr), epochs, batch_size=10, rng=rng)
    return [round(10_000 * accuracy(net(X_test), y_test)) for _ in run]


def test_30_epochs_at_learning_rate_3_reach_about_95_percent(mnist):
    """In print 9129, 9295, 9348 ..., at best 9542; reproduced: 9500 to 9536 at best.

    The band for the best is the reproduction's, widened by its width of 36 on both sides,
    and further up by 6 to hold the best in print, which was the best of three runs. Early
    epochs: 10,000 answers, of which 9 in 10 are right, scatter by 30, and so do starts; a
    hundred around the number in print tells a run that learns all ten digits from one that
    misses any, which has at most 9,100.
    """
    right = right_answers(mnist, lr=3.0, epochs=30)
    assert 9464 <= max(right) <= 9578
    np.testing.assert_allclose(right[:3], [9129, 9295, 9348], atol=100)
    # reproduced: 9481 to 9531 at the end, widened by its width of 50 on both sides
    assert 9431 <= right[-1] <= 9581


def test_at_learning_rate_0_001_it_has_hardly_begun_after_five_epochs(mnist):
    """30 epochs, reproduced: from 765 to 2214; in print, with 100 hidden units, 1139 to 2142.

    So the first five of them lie between those ends, and rise. (How far it gets in 30
    depends on the seed: another one reached 2865.)
    """
    right = right_answers(mnist, lr=0.001, epochs=5)
    assert all(765 <= n <= 2214 for n in right)
    assert right == sorted(right)


def test_at_learning_rate_100_it_collapses(mnist):
    """Reproduced: 1009 after the first epoch, 898 after the last, a width of 111.

    The first epoch here is to be within that width of 1009. None is to be better than no
    network at all: the test holds 1135 ones, and always answering 1 has as many right.
    """
    right = right_answers(mnist, lr=100.0, epochs=3)
    assert right[0] == pytest.approx(1009, abs=111)
    assert max(right) <= 1135


def test_without_mnist_these_tests_are_skipped_with_advice_but_never_in_ci(monkeypatch):
    def missing(**options):
        raise DatasetError("no network")

    monkeypatch.setitem(globals(), "load_mnist", missing)
    monkeypatch.setenv("COURSENN_DATA", "somewhere")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(DatasetError):
        mnist_or_skip()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="could not be had: no network"):
        mnist_or_skip()
