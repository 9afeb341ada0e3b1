"""The benchmark is right, and runs. How fast anything is, is not tested: machines differ."""

import os
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from benchmarks.per_example import PerExampleNetwork
from benchmarks.scalar_engine import Scalar
from coursenn import SGD, cross_entropy, mlp, one_hot, relu, squared_error, tanh
from coursenn.autodiff import Tensor, Value

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def autodiff(monkeypatch):
    return load("autodiff", monkeypatch)


@pytest.fixture
def augment(monkeypatch):
    return load("augment", monkeypatch)


def load(name, monkeypatch):
    """Return a module of benchmarks/, which imports its neighbours as a program does."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    spec = spec_from_file_location(f"benchmark_of_{name}", BENCHMARKS / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def twins():
    """A per-example network, its coursenn twin, and a batch as examples and as rows."""
    rng = np.random.default_rng(0)
    loop = PerExampleNetwork((5, 4, 6, 3), rng)
    loop.biases = [rng.normal(size=b.shape) for b in loop.biases]
    net = mlp([5, 4, 6, 3], relu, loss=cross_entropy, rng=0, dtype=np.float64)
    net.theta[...] = as_theta(loop.weights, loop.biases)
    X, Y = rng.normal(size=(7, 5)), one_hot(rng.integers(0, 3, 7), 3).astype(float)
    examples = [(x[:, np.newaxis], y[:, np.newaxis]) for x, y in zip(X, Y, strict=True)]
    return loop, net, examples, X, Y


def as_theta(weights, biases):
    """Lay out columns' weights (n_out, n_in) and biases (n_out, 1) as coursenn does."""
    pairs = zip(weights, biases, strict=True)
    return np.concatenate([part for W, b in pairs for part in (W.T.ravel(), b.ravel())])


def test_the_per_example_loop_has_the_gradient_of_coursenn(twins):
    loop, net, examples, X, Y = twins
    net.loss_and_grad(X, Y)
    np.testing.assert_allclose(as_theta(*loop.gradient(examples)), net.grad, rtol=1e-10, atol=1e-12)


def test_the_per_example_loop_takes_the_step_of_coursenn(twins):
    loop, net, examples, X, Y = twins
    before = net.theta.copy()
    net.loss_and_grad(X, Y)
    SGD(0.5).step(net.theta, net.grad)
    loop.step(examples, 0.5)
    after = as_theta(loop.weights, loop.biases)
    np.testing.assert_allclose(after, net.theta, rtol=1e-10, atol=1e-12)
    assert np.abs(after - before).max() > 0.01


def test_an_epoch_of_the_per_example_loop_visits_every_example_once(twins):
    loop, _, examples, _, _ = twins
    seen = []
    loop.step = lambda batch, lr: seen.append([id(x) for x, _ in batch])
    loop.train_epoch(list(examples), 3, 0.5, np.random.default_rng(0))
    assert [len(batch) for batch in seen] == [3, 3, 1]
    assert sorted(chain(*seen)) == sorted(id(x) for x, _ in examples)


def run(*args, program="training.py"):
    return subprocess.run(
        [sys.executable, BENCHMARKS / program, *map(str, args)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"PYTHONPATH": str(BENCHMARKS.parent)},
    )


def test_the_benchmark_writes_its_table_and_plot(tmp_path):
    readme = tmp_path / "README.md"
    shutil.copy(BENCHMARKS / "README.md", readme)
    before = readme.read_text(encoding="utf-8")
    done = run("--rounds", 1, "--threads", 1, "--readme", readme)
    assert done.returncode == 0, done.stderr

    page = readme.read_text(encoding="utf-8")
    begin, end = "<!-- results: begin -->\n", "<!-- results: end -->\n"
    head, table = page.split(begin)
    table, tail = table.split(end)
    assert table == done.stdout
    assert (head, tail) == (before.split(begin)[0], before.split(end)[1])
    for network in ("784-30-10, batch 10", "784-128-64-10, batch 32", "784-512-10, batch 128"):
        [row] = [line for line in table.splitlines() if network in line]
        loop, sklearn = (cell.strip(" *") for cell in row.split("|")[4:6])
        assert float(loop) > 0
        assert np.isfinite(float(sklearn))
    assert "<svg" in (tmp_path / "training.svg").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "training.svg"]


