"""Answers to the tasks on backpropagation: wrong ones, as students write them, and right ones.

A wrong answer says which parts it loses, and under which misconception it is known ("" if
under none). None of it is made with the wrong functions of the tests.
"""


def changed(text: str, *pairs: str) -> str:
    """Return the text with each old piece (1st, 3rd, ...) replaced by the new one after it."""
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text, old
        text = text.replace(old, new)
    return text


# ---- Task 1: forward, by hand ----------------------------------------------------------------

FORWARD = """\
x1, x2, y = network["x1"], network["x2"], network["y"]
z1 = x1 * network["w11"] + x2 * network["w21"] + network["b1"]
z2 = x1 * network["w12"] + x2 * network["w22"] + network["b2"]
h1 = np.tanh(z1)
h2 = np.tanh(z2)
s = network["v1"] * h1 + network["v2"] * h2 + network["c"]
a = sigmoid(s)
C = 0.5 * (a - y) ** 2
forward_values = {"z1": z1, "z2": z2, "h1": h1, "h2": h2, "s": s, "a": a, "C": C}
"""
FORWARD_BOTH, FORWARD_HIDDEN = ("forward-shown", "forward-hidden"), ("forward-hidden",)

FORWARD_MUTANTS = [
    ("forward: no bias in the hidden layer", "forward",
     changed(FORWARD, ' + network["b1"]', "", ' + network["b2"]', ""),
     FORWARD_HIDDEN, "bias-forgotten"),
    ("forward: no bias anywhere", "forward",
     changed(FORWARD, ' + network["b1"]', "", ' + network["b2"]', "", ' + network["c"]', ""),
     FORWARD_HIDDEN, "bias-forgotten"),
    ("forward: a bias is a threshold", "forward",
     changed(FORWARD, '+ network["b1"]', '- network["b1"]', '+ network["b2"]', '- network["b2"]',
             '+ network["c"]', '- network["c"]'),
     FORWARD_HIDDEN, "bias-subtracted"),
    ("forward: w12 goes to unit 1", "forward",
     changed(FORWARD, '"w21"', '"w_"', '"w12"', '"w21"', '"w_"', '"w12"'),
     FORWARD_HIDDEN, "indices-exchanged"),
    ("forward: the matrix turned", "forward", """\
n = network
W = np.array([[n["w11"], n["w12"]], [n["w21"], n["w22"]]])
z = W @ np.array([n["x1"], n["x2"]]) + np.array([n["b1"], n["b2"]])
h = np.tanh(z)
s = h @ np.array([n["v1"], n["v2"]]) + n["c"]
a = sigmoid(s)
forward_values = dict(z1=z[0], z2=z[1], h1=h[0], h2=h[1], s=s, a=a, C=(a - n["y"]) ** 2 / 2)
""", FORWARD_HIDDEN, "indices-exchanged"),
    ("forward: no tanh", "forward", changed(FORWARD, "np.tanh(z1)", "z1", "np.tanh(z2)", "z2"),
     FORWARD_BOTH, "activation-forgotten"),
    ("forward: sigmoids everywhere", "forward", changed(FORWARD, "np.tanh", "sigmoid"),
     FORWARD_BOTH, "another-activation"),
    ("forward: weights of the output exchanged", "forward",
     changed(FORWARD, '"v1"', '"v_"', '"v2"', '"v1"', '"v_"', '"v2"'),
     FORWARD_HIDDEN, "weight-of-another-unit"),
    ("forward: sigmoid with a plus in the exponent", "forward",
     changed(FORWARD, "sigmoid(s)", "1 / (1 + np.exp(s))"), FORWARD_BOTH, "exponent-sign"),
    ("forward: the square without its half", "forward", changed(FORWARD, "0.5 * ", ""),
     FORWARD_HIDDEN, "factor-two"),
    ("forward: three digits only", "forward",
     FORWARD + "forward_values = {k: round(float(v), 3) for k, v in forward_values.items()}\n",
     FORWARD_BOTH, ""),
    ("forward: tanh in degrees", "forward",
     changed(FORWARD, "np.tanh(z1)", "np.tanh(np.radians(z1))"), FORWARD_BOTH, ""),
    ("forward: the cost is not there", "forward", changed(FORWARD, ', "C": C', ""),
     FORWARD_BOTH, ""),
    ("forward: the difference, not its square", "forward",
     changed(FORWARD, "0.5 * (a - y) ** 2", "-abs(a - y)"), FORWARD_BOTH, ""),
    ("forward: numbers of somebody else", "forward",
     changed(FORWARD, "x1, x2, y =", "network = individual('bob')\nx1, x2, y =")
     + "network = individual(student)\n", FORWARD_HIDDEN, ""),
]  # fmt: skip

FORWARD_RIGHT = [
    FORWARD,
    """\
n = network
x, b = np.array([n["x1"], n["x2"]]), np.array([n["b1"], n["b2"]])
W, v = np.array([[n["w11"], n["w12"]], [n["w21"], n["w22"]]]), np.array([n["v1"], n["v2"]])
z = x @ W + b
h = np.tanh(z)
s = h @ v + n["c"]
a = 1 / (1 + np.exp(-s))
C = np.square(a - n["y"]) / 2
forward_values = dict(zip("z1 z2 h1 h2 s a C".split(), [*z, *h, s, a, C]))
""",
    """\
from math import exp, tanh

forward_values = {}
for k in "12":
    z = network["b" + k]
    for j in "12":
        z += network["x" + j] * network["w" + j + k]
    forward_values["z" + k] = z
    forward_values["h" + k] = tanh(z)
s = network["c"] + sum(network["v" + k] * forward_values["h" + k] for k in "12")
forward_values["s"] = s
forward_values["a"] = exp(s) / (1 + exp(s))
forward_values["C"] = 0.5 * (network["y"] - forward_values["a"]) ** 2
""",
    FORWARD
    + """
# as typed from a pocket calculator
forward_values = {name: float(f"{value:.8g}") for name, value in forward_values.items()}
""",
    """\
n = network
W = np.array([[n["w11"], n["w21"]], [n["w12"], n["w22"]]])  # a row for each hidden unit
x = np.array([[n["x1"]], [n["x2"]]])
z = np.einsum("kj,jm->km", W, x) + [[n["b1"]], [n["b2"]]]
h = (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)
s = np.einsum("k,km->m", [n["v1"], n["v2"]], h) + n["c"]
a = 0.5 + 0.5 * np.tanh(s / 2)
forward_values = {"z1": z[0, 0], "z2": z[1, 0], "h1": h[0, 0], "h2": h[1, 0]}
forward_values |= {"s": s[0], "a": a[0], "C": float((a - n["y"]) @ (a - n["y"])) / 2}
""",
]

# ---- Task 2: backward, by hand ---------------------------------------------------------------

