"""Both modes of automatic differentiation, rule by rule: against finite differences,
against each other, and against their own adjoints."""

import gc
import math
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from coursenn.autodiff import Dual, Tensor, Value, count_operations, jacobian
from coursenn.autodiff.derivatives import DERIVATIVES
from coursenn.autodiff.tensor import unbroadcast
from coursenn.gradcheck import numeric_grad, relative_error

SMOOTH = [u for u in DERIVATIVES if u is not np.heaviside]
UNARY = [u for u in SMOOTH if u.nin == 1]
BINARY = [u for u in SMOOTH if u.nin == 2]
STRUCTURE = {
    "matmul": (lambda a, b: a @ b, [(3, 2), (2, 4)]),
    "matmul of a stack": (lambda a, b: a @ b, [(5, 3, 2), (5, 2, 4)]),
    "matmul of a stack and a matrix": (lambda a, b: a @ b, [(5, 3, 2), (2, 4)]),
    "matmul of a matrix and a stack": (lambda a, b: a @ b, [(3, 2), (5, 2, 4)]),
    "matrix times vector": (lambda a, b: a @ b, [(3, 2), (2,)]),
    "vector times matrix": (lambda a, b: a @ b, [(3,), (3, 2)]),
    "vector times vector": (lambda a, b: a @ b, [(3,), (3,)]),
    "vector times stack": (lambda a, b: a @ b, [(3,), (5, 3, 2)]),
    "sum": (np.sum, [(3, 2)]),
    "sum of rows": (lambda a: np.sum(a, axis=0), [(3, 2)]),
    "sum of columns, kept": (lambda a: np.sum(a, axis=1, keepdims=True), [(3, 2)]),
    "sum over two axes": (lambda a: np.sum(a, axis=(0, -1)), [(3, 2, 4)]),
    "method sum": (lambda a: a.sum(axis=-1), [(3, 2)]),
    "max": (np.max, [(3, 2)]),
    "max of columns": (lambda a: a.max(axis=1), [(3, 2)]),
    "max of rows, kept": (lambda a: np.max(a, axis=0, keepdims=True), [(3, 2)]),
    "mean": (np.mean, [(3, 2)]),
    "mean of rows": (lambda a: a.mean(axis=0), [(3, 2)]),
    "reshape": (lambda a: a.reshape(2, 3), [(3, 2)]),
    "reshape by function": (lambda a: np.reshape(a, (-1,)), [(3, 2)]),
    "transpose": (lambda a: a.T, [(3, 2)]),
    "transpose of axes": (lambda a: np.transpose(a, (2, 0, 1)), [(3, 2, 4)]),
    "slice": (lambda a: a[1:, :1], [(3, 2)]),
    "row": (lambda a: a[1], [(3, 2)]),
    "rows, one of them twice": (lambda a: a[[0, 2, 0]], [(3, 2)]),
    "mask": (lambda a: a[np.array([True, False, True])], [(3, 2)]),
    "new axis": (lambda a: a[:, None], [(3, 2)]),
    "concatenate": (lambda a, b: np.concatenate([a, b]), [(3, 2), (1, 2)]),
    "concatenate columns": (lambda a, b: np.concatenate([a, b], axis=-1), [(3, 2), (3, 1)]),
    "where": (lambda a, b: np.where([[True], [False], [True]], a, b), [(3, 2), (2,)]),
    "operators": (lambda a, b: (2 - a) / b + 3 * -a - b**2 + 1 / a, [(3, 2), (2,)]),
}