@pytest.mark.parametrize(
    "program", ["training.py", "autodiff.py", "augment.py", "time_to_accuracy.py", "scaling.py"]
)
def test_a_readme_without_a_place_for_the_table_is_left_alone(tmp_path, program):
    readme = tmp_path / "README.md"
    readme.write_text("nothing here")
    done = run("--rounds", 1, "--readme", readme, program=program)
    assert done.returncode == 1
    assert "to write the table between" in done.stderr
    assert readme.read_text() == "nothing here"


def test_the_scalar_engine_has_the_gradient_of_value_tensor_and_the_four_equations(autodiff):
    rng = np.random.default_rng(0)
    net = mlp([2, 5, 4, 2], tanh, loss=squared_error, rng=0, dtype=np.float64)
    net.theta[...] = rng.normal(size=net.theta.size)
    X, Y = rng.normal(size=(7, 2)), rng.normal(size=(7, 2))
    C = net.loss_and_grad(X, Y)
    tensors = [Tensor(p) for p in net.params]
    net.loss(net(X, tensors), Y).backward()
    found = [[p.grad for p in tensors]]
    for kind in (Value, autodiff.Scalar):
        layers = autodiff.scalar_network(kind, net.params)
        for _ in range(2):  # the second step begins with gradients of the first
            autodiff.scalar_step(layers, X.tolist(), Y.tolist())
        assert np.isclose(autodiff.scalar_loss(layers, X.tolist(), Y.tolist()).data, C)
        found.append(autodiff.scalar_grads(layers))
    for grads in found:
        for got, grad in zip(grads, net.grads, strict=True):
            np.testing.assert_allclose(got, grad, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: 2 * x + y * 3 + x * y,
        lambda x, y: (x - y) * (x - 0.5) + (1 + x),
        lambda x, y: x + x * x,  # used three times, and twice as the same input
        lambda x, y: (x * y).tanh() * x.relu() + (-1 * x).relu(),
    ],
)
def test_every_operation_of_the_scalar_engine_has_the_derivative_of_value(f):
    pairs = [(kind(0.7), kind(-1.3)) for kind in (Value, Scalar)]
    (C, other) = (f(x, y) for x, y in pairs)
    C.backward()
    other.backward()
    assert np.isclose(other.data, C.data, rtol=1e-12)
    for v, s in zip(*pairs, strict=True):
        assert np.isclose(s.grad, v.grad or 0.0, rtol=1e-12)  # None: y does not enter f


def test_whoever_is_timed_on_arrays_has_the_same_gradient(autodiff):
    task = autodiff.classifier((6, 5, 4, 3), 8)
    assert {"by hand", "Tensor", "TensorModel"} <= set(autodiff.gradients(*task))
    autodiff.WAYS["twice"] = lambda net, X, Y: lambda: [2 * p for p in net.grads]
    with pytest.raises(AssertionError, match="twice"):
        autodiff.gradients(*task)


def test_the_benchmark_of_autodiff_writes_its_tables_and_plot(tmp_path):
    readme = tmp_path / "README.md"
    shutil.copy(BENCHMARKS / "README.md", readme)
    before = readme.read_text(encoding="utf-8")
    done = run("--rounds", 1, "--readme", readme, program="autodiff.py")
    assert done.returncode == 0, done.stderr

    page = readme.read_text(encoding="utf-8")
    begin, end = "<!-- autodiff: begin -->\n", "<!-- autodiff: end -->\n"
    head, tables = page.split(begin)
    tables, tail = tables.split(end)
    assert tables == done.stdout
    assert (head, tail) == (before.split(begin)[0], before.split(end)[1])
    rows = [line.split(" | ") for line in tables.splitlines() if line[:3] not in ("", "| -", "| :")]
    ratios = {row[0]: row for row in rows}
    for batch in ("| 32", "| 100", "| 500"):
        assert float(ratios[batch][2].strip("*")) > 0
    assert float(ratios["| as Python runs it"][2].strip("*| ")) > 0
    networks = [row for name, row in ratios.items() if name.endswith("-10")]
    assert [row[1] for row in networks][::5] == ["1,386", "1,059,850"]
    assert all(float(row[3].strip("*")) > 0 for row in networks)
    assert "<svg" in (tmp_path / "autodiff.svg").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "autodiff.svg"]


def test_whoever_is_timed_on_images_makes_the_same_ones(augment):
    pytest.importorskip("scipy")
    assert {"coursenn", "map_coordinates", "sparse product"} <= set(augment.peers())
    augment.PEERS["darker"] = (lambda *task: 2 * augment.map_coordinates(*task), "scipy")
    with pytest.raises(AssertionError, match="darker"):
        augment.peers()


