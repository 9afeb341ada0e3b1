"""Backpropagation one example at a time: the code that most courses write first.

An example is a pair of columns (x, y), shapes (n_in, 1) and (n_out, 1); the weights of a
layer are (n_out, n_in), so that a layer is W @ a + b. Everything is float64. The network
is the one that the benchmark gives to everybody: relu, then softmax with cross-entropy.
It is as fast as this way of writing gets without thinking of speed, and no slower.
"""

from itertools import pairwise

import numpy as np

from coursenn.arrays import Array

Example = tuple[Array, Array]


class PerExampleNetwork:
    """A network whose gradient is a sum over a loop over examples.

    Parameters
    ----------
    sizes : sequence of ints
        Inputs, units of each hidden layer, outputs.
    rng : numpy.random.Generator
    """

    def __init__(self, sizes: tuple[int, ...], rng: np.random.Generator):
        pairs = list(pairwise(sizes))
        self.weights = [rng.normal(0, (2 / n_in) ** 0.5, (n_out, n_in)) for n_in, n_out in pairs]
        self.biases = [np.zeros((n_out, 1)) for _, n_out in pairs]

    def train_epoch(
        self, examples: list[Example], batch: int, lr: float, rng: np.random.Generator
    ) -> None:
        """Shuffle the examples in place, and take a step on each batch of them."""
        rng.shuffle(examples)  # type: ignore[arg-type]
        for start in range(0, len(examples), batch):
            self.step(examples[start : start + batch], lr)

    def step(self, examples: list[Example], lr: float) -> None:
        """Move against the mean gradient over the examples."""
        dWs, dbs = self.gradient(examples)
        self.weights = [W - lr * dW for W, dW in zip(self.weights, dWs, strict=True)]
        self.biases = [b - lr * db for b, db in zip(self.biases, dbs, strict=True)]

    def gradient(self, examples: list[Example]) -> tuple[list[Array], list[Array]]:
        """Return the mean over the examples of what ``backprop`` returns."""
        sum_dW = [np.zeros(W.shape) for W in self.weights]
        sum_db = [np.zeros(b.shape) for b in self.biases]
        for x, y in examples:
            dWs, dbs = self.backprop(x, y)
            sum_dW = [total + dW for total, dW in zip(sum_dW, dWs, strict=True)]
            sum_db = [total + db for total, db in zip(sum_db, dbs, strict=True)]
        m = len(examples)
        return [total / m for total in sum_dW], [total / m for total in sum_db]

    def backprop(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        """Return the gradients of one example's loss: one for each W, one for each b."""
        a, activations, zs = x, [x], []
        for W, b in zip(self.weights, self.biases, strict=True):
            z = W @ a + b
            a = np.maximum(z, 0)
            zs.append(z)
            activations.append(a)

        delta = softmax(zs[-1]) - y  # the last layer is softmax, not relu
        dWs, dbs = [delta @ activations[-2].T], [delta]
        for layer in range(len(self.weights) - 2, -1, -1):
            delta = (self.weights[layer + 1].T @ delta) * (zs[layer] > 0)
            dWs.insert(0, delta @ activations[layer].T)
            dbs.insert(0, delta)
        return dWs, dbs


def softmax(z: Array) -> Array:
    """Return a column of scores as probabilities."""
    powers = np.exp(z - z.max())
    return powers / powers.sum()
