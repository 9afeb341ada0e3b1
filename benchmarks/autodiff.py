"""How long a gradient by automatic differentiation takes.

    python benchmarks/autodiff.py            # some minutes; rewrites the tables and plot
    python benchmarks/autodiff.py --quick    # a first look; writes nothing

Three comparisons: on arrays, with the gradient written by hand and with other libraries; on
numbers, with an engine in the well-known style; and of a gradient with a forward pass, from
a thousand parameters to a million. All of it on one thread. README.md, beside this file,
says what is compared and how, and holds the last tables.
"""

import gc
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shared
from scalar_engine import Scalar
from shared import Turn, installed, limited_to, processor_time, ratio_cell

from coursenn import Network, cross_entropy, he, mlp, one_hot, relu, squared_error, tanh
from coursenn.arrays import Array
from coursenn.autodiff import Tensor, TensorModel, Value

SIZES, BATCHES = (784, 128, 64, 10), (32, 100, 500)
WIDTHS, BATCH = (32, 64, 128, 256, 512, 1024), 100  # of n-n-10 networks
SCALAR_SIZES, POINTS = (2, 16, 16, 1), 100

MOST_BY_HAND, FROM_BATCH = 1.3, 100  # Tensor over the gradient by hand, at large batches
LEAST_AUTOGRAD = 2.0  # autograd over Tensor
LEAST_ENGINE = 1.5  # the scalar engine over Value
MOST_FORWARD = 3.0  # a gradient over a forward pass
TO_GRADIENT = ("by hand", "by Tensor")  # compared with a forward pass

Gradient = Callable[[], Sequence[Any]]  # compute the gradient; return it, one array per parameter
Times = dict[str, Array]  # seconds of everyone, in every round


def over(times: Times, name: str, base: str) -> float:
    """Return how many times as long as base name took: the median over the rounds."""
    return float(np.median(times[name] / times[base]))


def repeated(work: Callable[[], object], steps: int) -> Turn:
    """Return a turn of so many steps."""

    def all_steps() -> None:
        for _ in range(steps):
            work()

    return lambda: processor_time(all_steps) / steps


# ------------------------------------------------------------------ arrays


def classifier(sizes: Sequence[int], m: int) -> tuple[Network, Array, Array]:
    """Return a network in float32, and m random inputs with labels as one-hot rows."""
    rng = np.random.default_rng(0)
    net = mlp(sizes, relu, he, loss=cross_entropy, rng=0)
    X, y = rng.random((m, sizes[0]), np.float32), rng.integers(0, sizes[-1], m)
    return net, X, one_hot(y, sizes[-1]).astype(np.float32)


def by_hand(net: Network, X: Array, Y: Array) -> Gradient:
    """The four equations, as ``train`` uses them, with the checks of a user's call."""

    def gradient() -> Sequence[Array]:
        net.loss_and_grad(X, Y)
        return net.grads

    return gradient


def by_tensor(net: Network, X: Array, Y: Array) -> Gradient:
    """What a reader writes who wants the gradients of parameters only, as the others give."""

    def gradient() -> Sequence[Array]:
        params: list[Any] = [Tensor(p) for p in net.params]
        loss: Any = net.loss(net(X, params), Y)
        loss.backward(keep=False)
        return [p.grad for p in params]

    return gradient


def by_tensor_model(net: Network, X: Array, Y: Array) -> Gradient:
    """The same loss as a model for ``train``, which checks X and Y once more."""

    def loss(params: Sequence[Any], X: Array, Y: Array) -> Any:
        return net.loss(net(X, params), Y)

    model = TensorModel(loss, net.params, np.float32)

    def gradient() -> Sequence[Array]:
        model.loss_and_grad(X, Y)
        return model.grads

    return gradient


