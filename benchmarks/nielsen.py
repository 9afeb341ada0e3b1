"""The experiments on MNIST of Nielsen's book, run again with coursenn over several seeds.

    python benchmarks/nielsen.py             # all of them: an hour or two on two cores
    python benchmarks/nielsen.py N5 N6       # these alone
    python benchmarks/nielsen.py --jobs 1    # one run at a time

What comes out is kept in nielsen.json, beside this file, after every run: stopped and
started again, the program goes on where it was. The chapter on MNIST reads that file.

The conventions are his. Pixels are the bytes of the files divided by 256. Every layer is a
sigmoid, the last one too. Biases are drawn from N(0, 1), and so are weights ("large"), or
from N(0, 1/n_in) ("scaled"), which he made the default from chapter 3 on. Batches have 10
rows; the first 50,000 images are for training, the other 10,000 of the file for validation.
His penalty λ/2n ‖W‖² over n training rows is l2 = λ/n here.
"""

import argparse
import json
import platform
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from coursenn import (
    SGD,
    Dense,
    Network,
    accuracy,
    binary_cross_entropy,
    identity,
    lecun,
    load_mnist,
    normal,
    one_hot,
    sigmoid,
    squared_error,
    train,
)
from coursenn.data import Labelled
from coursenn.files import whole_file

RESULTS = Path(__file__).with_name("nielsen.json")
WEIGHTS = {"large": normal(1), "scaled": lecun}
LOSSES = {"quadratic": squared_error, "cross-entropy": binary_cross_entropy}

Run = dict[str, Any]  # one seed of one experiment, as it stands in the file


@dataclass(frozen=True)
class Networks:
    """A network that he trained, and how; printed is what he says of it, and of which rows."""

    printed: str
    split: str
    sizes: tuple[int, ...]
    lr: float
    epochs: int
    loss: str = "cross-entropy"
    weights: str = "large"
    penalty: float = 0.0  # his λ
    rows: int = 50_000  # of the training rows, the first
    seeds: int = 5

    def run(self, seed: int) -> Run:
        """Train, and return the right answers among the 10,000 of split after each epoch.

        And the shares right at the end, in each part of the data.
        """
        rng = np.random.default_rng(seed)
        parts = mnist()
        X, y = (part[: self.rows] for part in parts["training"])
        X_eval, y_eval = parts[self.split]
        net, sgd = self.network(rng), SGD(self.lr)
        epochs = train(net, X, one_hot(y, 10), sgd, self.epochs, batch_size=10, rng=rng)
        right = [round(len(y_eval) * accuracy(net(X_eval), y_eval)) for _ in epochs]
        shares = {
            name: accuracy(net(X), y) for name, (X, y) in (parts | {"training": (X, y)}).items()
        }
        return {"right": right, **{name: round(share, 5) for name, share in shares.items()}}

    def network(self, rng: np.random.Generator) -> Network:
        """Return the network as it is before training.

        The cross-entropy here takes the last sigmoid upon itself: that layer is linear.
        """
        init, (*hidden, last) = WEIGHTS[self.weights], zip(self.sizes, self.sizes[1:], strict=False)
        layers = [Dense(n_in, n_out, sigmoid, init) for n_in, n_out in hidden]
        f = sigmoid if self.loss == "quadratic" else identity
        net = Network(
            [*layers, Dense(*last, f, init)],
            LOSSES[self.loss],
            l2=self.penalty / self.rows,
            rng=rng,
        )
        for b in net.params[1::2]:
            b[...] = rng.normal(size=b.shape)
        return net


@dataclass(frozen=True)
class SupportVectors:
    """scikit-learn's support vector machine, in place of one of his."""

    printed: str
    gamma: str | float
    C: float = 1.0
    split: str = "test"
    seeds: int = 1  # nothing is drawn

    def run(self, seed: int) -> Run:
        from sklearn.svm import SVC  # type: ignore[import-untyped]

        X, y = mnist()["training"]
        machine = SVC(C=self.C, gamma=self.gamma, cache_size=2000).fit(X, y)
        validation, test = (float(machine.score(*mnist()[p])) for p in ("validation", "test"))
        return {"right": [round(10_000 * test)], "validation": validation, "test": test}


Settings = dict[str, Any]
CLASSIC: Settings = {"loss": "quadratic", "lr": 3.0, "epochs": 30, "split": "test"}
CHAPTER_3: Settings = {"lr": 0.5, "epochs": 30, "split": "test"}
FEW: Settings = {"sizes": (784, 30, 10), "lr": 0.5, "epochs": 400, "split": "test", "rows": 1000}
DEEP: Settings = {
    "lr": 0.1,
    "epochs": 30,
    "split": "validation",
    "penalty": 5.0,
    "weights": "scaled",
}

