"""One vector, many shapes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from coursenn.flat import flat_views

SHAPES = st.lists(array_shapes(max_dims=3, max_side=4), max_size=5)


@given(SHAPES)
def test_views_lie_one_after_the_other_and_cover_the_vector(shapes):
    flat, views = flat_views(shapes, np.float64)
    assert [view.shape for view in views] == shapes
    flat[:] = np.arange(flat.size)
    joined = np.concatenate([view.ravel() for view in views]) if views else np.array([])
    np.testing.assert_array_equal(joined, flat)


def test_writing_to_a_view_writes_to_the_vector_and_the_other_way_round():
    flat, (W, b) = flat_views([(2, 3), (3,)], np.float32)
    W[1, 2] = 5
    flat[6] = 7
    assert (flat[5], b[0]) == (5, 7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_vector_starts_at_zero_and_has_the_dtype_asked_for(dtype):
    flat, views = flat_views([(2, 3), (3,)], dtype)
    assert not flat.any()
    assert {flat.dtype, *(view.dtype for view in views)} == {np.dtype(dtype)}


def test_no_shapes_give_an_empty_vector():
    flat, views = flat_views([], np.float64)
    assert (flat.size, views) == (0, [])
