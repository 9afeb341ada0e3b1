"""A small graded notebook for the tests of the grader, its wrong answers and its right ones.

Each wrong answer (a mutant) is written on its own, not with the wrong functions of the tests:
it says which parts it must lose, and under which misconception it must be known.
"""

from typing import Any, NamedTuple

GIVEN = "import numpy as np\n\nTARGETS = {'and': [0, 0, 0, 1], 'or': [0, 1, 1, 1]}"

STEP = """\
def step(w, b, x, y, lr):
    ### BEGIN SOLUTION
    error = y - (1.0 if w @ x + b >= 0 else 0.0)
    return w + lr * error * x, b + lr * error
    ### END SOLUTION
"""
STEP_SHOWN = """\
w, b = step(np.zeros(2), 0.0, np.array([1.0, 2.0]), 0, 0.5)
assert np.allclose(w, [-0.5, -1.0]), f"w should be [-0.5, -1.0]; got {w}"
assert len(TARGETS) == 2
"""
STEP_HIDDEN = """\
### BEGIN HIDDEN TESTS
from coursenn.grading import compare

def right_step(w, b, x, y, lr, sign=1, always=False, bias=1):
    answer = float(w @ x + b >= 0)
    error = sign * (2 * y - 1 if always else y - answer)
    return w + lr * error * x, b + bias * lr * error

def draw_step(rng):
    y, lr = int(rng.integers(2)), rng.uniform(0.1, 0.9)
    return rng.normal(size=3), rng.normal(), rng.normal(size=3), y, lr

compare(step, right_step, draw_step, {
    "target-minus-output": lambda *args: right_step(*args, sign=-1),
    "rate-forgotten": lambda w, b, x, y, lr: right_step(w, b, x, y, 1.0),
    "updates-when-right": lambda *args: right_step(*args, always=True),
    "bias-forgotten": lambda *args: right_step(*args, bias=0),
}, seed=1, times=12, shown=6)
### END HIDDEN TESTS
"""

SIGMOID = """\
def sigmoid(z):
    ### BEGIN SOLUTION
    return np.exp(np.minimum(0, z)) / (1 + np.exp(-np.abs(z)))
    ### END SOLUTION


def slope(z):
    ### BEGIN SOLUTION
    return sigmoid(z) * (1 - sigmoid(z))
    ### END SOLUTION
"""
SIGMOID_TEST = """\
assert slope(0.0) == 0.25, f"slope(0) should be 0.25, got {slope(0.0)}"
### BEGIN HIDDEN TESTS
import warnings
from coursenn.grading import compare

def right_sigmoid(z):
    return 0.5 + 0.5 * np.tanh(z / 2)

def right_slope(z):
    return right_sigmoid(z) * (1 - right_sigmoid(z))

def naive(z):
    return np.exp(z) / (1 + np.exp(z))

compare(sigmoid, right_sigmoid, lambda rng: (1000 * rng.normal(size=5),),
        {"overflow": naive}, seed=2)
compare(slope, right_slope, lambda rng: (rng.normal(size=(2, 3)),), {
    "slope-of-activation": lambda z: z * (1 - z),
    "slope-forgotten": right_sigmoid,
}, seed=3)
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        sigmoid(np.array([-1000.0, 1000.0]))
    except RuntimeWarning as warning:
        raise AssertionError(f"for large inputs there is a warning: {warning}")
### END HIDDEN TESTS
"""

GRADIENTS = """\
def gradients(X, Y, W1, b1, W2, b2):
    ### BEGIN SOLUTION
    Z = X @ W1 + b1
    A = sigmoid(Z)
    delta2 = (A @ W2 + b2 - Y) / len(X)
    delta1 = delta2 @ W2.T * slope(Z)
    loss = 0.5 * np.sum((A @ W2 + b2 - Y) ** 2) / len(X)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0),
                  "W2": A.T @ delta2, "b2": delta2.sum(axis=0)}
    ### END SOLUTION
"""
GRADIENTS_TEST = """\
### BEGIN HIDDEN TESTS
from coursenn.grading import compare

def draw_batch(rng):
    sizes = [(5, 3), (5, 2), (3, 2), (2,), (2, 2), (2,)]
    return tuple(rng.normal(size=size) for size in sizes)

def right_gradients(X, Y, W1, b1, W2, b2, sign=1, loss_factor=0.5, total=1, back=None, end=None):
    Z = X @ W1 + b1
    A = right_sigmoid(Z)
    error = A @ W2 + b2 - Y
    delta2 = sign * total * error / len(X)
    delta1 = delta2 @ (W2.T if back is None else back(W2)) * (end or right_slope)(Z)
    loss = loss_factor * total * np.sum(error**2) / len(X)
    return loss, {"W1": X.T @ delta1, "b1": delta1.sum(axis=0),
                  "W2": A.T @ delta2, "b2": delta2.sum(axis=0)}

def with_option(**options):
    return lambda *args: right_gradients(*args, **options)

compare(gradients, right_gradients, draw_batch, {
    "target-minus-output": with_option(sign=-1),
    "sum-for-mean": with_option(total=5),
    "factor-two": with_option(loss_factor=1),
    "not-transposed": with_option(back=lambda W: W),
    "weight-forgotten": with_option(back=lambda W: np.eye(2)),
    "slope-forgotten": with_option(end=np.ones_like),
    "slope-of-activation": with_option(end=lambda Z: right_slope(right_sigmoid(Z))),
}, seed=4)
### END HIDDEN TESTS
"""

