"""Optimizers: each against its paper, written out one number at a time."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursenn import SGD, Adam, cosine, optimizers

MAKERS = {
    "sgd": lambda lr=0.1: SGD(lr),
    "momentum": lambda lr=0.1: SGD(lr, momentum=0.9),
    "adam": lambda lr=0.1: Adam(lr),
}


def sgd_by_hand(theta, grads, lr, momentum):
    v = 0.0
    for t, g in enumerate(grads, start=1):
        v = momentum * v + g
        theta = theta - lr(t) * v
    return theta


def adam_by_hand(theta, grads, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Algorithm 1 of Kingma and Ba."""
    m = v = 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - lr(t) * m_hat / (math.sqrt(v_hat) + eps)
    return theta


def run(optimizer, theta, grads):
    for g in grads:
        optimizer.step(theta, g)
    return theta


SCHEDULES = {"constant": lambda t: 0.03, "cosine": cosine(0.1, 50, warmup=5, floor=0.01)}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(
    ("make", "by_hand"),
    [
        (lambda lr: SGD(lr), lambda *args: sgd_by_hand(*args, momentum=0)),
        (lambda lr: SGD(lr, 0.9), lambda *args: sgd_by_hand(*args, momentum=0.9)),
        (Adam, adam_by_hand),
        (
            lambda lr: Adam(lr, beta1=0.5, beta2=0.9, eps=1e-3),
            lambda *args: adam_by_hand(*args, beta1=0.5, beta2=0.9, eps=1e-3),
        ),
    ],
    ids=["sgd", "momentum", "adam", "adam with knobs"],
)
def test_fifty_steps_follow_the_paper(make, by_hand, schedule):
    lr = SCHEDULES[schedule]
    rng = np.random.default_rng(0)
    start, grads = rng.normal(size=7), rng.normal(size=(50, 7)) * 10.0 ** rng.integers(-6, 6, 7)
    theta = run(make(lr if schedule == "cosine" else lr(1)), start.copy(), grads)
    expected = [by_hand(start[i], grads[:, i].tolist(), lr) for i in range(7)]
    np.testing.assert_allclose(theta, expected, rtol=1e-12)


def test_momentum_sums_past_gradients_with_geometric_weights():
    theta = run(SGD(lr=1.0, momentum=0.5), np.zeros(1), [np.ones(1)] * 3)
    assert theta[0] == -(1 + 1.5 + 1.75)


@given(st.floats(1e-3, 1e3), st.sampled_from([-1, 1]))
def test_the_first_step_of_adam_has_length_lr_whatever_the_gradient(size, sign):
    theta = run(Adam(lr=0.1), np.zeros(1), [np.array([sign * size])])
    np.testing.assert_allclose(theta, -0.1 * sign, rtol=1e-4)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_updating_in_blocks_changes_nothing(make, monkeypatch):
    results = []
    for block in (7, 10**9):
        monkeypatch.setattr(optimizers, "BLOCK", block)
        grads = np.random.default_rng(0).normal(size=(5, 100))
        results.append(run(make(), np.ones(100), grads))
    np.testing.assert_array_equal(*results)


def test_time_is_counted_once_per_step_and_not_once_per_block(monkeypatch):
    monkeypatch.setattr(optimizers, "BLOCK", 2)
    seen = []
    optimizer = Adam(lr=lambda t: seen.append(t) or 0.1)
    run(optimizer, np.ones(10), np.ones((3, 10)))
    assert (optimizer.t, seen) == (3, [1, 2, 3])


