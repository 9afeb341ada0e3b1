"""What each improvement buys on MNIST: one change at a time, counted on validation images.

    python benchmarks/improvements.py            # all that is missing: some 20 minutes, one core
    python benchmarks/improvements.py dropout    # this recipe, and those it builds on

What comes out is kept in improvements.json, beside this file, after every run: stopped and
started again, the program goes on where it was. The chapter on MNIST reads that file.

A recipe is an earlier one and a single change. Where the change moves what a knob means, such
as the learning rate, that knob is chosen anew: seed 0 tries its values, the best of them on
the validation images is kept, and seeds 1, 2, ... are what is reported. All recipes train
for 8 epochs on the first 50,000 images. The test images are not used.

Besides, Nielsen's network with 30 units learns from the first 100, 200, ... 50,000 images, as
often as makes 1,500,000 in all: the curve that he draws in his third chapter.
"""

import argparse
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any

import nielsen
import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from coursenn import (
    SGD,
    Adam,
    Dense,
    Distortion,
    Dropout,
    Network,
    accuracy,
    cosine,
    cross_entropy,
    he,
    identity,
    lecun,
    load_mnist,
    normal,
    one_hot,
    relu,
    sigmoid,
    squared_error,
    train,
)
from coursenn.files import whole_file

RESULTS = Path(__file__).with_name("improvements.json")
EPOCHS = 8
SEEN = 1_500_000  # images, with repetitions, that each network of the curve learns from

Run = dict[str, Any]  # one seed of one recipe, as it stands in the file
Settings = dict[str, Any]


@dataclass(frozen=True)
class Recipe:
    """A change to the recipe before it, and the knob that is chosen anew for it."""

    after: str
    change: Settings = field(default_factory=dict)
    knob: str = ""
    values: tuple[float, ...] = ()  # that seed 0 tries
    seeds: int = 3


FIRST: Settings = {
    "hidden": (30,),
    "f": sigmoid,
    "first weights": normal(1),
    "first biases": 1.0,  # their deviation
    "loss": squared_error,
    "optimizer": SGD,
    "batch size": 10,
    "falling": False,
    "l2": 0.0,
    "dropout": 0.0,
    "distortion": {},
}

RECIPES = {
    "classic": Recipe("", {}, "lr", (1, 3, 10)),
    "cross-entropy": Recipe("classic", {"loss": cross_entropy}, "lr", (0.1, 0.3, 1)),
    "smaller weights": Recipe(
        "cross-entropy", {"first weights": lecun, "first biases": 0.0}, "lr", (0.1, 0.3, 1)
    ),
    "relu": Recipe("smaller weights", {"f": relu, "first weights": he}, "lr", (0.03, 0.1, 0.3)),
    "batches of 128": Recipe("relu", {"batch size": 128}, "lr", (0.1, 0.3, 1)),
    "batches of 32": Recipe("relu", {"batch size": 32}, "lr", (0.1, 0.2, 0.5)),
    "Adam": Recipe("batches of 32", {"optimizer": Adam}, "lr", (0.001, 0.003, 0.01)),
    "falling rate": Recipe("Adam", {"falling": True}, "lr", (0.001, 0.003, 0.01)),
    "100 units": Recipe("falling rate", {"hidden": (100,)}),
    "300 units": Recipe("100 units", {"hidden": (300,)}),
    "two layers of 100": Recipe("100 units", {"hidden": (100, 100)}),
    "L2": Recipe("100 units", {}, "l2", (0.00001, 0.0001)),
    "dropout": Recipe("100 units", {}, "dropout", (0.1, 0.2)),
    "shifts": Recipe("100 units", {"distortion": {"shift": 1}}),
    "rotations": Recipe("100 units", {"distortion": {"rotate": 10}}),
    "elastic": Recipe("100 units", {"distortion": {"alpha": 20}}),
    "all three": Recipe("100 units", {"distortion": {"shift": 1, "rotate": 10, "alpha": 20}}),
}

SIZES = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
CURVE = {
    f"{n} images": nielsen.Networks(
        printed, "validation", (784, 30, 10), 0.5, SEEN // n, penalty=0.0001 * n, rows=n, seeds=3
    )
    for n, printed in zip(
        SIZES,
        ("69.09", "76.37", "85.29", "88.85", "91.27", "93.24", "94.89", "95.85", "95.97"),
        strict=True,
    )
}


def network(settings: Settings, rng: np.random.Generator) -> Network:
    """Return the network as it is before training. The cross-entropy makes its own softmax."""
    f, init, p = settings["f"], settings["first weights"], settings["dropout"]
    sizes = (784, *settings["hidden"])
    layers: list[Dense | Dropout] = []
    for n_in, n_out in pairwise(sizes):
        layers += [Dense(n_in, n_out, f, init), *([Dropout(p)] if p else [])]
    last = sigmoid if settings["loss"] is squared_error else identity
    layers.append(Dense(sizes[-1], 10, last, init))
    net = Network(layers, settings["loss"], l2=settings["l2"], rng=rng)
    for b in net.params[1::2]:
        b[...] = settings["first biases"] * rng.normal(size=b.shape)
    return net