MOMENTUM = """\
class Momentum:
    ### BEGIN SOLUTION
    def __init__(self, lr, mu):
        self.lr, self.mu, self.v = lr, mu, 0.0

    def step(self, theta, grad):
        self.v = self.mu * self.v - self.lr * grad
        return theta + self.v
    ### END SOLUTION
"""
MOMENTUM_TEST = """\
from coursenn.grading import drive

@drive
def five_steps(theta, grad, lr, mu):
    optimizer = Momentum(lr, mu)
    for _ in range(5):
        theta = optimizer.step(theta, grad * theta)
    return theta

### BEGIN HIDDEN TESTS
from coursenn.grading import compare

def right_steps(theta, grad, lr, mu):
    v = 0.0
    for _ in range(5):
        v = mu * v - lr * grad * theta
        theta = theta + v
    return theta

def draw_run(rng):
    return *rng.normal(size=(2, 4)), 0.1, rng.uniform(0.2, 0.9)

compare(five_steps, right_steps, draw_run, {
    "rate-forgotten": lambda theta, grad, lr, mu: right_steps(theta, grad, 1.0, mu),
}, seed=5)
### END HIDDEN TESTS
"""
PROOF = "Because\n=== BEGIN MARK SCHEME ===\n2 points for the chain rule\n=== END MARK SCHEME ==="

PARTS = {
    "step-shown": 1.0,
    "step-hidden": 3.0,
    "sigmoid-test": 4.0,
    "gradients-test": 6.0,
    "momentum-test": 2.0,
    "proof": 3.0,
}
AUTOMATIC = 16.0


def cell(name: str, kind: str, text: str, points: float = 0) -> dict[str, Any]:
    """Return a cell in nbgrader's format; kind is given, answer or test."""
    marks = {
        "grade_id": name,
        "grade": points > 0,
        "solution": kind == "answer",
        "locked": kind != "answer",
        "task": False,
        "schema_version": 3,
    } | ({"points": points} if points else {})
    raw = {"id": f"id-{name}", "metadata": {"nbgrader": marks}, "source": text.splitlines(True)}
    if name == "proof":
        return {"cell_type": "markdown", **raw}
    return {"cell_type": "code", "outputs": [], "execution_count": None, **raw}


