"""Answers to the tasks on the perceptron: wrong ones, as students write them, and right ones.

A wrong answer says which parts it loses, and under which misconception it is known ("" if
under none). None of it is made with the wrong functions of the tests.
"""


def changed(text: str, *pairs: str) -> str:
    """Return the text with each old piece (1st, 3rd, ...) replaced by the new one after it."""
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text, old
        text = text.replace(old, new)
    return text


# ---- Task 1: a neuron ------------------------------------------------------------------------

NEURON = """\
def neuron(X, w, b):
    z = np.dot(X, w) + b
    return np.where(z >= 0, 1, 0)
"""
NEURON_BOTH, NEURON_HIDDEN = ("neuron-shown", "neuron-hidden"), ("neuron-hidden",)

NEURON_MUTANTS = [
    ("neuron: larger than 0", "neuron", changed(NEURON, "z >= 0", "z > 0"),
     NEURON_BOTH, "strict-threshold"),
    ("neuron: numpy's sign", "neuron",
     "def neuron(X, w, b):\n    return np.maximum(np.sign(X @ w + b), 0)\n",
     NEURON_BOTH, "strict-threshold"),
    ("neuron: b is the threshold", "neuron", changed(NEURON, "+ b", "- b"),
     NEURON_BOTH, "bias-as-threshold"),
    ("neuron: no bias", "neuron", changed(NEURON, " + b", ""), NEURON_BOTH, "bias-not-used"),
    ("neuron: the sum", "neuron", "def neuron(X, w, b):\n    return X @ w + b\n",
     NEURON_BOTH, "score-for-answer"),
    ("neuron: 0 and 1 exchanged", "neuron", changed(NEURON, "1, 0)", "0, 1)"),
     NEURON_BOTH, "answers-turned-round"),
    ("neuron: minus one and one", "neuron", changed(NEURON, "1, 0)", "1, -1)"),
     NEURON_BOTH, "plus-and-minus-one"),
    ("neuron: weights in the other order", "neuron", """\
def neuron(X, w, b):
    w1, w2 = w[1], w[0]
    return (w1 * X[:, 0] + w2 * X[:, 1] + b >= 0) * 1
""", NEURON_HIDDEN, "weights-exchanged"),
    ("neuron: two inputs only", "neuron", """\
def neuron(X, w, b):
    return (w[0] * X[:, 0] + w[1] * X[:, 1] + b >= 0) * 1
""", NEURON_HIDDEN, ""),
    ("neuron: one answer for all rows", "neuron", changed(NEURON, "np.dot(X, w)", "np.sum(X @ w)"),
     NEURON_BOTH, ""),
    ("neuron: probabilities", "neuron",
     "def neuron(X, w, b):\n    return 1 / (1 + np.exp(-(X @ w + b)))\n", NEURON_BOTH, ""),
    ("neuron: a column", "neuron",
     "def neuron(X, w, b):\n    return (X @ w[:, None] + b >= 0).astype(int)\n",
     NEURON_BOTH, ""),
    ("neuron: texts", "neuron",
     "def neuron(X, w, b):\n    return ['fires' if z >= 0 else 'silent' for z in X @ w + b]\n",
     NEURON_BOTH, ""),
    ("neuron: no return", "neuron", changed(NEURON, "return ", "y = "), NEURON_BOTH, ""),
]  # fmt: skip

NEURON_RIGHT = [
    NEURON,
    """\
def neuron(X, w, b):
    answers = []
    for x in X:
        z = b
        for xj, wj in zip(x, w):
            z += xj * wj
        answers.append(1 if z >= 0 else 0)
    return answers
""",
    "def neuron(X, w, b):\n    return X @ w + b >= 0\n",
    "def neuron(X, w, b):\n    return np.heaviside(np.einsum('ij,j->i', X, w) + b, 1)\n",
    "def neuron(X, w, b):\n    return 1 - (w @ X.T < -b).astype(float)\n",
    """\
def neuron(X, w, b):
    z = (X * w).sum(axis=1) + b
    y = np.zeros(len(X), dtype=int)
    y[z >= 0] = 1
    return y
""",
]

# ---- Task 2: its boundary --------------------------------------------------------------------

LINE = """\
def line_x2(w, b, x1):
    return -w[0] / w[1] * x1 - b / w[1]
"""
LINE_BOTH, LINE_HIDDEN = ("line-shown", "line-hidden"), ("line-hidden",)