def plain_loss(xp: Any, params: Sequence[Any], X: Array, Y: Array) -> Any:
    """Relu layers, softmax, cross-entropy, without any check; xp is NumPy or its stand-in."""
    *hidden, (W, b) = zip(params[::2], params[1::2], strict=True)
    A: Any = X
    for V, c in hidden:
        A = xp.maximum(A @ V + c, 0)
    Z = A @ W + b
    Z = Z - xp.max(Z, axis=1, keepdims=True)  # a shift that keeps exp from overflowing
    log_P = Z - xp.log(xp.sum(xp.exp(Z), axis=1, keepdims=True))
    return -xp.sum(Y * log_P) / len(Y)


def by_autograd(net: Network, X: Array, Y: Array) -> Gradient:
    """HIPS autograd, which differentiates NumPy code as Tensor does."""
    import autograd.numpy
    from autograd import value_and_grad

    loss_and_grad = value_and_grad(lambda params: plain_loss(autograd.numpy, params, X, Y))

    def gradient() -> Sequence[Array]:
        _, grads = loss_and_grad(net.params)
        return grads

    return gradient


def by_pytorch(net: Network, X: Array, Y: Array) -> Gradient:
    """PyTorch's functions for a layer and for the loss; it keeps W transposed."""
    import torch
    from torch.nn.functional import cross_entropy, linear, relu

    params = [torch.tensor(p.T, requires_grad=True) for p in net.params]
    inputs, labels = torch.from_numpy(X), torch.from_numpy(Y.argmax(axis=1))
    *hidden, (W, b) = zip(params[::2], params[1::2], strict=True)

    def gradient() -> Sequence[Any]:
        for p in params:
            p.grad = None
        A = inputs
        for V, c in hidden:
            A = relu(linear(A, V, c))
        cross_entropy(linear(A, W, b), labels).backward()
        return [p.grad.mT if p.ndim > 1 else p.grad for p in params]

    return gradient


WAYS = {
    "by hand": by_hand,
    "Tensor": by_tensor,
    "TensorModel": by_tensor_model,
    "autograd": by_autograd,
    "PyTorch": by_pytorch,
}
NEEDS = {"autograd": "autograd", "PyTorch": "torch"}


def gradients(net: Network, X: Array, Y: Array) -> dict[str, Gradient]:
    """Return those of WAYS that are installed, and make sure that they agree."""
    ways = {
        name: make(net, X, Y) for name, make in WAYS.items() if installed(NEEDS.get(name, "numpy"))
    }
    wanted = ways["by hand"]()
    for name, way in ways.items():
        for got, grad in zip(way(), wanted, strict=True):
            np.testing.assert_allclose(got, grad, rtol=1e-3, atol=1e-6, err_msg=name)
    return ways