BACKWARD = """\
n = network
x1, x2, y, v1, v2 = n["x1"], n["x2"], n["y"], n["v1"], n["v2"]
z1 = x1 * n["w11"] + x2 * n["w21"] + n["b1"]
z2 = x1 * n["w12"] + x2 * n["w22"] + n["b2"]
h1, h2 = np.tanh(z1), np.tanh(z2)
s = v1 * h1 + v2 * h2 + n["c"]
a = sigmoid(s)
d2 = (a - y) * a * (1 - a)
d11 = d2 * v1 * (1 - h1 ** 2)
d12 = d2 * v2 * (1 - h2 ** 2)
backward_values = {
    "d2": d2, "d11": d11, "d12": d12,
    "dw11": d11 * x1, "dw12": d12 * x1, "dw21": d11 * x2, "dw22": d12 * x2,
    "db1": d11, "db2": d12, "dv1": d2 * h1, "dv2": d2 * h2, "dc": d2,
}
"""
BACKWARD_BOTH, BACKWARD_HIDDEN = ("backward-shown", "backward-hidden"), ("backward-hidden",)

BACKWARD_MUTANTS = [
    ("backward: target minus output", "backward", changed(BACKWARD, "(a - y)", "(y - a)"),
     BACKWARD_BOTH, "target-minus-output"),
    ("backward: no slope at the output", "backward",
     changed(BACKWARD, "(a - y) * a * (1 - a)", "a - y"), BACKWARD_BOTH, "slope-forgotten"),
    ("backward: no slope at the hidden units", "backward",
     changed(BACKWARD, " * (1 - h1 ** 2)", "", " * (1 - h2 ** 2)", ""),
     BACKWARD_BOTH, "hidden-slope-forgotten"),
    ("backward: slope of tanh at h", "backward",
     changed(BACKWARD, "1 - h1 ** 2", "1 - np.tanh(h1) ** 2", "1 - h2 ** 2", "1 - np.tanh(h2)**2"),
     BACKWARD_BOTH, "slope-of-activation"),
    ("backward: slope of the sigmoid at a", "backward", """\
def dsigmoid(z):
    return sigmoid(z) * (1 - sigmoid(z))

""" + changed(BACKWARD, "a * (1 - a)", "dsigmoid(a)"), BACKWARD_BOTH, "slope-of-activation"),
    ("backward: 1 - z squared", "backward",
     changed(BACKWARD, "1 - h1 ** 2", "1 - z1 ** 2", "1 - h2 ** 2", "1 - z2 ** 2"),
     BACKWARD_BOTH, "formula-with-sum"),
    ("backward: s times 1 - s", "backward", changed(BACKWARD, "a * (1 - a)", "s * (1 - s)"),
     BACKWARD_BOTH, "formula-with-sum"),
    ("backward: hidden units as if they were sigmoids", "backward",
     changed(BACKWARD, "(1 - h1 ** 2)", "h1 * (1 - h1)", "(1 - h2 ** 2)", "h2 * (1 - h2)"),
     BACKWARD_BOTH, "slope-of-another"),
    ("backward: output as if it were tanh", "backward",
     changed(BACKWARD, "* a * (1 - a)", "* (1 - a * a)"), BACKWARD_BOTH, "slope-of-another"),
    ("backward: v forgotten", "backward",
     changed(BACKWARD, "d2 * v1 *", "d2 *", "d2 * v2 *", "d2 *"),
     BACKWARD_BOTH, "weight-forgotten"),
    ("backward: the other v", "backward",
     changed(BACKWARD, "d11 = d2 * v1", "d11 = d2 * v2", "d12 = d2 * v2", "d12 = d2 * v1"),
     BACKWARD_BOTH, "weight-of-another-unit"),
    ("backward: w12 for w21", "backward",
     changed(BACKWARD, '"dw12": d12 * x1, "dw21": d11 * x2', '"dw12": d11 * x2, "dw21": d12 * x1'),
     BACKWARD_BOTH, "indices-exchanged"),
    ("backward: h for x in the first layer", "backward",
     changed(BACKWARD, "d11 * x1", "d11 * h1", "d12 * x1", "d12 * h1", "d11 * x2", "d11 * h2",
             "d12 * x2", "d12 * h2"), BACKWARD_BOTH, "activation-of-same-layer"),
    ("backward: a for h in the last layer", "backward",
     changed(BACKWARD, "d2 * h1,", "d2 * a,", "d2 * h2,", "d2 * a,"),
     BACKWARD_BOTH, "activation-of-same-layer"),
    ("backward: z for h in the last layer", "backward",
     changed(BACKWARD, "d2 * h1,", "d2 * z1,", "d2 * h2,", "d2 * z2,"),
     BACKWARD_BOTH, "sum-for-activation"),
    ("backward: twice, for the square", "backward",
     changed(BACKWARD, "(a - y) * a", "2 * (a - y) * a"), BACKWARD_BOTH, "factor-two"),
    ("backward: errors right to two digits", "backward",
     BACKWARD + "backward_values = {k: round(float(v), 2) for k, v in backward_values.items()}\n",
     BACKWARD_BOTH, ""),
    ("backward: the slopes are right, the errors are those of a and h", "backward",
     BACKWARD + "backward_values |= {'d2': a - y, 'd11': d2 * v1, 'd12': d2 * v2}\n",
     BACKWARD_HIDDEN, "hidden-slope-forgotten"),
    ("backward: no dc", "backward", changed(BACKWARD, ', "dc": d2', ""), BACKWARD_BOTH, ""),
]  # fmt: skip

BACKWARD_RIGHT = [
    BACKWARD,
    """\
n = network
x, y = np.array([[n["x1"], n["x2"]]]), n["y"]
W, b = np.array([[n["w11"], n["w12"]], [n["w21"], n["w22"]]]), np.array([n["b1"], n["b2"]])
V = np.array([[n["v1"]], [n["v2"]]])
h = np.tanh(x @ W + b)
a = sigmoid(h @ V + n["c"])
delta2 = (a - y) * a * (1 - a)
delta1 = (delta2 @ V.T) * (1 - h**2)
dW, dV = x.T @ delta1, h.T @ delta2
backward_values = {"d2": delta2[0, 0], "d11": delta1[0, 0], "d12": delta1[0, 1]}
for (j, k), slope in np.ndenumerate(dW):
    backward_values[f"dw{j + 1}{k + 1}"] = slope
backward_values |= {"db1": delta1[0, 0], "db2": delta1[0, 1], "dc": delta2[0, 0]}
backward_values |= {"dv1": dV[0, 0], "dv2": dV[1, 0]}
""",
    """\
from math import cosh, exp, tanh

n = network
z = {k: n["b" + k] + n["x1"] * n["w1" + k] + n["x2"] * n["w2" + k] for k in "12"}
s = n["c"] + sum(n["v" + k] * tanh(z[k]) for k in "12")
a = 1 / (1 + exp(-s))
out = (a - n["y"]) * exp(-s) * a * a
backward_values = {"d2": out, "dc": out}
for k in "12":
    error = out * n["v" + k] / cosh(z[k]) ** 2
    backward_values["d1" + k] = backward_values["db" + k] = error
    backward_values["dv" + k] = out * tanh(z[k])
    for j in "12":
        backward_values["dw" + j + k] = error * n["x" + j]
""",
    BACKWARD
    + """
backward_values = {name: float(f"{value:.8g}") for name, value in backward_values.items()}
""",
    """\
# each slope written out in full
n = network
h = [np.tanh(n["x1"] * n[f"w1{k}"] + n["x2"] * n[f"w2{k}"] + n[f"b{k}"]) for k in (1, 2)]
a = sigmoid(h[0] * n["v1"] + h[1] * n["v2"] + n["c"])
e = -(n["y"] - a) * (a - a**2)
backward_values = dict(
    d2=e, dc=e, dv1=e * h[0], dv2=e * h[1],
    d11=e * n["v1"] * (1 - h[0]) * (1 + h[0]), d12=e * n["v2"] * (1 - h[1]) * (1 + h[1]),
    db1=e * n["v1"] * (1 - h[0] ** 2), db2=e * n["v2"] * (1 - h[1] ** 2),
    dw11=e * n["v1"] * (1 - h[0] ** 2) * n["x1"], dw12=e * n["v2"] * (1 - h[1] ** 2) * n["x1"],
    dw21=e * n["v1"] * (1 - h[0] ** 2) * n["x2"], dw22=e * n["v2"] * (1 - h[1] ** 2) * n["x2"],
)
""",
]