@pytest.mark.parametrize("lr", [0.1, np.float64(0.1), lambda t: np.float64(0.1), lambda t: 1 / 10])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_theta_and_state_keep_the_dtype_and_the_same_numbers_come_out(make, dtype, lr):
    optimizer, theta = make(lr), np.ones(4, dtype)
    g = np.arange(4, dtype=dtype)
    run(optimizer, theta, [g] * 3)
    assert {theta.dtype, *(slot.dtype for slot in optimizer.state)} == {np.dtype(dtype)}
    np.testing.assert_array_equal(theta, run(make(0.1), np.ones(4, dtype), [g] * 3))


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_theta_moves_in_place_and_the_gradient_is_left_alone(make):
    theta, g = np.ones(3), np.arange(3.0)
    view = theta[:]
    make().step(theta, g)
    assert (view[1:] < 1).all()
    np.testing.assert_array_equal(g, [0, 1, 2])


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_nothing_moves_where_the_gradient_is_zero(make):
    theta = run(make(), np.ones(3), [np.array([1.0, 0.0, 0.0])] * 5)
    np.testing.assert_array_equal(theta[1:], [1, 1])


@pytest.mark.parametrize("make", [MAKERS["momentum"], MAKERS["adam"]], ids=["momentum", "adam"])
def test_state_is_kept_from_step_to_step(make):
    twice, g = make(), np.ones(3)
    theta = run(twice, np.zeros(3), [g, -0.5 * g])
    fresh = run(make(), run(make(), np.zeros(3), [g]), [-0.5 * g])
    assert not np.array_equal(theta, fresh)
    assert all(slot.any() for slot in twice.state)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_moves_nothing(make, bad):
    optimizer, theta = make(), np.ones(3)
    optimizer.step(theta, np.zeros(3))
    with pytest.raises(FloatingPointError, match=r"grad holds nan or inf. Lower the learning rate"):
        optimizer.step(theta, np.array([0, bad, 0]))
    np.testing.assert_array_equal(theta, 1)
    assert optimizer.t == 1


@pytest.mark.parametrize("make", [MAKERS["momentum"], MAKERS["adam"]], ids=["momentum", "adam"])
@pytest.mark.parametrize("other", [np.ones(4), np.ones(3, np.float32)], ids=["size", "dtype"])
def test_an_optimizer_belongs_to_the_theta_it_first_moved(make, other):
    optimizer = make()
    optimizer.step(np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match="make a new optimizer for each network"):
        optimizer.step(other, np.ones_like(other))


# Schedules


def test_cosine_rises_in_a_line_then_falls_to_its_floor_and_stays_there():
    lr = cosine(1.0, steps=110, warmup=10, floor=0.2)
    assert [lr(t) for t in (0, 1, 5, 10)] == pytest.approx([0, 0.1, 0.5, 1.0])
    assert lr(60) == pytest.approx(0.6)  # half way down
    assert lr(35) == pytest.approx(0.2 + 0.8 * (1 + math.sqrt(0.5)) / 2)
    assert lr(110) == lr(1000) == pytest.approx(0.2)
    rates = [lr(t) for t in range(10, 111)]
    assert rates == sorted(rates, reverse=True)


def test_cosine_without_warmup_starts_at_lr():
    lr = cosine(0.5, steps=10)
    assert (lr(0), lr(10)) == (0.5, 0)


def test_the_first_step_sees_t_equal_to_1():
    theta = np.zeros(1)
    SGD(lr=lambda t: {1: 0.25}[t]).step(theta, np.ones(1))
    assert theta[0] == -0.25


def test_the_base_class_has_no_formula():
    with pytest.raises(NotImplementedError):
        optimizers.Optimizer(0.1).step(np.ones(1), np.ones(1))


@pytest.mark.parametrize("make", [lambda: SGD(0.1, momentum=0.9), Adam], ids=["momentum", "adam"])
def test_state_that_fades_becomes_zero_before_it_becomes_subnormal_and_slow(make):
    theta, optimizer = np.ones(3, np.float32), make()
    optimizer.step(theta, np.ones(3, np.float32))
    smallest = np.finfo(np.float32).tiny
    for _ in range(1000):
        optimizer.step(theta, np.zeros(3, np.float32))
        fading = np.abs(optimizer.state[0])
        assert not np.any((fading > 0) & (fading < smallest))
    assert np.all(optimizer.state[0] == 0)
