"""Array arguments: what passes, what is refused, and that the refusal is a short lesson."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from coursenn.arrays import (
    as_labels,
    as_matrix,
    as_numbers,
    as_real,
    as_rows,
    check_count,
    check_finite,
    check_same_rows,
    is_finite,
)

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]


def test_lists_integers_and_booleans_become_float64():
    for X in ([[1, 2]], np.array([[1, 2]], np.uint8), np.array([[True, False]])):
        assert as_matrix(X).dtype == np.float64


@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_stay_as_they_are_and_are_not_copied(dtype):
    X = np.ones((2, 3), dtype)
    assert as_matrix(X) is X
    assert as_numbers(X) is X
    assert as_matrix(X, dtype=dtype) is X


def test_a_dtype_that_is_asked_for_is_given():
    assert as_matrix([[1, 2]], dtype=np.float32).dtype == np.float32


def test_a_number_too_large_for_the_dtype_is_refused_without_a_warning():
    with pytest.raises(
        ValueError, match=r"X, converted to float32, must be finite; entry \(0, 1\)"
    ):
        as_matrix([[1.0, 1e39]], dtype=np.float32)


def test_elementwise_numbers_may_be_infinite_and_of_any_shape():
    assert as_numbers(np.inf).shape == ()
    assert as_numbers([[[np.nan]]]).shape == (1, 1, 1)


@pytest.mark.parametrize(
    ("X", "advice"),
    [
        (np.ones(3), r"got shape \(3,\).*X\[np.newaxis, :\]; for one column, X\[:, np.newaxis\]"),
        (np.ones((2, 3, 4)), r"got shape \(2, 3, 4\).*X.reshape\(len\(X\), -1\)"),
        (5.0, r"got shape \(\)"),
        (np.ones((0, 3)), r"X is empty: shape \(0, 3\). Pass at least one row"),
        (np.ones((3, 0)), r"X is empty: shape \(3, 0\)"),
        ([[1.0, np.nan]], r"entry \(0, 1\) is nan"),
        ([[1.0], [-np.inf]], r"entry \(1, 0\) is -inf"),
    ],
)
def test_what_is_not_a_finite_matrix_is_refused_with_advice(X, advice):
    with pytest.raises(ValueError, match=advice):
        as_matrix(X)


@pytest.mark.parametrize(
    "X", [[["a"]], [[None]], [[1], [1, 2]], np.array([[1]], object), np.array(["2020"], "M8")]
)
def test_what_is_not_numbers_is_refused_by_name(X):
    for check in (as_matrix, as_numbers, as_rows, as_labels):
        with pytest.raises(TypeError, match=r"pixels must .*(numbers|labels)"):
            check(X, name="pixels")


def test_complex_numbers_are_not_a_matrix():
    with pytest.raises(TypeError, match="X must hold real numbers; got complex128"):
        as_matrix([[1j]])


def test_rows_may_have_any_dimensions_but_not_be_missing():
    X = np.arange(3, dtype=np.uint8)
    assert as_rows(X) is X
    for none in (np.ones((0, 2)), 3.0):
        with pytest.raises(ValueError, match="X must have at least one row; got shape"):
            as_rows(none)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.int8])
def test_labels_of_any_integer_dtype_pass(dtype):
    np.testing.assert_array_equal(as_labels(np.array([0, 2], dtype), 3), [0, 2])


@pytest.mark.parametrize(
    ("y", "kind", "message"),
    [
        ([0.0, 1.0], TypeError, r"got float64. If they are whole numbers, pass y.astype\(int\)"),
        ([True], TypeError, "integer labels; got bool"),
        ([[0, 1]], ValueError, r"shape \(m,\); got shape \(1, 2\)"),
        (np.array([], int), ValueError, "y is empty: pass at least one label"),
        ([0, 3], ValueError, "must run from 0 to 2; got 0 to 3"),
        ([-1, 2], ValueError, "must run from 0 to 2; got -1 to 2"),
    ],
)
def test_what_is_not_labels_is_refused(y, kind, message):
    with pytest.raises(kind, match=message):
        as_labels(y, 3)


def test_labels_without_a_number_of_classes_have_no_upper_end():
    assert as_labels([10**6]).tolist() == [10**6]
    with pytest.raises(ValueError, match="must be at least 0; got -1"):
        as_labels([-1])


def test_rows_that_do_not_match_are_counted():
    with pytest.raises(ValueError, match="X and Y must have one row per example each; got 2 and 3"):
        check_same_rows(np.ones((2, 1)), np.ones((3, 1)))


@pytest.mark.parametrize("value", [1.0, "3", True, None, np.float64(2)])
def test_a_count_is_an_integer(value):
    with pytest.raises(TypeError, match="epochs must be an integer; got"):
        check_count(value, "epochs")


def test_a_count_has_a_least_value():
    check_count(np.int64(1), "epochs")
    with pytest.raises(ValueError, match="epochs must be at least 1; got 0"):
        check_count(0, "epochs")


@pytest.mark.parametrize("value", [1, 0.5, np.float32(0.5), np.int8(2), Fraction(1, 2)])
def test_a_real_number_of_any_type_becomes_a_float(value):
    assert type(as_real(value, "lr")) is float
    assert as_real(value, "lr") == value


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("0.1", TypeError, "lr must be a number; got '0.1'"),
        (True, TypeError, "lr must be a number; got True"),
        (1j, TypeError, "lr must be a number"),
        (None, TypeError, "lr must be a number"),
        (np.ones(2), TypeError, "lr must be a number"),
        (np.nan, ValueError, "lr must be finite; got nan"),
        (-np.inf, ValueError, "lr must be finite; got -inf"),
        (10**400, ValueError, "lr must be finite; got inf"),
    ],
)
def test_what_is_not_a_real_number_is_refused(value, kind, message):
    with pytest.raises(kind, match=message):
        as_real(value, "lr")


# is_finite: fast by a sum of squares, and right when that sum overflows


@pytest.mark.parametrize("dtype", FLOATS)
def test_finite_numbers_are_finite_even_if_their_sum_of_squares_is_not(dtype):
    assert is_finite(np.full(5, np.finfo(dtype).max, dtype))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_entry_is_found_anywhere(dtype, bad):
    for i in range(6):
        x = np.full((2, 3), np.finfo(dtype).max, dtype)
        x.flat[i] = bad
        assert not is_finite(x)
        assert not is_finite(x.T)
        with pytest.raises(ValueError, match=rf"x must be finite; entry \({i // 3}, {i % 3}\) is"):
            check_finite(x, "x")


def test_opposite_infinities_do_not_cancel():
    assert not is_finite(np.array([np.inf, -np.inf]))
    assert not is_finite(np.array([complex(np.inf, 0), complex(0, np.inf)]))


def test_nothing_is_finite():
    for shape in ((0,), (0, 3), (3, 0)):
        assert is_finite(np.ones(shape))
    assert is_finite(np.array(1.0))
    assert not is_finite(np.array(np.nan))


@given(st.data())
def test_is_finite_agrees_with_numpy_on_every_array(data):
    dtype = data.draw(st.sampled_from([np.float16, np.float32, np.float64, np.complex128]))
    x = data.draw(arrays(dtype, array_shapes(min_dims=0, min_side=0, max_side=4)))
    step = data.draw(st.sampled_from([slice(None), slice(None, None, -1), slice(None, None, 2)]))
    for view in (x, x.T, x[step] if x.ndim else x):
        assert is_finite(view) == np.isfinite(view).all()