# ---- Task 3: BP1 -----------------------------------------------------------------------------

LAST = """\
def last_delta(Z, Y):
    m = Z.shape[0]
    A = sigmoid(Z)
    dA = (A - Y) / m
    return dA * A * (1 - A)
"""
LAST_BOTH, LAST_HIDDEN = ("last-shown", "last-hidden"), ("last-hidden",)

LAST_MUTANTS = [
    ("last: target minus output", "last", changed(LAST, "(A - Y)", "(Y - A)"),
     LAST_BOTH, "target-minus-output"),
    ("last: only the mistake", "last", changed(LAST, "dA * A * (1 - A)", "dA"),
     LAST_HIDDEN, "slope-forgotten"),
    ("last: the sum over the rows", "last", changed(LAST, "(A - Y) / m", "A - Y"),
     LAST_HIDDEN, "sum-for-mean"),
    ("last: np.mean of everything", "last", changed(LAST, "/ m", "/ Y.size"),
     LAST_HIDDEN, "mean-over-outputs"),
    ("last: divided by the outputs", "last", changed(LAST, "Z.shape[0]", "Z.shape[1]"),
     LAST_HIDDEN, ""),
    ("last: slope at A", "last",
     changed(LAST, "dA * A * (1 - A)", "dA * sigmoid(A) * (1 - sigmoid(A))"),
     LAST_HIDDEN, "slope-of-activation"),
    ("last: slope from Z", "last", changed(LAST, "dA * A * (1 - A)", "dA * Z * (1 - Z)"),
     LAST_BOTH, "formula-with-sum"),
    ("last: slope of tanh", "last", changed(LAST, "dA * A * (1 - A)", "dA * (1 - np.power(A, 2))"),
     LAST_HIDDEN, "slope-of-another"),
    ("last: two from the square", "last", changed(LAST, "(A - Y) / m", "2 / m * (A - Y)"),
     LAST_HIDDEN, "factor-two"),
    ("last: Z is the output", "last", changed(LAST, "(A - Y)", "(Z - Y)"),
     LAST_BOTH, "activation-forgotten"),
    ("last: matrix product", "last", changed(LAST, "dA * A * (1 - A)", "dA @ (A * (1 - A)).T"),
     LAST_BOTH, ""),
    ("last: a number", "last", changed(LAST, "return dA * A * (1 - A)",
                                       "return np.sum(dA * A * (1 - A))"), LAST_BOTH, ""),
    ("last: writes into Y", "last", "def last_delta(Z, Y):\n    A = sigmoid(Z)\n    Y -= A\n"
     "    return -Y * A * (1 - A) / len(A)\n", LAST_HIDDEN, "changes-input"),
]  # fmt: skip

LAST_RIGHT = [
    LAST,
    """\
def last_delta(Z, Y):
    delta = np.zeros(Z.shape)
    for i in range(Z.shape[0]):
        for k in range(Z.shape[1]):
            a = 1 / (1 + np.exp(-Z[i, k]))
            delta[i, k] = (a - Y[i, k]) * a * (1 - a) / Z.shape[0]
    return delta
""",
    """\
def last_delta(Z, Y):
    slope = sigmoid(Z) * sigmoid(-Z)
    return np.einsum("ik,ik->ik", sigmoid(Z) - Y, slope) / len(Y)
""",
    """\
def dsigmoid(z):
    return np.exp(-z) / (1 + np.exp(-z)) ** 2

def last_delta(Z, Y):
    return np.multiply(-(Y - sigmoid(Z)), dsigmoid(Z)) / np.shape(Z)[0]
""",
    """\
def last_delta(Z, Y):
    rows = []
    for z, y in zip(Z, Y):
        a = sigmoid(z)
        rows.append((a - y) @ np.diag(a - a**2))
    return np.array(rows) / len(rows)
""",
]

# ---- Task 4: BP2 -----------------------------------------------------------------------------

BACK = """\
def delta_one_back(delta_next, W, Z):
    A = np.tanh(Z)
    dA = delta_next @ W.T
    return dA * (1 - A * A)
"""
BACK_BOTH, BACK_HIDDEN = ("back-shown", "back-hidden"), ("back-hidden",)

BACK_MUTANTS = [
    ("back: W not transposed", "back", changed(BACK, "W.T", "W"), BACK_BOTH, "not-transposed"),
    ("back: W transposed when the shapes ask for it", "back",
     changed(BACK, "dA = delta_next @ W.T",
             "dA = delta_next @ (W if W.shape[0] == W.shape[1] else W.T)"),
     BACK_HIDDEN, "not-transposed"),
    ("back: no weights", "back", changed(BACK, "delta_next @ W.T", "delta_next"),
     BACK_BOTH, "weight-forgotten"),
    ("back: no slope", "back", changed(BACK, "dA * (1 - A * A)", "dA"),
     BACK_BOTH, "hidden-slope-forgotten"),
    ("back: slope at A", "back", changed(BACK, "A * A", "np.tanh(A) ** 2"),
     BACK_BOTH, "slope-of-activation"),
    ("back: 1 - Z squared", "back", changed(BACK, "A * A", "Z * Z"),
     BACK_BOTH, "formula-with-sum"),
    ("back: slope of a sigmoid from the activation", "back",
     changed(BACK, "(1 - A * A)", "A * (1 - A)"), BACK_BOTH, "slope-of-another"),
    ("back: tanh in place of its slope", "back", changed(BACK, "(1 - A * A)", "A"),
     BACK_BOTH, "activation-for-slope"),
    ("back: sums, then a product", "back",
     changed(BACK, "delta_next @ W.T",
             "delta_next.sum(axis=1, keepdims=True) * W.sum(axis=1)"),
     BACK_BOTH, "sums-multiplied"),
    ("back: minus", "back", changed(BACK, "return dA", "return -dA"), BACK_BOTH, "wrong-sign"),
    ("back: mean once more", "back", changed(BACK, "return dA", "return 1 / len(Z) * dA"),
     BACK_HIDDEN, "mean-twice"),
    ("back: half", "back", changed(BACK, "return dA", "return 0.5 * dA"), BACK_BOTH, "half"),
    ("back: slope of the next layer", "back",
     "def delta_one_back(delta_next, W, Z):\n"
     "    return (delta_next * (1 - np.tanh(delta_next) ** 2)) @ W.T\n", BACK_BOTH, ""),
    ("back: columns", "back",
     "def delta_one_back(delta_next, W, Z):\n"
     "    return (W @ delta_next.T) * (1 - np.tanh(Z.T) ** 2)\n", BACK_BOTH, "axis-swapped"),
    ("back: writes into Z", "back", changed(BACK, "A = np.tanh(Z)", "A = np.tanh(Z, out=Z)"),
     BACK_HIDDEN, "changes-input"),
]  # fmt: skip

