"""How long it takes from the first step to 98 % on the test set of MNIST, and by whom.

    python benchmarks/time_to_accuracy.py            # some minutes; rewrites its table
    python benchmarks/time_to_accuracy.py --quick    # the same; writes nothing

README.md, beside this file, says what is compared and how, and holds the last table.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

import numpy as np
import shared
from shared import installed, limited_to, processor_time

import coursenn
from coursenn.data import Labelled

GOAL, MOST_EPOCHS = 0.98, 60
TARGETS = {"scikit-learn": 3.0, "PyTorch": 1.0}  # the least ratio to reach
NEEDS = {  # a module, and the package that has it
    "coursenn": ("numpy", "numpy"),
    "scikit-learn": ("sklearn", "scikit-learn"),
    "PyTorch": ("torch", "torch"),
}


class Recipe(NamedTuple):
    """One hidden layer of relu, softmax with cross-entropy, Adam.

    With a number of epochs, the learning rate falls by a cosine until then: for those who can.
    """

    hidden: int
    batch: int
    lr: float = 1e-3
    falls_over: int = 0

    def steps(self, rows: int) -> int:
        return self.falls_over * -(-rows // self.batch)

    def __str__(self) -> str:
        network = f"784-{self.hidden}-10, batch {self.batch}"
        return f"{network}, cosine over {self.falls_over} epochs" if self.falls_over else network


RECIPES = [Recipe(256, 32), Recipe(256, 128), Recipe(256, 128, lr=3e-3, falls_over=5)]

Epoch = Callable[[], object]  # learn from every row once
Score = Callable[[], float]  # the share of right answers on the test set


def coursenn_run(recipe: Recipe, data: Labelled, test: Labelled, seed: int) -> tuple[Epoch, Score]:
    (X, y), (X_test, y_test) = data, test
    sizes = [784, recipe.hidden, 10]
    rng = np.random.default_rng(seed)
    net = coursenn.mlp(sizes, coursenn.relu, coursenn.he, loss=coursenn.cross_entropy, rng=rng)
    steps = recipe.steps(len(X))
    lr = coursenn.cosine(recipe.lr, steps) if steps else recipe.lr
    Y, adam = coursenn.one_hot(y, 10), coursenn.Adam(lr)
    epochs = coursenn.train(net, X, Y, adam, MOST_EPOCHS, recipe.batch, rng=rng)
    return lambda: next(epochs), lambda: coursenn.accuracy(net(X_test), y_test)


def scikit_learn_run(
    recipe: Recipe, data: Labelled, test: Labelled, seed: int
) -> tuple[Epoch, Score]:
    """``partial_fit`` on all rows is one epoch, shuffled and in batches as in ``fit``.

    Its Adam knows no schedule, and keeps its default rate.
    """
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        (recipe.hidden,),
        alpha=0.0,
        batch_size=recipe.batch,
        random_state=seed,
    )
    classes = np.arange(10)
    return lambda: model.partial_fit(*data, classes=classes), lambda: float(model.score(*test))


def pytorch_run(recipe: Recipe, data: Labelled, test: Labelled, seed: int) -> tuple[Epoch, Score]:
    """The loop of PyTorch's own tutorials, batches cut as coursenn does."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    (X, y), (X_test, y_test) = ([torch.from_numpy(part) for part in rows] for rows in (data, test))
    model = nn.Sequential(nn.Linear(784, recipe.hidden), nn.ReLU(), nn.Linear(recipe.hidden, 10))
    loss_fn, adam = nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=recipe.lr)
    steps = recipe.steps(len(X))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps) if steps else None

    def epoch() -> None:
        for rows in torch.randperm(len(X)).split(recipe.batch):
            adam.zero_grad()
            loss_fn(model(X[rows]), y[rows]).backward()
            adam.step()
            if schedule:
                schedule.step()

    def score() -> float:
        with torch.no_grad():
            return float((model(X_test).argmax(1) == y_test).float().mean())

    return epoch, score


RUNS = {"coursenn": coursenn_run, "scikit-learn": scikit_learn_run, "PyTorch": pytorch_run}


def here() -> list[str]:
    """Return those whose modules are installed."""
    return [name for name, (module, _) in NEEDS.items() if installed(module)]


class Arrival(NamedTuple):
    """How long somebody needed to reach the goal, on the processor and in epochs."""

    seconds: float
    epochs: int


def arrival(name: str, epoch: Epoch, score: Score) -> Arrival:
    """Learn until the goal is reached. Looking whether it is, is not counted."""
    seconds = 0.0
    for epochs in count(1):
        seconds += processor_time(epoch)
        if score() >= GOAL:
            return Arrival(seconds, epochs)
        if epochs == MOST_EPOCHS:
            raise SystemExit(f"{name} did not reach {GOAL:.0%} in {epochs} epochs")
    raise AssertionError("count never ends")


def rounds_of(recipe: Recipe, rounds: int) -> Iterator[dict[str, Arrival]]:
    """Yield a run of everybody, with a seed of the round and another one first each time."""
    data, test = coursenn.load_mnist()
    names = here()
    for seed in range(rounds):
        names = names[1:] + names[:1]
        yield {name: arrival(name, *RUNS[name](recipe, data, test, seed)) for name in names}


def table(results: dict[Recipe, list[dict[str, Arrival]]]) -> str:
    """Return, for each recipe, coursenn's seconds and everybody's ratio, and all epochs."""
    rows = []
    for recipe, runs in results.items():
        own = np.array([run["coursenn"].seconds for run in runs])
        row = [str(recipe), f"{np.median(own):.1f} s"]
        for name, least in TARGETS.items():
            if name in runs[0]:
                ratio = float(np.median([run[name].seconds for run in runs] / own))
                row.append(shared.ratio_cell(ratio, ratio >= least))
            else:
                row.append("not installed")
        epochs = [np.median([r[name].epochs for r in runs]) for name in RUNS if name in runs[0]]
        rows.append([*row, ", ".join(f"{n:g}" for n in epochs)])
    return shared.markdown_table(
        ["network", "coursenn", *TARGETS, "epochs of each"], rows, left="network"
    )


def main() -> None:
    parser = shared.new_parser(f"Measure how long it takes to reach {GOAL:.0%} right.", rounds=5)
    args = shared.parse(parser, "time to 98 %")
    results = {}
    with limited_to(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for recipe in RECIPES:
            results[recipe] = list(rounds_of(recipe, args.rounds))
            print(f"{recipe}: done", file=sys.stderr)
    packages = [NEEDS[name][1] for name in here()]
    text = f"{table(results)}\n\n{shared.setting(args.rounds, packages)}"
    print(text)
    if args.readme:
        shared.write_report(args.readme, "time to 98 %", text)


if __name__ == "__main__":
    main()
