"""Comparing with a reference, naming misconceptions, and the line that data takes."""

import io
import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursenn.grading import compare, drive
from coursenn.grading.judge import DESK, Desk, Sheet, Wrong, brief, same
from coursenn.grading.misconceptions import REGISTRY, SIGNS_OF
from coursenn.grading.wire import (
    MAX_ITEMS,
    NotPlain,
    WireError,
    pack,
    receive,
    send,
    unpack,
)

ROOT = Path(__file__).parents[1]


def line(A, w):
    """Return the outputs of a linear neuron, and half their mean square."""
    z = A @ w
    return z, {"loss": 0.5 * np.mean(z**2), "rows": len(A)}


def draw(rng):
    return rng.normal(size=(4, 3)), rng.normal(size=3)


def verdict(function, reference=line, arguments=draw, mistakes=None, **options) -> Wrong:
    """Return why the function is wrong."""
    with pytest.raises(Wrong) as caught:
        compare(function, reference, arguments, mistakes, seed=1, **options)
    return caught.value


# -- Right answers -------------------------------------------------------------------------


def looped(A, w):
    z = [sum(a * v for a, v in zip(row, w, strict=True)) for row in A]
    return [z, {"rows": 4.0, "loss": sum(value**2 for value in z) / 8}]


def test_a_right_answer_may_be_written_differently():
    compare(line, line, draw, seed=1)
    compare(looped, line, draw, seed=1)


@pytest.mark.parametrize(
    ("x", "y", "equal"),
    [
        (1.0, 1.0 + 1e-9, True),
        (1.0, 1.0 + 1e-4, False),
        (0.0, 1e-17, True),
        (1e-6, 1.001e-6, False),
        ([1, 2], np.array([1.0, 2.0]), True),
        (np.ones((2, 1)), np.ones(2), False),
        (np.ones(1), 1.0, False),
        (np.nan, np.nan, True),
        (np.nan, 0.0, False),
        (np.inf, np.inf, True),
        (np.inf, 1.0, False),
        (True, 1, True),
        (1 + 0j, 1.0, True),
        ("and", "and", True),
        ("1", 1.0, False),
        (None, None, True),
        (None, 0.0, False),
        ([], np.zeros(0), True),
        ([[1], [2, 3]], [[1], [2, 3]], False),
        (10**400, 1.0, False),
    ],
)
def test_equality_is_up_to_rounding_and_keeps_shapes(x, y, equal):
    assert same(x, y, 1e-6) is equal


def test_inputs_depend_on_the_seed_alone():
    seen = []

    def remember(A, w):
        seen.append(A)
        return line(A, w)

    compare(remember, line, draw, seed=1, times=3)
    compare(remember, line, draw, seed=1, times=3)
    assert all(np.array_equal(a, b) for a, b in zip(seen[:3], seen[3:], strict=True))
    assert not np.array_equal(seen[0], seen[1])


def test_a_generator_among_the_arguments_starts_alike_for_both():
    def noise(rng, n):
        return rng.normal(size=n)

    compare(noise, noise, lambda rng: (np.random.default_rng(rng.integers(99)), 3), seed=1)


# -- Wrong answers -------------------------------------------------------------------------


def test_a_wrong_part_is_shown_with_what_was_expected():
    wrong = verdict(lambda A, w: (A @ w, {"loss": 0.25, "rows": 4}))
    assert "[1]['loss'] should be " in str(wrong)
    assert "got 0.25" in str(wrong)
    assert wrong.misconception == ""


def test_one_wrong_result_of_many_is_enough():
    count = iter(range(4))

    def sometimes(A, w):
        z, more = line(A, w)
        return z + (next(count) == 3), more

    assert "should be" in str(verdict(sometimes))


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (lambda A, w: None, "got nothing"),
        (lambda A, w: (None, {}), "got None: is there a return?"),
        (lambda A, w: line(A, w)[:1], "should be .*; got nothing"),
        (lambda A, w: line(A, w)[0], "got "),
        (lambda A, w: (line(A, w)[0][:, None], {}), r"shape \(4,\); got .* of shape \(4, 1\)"),
        (lambda A, w: ("text", {}), "got 'text'"),
    ],
)
def test_a_result_of_the_wrong_form_is_named(answer, what):
    with pytest.raises(Wrong, match=what):
        compare(answer, line, draw, seed=1)