BACK_RIGHT = [
    BACK,
    """\
def delta_one_back(delta_next, W, Z):
    m, n = Z.shape
    delta = np.zeros((m, n))
    for i in range(m):
        for j in range(n):
            for k in range(W.shape[1]):
                delta[i, j] += delta_next[i, k] * W[j, k]
            delta[i, j] *= 1 - np.tanh(Z[i, j]) ** 2
    return delta
""",
    """\
def delta_one_back(delta_next, W, Z):
    return np.einsum("ik,jk,ij->ij", delta_next, W, np.cosh(Z) ** -2.0)
""",
    """\
def delta_one_back(delta_next, W, Z):
    return (W @ delta_next.T).T * (1 - np.tanh(Z)) * (1 + np.tanh(Z))
""",
    """\
def delta_one_back(delta_next, W, Z):
    rows = [d @ W.T @ np.diag(1 - np.tanh(z) ** 2) for d, z in zip(delta_next, Z)]
    return np.stack(rows)
""",
    """\
def delta_one_back(delta_next, W, Z):
    routes = delta_next[:, np.newaxis, :] * W[np.newaxis]  # (m, n, n_next)
    slope = 4 / (np.exp(Z) + np.exp(-Z)) ** 2
    return routes.sum(axis=-1) * slope
""",
]

# ---- Task 5: the whole batch -----------------------------------------------------------------

BATCH = """\
def cost_and_gradients(X, Y, W1, b1, W2, b2):
    m = len(X)
    Z1 = X @ W1 + b1
    A1 = sigmoid(Z1)
    A2 = A1 @ W2 + b2
    C = 0.5 * np.sum((A2 - Y) ** 2) / m
    delta2 = (A2 - Y) / m
    delta1 = delta2 @ W2.T * A1 * (1 - A1)
    dW2 = A1.T @ delta2
    db2 = np.sum(delta2, axis=0)
    dW1 = X.T @ delta1
    db1 = np.sum(delta1, axis=0)
    return C, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
"""
BATCH_BOTH, BATCH_HIDDEN = ("batch-shown", "batch-hidden"), ("batch-hidden",)

BATCH_MUTANTS = [
    ("batch: target minus output", "batch", changed(BATCH, "(A2 - Y) / m", "(Y - A2) / m"),
     BATCH_HIDDEN, "target-minus-output"),
    ("batch: sums everywhere", "batch", changed(BATCH, " / m", ""), BATCH_BOTH, "sum-for-mean"),
    ("batch: gradients of the sum", "batch", changed(BATCH, "(A2 - Y) / m", "A2 - Y"),
     BATCH_HIDDEN, "sum-for-mean"),
    ("batch: cost is a sum", "batch", changed(BATCH, "** 2) / m", "** 2)"),
     BATCH_BOTH, "sum-for-mean"),
    ("batch: np.mean of all entries", "batch",
     changed(BATCH, "np.sum((A2 - Y) ** 2) / m", "np.mean((A2 - Y) ** 2)", "/ m", "/ Y.size"),
     BATCH_HIDDEN, "mean-over-outputs"),
    ("batch: square without its half", "batch", changed(BATCH, "0.5 * ", ""),
     BATCH_BOTH, "factor-two"),
    ("batch: gradient of the square without its half", "batch",
     changed(BATCH, "delta2 = (A2 - Y) / m", "delta2 = 2 * (A2 - Y) / m"),
     BATCH_HIDDEN, "factor-two"),
    ("batch: mean of delta for the biases", "batch",
     changed(BATCH, "np.sum(delta", "np.mean(delta"),
     BATCH_HIDDEN, "mean-twice"),
    ("batch: W2 not transposed", "batch",
     changed(BATCH, "delta2 @ W2.T",
             "(delta2 @ W2 if W2.shape[0] == W2.shape[1] else delta2 @ W2.T)"),
     BATCH_HIDDEN, "not-transposed"),
    ("batch: W2 forgotten", "batch", changed(BATCH, "delta2 @ W2.T", "delta2"),
     BATCH_HIDDEN, "weight-forgotten"),
    ("batch: slope of the hidden layer forgotten", "batch", changed(BATCH, " * A1 * (1 - A1)", ""),
     BATCH_HIDDEN, "hidden-slope-forgotten"),
    ("batch: derivative called with A1", "batch",
     "def dsigmoid(z):\n    return sigmoid(z) * (1 - sigmoid(z))\n\n"
     + changed(BATCH, "A1 * (1 - A1)", "dsigmoid(A1)"), BATCH_HIDDEN, "slope-of-activation"),
    ("batch: Z1 in the formula of the slope", "batch",
     changed(BATCH, "A1 * (1 - A1)", "Z1 * (1 - Z1)"), BATCH_HIDDEN, "formula-with-sum"),
    ("batch: slope of tanh, from the last task", "batch",
     changed(BATCH, "A1 * (1 - A1)", "(1 - A1 ** 2)"), BATCH_HIDDEN, "slope-of-another"),
    ("batch: slope at the output, from task 3", "batch",
     changed(BATCH, "(A2 - Y) / m", "(A2 - Y) / m * A2 * (1 - A2)"),
     BATCH_HIDDEN, "slope-too-many"),
    ("batch: A1 with delta1", "batch", changed(BATCH, "X.T @ delta1", "A1.T @ delta1"),
     BATCH_BOTH, "activation-of-same-layer"),
    ("batch: Z1 in BP4", "batch", changed(BATCH, "A1.T @ delta2", "Z1.T @ delta2"),
     BATCH_HIDDEN, "sum-for-activation"),
    ("batch: forward without biases", "batch", changed(BATCH, " + b1", "", " + b2", ""),
     BATCH_HIDDEN, "bias-forgotten"),
    ("batch: forward with minus b", "batch", changed(BATCH, "+ b1", "- b1", "+ b2", "- b2"),
     BATCH_HIDDEN, "bias-subtracted"),
    ("batch: tanh in the hidden layer", "batch",
     changed(BATCH, "A1 = sigmoid(Z1)", "A1 = np.tanh(Z1)", "A1 * (1 - A1)", "(1 - A1 ** 2)"),
     BATCH_HIDDEN, "another-activation"),
    ("batch: bias gradient over the wrong axis", "batch", changed(BATCH, "axis=0", "axis=1"),
     BATCH_BOTH, ""),
    ("batch: bias gradient as a row", "batch",
     changed(BATCH, "axis=0", "axis=0, keepdims=True"), BATCH_BOTH, ""),
    ("batch: weights turned", "batch", changed(BATCH, "dW1 = X.T @ delta1", "dW1 = delta1.T @ X"),
     BATCH_BOTH, "axis-swapped"),
    ("batch: gradients first", "batch",
     changed(BATCH, 'return C, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}',
             'return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}, C'), BATCH_BOTH, ""),
]  # fmt: skip