def measure_arrays(m: int, rounds: int) -> Times:
    steps = max(3, 2000 // m)
    ways = gradients(*classifier(SIZES, m))
    return shared.alternate({name: repeated(way, steps) for name, way in ways.items()}, rounds)


def arrays_table(results: dict[int, Times]) -> str:
    heads = ["batch", "by hand", "Tensor ÷ by hand", "TensorModel ÷ by hand"]
    rows = []
    for m, times in results.items():
        slow = [over(times, name, "by hand") for name in ("Tensor", "TensorModel")]
        fine = [ratio <= MOST_BY_HAND or m < FROM_BATCH for ratio in slow]
        row = [str(m), duration(np.median(times["by hand"])), *map(ratio_cell, slow, fine)]
        rows.append(
            [*row, other_cell(times, "autograd", LEAST_AUTOGRAD), other_cell(times, "PyTorch")]
        )
    return shared.markdown_table([*heads, "autograd ÷ Tensor", "PyTorch ÷ Tensor"], rows)


def other_cell(times: Times, name: str, least: float = 0.0) -> str:
    """Return how many times as long as Tensor another library took, if it is there."""
    if name not in times:
        return "not installed"
    ratio = over(times, name, "Tensor")
    return ratio_cell(ratio, ratio >= least)


# ------------------------------------------------------------------ numbers

Layer = tuple[list[list[Any]], list[Any]]  # the weights of each unit, and the biases


def scalar_network(kind: Callable[[float], Any], params: Sequence[Array]) -> list[Layer]:
    """Return the layers [W1, b1, W2, b2, ...] as numbers of a kind: Value or Scalar."""
    return [
        ([[kind(w) for w in column] for column in W.T.tolist()], [kind(x) for x in b.tolist()])
        for W, b in zip(params[::2], params[1::2], strict=True)
    ]


def weighted(layer: Layer, inputs: Sequence[Any]) -> list[Any]:
    """Return b + Σ w a for every unit of a layer."""
    return [sum((w * a for w, a in zip(ws, inputs)), b) for ws, b in zip(*layer)]  # noqa: B905


def scalar_loss(layers: list[Layer], X: list[list[float]], Y: list[list[float]]) -> Any:
    """Return the mean of ½ Σ (a - y)² over the points, hidden layers being tanh."""
    *hidden, last = layers
    total: Any = 0.0
    for a, targets in zip(X, Y, strict=True):
        for layer in hidden:
            a = [z.tanh() for z in weighted(layer, a)]
        for z, y in zip(weighted(last, a), targets, strict=True):
            error = z - y
            total = total + error * error
    return total * (0.5 / len(X))


def scalar_step(layers: list[Layer], X: list[list[float]], Y: list[list[float]]) -> None:
    """Set the gradient of the loss on every parameter."""
    for weights, biases in layers:
        for p in chain(*weights, biases):
            p.grad = 0.0  # a Scalar adds to it
    scalar_loss(layers, X, Y).backward()


def scalar_grads(layers: list[Layer]) -> list[Array]:
    """Return the gradient that ``scalar_step`` has set, one array per parameter."""
    pairs = [
        (np.array([[w.grad for w in ws] for ws in weights]).T, np.array([b.grad for b in biases]))
        for weights, biases in layers
    ]
    return list(chain(*pairs))


def regression() -> tuple[Network, Array, Array]:
    """Return a network in float64, and points in a square with one number for each."""
    net = mlp(SCALAR_SIZES, tanh, loss=squared_error, rng=0, dtype=np.float64)
    X = np.random.default_rng(0).uniform(-1, 1, (POINTS, SCALAR_SIZES[0]))
    return net, X, X[:, :1] * X[:, 1:]


class Collector(NamedTuple):
    """What the garbage collector does while numbers are differentiated."""

    is_on: bool  # as Python runs it
    in_the_end: bool  # once more after the steps, on the clock
    steps: int  # in a turn

    def turn(self, step: Callable[[], object]) -> Turn:
        """Return a turn of steps under this collector.

        What else is in memory, such as the modules of the others, is set aside: it would
        slow the collector, and is nobody's doing here.
        """

        def steps() -> None:
            for _ in range(self.steps):
                step()
            if self.in_the_end:
                gc.collect()

        def turn() -> float:
            gc.collect()
            gc.freeze()
            if not self.is_on:
                gc.disable()
            try:
                return processor_time(steps) / self.steps
            finally:
                gc.enable()
                gc.unfreeze()

        return turn


COLLECTORS = {
    "as Python runs it": Collector(True, False, 3),
    "once after each step": Collector(False, True, 1),
    "never": Collector(False, False, 1),
}


def measure_numbers(rounds: int) -> dict[str, Times]:
    """Return the times of Value and of the engine, under each of COLLECTORS."""
    net, X, Y = regression()
    x, y = X.tolist(), Y.tolist()
    layers = {kind: scalar_network(kind, net.params) for kind in (Value, Scalar)}

    def step(kind: Any) -> Callable[[], object]:
        return lambda: scalar_step(layers[kind], x, y)

    return {
        how: shared.alternate({k.__name__: collector.turn(step(k)) for k in layers}, rounds)
        for how, collector in COLLECTORS.items()
    }


def numbers_table(results: dict[str, Times]) -> str:
    heads, rows = ["garbage collector", "Value", "scalar engine ÷ Value"], []
    for how, times in results.items():
        ratio = over(times, "Scalar", "Value")
        cell = ratio_cell(ratio, ratio >= LEAST_ENGINE)
        rows.append([how, duration(np.median(times["Value"])), cell])
    return shared.markdown_table(heads, rows, left="garbage collector")


# ------------------------------------------------------------------ gradient and forward pass


class Cost(NamedTuple):
    """A network's number of parameters, and the times of a forward pass and of gradients."""

    width: int
    P: int
    times: Times

    def ratios(self, way: str) -> Array:
        return self.times[way] / self.times["forward"]

    def differences(self) -> float:
        """Return the seconds that P + 1 forward passes take: a gradient by differences."""
        return (self.P + 1) * float(np.median(self.times["forward"]))


def measure_cost(width: int, rounds: int) -> Cost:
    net, X, Y = classifier((width, width, 10), BATCH)
    steps = max(3, 20_000 // width)
    turns = {
        "forward": repeated(lambda: net.loss(net(X), Y), steps),
        "by hand": repeated(lambda: net.loss_and_grad(X, Y), steps),
        "by Tensor": repeated(by_tensor(net, X, Y), steps),
    }
    return Cost(width, net.theta.size, shared.alternate(turns, rounds))


def cost_table(costs: list[Cost]) -> str:
    heads = ["network", "parameters P", "forward", *TO_GRADIENT, "P + 1 forward passes"]
    rows = []
    for cost in costs:
        forward = duration(np.median(cost.times["forward"]))
        ratios = [float(np.median(cost.ratios(way))) for way in TO_GRADIENT]
        cells = [f"{cost.P:,}", forward, *(ratio_cell(r, r <= MOST_FORWARD) for r in ratios)]
        rows.append([f"{cost.width}-{cost.width}-10", *cells, duration(cost.differences())])
    return shared.markdown_table(heads, rows, left="network")


def duration(seconds: Any) -> str:
    """Return seconds in the unit that suits them."""
    for unit, size in (("µs", 1e-6), ("ms", 1e-3), ("s", 1.0)):
        if seconds < 999.5 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 60:,.0f} min"


def write_plot(path: Path, costs: list[Cost]) -> None:
    """Draw both ways to a gradient, in forward passes, over the number of parameters."""
    figure, ax = shared.new_plot("autodiff", (6.4, 3.6))
    P = np.array([cost.P for cost in costs])
    ax.plot(P, P + 1, "--", color="C1", label="by differences: P + 1 forward passes")
    for way, fmt, color in zip(TO_GRADIENT, ("s-", "o-"), ("C2", "C0"), strict=True):
        low, middle, high = np.array([np.percentile(c.ratios(way), [25, 50, 75]) for c in costs]).T
        spread = [middle - low, high - middle]
        ax.errorbar(P, middle, spread, fmt=fmt, color=color, label=f"{way}, as measured")
    ax.axhline(MOST_FORWARD, color="black", lw=1, ls=":", label=f"{MOST_FORWARD:g} forward passes")
    ax.set_xscale("log")
    ax.set_yscale("log", nonpositive="clip")
    ax.set_ylim(bottom=1)
    ax.set_xlabel("parameters P")
    ax.set_ylabel("time of a gradient,\nin forward passes")
    ax.legend()
    shared.write_plot(path, figure)


# ------------------------------------------------------------------ all together


def main() -> None:
    parser = shared.new_parser("Measure how long gradients take.", 40, "autodiff.svg")
    args = shared.parse(parser, "autodiff")
    with limited_to(1):
        arrays = {m: measure_arrays(m, args.rounds) for m in BATCHES}
        print("arrays: done", file=sys.stderr)
        costs = [measure_cost(width, args.rounds) for width in WIDTHS]
        print("gradient and forward pass: done", file=sys.stderr)
        numbers = measure_numbers(args.rounds)
    packages = ["numpy", *(package for package in NEEDS.values() if installed(package))]
    tables = [arrays_table(arrays), numbers_table(numbers), cost_table(costs)]
    text = "\n\n".join([*tables, shared.setting(args.rounds, packages)])
    print(text)
    if args.readme:
        shared.write_report(args.readme, "autodiff", text)
        write_plot(args.readme.with_name("autodiff.svg"), costs)


if __name__ == "__main__":
    main()
