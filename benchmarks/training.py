"""How long a training step takes: coursenn, three others, and the limit.

    python benchmarks/training.py            # about five minutes; rewrites the table and plot
    python benchmarks/training.py --quick    # a first look in half a minute; writes nothing

README.md, beside this file, says what is compared and how, and holds the last table.
"""

import argparse
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shared
from per_example import PerExampleNetwork
from shared import Stopwatch, Turn, installed, limited_to, processor_time, wall_time

import coursenn
from coursenn.arrays import Array

HERE = Path(__file__).parent
LR = 0.01  # too small to diverge, on numbers that cannot be learned


class Task(NamedTuple):
    """A network, and the rows that one turn of a peer trains it on."""

    sizes: tuple[int, ...]
    batch: int
    steps: int

    def data(self) -> tuple[Array, Array]:
        """Return random inputs in float32, and labels: ``steps`` batches of them."""
        rng = np.random.default_rng(0)
        m = self.batch * self.steps
        return rng.random((m, self.sizes[0]), np.float32), rng.integers(0, self.sizes[-1], m)

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.sizes))}, batch {self.batch}"


TASKS = [
    Task((784, 30, 10), 10, 100),
    Task((784, 128, 64, 10), 32, 50),
    Task((784, 512, 10), 128, 10),
]


def coursenn_turn(task: Task, seconds: Stopwatch) -> Turn:
    """An epoch of ``train``: what a user gets, with shuffling, batching and every check."""
    X, y = task.data()
    net = coursenn.mlp(task.sizes, coursenn.relu, coursenn.he, loss=coursenn.cross_entropy, rng=0)
    Y = coursenn.one_hot(y, task.sizes[-1])
    epochs = coursenn.train(net, X, Y, coursenn.SGD(LR), sys.maxsize, task.batch, rng=0)
    return lambda: seconds(lambda: next(epochs)) / task.steps