BATCH_RIGHT = [
    BATCH,
    """\
def cost_and_gradients(X, Y, W1, b1, W2, b2):
    C, grads = 0.0, {"W1": 0 * W1, "b1": 0 * b1, "W2": 0 * W2, "b2": 0 * b2}
    for x, y in zip(X, Y):
        a1 = sigmoid(x @ W1 + b1)
        error = a1 @ W2 + b2 - y
        C += error @ error / 2
        back = (W2 @ error) * a1 * (1 - a1)
        grads["W2"] += np.outer(a1, error)
        grads["b2"] += error
        grads["W1"] += np.outer(x, back)
        grads["b1"] += back
    return C / len(X), {name: total / len(X) for name, total in grads.items()}
""",
    """\
def cost_and_gradients(X, Y, W1, b1, W2, b2):
    A1 = sigmoid(np.einsum("ij,jk->ik", X, W1) + b1)
    R = np.einsum("ij,jk->ik", A1, W2) + b2 - Y
    D1 = np.einsum("ik,jk,ij,ij->ij", R, W2, A1, 1 - A1)
    mean = 1 / X.shape[0]
    return 0.5 * mean * np.einsum("ik,ik->", R, R), {
        "W1": mean * np.einsum("ij,ik->jk", X, D1), "b1": mean * np.einsum("ik->k", D1),
        "W2": mean * np.einsum("ij,ik->jk", A1, R), "b2": R.mean(axis=0),
    }
""",
    """\
def cost_and_gradients(X, Y, W1, b1, W2, b2):
    # columns: everything transposed
    x, y, m = X.T, Y.T, X.shape[0]
    a = 1 / (1 + np.exp(-(W1.T @ x + b1[:, np.newaxis])))
    r = W2.T @ a + b2[:, np.newaxis] - y
    d = (W2 @ r) * (a - a * a)
    C = np.mean(np.sum(r * r, axis=0)) / 2
    return C, {"W1": (d @ x.T).T / m, "b1": d.mean(axis=1), "W2": (r @ a.T).T / m, "b2": r.mean(1)}
""",
    """\
def cost_and_gradients(X, Y, W1, b1, W2, b2):
    one = np.ones((len(X), 1))
    A0 = np.hstack([X, one])
    A1 = sigmoid(A0 @ np.vstack([W1, b1]))
    E = np.hstack([A1, one]) @ np.vstack([W2, b2]) - Y
    G2 = np.hstack([A1, one]).T @ E / len(X)
    G1 = A0.T @ (E @ W2.T * A1 * (1 - A1)) / len(X)
    grads = {"W1": G1[:-1], "b1": G1[-1], "W2": G2[:-1], "b2": G2[-1]}
    return 0.5 * np.linalg.norm(E) ** 2 / len(X), grads
""",
]

# ---- Task 6: central differences -------------------------------------------------------------

NUMERIC = """\
def numeric_gradient(f, theta, h):
    theta = theta.astype(float)
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        old = theta[i]
        theta[i] = old + h
        up = f(theta)
        theta[i] = old - h
        down = f(theta)
        theta[i] = old
        grad[i] = (up - down) / (2 * h)
    return grad
"""
NUMERIC_BOTH, NUMERIC_HIDDEN = ("numeric-shown", "numeric-hidden"), ("numeric-hidden",)

NUMERIC_MUTANTS = [
    ("numeric: to one side", "numeric",
     changed(NUMERIC, "theta[i] = old - h\n", "theta[i] = old\n", "(2 * h)", "h"),
     NUMERIC_HIDDEN, "one-sided-difference"),
    ("numeric: divided by h", "numeric", changed(NUMERIC, "(2 * h)", "h"),
     NUMERIC_BOTH, "divided-by-one-step"),
    ("numeric: brackets forgotten", "numeric", changed(NUMERIC, "(2 * h)", "2 * h"),
     NUMERIC_BOTH, ""),
    ("numeric: not divided", "numeric", changed(NUMERIC, " / (2 * h)", ""),
     NUMERIC_BOTH, "difference-not-divided"),
    ("numeric: down minus up", "numeric", changed(NUMERIC, "(up - down)", "(down - up)"),
     NUMERIC_BOTH, "wrong-sign"),
    ("numeric: not put back", "numeric",
     changed(NUMERIC, "        theta[i] = old\n", ""), NUMERIC_HIDDEN, "nudge-not-undone"),
    ("numeric: all together", "numeric",
     "def numeric_gradient(f, theta, h):\n"
     "    slope = (f(theta + h) - f(theta - h)) / (2 * h)\n"
     "    return slope * np.ones(theta.shape)\n", NUMERIC_HIDDEN, "all-nudged-at-once"),
    ("numeric: in whole numbers", "numeric",
     changed(NUMERIC, "theta.astype(float)", "theta.copy()"),
     NUMERIC_HIDDEN, "truncated"),
    ("numeric: a nudge of whole numbers", "numeric", """\
def numeric_gradient(f, theta, h):
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        e = np.zeros_like(theta)
        e[i] = h
        grad[i] = (f(theta + e) - f(theta - e)) / (2 * h)
    return grad
""", NUMERIC_HIDDEN, "nudge-lost"),
    ("numeric: in the caller's array", "numeric", """\
def numeric_gradient(f, theta, h):
    grad = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        theta[i] += h
        up = f(theta)
        theta[i] -= 2 * h
        grad[i] = (up - f(theta)) / (2 * h)
        theta[i] += h
    return grad
""", NUMERIC_HIDDEN, "changes-input"),
    ("numeric: vectors only", "numeric", """\
def numeric_gradient(f, theta, h):
    grad = np.zeros(len(theta))
    for i in range(len(theta)):
        e = np.zeros(len(theta))
        e[i] = h
        grad[i] = (f(theta + e) - f(theta - e)) / (2 * h)
    return grad
""", NUMERIC_BOTH, ""),
    ("numeric: a flat result", "numeric", changed(NUMERIC, "return grad", "return grad.ravel()"),
     NUMERIC_BOTH, ""),
    ("numeric: a step of one's own", "numeric",
     changed(NUMERIC, "theta = theta.astype(float)", "theta, h = theta.astype(float), 0.1"),
     NUMERIC_HIDDEN, ""),
    ("numeric: the tests are f itself", "numeric",
     "def numeric_gradient(f, theta, h):\n    return f(theta)\n", NUMERIC_BOTH, ""),
]  # fmt: skip