LINE_MUTANTS = [
    ("line: through 0", "line", changed(LINE, " - b / w[1]", ""), LINE_BOTH, "bias-not-used"),
    ("line: plus b", "line", changed(LINE, "- b / w[1]", "+ b / w[1]"),
     LINE_BOTH, "bias-as-threshold"),
    ("line: solved for x1", "line", "def line_x2(w, b, x1):\n    return -(w[1] * x1 + b) / w[0]\n",
     LINE_HIDDEN, "weights-exchanged"),
    ("line: w2 forgotten", "line", "def line_x2(w, b, x1):\n    return -w[0] * x1 - b\n",
     LINE_HIDDEN, "not-solved-for"),
    ("line: b not divided", "line", changed(LINE, "b / w[1]", "b"),
     LINE_HIDDEN, "one-term-divided"),
    ("line: w2 over w1", "line", changed(LINE, "-w[0] / w[1] * x1", "-w[1] / w[0] * x1"),
     LINE_HIDDEN, "slope-upside-down"),
    ("line: direction of w", "line", changed(LINE, "-w[0] / w[1] * x1", "w[1] / w[0] * x1"),
     LINE_BOTH, "along-the-weights"),
    ("line: all signs turned", "line", changed(LINE, "return -w", "return w", "- b", "+ b"),
     LINE_BOTH, "wrong-sign"),
    ("line: only the crossing of the axis", "line",
     "def line_x2(w, b, x1):\n    return -b / w[1]\n",
     LINE_BOTH, ""),
    ("line: the sum", "line", "def line_x2(w, b, x1):\n    return w[0] * x1 + w[1] * x1 + b\n",
     LINE_BOTH, ""),
    ("line: whole numbers", "line", changed(LINE, "return -w[0] / w[1] * x1 - b / w[1]",
                                            "return int(-(w[0] * x1 + b) / w[1])"),
     LINE_HIDDEN, "truncated"),
    ("line: a point", "line", changed(LINE, "return -w[0]", "return x1, -w[0]"), LINE_BOTH, ""),
]  # fmt: skip

LINE_RIGHT = [
    LINE,
    "def line_x2(w, b, x1):\n    return (-b - w[0] * x1) / w[1]\n",
    "def line_x2(w, b, x1):\n    w1, w2 = w\n    return -(w1 * x1 + b) / w2\n",
    """\
def line_x2(w, b, x1):
    at_0 = w @ np.array([x1, 0.0]) + b
    at_1 = w @ np.array([x1, 1.0]) + b
    return at_0 / (at_0 - at_1)
""",
    """\
def line_x2(w, b, x1):
    A = np.array([[1.0, 0.0], [w[0], w[1]]])
    return np.linalg.solve(A, np.array([x1, -b]))[1]
""",
]

# ---- Task 3: distance ------------------------------------------------------------------------

DISTANCE = """\
def distance(X, w, b):
    length = np.sqrt(np.sum(w ** 2))
    return (np.dot(X, w) + b) / length
"""
DISTANCE_BOTH, DISTANCE_HIDDEN = ("distance-shown", "distance-hidden"), ("distance-hidden",)

DISTANCE_MUTANTS = [
    ("distance: the sum", "distance", changed(DISTANCE, " / length", ""),
     DISTANCE_BOTH, "length-forgotten"),
    ("distance: root forgotten", "distance", changed(DISTANCE, "np.sqrt(np.sum(w ** 2))", "w @ w"),
     DISTANCE_BOTH, "square-of-length"),
    ("distance: length of w and b", "distance",
     changed(DISTANCE, "np.sum(w ** 2)", "np.sum(w ** 2) + b ** 2"),
     DISTANCE_BOTH, "length-with-bias"),
    ("distance: without a sign", "distance", changed(DISTANCE, "(np.dot(X, w) + b)",
                                                     "abs(np.dot(X, w) + b)"),
     DISTANCE_HIDDEN, "side-forgotten"),
    ("distance: from a line through 0", "distance", changed(DISTANCE, " + b)", ")"),
     DISTANCE_BOTH, "bias-not-used"),
    ("distance: minus b", "distance", changed(DISTANCE, "+ b)", "- b)"),
     DISTANCE_HIDDEN, "bias-as-threshold"),
    ("distance: sum of the weights", "distance",
     changed(DISTANCE, "np.sqrt(np.sum(w ** 2))", "np.abs(w).sum()"),
     DISTANCE_HIDDEN, "sum-for-length"),
    ("distance: brackets forgotten", "distance",
     changed(DISTANCE, "(np.dot(X, w) + b) / length", "np.dot(X, w) / length + b"),
     DISTANCE_BOTH, "one-term-divided"),
    ("distance: plus on the side of the zeros", "distance",
     changed(DISTANCE, "return (", "return -("), DISTANCE_BOTH, "wrong-sign"),
    ("distance: from the origin", "distance",
     "def distance(X, w, b):\n    return np.linalg.norm(X, axis=1)\n", DISTANCE_BOTH, ""),
    ("distance: length of X", "distance",
     "def distance(X, w, b):\n    return (X @ w + b) / np.linalg.norm(X)\n", DISTANCE_BOTH, ""),
    ("distance: w is scaled in place", "distance", """\
def distance(X, w, b):
    length = np.linalg.norm(w)
    w /= length
    return X @ w + b / length
""", DISTANCE_HIDDEN, "changes-input"),
    ("distance: a row", "distance", changed(DISTANCE, "return (np.dot(X, w) + b) / length",
                                            "return ((np.dot(X, w) + b) / length)[np.newaxis]"),
     DISTANCE_BOTH, ""),
]  # fmt: skip