def with_loss(factor):
    return lambda A, w: (A @ w, {"loss": factor * np.mean((A @ w) ** 2), "rows": len(A)})


MISTAKES = {
    "factor-two": with_loss(1.0),
    "sum-for-mean": with_loss(2.0),
    "bias-forgotten": lambda A, w: (A @ w - 1, line(A, w)[1]),
    "not-transposed": lambda A, w: A.T @ w,  # an error: the shapes do not fit
}


def test_a_wrong_answer_is_known_by_the_function_whose_results_it_has():
    wrong = verdict(with_loss(1.0), mistakes=MISTAKES)
    assert wrong.misconception == "factor-two"
    assert str(REGISTRY["factor-two"]) in str(wrong)
    assert verdict(with_loss(2.0), mistakes=MISTAKES).misconception == "sum-for-mean"


def test_of_two_slips_the_one_that_explains_more_is_named():
    def two_slips(A, w):
        return A @ w - 1, {"loss": np.mean((A @ w) ** 2), "rows": len(A) + 1}

    def both_and_more(A, w):
        return A @ w - 1, {"loss": 0.0, "rows": len(A) + 1}

    mistakes = MISTAKES | {"overflow": both_and_more}
    assert verdict(two_slips, mistakes=mistakes).misconception == "overflow"


def test_a_mistake_is_not_named_for_what_it_has_in_common_with_the_right_answer():
    mistakes = {"bias-forgotten": lambda A, w: (A @ w, {"loss": 99.0, "rows": len(A)})}
    assert verdict(with_loss(17.0), mistakes=mistakes).misconception == ""


def test_a_mistake_must_agree_on_every_input():
    def now_and_then(A, w):
        return with_loss(1.0 if A[0, 0] > 0 else 17.0)(A, w)

    assert verdict(now_and_then, mistakes=MISTAKES, times=8).misconception == ""


def test_an_answer_that_is_none_is_not_taken_for_a_mistake_that_fails():
    wrong = verdict(lambda A, w: None, lambda A, w: A @ w, mistakes=MISTAKES)
    assert wrong.misconception == ""


def matrix(A, w):
    return A * w


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("wrong-sign", lambda A, w: -(A * w)),
        ("factor-two", lambda A, w: A * w + A * w),
        ("half", lambda A, w: A * w / 2),
        ("sum-for-mean", lambda A, w: A * w * 4),
        ("mean-for-sum", lambda A, w: A * w / 4),
        ("axis-swapped", lambda A, w: (A * w).T),
        ("truncated", lambda A, w: (10 * A * w / 10).astype(int)),
    ],
)
def test_what_is_plain_from_the_result_alone_is_named(name, answer):
    assert verdict(answer, matrix).misconception == name


def test_nothing_but_zeros_is_given_no_name():
    small = verdict(lambda A, w: 0 * A, lambda A, w: 0.1 * np.tanh(A * w))
    assert small.misconception == ""


def test_every_sign_is_in_the_registry():
    assert set(SIGNS_OF) <= set(REGISTRY)


def test_changing_an_argument_is_named_also_deep_inside():
    def reference(params, x):
        return params["w"] @ x

    def in_place(params, x):
        result = params["w"] @ x
        params["w"] += 1
        return result

    def draw_params(rng):
        return {"w": rng.normal(size=3)}, rng.normal(size=3)

    assert verdict(in_place, reference, draw_params).misconception == "changes-input"