NUMERIC_RIGHT = [
    NUMERIC,
    """\
def numeric_gradient(f, theta, h):
    flat = np.array(theta, dtype=float).ravel()
    slopes = []
    for i in range(flat.size):
        up, down = flat.copy(), flat.copy()
        up[i] += h
        down[i] -= h
        slopes.append((f(up.reshape(theta.shape)) - f(down.reshape(theta.shape))) / 2 / h)
    return np.array(slopes).reshape(theta.shape)
""",
    """\
def numeric_gradient(f, theta, h):
    nudges = h * np.eye(theta.size).reshape(theta.size, *theta.shape)
    return np.array([f(theta + e) - f(theta - e) for e in nudges]).reshape(theta.shape) / (2 * h)
""",
    """\
def numeric_gradient(f, theta, h):
    grad = np.empty_like(theta, dtype=float)
    it = np.nditer(theta, flags=["multi_index"])
    for _ in it:
        e = np.zeros(theta.shape)
        e[it.multi_index] = 1.0
        grad[it.multi_index] = (f(theta + h * e) - f(theta - h * e)) / (2.0 * h)
    return grad
""",
    """\
def slope_along(f, theta, e, h):
    return (f(theta + h * e) - f(theta - h * e)) / (2 * h)

def numeric_gradient(f, theta, h):
    if theta.ndim == 1:
        units = np.identity(len(theta))
        return np.array([slope_along(f, theta, e, h) for e in units])
    rest = theta[1:]
    rows = []
    for r in range(len(theta)):
        def g(row, r=r):
            full = theta.astype(float)
            full[r] = row
            return f(full)
        rows.append(numeric_gradient(g, theta[r], h))
    return np.stack(rows)
""",
]

# ---- Task 7: the loop ------------------------------------------------------------------------

LOOP = """\
def descend(gradient, params, lr, steps):
    costs = []
    params = [p.copy() for p in params]
    for step in range(steps):
        C, grads = gradient(params)
        costs.append(C)
        for k in range(len(params)):
            params[k] = params[k] - lr * grads[k]
    return costs, params
"""
LOOP_BOTH, LOOP_HIDDEN = ("loop-shown", "loop-hidden"), ("loop-hidden",)

LOOP_MUTANTS = [
    ("loop: plus", "loop", changed(LOOP, "- lr", "+ lr"), LOOP_BOTH, "uphill"),
    ("loop: no learning rate", "loop", changed(LOOP, "lr * ", ""), LOOP_BOTH, "rate-forgotten"),
    ("loop: gradient asked again for each array", "loop", """\
def descend(gradient, params, lr, steps):
    costs, params = [], list(params)
    for _ in range(steps):
        costs.append(gradient(params)[0])
        for k in range(len(params)):
            params[k] = params[k] - lr * gradient(params)[1][k]
    return costs, params
""", LOOP_HIDDEN, "updated-weight-used"),
    ("loop: cost after the step", "loop", """\
def descend(gradient, params, lr, steps):
    costs = []
    for _ in range(steps):
        params = [p - lr * g for p, g in zip(params, gradient(params)[1])]
        costs.append(gradient(params)[0])
    return costs, params
""", LOOP_HIDDEN, "cost-after-step"),
    ("loop: weights only", "loop", changed(LOOP, "range(len(params))", "range(0, len(params), 2)"),
     LOOP_HIDDEN, "part-not-updated"),
    ("loop: last array forgotten", "loop",
     changed(LOOP, "range(len(params))", "range(len(params) - 1)"),
     LOOP_HIDDEN, "part-not-updated"),
    ("loop: one step too few", "loop", changed(LOOP, "range(steps)", "range(1, steps)"),
     LOOP_BOTH, "one-step-too-few"),
    ("loop: one step too many", "loop", changed(LOOP, "range(steps)", "range(steps + 1)"),
     LOOP_BOTH, ""),
    ("loop: p is only a name", "loop", changed(
        LOOP, "for k in range(len(params)):\n            params[k] = params[k] - lr * grads[k]",
        "for p, g in zip(params, grads):\n            p = p - lr * g"),
     LOOP_BOTH, "nothing-learned"),
    ("loop: in place", "loop", changed(LOOP, "[p.copy() for p in params]", "list(params)",
                                       "params[k] = params[k] - lr * grads[k]",
                                       "params[k] -= lr * grads[k]"), LOOP_HIDDEN, "changes-input"),
    ("loop: return inside the loop", "loop",
     changed(LOOP, "    return costs", "        return costs"), LOOP_BOTH, ""),
    ("loop: parameters first", "loop",
     changed(LOOP, "return costs, params", "return params, costs"), LOOP_BOTH, ""),
    ("loop: a rate that shrinks", "loop", changed(LOOP, "- lr *", "- lr / (step + 1) *"),
     LOOP_HIDDEN, ""),
    ("loop: the last cost only", "loop", changed(LOOP, "costs.append(C)", "costs = [C]"),
     LOOP_BOTH, ""),
]  # fmt: skip

LOOP_RIGHT = [
    LOOP,
    """\
def descend(gradient, params, lr, steps):
    costs = np.zeros(steps)
    for step in range(steps):
        costs[step], grads = gradient(params)
        params = [p - lr * g for p, g in zip(params, grads)]
    return costs, params
""",
    """\
def descend(gradient, params, lr, steps):
    if steps == 0:
        return [], list(params)
    C, grads = gradient(params)
    new = [p - lr * g for p, g in zip(params, grads)]
    costs, last = descend(gradient, new, lr, steps - 1)
    return [C] + costs, last
""",
    """\
def descend(gradient, params, lr, steps):
    params = [np.array(p, dtype=float) for p in params]
    costs = []
    while len(costs) < steps:
        C, grads = gradient(params)
        costs += [C]
        for p, g in zip(params, grads):
            p -= lr * g
    return costs, params
""",
    """\
def descend(gradient, params, lr, steps):
    costs, now = [], tuple(params)
    for _ in range(steps):
        C, grads = gradient(list(now))
        costs.append(float(C))
        now = tuple(np.subtract(p, np.multiply(lr, g)) for p, g in zip(now, grads))
    return costs, now
""",
]

# ---- Task 8: three slips ---------------------------------------------------------------------

