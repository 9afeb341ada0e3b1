"""What wrong answers have in common: a name, and a hint that leads back to the book.

An instructor's test lists wrong functions under these names (see ``judge.compare``). A hint
says in words what went wrong; it never says what to type.
"""

from collections.abc import Callable
from typing import Any, NamedTuple


class Misconception(NamedTuple):
    """A hint, and the place in the book where the matter is explained.

    Attributes
    ----------
    hint : one or two sentences
    chapter : a notebook of the book, without its ending; empty if there is no such place
    section : a heading in it
    """

    hint: str
    chapter: str = ""
    section: str = ""

    def __str__(self) -> str:
        return f"{self.hint} See '{self.section}' in {self.chapter}." if self.chapter else self.hint


REGISTRY = {
    "changes-input": Misconception(
        "An argument has changed after the call: your function writes into an array of the "
        "caller. Make a new array instead.",
    ),
    "wrong-sign": Misconception(
        "The size is right and the sign is wrong everywhere. Ask in which direction the "
        "result should grow.",
    ),
    "target-minus-output": Misconception(
        "The difference of output and target is taken the wrong way round: differentiate the "
        "square, and keep track of the inner derivative.",
        "05_backprop",
        "BP1: the error of the last layer",
    ),
    "slope-forgotten": Misconception(
        "The derivative of the activation function is missing: a change of z reaches the "
        "output only through it.",
        "05_backprop",
        "BP1: the error of the last layer",
    ),
    "slope-of-activation": Misconception(
        "The derivative is taken at the activation, where it should be taken at the "
        "pre-activation; or the formula in a is used with z.",
        "04_feedforward",
        "The curves and their slopes",
    ),
    "weight-forgotten": Misconception(
        "The error comes back from the next layer without the weight it passed on its way forward.",
        "05_backprop",
        "BP2: one layer back",
    ),
    "not-transposed": Misconception(
        "The shape fits or is turned, and the numbers belong to other units: on the way back "
        "each weight is used from its other end.",
        "05_backprop",
        "BP2: one layer back",
    ),
    "sum-for-mean": Misconception(
        "The result is larger by the number of rows: it is a sum over the batch, where the "
        "mean was asked for.",
        "05_backprop",
        "The whole batch at once",
    ),
    "mean-for-sum": Misconception(
        "The result is smaller by the number of rows: it is a mean over the batch, where the "
        "sum was asked for.",
        "05_backprop",
        "The whole batch at once",
    ),
    "factor-two": Misconception(
        "The result is twice what it should be. A half before the square cancels the two of "
        "its derivative; one of them is missing.",
        "04_feedforward",
        "Where losses come from",
    ),
    "half": Misconception(
        "The result is half of what it should be: there is a half too many, or the two of a "
        "derivative is missing.",
        "04_feedforward",
        "Where losses come from",
    ),
    "bias-forgotten": Misconception(
        "The result is that of a neuron without its bias.",
        "04_feedforward",
        "The bias: broadcasting",
    ),
    "rate-forgotten": Misconception(
        "The step does not depend on the learning rate.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "updates-when-right": Misconception(
        "The weights move although the answer was right. The rule learns from mistakes only.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "updated-weight-used": Misconception(
        "A value is computed with weights that have already been changed in this step. All "
        "gradients are taken at the old ones.",
        "05_backprop",
        "The algorithm",
    ),
    "overflow": Misconception(
        "The formula is right on paper; in the machine an exponential became too large. The "
        "same function can be written so that every exponent is negative.",
        "04_feedforward",
        "Numbers that are too large",
    ),
    "one-sided-difference": Misconception(
        "The slope is measured to one side only, and its error shrinks with h; with a step "
        "to both sides it shrinks with the square of h.",
        "02_chain_rule",
        "Nudge and look",
    ),
    "truncated": Misconception(
        "The decimals are gone: somewhere a whole number is stored, for instance in an array "
        "that was made from whole numbers.",
    ),
    "axis-swapped": Misconception(
        "Rows and columns have changed places: the result runs along the other axis.",
        "04_feedforward",
        "Many examples: one matrix product",
    ),
}

# What can be seen of a result without knowing how it was computed: from the right result, and
# the number of rows of the first matrix among the arguments, the wrong one. Looked at only when
# none of the mistakes that a test lists fits.
SIGNS_OF: dict[str, Callable[[Any, int], Any]] = {
    "wrong-sign": lambda right, m: -right,
    "factor-two": lambda right, m: 2 * right,
    "half": lambda right, m: right / 2,
    "sum-for-mean": lambda right, m: right * m,
    "mean-for-sum": lambda right, m: right / m,
    "axis-swapped": lambda right, m: right.T,
    "truncated": lambda right, m: right.astype(int),
}