def test_an_error_in_the_answer_passes_through():
    def broken(A, w):
        raise ZeroDivisionError("by the student")

    with pytest.raises(ZeroDivisionError, match="by the student"):
        compare(broken, line, draw, seed=1)


def test_an_unknown_misconception_is_the_authors_mistake():
    with pytest.raises(KeyError, match="no-such-thing"):
        compare(line, line, draw, {"no-such-thing": line}, seed=1)


def test_long_values_are_shown_in_short():
    assert brief(np.arange(1000.0)) == "[  0.,   1., ..., 998., 999.]"
    assert brief(list(range(100))) == "[0, 1, 2, 3, 4, 5, ...]"
    assert len(brief("x" * 10_000)) == 80
    assert brief(10**5000) == "a very large number"
    assert brief({"W": np.zeros(2), "b": 0.5}) == "{'W': [0., 0.], 'b': 0.5}"


def test_a_message_has_no_address_in_memory():
    told = str(
        verdict(
            lambda rng, n: 0.0,
            lambda rng, n: rng.normal(size=n),
            lambda rng: (np.random.default_rng(rng.integers(99)), 2),
        )
    )
    assert "<lambda>(a random generator, 2) should be" in told
    assert brief(np.random.default_rng(1)) == "a random generator"
    assert brief({"draw": draw}) == "{'draw': <function draw>}"


def test_every_hint_points_to_a_section_that_exists():
    for name, misconception in REGISTRY.items():
        assert misconception.hint.endswith("."), name
        if misconception.chapter:
            text = (ROOT / "book" / f"{misconception.chapter}.ipynb").read_text(encoding="utf-8")
            cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
            prose = "\n".join("".join(cell["source"]) for cell in cells)
            assert misconception.section in re.findall("^#+ (.*)$", prose, re.MULTILINE), name


# -- Examples for students -----------------------------------------------------------------


def examples():
    desk = Desk(examples=[])
    token = DESK.set(desk)
    try:
        compare(line, line, draw, MISTAKES, seed=1, shown=3)
    finally:
        DESK.reset(token)
    return json.loads(json.dumps(desk.examples))


def test_examples_judge_as_the_test_does_without_its_functions():
    (example,) = examples()
    sheet = Sheet.unpacked(example)
    sheet.judge(line)
    sheet.judge(looped)
    with pytest.raises(Wrong) as caught:
        sheet.judge(with_loss(1.0))
    assert caught.value.misconception == "factor-two"


def test_examples_have_other_inputs_than_the_test():
    tested = [draw(np.random.default_rng([1, k]))[0] for k in range(4)]
    shown = [args[0] for args in Sheet.unpacked(examples()[0]).inputs]
    assert len(shown) == 3
    assert not any(np.array_equal(a, b) for a in tested for b in shown)


def test_outside_a_grader_a_driver_is_itself():
    assert drive(line) is line


# -- The line ------------------------------------------------------------------------------

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


def through(x):
    """Return x after a journey as bytes."""
    line = io.BytesIO()
    send(line.write, pack(x))
    json.loads(line.getvalue()[4:], parse_constant=pytest.fail)  # NaN and the like are no JSON
    line.seek(0)
    return unpack(receive(line.read))


@given(plain)
def test_plain_data_arrive_as_they_were_sent(x):
    assert through(x) == x


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "f4", ">f8", "c16"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3)])
def test_arrays_arrive_with_shape_and_dtype(dtype, shape):
    x = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    y = through(x)
    assert isinstance(y, np.ndarray)
    assert (y.dtype, y.shape) == (x.dtype, x.shape)
    assert np.array_equal(x, y)


def test_numpy_numbers_complex_numbers_and_generators_arrive():
    assert isinstance(through(np.float32(0.5)), np.float32)
    assert through(1 + 2j) == 1 + 2j
    rng = np.random.default_rng(3)
    assert through(rng).normal() == rng.normal()