DISTANCE_RIGHT = [
    DISTANCE,
    "def distance(X, w, b):\n    return (X @ w + b) / np.linalg.norm(w)\n",
    """\
def distance(X, w, b):
    found = []
    for x in X:
        z = sum(xj * wj for xj, wj in zip(x, w)) + b
        found.append(z / sum(wj**2 for wj in w) ** 0.5)
    return found
""",
    """\
def distance(X, w, b):
    unit = w / np.sqrt(w @ w)
    foot = -b / (w @ w) * w  # the point of the boundary nearest to the origin
    return np.einsum("ij,j->i", X - foot, unit)
""",
    """\
import math

def distance(X, w, b):
    z = X.dot(w) + b
    return np.sign(z) * np.abs(z) / math.hypot(*w)
""",
]

# ---- Task 4: Rosenblatt's rule ---------------------------------------------------------------

RULE = """\
def correct(w, b, x, y, lr):
    z = np.dot(w, x) + b
    y_hat = 1 if z >= 0 else 0
    w = w + lr * (y - y_hat) * x
    b = b + lr * (y - y_hat)
    return w, b
"""
RULE_BOTH, RULE_HIDDEN = ("rule-shown", "rule-hidden"), ("rule-hidden",)

RULE_MUTANTS = [
    ("rule: answer minus target", "rule", changed(RULE, "(y - y_hat)", "(y_hat - y)"),
     RULE_BOTH, "answer-minus-target"),
    ("rule: minus the step", "rule", changed(RULE, "w + lr", "w - lr", "b + lr", "b - lr"),
     RULE_BOTH, "answer-minus-target"),
    ("rule: no learning rate", "rule", changed(RULE, "lr * ", ""), RULE_BOTH, "rate-forgotten"),
    ("rule: always a step", "rule", """\
def correct(w, b, x, y, lr):
    step = lr if y == 1 else -lr
    return w + step * x, b + step
""", RULE_HIDDEN, "updates-when-right"),
    ("rule: bias stays", "rule", changed(RULE, "    b = b + lr * (y - y_hat)\n", ""),
     RULE_BOTH, "bias-not-corrected"),
    ("rule: answer without the bias", "rule", changed(RULE, " + b\n", "\n"),
     RULE_HIDDEN, "bias-not-used"),
    ("rule: answer with the new weights, for the bias", "rule", """\
def correct(w, b, x, y, lr):
    w = w + lr * (y - (w @ x + b >= 0)) * x
    b = b + lr * (y - (w @ x + b >= 0))
    return w, b
""", RULE_BOTH, ""),
    ("rule: silent at 0", "rule", changed(RULE, "z >= 0", "z > 0"),
     RULE_BOTH, "strict-threshold"),
    ("rule: target minus sum", "rule", changed(RULE, "y - y_hat", "y - z"),
     RULE_BOTH, "sum-minus-target"),
    ("rule: x forgotten", "rule", changed(RULE, "(y - y_hat) * x", "(y - y_hat)"),
     RULE_BOTH, "input-forgotten"),
    ("rule: only when it should fire", "rule", """\
def correct(w, b, x, y, lr):
    if w @ x + b < 0 and y == 1:
        w, b = w + lr * x, b + lr
    return w, b
""", RULE_BOTH, "one-side-only"),
    ("rule: in place", "rule", changed(RULE, "w = w + lr", "w += lr"),
     RULE_HIDDEN, "changes-input"),
    ("rule: step of length 1", "rule",
     changed(RULE, "* x\n", "* x / max(1e-9, np.linalg.norm(x))\n"), RULE_BOTH, ""),
    ("rule: weights only", "rule", changed(RULE, "return w, b", "return w"), RULE_BOTH, ""),
    ("rule: bias first", "rule", changed(RULE, "return w, b", "return b, w"), RULE_BOTH, ""),
]  # fmt: skip