def inputs(shapes, seed=0):
    """Numbers from 0.5 to 2: where every rule is defined and smooth."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(0.5, 2, shape) for shape in shapes]


def weighted(y, seed=1):
    """One number made of all entries of y, with different weights."""
    return np.sum(y * np.random.default_rng(seed).normal(size=np.shape(y)))


def check(f, arrays):
    """Reverse mode, forward mode and finite differences agree on every input of f."""
    rng = np.random.default_rng(2)
    for k, array in enumerate(arrays):
        leaf, others = Tensor(array), list(arrays)
        weighted(f(*others[:k], leaf, *others[k + 1 :])).backward()
        numeric = numeric_grad(lambda _: float(weighted(f(*arrays))), array)
        assert leaf.grad.shape == array.shape
        assert relative_error(leaf.grad, numeric) < 1e-8
        direction = rng.normal(size=array.shape)
        moved = weighted(f(*others[:k], Dual(array, direction), *others[k + 1 :]))
        assert math.isclose(moved.tangent, np.sum(leaf.grad * direction), rel_tol=1e-10)


@pytest.mark.parametrize("ufunc", UNARY, ids=lambda u: u.__name__)
def test_a_rule_of_one_input(ufunc):
    check(ufunc, inputs([(3, 2)]))


@pytest.mark.parametrize("ufunc", BINARY, ids=lambda u: u.__name__)
@pytest.mark.parametrize(
    "shapes", [((3, 2), (3, 2)), ((3, 2), (2,)), ((3, 1), (1, 2)), ((), (3, 2))], ids=str
)
def test_a_rule_of_two_inputs_with_broadcasting(ufunc, shapes):
    check(ufunc, inputs(shapes))


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_rule_that_moves_or_joins_entries(name):
    f, shapes = STRUCTURE[name]
    check(f, inputs(shapes))


@pytest.mark.parametrize("name", STRUCTURE)
def test_all_inputs_at_once(name):
    f, shapes = STRUCTURE[name]
    arrays = inputs(shapes)
    leaves = [Tensor(a) for a in arrays]
    weighted(f(*leaves)).backward()
    for array, leaf in zip(arrays, leaves, strict=True):
        numeric = numeric_grad(lambda _: float(weighted(f(*arrays))), array)
        assert relative_error(leaf.grad, numeric) < 1e-8


@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3), st.integers(0, 99))
def test_unbroadcast_is_the_adjoint_of_broadcasting(shapes, seed):
    rng = np.random.default_rng(seed)
    small, big = shapes.input_shapes[0], shapes.result_shape
    x, g = rng.normal(size=small), rng.normal(size=big)
    forward = np.sum(np.broadcast_to(x, big) * g)
    np.testing.assert_allclose(forward, np.sum(x * unbroadcast(g, small)), atol=1e-9)


def check_adjoint(f, arrays, rng):
    """⟨J t, g⟩ = ⟨t, Jᵀ g⟩: forward mode and reverse mode are one linear map, read twice."""
    for k, array in enumerate(arrays):
        t, leaf = rng.normal(size=array.shape), Tensor(array)
        pushed = f(*arrays[:k], Dual(array, t), *arrays[k + 1 :])
        g = rng.normal(size=pushed.shape)
        f(*arrays[:k], leaf, *arrays[k + 1 :]).backward(g)
        scale = np.linalg.norm(pushed.tangent) * np.linalg.norm(g)
        difference = np.sum(pushed.tangent * g) - np.sum(t * leaf.grad)
        assert abs(difference) <= 1e-12 * scale


seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("name", STRUCTURE)
@given(seeds)
@settings(max_examples=20)
def test_push_and_pull_of_what_moves_or_joins_entries_are_adjoint(name, seed):
    f, shapes = STRUCTURE[name]
    check_adjoint(f, inputs(shapes, seed), np.random.default_rng(seed))


@pytest.mark.parametrize("ufunc", SMOOTH, ids=lambda u: u.__name__)
@given(st.data(), seeds)
@settings(max_examples=20)
def test_push_and_pull_of_an_elementwise_rule_are_adjoint_for_any_shapes(ufunc, data, seed):
    strategy = mutually_broadcastable_shapes(num_shapes=ufunc.nin, max_dims=3, max_side=3)
    shapes = data.draw(strategy).input_shapes
    check_adjoint(ufunc, inputs(shapes, seed), np.random.default_rng(seed))


# ------------------------------------------------------------------ kinks and edges


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: np.maximum(x, 0), 0),  # relu: f'(0) = 0
        (lambda x: np.maximum(x, 0.1 * x), 0.1),  # leaky relu: f'(0) = slope
        (lambda x: np.minimum(x, 0), 1),  # elu: the exponential side counts
        (abs, 0),
        (lambda x: x**2, 0),
        (lambda x: x**1, 1),
        (lambda x: x**0, 0),
        (lambda x: np.heaviside(x, 1.0), 0),
        (lambda x: np.logaddexp(x, 0), 0.5),
    ],
)
def test_the_convention_at_zero(f, slope):
    x = Tensor(np.zeros(3))
    np.sum(f(x)).backward()
    np.testing.assert_array_equal(x.grad, np.full(3, slope))


def test_entries_that_tie_for_the_maximum_share_its_gradient():
    x = Tensor([[1.0, 2.0, 2.0], [3.0, 1.0, 0.0]])
    np.sum(np.max(x, axis=1)).backward()
    np.testing.assert_array_equal(x.grad, [[0, 0.5, 0.5], [1, 0, 0]])


def test_logaddexp_neither_overflows_nor_loses_its_gradient():
    x = Tensor([-1e4, -800.0, 800.0, 1e4])
    np.sum(np.logaddexp(x, 0)).backward()
    np.testing.assert_array_equal(x.grad, [0, 0, 1, 1])


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_where_hands_on_no_tangent_of_what_was_not_chosen():
    """√x has an infinite slope at 0; the branch that is not taken must not count it."""
    x = Dual([0.0, 4.0], 1.0)
    np.testing.assert_array_equal(np.where(x.data > 0, np.sqrt(x), 0.0).tangent, [0, 0.25])


# ------------------------------------------------------------------ the graph


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_node_used_twice_adds_its_gradients(kind):
    x = kind(1.0)
    b = x + x
    (b * b).backward()
    assert x.grad == 8.0


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_backward_twice_gives_the_same_gradient(kind):
    x = kind(3.0)
    y = x * x + x
    y.backward()
    y.backward()
    assert x.grad == 7.0


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_graph_may_be_100_000_nodes_deep(kind):
    y = x = kind(1.0)
    for _ in range(100_000):
        y = y + 1.0
    y.backward()
    assert x.grad == 1.0


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_graph_is_freed_without_the_garbage_collector(kind):
    gc.collect()
    gc.disable()
    try:
        x = kind(0.5)
        y = (x * x + x) / 2
        y.backward()
        inner = weakref.ref(y.parents[0][0])
        del y
        assert inner() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("misuse", "advice"),
    [
        (np.arctan, "np.arctan has no derivative rule"),
        (np.cumsum, "np.cumsum has no derivative rule"),
        (lambda x: np.multiply.outer(x, x), "np.multiply with outer"),
        (lambda x: np.add(x, x, dtype="f4"), r"with __call__ \['dtype'\]"),
        (lambda x: np.minimum.reduce(x), "np.minimum with reduce"),
        (lambda x: x > 0, "np.greater has no derivative: compare the numbers, as in x.data > 0"),
        (lambda x: x == 1, "np.equal has no derivative: compare the numbers"),
        (lambda x: x <= 1, "np.less_equal has no derivative: compare the numbers"),
        (bool, "truth value of a .* has no derivative: ask its numbers, as in if x.data > 0"),
        (float, "use NumPy's functions in place of math's, or .data"),
        (np.asarray, "its derivative would be lost; use .data"),
        (lambda x: x.__iadd__(1), "never changed in place: write x = x [+] y"),
        (lambda x: np.ones(3).__iadd__(x), "never changed in place"),
        (lambda x: np.add(x, x, out=np.ones(3)), "never changed in place"),
        (lambda x: x.__setitem__(0, 1.0), "never changed in place: build it with np.where"),
    ],
)
@pytest.mark.parametrize("kind", [Dual, Tensor])
def test_what_has_no_rule_is_refused_with_advice(kind, misuse, advice):
    with pytest.raises(TypeError, match=advice):
        misuse(kind(np.ones(3)))


@pytest.mark.parametrize("kind", [Dual, Tensor])
def test_rows_are_iterated_over_and_a_single_number_is_not_taken_for_an_empty_list(kind):
    assert [row.shape for row in kind(np.ones((3, 2)))] == [(2,)] * 3
    for misuse in (sum, list):
        with pytest.raises(TypeError, match="single number cannot be iterated over"):
            misuse(kind(3.0))


@pytest.mark.parametrize("misuse", [lambda v: v == 2.0, lambda v: v != 2.0, bool, lambda v: v > 1])
def test_a_value_is_not_compared_behind_the_back_of_its_derivative(misuse):
    with pytest.raises(TypeError):
        misuse(Value(2.0))


def test_only_a_single_number_starts_backward_without_a_seed():
    with pytest.raises(ValueError, match=r"shape \(3,\); reduce it first.*np.sum"):
        Tensor(np.ones(3)).backward()
    with pytest.raises(ValueError, match=r"seed must have shape \(3,\); got \(2,\)"):
        Tensor(np.ones(3)).backward(np.ones(2))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Tensor("abc"), TypeError, "data must hold numbers; got dtype <U3"),
        (lambda: Tensor([[1, 2], [3]]), TypeError, "data must be a rectangular array"),
        (
            lambda: Tensor(Tensor(1.0)),
            TypeError,
            "data is a Tensor, traced already; pass its .data",
        ),
        (lambda: Dual(None), TypeError, "data must hold numbers; got dtype object"),
        (lambda: Dual(1.0, "up"), TypeError, "tangent must hold numbers"),
        (lambda: Dual(np.ones(3), np.ones(2)), ValueError, r"shape of data, \(3,\); got \(2,\)"),
        (lambda: Value("1 m"), TypeError, "a Value holds a number; got '1 m'"),
        (lambda: Value(1.0) + "1 m", TypeError, "a Value holds a number; got '1 m'"),
    ],
)
def test_what_is_not_a_number_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


# ------------------------------------------------------------------ numbers

small = st.floats(0.1, 3)


@given(small, small)
def test_value_obeys_the_rules_of_tensor_and_dual(a, b):
    def f(x, y, g):
        z = g.tanh(x * y + x) / (y * y + 1.0) - x**2 + 2 / y - (-x)
        return g.sin(z) * g.cos(y) + g.exp(-y) * g.log(x) - g.sqrt(y) + (1 - z)

    x, y, p, q = Value(a), Value(b), Tensor(a), Tensor(b)
    f(x, y, Value).backward()
    f(p, q, np).backward()
    assert math.isclose(x.grad, p.grad, rel_tol=1e-9, abs_tol=1e-12)
    assert math.isclose(y.grad, q.grad, rel_tol=1e-9, abs_tol=1e-12)
    assert math.isclose(f(Dual(a, 1.0), b, np).tangent, x.grad, rel_tol=1e-9, abs_tol=1e-12)


def test_a_power_of_a_value_is_a_plain_number():
    with pytest.raises(TypeError, match=r"write a \*\* b as"):
        Value(2.0) ** Value(3.0)


@pytest.mark.parametrize(
    ("x", "value", "slope"),
    [(2.0, 7.654942849763, 14.526078410856), (0.5, 1.238557797072, 0.922050396876)],
)
def test_the_root_example_of_hjorth_jensen(x, value, slope):
    """sources.md I8: f = √(x² + exp x²), away from x = 1, where f = f'."""
    v = Value(x)
    y = (v**2 + (v**2).exp()).sqrt()
    y.backward()
    d = Dual(x, 1.0)
    e = np.sqrt(d**2 + np.exp(d**2))
    for got, slope_got in ((y.data, v.grad), (e.data, e.tangent)):
        assert math.isclose(got, value, abs_tol=5e-13)
        assert math.isclose(slope_got, slope, abs_tol=5e-13)


