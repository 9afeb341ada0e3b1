"""Data sets are what they say, and what cuts them into parts loses and mixes up nothing."""

import gzip
import hashlib
import os
import struct
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursenn import data, download
from coursenn.data import (
    DatasetError,
    batches,
    load_digits,
    load_gates,
    load_mnist,
    load_wheat_seeds,
    one_hot,
    read_idx,
    split,
)


def folder_given(name):
    folder = Path(os.environ.get("COURSENN_DATA") or "missing") / name
    return pytest.mark.skipif(
        not folder.is_dir(), reason=f"needs {name} in the folder that COURSENN_DATA names"
    )


@pytest.fixture(autouse=True)
def no_mirrors(tmp_path, monkeypatch):
    """Let nothing be downloaded, nor found in the cache of whoever runs the tests."""

    def refuse(url, file):
        raise OSError("tests do not download")

    monkeypatch.setattr(download, "_download", refuse)
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)


# batches


@settings(deadline=None)
@given(m=st.integers(1, 60), size=st.integers(1, 70), seed=st.integers(0, 2**32 - 1))
def test_batches_visit_every_row_once_and_keep_pairs_together(m, size, seed):
    X, Y = np.arange(3 * m).reshape(m, 3), -np.arange(m)
    parts = list(batches(X, Y, size, seed))
    assert [len(A) for A, _ in parts] == [size] * (m // size) + [m % size] * (m % size > 0)
    assert all((A[:, 0] == -3 * B).all() for A, B in parts)
    visited = np.concatenate([B for _, B in parts])
    assert sorted(-visited) == list(range(m))
    assert all((X[-B] == A).all() for A, B in parts)


def test_batches_shuffle_rows_and_not_only_the_order_of_batches():
    X = np.arange(1000)
    first, _ = next(batches(X, X, 100, 0))
    assert first.max() - first.min() > 500


def test_batches_come_in_a_new_order_each_time_but_the_same_from_one_seed():
    X, rng = np.arange(50), np.random.default_rng(3)
    once, again = next(batches(X, X, 50, rng))[0], next(batches(X, X, 50, rng))[0]
    assert (once != again).any()
    assert (next(batches(X, X, 50, 3))[0] == once).all()


@pytest.mark.parametrize("shape", [(4,), (4, 2), (4, 3, 3), (4, 2, 2, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, bool])
def test_batches_take_rows_of_any_shape_and_keep_the_dtype(shape, dtype):
    X = np.ones(shape, dtype)
    A, _ = next(batches(X, np.arange(4), 3, 0))
    assert A.shape == (3, *shape[1:])
    assert A.dtype == dtype


@pytest.mark.parametrize(
    ("X", "Y", "size", "error", "message"),
    [
        ([[1], [2]], [1], 1, ValueError, "one row per example each; got 2 and 1"),
        ([], [], 1, ValueError, "X must have at least one row"),
        (np.empty((0, 3)), np.empty(0), 1, ValueError, r"at least one row; got shape \(0, 3\)"),
        (1.0, 1.0, 1, ValueError, r"at least one row; got shape \(\)"),
        ([[1], [2, 3]], [1, 2], 1, TypeError, "X must be a rectangular array"),
        (["a"], [1], 1, TypeError, "X must hold numbers"),
        ([1], ["a"], 1, TypeError, "Y must hold numbers"),
        ([None], [1], 1, TypeError, "X must hold numbers"),
        ([1], [1], 0, ValueError, "size must be at least 1; got 0"),
        ([1], [1], -5, ValueError, "size must be at least 1; got -5"),
        ([1], [1], 1.0, TypeError, "size must be an integer; got 1.0"),
        ([1], [1], True, TypeError, "size must be an integer; got True"),
    ],
)
def test_batches_reject_bad_input_before_the_first_batch(X, Y, size, error, message):
    with pytest.raises(error, match=message):
        batches(X, Y, size, 0)


# one_hot


@settings(deadline=None)
@given(
    n=st.integers(1, 12),
    draws=st.lists(st.integers(0, 10**6), min_size=1, max_size=40),
    dtype=st.sampled_from([np.int64, np.uint8, np.int8, np.uint64]),
)
def test_one_hot_has_one_1_in_each_row_where_the_label_says(n, draws, dtype):
    y = (np.array(draws) % n).astype(dtype)
    Y = one_hot(y, n)
    assert Y.shape == (len(y), n)
    assert Y.dtype == np.float32
    assert (Y.sum(axis=1) == 1).all()
    assert (Y.argmax(axis=1) == y).all()


@pytest.mark.parametrize(
    ("y", "n_classes", "error", "message"),
    [
        ([0, 3], 3, ValueError, "must run from 0 to 2; got 0 to 3"),
        ([-1, 0], 3, ValueError, "must run from 0 to 2; got -1 to 0"),
        ([0.0, 1.0], 2, TypeError, "integer labels; got float64"),
        ([True, False], 2, TypeError, "integer labels; got bool"),
        ([[0, 1]], 2, ValueError, r"shape \(1, 2\)"),
        ([], 2, TypeError, "integer labels"),
        (np.empty(0, int), 2, ValueError, "empty"),
        (["zero"], 2, TypeError, "must hold numbers"),
        ([0], 0, ValueError, "n_classes must be at least 1"),
        ([0], 2.0, TypeError, "n_classes must be an integer"),
    ],
)
def test_one_hot_rejects_bad_input(y, n_classes, error, message):
    with pytest.raises(error, match=message):
        one_hot(y, n_classes)


# split


@settings(deadline=None)
@given(m=st.integers(2, 60), data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_a_split_keeps_every_row_once_and_pairs_together(m, data, seed):
    count = data.draw(st.integers(1, m - 1))
    X = np.arange(2 * m).reshape(m, 2)
    (X_a, y_a), (X_b, y_b) = split(X, np.arange(m), count, seed)
    assert len(X_b) == len(y_b) == count
    assert sorted([*y_a, *y_b]) == list(range(m))
    assert (X_a[:, 0] == 2 * y_a).all()
    assert (X_b[:, 0] == 2 * y_b).all()


def test_a_split_takes_a_share_or_a_count_and_shuffles():
    X = np.arange(1000)
    (_, _), (by_share, _) = split(X, X, 0.25, 7)
    (_, _), (by_count, _) = split(X, X, 250, 7)
    assert (by_share == by_count).all()
    assert by_share.max() - by_share.min() > 900
    assert (np.diff(by_share) < 0).any()


@pytest.mark.parametrize(
    ("share", "error", "message"),
    [
        (0, ValueError, "got 0 of 10 rows"),
        (10, ValueError, "a count from 1 to 9; got 10"),
        (-1, ValueError, "got -1"),
        (0.0, ValueError, "got 0.0"),
        (1.0, ValueError, "got 1.0"),
        (0.01, ValueError, "got 0.01 of 10 rows"),
        (1.5, ValueError, "got 1.5"),
        (float("nan"), ValueError, "got nan"),
        (float("inf"), ValueError, "got inf"),
        (True, TypeError, "share must be a number; got True"),
        ("half", TypeError, "share must be a number; got 'half'"),
        (None, TypeError, "share must be a number"),
    ],
)
def test_a_split_rejects_a_share_that_leaves_a_part_empty(share, error, message):
    with pytest.raises(error, match=message):
        split(np.arange(10), np.arange(10), share, 0)


def test_a_split_rejects_rows_that_do_not_match():
    with pytest.raises(ValueError, match="X and y must have one row per example each; got 3 and 2"):
        split([1, 2, 3], [1, 2], 1, 0)


# Gates, digits, wheat seeds


def test_gates_are_their_truth_tables():
    X, gates = load_gates()
    assert X.dtype == np.float64
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert {name: y.tolist() for name, y in gates.items()} == {
        "and": [0, 0, 0, 1],
        "or": [0, 1, 1, 1],
        "nand": [1, 1, 1, 0],
        "xor": [0, 1, 1, 0],
    }
    assert {y.dtype for y in gates.values()} == {np.dtype(np.int64)}


@pytest.mark.parametrize(
    ("dtype", "top"), [(np.float32, 1), (np.float64, 1), (np.uint8, 16), ("float32", 1)]
)
def test_digits_are_those_of_scikit_learn(dtype, top):
    X, y = load_digits(dtype)
    assert X.shape == (1797, 64)
    assert X.dtype == dtype
    assert (X.min(), X.max()) == (0, top)
    assert y[:10].tolist() == list(range(10))
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (X[0, :8] * 16 / top).tolist() == [0, 0, 5, 13, 9, 1, 0, 0]


def test_digits_without_scikit_learn_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match="pip install scikit-learn"):
        load_digits()


@folder_given("wheat-seeds")
def test_wheat_seeds_are_70_kernels_of_each_of_three_varieties():
    X, y = load_wheat_seeds()
    assert X.shape == (210, 7)
    assert X.dtype == np.float64
    assert y.dtype == np.int64
    assert np.bincount(y).tolist() == [70, 70, 70]
    assert X[0].tolist() == [15.26, 14.84, 0.871, 5.763, 3.312, 2.221, 5.22]
    area, perimeter, compactness = X.T[:3]
    assert 4 * np.pi * area / perimeter**2 == pytest.approx(compactness, rel=0.01)


# MNIST


@folder_given("mnist")
def test_mnist_has_its_counts_and_its_order():
    (X, y), (X_test, y_test) = load_mnist(np.uint8)
    assert X.shape == (60_000, 784)
    assert X_test.shape == (10_000, 784)
    assert X.dtype == X_test.dtype == np.uint8
    assert y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(y).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert np.bincount(y_test).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert (X.min(), X.max()) == (0, 255)
    assert X.flags.writeable


@folder_given("mnist")
def test_mnist_is_scaled_to_1_within_little_more_memory_than_it_fills():
    tracemalloc.start()
    (X, _), (X_test, _) = load_mnist()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert X.dtype == X_test.dtype == np.float32
    assert (X.min(), X.max()) == (0, 1)
    assert X[0, 156] == np.float32(126 / 255)
    assert peak < 1.3 * X.nbytes


@folder_given("mnist")
def test_average_darkness_tells_2225_of_10000_digits_as_in_nielsen():
    (X, y), _, (X_test, y_test) = load_mnist(np.uint8, validation=10_000)
    darkness = X.sum(axis=1, dtype=np.int64)
    averages = np.array([darkness[y == digit].mean() for digit in range(10)])
    guesses = np.abs(X_test.sum(axis=1, dtype=np.int64)[:, np.newaxis] - averages).argmin(axis=1)
    assert (guesses == y_test).sum() == 2225  # Nielsen (2015), chapter 1


@pytest.fixture
def tiny_mnist(tmp_path, monkeypatch):
    """MNIST with pictures of one pixel: number i shows i mod 256 and is labelled i mod 10."""
    files = {}
    for part, m in (("train", 60_000), ("t10k", 10_000)):
        i = np.arange(m)
        labels = struct.pack(">BBBBI", 0, 0, 8, 1, m) + (i % 10).astype(np.uint8).tobytes()
        images = struct.pack(">BBBBIII", 0, 0, 8, 3, m, 1, 1) + (i % 256).astype("u1").tobytes()
        for kind, content in (("labels-idx1", labels), ("images-idx3", images)):
            name, sha256 = f"{part}-{kind}-ubyte", hashlib.sha256(content).hexdigest()
            files[name] = download.DataFile("mnist", name, len(content), sha256, ("http://x/",))
            (tmp_path / "mnist").mkdir(exist_ok=True)
            (tmp_path / "mnist" / f"{name}.gz").write_bytes(gzip.compress(content))
    monkeypatch.setattr(data, "MNIST", files)
    monkeypatch.setenv("COURSENN_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("validation", [1, 10_000, 59_999])
def test_validation_is_cut_from_the_end_of_the_training_rows(tiny_mnist, validation):
    (X, y), (X_val, y_val), (X_test, y_test) = load_mnist(np.uint8, validation=validation)
    assert (len(X), len(X_val), len(X_test)) == (60_000 - validation, validation, 10_000)
    i = np.arange(60_000)
    assert (np.concatenate([X, X_val])[:, 0] == i % 256).all()
    assert (np.concatenate([y, y_val]) == i % 10).all()
    assert (y_test == i[:10_000] % 10).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_are_the_grey_levels_divided_by_255(tiny_mnist, dtype):
    (X, y), (X_test, _) = load_mnist(dtype)
    assert X.dtype == X_test.dtype == dtype
    assert y.dtype == np.int64
    assert (X[:256, 0] == (np.arange(256) / 255).astype(dtype)).all()


def test_a_missing_file_of_mnist_is_one_clear_error(tiny_mnist):
    (tiny_mnist / "mnist" / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DatasetError, match=r"get mnist/t10k-images-idx3-ubyte [^~]*: not there"):
        load_mnist()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dtype": np.int32}, ValueError, "dtype must be float32, float64 or uint8; got int32"),
        ({"dtype": "grey"}, TypeError, "grey"),
        ({"validation": 60_000}, ValueError, "below the 60,000 training rows; got 60000"),
        ({"validation": -1}, ValueError, "validation must be at least 0; got -1"),
        ({"validation": 0.2}, TypeError, "validation must be an integer; got 0.2"),
    ],
)
def test_load_mnist_rejects_bad_arguments_before_it_looks_for_files(arguments, error, message):
    with pytest.raises(error, match=message):
        load_mnist(**arguments)


@pytest.mark.parametrize("name", [*data.MNIST, "wheat-seeds"])
def test_every_file_has_mirrors_that_are_encrypted_and_named_like_it(name):
    file = data.MNIST.get(name, data.WHEAT_SEEDS)
    assert file.urls
    for url in file.urls:
        assert url.startswith("https://")
        assert url.removesuffix(".gz").endswith(f"/{file.name}")


# IDX


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.integers(0, 255))
def test_read_idx_returns_what_was_written(shape, fill):
    header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    A = read_idx(header + bytes([fill]) * int(np.prod(shape)))
    assert A.shape == tuple(shape)
    assert (fill == A).all()


def test_read_idx_reads_rows_first():
    assert read_idx(b"\0\0\x08\2\0\0\0\2\0\0\0\3abcdef").tolist() == [[97, 98, 99], [100, 101, 102]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (b"\0\0\x08", "not an IDX file"),
        (b"\0\0\x08\0", "not an IDX file"),
        (b"\0\0\x08\1\0\0\0", "not an IDX file"),
        (b"\x89PNG\r\n\x1a\n", "not an IDX file of uint8; it begins with b'.x89PNG'"),
        (b"\0\0\x0d\1\0\0\0\1\0\0\0\0", "not an IDX file of uint8"),
        (b"\0\1\x08\1\0\0\0\1a", "not an IDX file"),
        (b"\0\0\x08\1\0\0\0\3ab", r"shape \(3,\) has 11 bytes; got 10"),
        (b"\0\0\x08\1\0\0\0\1ab", r"shape \(1,\) has 9 bytes; got 10"),
        (b"\0\0\x08\2\xff\xff\xff\xff\xff\xff\xff\xffab", "has 18,446,744,065,119,617,037 bytes"),
    ],
)
def test_read_idx_rejects_what_is_not_whole(content, message):
    with pytest.raises(DatasetError, match=message):
        read_idx(content)