RULE_RIGHT = [
    RULE,
    """\
def correct(w, b, x, y, lr):
    error = y - np.heaviside(w @ x + b, 1)
    return w + lr * error * x, b + lr * error
""",
    """\
def correct(w, b, x, y, lr):
    fires = sum(wj * xj for wj, xj in zip(w, x)) + b >= 0
    if fires and y == 0:
        return np.array([wj - lr * xj for wj, xj in zip(w, x)]), b - lr
    if not fires and y == 1:
        return np.array([wj + lr * xj for wj, xj in zip(w, x)]), b + lr
    return w, b
""",
    """\
def correct(w, b, x, y, lr):
    v, x1 = np.append(w, b), np.append(x, 1.0)
    v = v - lr * (int(v @ x1 >= 0) - y) * x1
    return v[:-1], v[-1]
""",
    """\
def correct(w, b, x, y, lr):
    w, error = w.copy(), y - (np.einsum("j,j", w, x) + b >= 0)
    w += lr * error * x
    return [w, b + lr * error]
""",
]

# ---- Task 5: the bias as a weight ------------------------------------------------------------

LIFT = """\
def append_one(X):
    ones = np.ones((X.shape[0], 1))
    return np.hstack([X, ones])


def append_bias(w, b):
    return np.concatenate([w, [b]])
"""
LIFT_BOTH, LIFT_HIDDEN = ("lift-shown", "lift-hidden"), ("lift-hidden",)

LIFT_MUTANTS = [
    ("lift: ones in front", "lift", changed(LIFT, "[X, ones]", "[ones, X]"),
     LIFT_HIDDEN, "ones-in-front"),
    ("lift: both in front", "lift", changed(LIFT, "[X, ones]", "[ones, X]", "[w, [b]]", "[[b], w]"),
     LIFT_HIDDEN, "ones-in-front"),
    ("lift: bias in front", "lift", changed(LIFT, "[w, [b]]", "[[b], w]"),
     LIFT_HIDDEN, "ones-in-front"),
    ("lift: zeros", "lift", changed(LIFT, "np.ones", "np.zeros"), LIFT_BOTH, "zeros-for-ones"),
    ("lift: a row of ones", "lift",
     changed(LIFT, "(X.shape[0], 1)", "(1, X.shape[1])", "np.hstack", "np.vstack"),
     LIFT_BOTH, "row-appended"),
    ("lift: plus one", "lift", changed(LIFT, "np.hstack([X, ones])", "X + ones"),
     LIFT_BOTH, "added-to-entries"),
    ("lift: bias added to the weights", "lift", changed(LIFT, "np.concatenate([w, [b]])", "w + b"),
     LIFT_BOTH, "added-to-entries"),
    ("lift: minus b, the threshold", "lift", changed(LIFT, "[b]", "[-b]"),
     LIFT_HIDDEN, "bias-subtracted"),
    ("lift: weight 1", "lift", changed(LIFT, "[b]", "[1.0]"), LIFT_HIDDEN, "one-for-bias"),
    ("lift: flat", "lift", "def append_one(X):\n    return np.append(X, np.ones(len(X)))\n\n"
     "def append_bias(w, b):\n    return np.append(w, b)\n", LIFT_BOTH, ""),
    ("lift: whole numbers", "lift",
     changed(LIFT, "np.hstack([X, ones])", "np.hstack([X, ones]).astype(int)"),
     LIFT_HIDDEN, "truncated"),
    ("lift: columns are examples", "lift",
     changed(LIFT, "np.hstack([X, ones])", "np.hstack([X, ones]).T"),
     LIFT_HIDDEN, "axis-swapped"),
    ("lift: last column overwritten", "lift", """\
def append_one(X):
    X_tilde = X.copy()
    X_tilde[:, -1] = 1
    return X_tilde

def append_bias(w, b):
    return np.append(w, b)
""", LIFT_BOTH, ""),
]  # fmt: skip

