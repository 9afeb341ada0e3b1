"""How the time of a training step grows with width, batch and depth, and memory with batch.

    python benchmarks/scaling.py            # some minutes; rewrites its table and plot
    python benchmarks/scaling.py --quick    # a first look; writes nothing

The network is n-n-...-n-10. A step by coursenn is compared with its matrix products alone:
what is left is all that Python, activations, loss and the update of the weights cost.
README.md, beside this file, says more, and holds the last table.
"""

import sys
import tracemalloc
from typing import NamedTuple

import numpy as np
import shared
from shared import limited_to, processor_time
from training import Task, coursenn_turn, products_turn

import coursenn

WIDTHS = [16, 32, 64, 128, 256, 512, 1024, 2048]
BATCHES = [1, 4, 16, 64, 256, 1024]
DEPTHS = [1, 2, 4, 8, 16]
WIDTH, BATCH, DEPTH = 256, 128, 2  # what stays the same while another grows
MOST_STEPS, WORK = 50, 2e9  # multiplications in a turn, so that a turn is neither long nor short


class Point(NamedTuple):
    """One network: microseconds of a step, and of its matrix products."""

    task: Task
    step: float
    products: float

    @property
    def share(self) -> float:
        """What part of a step is matrix products."""
        return self.products / self.step


def network(width: int = WIDTH, batch: int = BATCH, depth: int = DEPTH) -> Task:
    """Return n-n-...-n-10 with depth hidden layers, and how many steps make a turn."""
    sizes = (width, *depth * (width,), 10)
    multiplications = 3 * batch * depth * width**2
    return Task(sizes, batch, int(np.clip(WORK / multiplications, 1, MOST_STEPS)))


SERIES = {
    "width": {n: network(width=n) for n in WIDTHS},
    "batch": {n: network(batch=n) for n in BATCHES},
    "depth": {n: network(depth=n) for n in DEPTHS},
}


def measure(task: Task, rounds: int) -> Point:
    turns = {f.__name__: f(task, processor_time) for f in (coursenn_turn, products_turn)}
    times = shared.alternate(turns, rounds)
    step, products = (1e6 * float(np.median(x)) for x in times.values())
    return Point(task, step, products)


def memory_of_a_step(task: Task) -> float:
    """Return the most memory that a step holds beyond the network, in MB."""
    X, y = task._replace(steps=1).data()
    Y = coursenn.one_hot(y, 10)
    net = coursenn.mlp(task.sizes, coursenn.relu, coursenn.he, loss=coursenn.cross_entropy, rng=0)
    X, Y = net.check(X, Y)
    tracemalloc.start()
    net.loss_and_grad(X, Y, checked=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def table(results: dict[str, dict[int, Point]]) -> str:
    rows = [
        [
            name,
            f"{n:,}",
            f"{point.step:,.0f} µs",
            f"{point.share:.2f}",
            f"{memory_of_a_step(point.task):,.2f} MB",
        ]
        for name, points in results.items()
        for n, point in points.items()
    ]
    return shared.markdown_table(
        ["what grows", "to", "step", "of it products", "memory of a step"], rows, left="what grows"
    )


def crossover(points: dict[int, Point]) -> str:
    """Return a sentence: from which width on products are half of a step, and nine tenths."""
    found = {
        share: next((n for n, p in points.items() if p.share >= share), None)
        for share in (0.5, 0.9)
    }
    half, most = found.values()
    first = (
        f"From width {half} on, products are at least half of a step"
        if half
        else ("At no width are products half of a step")
    )
    return f"{first}; " + (f"from {most} on, nine tenths." if most else "nowhere nine tenths.")


def draw(results: dict[str, dict[int, Point]]) -> object:
    """Return a figure: the time of a step against each of the three, with the products'."""
    from coursenn.plotting import COLOURS

    figure, axes = shared.new_plot("scaling", (9, 3.2), columns=3)
    for ax, (name, points) in zip(axes, results.items(), strict=True):
        n = list(points)
        ax.loglog(n, [p.step for p in points.values()], "o-", color=COLOURS[0], label="a step")
        ax.loglog(
            n, [p.products for p in points.values()], "s--", color=COLOURS[1], label="its products"
        )
        ax.set_xlabel(name)
        ax.set_xticks(n, [f"{x}" for x in n], rotation=45)
        ax.minorticks_off()
    axes[0].set_ylabel("microseconds")
    axes[0].legend()
    return figure


def main() -> None:
    parser = shared.new_parser(
        "Measure how the time of a step grows.", rounds=30, plot="scaling.svg"
    )
    args = shared.parse(parser, "scaling")
    results: dict[str, dict[int, Point]] = {}
    with limited_to(1):
        for name, tasks in SERIES.items():
            results[name] = {n: measure(task, args.rounds) for n, task in tasks.items()}
            print(f"{name}: done", file=sys.stderr)
    setting = shared.setting(args.rounds, ["numpy"])
    text = f"{table(results)}\n\n{setting} {crossover(results['width'])}"
    print(text)
    if args.readme:
        shared.write_report(args.readme, "scaling", text)
        shared.write_plot(args.readme.with_name("scaling.svg"), draw(results))


if __name__ == "__main__":
    main()
