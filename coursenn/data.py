"""Data sets, and what cuts them into parts: splits, minibatches, one-hot rows."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from .arrays import Array, as_labels, as_rows, check_count, check_same_rows
from .download import DataFile, DatasetError, fetch

__all__ = [
    "DatasetError",
    "batches",
    "load_digits",
    "load_gates",
    "load_mnist",
    "load_wheat_seeds",
    "one_hot",
    "read_idx",
    "split",
]

Rng = int | np.random.Generator | None
Labelled = tuple[Array, Array]


def batches(X: ArrayLike, Y: ArrayLike, size: int, rng: Rng) -> Iterator[Labelled]:
    """Yield minibatches (X, Y) that visit every row once, in a new random order.

    Parameters
    ----------
    X, Y : array-like of numbers, m rows each
        Row i of Y belongs to row i of X. Values are not looked at.
    size : int, at least 1
        Rows of a batch; the last one has what is left.
    rng : seed or numpy.random.Generator

    Raises
    ------
    TypeError
        If X or Y does not hold numbers, or size is not an integer.
    ValueError
        If there are no rows, X and Y differ in their number, or size is below 1.
    """
    X, Y = as_rows(X, "X"), as_rows(Y, "Y")
    check_same_rows(X, Y)
    check_count(size, "size")
    return _batches(X, Y, size, np.random.default_rng(rng))


def _batches(X: Array, Y: Array, size: int, rng: np.random.Generator) -> Iterator[Labelled]:
    order = rng.permutation(len(X))
    for start in range(0, len(X), size):
        rows = order[start : start + size]
        yield X.take(rows, axis=0), Y.take(rows, axis=0)  # X[rows], but faster


def one_hot(y: ArrayLike, n_classes: int) -> Array:
    """Return a float32 matrix whose row i is 0 but for a 1 in column y[i].

    Parameters
    ----------
    y : array-like of integers 0 .. n_classes - 1, shape (m,)
    n_classes : int, at least 1

    Returns
    -------
    Y : (m, n_classes) float32 array

    Raises
    ------
    TypeError
        If y or n_classes does not hold integers.
    ValueError
        If y is not a vector, is empty, or holds a label out of range.
    """
    check_count(n_classes, "n_classes")
    y = as_labels(y, n_classes)
    Y = np.zeros((len(y), n_classes), np.float32)
    Y[np.arange(len(y)), y] = 1
    return Y


def split(X: ArrayLike, y: ArrayLike, share: float, rng: Rng) -> tuple[Labelled, Labelled]:
    """Shuffle the rows and cut them in two: ``(X_a, y_a), (X_b, y_b)``.

    Parameters
    ----------
    X, y : array-like of numbers, m rows each, m at least 2
        Row i of y belongs to row i of X, and stays with it.
    share : float between 0 and 1, or int from 1 to m - 1
        How much of the rows becomes the second part: a share or a count.
    rng : seed or numpy.random.Generator

    Raises
    ------
    TypeError
        If X or y does not hold numbers, or share is not one.
    ValueError
        If X and y differ in rows, or a part would be empty.
    """
    X, y = as_rows(X, "X"), as_rows(y, "y")
    check_same_rows(X, y, "X and y")
    n_first = len(X) - _count(share, len(X))
    order = np.random.default_rng(rng).permutation(len(X))
    first, second = order[:n_first], order[n_first:]
    return (X[first], y[first]), (X[second], y[second])


def _count(share: float, m: int) -> int:
    """Return how many of m rows a share, or a count, of them is."""
    if isinstance(share, bool) or not isinstance(share, int | float | np.number):
        raise TypeError(f"share must be a number; got {share!r}")
    count = share * m if isinstance(share, float | np.floating) else share
    if not (math.isfinite(count) and 1 <= round(count) < m):
        raise ValueError(
            f"share must leave rows in both parts: between 0.0 and 1.0, or a count from 1 to"
            f" {m - 1}; got {share} of {m} rows"
        )
    return round(count)


def load_gates() -> tuple[Array, dict[str, Array]]:
    """Return the four inputs of a logic gate, and the outputs of four gates.

    Returns
    -------
    X : (4, 2) float64 array
        00, 01, 10, 11.
    gates : dict
        ``"and"``, ``"or"``, ``"nand"`` and ``"xor"``: (4,) integer labels, 0 or 1.
    """
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    a, b = X.T
    return X.astype(np.float64), {"and": a & b, "or": a | b, "nand": 1 - (a & b), "xor": a ^ b}


def load_digits(dtype: DTypeLike = np.float32) -> Labelled:
    """Return 1,797 handwritten digits of 8 × 8 pixels, as scikit-learn brings them.

    They are the test part of "Optical Recognition of Handwritten Digits". Each pixel
    counts the dark ones among 4 × 4 pixels of a scan. They are not made from MNIST.

    Parameters
    ----------
    dtype : float32, float64 or uint8
        Floats run from 0 to 1, uint8 from 0 to 16.

    Returns
    -------
    X : (1797, 64) array of dtype
    y : (1797,) integer labels, 0 to 9

    Raises
    ------
    ImportError
        If scikit-learn is not installed.

    References
    ----------
    Alpaydin and Kaynak, UCI Machine Learning Repository, 1998, doi:10.24432/C50P49.
    """
    _check_dtype(dtype)
    try:
        from sklearn import datasets  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError(
            "load_digits reads the digits that scikit-learn brings; pip install scikit-learn"
        ) from error
    X, y = datasets.load_digits(return_X_y=True)
    return _scaled(X.astype(np.uint8), 16, dtype), y.astype(np.int64)


def load_wheat_seeds() -> Labelled:
    """Return seven measurements of 210 wheat kernels, and the variety of each.

    The columns are area, perimeter, compactness 4π·area/perimeter², length, width,
    asymmetry and length of the groove, in mm and mm².

    Returns
    -------
    X : (210, 7) float64 array
    y : (210,) integer labels: 0 Kama, 1 Rosa, 2 Canadian

    Raises
    ------
    DatasetError
        If the file is found nowhere; see `coursenn.download.fetch` for where it is sought.

    References
    ----------
    Charytanowicz, Niewczas, Kulczycki, Kowalski, Lukasik and Zak, UCI Machine Learning
    Repository, 2010, doi:10.24432/C5H30K.
    """
    table = np.loadtxt(fetch(WHEAT_SEEDS).decode().splitlines(), delimiter=",")
    return table[:, :7], table[:, 7].astype(np.int64) - 1


def load_mnist(dtype: DTypeLike = np.float32, validation: int = 0) -> tuple[Labelled, ...]:
    """Return MNIST: 60,000 handwritten digits to train on, and 10,000 for the test.

    Parameters
    ----------
    dtype : float32, float64 or uint8
        Floats run from 0 (paper) to 1 (ink), uint8 from 0 to 255.
    validation : int, below 60,000
        How many of the last training rows to return as a part of their own. The classic
        is 10,000.

    Returns
    -------
    (X, y), (X_test, y_test)
        Or ``(X, y), (X_val, y_val), (X_test, y_test)`` if validation is not 0.
        X is an (m, 784) array of dtype with one picture, row by row, in each row;
        y has (m,) integer labels, 0 to 9. The order is the original one.

    Raises
    ------
    DatasetError
        If a file is found nowhere; see `coursenn.download.fetch` for where it is sought.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, Proceedings of the IEEE 86, 1998.
    """
    _check_dtype(dtype)
    check_count(validation, "validation", least=0)
    if validation >= 60_000:
        raise ValueError(f"validation must be below the 60,000 training rows; got {validation}")
    X, y = _images_and_labels("train", dtype)
    test = _images_and_labels("t10k", dtype)
    if not validation:
        return (X, y), test
    return (X[:-validation], y[:-validation]), (X[-validation:], y[-validation:]), test


def _images_and_labels(part: str, dtype: DTypeLike) -> Labelled:
    y = read_idx(fetch(MNIST[f"{part}-labels-idx1-ubyte"])).astype(np.int64)
    images = read_idx(fetch(MNIST[f"{part}-images-idx3-ubyte"]))
    return _scaled(images.reshape(len(images), -1), 255, dtype), y


def read_idx(content: bytes) -> Array:
    """Return the array in an IDX file of bytes, the format of MNIST.

    Big-endian: two zero bytes, the type (8 for uint8), the number of dimensions, each
    dimension in four bytes, then the entries in row-major order.

    Returns
    -------
    uint8 array that cannot be written: it is a view of content

    Raises
    ------
    DatasetError
        If content is not that.
    """
    n_dims = content[3] if len(content) > 3 else 0
    start = 4 + 4 * n_dims
    if content[:3] != b"\0\0\x08" or n_dims == 0 or len(content) < start:
        raise DatasetError(f"not an IDX file of uint8; it begins with {bytes(content[:4])!r}")
    shape = tuple(int(n) for n in np.frombuffer(content, ">u4", n_dims, offset=4))
    if len(content) != start + math.prod(shape):
        raise DatasetError(
            f"an IDX file of shape {shape} has {start + math.prod(shape):,} bytes;"
            f" got {len(content):,}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _check_dtype(dtype: DTypeLike) -> None:
    if np.dtype(dtype) not in (np.float32, np.float64, np.uint8):
        raise ValueError(f"dtype must be float32, float64 or uint8; got {np.dtype(dtype)}")


def _scaled(counts: Array, top: int, dtype: DTypeLike) -> Array:
    """Return counts from 0 to top as they are for uint8, from 0 to 1 for floats."""
    if np.dtype(dtype) == np.uint8:
        return counts.copy()
    return np.divide(counts, top, dtype=dtype)  # converts block by block: no copy but the result


def _mnist(name: str, size: int, sha256: str) -> DataFile:
    mirrors = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://github.com/fgnt/mnist/raw/master/",
    )
    return DataFile("mnist", name, size, sha256, tuple(f"{m}{name}.gz" for m in mirrors))


MNIST = {
    file.name: file
    for file in (
        _mnist(
            "train-images-idx3-ubyte",
            47_040_016,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        _mnist(
            "train-labels-idx1-ubyte",
            60_008,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        _mnist(
            "t10k-images-idx3-ubyte",
            7_840_016,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        _mnist(
            "t10k-labels-idx1-ubyte",
            10_008,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    )
}
WHEAT_SEEDS = DataFile(
    "wheat-seeds",
    "wheat-seeds.csv",
    9_301,
    "8dbd1853a4439afc113cfe07f290422c7ce3fe48745d71f3f7eaa027cd38fd6e",
    ("https://raw.githubusercontent.com/jbrownlee/Datasets/master/wheat-seeds.csv",),
)
