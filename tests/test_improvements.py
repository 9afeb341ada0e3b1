"""benchmarks/improvements.py changes one thing at a time, and goes on where it was stopped."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coursenn import DatasetError, cross_entropy, he, lecun, load_mnist, relu, squared_error

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.append(str(BENCHMARKS))  # a program imports its neighbours

import improvements as im  # noqa: E402
import nielsen  # noqa: E402


@pytest.fixture
def tiny(monkeypatch):
    """Random pictures in place of MNIST, and two epochs."""
    rng = np.random.default_rng(0)
    X, y = rng.random((60, 784), np.float32), rng.integers(0, 10, 60)
    parts = (X, y), (X[:20], y[:20]), (X[:30], y[:30])
    monkeypatch.setattr(im, "load_mnist", lambda validation: parts)
    monkeypatch.setattr(im, "EPOCHS", 2)


@pytest.fixture(scope="module")
def stored():
    return im.results()


def chain(name):
    """Return the recipe's name and those it builds on, the first one last."""
    return [name, *(chain(im.RECIPES[name].after) if im.RECIPES[name].after else [])]


def test_each_recipe_is_an_earlier_one_and_one_change(stored):
    for name, recipe in im.RECIPES.items():
        if recipe.after:
            before = im.settings(recipe.after, stored, im.chosen(recipe.after, stored))
            now = im.settings(name, stored, im.chosen(name, stored))
            changed = {key for key in now if now[key] != before[key]}
            assert changed <= {*recipe.change, recipe.knob}
            assert set(recipe.change) <= changed or recipe.knob in changed
            assert list(im.RECIPES).index(recipe.after) < list(im.RECIPES).index(name)


def test_the_network_is_what_the_settings_say():
    first = im.FIRST | {"lr": 3.0}
    net = im.network(first, np.random.default_rng(0))
    assert [layer.n_out for layer in net.layers] == [30, 10]
    assert (str(net.layers[1].f), net.loss) == ("Sigmoid", squared_error)
    assert net.params[0].std() == pytest.approx(1, rel=0.02)
    assert net.params[1].std() == pytest.approx(1, rel=0.4)

    other = first | {"hidden": (50, 40), "f": relu, "first weights": he, "first biases": 0.0}
    other |= {"loss": cross_entropy, "l2": 0.5, "dropout": 0.2}
    net = im.network(other, np.random.default_rng(0))
    assert [str(layer).partition("(")[0] for layer in net.layers] == [
        "Dense", "Dropout", "Dense", "Dropout", "Dense",
    ]  # fmt: skip
    assert (str(net.layers[-1].f), net.loss, net.l2) == ("Identity", cross_entropy, 0.5)
    assert net.params[0].std() == pytest.approx(np.sqrt(2 / 784), rel=0.02)
    assert not np.concatenate(net.params[1::2]).any()


def test_the_knob_is_chosen_by_seed_0_alone():
    def run(seed, value, right):
        return {"recipe": "dropout", "seed": seed, "value": value, "right": [0, right]}

    runs = [run(0, 0.1, 99), run(0, 0.2, 98), run(1, 0.2, 100)]
    assert im.chosen("dropout", runs) == 0.1
    assert im.settings("dropout", runs, 0.1)["dropout"] == 0.1
    assert im.chosen("shifts", runs) is None


def test_what_is_missing_is_first_the_choice_of_the_knob_then_the_seeds():
    runs = []
    todo = im.missing("dropout", runs)
    for value, right in (0.1, 5), (0.2, 7):
        assert next(todo) == (0, value)
        runs.append({"recipe": "dropout", "seed": 0, "value": value, "right": [right]})
    assert list(todo) == [(1, 0.2), (2, 0.2), (3, 0.2)]
    assert list(im.missing("dropout", runs)) == [(1, 0.2), (2, 0.2), (3, 0.2)]
    assert list(im.missing("shifts", runs)) == [(1, None), (2, None), (3, None)]


def test_a_named_recipe_brings_those_it_builds_on():
    assert im.with_those_before(["relu", "100 images"]) == [
        "classic", "cross-entropy", "smaller weights", "relu", "100 images",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["batches of 128", "falling rate", "all three"])