def per_example_turn(task: Task, seconds: Stopwatch) -> Turn:
    """An epoch of the per-example loop, on fewer batches since it takes so long."""
    steps = max(1, task.steps // 20)
    X, y = Task(task.sizes, task.batch, steps).data()
    Y = coursenn.one_hot(y, task.sizes[-1])
    examples = [
        (x[:, np.newaxis], y[:, np.newaxis])
        for x, y in zip(X.astype(float), Y.astype(float), strict=True)
    ]
    rng = np.random.default_rng(0)
    net = PerExampleNetwork(task.sizes, rng)
    return lambda: seconds(lambda: net.train_epoch(examples, task.batch, LR, rng)) / steps


def scikit_learn_turn(task: Task, seconds: Stopwatch) -> Turn:
    """Three epochs of ``fit`` minus one, so that setting up is not counted."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    X, y = task.data()

    def fit(epochs: int) -> None:
        model = MLPClassifier(
            task.sizes[1:-1],
            activation="relu",
            solver="sgd",
            alpha=0.0,
            batch_size=task.batch,
            learning_rate_init=LR,
            momentum=0.0,
            nesterovs_momentum=False,
            max_iter=epochs,
            n_iter_no_change=sys.maxsize,  # never stops early
            random_state=0,
        )
        with warnings.catch_warnings():  # that so few epochs are too few
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y)

    return lambda: (seconds(lambda: fit(3)) - seconds(lambda: fit(1))) / (2 * task.steps)


def pytorch_turn(task: Task, seconds: Stopwatch) -> Turn:
    """An epoch of the loop of PyTorch's own tutorials, batches cut as coursenn does."""
    import torch
    from torch import nn

    inputs, labels = task.data()
    X, y = torch.from_numpy(inputs), torch.from_numpy(labels)
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(task.sizes):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)

    def epoch() -> float:
        total = 0.0
        for rows in torch.randperm(len(X)).split(task.batch):
            optimizer.zero_grad()
            loss = loss_fn(model(X[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        return total / len(X)

    return lambda: seconds(epoch) / task.steps


def products_turn(task: Task, seconds: Stopwatch) -> Turn:
    """The matrix products of a step and nothing else, written to arrays made before."""
    X, _ = task.data()
    rng = np.random.default_rng(0)

    def some(*shape: int) -> Array:
        return rng.random(shape, np.float32)

    Ws = [some(n_in, n_out) for n_in, n_out in pairwise(task.sizes)]
    As = [X[: task.batch], *(some(task.batch, n) for n in task.sizes[1:])]
    dAs, dWs = [np.empty_like(A) for A in As], [np.empty_like(W) for W in Ws]
    deltas = [some(*A.shape) for A in As]

    def step() -> None:
        for layer, W in enumerate(Ws):
            np.matmul(As[layer], W, out=dAs[layer + 1])
        for layer in reversed(range(len(Ws))):
            np.matmul(As[layer].T, deltas[layer + 1], out=dWs[layer])
            if layer:  # nobody needs the derivative with respect to the inputs
                np.matmul(deltas[layer + 1], Ws[layer].T, out=dAs[layer])

    def steps() -> None:
        for _ in range(task.steps):
            step()

    return lambda: seconds(steps) / task.steps


PEERS = {
    "coursenn": coursenn_turn,
    "per-example loop": per_example_turn,
    "scikit-learn": scikit_learn_turn,
    "PyTorch": pytorch_turn,
    "matrix products": products_turn,
}
NEEDS = {"scikit-learn": ("sklearn", "scikit-learn"), "PyTorch": ("torch", "torch")}


def here(name: str) -> bool:
    """Return whether what a peer needs is installed."""
    module, _ = NEEDS.get(name, ("numpy", "numpy"))
    return installed(module)


def peers() -> dict[str, Callable[[Task, Stopwatch], Turn]]:
    """Return those of PEERS that are installed."""
    return {name: turn for name, turn in PEERS.items() if here(name)}


class Times(NamedTuple):
    """Seconds per step of every peer, in every round."""

    task: Task
    threads: int
    rounds: dict[str, Array]

    def microseconds(self) -> float:
        return 1e6 * float(np.median(self.rounds["coursenn"]))

    def ratios(self, name: str) -> Array:
        """Return how many times as long as coursenn a peer took, round by round."""
        return self.rounds[name] / self.rounds["coursenn"]

    def ratio(self, name: str) -> float | None:
        """Return the median of ``ratios``, or None for a peer that is not installed."""
        return float(np.median(self.ratios(name))) if name in self.rounds else None


def measure(task: Task, threads: int, rounds: int) -> Times:
    """Measure every peer on the same task."""
    with limited_to(threads):
        seconds = processor_time if threads == 1 else wall_time
        turns = {name: make(task, seconds) for name, make in peers().items()}
        return Times(task, threads, shared.alternate(turns, rounds))


class Target(NamedTuple):
    """What was to be reached: a least ratio of a peer's time to coursenn's."""

    peer: str
    least: float
    from_batch: int
    to_batch: int


TARGETS = [
    Target("per-example loop", 6, 10, 10),
    Target("scikit-learn", 2, 10, 128),
    Target("PyTorch", 1, 10, 128),
    Target("matrix products", 0.5, 32, 128),
]


def target(name: str, batch: int) -> float | None:
    """Return the least ratio to reach against a peer at a batch size, if there is one."""
    for peer, least, low, high in TARGETS:
        if peer == name and low <= batch <= high:
            return least
    return None


def cell(times: Times, name: str) -> str:
    """Return a ratio, in bold if it falls short of its target."""
    ratio, least = times.ratio(name), target(name, times.task.batch)
    if ratio is None:
        return "not installed"
    return shared.ratio_cell(ratio, least is None or ratio >= least)


def table(results: list[Times]) -> str:
    others = [name for name in PEERS if name != "coursenn"]
    rows = []
    for times in results:
        ratios = [cell(times, name) for name in others]
        step = f"{times.microseconds():,.0f} µs"
        rows.append([str(times.threads), str(times.task), step, *ratios])
    heads = ["threads", "network", "coursenn", *others]
    return shared.markdown_table(heads, rows, left="network")


def report(results: list[Times], rounds: int, memory: str) -> str:
    """Return the Markdown that stands between the markers of README.md."""
    packages = ["numpy", *(package for name, (_, package) in NEEDS.items() if here(name))]
    return f"{table(results)}\n\n{shared.setting(rounds, packages)} {memory}"


def memory_of_training() -> str:
    """Run memory.py in a process of its own, and return its result as a sentence."""
    done = subprocess.run(
        [sys.executable, str(HERE / "memory.py")], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return f"Peak memory was not measured: {done.stderr.strip().splitlines()[-1]}"
    return f"Peak memory of training on MNIST: {float(done.stdout):.2f} times the data in float32."


def write_plot(path: Path, results: list[Times]) -> None:
    """Draw the ratios as bars, with the quartiles over the rounds."""
    from coursenn.plotting import COLOURS

    names = [name for name in results[0].rounds if name != "coursenn"]
    figure, ax = shared.new_plot("training", (7, 0.7 + 0.8 * len(results)))
    for i, (name, colour) in enumerate(zip(names, COLOURS, strict=False)):
        low, middle, high = np.array(
            [np.percentile(times.ratios(name), [25, 50, 75]) for times in results]
        ).T
        y = np.arange(len(results)) + (i - (len(names) - 1) / 2) * 0.2
        spread = np.array([middle - low, high - middle])
        ax.barh(y, middle - 1, 0.18, 1, xerr=spread, color=colour, label=name, error_kw={"lw": 1})
    ax.axvline(1, color="black", lw=1)
    ax.set_xscale("log")
    ax.set_xticks([0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100])
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_yticks(range(len(results)), [f"{t.task}\n{threads_of(t)}" for t in results])
    ax.invert_yaxis()
    ax.set_xlabel("time of a training step, as a multiple of coursenn's")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    shared.write_plot(path, figure)


def threads_of(times: Times) -> str:
    return "1 thread" if times.threads == 1 else f"{times.threads} threads"


def parse() -> argparse.Namespace:
    parser = shared.new_parser(
        "Measure how long a training step takes, and how much memory training.",
        rounds=60,
        plot="training.svg",
    )
    parser.add_argument(
        "--threads",
        type=int,
        nargs="+",
        default=sorted({1, min(2, os.cpu_count() or 1)}),
        help="numbers of threads to try, each for every peer (default: 1 and 2)",
    )
    args = shared.parse(parser, "results")
    args.threads = [1] if args.quick else args.threads
    if min(args.threads) < 1:
        parser.error("threads must be at least 1")
    return args


def main() -> None:
    args = parse()
    memory = memory_of_training()
    results = []
    for threads in sorted(args.threads):  # 1 first: pools made later may use every processor
        for task in TASKS:
            results.append(measure(task, threads, args.rounds))
            print(f"{threads_of(results[-1])}, {task}: done", file=sys.stderr)
    text = report(results, args.rounds, memory)
    print(text)
    if args.readme:
        shared.write_report(args.readme, "results", text)
        write_plot(args.readme.with_name("training.svg"), results)


if __name__ == "__main__":
    main()
