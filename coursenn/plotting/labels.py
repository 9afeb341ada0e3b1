"""Where the labels of curves are written, so that they hide little of each other."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..arrays import Array

PLACES = np.linspace(0.2, 0.8, 13)  # along the last piece of a curve
HEAD = 0.08  # inches: something of the arrow's head stays in sight
ROUNDS = 4  # in which each label moves to where the others let it


def bezier(piece: Array, t: Array) -> Array:
    """Return the points at t of a cubic Bézier curve: (4, 2) and (n,) to (n, 2)."""
    s = 1 - t
    return np.column_stack([s**3, 3 * s * s * t, 3 * s * t * t, t**3]) @ piece


def place_labels(curves: Sequence[Array], halves: Mapping[int, Array]) -> dict[int, Array]:
    """Return the middle of each label, on the last piece of its curve.

    A label stands in the middle of the piece unless it hides another label or curve there.

    Parameters
    ----------
    curves : (pieces, 4, 2) arrays, the Bézier curves that each consists of
    halves : for the number of each curve with a label, half its width and height
    """
    lines = [np.vstack([bezier(piece, np.linspace(0, 1, 41)) for piece in c]) for c in curves]
    places = {n: _inside(bezier(curves[n][-1], PLACES), curves[n][-1], halves[n]) for n in halves}
    costs = {
        n: 20 * np.abs(PLACES - 0.5)
        + sum(_points_within(places[n], halves[n], line) for m, line in enumerate(lines) if m != n)
        for n in halves
    }
    chosen = {n: place[len(PLACES) // 2] for n, place in places.items()}
    for _ in range(ROUNDS):
        for n in halves:
            hidden = sum(
                _overlaps(places[n], chosen[m], halves[n] + halves[m]) for m in halves if m != n
            )
            chosen[n] = places[n][np.argmin(costs[n] + hidden)]
    return chosen


def _inside(places: Array, piece: Array, half: Array) -> Array:
    """Return the places, those moved that are too near to where the piece begins or ends."""
    room = half[0] + HEAD
    places[:, 0] = np.clip(places[:, 0], piece[0, 0] + room, piece[-1, 0] - room)
    return places


def _points_within(places: Array, half: Array, points: Array) -> Array:
    """Return how many of the points a label would hide at each of the places."""
    return (np.abs(points - places[:, None]) < half).all(axis=2).sum(axis=1)


def _overlaps(places: Array, other: Array, reach: Array) -> Array:
    """Return how badly a label at each of the places would overlap with another label."""
    depth = reach - np.abs(places - other)
    return np.where((depth > 0).all(axis=1), 100 + 10_000 * depth.prod(axis=1), 0)