@pytest.mark.parametrize("dtype", [float, np.float32, np.float64, complex, np.complex64])
@pytest.mark.parametrize("word", ["nan", "inf", "-inf"])
def test_numbers_that_json_does_not_have_arrive(word, dtype):
    y = through([dtype(word), {"x": dtype(word)}])[1]["x"]
    assert type(y) is dtype
    assert np.array_equal(y, dtype(word), equal_nan=True)


def test_examples_with_nan_and_infinity_are_json_and_judge_as_the_test_does():
    def logs(x):
        with np.errstate(all="ignore"):
            return float(np.log(x)), {"all": [float("inf"), complex("nan")]}

    desk = Desk(examples=[])
    token = DESK.set(desk)
    try:
        compare(logs, logs, lambda rng: (float(-rng.integers(2)),), {"wrong-sign": looped}, seed=1)
    finally:
        DESK.reset(token)
    text = json.dumps(desk.examples, allow_nan=False)
    sheet = Sheet.unpacked(json.loads(text)[0])
    sheet.judge(logs)
    with pytest.raises(Wrong, match=r"should be (nan|-inf); got 0"):
        sheet.judge(lambda x: (0.0, logs(x)[1]))


def test_turned_and_sliced_arrays_arrive():
    x = np.arange(12.0).reshape(3, 4).T[::2]
    assert np.array_equal(through(x), x)


def cycle():
    x = []
    x.append(x)
    return x


@pytest.mark.parametrize(
    ("x", "error"),
    [
        (object(), NotPlain),
        (len, NotPlain),
        ({1, 2}, NotPlain),
        (np.array([None]), NotPlain),
        (np.array(["text"]), NotPlain),
        (np.zeros(2, dtype="f8,i4"), NotPlain),
        (cycle(), WireError),
        (np.broadcast_to(0.0, (10**6, 10**6)), WireError),
        ("x" * (33 << 20), WireError),
        ([0] * (MAX_ITEMS + 2), WireError),
    ],
)
def test_what_is_not_plain_or_too_large_is_refused(x, error):
    with pytest.raises(error):
        send(lambda data: None, pack(x))


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"array": "AAAA", "dtype": "O", "shape": [], "scalar": False},
        {"array": "AAAA", "dtype": "f8", "shape": [], "scalar": True},
        {"array": "", "dtype": "(1000000,1000000)f8", "shape": [], "scalar": True},
        {"array": "AAAAAAAAAAA=", "dtype": "<f8", "shape": [10**9], "scalar": False},
        {"array": "?", "dtype": "<f8", "shape": [1], "scalar": False},
        {"array": 1, "dtype": "<f8", "shape": [1], "scalar": False},
        {"dict": [[[], 1]]},
        {"dict": [1]},
        {"tuple": 3},
        {"int": "x"},
        {"complex": ["1", 2]},
        {"complex": [{"float": "1"}, 2]},
        {"float": "1e999"},
        {"float": 1},
        {"generator": {"dict": [["bit_generator", "os.system"]]}},
        {"generator": 1},
        {"tuple": [{"object": "os.system"}]},
    ],
)
def test_forged_values_are_refused(forged):
    with pytest.raises(WireError):
        unpack(forged)


def test_values_nested_too_deeply_are_refused_in_both_directions():
    deep = 0
    for _ in range(50):
        deep = [deep]
    for function in (pack, unpack):
        with pytest.raises(WireError, match="nested"):
            function(deep)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\xff",
        b"\1\0\0\0{",
        b"\2\0\0\0\xff\xff",
        struct.pack("<I", 200_000) + b"[" * 200_000,
        struct.pack("<I", 2 * MAX_ITEMS) + b"[" * 2 * MAX_ITEMS,
        struct.pack("<I", 10_000) + b"9" * 10_000,
    ],
)
def test_bytes_that_are_no_message_are_refused(data):
    with pytest.raises(WireError):
        receive(io.BytesIO(data).read)


def test_a_closed_line_is_the_end():
    with pytest.raises(EOFError):
        receive(lambda n: b"")
