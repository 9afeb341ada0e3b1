"""Augmentation: from each image, another one that shows the same thing.

A displacement field says, for every pixel of the new image, how far from its own place in
the old image it is taken from: ``field`` is (2, side, side), rows down and columns to the
right, in pixels. ``affine`` makes fields that shift, turn, scale and slant; ``elastic``
makes those of Simard, Steinkraus and Platt, which bend. Fields add up, and ``warp`` follows
one. ``Distortion`` draws a new one for every few images::

    distort = Distortion(shift=1, rotate=10, alpha=20)
    X_new = distort(X, rng)
    for epoch in train(net, X, Y, Adam(), epochs=10, augment=distort):
        ...

Images are the rows of X, each side × side pixels, row by row. Around them all is 0, the
paper of MNIST.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, as_matrix, as_real, as_rows, check_count, check_finite
from .data import Rng


def warp(X: ArrayLike, field: ArrayLike) -> Array:
    """Return the images with each pixel taken from where the field says.

    A place between pixels gets the bilinear mean of the four around it: along a row, and
    along a column, each counts 1 - t where t < 1 is its distance. So a field of whole
    numbers moves pixels unchanged, and the new image is linear in the old one.

    Parameters
    ----------
    X : array-like, shape (m, side²)
        Images, row by row. Outside of them all is 0.
    field : array-like, shape (2, side, side)
        Pixel (r, c) is taken from (r + field[0, r, c], c + field[1, r, c]).

    Returns
    -------
    (m, side²) array, of X's dtype if that is a float one

    Raises
    ------
    TypeError, ValueError
        If X is not a finite matrix of square images, or field is not finite or of another
        shape.

    References
    ----------
    Simard, Steinkraus and Platt, ICDAR 2003, section 2 and figure 1.
    """
    X = as_matrix(X, "X")
    return _warp(X, _as_field(field, _side(X)))


def _warp(X: Array, field: Array) -> Array:
    new, part = np.zeros_like(X), np.empty_like(X)  # two arrays for all: new ones cost more
    for pixels, weights in _corners(field):
        X.take(pixels, 1, out=part, mode="clip")
        part *= weights.astype(X.dtype)
        new += part
    return new


def _corners(field: Array) -> Iterator[tuple[Array, Array]]:
    """Yield one of the four pixels around each place, and its weight, for all places.

    A pixel outside the image has weight 0; which number it has, does not matter then.
    """
    side = field.shape[1]
    place = np.clip(np.indices((side, side)) + field, -1, side)  # beyond, all is 0 anyway
    first = np.floor(place)
    t = place - first
    rows, columns = (_neighbours(first[axis].astype(np.intp), t[axis], side) for axis in (0, 1))
    for r, r_weight in rows:
        for c, c_weight in columns:
            yield (r * side + c).ravel(), (r_weight * c_weight).ravel()


def _neighbours(first: Array, t: Array, side: int) -> list[tuple[Array, Array]]:
    """Return the pixels before and after a place along one axis, with their weights."""
    return [(i, w * ((i >= 0) & (i < side))) for i, w in ((first, 1 - t), (first + 1, t))]


def affine(
    side: int,
    shift: tuple[float, float] = (0.0, 0.0),
    rotate: float = 0.0,
    scale: tuple[float, float] = (1.0, 1.0),
    shear: float = 0.0,
) -> Array:
    """Return the field that scales an image about its centre, slants, turns and shifts it.

    What stands at p from the centre comes to A p + shift, where A first scales, then
    slants, then turns. So what is then at q was at A⁻¹ (q - shift), and the field is
    A⁻¹ (q - shift) - q. A turn by the angle a is

        row' = cos(a) row - sin(a) column,   column' = sin(a) row + cos(a) column

    Parameters
    ----------
    side : int, at least 1
        Pixels in a row and in a column.
    shift : two floats
        Pixels down and to the right.
    rotate : float
        Degrees, counterclockwise.
    scale : two positive floats
        Factors of the height and of the width.
    shear : float
        How many pixels further right each row is than the one below: above 0, upright
        strokes lean to the right.

    Returns
    -------
    field : (2, side, side) float64 array

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described above.

    References
    ----------
    Simard, Steinkraus and Platt, ICDAR 2003, section 2.
    """
    check_count(side, "side")
    down, right = (as_real(s, "shift") for s in shift)
    height, width = (as_real(s, "scale") for s in scale)
    if min(height, width) <= 0:
        raise ValueError(f"scale must be positive; got {scale}")
    angle = math.radians(as_real(rotate, "rotate"))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    slant = np.array([[1.0, 0.0], [-as_real(shear, "shear"), 1.0]])
    back = np.linalg.inv(turn @ slant @ np.diag([height, width]))
    q = np.indices((side, side)) - (side - 1) / 2
    field = np.tensordot(back - np.eye(2), q, axes=1)
    return field - (back @ [down, right])[:, np.newaxis, np.newaxis]


def elastic(side: int, alpha: float, sigma: float, rng: Rng) -> Array:
    """Return a random field that bends an image as if it were drawn on rubber.

    The published recipe: draw each displacement uniformly from [-1, 1), smooth both
    arrays with a Gaussian of deviation sigma, multiply by alpha. The Gaussian is a product
    of one along the rows and one along the columns, so each array becomes alpha G U G with
    G[i, j] = g(i - j), where g(k) ∝ exp(-k² / 2 sigma²) and Σ g = 1 over -side < k < side.

    U has the variance 1/3, and in two dimensions smoothing divides that by about 4 π
    sigma². So displacements have a deviation of alpha / (√(12 π) sigma) pixels, less
    towards the border, beyond which nothing is drawn: 1.4 for alpha 34 and sigma 4.

    Parameters
    ----------
    side : int, at least 1
        Pixels in a row and in a column.
    alpha : float, at least 0
        How far pixels move.
    sigma : positive float
        How many pixels move together. Well below 1 the image frays; towards side it
        moves as a whole.
    rng : seed or numpy.random.Generator

    Returns
    -------
    field : (2, side, side) float64 array

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described above.

    References
    ----------
    Simard, Steinkraus and Platt, ICDAR 2003, section 2. For MNIST, as images of 29 × 29
    pixels, they found alpha = 34 and sigma = 4 best.
    """
    check_count(side, "side")
    _check_least(alpha, "alpha")
    _check_sigma(sigma)
    G = _smoothing(side, sigma)
    U = np.random.default_rng(rng).uniform(-1, 1, (2, side, side))
    return alpha * (G @ U @ G)


def _smoothing(side: int, sigma: float) -> Array:
    """Return G, the matrix that smooths a column of side numbers."""
    k = np.arange(side)
    g = np.exp(-0.5 * (k / sigma) ** 2)
    g /= 2 * g.sum() - 1  # over k and -k, with k = 0 counted once
    return g[np.abs(k[:, np.newaxis] - k)]


class Distortion:
    """Distort images at random: shift, turn, scale, slant and bend them.

    Every number is drawn uniformly from 0 ± the knob (for scale from 1 ± it, for height
    and width each), once for ``share`` images: these have one displacement field in
    common, which makes the work many times cheaper. Training shuffles its rows, so they
    are different images every time.

    Nothing is done that is not asked for. For digits of 28 × 28 pixels,
    ``Distortion(shift=1, rotate=10, scale=0.1, shear=0.1, alpha=20)`` is a gentle start, after
    which all but a few are as legible as before. alpha=34 with the sigma of 4 is what its
    authors used: some digits come out mangled, and a network must be large, and train long,
    to make the best of it. From alpha=50 on, many are no digits any more.

    Parameters
    ----------
    shift : float, at least 0
        Pixels, down and to the right.
    rotate : float, at least 0
        Degrees.
    scale, shear : float, at least 0; scale below 1
        As in ``affine``.
    alpha, sigma : float, alpha at least 0, sigma positive
        As in ``elastic``.
    share : int, at least 1
        Images, in the order of X, that are distorted in the same way.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described above.

    References
    ----------
    Simard, Steinkraus and Platt, ICDAR 2003.
    """

    def __init__(
        self,
        shift: float = 0.0,
        rotate: float = 0.0,
        scale: float = 0.0,
        shear: float = 0.0,
        alpha: float = 0.0,
        sigma: float = 4.0,
        share: int = 32,
    ):
        for name, value in (("shift", shift), ("rotate", rotate), ("shear", shear)):
            _check_least(value, name)
        _check_least(scale, "scale")
        if scale >= 1:
            raise ValueError(f"scale must be below 1, or images could vanish; got {scale}")
        _check_least(alpha, "alpha")
        _check_sigma(sigma)
        check_count(share, "share")
        self.shift, self.rotate, self.scale, self.shear = shift, rotate, scale, shear
        self.alpha, self.sigma, self.share = alpha, sigma, share

    def field(self, side: int, rng: Rng) -> Array:
        """Return a displacement field as it is drawn for ``share`` images.

        Parameters
        ----------
        side : int, at least 1
        rng : seed or numpy.random.Generator

        Returns
        -------
        field : (2, side, side) float64 array
        """
        rng = np.random.default_rng(rng)
        down, right, turn, height, width, slant = rng.uniform(-1, 1, 6)
        field = affine(
            side,
            shift=(self.shift * down, self.shift * right),
            rotate=self.rotate * turn,
            scale=(1 + self.scale * height, 1 + self.scale * width),
            shear=self.shear * slant,
        )
        return field + elastic(side, self.alpha, self.sigma, rng) if self.alpha else field

    def __call__(self, X: ArrayLike, rng: Rng) -> Array:
        """Return the images distorted; X itself is left as it is.

        Parameters
        ----------
        X : array-like, shape (m, side²)
            Images, row by row, with a background of 0.
        rng : seed or numpy.random.Generator

        Returns
        -------
        (m, side²) array, of X's dtype if that is a float one

        Raises
        ------
        TypeError, ValueError
            If X is not a finite matrix of square images.
        """
        X, rng = as_matrix(X, "X"), np.random.default_rng(rng)
        side, new = _side(X), np.empty_like(X)
        for start in range(0, len(X), self.share):
            group = slice(start, start + self.share)
            new[group] = _warp(X[group], self.field(side, rng))
        return new

    def __repr__(self) -> str:
        knobs = ", ".join(f"{name}={value:g}" for name, value in vars(self).items())
        return f"Distortion({knobs})"


def _side(X: Array) -> int:
    side = math.isqrt(X.shape[1])
    if side * side != X.shape[1]:
        raise ValueError(
            f"X must have one square image per row, side² columns; got {X.shape[1]},"
            f" between {side}² and {side + 1}². Cut or pad the images to squares first"
        )
    return side


def _as_field(field: ArrayLike, side: int) -> Array:
    field = as_rows(field, "field")
    if field.shape != (2, side, side) or field.dtype.kind == "c":
        raise ValueError(
            f"field must hold real numbers, shape (2, {side}, {side}), for images of"
            f" {side} × {side} pixels; got {field.dtype} of shape {field.shape}"
        )
    field = field.astype(np.float64)
    check_finite(field, "field")
    return field


def _check_least(value: float, name: str) -> None:
    if as_real(value, name) < 0:
        raise ValueError(f"{name} must be at least 0; got {value}")


def _check_sigma(sigma: float) -> None:
    if as_real(sigma, "sigma") <= 0:
        raise ValueError(f"sigma must be positive; got {sigma}. For no distortion, set alpha=0")