CHAIN = """\
def chain_gradient(x, y, w1, b1, w2, b2):
    a1 = sigmoid(w1 * x + b1)
    a2 = sigmoid(w2 * a1 + b2)
    slope1, slope2 = a1 * (1 - a1), a2 * (1 - a2)
    return {
        "w2": (a2 - y) * slope2 * a1,
        "b2": (a2 - y) * slope2,
        "w1": (a2 - y) * slope2 * w2 * slope1 * x,
        "b1": (a2 - y) * slope2 * w2 * slope1,
    }
"""
W1_LINE, B1_LINE = "slope2 * w2 * slope1 * x", "slope2 * w2 * slope1,"
CHAIN_BOTH, CHAIN_HIDDEN = ("chain-shown", "chain-hidden"), ("chain-hidden",)

CHAIN_MUTANTS = [
    ("chain: as found", "chain",
     "def chain_gradient(x, y, w1, b1, w2, b2):\n"
     "    return chain_as_found(x, y, w1, b1, w2, b2)\n", CHAIN_BOTH, "weight-forgotten"),
    ("chain: only w1 mended", "chain", changed(CHAIN, B1_LINE, "slope2 * slope1,"),
     CHAIN_BOTH, "weight-forgotten"),
    ("chain: only b1 mended", "chain", changed(CHAIN, W1_LINE, "slope2 * a1 * slope1 * x"),
     CHAIN_BOTH, "activation-for-weight"),
    ("chain: a1 taken out, nothing put in", "chain",
     changed(CHAIN, W1_LINE, "slope2 * slope1 * x", B1_LINE, "slope2 * slope1,"),
     CHAIN_BOTH, "weight-forgotten"),
    ("chain: a1 in both", "chain",
     changed(CHAIN, W1_LINE, "slope2 * a1 * slope1 * x", B1_LINE, "slope2 * a1 * slope1,"),
     CHAIN_BOTH, "activation-for-weight"),
    ("chain: w1 for w2", "chain",
     changed(CHAIN, W1_LINE, "slope2 * w1 * slope1 * x", B1_LINE, "slope2 * w1 * slope1,"),
     CHAIN_BOTH, "weight-of-another-unit"),
    ("chain: w2 and a1", "chain",
     changed(CHAIN, W1_LINE, "slope2 * w2 * a1 * slope1 * x", B1_LINE,
             "slope2 * w2 * a1 * slope1,"), CHAIN_HIDDEN, ""),
    ("chain: the sign turned", "chain", changed(CHAIN, "(a2 - y)", "(y - a2)"),
     CHAIN_HIDDEN, "target-minus-output"),
    ("chain: the last layer spoiled too", "chain",
     changed(CHAIN, '"w2": (a2 - y) * slope2 * a1', '"w2": (a2 - y) * slope2 * w2 * a1'),
     CHAIN_HIDDEN, ""),
    ("chain: slope of the output taken out", "chain",
     changed(CHAIN, W1_LINE, "w2 * slope1 * x", B1_LINE, "w2 * slope1,"), CHAIN_HIDDEN, ""),
    ("chain: two slopes only", "chain",
     CHAIN.split('        "w2"')[0] + '        "w1": 0.0,\n        "b1": 0.0,\n    }\n',
     CHAIN_BOTH, ""),
]  # fmt: skip

CHAIN_RIGHT = [
    CHAIN,
    """\
def chain_gradient(x, y, w1, b1, w2, b2):
    a1 = sigmoid(w1 * x + b1)
    a2 = sigmoid(w2 * a1 + b2)
    d2 = (a2 - y) * a2 * (1 - a2)
    d1 = a1 * (1 - a1) * w2 * d2
    return dict(w1=d1 * x, b1=d1, w2=d2 * a1, b2=d2)
""",
    """\
def chain_gradient(x, y, w1, b1, w2, b2):
    inputs, slopes, weights, a = [], [], [w1, w2], x
    for w, b in [(w1, b1), (w2, b2)]:
        inputs.append(a)
        a = 1 / (1 + np.exp(-(w * a + b)))
        slopes.append(a * (1 - a))
    back, found = a - y, {}
    for layer in (1, 0):
        delta = back * slopes[layer]
        found[f"w{layer + 1}"], found[f"b{layer + 1}"] = delta * inputs[layer], delta
        back = delta * weights[layer]
    return found
""",
    """\
def chain_gradient(x, y, w1, b1, w2, b2):
    g = chain_as_found(x, y, w1, b1, w2, b2)
    g["b1"] = g["b1"] * w2
    g["w1"] = g["b1"] * x
    return g
""",
    """\
def chain_gradient(x, y, w1, b1, w2, b2):
    z1 = w1 * x + b1
    z2 = w2 * sigmoid(z1) + b2
    dz2 = (sigmoid(z2) - y) * sigmoid(z2) * sigmoid(-z2)
    da1 = dz2 * w2
    dz1 = da1 * sigmoid(z1) * sigmoid(-z1)
    return {"w1": np.float64(dz1 * x), "b1": dz1, "w2": dz2 * sigmoid(z1), "b2": dz2}
""",
]

THETA = """\
def theta_gradient(A, delta):
    db = 0.01 * delta.sum(axis=0)
    return np.vstack([db, A.T @ delta])
"""
THETA_BOTH, THETA_HIDDEN = ("theta-shown", "theta-hidden"), ("theta-hidden",)

THETA_MUTANTS = [
    ("theta: as found", "theta", "theta_gradient = theta_gradient_as_found\n",
     THETA_BOTH, "constant-input-forgotten"),
    ("theta: ones in front", "theta",
     "def theta_gradient(A, delta):\n"
     "    return np.column_stack([np.ones(len(A)), A]).T @ delta\n",
     THETA_BOTH, "constant-input-forgotten"),
    ("theta: 0.01 on everything", "theta",
     "def theta_gradient(A, delta):\n    return 0.01 * theta_gradient_as_found(A, delta)\n",
     THETA_HIDDEN, "constant-for-all"),
    ("theta: mean over the rows", "theta",
     changed(THETA, "delta.sum(axis=0)", "delta.mean(axis=0)"),
     THETA_HIDDEN, "mean-twice"),
    ("theta: biases last", "theta", changed(THETA, "[db, A.T @ delta]", "[A.T @ delta, db]"),
     THETA_BOTH, "bias-last"),
    ("theta: divided by 0.01", "theta", changed(THETA, "0.01 * delta", "100 * delta"),
     THETA_BOTH, ""),
    ("theta: 0.01 squared", "theta", changed(THETA, "0.01 * delta", "0.01 ** 2 * delta"),
     THETA_BOTH, ""),
    ("theta: wrong axis", "theta",
     "def theta_gradient(A, delta):\n"
     "    return np.vstack([np.full(delta.shape[1], 0.01 * delta[0].sum()), A.T @ delta])\n",
     THETA_BOTH, ""),
    ("theta: without the biases", "theta",
     "def theta_gradient(A, delta):\n    return A.T @ delta\n", THETA_BOTH, ""),
    ("theta: biases do not move", "theta", changed(THETA, "0.01 * delta", "0 * delta"),
     THETA_BOTH, ""),
    ("theta: first row of delta", "theta", changed(THETA, "delta.sum(axis=0)", "delta[0]"),
     THETA_HIDDEN, ""),
    ("theta: minus", "theta", changed(THETA, "return np", "return -np"), THETA_BOTH, "wrong-sign"),
]  # fmt: skip