LIFT_RIGHT = [
    LIFT,
    """\
def append_one(X):
    return np.c_[X, np.ones(len(X))]

def append_bias(w, b):
    return np.r_[w, b]
""",
    """\
def append_one(X):
    return [[*x, 1.0] for x in X.tolist()]

def append_bias(w, b):
    return [*w.tolist(), b]
""",
    """\
def append_one(X):
    lifted = np.ones((X.shape[0], X.shape[1] + 1))
    lifted[:, :-1] = X
    return lifted

def append_bias(w, b):
    lifted = np.empty(len(w) + 1)
    lifted[:-1], lifted[-1] = w, b
    return lifted
""",
    """\
def append_one(X):
    return np.pad(X, ((0, 0), (0, 1)), constant_values=1)

def append_bias(w, b):
    return np.pad(w, (0, 1), constant_values=b)
""",
]

# ---- Task 6: learn ---------------------------------------------------------------------------

LEARN = """\
def learn(X_tilde, t, epochs):
    w = np.zeros(X_tilde.shape[1])
    mistakes = []
    for epoch in range(epochs):
        count = 0
        for i in range(len(X_tilde)):
            z = np.dot(w, X_tilde[i])
            answer = 1 if z >= 0 else -1
            if answer != t[i]:
                w = w + t[i] * X_tilde[i]
                count += 1
        mistakes.append(count)
        if count == 0:
            break
    return w, mistakes
"""
LEARN_BOTH, LEARN_HIDDEN = ("learn-shown", "learn-hidden"), ("learn-hidden",)

LEARN_MUTANTS = [
    ("learn: silent at 0", "learn", changed(LEARN, "z >= 0", "z > 0"),
     LEARN_BOTH, "strict-threshold"),
    ("learn: t z at most 0", "learn",
     changed(LEARN, "answer != t[i]", "t[i] * z <= 0"), LEARN_HIDDEN, "zero-always-wrong"),
    ("learn: t z below 0", "learn",
     changed(LEARN, "answer != t[i]", "t[i] * z < 0"), LEARN_BOTH, ""),
    ("learn: away from the row", "learn", changed(LEARN, "w = w + t[i]", "w = w - t[i]"),
     LEARN_BOTH, "answer-minus-target"),
    ("learn: all rows with the old weights", "learn", """\
def learn(X_tilde, t, epochs):
    w, mistakes = np.zeros(X_tilde.shape[1]), []
    for _ in range(epochs):
        wrong = np.where(X_tilde @ w >= 0, 1, -1) != t
        w = w + (t * wrong) @ X_tilde
        mistakes.append(int(wrong.sum()))
        if not wrong.any():
            break
    return w, mistakes
""", LEARN_HIDDEN, "corrected-at-the-end"),
    ("learn: every row moves the weights", "learn", """\
def learn(X_tilde, t, epochs):
    w, mistakes = np.zeros(X_tilde.shape[1]), []
    for _ in range(epochs):
        wrong = 0
        for x, label in zip(X_tilde, t):
            wrong += (1 if x @ w >= 0 else -1) != label
            w = w + label * x
        mistakes.append(int(wrong))
        if wrong == 0:
            break
    return w, mistakes
""", LEARN_BOTH, "updates-when-right"),
    ("learn: no stop", "learn",
     changed(LEARN, "        if count == 0:\n            break\n", ""),
     LEARN_HIDDEN, "never-rests"),
    ("learn: once through", "learn", changed(LEARN, "range(epochs)", "range(1)"),
     LEARN_BOTH, "one-epoch-only"),
    ("learn: return too far to the right", "learn",
     changed(LEARN, "    return w, mistakes", "        return w, mistakes"),
     LEARN_BOTH, ""),
    ("learn: count never set to 0", "learn", """\
def learn(X_tilde, t, epochs):
    w, mistakes, count = np.zeros(X_tilde.shape[1]), [], 0
    for _ in range(epochs):
        before = count
        for x, label in zip(X_tilde, t):
            if (x @ w >= 0) != (label == 1):
                w = w + label * x
                count += 1
        mistakes.append(count)
        if count == before:
            break
    return w, mistakes
""", LEARN_BOTH, "mistakes-added-up"),
    ("learn: break before the list", "learn",
     changed(LEARN, "        mistakes.append(count)\n        if count == 0:\n            break\n",
             "        if count == 0:\n            break\n        mistakes.append(count)\n"),
     LEARN_BOTH, "last-epoch-not-counted"),
    ("learn: ends at the first right row", "learn",
     changed(LEARN, "                count += 1\n",
             "                count += 1\n            else:\n                break\n"),
     LEARN_BOTH, ""),
    ("learn: starts from ones", "learn", changed(LEARN, "np.zeros", "np.ones"),
     LEARN_HIDDEN, ""),
    ("learn: labels taken for 0 and 1", "learn",
     changed(LEARN, "1 if z >= 0 else -1", "1 if z >= 0 else 0"), LEARN_BOTH, ""),
    ("learn: the number of mistakes in all", "learn",
     changed(LEARN, "return w, mistakes", "return w, sum(mistakes)"), LEARN_BOTH, ""),
    ("learn: half a step", "learn", changed(LEARN, "w + t[i]", "w + 0.5 * t[i]"),
     LEARN_HIDDEN, "half"),
]  # fmt: skip