# ------------------------------------------------------------------ names, counts, sweeps


def test_a_node_knows_the_operation_that_made_it():
    x, X = Value(2.0), Tensor(np.ones((2, 2)))
    made = [x, x + 1, x - 1, 2 * x, 1 / x, x**3, -x, x.exp(), x.relu()]
    assert [v.op for v in made] == ["", "+", "−", "×", "÷", "power 3", "negative", "exp", "relu"]
    assert [v.op for v in (X, X + 1, X @ X, np.tanh(X), X.sum(), X[0], X.T)] == [
        *("", "+", "@", "tanh", "sum", "index", "transpose")
    ]


def root_example(x):
    """√(x² + exp x²), sources.md I8."""
    return np.sqrt(x**2 + np.exp(x**2))


def test_operations_of_two_examples_with_and_without_intermediates():
    """sources.md I6: 6 and 4 operations for f and f'; I8: 15 and 7."""

    def apart_i6(x):
        return np.exp(x**2), 2 * x * np.exp(x**2)

    def shared_i6(x):
        b = np.exp(x**2)
        return b, 2 * x * b

    def apart_i8(x):
        return root_example(x), x * (1 + np.exp(x**2)) / np.sqrt(x**2 + np.exp(x**2))

    def shared_i8(x):
        a = x**2
        b = np.exp(a)
        d = np.sqrt(a + b)
        return d, x * (1 + b) / d

    functions = (apart_i6, shared_i6, apart_i8, shared_i8)
    assert [count_operations(f, 2.0).total() for f in functions] == [6, 4, 15, 7]
    assert count_operations(shared_i8, 2.0) == {
        **{"power": 1, "exp": 1, "add": 2, "sqrt": 1, "multiply": 1, "divide": 1}
    }


