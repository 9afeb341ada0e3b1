"""benchmarks/nielsen.py trains what the book describes, and goes on where it was stopped."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import nielsen
from coursenn import binary_cross_entropy, squared_error

ROOT = Path(__file__).resolve().parents[1]
NETWORKS = [name for name, e in nielsen.EXPERIMENTS.items() if isinstance(e, nielsen.Networks)]


@pytest.fixture
def tiny(monkeypatch):
    """Two experiments of a second, on random pictures in place of MNIST."""
    rng = np.random.default_rng(0)
    X, y = rng.random((60, 784), np.float32), rng.integers(0, 10, 60)
    parts = {"training": (X, y), "validation": (X[:20], y[:20]), "test": (X[:30], y[:30])}
    monkeypatch.setattr(nielsen, "mnist", lambda: parts)
    few = {"rows": 50, "epochs": 2, "seeds": 2}
    experiments = {
        "N5": replace(nielsen.EXPERIMENTS["N5"], **few),
        "N17": replace(nielsen.EXPERIMENTS["N17"], **few),
    }
    monkeypatch.setattr(nielsen, "EXPERIMENTS", experiments)
    return experiments


@pytest.mark.parametrize("name", NETWORKS)
def test_the_network_of_each_experiment_is_nielsens(name):
    e = nielsen.EXPERIMENTS[name]
    net = e.network(np.random.default_rng(0))
    assert (net.layers[0].n_in, *(layer.n_out for layer in net.layers)) == e.sizes
    assert {str(layer.f) for layer in net.layers[:-1]} <= {"Sigmoid"}
    cost = {"quadratic": ("Sigmoid", squared_error)}
    last, loss = cost.get(e.loss, ("Identity", binary_cross_entropy))
    assert (str(net.layers[-1].f), net.loss) == (last, loss)
    assert net.l2 == pytest.approx(e.penalty / e.rows)  # his λ/2n is our l2/2
    first, biases = net.params[0], np.concatenate(net.params[1::2])
    assert first.std() == pytest.approx({"large": 1, "scaled": 1 / 28}[e.weights], rel=0.02)
    assert biases.std() == pytest.approx(1, rel=0.6)


def test_a_run_tells_what_was_right_after_each_epoch_and_in_each_part_at_the_end(tiny):
    run = nielsen.timed_run("N17", 1)
    assert (run["experiment"], run["seed"]) == ("N17", 1)
    assert len(run["right"]) == 2
    assert run["right"][-1] == round(20 * run["validation"])
    assert all(0 <= run[part] <= 1 for part in ("training", "validation", "test"))
    assert run["seconds"] >= 0
    assert f"NumPy {np.__version__}" in run["made with"]


def test_a_run_is_reproduced_from_its_seed_and_differs_from_another(tiny):
    runs = [tiny["N5"].run(seed) for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


def test_what_was_run_is_not_run_again(tiny, tmp_path):
    path = tmp_path / "results.json"
    assert nielsen.results(path) == []
    nielsen.write([nielsen.timed_run("N17", 0), nielsen.timed_run("N5", 1)], path)
    kept = nielsen.results(path)
    assert [(run["experiment"], run["seed"]) for run in kept] == [("N5", 1), ("N17", 0)]
    assert nielsen.missing(["N5", "N17"], kept) == [("N5", 0), ("N17", 1)]
    assert nielsen.missing(["N17"], kept) == [("N17", 1)]


def test_an_unknown_experiment_is_refused():
    program = [sys.executable, nielsen.__file__, "N99"]
    done = subprocess.run(program, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no experiment is called N99" in done.stderr


def test_the_stored_results_are_whole():
    """Every run that the program would make is there, and is what it would write."""
    stored = nielsen.results()
    names = [name for name in nielsen.EXPERIMENTS if name in {run["experiment"] for run in stored}]
    assert nielsen.missing(names, stored) == []
    for run in stored:
        experiment = nielsen.EXPERIMENTS[run["experiment"]]
        epochs = experiment.epochs if isinstance(experiment, nielsen.Networks) else 1
        assert len(run["right"]) == epochs
        assert run["right"][-1] == round(10_000 * run[experiment.split])


def test_the_chapter_quotes_what_he_printed_and_of_which_pictures():
    chapter = json.loads((ROOT / "book" / "10_mnist.ipynb").read_text("utf-8"))
    sources = ["".join(cell["source"]) for cell in chapter["cells"]]
    (code,) = (source for source in sources if source.startswith("his = {"))
    names: dict = {"np": np}
    exec(code, names)
    assert set(NETWORKS) <= set(names["his"]) <= set(nielsen.EXPERIMENTS)
    for name, (_, printed, part) in names["his"].items():
        e = nielsen.EXPERIMENTS[name]
        assert e.split.startswith(part)
        if not np.isnan(printed):
            assert f"{printed:g}" in e.printed or f"{100 * printed:.0f}" in e.printed
