"""Augmentation: images moved, turned and bent as the formulas say, and reproducibly."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from coursenn import Distortion, load_digits
from coursenn.augment import affine, elastic, warp

SIDES = st.integers(1, 12)
SEEDS = st.integers(0, 2**32 - 1)
EVERYTHING = {"shift": 2, "rotate": 20, "scale": 0.2, "shear": 0.2, "alpha": 30}


def images(m=5, side=9, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).random((m, side * side)).astype(dtype)


def as_pictures(X):
    side = round(X.shape[1] ** 0.5)
    return X.reshape(-1, side, side)


def blob(side=28):
    """Return a smooth spot of ink near the middle, with empty paper around it."""
    r, c = np.indices((side, side)) - side / 2
    return np.exp(-(r**2 + 2 * (c - 1) ** 2) / 8).reshape(1, -1)


def map_coordinates(X, field):
    """What SciPy makes of it, with an endless 0 around each image."""
    at = np.indices(field.shape[1:]) + field
    return np.array(
        [ndimage.map_coordinates(x, at, order=1, mode="grid-constant") for x in as_pictures(X)]
    ).reshape(X.shape)


# Following a field


@given(SIDES, SEEDS)
def test_no_displacement_returns_the_same_image(side, seed):
    X = images(3, side, seed)
    np.testing.assert_array_equal(warp(X, np.zeros((2, side, side))), X)
    np.testing.assert_array_equal(warp(X, affine(side)), X)
    np.testing.assert_array_equal(Distortion()(X, seed), X)


@given(SIDES, st.integers(-14, 14), st.integers(-14, 14))
def test_a_whole_shift_moves_pixels_unchanged_and_lets_paper_in(side, down, right):
    X = images(2, side)
    moved = warp(X, affine(side, shift=(down, right)))
    wide = np.pad(as_pictures(X), ((0, 0), (15, 15), (15, 15)))
    rows, columns = (slice(15 - by, 15 - by + side) for by in (down, right))
    np.testing.assert_array_equal(as_pictures(moved), wide[:, rows, columns])


def test_half_a_pixel_is_the_mean_of_two():
    X = np.array([[0.0, 0, 0], [4, 8, 2], [0, 0, 0]]).reshape(1, -1)
    moved = warp(X, affine(3, shift=(0, 0.5)))
    np.testing.assert_allclose(as_pictures(moved)[0, 1], [2, 6, 5])  # a 2 half gone over the edge


@given(SIDES, SEEDS, st.floats(0, 20))
def test_any_field_gives_what_scipy_interpolates(side, seed, size):
    X, rng = images(2, side, seed), np.random.default_rng(seed)
    field = size * rng.normal(size=(2, side, side))
    np.testing.assert_allclose(warp(X, field), map_coordinates(X, field), atol=1e-12)


def test_each_pixel_follows_the_formula_written_out():
    X, field = images(1, 6), np.random.default_rng(1).normal(size=(2, 6, 6))
    picture = as_pictures(X)[0]
    expected = np.zeros((6, 6))
    for r, c in np.ndindex(6, 6):
        v, u = r + field[0, r, c], c + field[1, r, c]
        for i, j in np.ndindex(6, 6):
            expected[r, c] += picture[i, j] * max(0, 1 - abs(v - i)) * max(0, 1 - abs(u - j))
    np.testing.assert_allclose(as_pictures(warp(X, field))[0], expected, atol=1e-12)


@given(SEEDS)
def test_it_is_linear_in_the_image(seed):
    X, Z, field = images(3, 8, 0), images(3, 8, 1), elastic(8, 20, 2, seed)
    together = warp(2 * X - 3 * Z, field)
    np.testing.assert_allclose(together, 2 * warp(X, field) - 3 * warp(Z, field), atol=1e-12)


@given(SEEDS)
def test_no_pixel_gets_darker_than_the_darkest_or_lighter_than_paper(seed):
    X = images(4, 8, seed)
    new = Distortion(**EVERYTHING, share=1)(X, seed)
    assert new.min() >= 0
    assert new.max() <= X.max() + 1e-12


def test_the_ends_of_the_world_are_paper():
    X, far = images(2, 4), np.full((2, 4, 4), 1e300)
    for field in (far, -far, np.stack([far[0], -far[1]])):
        np.testing.assert_array_equal(warp(X, field), 0)


# Affine maps


@pytest.mark.parametrize("side", [1, 2, 7, 28])
@pytest.mark.parametrize("turns", [-1, 1, 2, 3])
def test_quarter_turns_are_those_of_rot90(side, turns):
    X = images(3, side)
    turned = as_pictures(warp(X, affine(side, rotate=90 * turns)))
    np.testing.assert_allclose(turned, np.rot90(as_pictures(X), turns, axes=(1, 2)), atol=1e-12)


@pytest.mark.parametrize("degrees", [-170, -15, 7.5, 45, 100])
@pytest.mark.parametrize("side", [8, 13, 28])
def test_a_turn_is_that_of_scipy(side, degrees):
    X = images(4, side)
    turned = as_pictures(warp(X, affine(side, rotate=degrees)))
    for new, old in zip(turned, as_pictures(X), strict=True):
        expected = ndimage.rotate(old, degrees, reshape=False, order=1, mode="grid-constant")
        np.testing.assert_allclose(new, expected, atol=1e-6)


@given(
    st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    st.floats(-180, 180),
    st.tuples(st.floats(0.5, 2), st.floats(0.5, 2)),
    st.floats(-1, 1),
)
def test_an_affine_map_is_that_of_scipy(shift, rotate, scale, shear):
    X, side, a = images(1, 9), 9, np.radians(rotate)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    back = np.linalg.inv(turn @ [[1, 0], [-shear, 1]] @ np.diag(scale))
    offset = 4 - back @ (np.array(shift) + 4)
    expected = ndimage.affine_transform(
        as_pictures(X)[0], back, offset, order=1, mode="grid-constant"
    )
    new = warp(X, affine(side, shift, rotate, scale, shear))
    np.testing.assert_allclose(as_pictures(new)[0], expected, atol=1e-6)


def spread(picture):
    """Return the mean place of the ink, and its covariance, over rows and columns."""
    at = np.stack([g.ravel() for g in np.indices(picture.shape)])
    weights = picture.ravel() / picture.sum()
    mean = at @ weights
    return mean, (at - mean[:, np.newaxis]) * weights @ (at - mean[:, np.newaxis]).T


@pytest.mark.parametrize(
    ("knobs", "A"),
    [
        ({"scale": (2, 1)}, [[2, 0], [0, 1]]),
        ({"scale": (1, 1.5)}, [[1, 0], [0, 1.5]]),
        ({"shear": 0.5}, [[1, 0], [-0.5, 1]]),  # what is above goes right
        ({"rotate": 90}, [[0, -1], [1, 0]]),  # what is on the right goes up
        ({"shear": 0.5, "scale": (2, 1)}, [[2, 0], [-1, 1]]),  # scaled first
        ({"shear": 0.5, "rotate": 90}, [[0.5, -1], [1, 0]]),  # slanted before it is turned
    ],
)
def test_ink_is_moved_as_the_matrix_says(knobs, A):
    """A spot of covariance S at p becomes one of A S Aᵀ at A p, both from the centre."""
    A, X, middle = np.array(A), blob(41), 20
    mean, S = spread(as_pictures(X)[0])
    new_mean, new_S = spread(as_pictures(warp(X, affine(41, shift=(3, -2), **knobs)))[0])
    np.testing.assert_allclose(new_mean - middle, A @ (mean - middle) + [3, -2], atol=0.02)
    np.testing.assert_allclose(new_S, A @ S @ A.T, atol=0.6)  # interpolation blurs a little


@pytest.mark.parametrize("knobs", [{"shift": (2.3, -1.7)}, {"rotate": 33}, {"shear": 0.4}])
def test_ink_is_neither_made_nor_lost(knobs):
    X = blob()
    assert warp(X, affine(28, **knobs)).sum() == pytest.approx(X.sum(), rel=1e-3)


def test_twice_as_wide_is_twice_the_ink():
    X = blob()
    assert warp(X, affine(28, scale=(1, 2))).sum() == pytest.approx(2 * X.sum(), rel=1e-3)


# Elastic distortion


def simard(side, alpha, sigma, rng):
    """Draw, smooth and scale as the paper says, number by number."""
    field, U = np.zeros((2, side, side)), rng.uniform(-1, 1, (2, side, side))
    reach = range(-side + 1, side)
    total = sum(np.exp(-(i * i + j * j) / (2 * sigma**2)) for i in reach for j in reach)
    for axis, r, c in np.ndindex(2, side, side):
        for i, j in np.ndindex(side, side):
            distance = (r - i) ** 2 + (c - j) ** 2
            field[axis, r, c] += U[axis, i, j] * np.exp(-distance / (2 * sigma**2)) / total
    return alpha * field


@pytest.mark.parametrize(
    ("side", "alpha", "sigma"), [(1, 3, 1), (7, 34, 4), (9, 8, 0.7), (5, 1, 50)]
)
def test_the_field_is_that_of_the_published_recipe(side, alpha, sigma):
    slow = simard(side, alpha, sigma, np.random.default_rng(3))
    np.testing.assert_allclose(elastic(side, alpha, sigma, 3), slow, rtol=1e-10, atol=1e-14)


def test_the_field_is_smoothed_as_by_scipy():
    U = np.random.default_rng(0).uniform(-1, 1, (2, 28, 28))
    smooth = [ndimage.gaussian_filter(u, 4, mode="constant", radius=27) for u in U]
    np.testing.assert_allclose(elastic(28, 34, 4, 0), 34 * np.array(smooth), atol=1e-12)


@pytest.mark.parametrize("sigma", [1, 2, 4])
def test_displacements_are_as_large_as_the_docstring_says(sigma):
    rng = np.random.default_rng(0)
    middle = [elastic(40, 34, sigma, rng)[:, 20, 20] for _ in range(1000)]
    assert np.std(middle) == pytest.approx(34 / (np.sqrt(12 * np.pi) * sigma), rel=0.06)
    assert abs(np.mean(middle)) < 3 * np.std(middle) / np.sqrt(2000)


def test_without_smoothing_the_field_is_noise():
    noise = np.random.default_rng(0).uniform(-1, 1, (2, 6, 6))
    np.testing.assert_array_equal(elastic(6, 1, 0.01, 0), noise)


# Random distortions


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_keep_their_dtype_and_the_old_images_stay(dtype):
    X = images(40, 8, dtype=dtype)
    before = X.copy()
    new = Distortion(**EVERYTHING)(X, 0)
    assert (new.dtype, new.shape) == (dtype, X.shape)
    assert warp(X, elastic(8, 20, 2, 0)).dtype == dtype
    np.testing.assert_array_equal(X, before)
    assert not np.shares_memory(Distortion()(X, 0), X)


def test_float32_is_distorted_like_float64():
    X = images(40, 8, dtype=np.float32)
    distort = Distortion(**EVERYTHING)
    np.testing.assert_allclose(distort(X, 0), distort(X.astype(np.float64), 0), atol=1e-6)


def test_whole_numbers_become_floats():
    X = (255 * images(4, 8)).astype(np.uint8)
    distort = Distortion(**EVERYTHING)
    np.testing.assert_array_equal(distort(X, 0), distort(X.astype(np.float64), 0))


@given(SEEDS, st.integers(1, 7))
def test_a_seed_fixes_the_images_and_a_generator_goes_on(seed, share):
    X, distort = images(6, 8), Distortion(**EVERYTHING, share=share)
    rng = np.random.default_rng(seed)
    first, second = distort(X, rng), distort(X, rng)
    np.testing.assert_array_equal(first, distort(X, seed))
    assert not np.array_equal(first, second)


def test_images_in_a_group_share_a_field_and_groups_do_not():
    X = np.tile(images(1, 8), (7, 1))
    new = Distortion(alpha=30, share=3)(X, 0)
    labels = [0, 0, 0, 1, 1, 1, 2]
    for i, j in np.ndindex(7, 7):
        assert np.array_equal(new[i], new[j]) == (labels[i] == labels[j])


def test_distorted_images_are_those_of_the_fields():
    X, rng, distort = images(5, 8), np.random.default_rng(4), Distortion(**EVERYTHING, share=2)
    parts = [warp(part, distort.field(8, rng)) for part in (X[:2], X[2:4], X[4:])]
    np.testing.assert_array_equal(distort(X, 4), np.concatenate(parts))


@pytest.mark.parametrize("knob", ["shift", "rotate", "scale", "shear"])
def test_a_knob_bounds_what_it_is_named_for_in_both_directions(knob):
    """At a place off the centre each turns to a displacement; its largest is known."""
    rng, size = np.random.default_rng(0), 0.5
    fields = [Distortion(**{knob: size}).field(11, rng) for _ in range(400)]
    at = np.array(fields)[:, :, 0, 5]  # 5 rows above the centre: what rows, what columns move
    a = np.radians(0.5)
    rows, columns = {
        "shift": ((-0.5, 0.5), (-0.5, 0.5)),
        "rotate": ((0, 5 - 5 * np.cos(a)), (-5 * np.sin(a), 5 * np.sin(a))),
        "scale": ((-5, 5 / 3), (0, 0)),  # from twice as far away, or from 2/3 of the way
        "shear": ((0, 0), (-2.5, 2.5)),
    }[knob]
    for values, (low, high) in zip(at.T, (rows, columns), strict=True):
        slack = 0.05 * (high - low)
        assert low - 1e-12 <= values.min() <= low + slack + 1e-12
        assert high - slack - 1e-12 <= values.max() <= high + 1e-12


def test_down_and_right_are_drawn_apart():
    down, right = Distortion(shift=2).field(3, 0)[:, 0, 0]
    assert abs(down - right) > 0.1


def test_height_and_width_are_scaled_apart():
    field = Distortion(scale=0.3).field(11, 0)
    assert abs(field[0, 0, 5] - field[1, 5, 0]) > 0.1


def test_what_is_asked_for_adds_up():
    both = Distortion(rotate=10, alpha=20).field(8, 0)
    turned = Distortion(rotate=10).field(8, 0)
    rng = np.random.default_rng(0)
    rng.uniform(-1, 1, 6)  # the affine part draws first
    np.testing.assert_allclose(both - turned, elastic(8, 20, 4, rng), atol=1e-12)


def test_it_says_what_it_is_and_can_be_copied():
    distort = Distortion(shift=1, alpha=34)
    assert repr(distort) == (
        "Distortion(shift=1, rotate=0, scale=0, shear=0, alpha=34, sigma=4, share=32)"
    )
    X = images(4, 8)
    np.testing.assert_array_equal(copy.deepcopy(distort)(X, 0), distort(X, 0))


def test_gently_distorted_digits_are_still_the_digits_they_were():
    """The nearest of the originals shows the same digit, for nearly all of them."""
    X, y = load_digits()
    new = Distortion(shift=0.3, rotate=8, alpha=2, sigma=2, share=1)(X[:300], 0)
    squares = np.sum(X**2, axis=1) - 2 * new @ X.T
    assert np.mean(y[squares.argmin(axis=1)] == y[:300]) > 0.95
    assert np.abs(new - X[:300]).max() > 0.3


# What is refused


ZERO = np.zeros((2, 3, 3))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: warp(images(1, 3), ZERO[0]), ValueError, r"shape \(2, 3, 3\), for images of 3"),
        (lambda: warp(images(1, 3), ZERO[:, :2]), ValueError, r"got float64 of shape \(2, 2, 3\)"),
        (lambda: warp(images(1, 3), ZERO * 1j), ValueError, "field must hold real numbers"),
        (lambda: warp(images(1, 3), [["a"]]), TypeError, "field must hold numbers"),
        (lambda: warp(images(1, 3), ZERO + np.nan), ValueError, r"field must be finite; entry \(0"),
        (lambda: warp(images(1, 3) * np.inf, ZERO), ValueError, "X must be finite"),
        (lambda: warp(np.ones((2, 12)), ZERO), ValueError, "got 12, between 3² and 4²"),
        (lambda: warp(np.ones(9), ZERO), ValueError, r"X\[np.newaxis, :\]"),
        (lambda: affine(0), ValueError, "side must be at least 1; got 0"),
        (lambda: affine(3, rotate=np.inf), ValueError, "rotate must be finite"),
        (lambda: affine(3, shift=(1, "x")), TypeError, "shift must be a number; got 'x'"),
        (lambda: affine(3, shear=None), TypeError, "shear must be a number; got None"),
        (lambda: affine(3, scale=(1, 0)), ValueError, r"scale must be positive; got \(1, 0\)"),
        (lambda: elastic(2.5, 1, 1, 0), TypeError, "side must be an integer; got 2.5"),
        (lambda: elastic(3, -1, 1, 0), ValueError, "alpha must be at least 0; got -1"),
        (lambda: elastic(3, 1, -4, 0), ValueError, "sigma must be positive; got -4"),
        (lambda: elastic(3, 1, np.nan, 0), ValueError, "sigma must be finite; got nan"),
    ],
)
def test_bad_input_is_refused_with_a_short_lesson(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
