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
    chapter : a notebook of the book, without its ending, such as ``05_backprop``; empty if there
        is no such place
    section : a heading in it
    """

    hint: str
    chapter: str = ""
    section: str = ""

    def __str__(self) -> str:
        if not self.chapter:
            return self.hint
        return f"{self.hint} See '{self.section}' in chapter {int(self.chapter[:2])}."


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
    "divided-by-one-step": Misconception(
        "The difference is divided by a distance that is not the one between the two points at "
        "which f was evaluated. Ask how far apart they are.",
        "02_chain_rule",
        "Nudge and look",
    ),
    "difference-not-divided": Misconception(
        "This is by how much the output changes. A slope is the change for each unit of the nudge.",
        "02_chain_rule",
        "A derivative is a sensitivity",
    ),
    "absolute-for-relative": Misconception(
        "The error is not compared with the size of what it is an error of.",
        "02_chain_rule",
        "Are these two gradients equal?",
    ),
    "all-nudged-at-once": Misconception(
        "All entries are nudged in one evaluation. That measures the slope along one direction; a "
        "gradient has an answer for each entry.",
        "02_chain_rule",
        "All entries at once",
    ),
    "wrong-part": Misconception(
        "A complex number has two parts. This is computed from the one that holds the value of the "
        "function, and not its derivative.",
        "02_chain_rule",
        "A nudge in an imaginary direction",
    ),
    "inner-factor-forgotten": Misconception(
        "A factor of the chain is missing. Count the links from the input to the output: each of "
        "them has a derivative, the first and the last one too.",
        "02_chain_rule",
        "One link after another",
    ),
    "slope-at-wrong-place": Misconception(
        "A derivative is taken at the wrong place: each link is differentiated at the value that "
        "arrives at it.",
        "02_chain_rule",
        "One link after another",
    ),
    "factors-added": Misconception(
        "The derivatives of links in a row are added. Along one path sensitivities are combined in "
        "another way; it is different paths that add up.",
        "02_chain_rule",
        "One link after another",
    ),
    "path-forgotten": Misconception(
        "A way of influence is missing. Follow every arrow that leaves the variable: what comes "
        "along each of them counts.",
        "02_chain_rule",
        "Shared variables: count every way of influence",
    ),
    "tangents-multiplied": Misconception(
        "The tangent of a product is not the product of the tangents: that belongs to the term "
        "with epsilon squared, which is put to zero.",
        "03_autodiff",
        "Forward: carry the derivative along",
    ),
    "constant-moves": Misconception(
        "A plain number is treated as if it moved. A constant stands still.",
        "03_autodiff",
        "Forward: carry the derivative along",
    ),
    "gradient-overwritten": Misconception(
        "A later contribution to a gradient has replaced an earlier one. What is used twice hears "
        "from both uses.",
        "03_autodiff",
        "Add up, or replace?",
    ),
    "gradient-kept": Misconception(
        "Gradients of an earlier walk are still there when a new walk begins, and are mixed into "
        "it.",
        "03_autodiff",
        "Add up, or replace?",
    ),
    "handed-on-too-early": Misconception(
        "A node hands its gradient on before all its children have paid in. The order in which "
        "nodes are found from the end is not an order in which they may speak.",
        "03_autodiff",
        "Second try: visit each node once",
    ),
    "changed-too-early": Misconception(
        "An array is changed in place while its old numbers are still needed: two names can stand "
        "for one array.",
    ),
    "unit-in-parts": Misconception(
        "To a unit belongs all of it: what comes in, its bias, and what goes out. A part is left "
        "out here.",
        "07_initialization",
        "Equal units stay equal",
    ),
    "variance-for-deviation": Misconception(
        "Variance and deviation are mixed up: a variance adds up over independent terms, and the "
        "deviation is its root.",
        "07_initialization",
        "How large is a sum?",
    ),
    "variance-for-mean-square": Misconception(
        "Inputs that lie far from zero make a sum large even if they hardly vary. What counts is "
        "their mean square, not their variance.",
        "07_initialization",
        "How large is a sum?",
    ),
    "deviations-added": Misconception(
        "Deviations are added. Of independent terms the variances add up.",
        "07_initialization",
        "How large is a sum?",
    ),
    "mean-of-terms": Misconception(
        "A sum has as many terms as there are inputs, and each of them adds to its variance; here "
        "their average is taken.",
        "07_initialization",
        "How large is a sum?",
    ),
    "fan-out-for-fan-in": Misconception(
        "The units of the layer are counted where its inputs should be: a sum has as many terms as "
        "there are inputs.",
        "07_initialization",
        "How large is a sum?",
    ),
    "relu-factor-forgotten": Misconception(
        "The part of the signal that relu sets to zero is not made up for.",
        "07_initialization",
        "A signal on its way through many layers",
    ),
    "one-direction-only": Misconception(
        "This keeps the size of what goes through the layer in one direction only; the rule asks "
        "for a compromise between both.",
        "07_initialization",
        "The way back",
    ),
    "range-for-deviation": Misconception(
        "The limit of a uniform distribution is taken for its deviation, which is smaller.",
        "07_initialization",
        "The way back",
    ),
    "deviation-for-mean-square": Misconception(
        "The deviation is measured from the mean, and the size asked for from zero. They differ "
        "where the mean is not zero, as behind relu.",
        "07_initialization",
        "A signal on its way through many layers",
    ),
    "wrong-layer": Misconception(
        "What belongs to one layer is taken from its neighbour: keep apart what goes into a layer, "
        "its sums, and what it hands on.",
        "07_initialization",
        "A signal on its way through many layers",
    ),
    "one-end-only": Misconception(
        "A unit can be saturated at either end of its range; one of them is not counted.",
        "07_initialization",
        "Look inside",
    ),
    "silent-on-some-row": Misconception(
        "A unit that is silent on some rows is doing its work. It is dead if no row wakes it.",
        "07_initialization",
        "Dead units",
    ),
    "unbiased-variance": Misconception(
        "The variance is divided by one less than the number of rows. Here it is the mean square "
        "distance from the mean.",
        "07_initialization",
        "Batch normalization",
    ),
    "eps-outside-root": Misconception(
        "The small constant stands on the wrong side of the root.",
        "07_initialization",
        "Batch normalization",
    ),
    "eps-inside-root": Misconception(
        "The small constant stands on the wrong side of the root.",
        "06_gradient_descent",
        "Adam",
    ),
    "batch-statistics-kept": Misconception(
        "A prediction depends on the other rows that happen to be asked with it.",
        "07_initialization",
        "Training is not predicting",
    ),
    "average-turned-round": Misconception(
        "The running average keeps the share that it should take from the batch, and takes the "
        "share that it should keep.",
        "07_initialization",
        "Training is not predicting",
    ),
    "bias-correction-missing": Misconception(
        "An average that starts at zero is too small in the first steps; nothing makes up for it.",
        "06_gradient_descent",
        "Adam",
    ),
    "corrected-state-kept": Misconception(
        "The corrected averages are kept for the next step. The correction belongs to this step; "
        "the averages themselves go on without it.",
        "06_gradient_descent",
        "Adam",
    ),
    "not-squared": Misconception(
        "The second average is to be one of squares: it measures the size of a gradient, whatever "
        "its sign.",
        "06_gradient_descent",
        "RMSprop: forget slowly",
    ),
    "root-forgotten": Misconception(
        "The step is divided by a mean square, where the root of it has the size of a gradient.",
        "06_gradient_descent",
        "RMSprop: forget slowly",
    ),
    "state-reset": Misconception(
        "The averages begin anew at each epoch. What an optimizer remembers belongs to the whole "
        "training.",
        "06_gradient_descent",
        "The Adam that forgets at every epoch",
    ),
    "epochs-for-steps": Misconception(
        "The correction counts epochs. An average has seen one more gradient after every step.",
        "06_gradient_descent",
        "The Adam that forgets at every epoch",
    ),
    "biases-penalised": Misconception(
        "A price is charged on the bias as well. Ask what a large bias does to the shape of a "
        "function, and what a large weight does.",
        "08_regularization",
        "Biases are left alone",
    ),
    "penalty-divided": Misconception(
        "The penalty is divided by the number of rows, as if every row paid a share of it. What "
        "is averaged over rows is the data's part alone.",
        "08_regularization",
        "The path of λ",
    ),
    "penalty-doubled": Misconception(
        "The price on the weights is twice what was agreed: follow the half through the "
        "derivative.",
        "08_regularization",
        "L2: forget a little at every step",
    ),
    "penalty-missing": Misconception(
        "This is the result without any penalty: the price on the weights does not arrive.",
        "08_regularization",
        "L2: forget a little at every step",
    ),
    "data-doubled": Misconception(
        "The penalty is as agreed, and the part of the data is twice what it should be. A half "
        "before the square cancels the two of its derivative; one of them is missing.",
        "04_feedforward",
        "Where losses come from",
    ),
    "data-summed": Misconception(
        "The penalty is as agreed, but the part of the data is a sum over the rows, where the "
        "mean was asked for.",
        "05_backprop",
        "The whole batch at once",
    ),
    "length-for-square": Misconception(
        "The penalty grows with the length of the weights, where it should grow with the "
        "square of that length.",
        "08_regularization",
        "L2: forget a little at every step",
    ),
    "penalty-drives-away": Misconception(
        "The penalty pushes the weights away from 0. It should pull them towards it.",
        "08_regularization",
        "L2: forget a little at every step",
    ),
    "decay-without-rate": Misconception(
        "The pull of the penalty does not depend on the learning rate. It is a part of the "
        "gradient, and takes part in the step like the rest.",
        "08_regularization",
        "L2: forget a little at every step",
    ),
    "shrunk-after-step": Misconception(
        "The weights shrink after the step on the data, so that the step shrinks with them. In "
        "gradient descent both parts are taken at the old weights.",
        "08_regularization",
        "L2: forget a little at every step",
    ),
    "l2-for-l1": Misconception(
        "The pull fades with the size of the weight. That of the other penalty does not: it is "
        "as strong for a tiny weight as for a large one.",
        "08_regularization",
        "L1: exactly zero",
    ),
    "l1-for-l2": Misconception(
        "The price is in proportion to the size of a weight, so that small weights and large ones "
        "are pulled alike. That of this penalty is in proportion to the square.",
        "08_regularization",
        "L2: forget a little at every step",
    ),
    "thrown-across-zero": Misconception(
        "Small weights are thrown across 0 to the other side, where they should stop at 0.",
        "08_regularization",
        "L1: exactly zero",
    ),
    "threshold-before-step": Misconception(
        "The threshold comes before the step on the data, which then moves the zeros away from "
        "0 again.",
        "08_regularization",
        "In a picture",
    ),
    "hard-for-soft": Misconception(
        "Small weights become 0, but the others keep their size. This penalty makes every "
        "weight smaller.",
        "08_regularization",
        "L1: exactly zero",
    ),
    "norm-of-rows": Misconception(
        "The weights are measured in the wrong groups. Ask which entries of the matrix lead "
        "into one and the same unit.",
        "08_regularization",
        "Max-norm: a fence",
    ),
    "norm-of-all": Misconception(
        "One length is taken for the whole matrix. Every unit has a fence of its own.",
        "08_regularization",
        "Max-norm: a fence",
    ),
    "always-on-the-fence": Misconception(
        "Weights that were inside the fence have moved as well. Inside it, nothing happens.",
        "08_regularization",
        "Max-norm: a fence",
    ),
    "entries-clipped": Misconception(
        "Every entry is cut off by itself. That changes the direction of a column, and lets "
        "columns of many entries stay too long.",
        "08_regularization",
        "Max-norm: a fence",
    ),
    "keep-for-drop": Misconception(
        "The letter p is used as the probability to keep a unit. Here it is the probability to "
        "drop it.",
        "08_regularization",
        "Dropout: never the same team twice",
    ),
    "scale-missing": Misconception(
        "Nothing makes up for the units that were dropped: what training sees on average is "
        "less than what prediction uses.",
        "08_regularization",
        "Dropout: never the same team twice",
    ),
    "scaled-when-predicting": Misconception(
        "The answer is made smaller when predicting. In the inverted way prediction needs no "
        "correction, since training has made up for it already.",
        "08_regularization",
        "Dropout: never the same team twice",
    ),
    "drops-when-predicting": Misconception(
        "Units are dropped when predicting, too. Prediction uses them all.",
        "08_regularization",
        "Dropout: never the same team twice",
    ),
    "mask-not-reused": Misconception(
        "On the way back other units are dropped than on the way forward. A unit that was silent "
        "has no share in the loss, and one that spoke has.",
        "08_regularization",
        "Dropout: never the same team twice",
    ),
    "mask-forgotten-back": Misconception(
        "The gradient comes back as if nothing had been dropped. A unit that was silent has no "
        "share in the loss.",
        "08_regularization",
        "Dropout: never the same team twice",
    ),
    "mask-without-scale-back": Misconception(
        "The right units pass the gradient, but not by the factor with which they passed their "
        "values: the derivative of c·a is c.",
        "08_regularization",
        "Dropout: never the same team twice",
    ),
    "test-data-used": Misconception(
        "The numbers are right if all rows are used for the scale. Rows that examine have then "
        "had a say in what is learned: that is a leak.",
        "08_regularization",
        "Choosing features first",
    ),
    "scaled-by-itself": Misconception(
        "The new rows are scaled by their own mean and deviation. Then the same measurement is "
        "a different number in the two parts.",
        "08_regularization",
        "Choosing features first",
    ),
    "sample-deviation": Misconception(
        "The deviation is a little larger than the one asked for: its squares are divided by "
        "one less than the number of rows.",
    ),
    "one-scale-for-all": Misconception(
        "All columns share one mean and one deviation. Each column has a unit of its own, and "
        "needs a scale of its own.",
    ),
    "mean-not-subtracted": Misconception(
        "The columns have the right spread, but not the right middle.",
    ),
    "validation-in-training": Misconception(
        "Rows that validate are among the rows that train. Rows that taught the network cannot "
        "examine it.",
        "08_regularization",
        "One standard error",
    ),
    "parts-swapped": Misconception(
        "The two parts have changed places: what should teach examines, and the other way round.",
    ),
    "rows-left-over": Misconception(
        "Some rows are never used: those that are left over when the number of rows cannot be "
        "divided evenly.",
    ),
    "remainder-in-one-part": Misconception(
        "All the rows that are left over are in one part. The sizes should differ by one at most.",
    ),
    "patience-not-reset": Misconception(
        "All epochs without progress are added up. A new best loss starts the waiting anew.",
        "08_regularization",
        "Early stopping",
    ),
    "last-for-best": Misconception(
        "The weights of the last epoch are kept. When training stops, they are already past "
        "their best.",
        "08_regularization",
        "Early stopping",
    ),
    "compared-with-previous": Misconception(
        "Each loss is compared with the one before it. Progress is measured against the best "
        "so far.",
        "08_regularization",
        "Early stopping",
    ),
    "looks-ahead": Misconception(
        "The result depends on losses that come after the stop. At the time nobody knows them.",
        "08_regularization",
        "Early stopping",
    ),
    "ties-count": Misconception(
        "A loss that equals the best one so far is taken for progress. Only a lower one is.",
        "08_regularization",
        "Early stopping",
    ),
    "one-epoch-too-long": Misconception(
        "Training stops one epoch later than agreed: count the epochs without progress.",
        "08_regularization",
        "Early stopping",
    ),
    "counted-from-one": Misconception(
        "The result is larger by one: it is counted from 1, where it should be counted from 0.",
    ),
    "shuffled-apart": Misconception(
        "Rows and labels are each drawn in an order of their own, so that a row meets the label "
        "of another one.",
        "08_regularization",
        "Two ways to fool yourself at once",
    ),
    "labels-left-behind": Misconception(
        "The rows have moved and their labels have stayed: a row meets the label of another one.",
        "08_regularization",
        "Two ways to fool yourself at once",
    ),
    "test-rows-in-training": Misconception(
        "The rows set aside are still among those that train.",
        "08_regularization",
        "Three parts, three jobs",
    ),
    "not-shuffled": Misconception(
        "The rows come in the order in which they were stored, and files are often sorted.",
        "08_regularization",
        "Three parts, three jobs",
    ),
    "sign-lost": Misconception(
        "The sign of the weights has got lost: negative weights are treated like positive ones.",
        "08_regularization",
        "L1: exactly zero",
    ),
    "sign-of-old-weights": Misconception(
        "The threshold looks at the signs from before the step on the data. Some weights have "
        "changed theirs in it.",
        "08_regularization",
        "L1: exactly zero",
    ),
    "sign-for-threshold": Misconception(
        "This is the step with the sign in the gradient. It throws small weights across 0, and "
        "makes no exact zeros.",
        "08_regularization",
        "In a network",
    ),
    "fence-at-one": Misconception(
        "The fence stands at the length 1, wherever it was asked to stand.",
        "08_regularization",
        "Max-norm: a fence",
    ),
    "root-of-squares-forgotten": Misconception(
        "A length is measured by the sum of squares alone. It has the wrong unit: twice the "
        "weights are twice as long, not four times.",
        "08_regularization",
        "Max-norm: a fence",
    ),
    "large-numbers-dropped": Misconception(
        "The share that is dropped is right, but it is taken from the other end of the random "
        "numbers than was agreed.",
    ),
    "vanilla-for-inverted": Misconception(
        "This is the vanilla way: it makes up for the dropped units when predicting. Asked for "
        "was the inverted one.",
        "08_regularization",
        "Dropout: never the same team twice",
    ),
    "scaled-and-not-masked": Misconception(
        "All units pass the gradient back, those that were silent as well. A unit that was "
        "silent has no share in the loss.",
        "08_regularization",
        "Dropout: never the same team twice",
    ),
    "minimum-and-range": Misconception(
        "The columns are moved to the range from 0 to 1. That is another scale than the one with "
        "mean and deviation.",
    ),
    "new-rows-not-scaled": Misconception(
        "The new rows come back as they were: a network would see them in other units than those "
        "it learned from.",
    ),
    "divided-by-zero": Misconception(
        "A column that is constant in the training rows is divided by its deviation, which is 0.",
    ),
    "divided-by-almost-zero": Misconception(
        "A column that is constant in the training rows is divided by a tiny number: a new row "
        "that differs a little gets a huge value.",
    ),
    "never-validated": Misconception(
        "The last rows are trained on in every turn, and never validate.",
        "08_regularization",
        "One standard error",
    ),
    "folds-in-turn": Misconception(
        "Rows are dealt to the folds in turn, like cards. Asked for were blocks of neighbouring "
        "rows.",
    ),
    "always-the-same-fold": Misconception(
        "The same fold validates in every turn.",
        "08_regularization",
        "One standard error",
    ),
    "one-epoch-too-short": Misconception(
        "Training stops one epoch earlier than agreed: count the epochs without progress.",
        "08_regularization",
        "Early stopping",
    ),
    "labels-drawn-first": Misconception(
        "Labels and rows are each drawn in an order of their own, so that a row meets the label "
        "of another one.",
        "08_regularization",
        "Two ways to fool yourself at once",
    ),
    "errors-cancel": Misconception(
        "In a plain mean, errors of different signs cancel each other.",
        "02_chain_rule",
        "Nudge and look",
    ),
    "mean-square-for-root": Misconception(
        "This is a mean square. Its root has the size of a typical value.",
        "02_chain_rule",
        "Nudge and look",
    ),
    "real-nudge": Misconception(
        "The nudge is a real one, and two values are subtracted: that is where digits get lost.",
        "02_chain_rule",
        "A nudge in an imaginary direction",
    ),
    "denominator-not-squared": Misconception(
        "In this quotient rule the denominator has the wrong power. Derive the rule instead of "
        "remembering it.",
        "03_autodiff",
        "Forward: carry the derivative along",
    ),
    "function-of-tangent": Misconception(
        "The function is applied to the tangent as if that were a value. It is a speed: ask by "
        "what a small change of the value is multiplied.",
        "03_autodiff",
        "Forward: carry the derivative along",
    ),
    "bias-subtracted": Misconception(
        "The bias has the wrong sign: it is the head start of the sum, and is added.",
        "04_feedforward",
        "The bias: broadcasting",
    ),
    "indices-exchanged": Misconception(
        "The two indices of a weight are read the other way round: the first says where it comes "
        "from, the second where it leads to.",
        "04_feedforward",
        "A layer: neurons that look at the same inputs",
    ),
    "activation-forgotten": Misconception(
        "The sum of a unit is used where its activation is asked for: the curve is missing.",
        "04_feedforward",
        "Why every layer must bend",
    ),
    "another-activation": Misconception(
        "The curve is that of another activation function. Look up which one the layer has.",
        "04_feedforward",
        "The curves and their slopes",
    ),
    "weight-of-another-unit": Misconception(
        "A weight that belongs to another unit or layer is used. Follow the line from the unit to "
        "where it leads.",
        "05_backprop",
        "BP2: one layer back",
    ),
    "exponent-sign": Misconception(
        "The sigmoid runs the wrong way: a positive sum belongs to an output above one half.",
        "04_feedforward",
        "The curves and their slopes",
    ),
    "hidden-slope-forgotten": Misconception(
        "The errors of the next layer come back by the right weights, but this layer's own "
        "activation also has a slope.",
        "05_backprop",
        "BP2: one layer back",
    ),
    "slope-of-another": Misconception(
        "The slope is that of another activation function. Look up which curve the layer has.",
        "04_feedforward",
        "The curves and their slopes",
    ),
    "formula-with-sum": Misconception(
        "The formula that gives the slope from the activation is used with the sum. Ask which of "
        "the two numbers it wants.",
        "04_feedforward",
        "The curves and their slopes",
    ),
    "activation-of-same-layer": Misconception(
        "The gradient of a weight takes the activation of the layer that the weight leads to. Ask "
        "what came in.",
        "05_backprop",
        "BP4: the weights",
    ),
    "sum-for-activation": Misconception(
        "What comes into a layer is what the layer before has made of its sums, and not the sums.",
        "05_backprop",
        "BP4: the weights",
    ),
    "mean-over-outputs": Misconception(
        "The mean is taken over the outputs as well. Here the squares of a row are added up, and "
        "only the rows are averaged.",
        "04_feedforward",
        "Where losses come from",
    ),
    "mean-twice": Misconception(
        "Something is divided by the number of rows a second time. Ask where the mean has entered "
        "already.",
        "05_backprop",
        "BP3: the bias",
    ),
    "slope-too-many": Misconception(
        "The last layer is treated as if it bent its sums. The slope of a straight line is 1.",
        "05_backprop",
        "BP1: the error of the last layer",
    ),
    "activation-for-slope": Misconception(
        "The value of the activation function stands where its slope belongs.",
        "04_feedforward",
        "The curves and their slopes",
    ),
    "sums-multiplied": Misconception(
        "Errors and weights are added up before they are multiplied. Each error comes back by its "
        "own weight; then the products are added.",
        "05_backprop",
        "BP2: one layer back",
    ),
    "nudge-not-undone": Misconception(
        "A nudge is still there while the next entry is nudged, so the slopes belong to different "
        "places.",
        "02_chain_rule",
        "All entries at once",
    ),
    "uphill": Misconception(
        "The step goes along the gradient, which points to where the cost grows.",
        "06_gradient_descent",
        "Why minus the gradient?",
    ),
    "cost-after-step": Misconception(
        "The list of costs is shifted by one step: it leaves out the cost before the first one.",
        "06_gradient_descent",
        "The training loop",
    ),
    "part-not-updated": Misconception(
        "A part of the parameters is never changed. A step moves the parameters of every layer, "
        "weights and biases.",
        "05_backprop",
        "The algorithm",
    ),
    "one-step-too-few": Misconception(
        "One step is missing. Count how often the parameters change.",
        "06_gradient_descent",
        "The training loop",
    ),
    "nothing-learned": Misconception(
        "The parameters at the end are those of the beginning: no step starts from where the last "
        "one ended.",
        "06_gradient_descent",
        "The training loop",
    ),
    "activation-for-weight": Misconception(
        "An activation stands where a weight belongs. Ask with which slope the activation of the "
        "hidden unit reaches the next sum.",
        "05_backprop",
        "One weight in each layer",
    ),
    "constant-input-forgotten": Misconception(
        "The extra input that carries the bias is not 1 here, and the gradient of a weight has the"
        " input in it.",
        "06_gradient_descent",
        "The bias that was wrong by a factor of 100",
    ),
    "constant-for-all": Misconception(
        "The small constant belongs to one input. The others carry their own numbers.",
        "06_gradient_descent",
        "The bias that was wrong by a factor of 100",
    ),
    "bias-last": Misconception(
        "The numbers are right, but the row of the biases is not where the forward pass has it.",
        "04_feedforward",
        "The bias: a column of ones",
    ),
    "max-of-all": Misconception(
        "The largest score of the whole batch is subtracted everywhere. A row that lies far below "
        "it is left with zeros only.",
        "04_feedforward",
        "Numbers that are too large",
    ),
    "mean-subtracted": Misconception(
        "Subtracting the mean is right on paper too, but the largest score can still lie far above"
        " it.",
        "04_feedforward",
        "Numbers that are too large",
    ),
    "scores-clipped": Misconception(
        "Scores are cut off at a limit. Then two different large scores become equal, and the "
        "probabilities change.",
        "04_feedforward",
        "Numbers that are too large",
    ),
    "softmax-along-columns": Misconception(
        "Here the columns add up to 1. Each example, a row, has its own probabilities.",
        "04_feedforward",
        "Scores become probabilities: softmax",
    ),
    "softmax-not-divided": Misconception(
        "The exponentials have the right proportions, but they are not yet divided by their sum.",
        "04_feedforward",
        "Scores become probabilities: softmax",
    ),
    "strict-threshold": Misconception(
        "The answer at exactly 0 is the other one: in this book the neuron fires if the sum "
        "reaches 0.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "bias-as-threshold": Misconception(
        "The bias is used as if it were the threshold. The bias is minus the threshold.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "score-for-answer": Misconception(
        "This is the sum. The neuron answers whether it reaches 0.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "weights-exchanged": Misconception(
        "The weights of the two inputs have changed places.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "length-forgotten": Misconception(
        "The sum tells on which side a point lies. To be a distance it must not change when all "
        "weights are doubled.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "square-of-length": Misconception(
        "The sum is divided by the square of a length. Try what happens when all weights are "
        "doubled.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "length-with-bias": Misconception(
        "The bias takes part in the length of w. It moves the boundary, and does not turn it or "
        "stretch it.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "side-forgotten": Misconception(
        "The size is right, but points on both sides of the boundary look alike.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "answer-minus-target": Misconception(
        "The difference is taken as answer minus target, and then added: every correction makes "
        "its mistake worse.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "sum-minus-target": Misconception(
        "The mistake is measured with the sum of the neuron. This rule asks for the answer, which "
        "is 0 or 1.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "input-forgotten": Misconception(
        "All weights move by the same amount. An input that was 0 had no share in the mistake.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "ones-in-front": Misconception(
        "What is appended stands in front. The 1 of the inputs and its weight b belong together, "
        "at the end.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "corrected-at-the-end": Misconception(
        "The corrections of an epoch are made together, at its end. The rule corrects at once, and"
        " the next row meets the new weights.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "never-rests": Misconception(
        "The loop goes on after an epoch without a mistake, though nothing can change any more.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "one-epoch-only": Misconception(
        "The rows are shown once. One correction may spoil what another one has mended.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "mistakes-added-up": Misconception(
        "The list runs on from epoch to epoch. It is to count the mistakes of each epoch by "
        "itself.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "not-lifted": Misconception(
        "The lengths are measured without the 1 that is appended to every row.",
        "01_perceptron",
        "Why it must stop",
    ),
    "not-unit-length": Misconception(
        "The separating vector does not have length 1. Then its dot products are not distances.",
        "01_perceptron",
        "Why it must stop",
    ),
    "mean-for-worst": Misconception(
        "An average stands where the theorem takes the worst case: the farthest row, or the "
        "nearest.",
        "01_perceptron",
        "Why it must stop",
    ),
    "bound-not-squared": Misconception(
        "This is the ratio of the two lengths. The number of corrections is bounded by another "
        "power of it.",
        "01_perceptron",
        "Why it must stop",
    ),
    "label-not-used": Misconception(
        "A row on the wrong side counts as one on the right side. The margin asks for the side "
        "first, then for the distance.",
        "01_perceptron",
        "Why it must stop",
    ),
    "margin-upside-down": Misconception(
        "The ratio is turned round: wide room and small data should make the bound small.",
        "01_perceptron",
        "Why it must stop",
    ),
    "bootstrap-for-shuffle": Misconception(
        "Rows are drawn with replacement: some come twice, and others are lost.",
        "06_gradient_descent",
        "An XOR that only looks solved",
    ),
    "order-kept": Misconception(
        "The rows come back in an order that does not depend on chance.",
        "06_gradient_descent",
        "The training loop",
    ),
    "nudge-lost": Misconception(
        "Nudged or not, the output is the same: a small number that is stored among whole numbers "
        "becomes 0.",
        "02_chain_rule",
        "All entries at once",
    ),
    "not-scaled": Misconception(
        "The pixels are still bytes, from 0 to 255. Inputs of that size drive every unit far "
        "from 0 at once.",
        "10_mnist",
        "Seventy thousand digits",
    ),
    "divided-by-256": Misconception(
        "The scale is off by one: full ink should be exactly 1. Ask which is the largest number "
        "that a byte can hold.",
        "10_mnist",
        "Seventy thousand digits",
    ),
    "header-in-pixels": Misconception(
        "The pictures start too early: some bytes of the header are read as pixels.",
    ),
    "pictures-in-columns": Misconception(
        "Every picture is a column. In this book rows are examples.",
        "10_mnist",
        "Seventy thousand digits",
    ),
    "pixels-mixed": Misconception(
        "The shape is right, and the pixels of different pictures are mixed: mind the order in "
        "which the file holds them.",
    ),
    "ink-and-paper-swapped": Misconception(
        "Ink and paper have changed places: in the file 0 is paper.",
        "10_mnist",
        "Seventy thousand digits",
    ),
    "sums-for-averages": Misconception(
        "The ink of all pictures of a digit is added up, so that a frequent digit looks dark. "
        "Compare one picture with an average one.",
        "10_mnist",
        "What a score has to beat",
    ),
    "farthest-for-nearest": Misconception(
        "The answer is the digit that fits worst.",
        "10_mnist",
        "What a score has to beat",
    ),
    "size-of-gap-forgotten": Misconception(
        "A gap below zero counts as the smallest of all, however wide it is.",
        "10_mnist",
        "What a score has to beat",
    ),
    "pictures-for-ink": Misconception(
        "Whole pictures are compared, pixel by pixel. That is a better rule, and another one: "
        "this one looks only at how much ink there is.",
        "10_mnist",
        "What a score has to beat",
    ),
    "most-frequent-answered": Misconception(
        "Every picture gets the same answer, the most frequent digit. That is a baseline too, "
        "but not the one that was asked for.",
        "10_mnist",
        "What a score has to beat",
    ),
    "one-column-early": Misconception(
        "The ones stand one column too early: labels are counted from 0.",
        "10_mnist",
        "Seventy thousand digits",
    ),
    "drawn-with-replacement": Misconception(
        "Rows are drawn without keeping account of those that had their turn: some come twice "
        "in an epoch, and about every third not at all.",
        "06_gradient_descent",
        "The training loop",
    ),
    "batches-shuffled-only": Misconception(
        "Only the batches come in a new order. The rows in a batch are neighbours in the file, "
        "in every epoch the same ones.",
        "06_gradient_descent",
        "The training loop",
    ),
    "same-order-again": Misconception(
        "Every epoch has the same order: the generator that was handed in is not the one that "
        "draws.",
        "06_gradient_descent",
        "The training loop",
    ),
    "last-batch-filled": Misconception(
        "The last batch is filled up with rows that had their turn already. It may be smaller "
        "than the others.",
        "06_gradient_descent",
        "The last, small batch",
    ),
    "softmax-axis": Misconception(
        "The probabilities add up to 1 along the wrong axis: each row is one example, with one "
        "answer to give.",
        "04_feedforward",
        "Numbers that are too large",
    ),
    "max-of-all-rows": Misconception(
        "One number is subtracted from all rows. A row that lies far below it has nothing left: "
        "each of its exponentials is 0.",
        "04_feedforward",
        "Numbers that are too large",
    ),
    "sigmoid-for-softmax": Misconception(
        "Each entry is squashed by itself. The entries of a row are to share a sum of 1.",
        "10_mnist",
        "One change at a time",
    ),
    "not-normalised": Misconception(
        "The exponentials are there, but the entries of a row do not add up to 1.",
        "10_mnist",
        "One change at a time",
    ),
    "probability-floor": Misconception(
        "A small number inside the logarithm hides the problem: however wrong a sure answer is, "
        "the loss stops growing. A wrong answer that is twice as sure costs the same.",
        "04_feedforward",
        "Numbers that are too large",
    ),
    "probability-clipped": Misconception(
        "Probabilities are cut off at a small number, which hides the problem: however wrong a "
        "sure answer is, the loss stops growing.",
        "04_feedforward",
        "Numbers that are too large",
    ),
    "max-not-given-back": Misconception(
        "What was taken off before the exponentials has not been given back after the logarithm.",
        "04_feedforward",
        "Numbers that are too large",
    ),
    "mean-over-entries": Misconception(
        "The mean is taken over all entries of the matrix. It should be over rows: ten outputs "
        "give one answer.",
        "09_digits",
        "Two ways to misread a table of numbers",
    ),
    "entries-for-rows": Misconception(
        "Entries are counted, and not rows. Most entries of a one-hot target are 0, so that "
        "saying nothing scores high.",
        "09_digits",
        "Two ways to misread a table of numbers",
    ),
    "all-entries-must-agree": Misconception(
        "A row counts only if each output is on the right side of one half. The answer of a row "
        "is its largest output, however large that is.",
        "09_digits",
        "Two ways to misread a table of numbers",
    ),
    "mistakes-for-right": Misconception(
        "This is the share of mistakes.",
    ),
    "confusion-turned": Misconception(
        "Rows and columns have changed places: a row belongs to what the picture is.",
        "10_mnist",
        "What it still gets wrong",
    ),
    "counted-once": Misconception(
        "No cell is larger than 1: of several pictures with the same confusion only one is "
        "counted.",
        "10_mnist",
        "What it still gets wrong",
    ),
    "classes-from-data": Misconception(
        "The size follows from the labels that happen to occur. A class that does not occur "
        "needs its place, too.",
    ),
    "mistakes-only": Misconception(
        "The right answers are left out. They stand on the diagonal.",
        "10_mnist",
        "What it still gets wrong",
    ),
    "shares-for-counts": Misconception(
        "These are shares of a row. Asked for were counts.",
        "10_mnist",
        "What it still gets wrong",
    ),
    "best-by-test": Misconception(
        "The test set has chosen. Then it is a validation set, and its score flatters.",
        "10_mnist",
        "The best of many looks flatters",
    ),
    "best-of-seeds": Misconception(
        "The recipe with the luckiest seed wins. One run is an anecdote: judge a recipe by the "
        "middle of its runs.",
        "10_mnist",
        "Training, five times",
    ),
    "validation-reported": Misconception(
        "The score that is reported is the one that was used to choose. It flatters.",
        "10_mnist",
        "The best of many looks flatters",
    ),
    "mean-for-median": Misconception(
        "The mean is taken, where the median was asked for: a single run that sticks moves the "
        "mean, and not the median.",
        "10_mnist",
        "Training, five times",
    ),
    "luckiest-seed-reported": Misconception(
        "The best of the seeds is reported. Whoever takes the best of several noisy numbers "
        "reports some of the noise.",
        "10_mnist",
        "The best of many looks flatters",
    ),
    "worst-chosen": Misconception(
        "The recipe with the lowest score is chosen. These are accuracies: more is better.",
    ),
    "gaps-not-weighted": Misconception(
        "All groups count alike, though some hold many rows and some hardly any.",
        "09_digits",
        "How sure, and how often right?",
    ),
    "gaps-cancel": Misconception(
        "A group that is too sure and one that is too modest make up for each other. They are "
        "both wrong about themselves.",
        "09_digits",
        "How sure, and how often right?",
    ),
    "row-by-row": Misconception(
        "The gap is taken row by row, and a single answer is right or wrong. Whether nine in "
        "ten are right can be seen only of a group.",
        "09_digits",
        "How sure, and how often right?",
    ),
    "probability-of-label": Misconception(
        "The probability of the right label is used. How sure an answer is shows in the "
        "probability of what was answered.",
        "09_digits",
        "How sure, and how often right?",
    ),
    "surest-lost": Misconception(
        "Rows that are completely sure belong to no group, and get lost.",
        "09_digits",
        "How sure, and how often right?",
    ),
    "surest-apart": Misconception(
        "Rows that are completely sure have a group of their own. They belong to the last one.",
        "09_digits",
        "How sure, and how often right?",
    ),
    "step-uphill": Misconception(
        "The steps go uphill: the gradient points to where the cost grows.",
        "06_gradient_descent",
        "The rule",
    ),
    "shuffled-once": Misconception(
        "The order is drawn once and used in every epoch. Each epoch has an order of its own.",
        "06_gradient_descent",
        "The training loop",
    ),
    "one-step-per-epoch": Misconception(
        "All rows are used for a single step in each epoch. Between two epochs there should be "
        "a step for every batch.",
        "06_gradient_descent",
        "How many rows?",
    ),
    "rate-shared-out": Misconception(
        "The steps are too short by the number of rows in a batch: the gradient is a mean over "
        "them already.",
        "06_gradient_descent",
        "The training loop",
    ),
    "answers-turned-round": Misconception(
        "The two answers have changed places: the neuron fires where it should be silent.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "plus-and-minus-one": Misconception(
        "The two answers are told apart rightly, but here they are called 0 and 1.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "not-solved-for": Misconception(
        "Not everything has been done to have the coordinate alone on one side: it still carries "
        "its weight.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "one-term-divided": Misconception(
        "Only one term of a sum is divided. What is done to one of them must be done to all.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "slope-upside-down": Misconception(
        "The steepness of the line is turned upside down. Try it with two weights of very "
        "different size.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "along-the-weights": Misconception(
        "This line runs along w. The boundary stands at right angles to it.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "sum-for-length": Misconception(
        "The length of a vector is not the sum of the sizes of its entries.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "bias-not-corrected": Misconception(
        "The weights learn from the mistake, and the bias does not. It is a weight too: that of an"
        " input which is always 1.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "one-side-only": Misconception(
        "Only one of the two kinds of mistake is corrected. The neuron can be silent when it "
        "should fire, and it can fire when it should be silent.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "zeros-for-ones": Misconception(
        "The new input is always 0, so its weight can do nothing.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "row-appended": Misconception(
        "A row has been added, which is an example. Every example needs one more input, which is a"
        " column.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "added-to-entries": Misconception(
        "The number is added to the entries that are there. It should become an entry of its own.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "one-for-bias": Misconception(
        "The input is 1; its weight is the bias, whatever that is.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "zero-always-wrong": Misconception(
        "A sum of exactly 0 is corrected whatever the label. At 0 the neuron answers 1, and for a "
        "row with label 1 that is right.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "last-epoch-not-counted": Misconception(
        "The epoch without a mistake is missing from the list. It was run too: without it nobody "
        "would know that nothing is wrong.",
        "01_perceptron",
        "1958 to 1962: learn from mistakes",
    ),
    "bias-not-in-length": Misconception(
        "The separating vector is divided by the length of its weights alone. Its last entry, the "
        "bias, belongs to its length.",
        "01_perceptron",
        "Why it must stop",
    ),
    "not-separating": Misconception(
        "A row lies on the wrong side, and the formula gives a number all the same: a square hides"
        " the sign.",
        "01_perceptron",
        "Why it must stop",
    ),
    "nearest-for-farthest": Misconception(
        "R is to be at least as long as every row.",
        "01_perceptron",
        "Why it must stop",
    ),
    "two-of-a-square": Misconception(
        "The derivative of a square is larger than this: a factor is missing.",
        "02_chain_rule",
        "A derivative is a sensitivity",
    ),
    "uses-averaged": Misconception(
        "The contributions of several uses are averaged. Each of them counts in full.",
        "03_autodiff",
        "Add up, or replace?",
    ),
    "whole-header-in-pixels": Misconception(
        "The pictures start at the first byte of the file: the header is read as pixels.",
    ),
    "median-for-mean": Misconception(
        "The middle of the pictures of a digit is taken as a median, where the average was asked "
        "for.",
        "10_mnist",
        "What a score has to beat",
    ),
    "single-picture-for-average": Misconception(
        "The answer is that of the one training picture whose ink is nearest. Asked for was the "
        "digit whose average is nearest.",
        "10_mnist",
        "What a score has to beat",
    ),
    "label-for-one": Misconception(
        "The label itself stands in the matrix. A target says which column is right, and that "
        "with the same number for every class.",
        "10_mnist",
        "Seventy thousand digits",
    ),
    "normalised-over-all": Misconception(
        "The whole matrix adds up to 1. Each row is one example, and has a sum of 1 for itself.",
        "10_mnist",
        "One change at a time",
    ),
    "logarithm-of-zero": Misconception(
        "The probabilities do not overflow any more, but a very small one is stored as 0, and "
        "its logarithm is infinite. Do on paper what the logarithm does to the quotient.",
        "04_feedforward",
        "Numbers that are too large",
    ),
    "percent-for-share": Misconception(
        "The result is in per cent. A share lies between 0 and 1.",
    ),
    "shares-of-all": Misconception(
        "These are shares of all rows. Asked for were counts.",
        "10_mnist",
        "What it still gets wrong",
    ),
    "best-test-median-reported": Misconception(
        "The score that is reported is not that of the chosen recipe, but the best one in the "
        "test table.",
        "10_mnist",
        "The test set, opened once",
    ),
    "gap-with-sign": Misconception(
        "The gaps are added with their signs, so that a group that is too sure and one that is "
        "too modest make up for each other.",
        "09_digits",
        "How sure, and how often right?",
    ),
    "bias-not-used": Misconception(
        "The sum is that of a neuron without its bias. Then every boundary would go through the "
        "origin.",
        "01_perceptron",
        "Weights draw a line",
    ),
    "largest-margin": Misconception(
        "The room that a line leaves is decided by the row that is nearest to it.",
        "01_perceptron",
        "Why it must stop",
    ),
    "deviation-for-variance": Misconception(
        "What is given is a variance already, and is taken for a deviation.",
        "07_initialization",
        "How large is a sum?",
    ),
    "count-for-share": Misconception(
        "This is a number of things. A share lies between 0 and 1.",
    ),
    "awake-for-silent": Misconception(
        "This is the share of all the others: the question is asked the other way round.",
    ),
    "entries-for-units": Misconception(
        "This is a share of all entries. The question is about units, each of which has an entry "
        "on every row.",
        "07_initialization",
        "Dead units",
    ),
    "zero-taken-for-awake": Misconception(
        "At z = 0 the slope of relu is taken to be 0, as on its left.",
        "07_initialization",
        "Dead units",
    ),
    "scale-and-shift-forgotten": Misconception(
        "The column is standardised, and not yet scaled and shifted by what the layer has learned.",
        "07_initialization",
        "Batch normalization",
    ),
    "last-for-average": Misconception(
        "The last batch alone decides: nothing is left of the batches before it.",
        "07_initialization",
        "Training is not predicting",
    ),
    "memory-turned-round": Misconception(
        "The average takes from the new gradient the share that it should keep of its past, and "
        "the other way round.",
        "06_gradient_descent",
        "RMSprop: forget slowly",
    ),
    "added-up": Misconception(
        "The new gradient enters in full, so that this is a sum that fades and not an average.",
        "06_gradient_descent",
        "RMSprop: forget slowly",
    ),
    "optimizer-made-anew": Misconception(
        "At each epoch everything begins anew, the averages and the counter. What an optimizer "
        "remembers belongs to the whole training.",
        "06_gradient_descent",
        "The Adam that forgets at every epoch",
    ),
    "steps-counted-anew": Misconception(
        "The averages are kept, and the counter begins anew at each epoch: the correction no "
        "longer fits what they have seen.",
        "06_gradient_descent",
        "The Adam that forgets at every epoch",
    ),
    "step-without-rate": Misconception(
        "The step does not depend on the learning rate.",
        "06_gradient_descent",
        "The rule",
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
