"""How far a plain network goes on MNIST: fully connected layers, trained with coursenn alone.

    python benchmarks/mnist_record.py --trial     # 50,000 images, scored on the other 10,000
    python benchmarks/mnist_record.py             # 60,000 images, three seeds, then the test set

The recipe was chosen in trials, which never see the test set. It is opened once, when all
seeds are trained: each network by itself, then the mean of their probabilities. What comes
out is kept in mnist_record.json, beside this file.

A run writes a checkpoint after every epoch, whole or not at all. Killed at any moment and
started again, it goes on after its last whole epoch, and ends with the very same weights:
whatever is drawn in an epoch comes from a generator of that epoch alone, so that seed and
epoch are all there is to know of the random state.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from itertools import pairwise
from multiprocessing import get_context, parent_process
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from coursenn import (
    Adam,
    Dense,
    Distortion,
    Dropout,
    Network,
    accuracy,
    cosine,
    cross_entropy,
    he,
    load_mnist,
    one_hot,
    relu,
    softmax,
    train,
)
from coursenn.arrays import Array
from coursenn.data import Labelled
from coursenn.files import whole_file

HERE = Path(__file__).parent
Log = list[dict[str, float]]  # for each epoch, what was measured


@dataclass(frozen=True)
class Recipe:
    """All that a run depends on, but its seed and its data."""

    units: tuple[int, ...] = (1000, 500)
    dropout: float = 0.0
    lr: float = 2e-3
    batch_size: int = 256
    epochs: int = 120
    shift: float = 0.5
    rotate: float = 10.0
    scale: float = 0.1
    shear: float = 0.1
    alpha: float = 24.0
    sigma: float = 4.0
    share: int = 32

    def network(self, n_in: int, n_out: int, rng: np.random.Generator) -> Network:
        hidden: list[Any] = []
        for a, b in pairwise((n_in, *self.units)):
            hidden += [Dense(a, b, relu, he), Dropout(self.dropout)]
        return Network([*hidden, Dense(self.units[-1], n_out, init=he)], cross_entropy, rng=rng)

    def distortion(self) -> Distortion:
        knobs = ("shift", "rotate", "scale", "shear", "alpha", "sigma", "share")
        return Distortion(**{knob: getattr(self, knob) for knob in knobs})


class Run:
    """One seed: its network, its optimizer, and the log of the epochs behind it.

    It takes up what the checkpoint holds, if there is one.
    """

    def __init__(self, recipe: Recipe, seed: int, data: Labelled, checkpoint: Path):
        self.recipe, self.seed, self.checkpoint = recipe, seed, checkpoint
        self.X, y = data
        self.Y = one_hot(y, int(y.max()) + 1)
        steps = recipe.epochs * -(-len(self.X) // recipe.batch_size)
        self.adam = Adam(cosine(recipe.lr, steps))
        self.net = recipe.network(self.X.shape[1], self.Y.shape[1], self._rng(0))
        self.log: Log = []
        if checkpoint.exists():
            self._take_up()

    def _rng(self, epoch: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, epoch])

    def go_on(self) -> Iterator[dict[str, float]]:
        """Train until the last epoch, yielding what was measured in each."""
        while len(self.log) < self.recipe.epochs:
            start, cpu_start = perf_counter(), process_time()
            rng = self.net.rng = self._rng(len(self.log) + 1)
            (epoch,) = train(
                self.net,
                self.X,
                self.Y,
                self.adam,
                epochs=1,
                batch_size=self.recipe.batch_size,
                rng=rng,
                augment=self.recipe.distortion(),
            )
            self.log.append(
                {
                    "loss": round(epoch.loss, 5),
                    "seconds": round(perf_counter() - start, 2),
                    "processor": round(process_time() - cpu_start, 2),
                }
            )
            self._write()
            yield self.log[-1]

    @property
    def _header(self) -> str:
        return json.dumps({"recipe": asdict(self.recipe), "seed": self.seed, "rows": len(self.X)})

    def _write(self) -> None:
        slots = {f"slot {k}": slot for k, slot in enumerate(self.adam.state or [])}
        with whole_file(self.checkpoint) as file:
            np.savez(
                file,
                header=self._header,
                log=json.dumps(self.log),
                t=self.adam.t,
                theta=self.net.theta,
                **slots,
            )

    def _take_up(self) -> None:
        with np.load(self.checkpoint, allow_pickle=False) as saved:
            if str(saved["header"]) != self._header:
                raise ValueError(
                    f"{self.checkpoint} was made by another recipe, {saved['header']}, than"
                    f" this one, {self._header}. Move it away, or name another --folder"
                )
            self.log = json.loads(str(saved["log"]))
            self.net.theta[...] = saved["theta"]
            self.adam.t = int(saved["t"])
            self.adam.state = [saved[f"slot {k}"] for k in range(self.adam.n_slots)]


def everything(parts: list[Labelled]) -> Labelled:
    """Return training and validation rows together."""
    return np.concatenate([X for X, _ in parts]), np.concatenate([y for _, y in parts])


def trial(recipe: Recipe, seed: int, checkpoint: Path) -> None:
    """Train on the first 50,000 images, and print how the last 10,000 of the file fare.

    At the end also with the mean of the weights after each epoch of the last quarter.
    """
    training, (X_val, y_val), _ = load_mnist(validation=10_000)
    run = Run(recipe, seed, training, checkpoint)
    late = []
    for measured in run.go_on():
        right = accuracy(run.net(X_val), y_val)
        print(f"epoch {len(run.log)}: {measured}, validation {right:.2%}", flush=True)
        if len(run.log) > 0.75 * recipe.epochs:
            late.append(run.net.theta.copy())
    if late:
        run.net.theta[...] = np.mean(late, axis=0)
        right = accuracy(run.net(X_val), y_val)
        print(f"mean of the weights after {len(late)} epochs: validation {right:.2%}")


def trained(recipe: Recipe, seed: int, checkpoint: Path) -> int:
    """Train on all 60,000 images, as long as somebody waits for it; return the seed."""
    *parts, _ = load_mnist(validation=10_000)
    run = Run(recipe, seed, everything(parts), checkpoint)
    with threadpool_limits(1):  # the other processors have networks of their own
        for measured in run.go_on():
            print(f"seed {seed}, epoch {len(run.log)}: {measured}", flush=True)
            if (parent := parent_process()) and not parent.is_alive():
                sys.exit("the program that started this run is gone: stopping, too")
    return seed


def opened(recipe: Recipe, checkpoints: dict[int, Path]) -> dict[str, Any]:
    """Open the test set, once: return the results of each seed, and of all together."""
    *parts, (X_test, y_test) = load_mnist(validation=10_000)
    data = everything(parts)
    runs, total = [], np.zeros((len(X_test), 10))
    for seed, checkpoint in checkpoints.items():
        run = Run(recipe, seed, data, checkpoint)
        A = softmax(run.net(X_test))
        total += A
        runs.append({"seed": seed, **result(A, y_test), **seconds(run.log), "log": run.log})
    return {
        "recipe": asdict(recipe),
        "runs": runs,
        "ensemble": result(total, y_test),
        "made with": f"Python {platform.python_version()}, NumPy {np.__version__},"
        f" {os.cpu_count()} cores",
    }


def result(A: Array, y: Array) -> dict[str, Any]:
    """Return the share of right answers, and the rows of the others."""
    return {"test": accuracy(A, y), "wrong": np.flatnonzero(A.argmax(axis=1) != y).tolist()}


def seconds(log: Log) -> dict[str, float]:
    return {name: round(sum(epoch[name] for epoch in log)) for name in ("seconds", "processor")}


def write(results: dict[str, Any], path: Path) -> None:
    """Write the results, one run in a line."""
    lines = ",\n".join(json.dumps(run) for run in results["runs"])
    rest = [f'"{name}": {json.dumps(x)}' for name, x in results.items() if name != "runs"]
    with whole_file(path) as file:
        file.write(("{\n" + ",\n".join([*rest, f'"runs": [\n{lines}\n]']) + "\n}\n").encode())


def main() -> None:
    parser = argparse.ArgumentParser(description="Train plain networks on MNIST, for long.")
    parser.add_argument("--trial", action="store_true", help="score on validation data alone")
    parser.add_argument("--seeds", type=int, default=3, help="how many networks (default: 3)")
    parser.add_argument("--jobs", type=int, default=2, help="networks at a time (default: 2)")
    parser.add_argument("--folder", type=Path, default=HERE / "mnist_record", help="checkpoints")
    parser.add_argument("--results", type=Path, default=HERE / "mnist_record.json")
    for name, default in asdict(Recipe()).items():
        kind = {"nargs": "+", "type": int} if name == "units" else {"type": type(default)}
        parser.add_argument(f"--{name.replace('_', '-')}", default=default, **kind)
    args = parser.parse_args()

    knobs = {name: getattr(args, name) for name in asdict(Recipe())}
    recipe = Recipe(**knobs | {"units": tuple(args.units)})
    args.folder.mkdir(parents=True, exist_ok=True)
    if args.trial:
        return trial(recipe, 0, args.folder / "trial.npz")

    checkpoints = {seed: args.folder / f"seed-{seed}.npz" for seed in range(args.seeds)}
    with ProcessPoolExecutor(args.jobs, get_context("spawn")) as pool:
        runs = [pool.submit(trained, recipe, *item) for item in checkpoints.items()]
        for run in as_completed(runs):
            print(f"seed {run.result()} is trained", file=sys.stderr)
    write(opened(recipe, checkpoints), args.results)


if __name__ == "__main__":
    main()