LEARN_RIGHT = [
    LEARN,
    """\
def learn(X_tilde, t, epochs):
    w, mistakes = 0.0 * X_tilde[0], []
    while len(mistakes) < epochs and mistakes[-1:] != [0]:
        mistakes.append(0)
        for x, label in zip(X_tilde, t):
            error = (label - (1 if w @ x >= 0 else -1)) / 2
            w = w + error * x
            mistakes[-1] += int(error != 0)
    return w, mistakes
""",
    """\
def one_epoch(w, X_tilde, t):
    wrong = 0
    for x, label in zip(X_tilde, t):
        fires = np.einsum("j,j->", w, x) >= 0
        if fires != (label > 0):
            w, wrong = w + label * x, wrong + 1
    return w, wrong

def learn(X_tilde, t, epochs):
    w, mistakes = np.zeros(X_tilde.shape[-1]), []
    for _ in range(epochs):
        w, wrong = one_epoch(w, X_tilde, t)
        mistakes += [wrong]
        if not wrong:
            break
    return w, mistakes
""",
    """\
def learn(X_tilde, t, epochs):
    m, n = X_tilde.shape
    w, mistakes = [0.0] * n, []
    for _ in range(epochs):
        wrong = 0
        for i in range(m):
            z = sum(w[j] * X_tilde[i, j] for j in range(n))
            if (z >= 0 and t[i] == -1) or (z < 0 and t[i] == 1):
                for j in range(n):
                    w[j] += t[i] * X_tilde[i, j]
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            return w, mistakes
    return w, mistakes
""",
    """\
def learn(X_tilde, t, epochs):
    alpha = np.zeros(len(t))  # how often each row was corrected
    G = X_tilde @ X_tilde.T
    mistakes = []
    for _ in range(epochs):
        before = alpha.sum()
        for i in range(len(t)):
            z = (alpha * t) @ G[:, i]
            alpha[i] += np.where(z >= 0, 1, -1) != t[i]
        mistakes.append(alpha.sum() - before)
        if mistakes[-1] == 0:
            break
    return (alpha * t) @ X_tilde, np.array(mistakes)
""",
]

# ---- Task 7: the bound -----------------------------------------------------------------------

BOUND = """\
def correction_bound(X_tilde, t, u_tilde):
    u = u_tilde / np.linalg.norm(u_tilde)
    R = max(np.linalg.norm(x) for x in X_tilde)
    gamma = np.min(t * (X_tilde @ u))
    if gamma <= 0:
        return np.inf
    return (R / gamma) ** 2
"""
BOUND_BOTH, BOUND_HIDDEN = ("bound-shown", "bound-hidden"), ("bound-hidden",)

