"""How many images a second are distorted elastically, by one processor.

    python benchmarks/augment.py            # some minutes; rewrites its table
    python benchmarks/augment.py --quick    # a first look; writes nothing

Everyone draws displacement fields by the same recipe, one for each group of images, and
follows them by bilinear interpolation. README.md, beside this file, says what is compared
and how, and holds the last table.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import shared
from shared import installed, limited_to, processor_time, ratio_cell

from coursenn import Distortion
from coursenn.arrays import Array
from coursenn.augment import elastic, warp

SIDE, ALPHA, SIGMA = 28, 34.0, 4.0
IMAGES, SHARES = 1024, (1, 8, 32, 128)  # images in a turn; images with one field in common
LEAST, AT_SHARE = 20_000, 32  # images per second that were to be reached

Rng = np.random.Generator
Peer = Callable[[Array, int, Rng], Any]  # images, how many share a field, rng -> images


def coursenn(X: Array, share: int, rng: Rng) -> Array:
    return Distortion(alpha=ALPHA, sigma=SIGMA, share=share)(X, rng)


def all_knobs(X: Array, share: int, rng: Rng) -> Array:
    """What training uses: shifted, turned, scaled and slanted as well."""
    knobs = {"shift": 1, "rotate": 10, "scale": 0.1, "shear": 0.1}
    return Distortion(**knobs, alpha=ALPHA, sigma=SIGMA, share=share)(X, rng)


def scipy_field(rng: Rng) -> Array:
    """The recipe as it is written with SciPy."""
    from scipy.ndimage import gaussian_filter

    U = rng.uniform(-1, 1, (2, SIDE, SIDE))
    return ALPHA * np.array([gaussian_filter(u, SIGMA, mode="constant") for u in U])


def map_coordinates(X: Array, share: int, rng: Rng) -> Array:
    """SciPy's interpolation, a call for each image: the usual way."""
    from scipy import ndimage

    new = np.empty_like(X)
    for i, x in enumerate(X):
        if i % share == 0:
            place = np.indices((SIDE, SIDE)) + scipy_field(rng)
        picture = x.reshape(SIDE, SIDE)
        ndimage.map_coordinates(
            picture, place, new[i].reshape(SIDE, SIDE), order=1, mode="grid-constant"
        )
    return new


def sparse_product(X: Array, share: int, rng: Rng) -> Array:
    """Each field as a sparse matrix, four weights in a row, times the images of its group."""
    new = np.empty_like(X)
    for start in range(0, len(X), share):
        group = slice(start, start + share)
        new[group] = (bilinear_matrix(scipy_field(rng), X.dtype) @ X[group].T).T
    return new


def bilinear_matrix(field: Array, dtype: Any) -> Any:
    """Return the matrix that takes an image, as a column, to the one that follows the field."""
    from scipy.sparse import csr_array

    n = SIDE * SIDE
    place = np.clip(np.indices((SIDE, SIDE)) + field, -1, SIDE).reshape(2, n)
    corners = np.floor(place) + np.array([[0, 0, 1, 1], [0, 1, 0, 1]]).T[:, :, np.newaxis]
    weights = np.prod(1 - np.abs(place - corners), axis=1)
    weights[((corners < 0) | (corners >= SIDE)).any(axis=1)] = 0
    rows, columns = np.clip(corners, 0, SIDE - 1).astype(np.int32).swapaxes(0, 1)
    pixels, starts = rows * SIDE + columns, np.arange(0, 4 * n + 1, 4, dtype=np.int32)
    return csr_array((weights.T.ravel().astype(dtype), pixels.T.ravel(), starts), (n, n))


def pytorch(X: Array, share: int, rng: Rng) -> Any:
    """PyTorch's grid_sample, all fields at once; the images of a group are its channels."""
    import torch
    from torch.nn.functional import grid_sample

    at = torch.arange(SIDE, dtype=torch.float32)
    G = torch.exp(-0.5 * ((at - at[:, None]) / SIGMA) ** 2) / (np.sqrt(2 * np.pi) * SIGMA)
    U = torch.from_numpy(rng.uniform(-1, 1, (len(X) // share, 2, SIDE, SIDE)))
    place = torch.stack(torch.meshgrid(at, at, indexing="ij")) + ALPHA * (G @ U.float() @ G)
    grid = 2 / (SIDE - 1) * place - 1  # from -1 to 1, from the first centre to the last
    images = torch.from_numpy(X).reshape(-1, share, SIDE, SIDE)
    new = grid_sample(images, grid.flip(1).movedim(1, -1), align_corners=True)  # (x, y)
    return new.reshape(X.shape)


PEERS: dict[str, tuple[Peer, str]] = {  # and the package that each needs
    "coursenn": (coursenn, "numpy"),
    "all knobs": (all_knobs, "numpy"),
    "map_coordinates": (map_coordinates, "scipy"),
    "sparse product": (sparse_product, "scipy"),
    "PyTorch": (pytorch, "torch"),
}
OTHERS = [name for name in PEERS if name != "coursenn"]


def peers() -> dict[str, Peer]:
    """Return those of PEERS that are installed, and make sure that they do the same."""
    found = {name: peer for name, (peer, package) in PEERS.items() if installed(package)}
    X = np.random.default_rng(1).random((6, SIDE * SIDE), np.float32)
    rng = np.random.default_rng(0)
    fields = [elastic(SIDE, ALPHA, SIGMA, rng) for _ in range(3)]
    wanted = np.concatenate([warp(X[2 * i : 2 * i + 2], field) for i, field in enumerate(fields)])
    for name in set(found) - {"coursenn", "all knobs"}:  # these draw other numbers first
        got = np.asarray(found[name](X, 2, np.random.default_rng(0)))
        np.testing.assert_allclose(got, wanted, atol=1e-3, err_msg=name)  # SciPy cuts Gaussians
    return found


def measure(share: int, rounds: int) -> dict[str, Array]:
    """Return everyone's seconds per image, in every round."""
    rng = np.random.default_rng(0)
    X = rng.random((IMAGES, SIDE * SIDE), np.float32)

    def turn(peer: Peer) -> shared.Turn:
        return lambda: processor_time(lambda: peer(X, share, rng)) / IMAGES

    return shared.alternate({name: turn(peer) for name, peer in peers().items()}, rounds)


def table(results: dict[int, dict[str, Array]]) -> str:
    rows = []
    for share, times in results.items():
        speed = 1 / float(np.median(times["coursenn"]))
        fine = speed >= LEAST or share < AT_SHARE
        speed_cell = f"{speed:,.0f}" if fine else f"**{speed:,.0f}**"
        rows.append([str(share), speed_cell, *(cell(times, name) for name in OTHERS)])
    return shared.markdown_table(["images to a field", "coursenn, images/s", *OTHERS], rows)


def cell(times: dict[str, Array], name: str) -> str:
    if name not in times:
        return "not installed"
    return ratio_cell(float(np.median(times[name] / times["coursenn"])))


def main() -> None:
    parser = shared.new_parser("Measure how fast images are distorted.", rounds=20)
    args = shared.parse(parser, "augment")
    with limited_to(1):
        results = {share: measure(share, args.rounds) for share in SHARES}
    packages = [package for package in ("numpy", "scipy", "torch") if installed(package)]
    text = f"{table(results)}\n\n{shared.setting(args.rounds, packages)}"
    print(text)
    if args.readme:
        shared.write_report(args.readme, "augment", text)


if __name__ == "__main__":
    main()