THETA_RIGHT = [
    THETA,
    """\
def theta_gradient(A, delta):
    A_tilde = np.insert(A, 0, 0.01, axis=1)
    return A_tilde.T @ delta
""",
    """\
def theta_gradient(A, delta):
    G = np.zeros((1 + A.shape[1], delta.shape[1]))
    for a, d in zip(A, delta):
        G += np.outer([0.01, *a], d)
    return G
""",
    """\
def theta_gradient(A, delta):
    bias_row = np.full((1, len(A)), 0.01) @ delta
    return np.concatenate([bias_row, np.einsum("ij,ik->jk", A, delta)])
""",
    """\
def theta_gradient(A, delta):
    G = theta_gradient_as_found(A, delta)
    G[0] /= 100
    return G
""",
]

SOFTMAX = """\
def softmax(Z):
    shifted = Z - np.max(Z, axis=1, keepdims=True)
    E = np.exp(shifted)
    return E / np.sum(E, axis=1, keepdims=True)
"""
SOFTMAX_BOTH, SOFTMAX_HIDDEN = ("softmax-shown", "softmax-hidden"), ("softmax-hidden",)

SOFTMAX_MUTANTS = [
    ("softmax: as found", "softmax", "softmax = softmax_as_found\n", SOFTMAX_BOTH, "overflow"),
    ("softmax: max of the whole batch", "softmax",
     changed(SOFTMAX, "np.max(Z, axis=1, keepdims=True)", "np.max(Z)"),
     SOFTMAX_HIDDEN, "max-of-all"),
    ("softmax: mean in place of max", "softmax", changed(SOFTMAX, "np.max(Z", "np.mean(Z"),
     SOFTMAX_HIDDEN, "mean-subtracted"),
    ("softmax: scores clipped", "softmax",
     "def softmax(Z):\n    E = np.exp(np.clip(Z, -500, 500))\n"
     "    return E / E.sum(axis=1, keepdims=True)\n", SOFTMAX_BOTH, "scores-clipped"),
    ("softmax: scores clipped at 700", "softmax",
     "def softmax(Z):\n    E = np.exp(np.minimum(Z, 700))\n"
     "    return E / E.sum(axis=1, keepdims=True)\n", SOFTMAX_BOTH, ""),
    ("softmax: columns", "softmax", changed(SOFTMAX, "axis=1", "axis=0"),
     SOFTMAX_BOTH, "softmax-along-columns"),
    ("softmax: not divided", "softmax",
     changed(SOFTMAX, " / np.sum(E, axis=1, keepdims=True)", ""),
     SOFTMAX_BOTH, "softmax-not-divided"),
    ("softmax: divided by the sum of all", "softmax",
     changed(SOFTMAX, "np.sum(E, axis=1, keepdims=True)", "np.sum(E)"), SOFTMAX_BOTH, ""),
    ("softmax: nan to num", "softmax",
     "def softmax(Z):\n    with np.errstate(all='ignore'):\n        E = np.exp(Z)\n"
     "        return np.nan_to_num(E / E.sum(axis=1, keepdims=True))\n", SOFTMAX_BOTH, ""),
    ("softmax: divided by the largest score", "softmax",
     changed(SOFTMAX, "Z - np.max(Z, axis=1, keepdims=True)",
             "Z / np.max(np.abs(Z) + 1e-9, axis=1, keepdims=True)"), SOFTMAX_BOTH, ""),
    ("softmax: min in place of max", "softmax", changed(SOFTMAX, "np.max(Z", "np.min(Z"),
     SOFTMAX_HIDDEN, ""),
    ("softmax: in the caller's array", "softmax",
     changed(SOFTMAX, "shifted = Z - np.max(Z, axis=1, keepdims=True)",
             "Z -= np.max(Z, axis=1, keepdims=True)\n    shifted = Z"),
     SOFTMAX_HIDDEN, "changes-input"),
    ("softmax: a warning is left", "softmax", """\
def softmax(Z):
    naive = np.exp(Z)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)
""", SOFTMAX_HIDDEN, ""),
]  # fmt: skip

SOFTMAX_RIGHT = [
    SOFTMAX,
    """\
def softmax(Z):
    P = np.zeros(Z.shape)
    for i, z in enumerate(Z):
        e = np.exp(z - max(z))
        P[i] = e / e.sum()
    return P
""",
    """\
def softmax(Z):
    D = Z[:, np.newaxis, :] - Z[:, :, np.newaxis]  # z_j - z_k
    return 1 / np.exp(np.minimum(D, 700)).sum(axis=-1)
""",
    """\
def softmax(Z):
    M = Z.max(axis=-1)[:, None]
    logs = Z - M - np.log(np.exp(Z - M).sum(axis=-1)[:, None])
    return np.exp(logs)
""",
    """\
def softmax(Z):
    E = np.exp((Z.T - Z.max(axis=1)).T)
    return np.einsum("ik,i->ik", E, 1 / E.sum(axis=1))
""",
    """\
import math

def softmax(Z):
    rows = []
    for z in Z.tolist():
        e = [math.exp(s - max(z)) for s in z]
        rows.append([x / math.fsum(e) for x in e])
    return rows
""",
]

REPAIRS = {"chain": CHAIN, "theta": THETA, "softmax": SOFTMAX}


def debugged(name: str, code: str) -> str:
    """Return the answer to task 8 with one of its three functions written in another way."""
    return "\n\n".join({**REPAIRS, name: code}.values())


# The three functions of task 8 are in one cell.
DEBUG_MUTANTS = [
    (name, "debug", debugged(function, code), loses, misconception)
    for name, function, code, loses, misconception in CHAIN_MUTANTS
    + THETA_MUTANTS
    + SOFTMAX_MUTANTS
]
DEBUG_RIGHT = [
    "\n\n".join(parts) for parts in zip(CHAIN_RIGHT, THETA_RIGHT, SOFTMAX_RIGHT[:5], strict=True)
]
DEBUG_RIGHT += [debugged("softmax", SOFTMAX_RIGHT[5])]

MUTANTS = [
    *LAST_MUTANTS, *BACK_MUTANTS, *BATCH_MUTANTS, *NUMERIC_MUTANTS, *LOOP_MUTANTS,
    *DEBUG_MUTANTS, *FORWARD_MUTANTS, *BACKWARD_MUTANTS,
]  # fmt: skip

RIGHT = {
    "forward": FORWARD_RIGHT,
    "backward": BACKWARD_RIGHT,
    "last": LAST_RIGHT,
    "back": BACK_RIGHT,
    "batch": BATCH_RIGHT,
    "numeric": NUMERIC_RIGHT,
    "loop": LOOP_RIGHT,
    "debug": DEBUG_RIGHT,
}