BOUND_MUTANTS = [
    ("bound: u as it comes", "bound", changed(BOUND, " / np.linalg.norm(u_tilde)", ""),
     BOUND_HIDDEN, "not-unit-length"),
    ("bound: length of the weights", "bound",
     changed(BOUND, "np.linalg.norm(u_tilde)", "np.linalg.norm(u_tilde[:2])"),
     BOUND_HIDDEN, "bias-not-in-length"),
    ("bound: R without the 1", "bound",
     changed(BOUND, "np.linalg.norm(x)", "np.linalg.norm(x[:-1])"),
     BOUND_HIDDEN, "not-lifted"),
    ("bound: means", "bound", """\
def correction_bound(X_tilde, t, u_tilde):
    R = np.mean(np.linalg.norm(X_tilde, axis=1))
    gamma = np.mean(t * (X_tilde @ u_tilde)) / np.linalg.norm(u_tilde)
    return (R / gamma) ** 2 if gamma > 0 else np.inf
""", BOUND_BOTH, "mean-for-worst"),
    ("bound: not squared", "bound", changed(BOUND, "(R / gamma) ** 2", "R / gamma"),
     BOUND_HIDDEN, "bound-not-squared"),
    ("bound: distances without sides", "bound",
     changed(BOUND, "t * (X_tilde @ u)", "np.abs(X_tilde @ u)"),
     BOUND_HIDDEN, "label-not-used"),
    ("bound: gamma over R", "bound", changed(BOUND, "R / gamma", "gamma / R"),
     BOUND_BOTH, "margin-upside-down"),
    ("bound: no look at the sign", "bound",
     changed(BOUND, "    if gamma <= 0:\n        return np.inf\n", ""),
     BOUND_HIDDEN, "not-separating"),
    ("bound: the largest margin", "bound", changed(BOUND, "np.min(t", "np.max(t"),
     BOUND_BOTH, "largest-margin"),
    ("bound: the shortest row", "bound", changed(BOUND, "max(np", "min(np"),
     BOUND_BOTH, "nearest-for-farthest"),
    ("bound: R squared only", "bound", changed(BOUND, "(R / gamma) ** 2", "R ** 2 / gamma"),
     BOUND_HIDDEN, ""),
    ("bound: norm of the whole matrix", "bound",
     changed(BOUND, "max(np.linalg.norm(x) for x in X_tilde)", "np.linalg.norm(X_tilde)"),
     BOUND_HIDDEN, ""),
    ("bound: largest entry", "bound",
     changed(BOUND, "max(np.linalg.norm(x) for x in X_tilde)", "np.abs(X_tilde).max()"),
     BOUND_HIDDEN, ""),
    ("bound: None where there is none", "bound", changed(BOUND, "np.inf", "None"),
     BOUND_HIDDEN, ""),
    ("bound: one for each row", "bound", changed(BOUND, "np.min(t * (X_tilde @ u))",
                                                 "t * (X_tilde @ u)", "if gamma <= 0",
                                                 "if gamma.min() <= 0"), BOUND_BOTH, ""),
]  # fmt: skip

BOUND_RIGHT = [
    BOUND,
    """\
def correction_bound(X_tilde, t, u_tilde):
    margins = t * (X_tilde @ u_tilde)
    if np.any(margins <= 0):
        return np.inf
    return np.max(np.sum(X_tilde**2, axis=1)) * (u_tilde @ u_tilde) / np.min(margins) ** 2
""",
    """\
def correction_bound(X_tilde, t, u_tilde):
    R2, gamma, length = 0.0, np.inf, sum(c * c for c in u_tilde) ** 0.5
    for x, label in zip(X_tilde, t):
        R2 = max(R2, sum(c * c for c in x))
        gamma = min(gamma, label * sum(a * b for a, b in zip(u_tilde, x)) / length)
    return R2 / gamma**2 if gamma > 0 else float("inf")
""",
    """\
def correction_bound(X_tilde, t, u_tilde):
    unit = u_tilde / np.sqrt(np.dot(u_tilde, u_tilde))
    signed = t[:, np.newaxis] * X_tilde
    gamma = np.einsum("ij,j->i", signed, unit).min()
    R = np.sqrt(np.einsum("ij,ij->i", X_tilde, X_tilde).max())
    return np.square(R / gamma) if gamma > 0 else np.inf
""",
    """\
def correction_bound(X_tilde, t, u_tilde):
    answers = np.sign(X_tilde @ u_tilde)
    if not np.array_equal(answers, t):
        return np.inf
    distances = np.abs(X_tilde @ u_tilde) / np.linalg.norm(u_tilde)
    return (np.linalg.norm(X_tilde, axis=1).max() / distances.min()) ** 2
""",
]

# ---- Task 8: shuffle -------------------------------------------------------------------------

SHUFFLE = """\
def shuffled(X, y, rng):
    order = rng.permutation(len(y))
    return X[order], y[order]
"""
SHUFFLE_BOTH, SHUFFLE_HIDDEN = ("shuffle-shown", "shuffle-hidden"), ("shuffle-hidden",)