EXPERIMENTS: dict[str, Networks | SupportVectors] = {
    "N3 then": SupportVectors("9435", gamma="auto"),
    "N3 now": SupportVectors("", gamma="scale"),
    "N4": SupportVectors("98.5 %", gamma=0.02, C=10.0),  # well-known values, not tuned here
    "N5": Networks("95.42 % at best", sizes=(784, 30, 10), seeds=15, **CLASSIC),
    "N6": Networks("96.59 % at best", sizes=(784, 100, 10), seeds=9, **CLASSIC),
    "N7": Networks("1139 to 2142", sizes=(784, 100, 10), **CLASSIC | {"lr": 0.001}),
    "N8": Networks("1009 to 898", sizes=(784, 30, 10), **CLASSIC | {"lr": 100.0}),
    "N9": Networks("an exercise", sizes=(784, 10), **CLASSIC),
    "N11, N15": Networks("95.49 %; training 97.86 %", sizes=(784, 30, 10), **CHAPTER_3),
    "N12": Networks("96.82 %", sizes=(784, 100, 10), **CHAPTER_3),
    "N13": Networks("82.27 % at best", **FEW),
    "N14": Networks("87.1 % at best", penalty=0.1, **FEW),
    "N16": Networks("96.49 % at best", sizes=(784, 30, 10), penalty=5.0, **CHAPTER_3),
    "N17": Networks(
        "97.92 %", sizes=(784, 100, 10), penalty=5.0, **CHAPTER_3 | {"split": "validation"}
    ),
    "N18": Networks("98.04 %", "validation", (784, 100, 10), lr=0.1, epochs=60, penalty=5.0),
    **{
        f"N20, {depth} hidden": Networks(printed, sizes=(784, *depth * (30,), 10), **DEEP)
        for depth, printed in enumerate(("96.48 %", "96.90 %", "96.57 %", "96.53 %"), start=1)
    },
}


@cache
def mnist() -> dict[str, Labelled]:
    """Return the three parts of MNIST, with the pixels divided by 256."""
    parts = load_mnist(validation=10_000)
    named = zip(("training", "validation", "test"), parts, strict=True)
    return {name: (X * np.float32(255 / 256), y) for name, (X, y) in named}


def timed_run(name: str, seed: int) -> Run:
    """Return the run with its name, how long the processor worked, and what made it."""
    mnist()
    with threadpool_limits(1):
        start = process_time()
        run = EXPERIMENTS[name].run(seed)
        seconds = process_time() - start
    return {
        "experiment": name,
        "seed": seed,
        **run,
        "seconds": round(seconds, 1),
        "made with": f"Python {platform.python_version()}, NumPy {np.__version__}, scikit-learn"
        f" {version('scikit-learn')}",
    }


def results(path: Path = RESULTS) -> list[Run]:
    """Return the runs in a file; none if there is no such file yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def write(runs: list[Run], path: Path) -> None:
    """Write the runs, one in a line, in the order of the experiments."""
    order = list(EXPERIMENTS)
    runs.sort(key=lambda run: (order.index(run["experiment"]), run["seed"]))
    lines = ",\n".join(json.dumps(run) for run in runs)
    with whole_file(path) as file:
        file.write(f"[\n{lines}\n]\n".encode())


def missing(names: list[str], done: list[Run]) -> list[tuple[str, int]]:
    """Return the runs that are still to be made, as name and seed."""
    made = {(run["experiment"], run["seed"]) for run in done}
    wanted = [(name, seed) for name in names for seed in range(EXPERIMENTS[name].seeds)]
    return [key for key in wanted if key not in made]


def run_all(todo: list[tuple[str, int]], jobs: int) -> Iterator[Run]:
    """Yield each run as soon as it is made."""
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield from (run.result() for run in as_completed(pool.submit(timed_run, *t) for t in todo))


def main() -> None:
    parser = argparse.ArgumentParser(description="Run Nielsen's experiments again.")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(EXPERIMENTS)} (default: all)")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time (default: 2)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file to add to")
    args = parser.parse_args()
    if unknown := set(args.names) - set(EXPERIMENTS):
        parser.error(f"no experiment is called {', '.join(sorted(unknown))}")

    runs = results(args.results)
    todo = missing(args.names or list(EXPERIMENTS), runs)
    print(f"{len(todo)} runs to make", file=sys.stderr)
    for run in run_all(todo, args.jobs):
        runs.append(run)
        write(runs, args.results)
        best = max(run["right"])
        print(f"{run['experiment']}, seed {run['seed']}: best {best}, last {run['right'][-1]}")


if __name__ == "__main__":
    main()