def test_the_benchmark_of_augmentation_writes_its_table(tmp_path):
    readme = tmp_path / "README.md"
    shutil.copy(BENCHMARKS / "README.md", readme)
    before = readme.read_text(encoding="utf-8")
    done = run("--rounds", 1, "--readme", readme, program="augment.py")
    assert done.returncode == 0, done.stderr

    page = readme.read_text(encoding="utf-8")
    begin, end = "<!-- augment: begin -->\n", "<!-- augment: end -->\n"
    head, table = page.split(begin)
    table, tail = table.split(end)
    assert table == done.stdout
    assert (head, tail) == (before.split(begin)[0], before.split(end)[1])
    for share in (1, 8, 32, 128):
        [row] = [line for line in table.splitlines() if line.startswith(f"| {share} |")]
        speed, *ratios = (cell.strip(" *") for cell in row.split("|")[2:6])
        assert float(speed.replace(",", "")) > 0
        assert all(float(ratio) > 0 for ratio in ratios)
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


@pytest.mark.parametrize("option", ["--rounds", "--threads"])
def test_none_of_what_must_be_counted_is_refused(option):
    done = run(option, 0)
    assert done.returncode == 2
    assert "at least 1" in done.stderr


# -- Time to an accuracy, and how a step grows ----------------------------------------------


@pytest.fixture
def blobs():
    """Ten clouds that anybody can tell apart, in the shape of MNIST."""
    rng = np.random.default_rng(0)
    y = np.arange(400) % 10
    X = (rng.random((10, 784))[y] + rng.normal(scale=0.1, size=(400, 784))).astype(np.float32)
    return X, y


def test_everybody_reaches_the_goal_and_the_epochs_are_counted(blobs, monkeypatch):
    module = load("time_to_accuracy", monkeypatch)
    assert {"coursenn", "scikit-learn"} <= {*module.here()}
    for name in module.here():
        epoch, score = module.RUNS[name](module.Recipe(16, 10), blobs, blobs, 0)
        epoch()
        first, found = score(), module.arrival("coursenn", epoch, score)
        assert first < module.GOAL <= score()
        assert 1 <= found.epochs <= module.MOST_EPOCHS
        assert found.seconds > 0


def test_only_learning_is_on_the_clock_and_who_never_arrives_is_told(monkeypatch):
    module = load("time_to_accuracy", monkeypatch)
    monkeypatch.setattr(module, "processor_time", lambda work: (work(), 2.0)[1])
    scores = iter([0.5, 0.979, 0.98])
    assert module.arrival("A", lambda: None, lambda: next(scores)) == (6.0, 3)
    with pytest.raises(SystemExit, match="A did not reach 98% in 60 epochs"):
        module.arrival("A", lambda: None, lambda: 0.9)


def test_ratios_of_time_are_taken_within_a_round(monkeypatch):
    module = load("time_to_accuracy", monkeypatch)
    rounds = [(1.0, 4.0, 3), (2.0, 6.0, 4), (1.0, 1.0, 5)]
    runs = [
        {"coursenn": module.Arrival(own, 2), "scikit-learn": module.Arrival(other, epochs)}
        for own, other, epochs in rounds
    ]
    assert "| 1.0 s | 3.00 | not installed | 2, 4 |" in module.table({module.RECIPES[0]: runs})


def test_the_memory_of_a_step_is_that_of_its_arrays(monkeypatch):
    module = load("scaling", monkeypatch)
    small, large = (
        module.memory_of_a_step(module.network(width=64, batch=batch, depth=2))
        for batch in (500, 1000)
    )
    assert 1.9 < large / small < 2.1
    assert large > 4 * 1000 * (64 + 64 + 10) / 1e6  # at least the outputs of the layers


def test_the_crossover_is_where_products_are_half_of_a_step(monkeypatch):
    module = load("scaling", monkeypatch)
    points = {n: module.Point(module.network(n), 100, p) for n, p in ((16, 20), (32, 50), (64, 91))}
    assert module.crossover(points) == (
        "From width 32 on, products are at least half of a step; from 64 on, nine tenths."
    )
    del points[64]
    assert "nowhere nine tenths" in module.crossover(points)
    del points[32]
    assert "At no width" in module.crossover(points)


def test_a_point_of_the_scaling_curves_is_measured(monkeypatch):
    module = load("scaling", monkeypatch)
    point = module.measure(module.Task((32, 32, 10), 16, 20), rounds=3)
    assert 0 < point.products < point.step
    assert "| width | 32 |" in module.table({"width": {32: point}})