def learn(settings: Settings, seed: int) -> Run:
    """Train, and return the right answers among the 10,000 validation images by epoch."""
    rng = np.random.default_rng(seed)
    (X, y), (X_val, y_val), _ = load_mnist(validation=10_000)
    net, batch_size, lr = network(settings, rng), settings["batch size"], settings["lr"]
    steps = EPOCHS * -(-len(X) // batch_size)
    optimizer = settings["optimizer"](cosine(lr, steps) if settings["falling"] else lr)
    augment = Distortion(**settings["distortion"]) if settings["distortion"] else None
    epochs = train(net, X, one_hot(y, 10), optimizer, EPOCHS, batch_size, rng, augment=augment)
    right = [round(len(y_val) * accuracy(net(X_val), y_val)) for _ in epochs]
    return {"right": right, "training": round(accuracy(net(X), y), 5)}


def learn_from_few(name: str, seed: int) -> Run:
    """Train Nielsen's network on the first rows, and look at the validation images once."""
    e, rng, parts = CURVE[name], np.random.default_rng(seed), nielsen.mnist()
    X, y = (part[: e.rows] for part in parts["training"])
    X_val, y_val = parts["validation"]
    net = e.network(rng)
    for _ in train(net, X, one_hot(y, 10), SGD(e.lr), e.epochs, batch_size=10, rng=rng):
        pass
    right = [round(len(y_val) * accuracy(net(X_val), y_val))]
    return {"right": right, "training": round(accuracy(net(X), y), 5)}


def chosen(name: str, runs: list[Run]) -> float | None:
    """Return the value of the recipe's knob that was best for seed 0; None without a knob."""
    tried = [run for run in runs if run["recipe"] == name and run["seed"] == 0]
    return max(tried, key=lambda run: run["right"][-1])["value"] if tried else None


def settings(name: str, runs: list[Run], value: float | None) -> Settings:
    """Return all settings of a recipe: those before it, its change, its knob."""
    recipe = RECIPES[name]
    before = settings(recipe.after, runs, chosen(recipe.after, runs)) if recipe.after else FIRST
    return before | recipe.change | ({recipe.knob: value} if recipe.knob else {})


def missing(name: str, runs: list[Run]) -> Iterator[tuple[int, float | None]]:
    """Yield seed and value of the runs that are still to be made; runs may grow meanwhile."""
    made = {(run["seed"], run["value"]) for run in runs if run["recipe"] == name}
    seeds = CURVE[name].seeds if name in CURVE else RECIPES[name].seeds
    values = () if name in CURVE else RECIPES[name].values
    yield from ((0, value) for value in values if (0, value) not in made)
    best = chosen(name, runs)
    yield from ((seed, best) for seed in range(1, seeds + 1) if (seed, best) not in made)


def timed_run(name: str, seed: int, value: float | None, runs: list[Run]) -> Run:
    """Return the run with its name, how long the processor worked, and what made it."""
    with threadpool_limits(1):
        start = process_time()
        curve = name in CURVE
        run = learn_from_few(name, seed) if curve else learn(settings(name, runs, value), seed)
        seconds = process_time() - start
    return {
        "recipe": name,
        "seed": seed,
        "value": value,
        **run,
        "seconds": round(seconds, 1),
        "made with": f"Python {platform.python_version()}, NumPy {np.__version__}",
    }


def with_those_before(names: list[str]) -> list[str]:
    """Return the names and those of the recipes that they build on, in the order of the file."""
    wanted = set(names)
    for name in reversed(RECIPES):
        if name in wanted:
            wanted.add(RECIPES[name].after)
    return [name for name in (*RECIPES, *CURVE) if name in wanted]


def results(path: Path = RESULTS) -> list[Run]:
    """Return the runs in a file; none if there is no such file yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def write(runs: list[Run], path: Path) -> None:
    """Write the runs, one in a line, in the order of the recipes."""
    order = [*RECIPES, *CURVE]
    runs.sort(key=lambda run: (order.index(run["recipe"]), run["seed"], run["value"] or 0))
    lines = ",\n".join(json.dumps(run) for run in runs)
    with whole_file(path) as file:
        file.write(f"[\n{lines}\n]\n".encode())


def main() -> None:
    every = [*RECIPES, *CURVE]
    parser = argparse.ArgumentParser(description="Measure improvements, one at a time.")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(every)} (default: all)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file to add to")
    args = parser.parse_args()
    if unknown := set(args.names) - set(every):
        parser.error(f"no recipe is called {', '.join(sorted(unknown))}")

    runs = results(args.results)
    for name in with_those_before(args.names or every):
        for seed, value in missing(name, runs):
            run = timed_run(name, seed, value, runs)
            runs.append(run)
            write(runs, args.results)
            knob = "" if value is None else f", {value:g}"
            print(f"{name}{knob}, seed {seed}: {run['right'][-1]}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