def notebook() -> dict[str, Any]:
    """Return the instructor's notebook."""
    heading = {"cell_type": "markdown", "id": "heading", "metadata": {}, "source": "# A set"}
    cells = [
        heading,
        cell("given", "given", GIVEN),
        cell("step", "answer", STEP),
        cell("step-shown", "test", STEP_SHOWN, 1),
        cell("step-hidden", "test", STEP_HIDDEN, 3),
        cell("sigmoid", "answer", SIGMOID),
        cell("sigmoid-test", "test", SIGMOID_TEST, 4),
        cell("gradients", "answer", GRADIENTS),
        cell("gradients-test", "test", GRADIENTS_TEST, 6),
        cell("momentum", "answer", MOMENTUM),
        cell("momentum-test", "test", MOMENTUM_TEST, 2),
        cell("proof", "answer", PROOF, 3),
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


class Mutant(NamedTuple):
    """A wrong answer, the parts that it loses, and the misconception that must be named."""

    name: str
    answer: str
    code: str
    loses: tuple[str, ...]
    misconception: str


RIGHT_STEP = """\
def step(w, b, x, y, lr):
    error = y - float(np.dot(w, x) + b >= 0)
    return w + lr * error * x, b + lr * error
"""
RIGHT_SIGMOID = """\
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))

def slope(z):
    return sigmoid(z) - sigmoid(z) ** 2
"""
RIGHT_GRADIENTS = """\
def gradients(X, Y, W1, b1, W2, b2):
    loss, grads = 0.0, {"W1": 0 * W1, "b1": 0 * b1, "W2": 0 * W2, "b2": 0 * b2}
    for x, y in zip(X, Y):
        z = x @ W1 + b1
        a = sigmoid(z)
        d = a @ W2 + b2 - y
        back = np.einsum("k,jk->j", d, W2)
        e = back * slope(z)
        loss += (d @ d) / 2
        for name, g in zip(grads, [np.outer(x, e), e, np.outer(a, d), d]):
            grads[name] = grads[name] + g / len(X)
    return loss / len(X), grads
"""
RIGHT_MOMENTUM = """\
class Momentum:
    def __init__(self, lr, mu):
        self.lr, self.mu, self.v = lr, mu, None

    def step(self, theta, grad):
        self.v = np.zeros_like(theta) if self.v is None else self.v
        self.v *= self.mu
        self.v -= self.lr * grad
        return theta + self.v
"""
OTHERWISE_WRITTEN = {
    "step": RIGHT_STEP,
    "sigmoid": RIGHT_SIGMOID,
    "gradients": RIGHT_GRADIENTS,
    "momentum": RIGHT_MOMENTUM,
}

BOTH, HIDDEN = ("step-shown", "step-hidden"), ("step-hidden",)
SIGMOIDS, GRADS = ("sigmoid-test",), ("gradients-test",)


def _step(name: str, old: str, new: str, loses: tuple[str, ...], misconception: str) -> Mutant:
    assert old in RIGHT_STEP
    return Mutant(name, "step", RIGHT_STEP.replace(old, new), loses, misconception)


def _gradients(name: str, old: str, new: str, misconception: str) -> Mutant:
    assert old in RIGHT_GRADIENTS
    code = RIGHT_GRADIENTS.replace(old, new)
    return Mutant(name, "gradients", code, GRADS, misconception)


MUTANTS = [
    _step("output minus target", "error = y - float(", "error = -y + float(", BOTH,
          "target-minus-output"),
    _step("no learning rate", "lr * ", "", BOTH, "rate-forgotten"),
    _step("always", "error = y - float(np.dot(w, x) + b >= 0)", "error = 1 if y else -1", HIDDEN,
          "updates-when-right"),
    _step("bias stays", "b + lr * error", "b", HIDDEN, "bias-forgotten"),
    _step("in place", "return w + lr * error * x,", "w += lr * error * x; return w,", HIDDEN,
          "changes-input"),
    _step("integers", "return w + lr * error * x,", "return (w + lr * error * x).astype(int),",
          BOTH, "truncated"),
    _step("no return", "return ", "", BOTH, ""),
    Mutant("overflow", "sigmoid", "def sigmoid(z):\n    return 1 - 1 / (1 + np.exp(z))\n"
           + RIGHT_SIGMOID.replace("def sigmoid", "def unused"), SIGMOIDS, ""),
    Mutant("naive quotient", "sigmoid", RIGHT_SIGMOID + "\ndef sigmoid(z):\n"
           "    p = np.exp(z)\n    return p / (p + 1.0)\n", SIGMOIDS, "overflow"),
    Mutant("slope of z", "sigmoid", RIGHT_SIGMOID + "\ndef slope(z):\n    return z - z**2\n",
           (*SIGMOIDS, *GRADS), ""),
    Mutant("slope with a hole", "sigmoid", RIGHT_SIGMOID + "\ndef slope(z):\n"
           "    return 0.25 if np.ndim(z) == 0 else z * 1 - z * z\n",
           (*SIGMOIDS, *GRADS), "slope-of-activation"),
    _gradients("target minus output", "d = a @ W2 + b2 - y", "d = y - (a @ W2 + b2)",
               "target-minus-output"),
    _gradients("no slope", " * slope(z)", "", "slope-forgotten"),
    _gradients("slope of a", "slope(z)", "slope(a)", "slope-of-activation"),
    _gradients("not transposed", "k,jk->j", "k,kj->j", "not-transposed"),
    _gradients("no weight", 'np.einsum("k,jk->j", d, W2)', "d", "weight-forgotten"),
    _gradients("loss without half", "(d @ d) / 2", "d @ d", "factor-two"),
    _gradients("sum of gradients", "g / len(X)", "g", "sum-for-mean"),
    _gradients("biases doubled", "np.outer(a, d), d]", "np.outer(a, d), 2 * d]", "factor-two"),
    Mutant("momentum without a rate", "momentum", RIGHT_MOMENTUM.replace("self.lr * ", ""),
           ("momentum-test",), "rate-forgotten"),
]  # fmt: skip