def test_a_run_is_reproduced_from_its_seed_and_differs_from_another(tiny, stored, name):
    settings = im.settings(name, stored, im.chosen(name, stored))
    once, again, other = (im.learn(settings, seed) for seed in (1, 1, 2))
    assert len(once["right"]) == 2
    assert once == again != other


def test_the_curve_follows_nielsens_recipe():
    for name, e in im.CURVE.items():
        assert name == f"{e.rows} images"
        assert e.rows * e.epochs == im.SEEN
        net = e.network(np.random.default_rng(0))
        assert net.l2 == pytest.approx(0.0001)  # his λ = 0.0001 n, over n
        assert (e.split, e.weights, e.lr) == ("validation", "large", 0.5)


def test_few_images_are_the_first_ones_and_are_seen_as_often_as_said(monkeypatch):
    rng = np.random.default_rng(0)
    X, y = rng.random((60, 784), np.float32), rng.integers(0, 10, 60)
    parts = {"training": (X, y), "validation": (X[:20], y[:20])}
    monkeypatch.setattr(nielsen, "mnist", lambda: parts)
    few = replace(im.CURVE["100 images"], rows=20, epochs=60)
    monkeypatch.setattr(im, "CURVE", {"100 images": few})
    run = im.learn_from_few("100 images", 1)
    assert run["right"] == [round(20 * run["training"])]  # the same 20 rows
    assert run["training"] > 0.9


def test_an_unknown_recipe_is_refused():
    program = [sys.executable, im.__file__, "magic"]
    done = subprocess.run(program, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no recipe is called magic" in done.stderr


# ---- the stored file ---------------------------------------------------------------------


def test_the_stored_results_are_whole_and_hold_nothing_else(stored):
    assert {run["recipe"] for run in stored} == {*im.RECIPES, *im.CURVE}
    expected = 0
    for name in (*im.RECIPES, *im.CURVE):
        assert list(im.missing(name, stored)) == []
        expected += len(im.RECIPES[name].values) if name in im.RECIPES else 0
        expected += (im.RECIPES | im.CURVE)[name].seeds
    assert len(stored) == expected
    for run in stored:
        assert len(run["right"]) == (1 if run["recipe"] in im.CURVE else im.EPOCHS)
        assert all(500 < right <= 10_000 for right in run["right"])
        assert run["seconds"] > 0
        assert "NumPy" in run["made with"]


def test_the_stored_results_cost_less_than_half_an_hour_of_one_core(stored):
    assert sum(run["seconds"] for run in stored) < 30 * 60


def test_writing_the_stored_results_again_changes_nothing(stored, tmp_path):
    im.write(list(stored), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == im.RESULTS.read_bytes()


def test_a_short_run_repeated_gives_what_is_stored(stored):
    """Exactly so only where rounding is the same: elsewhere training amplifies the last bit."""
    try:
        load_mnist(validation=10_000)
    except DatasetError as error:
        pytest.skip(str(error))
    name = "batches of 128"
    kept = next(run for run in stored if run["recipe"] == name and run["seed"] == 1)
    run = im.timed_run(name, 1, kept["value"], stored)
    assert run["right"] == pytest.approx(kept["right"], abs=100)
    assert run["right"][-1] == pytest.approx(kept["right"][-1], abs=40)
    assert run["training"] == pytest.approx(kept["training"], abs=0.005)


def test_a_recipe_has_what_those_before_it_changed(stored):
    assert chain("smaller weights") == ["smaller weights", "cross-entropy", "classic"]
    settings = im.settings("smaller weights", stored, 0.3)
    assert (settings["first weights"], settings["first biases"]) == (lecun, 0.0)
    assert (settings["loss"], settings["lr"]) == (cross_entropy, 0.3)


def test_the_chapter_compares_each_recipe_with_the_one_it_builds_on():
    chapter = json.loads((BENCHMARKS.parent / "book" / "10_mnist.ipynb").read_text("utf-8"))
    sources = ["".join(cell["source"]) for cell in chapter["cells"]]
    (code,) = (source for source in sources if source.startswith("base = {"))
    names: dict = {}
    exec(code, names)
    assert names["base"] == {name: r.after for name, r in im.RECIPES.items() if r.after}
    (code,) = (source for source in sources if source.startswith("sizes = ["))
    for e in im.CURVE.values():
        assert e.printed in code
