"""The Rosetta: the same network in the notation of other books, and back.

Books differ in how they lay a layer out, and in what they sum. A ``Convention`` holds these
differences as data: whether W is stored (n_in, n_out) or transposed, where b is, whether
examples are rows or columns, and by which factor cost, δ and gradients differ from ours.
Converting is then stacking, transposing and multiplying, and nothing else: the same network
gives the same outputs and gradients in every notation.

    theirs = nielsen.to_theirs(net.params)            # [w², b², w³, b³, ...]
    x, y = nielsen.data_to_theirs(X), nielsen.data_to_theirs(Y)    # examples as columns
    ...                                               # his forward and backward pass
    grads = nielsen.grads_from_theirs(nabla, len(X))  # equal to net.grads

``rosetta()`` returns the same as a table to read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Array, as_matrix, as_numbers, as_real, check_count, check_finite


class Factor(NamedTuple):
    """Theirs = number × ours; times m as well if they sum over the m examples of a batch."""

    number: int
    summed: bool

    def __call__(self, m: int) -> int:
        check_count(m, "m")
        return self.number * m if self.summed else self.number

    def __str__(self) -> str:
        number = {1: "", -1: "−"}.get(self.number, str(self.number))
        return f"{number}m × ours" if self.summed else "as ours"


SAME, SUM = Factor(1, summed=False), Factor(1, summed=True)  # ours is a mean over examples


@dataclass(frozen=True, eq=False, kw_only=True)
class Convention:
    """How a book writes a network, and the way there and back.

    *Ours* is what a Network holds: a list [W1, b1, W2, b2, ...] with W of shape
    (n_in, n_out) and b of shape (n_out,), and data with one example per row. *Theirs* is a
    list, too: W and b by turns, where b is a column (n_out, 1) if examples are columns; or,
    if b is part of W, one matrix for each layer. What is returned is always a copy.

    Attributes
    ----------
    name : str
    transposed : bool
        Whether their W has shape (n_out, n_in).
    bias : "separate", "first" or "last"
        Where b is: in an array of its own; or in W, as the weights of an extra input 1 that
        comes before or after the others.
    columns : bool
        Whether their examples are columns.
    cost, delta, grads : Factor
        What makes theirs from ours. Ours is the cost averaged over the examples, and its
        derivatives: delta with respect to Z, grads with respect to the parameters.
    words : dict
        What the book writes: a column of the table that ``rosetta`` returns.
    """

    name: str
    transposed: bool = False
    bias: Literal["separate", "first", "last"] = "separate"
    columns: bool = False
    cost: Factor = SAME
    delta: Factor = SAME
    grads: Factor = SAME
    words: dict[str, str]

    def to_theirs(self, params: Sequence[ArrayLike]) -> list[Array]:
        """Return our parameters as they write them.

        Raises
        ------
        TypeError, ValueError
            If params is not a list [W1, b1, W2, b2, ...] of finite arrays that fit together.
        """
        return self._write(ours._read(params))

    def from_theirs(self, params: Sequence[ArrayLike]) -> list[Array]:
        """Return their parameters as we write them: [W1, b1, W2, b2, ...].

        Raises
        ------
        TypeError, ValueError
            If params is not a list of finite arrays that fit together when read their way.
            Square matrices fit either way: nothing can tell that one should be transposed.
        """
        return ours._write(self._read(params))

    def grads_to_theirs(self, grads: Sequence[ArrayLike], m: int) -> list[Array]:
        """Return our gradient for a batch of m examples as they compute it."""
        return [g * self.grads(m) for g in self.to_theirs(grads)]

    def grads_from_theirs(self, grads: Sequence[ArrayLike], m: int) -> list[Array]:
        """Return their gradient for a batch of m examples as we compute it."""
        return [g / self.grads(m) for g in self.from_theirs(grads)]

    def data_to_theirs(self, X: ArrayLike) -> Array:
        """Return X, Y, Z or A, one example per row, as they write it.

        An extra input 1 is not added: that is part of their forward pass.
        """
        X = as_matrix(X, "X")
        return X.T.copy() if self.columns else X.copy()

    def data_from_theirs(self, X: ArrayLike) -> Array:
        """Return their data, without any extra 1, with one example per row."""
        if self.columns and np.ndim(X) == 1:
            raise ValueError(
                f"examples of {self.name} are columns, data has shape (n, m); got {np.shape(X)}."
                " For one example, pass X[:, np.newaxis]"
            )
        return self.data_to_theirs(X)  # transposing twice changes nothing

    def delta_to_theirs(self, delta: ArrayLike) -> Array:
        """Return our δ of a layer, shape (m, n), as they compute it."""
        delta = as_matrix(delta, "delta")
        return self.data_to_theirs(delta) * self.delta(len(delta))

    def delta_from_theirs(self, delta: ArrayLike) -> Array:
        """Return their δ of a layer as we compute it, shape (m, n)."""
        delta = self.data_from_theirs(delta)
        return delta / self.delta(len(delta))

    def cost_to_theirs(self, C: float, m: int) -> float:
        """Return our cost of a batch of m examples as they compute it."""
        return as_real(C, "C") * self.cost(m)

    def cost_from_theirs(self, C: float, m: int) -> float:
        """Return their cost of a batch of m examples as we compute it."""
        return as_real(C, "C") / self.cost(m)

    @property
    def shape(self) -> str:
        """The shape of W, in words."""
        n_in = {"separate": "n_in", "first": "1 + n_in", "last": "n_in + 1"}[self.bias]
        return f"(n_out, {n_in})" if self.transposed else f"({n_in}, n_out)"

    def _write(self, layers: list[tuple[Array, Array]]) -> list[Array]:
        """Return layers, pairs (W, b) of ours, as the list that they would keep."""
        arrays = []
        for W, b in layers:
            row = b[np.newaxis, :]
            stack = {"separate": [W], "first": [row, W], "last": [W, row]}[self.bias]
            arrays.append(self._turned(np.vstack(stack)))
            if self.bias == "separate":
                arrays.append((row.T if self.columns else b).copy())
        return arrays

    def _read(self, arrays: Sequence[ArrayLike]) -> list[tuple[Array, Array]]:
        """Return a list that they keep as pairs (W, b) of ours, checked."""
        arrays = self._checked(arrays)
        if self.bias == "separate":
            pairs = zip(arrays[::2], arrays[1::2], strict=True)
            layers = [(self._turned(W), self._as_vector(b)) for W, b in pairs]
        elif self.bias == "first":
            layers = [(W[1:], W[0]) for W in map(self._turned, arrays)]
        else:
            layers = [(W[:-1], W[-1]) for W in map(self._turned, arrays)]
        self._check_fit(layers)
        return layers

    def _turned(self, W: Array) -> Array:
        return W.T if self.transposed else W

    def _as_vector(self, b: Array) -> Array:
        if b.ndim != 1 + self.columns or b.shape[1:] not in ((), (1,)):
            wanted = "a column (n_out, 1)" if self.columns else "a vector (n_out,)"
            raise ValueError(f"a bias of {self.name} is {wanted}; got shape {b.shape}")
        return b.reshape(-1)

    def _checked(self, arrays: Sequence[ArrayLike]) -> list[Array]:
        """Return arrays as finite numbers, matrices where W must be; their number fits."""
        separate = self.bias == "separate"
        wanted = f"a list {'[W1, b1, W2, b2, ...]' if separate else '[W1, W2, ...]'}"
        if not isinstance(arrays, list | tuple):
            raise TypeError(
                f"{self.name} keeps parameters as {wanted}; got {type(arrays).__name__}"
            )
        if len(arrays) == 0 or (separate and len(arrays) % 2):
            raise ValueError(
                f"{self.name} keeps parameters as {wanted}; got a list of {len(arrays)}"
            )
        checked = [as_numbers(array, f"array {k}") for k, array in enumerate(arrays)]
        for k, array in enumerate(checked):
            check_finite(array, f"array {k}")
        for W in checked[:: 1 + separate]:
            if W.ndim != 2 or 0 in W.shape or (not separate and W.shape[self.transposed] < 2):
                raise ValueError(
                    f"a weight matrix of {self.name} has shape {self.shape}, every n at least 1;"
                    f" got {W.shape}"
                )
        return checked

    def _check_fit(self, layers: list[tuple[Array, Array]]) -> None:
        advice = f"; the shape of W is {self.shape} in the convention of {self.name}"
        for k, (W, b) in enumerate(layers, start=1):
            if W.shape[1] != len(b):
                raise ValueError(
                    f"layer {k} has {W.shape[1]} units by its W, and {len(b)} by its b{advice}"
                )
        for k, ((below, _), (W, _)) in enumerate(pairwise(layers), start=2):
            if below.shape[1] != len(W):
                raise ValueError(
                    f"layer {k} takes {len(W)} inputs, but layer {k - 1} makes"
                    f" {below.shape[1]}{advice}"
                )


ours = Convention(
    name="this book",
    words={
        "weight": "Wᵢⱼ: from i to j",
        "pre-activation": "Z = A W + b",
        "input layer": "0",
        "first weights": "W⁽¹⁾",
        "δ": "∂C/∂Z, of the mean cost",
        "target / output": "Y / A",
        "cost of a batch": "1/m Σ over rows, e.g. of ½‖a − y‖²",
        "bias": "b, separate",
        "dropout p": "to drop",
    },
)

nielsen = Convention(
    name="Nielsen",
    transposed=True,
    columns=True,
    delta=SUM,
    grads=SUM,
    words={
        "weight": "wⱼₖ: to j from k",
        "pre-activation": "z = w a + b",
        "input layer": "1",
        "first weights": "w²",
        "δ": "∂C/∂z, of one example",
        "target / output": "y / a",
        "cost of a batch": "1/2n Σ ‖y − a‖²",
        "bias": "b, separate",
        "dropout p": "to drop",
    },
)

ucf = Convention(
    name="UCF CAP4453",
    bias="first",
    columns=True,
    delta=SUM,
    grads=SUM,
    words={
        "weight": "wᵢⱼ: from i to j",
        "pre-activation": "z = Wᵀ y",
        "input layer": "0",
        "first weights": "W⁽¹⁾",
        "δ": "no symbol: ∂Div/∂z, of one example",
        "target / output": "d, also ŷ / y",
        "cost of a batch": "1/T Σ Div, with Div = ½‖y − d‖²",
        "bias": "weight of an extra input 1; we put it first",
        "dropout p": "—",
    },
)

hjorth_jensen = Convention(
    name="Hjorth-Jensen, general part",
    columns=True,
    cost=SUM,
    delta=SUM,
    grads=SUM,
    words={
        "weight": "wᵢⱼ: from i to j",
        "pre-activation": "z = Wᵀ a + b; in programs X W + b, by rows",
        "input layer": "0",
        "first weights": "W¹",
        "δ": "∂C/∂z, of one example; t − y on one slide",
        "target / output": "y or t / ỹ or a",
        "cost of a batch": "½ Σ (a − y)²; elsewhere divided by n",
        "bias": "b, separate; in class FFNN a column of 0.01",
        "dropout p": "to drop",
    },
)

hjorth_jensen_221 = Convention(
    name="Hjorth-Jensen, 2-2-1 part",
    transposed=True,
    columns=True,
    cost=SUM,
    delta=SUM,
    grads=SUM,
    words=hjorth_jensen.words
    | {
        "weight": "wᵢⱼ: to i from j",
        "pre-activation": "z = W a + b",
        "first weights": "W⁽¹⁾",
        "δ": "∂C/∂z, of one example",
        "target / output": "y / a",
        "cost of a batch": "½ (a − y)², one example",
        "bias": "b, separate",
        "dropout p": "—",
    },
)

ng = Convention(
    name="Ng",
    transposed=True,
    bias="first",
    columns=True,
    delta=SUM,
    words={
        "weight": "Θᵢⱼ: to i from j",
        "pre-activation": "z = Θ a, with a₀ = 1",
        "input layer": "1",
        "first weights": "Θ⁽¹⁾",
        "δ": "the “error”, a − y in the last layer, of one example",
        "target / output": "y / h or a",
        "cost of a batch": "binary cross-entropy, 1/m Σ (implied)",
        "bias": "column 0 of Θ, weight of a unit a₀ = 1",
        "dropout p": "—",
    },
)

cs231n = Convention(
    name="CS231n",
    transposed=True,
    columns=True,
    words={
        "weight": "Wᵢⱼ: to i from j",
        "pre-activation": "W x + b; in programs and on the cheatsheet also X W + b",
        "input layer": "—",
        "first weights": "W1",
        "δ": "no symbol: dscores, of the mean cost",
        "target / output": "y / f, the scores",
        "cost of a batch": "softmax cross-entropy, 1/N Σ",
        "bias": "b, separate",
        "dropout p": "to keep",
    },
)

ml_mastery = Convention(
    name="ML Mastery",
    transposed=True,
    bias="last",
    cost=Factor(2, summed=True),
    delta=Factor(-1, summed=True),
    grads=Factor(-1, summed=True),
    words={
        "weight": "weights[j] of a neuron: from j",
        "pre-activation": "Σ weights[j] inputs[j] + weights[-1]",
        "input layer": "—",
        "first weights": "network[0]",
        "δ": "(expected − output) f′ = −∂C/∂z, of one example",
        "target / output": "expected / output",
        "cost of a batch": "Σ (expected − output)², without ½ and mean",
        "bias": "last weight of a neuron",
        "dropout p": "—",
    },
)

CONVENTIONS = (ours, nielsen, ucf, hjorth_jensen, hjorth_jensen_221, ng, cs231n, ml_mastery)


def rosetta() -> list[list[str]]:
    """Return the table of conventions: a header, then a row for each thing that differs.

    The rows on shapes and factors come from what the converters do; a factor says how
    theirs is made from ours, for a batch of m examples.
    """
    done = {
        "shape of W": [c.shape for c in CONVENTIONS],
        "an example is a": ["column" if c.columns else "row" for c in CONVENTIONS],
        "their cost": [str(c.cost) for c in CONVENTIONS],
        "their δ": [str(c.delta) for c in CONVENTIONS],
        "their gradient": [str(c.grads) for c in CONVENTIONS],
    }
    said = {label: [c.words[label] for c in CONVENTIONS] for label in ours.words}
    header = ["", *(c.name for c in CONVENTIONS)]
    return [header, *([label, *cells] for table in (said, done) for label, cells in table.items())]