def test_operations_inside_a_sweep_are_counted():
    """z = xy + x: a derivative that is not 1 costs a product, a second path a sum."""
    f = lambda x, y: x * y + x  # noqa: E731
    assert count_operations(f, 2.0, 3.0) == {"multiply": 1, "add": 1}
    forward = count_operations(lambda x, y: f(Dual(x, 1.0), y), 2.0, 3.0)
    assert forward == {"multiply": 2, "add": 2}
    reverse = count_operations(lambda x, y: f(Tensor(x), Tensor(y)).backward(), 2.0, 3.0)
    assert reverse == {"multiply": 3, "add": 2}


def test_a_gradient_of_n_inputs_takes_n_forward_sweeps_or_one_reverse_sweep():
    x = np.linspace(0.5, 1.5, 7)
    one = lambda x: np.sum(np.tanh(x) * x)  # noqa: E731
    assert jacobian(one, x, "forward")[1:] == (7, 0)
    assert jacobian(one, x, "reverse")[1:] == (1, 1)
    many = lambda x: np.concatenate([x * x.sum(), np.sin(x)])  # noqa: E731
    assert jacobian(many, x, "forward")[1:] == (7, 0)
    assert jacobian(many, x, "reverse")[1:] == (1, 14)


@given(seeds)
def test_both_modes_give_the_jacobian_that_differences_give(seed):
    rng = np.random.default_rng(seed)
    W, x = rng.normal(size=(3, 4)), rng.normal(size=3)
    f = lambda x: np.tanh(x @ W) * x.sum()  # noqa: E731
    numeric = np.stack([numeric_grad(lambda x, i=i: f(x)[i], x) for i in range(4)])
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(jacobian(f, x, mode).J, numeric, atol=1e-7)


@pytest.mark.parametrize(
    ("f", "x", "mode", "error", "message"),
    [
        (np.sin, 1.0, "forward", ValueError, r"x must be a vector of inputs; got shape \(\)"),
        (np.sin, [1.0], "sideways", ValueError, "mode must be 'forward' or 'reverse'"),
        (lambda x: 3.0, [1.0], "reverse", TypeError, "something computed from x; got 3.0"),
        (lambda x: x[:, None], [1.0], "forward", ValueError, "a vector or a number"),
    ],
)
def test_what_has_no_jacobian_is_refused(f, x, mode, error, message):
    with pytest.raises(error, match=message):
        jacobian(f, x, mode)


def test_only_elementwise_operations_on_numbers_are_counted():
    with pytest.raises(TypeError, match=r"only elementwise operations are counted; got np\.matmul"):
        count_operations(lambda x: x @ x, np.ones(3))
    with pytest.raises(TypeError, match="numbers must hold numbers"):
        count_operations(np.sin, "two")
    with pytest.raises(TypeError, match="does not become a plain array by itself"):
        count_operations(np.asarray, 2.0)
