"""benchmarks/mnist_record.py ends with the same weights, however often it is killed."""

import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from benchmarks import mnist_record
from benchmarks.mnist_record import Recipe, Run
from coursenn import load_digits

ROOT = Path(__file__).parents[1]
RECIPE = Recipe(units=(40, 20), dropout=0.2, epochs=30, batch_size=64, alpha=4, sigma=2)
PROGRAM = """
from dataclasses import replace
from tests.test_mnist_record import *
for _ in Run(RECIPE, 3, load_digits(), Path({path!r})).go_on():
    print("one more", flush=True)
"""


def finished(recipe, seed, path):
    run = Run(recipe, seed, load_digits(), path)
    list(run.go_on())
    return run


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nobody disturbed."""
    return finished(RECIPE, 3, tmp_path_factory.mktemp("whole") / "run.npz")


def test_killed_ten_times_it_ends_with_the_same_weights(whole, tmp_path):
    path, rng, behind = tmp_path / "run.npz", np.random.default_rng(0), 0
    command = [sys.executable, "-c", PROGRAM.format(path=str(path))]
    for _ in range(10):
        program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(rng.integers(1, 3)):
            behind += bool(program.stdout.readline())
        time.sleep(rng.uniform(0, 0.03))  # into the middle of the next epoch, or of its writing
        program.kill()
        program.communicate()
        saved = Run(RECIPE, 3, load_digits(), path).log
        assert behind <= len(saved) <= behind + 1, "more than the running epoch is lost"
        behind = len(saved)
    rest = Run(RECIPE, 3, load_digits(), path)
    assert 10 <= len(rest.log) < RECIPE.epochs
    list(rest.go_on())
    assert np.array_equal(rest.net.theta, whole.net.theta)
    assert [e["loss"] for e in rest.log] == [e["loss"] for e in whole.log]
    assert all(map(np.array_equal, rest.adam.state, whole.adam.state))


def test_a_finished_run_has_nothing_left_to_do(whole):
    again = Run(RECIPE, 3, load_digits(), whole.checkpoint)
    assert list(again.go_on()) == []
    assert np.array_equal(again.net.theta, whole.net.theta)
    assert len(again.log) == RECIPE.epochs


def test_what_is_drawn_depends_on_the_seed_and_on_the_epoch(tmp_path):
    two = Recipe(**asdict(RECIPE) | {"epochs": 2})
    a, b = (finished(two, seed, tmp_path / f"{seed}.npz") for seed in (0, 1))
    assert not np.array_equal(a.net.theta, b.net.theta)
    draws = {(run.seed, epoch): run._rng(epoch).random() for run in (a, b) for epoch in range(3)}
    assert len(set(draws.values())) == 6


def test_another_recipe_does_not_take_up_the_checkpoint(whole):
    other = Recipe(**asdict(RECIPE) | {"alpha": 5.0})
    with pytest.raises(ValueError, match="made by another recipe"):
        Run(other, 3, load_digits(), whole.checkpoint)


def test_a_failed_write_leaves_the_last_checkpoint(tmp_path, monkeypatch):
    run = Run(RECIPE, 0, load_digits(), tmp_path / "run.npz")
    epochs = run.go_on()
    next(epochs)
    before = run.checkpoint.read_bytes()

    def full_disk(file, **arrays):
        file.write(b"half of it")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space"):
        next(epochs)
    assert run.checkpoint.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def test_the_test_set_is_opened_once_for_each_and_for_all(tmp_path, monkeypatch):
    X, y = load_digits()
    parts = [(X[:1200], y[:1200]), (X[1200:1400], y[1200:1400]), (X[1400:], y[1400:])]
    monkeypatch.setattr(mnist_record, "load_mnist", lambda validation: parts)
    recipe = Recipe(**asdict(RECIPE) | {"epochs": 4})
    checkpoints = {seed: tmp_path / f"{seed}.npz" for seed in (0, 1)}
    for seed, path in checkpoints.items():
        assert mnist_record.trained(recipe, seed, path) == seed
    results = mnist_record.opened(recipe, checkpoints)
    assert results["recipe"] == asdict(recipe)
    rights = [1 - len(run["wrong"]) / 397 for run in results["runs"]]
    assert [run["test"] for run in results["runs"]] == pytest.approx(rights)
    either = {*results["runs"][0]["wrong"]} | {*results["runs"][1]["wrong"]}
    assert {*results["ensemble"]["wrong"]} <= either  # where both are right, their mean is
    mnist_record.write(results, tmp_path / "results.json")
    text = (tmp_path / "results.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(results))


def test_a_trial_never_sees_the_test_set(tmp_path, monkeypatch, capsys):
    X, y = load_digits()
    shut = (np.full((5, 64), np.nan), None)  # whoever looks into it, fails
    parts = [(X[:1500], y[:1500]), (X[1500:], y[1500:]), shut]
    monkeypatch.setattr(mnist_record, "load_mnist", lambda validation: parts)
    mnist_record.trial(Recipe(**asdict(RECIPE) | {"epochs": 8}), 0, tmp_path / "trial.npz")
    *epochs, mean = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in epochs] == [f"epoch {k}" for k in range(1, 9)]
    last, averaged = (float(x.split()[-1].rstrip("%")) for x in (epochs[-1], mean))
    assert mean.startswith("mean of the weights after 2 epochs")
    assert averaged == pytest.approx(last, abs=5)  # a mean of other weights would know nothing


def test_the_stored_results_are_those_of_the_recipe():
    results = json.loads((ROOT / "benchmarks" / "mnist_record.json").read_text(encoding="utf-8"))
    recipe = {name: list(x) if name == "units" else x for name, x in asdict(Recipe()).items()}
    assert results["recipe"] == recipe
    assert len(results["runs"]) >= 3
    for run in (*results["runs"], results["ensemble"]):
        assert run["test"] == pytest.approx(1 - len(run["wrong"]) / 10_000)
    for run in results["runs"]:
        assert len(run["log"]) == recipe["epochs"]
        assert run["seconds"] == pytest.approx(sum(e["seconds"] for e in run["log"]), abs=1)
    assert np.median([run["test"] for run in results["runs"]]) > 0.99
