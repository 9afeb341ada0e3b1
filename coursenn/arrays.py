"""What an array argument must be, and the short lesson told when it is not.

Every public function of the package passes its arrays through here, so that a mistake
is met where it is made: with what was got, what was expected, and what to do.
"""

import math
import numbers
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[Any]


class DuckArray:
    """What behaves like an array and follows what is done to it, as in coursenn.autodiff.

    Its numbers are in ``data``. The checks here look at these, and hand it on as it is.
    """

    __slots__ = ()
    data: Any


def plain(x: Any) -> Any:
    """Return the numbers of a duck array, and anything else as it is."""
    return x.data if isinstance(x, DuckArray) else x


def as_numbers(x: ArrayLike, name: str = "z") -> Array:
    """Return x as an array of real or complex floats, of any shape.

    Values are not looked at: nan and inf pass, as in NumPy's own elementwise functions.
    A duck array is returned as it is.

    Raises
    ------
    TypeError
        If x does not hold numbers, or is ragged.
    """
    if isinstance(x, DuckArray):
        return cast(Array, x)
    if isinstance(x, np.ndarray) and x.dtype.kind in "fc":
        return x
    array = _as_array(x, name)
    return array.astype(np.float64) if array.dtype.kind in "iub" else array


def as_matrix(
    X: ArrayLike,
    name: str = "X",
    n_columns: int | None = None,
    dtype: DTypeLike | None = None,
) -> Array:
    """Return X as a finite matrix with one example per row.

    Parameters
    ----------
    X : array-like, shape (m, n), m and n at least 1
        A duck array is checked, and returned as it is.
    name : str
        What the caller calls X; errors say it.
    n_columns : int, optional
        The n expected; by default any.
    dtype : float dtype, optional
        Convert to it; by default integers become float64 and floats stay as they are.

    Raises
    ------
    TypeError
        If X does not hold real numbers, or is ragged.
    ValueError
        If X has another shape, no rows or columns, or holds nan or inf.
    """
    if isinstance(X, DuckArray):
        as_matrix(X.data, name, n_columns)
        return cast(Array, X)
    X = _as_array(X, name)
    if X.dtype.kind == "c":
        raise TypeError(f"{name} must hold real numbers; got {X.dtype}")
    _check_matrix(X, name, n_columns)
    if X.dtype.kind != "f":
        return X.astype(np.float64 if dtype is None else dtype)  # integers are finite
    check_finite(X, name)
    if dtype is not None and X.dtype != dtype:
        with np.errstate(over="ignore"):  # the check below says it better
            X = X.astype(dtype)
        check_finite(X, f"{name}, converted to {X.dtype},")
    return X


def _check_matrix(X: Array, name: str, n_columns: int | None) -> None:
    """Raise ValueError unless X has rows and columns, and n_columns of these."""
    wanted = f"(m, {'n' if n_columns is None else n_columns})"
    if X.ndim != 2:
        advice = {
            0: "",
            1: f" For one example, pass {name}[np.newaxis, :];"
            f" for one column, {name}[:, np.newaxis].",
        }.get(X.ndim, f" Flatten each example first: {name}.reshape(len({name}), -1).")
        raise ValueError(
            f"{name} must be a matrix of shape {wanted}, one example per row;"
            f" got shape {X.shape}.{advice}"
        )
    if X.size == 0:
        raise ValueError(f"{name} is empty: shape {X.shape}. Pass at least one row and one column")
    if n_columns is not None and X.shape[1] != n_columns:
        raise ValueError(f"{name} must have shape {wanted}; got {X.shape}")


def as_rows(X: ArrayLike, name: str = "X") -> Array:
    """Return X, of any dtype and dimensions, as an array with one example per row.

    Values are not looked at, and nothing is copied.

    Raises
    ------
    TypeError
        If X does not hold numbers, or is ragged.
    ValueError
        If X has no rows.
    """
    X = _as_array(X, name)
    if X.ndim == 0 or len(X) == 0:
        raise ValueError(f"{name} must have at least one row; got shape {X.shape}")
    return X


def as_labels(y: ArrayLike, n_classes: int | None = None, name: str = "y") -> NDArray[np.integer]:
    """Return y as a vector of integer labels, each in 0 .. n_classes - 1.

    Raises
    ------
    TypeError
        If y does not hold integers.
    ValueError
        If y is not a vector, is empty, or holds a label out of range.
    """
    labels = _as_array(y, name)
    if labels.dtype.kind not in "iu":
        raise TypeError(
            f"{name} must hold integer labels; got {labels.dtype}."
            f" If they are whole numbers, pass {name}.astype(int)"
        )
    if labels.ndim != 1:
        raise ValueError(f"{name} must be a vector of labels, shape (m,); got shape {labels.shape}")
    if labels.size == 0:
        raise ValueError(f"{name} is empty: pass at least one label")
    low, high = labels.min(), labels.max()
    if low < 0 or (n_classes is not None and high >= n_classes):
        wanted = "be at least 0" if n_classes is None else f"run from 0 to {n_classes - 1}"
        raise ValueError(f"labels in {name} must {wanted}; got {low} to {high}")
    return labels


def check_finite(x: Array, name: str) -> None:
    """Raise ValueError if x holds nan or inf, and say where the first one is."""
    if is_finite(x):
        return
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
    raise ValueError(
        f"{name} must be finite; entry {index} is {x[index]}."
        " Look at the data, or at the step before, for a division by zero or an overflow"
    )


def is_finite(x: Array) -> bool:
    """Return whether no entry of x is nan or inf.

    The sum of squares is finite only if every entry is, and BLAS has it in one pass.
    The slow look at each entry is left for the sum that is not.
    """
    return bool(np.isfinite(np.vdot(x, x)) or np.isfinite(x).all())


def check_same_rows(X: Array, Y: Array, names: str = "X and Y") -> None:
    """Raise ValueError unless X and Y have the same number of rows."""
    if len(X) != len(Y):
        raise ValueError(f"{names} must have one row per example each; got {len(X)} and {len(Y)}")


def check_count(value: int, name: str, least: int = 1) -> None:
    """Raise unless value is an integer and at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an integer; got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}; got {value}")


def as_real(value: float, name: str) -> float:
    """Return value, a finite real number, as a float."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number; got {value!r}")
    try:
        real = float(value)
    except OverflowError:  # an integer of more than 308 digits
        real = math.inf
    if not math.isfinite(real):
        raise ValueError(f"{name} must be finite; got {real}")
    return real


def _as_array(x: ArrayLike, name: str) -> Array:
    try:
        array = np.asarray(x)
    except ValueError as error:  # NumPy's word for rows of different lengths
        raise TypeError(f"{name} must be a rectangular array of numbers; {error}") from error
    if array.dtype.kind not in "iubfc":
        raise TypeError(
            f"{name} must hold numbers; got dtype {array.dtype}."
            " Convert it first, for instance with .astype(float)"
        )
    return array
