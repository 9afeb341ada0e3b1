"""Optimizers: each against its paper, written out one number at a time."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursenn import SGD, Adagrad, Adam, AdamW, RMSprop, clip_norm, clip_value, optimizers
from coursenn.schedules import cosine, exponential, inverse_time, step_decay, warm_up

MAKERS = {
    "sgd": lambda lr=0.1: SGD(lr),
    "momentum": lambda lr=0.1: SGD(lr, momentum=0.9),
    "nesterov": lambda lr=0.1: SGD(lr, momentum=0.9, nesterov=True),
    "adagrad": lambda lr=0.1: Adagrad(lr),
    "adagrad with momentum": lambda lr=0.1: Adagrad(lr, momentum=0.9),
    "rmsprop": lambda lr=0.1: RMSprop(lr),
    "adam": lambda lr=0.1: Adam(lr),
    "adamw": lambda lr=0.1: AdamW(lr, decay=0),  # decay moves theta without a gradient
}


def sgd_by_hand(theta, grads, lr, momentum):
    v = 0.0
    for t, g in enumerate(grads, start=1):
        v = momentum * v + g
        theta = theta - lr(t) * v
    return theta


def adagrad_by_hand(theta, grads, lr, momentum=0.0, eps=1e-8):
    s = v = 0.0
    for t, g in enumerate(grads, start=1):
        s = s + g**2
        v = momentum * v + lr(t) * g / (math.sqrt(s) + eps)
        theta = theta - v
    return theta


def rmsprop_by_hand(theta, grads, lr, beta=0.9, eps=1e-8):
    s = 0.0
    for t, g in enumerate(grads, start=1):
        s = beta * s + (1 - beta) * g**2
        theta = theta - lr(t) * g / (math.sqrt(s) + eps)
    return theta


def adam_by_hand(theta, grads, lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0):
    """Algorithm 1 of Kingma and Ba; with decay, algorithm 2 of Loshchilov and Hutter."""
    m = v = 0.0
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        theta = theta - lr(t) * (m_hat / (math.sqrt(v_hat) + eps) + decay * theta)
    return theta


def run(optimizer, theta, grads):
    for g in grads:
        optimizer.step(theta, g)
    return theta


SCHEDULES = {"constant": lambda t: 0.03, "cosine": warm_up(cosine(0.1, 50, floor=0.01), 5)}


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
        (Adagrad, adagrad_by_hand),
        (
            lambda lr: Adagrad(lr, momentum=0.9),
            lambda *args: adagrad_by_hand(*args, momentum=0.9),
        ),
        (RMSprop, rmsprop_by_hand),
        (
            lambda lr: AdamW(lr, decay=0.3),
            lambda *args: adam_by_hand(*args, decay=0.3),
        ),
    ],
    ids=[
        *("sgd", "momentum", "adam", "adam with knobs", "adagrad", "adagrad with momentum"),
        *("rmsprop", "adamw"),
    ],
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
def test_updating_in_blocks_changes_nothing(make):
    results = []
    for block in (7, 10**9):
        optimizer = make()
        optimizer.block = block
        grads = np.random.default_rng(0).normal(size=(5, 100))
        results.append(run(optimizer, np.ones(100), grads))
    np.testing.assert_array_equal(*results)


def test_time_is_counted_once_per_step_and_not_once_per_block():
    seen = []
    optimizer = Adam(lr=lambda t: seen.append(t) or 0.1)
    optimizer.block = 2
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


def test_a_cosine_falls_to_its_floor_and_stays_there():
    lr = cosine(1.0, steps=100, floor=0.2)
    assert lr(50) == pytest.approx(0.6)
    assert lr(100) == lr(1000) == pytest.approx(0.2)
    assert all(lr(t) > lr(t + 1) for t in range(1, 100))


def test_schedules_at_chosen_steps():
    stairs = step_decay(0.8, factor=0.5, every=10)
    assert [stairs(t) for t in (1, 10, 11, 20, 21)] == [0.8, 0.8, 0.4, 0.4, 0.2]
    assert exponential(0.1, rate=0.5)(1) == 0.1
    assert exponential(0.1, rate=0.5)(3) == pytest.approx(0.1 / math.e)
    assert [inverse_time(0.6, rate=0.5)(t) for t in (1, 3, 7)] == [0.6, 0.3, 0.15]
    assert [warm_up(0.4, steps=4)(t) for t in (1, 2, 4, 9)] == [0.1, 0.2, 0.4, 0.4]
    assert warm_up(stairs, steps=20)(11) == pytest.approx(0.4 * 11 / 20)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: step_decay(0.1, factor=1, every=2), r"factor must be in \(0, 1\); got 1"),
        (lambda: step_decay(0, factor=0.5, every=2), "lr must be positive; got 0"),
        (lambda: step_decay(0.1, factor=0.5, every=0), "every must be at least 1"),
        (lambda: exponential(0.1, rate=-1), "rate must be positive; got -1"),
        (lambda: inverse_time(0.1, rate=0), "rate must be positive; got 0"),
        (lambda: warm_up(-1, 10), "lr must be positive; got -1"),
        (lambda: warm_up(0.1, 0), "steps must be at least 1"),
        (lambda: SGD(0.1, nesterov=True), "nesterov=True needs a momentum"),
        (lambda: AdamW(decay=-1), "decay must be at least 0; got -1"),
        (lambda: clip_norm(0), "limit must be positive; got 0"),
        (lambda: clip_value(math.nan), "limit must be finite"),
    ],
)
def test_knobs_out_of_range_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_nesterov_is_the_published_method_seen_from_where_the_gradient_is_taken():
    """Sutskever et al. 2013: v ← μv - lr ∇f(θ + μv), θ ← θ + v, on f = ½ Σ c θ²."""
    c, mu, lr = np.array([1.0, 10.0, 0.3]), 0.9, 0.05
    published, v = np.ones(3), np.zeros(3)
    ours, optimizer = np.ones(3), SGD(lr, momentum=mu, nesterov=True)
    for _ in range(50):
        np.testing.assert_allclose(ours, published + mu * v, rtol=1e-12, atol=1e-14)
        v = mu * v - lr * c * (published + mu * v)
        published = published + v
        optimizer.step(ours, c * ours)


def test_adagrad_keeps_one_sum_for_each_parameter():
    """A rate per row, or for all, would let the large gradient slow the small one."""
    theta = run(Adagrad(lr=1.0), np.zeros(2), [np.array([1e-3, 1e3])] * 4)
    np.testing.assert_allclose(theta, -sum(1 / math.sqrt(k) for k in range(1, 5)), rtol=1e-4)


def test_decay_of_adamw_does_not_go_through_the_mean_square():
    theta = run(AdamW(lr=0.1, decay=0.5), np.array([2.0]), [np.zeros(1)])
    assert theta[0] == pytest.approx(2.0 * (1 - 0.05))


@given(st.floats(0.1, 10), st.integers(0, 99))
def test_a_clipped_norm_keeps_the_direction(limit, seed):
    g = np.random.default_rng(seed).normal(size=5)
    clipped = clip_norm(limit)(g)
    np.testing.assert_allclose(np.linalg.norm(clipped), min(limit, np.linalg.norm(g)))
    np.testing.assert_allclose(clipped * np.linalg.norm(g), g * np.linalg.norm(clipped))


def test_clipping_comes_before_everything_else():
    g = np.array([3.0, -4.0])
    np.testing.assert_array_equal(clip_value(2.0)(g), [2, -2])
    np.testing.assert_allclose(run(SGD(1.0, clip=clip_norm(1.0)), np.zeros(2), [g]), [-0.6, 0.8])
    clipped = run(SGD(1.0, momentum=0.5, clip=clip_value(2.0)), np.zeros(2), [g, g])
    np.testing.assert_allclose(clipped, [-5, 5])
    np.testing.assert_array_equal(g, [3, -4])
    assert clip_norm(1.0)(g.astype(np.float32)).dtype == np.float32
    with pytest.raises(TypeError, match=r"clip must be a function, such as clip_norm\(1.0\)"):
        SGD(1.0, clip=1.0)


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


def test_a_weight_that_only_a_penalty_moves_becomes_zero_and_not_subnormal():
    theta, adam = np.full(3, 0.01, np.float32), Adam()
    smallest, seen = np.finfo(np.float32).tiny, set()
    for _ in range(100):
        for _ in range(16):
            adam.step(theta, np.float32(1e-4) * theta)
        size = np.abs(theta)
        assert not np.any((size > 0) & (size < smallest))
        seen |= {float(size.max())}
    assert theta.max() == 0
    assert len(seen) > 2  # it has been shrinking, step by step


def test_an_optimizer_can_be_pickled_with_its_schedule_and_its_clip():
    g = np.array([3.0, 4.0])
    for schedule in (cosine(0.1, 9), warm_up(exponential(0.1, 0.5), 3), step_decay(0.1, 0.5, 2)):
        for clip in (clip_norm(1.0), clip_value(1.0)):
            optimizer = SGD(schedule, momentum=0.9, clip=clip)
            run(optimizer, np.ones(2), [g])
            twin = pickle.loads(pickle.dumps(optimizer))
            np.testing.assert_array_equal(
                run(twin, np.ones(2), [g] * 3), run(optimizer, np.ones(2), [g] * 3)
            )