SHUFFLE_MUTANTS = [
    ("shuffle: as found", "shuffle", "shuffled = shuffled_as_found\n",
     SHUFFLE_BOTH, "bootstrap-for-shuffle"),
    ("shuffle: choice with replacement", "shuffle",
     changed(SHUFFLE, "rng.permutation(len(y))", "rng.choice(len(y), len(y))"),
     SHUFFLE_BOTH, "bootstrap-for-shuffle"),
    ("shuffle: X and y each for itself", "shuffle",
     "def shuffled(X, y, rng):\n    return rng.permutation(X), rng.permutation(y)\n",
     SHUFFLE_BOTH, "shuffled-apart"),
    ("shuffle: only X", "shuffle",
     "def shuffled(X, y, rng):\n    return rng.permutation(X, axis=0), y\n",
     SHUFFLE_BOTH, "shuffled-apart"),
    ("shuffle: copies in place, one after the other", "shuffle", """\
def shuffled(X, y, rng):
    X, y = X.copy(), y.copy()
    rng.shuffle(X)
    rng.shuffle(y)
    return X, y
""", SHUFFLE_BOTH, "shuffled-apart"),
    ("shuffle: not at all", "shuffle", "def shuffled(X, y, rng):\n    return X.copy(), y.copy()\n",
     SHUFFLE_BOTH, "order-kept"),
    ("shuffle: result of shuffle thrown away", "shuffle", """\
def shuffled(X, y, rng):
    order = np.arange(len(X))
    rng.permutation(order)
    return X[order], y[order]
""", SHUFFLE_BOTH, "order-kept"),
    ("shuffle: distinct rows of a bootstrap", "shuffle", """\
def shuffled(X, y, rng):
    rows = np.unique(rng.integers(len(X), size=len(X)))
    rng.shuffle(rows)
    return X[rows], y[rows]
""", SHUFFLE_BOTH, ""),
    ("shuffle: labels from the first draw", "shuffle", """\
def shuffled(X, y, rng):
    rows = rng.integers(len(X), size=len(X))
    return X[rng.permutation(len(X))], y[rows]
""", SHUFFLE_BOTH, "shuffled-apart"),
    ("shuffle: two bootstraps", "shuffle", """\
def shuffled(X, y, rng):
    m = len(X)
    return X[rng.integers(m, size=m)], y[rng.integers(m, size=m)]
""", SHUFFLE_BOTH, "bootstrap-for-shuffle"),
    ("shuffle: in the caller's arrays", "shuffle", """\
def shuffled(X, y, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    return X, y
""", SHUFFLE_HIDDEN, "changes-input"),
    ("shuffle: the order alone", "shuffle",
     "def shuffled(X, y, rng):\n    return rng.permutation(len(X))\n", SHUFFLE_BOTH, ""),
    ("shuffle: four rows, always", "shuffle",
     changed(SHUFFLE, "len(y)", "4"), SHUFFLE_HIDDEN, ""),
    ("shuffle: shuffled columns", "shuffle",
     "def shuffled(X, y, rng):\n    order = rng.permutation(X.shape[1])\n"
     "    return X[:, order], y\n", SHUFFLE_BOTH, ""),
]  # fmt: skip

SHUFFLE_RIGHT = [
    SHUFFLE,
    """\
def shuffled(X, y, rng):
    order = np.arange(len(X))
    rng.shuffle(order)
    return X[order], y[order]
""",
    """\
def shuffled(X, y, rng):
    order = np.argsort(rng.random(len(X)))
    return np.take(X, order, axis=0), np.take(y, order)
""",
    """\
def shuffled(X, y, rng):
    both = np.column_stack([X, y])
    both = rng.permutation(both)
    return both[:, :-1], both[:, -1].astype(int)
""",
    """\
def shuffled(X, y, rng):
    rows = list(range(len(X)))
    for i in range(len(rows) - 1, 0, -1):  # Fisher and Yates
        j = int(rng.integers(i + 1))
        rows[i], rows[j] = rows[j], rows[i]
    return [X[i].tolist() for i in rows], [int(y[i]) for i in rows]
""",
    """\
def shuffled(X, y, rng):
    order = rng.choice(len(X), size=len(X), replace=False)
    return X[order], y[order]
""",
]

MUTANTS = [
    *NEURON_MUTANTS, *LINE_MUTANTS, *DISTANCE_MUTANTS, *RULE_MUTANTS, *LIFT_MUTANTS,
    *LEARN_MUTANTS, *BOUND_MUTANTS, *SHUFFLE_MUTANTS,
]  # fmt: skip

RIGHT = {
    "neuron": NEURON_RIGHT,
    "line": LINE_RIGHT,
    "distance": DISTANCE_RIGHT,
    "rule": RULE_RIGHT,
    "lift": LIFT_RIGHT,
    "learn": LEARN_RIGHT,
    "bound": BOUND_RIGHT,
    "shuffle": SHUFFLE_RIGHT,
}
