"""Wrong and right answers to the set, as students write them.

A wrong answer says which parts it loses, and under which misconception it must be known; one
without a name is none that has a name, or several. The right ones must get all points.
"""


def instead(code: str, *changes: tuple[str, str]) -> str:
    """Return code in which pieces are replaced; each must be there."""
    for old, new in changes:
        assert old in code, old
        code = code.replace(old, new)
    return code


# -- units ---------------------------------------------------------------------------------

COPIES = """\
def exchanged(W1, b1, W2, j, k):
    W1, b1, W2 = W1.copy(), b1.copy(), W2.copy()
    W1[:, [j, k]] = W1[:, [k, j]]
    b1[[j, k]] = b1[[k, j]]
    W2[[j, k]] = W2[[k, j]]
    return W1, b1, W2

def different_units(W1, b1, W2):
    units = set()
    for k in range(len(b1)):
        units.add((tuple(W1[:, k]), b1[k], tuple(W2[k])))
    return len(units)
"""
PERMUTATION = """\
def exchanged(W1, b1, W2, j, k):
    P = np.eye(len(b1))
    P[[j, k]] = P[[k, j]]
    return W1 @ P, b1 @ P, P @ W2

def different_units(W1, b1, W2):
    units = np.concatenate([W1.T, b1[:, None], W2], axis=1)
    return len(np.unique(units, axis=0))
"""
BY_HAND = """\
def exchanged(W1, b1, W2, j, k):
    new = np.array(W1), np.array(b1), np.array(W2)
    new[0][:, j], new[0][:, k] = W1[:, k], W1[:, j]
    new[1][j], new[1][k] = b1[k], b1[j]
    new[2][j], new[2][k] = W2[k], W2[j]
    return new

def different_units(W1, b1, W2):
    count = 0
    for k in range(len(b1)):
        twin = False
        for j in range(k):
            same_in = np.array_equal(W1[:, j], W1[:, k])
            twin = twin or (same_in and b1[j] == b1[k] and np.array_equal(W2[j], W2[k]))
        count += not twin
    return count
"""
LISTS = """\
def exchanged(W1, b1, W2, j, k):
    order = list(range(len(b1)))
    order[j], order[k] = k, j
    return [np.array([[row[i] for i in order] for row in W1]),
            np.array([b1[i] for i in order]), np.array([W2[i] for i in order])]

def different_units(W1, b1, W2):
    found = []
    for unit in zip(W1.T.tolist(), b1.tolist(), W2.tolist()):
        if unit not in found:
            found.append(unit)
    return len(found)
"""
TAKE = """\
def exchanged(W1, b1, W2, j, k):
    order = np.r_[: len(b1)]
    order[j], order[k] = k, j
    return W1.take(order, axis=1), b1.take(order), W2.take(order, axis=0)

def different_units(W1, b1, W2):
    U = np.hstack([W1.T, b1.reshape(-1, 1), W2])
    equal = np.all(U[:, None] == U[None], axis=2)
    return int(np.round(np.sum(1 / equal.sum(axis=1))))
"""
EXCHANGED, DIFFERENT = ("units-exchanged",), ("units-different",)
SEEN_EXCHANGE, SEEN_COUNT = ("units-shown", *EXCHANGED), ("units-shown", *DIFFERENT)
UNITS = [
    ("weights out stay", "units", instead(COPIES, ("    W2[[j, k]] = W2[[k, j]]\n", "")),
     EXCHANGED, "unit-in-parts"),
    ("bias stays", "units", instead(COPIES, ("    b1[[j, k]] = b1[[k, j]]\n", "")),
     SEEN_EXCHANGE, ""),
    ("rows and columns", "units", instead(
        COPIES, ("W1[:, [j, k]] = W1[:, [k, j]]", "W1[[j, k]] = W1[[k, j]]"),
        ("W2[[j, k]] = W2[[k, j]]", "W2[:, [j, k]] = W2[:, [k, j]]")),
     SEEN_EXCHANGE, "axis-swapped"),
    ("views exchanged", "units", instead(
        COPIES, ("W1[:, [j, k]] = W1[:, [k, j]]", "W1[:, j], W1[:, k] = W1[:, k], W1[:, j]"),
        ("W2[[j, k]] = W2[[k, j]]", "W2[j], W2[k] = W2[k], W2[j]")),
     EXCHANGED, "changed-too-early"),
    ("in place", "units",
     instead(COPIES, ("    W1, b1, W2 = W1.copy(), b1.copy(), W2.copy()\n", "")),
     EXCHANGED, "changes-input"),
    ("exchanged and not returned", "units", instead(COPIES, ("    return W1, b1, W2\n", "")),
     SEEN_EXCHANGE, ""),
    ("weights in alone", "units",
     instead(COPIES, ("(tuple(W1[:, k]), b1[k], tuple(W2[k]))", "tuple(W1[:, k])")),
     DIFFERENT, "unit-in-parts"),
    ("all but the bias", "units", instead(COPIES, ("b1[k], tuple", "tuple")), DIFFERENT, ""),
    ("without what goes out", "units", instead(COPIES, (", tuple(W2[k]))", ")")), DIFFERENT, ""),
    ("rows of W1", "units", instead(
        COPIES, ("for k in range(len(b1))", "for row in W1"),
        ("(tuple(W1[:, k]), b1[k], tuple(W2[k]))", "tuple(row)")), DIFFERENT, "axis-swapped"),
    ("how many twins", "units",
     instead(COPIES, ("return len(units)", "return len(b1) - len(units)")),
     SEEN_COUNT, ""),
    ("each part by itself", "units", instead(
        COPIES, ("    return len(units)",
                 "    return max(len({u[i] for u in units}) for i in range(3))")),
     DIFFERENT, "unit-in-parts"),
    ("units without a twin", "units", instead(PERMUTATION, (
        "    return len(np.unique(units, axis=0))",
        "    _, counts = np.unique(units, axis=0, return_counts=True)\n"
        "    return int(np.sum(counts == 1))")), SEEN_COUNT, ""),
]  # fmt: skip

# -- size-of-sum ---------------------------------------------------------------------------

SUMMED = """\
def std_of_z(x, var_w, var_b):
    variance = 0.0
    for value in x:
        variance += value**2 * var_w
    return (variance + var_b) ** 0.5
"""
DOTTED = """\
def std_of_z(x, var_w, var_b):
    return np.sqrt(x @ x * var_w + var_b)
"""
MEAN_SQUARE = """\
def std_of_z(x, var_w, var_b):
    n_in = len(x)
    mean_square = np.mean(np.square(x))
    return np.sqrt(n_in * mean_square * var_w + var_b)
"""
MEAN_AND_VARIANCE = """\
def std_of_z(x, var_w, var_b):
    mean_square = x.var() + x.mean() ** 2
    return float(np.sqrt(x.size * var_w * mean_square + var_b))
"""
AS_A_COVARIANCE = """\
def std_of_z(x, var_w, var_b):
    row = np.append(x, 1.0)
    covariance = np.diag([var_w] * len(x) + [var_b])
    return np.sqrt(np.einsum("i,ij,j->", row, covariance, row))
"""
BY_NORM = """\
import math

def std_of_z(x, var_w, var_b):
    return math.sqrt(np.linalg.norm(x) ** 2 * var_w + var_b)
"""
SIZE, SIZE_HIDDEN = ("size-shown", "size-hidden"), ("size-hidden",)
SIZES = [
    ("no root", "size-of-sum",
     instead(DOTTED, ("np.sqrt(x @ x * var_w + var_b)", "x @ x * var_w + var_b")),
     SIZE, "variance-for-deviation"),
    ("the variance of x", "size-of-sum",
     instead(MEAN_SQUARE, ("np.mean(np.square(x))", "np.var(x)")),
     SIZE, "variance-for-mean-square"),
    ("deviations added up", "size-of-sum",
     instead(DOTTED, ("x @ x * var_w + var_b)", "x @ x * var_w) + np.sqrt(var_b)")),
     SIZE, "deviations-added"),
    ("a mean for the sum", "size-of-sum",
     instead(MEAN_SQUARE, ("n_in * mean_square", "mean_square")),
     SIZE, "mean-of-terms"),
    ("no bias", "size-of-sum", instead(DOTTED, (" + var_b", "")), SIZE, "bias-forgotten"),
    ("variances squared", "size-of-sum",
     instead(DOTTED, ("var_w + var_b", "var_w**2 + var_b**2")), SIZE, "deviation-for-variance"),
    ("x is not squared", "size-of-sum", instead(DOTTED, ("x @ x", "np.sum(x)")), SIZE_HIDDEN, ""),
    ("n alone", "size-of-sum", instead(DOTTED, ("x @ x", "len(x)")), SIZE, ""),
    ("the square of the mean", "size-of-sum",
     instead(MEAN_SQUARE, ("np.mean(np.square(x))", "np.mean(x) ** 2")), SIZE, ""),
    ("divided by n", "size-of-sum",
     instead(DOTTED, ("var_w + var_b", "var_w / len(x) + var_b")), SIZE, "mean-of-terms"),
    ("the bias for every input", "size-of-sum",
     instead(SUMMED, ("value**2 * var_w", "value**2 * var_w + var_b"),
             ("variance + var_b", "variance")),
     SIZE, ""),
    ("drawn", "size-of-sum", """\
def std_of_z(x, var_w, var_b):
    rng = np.random.default_rng(0)
    W = rng.normal(0, np.sqrt(var_w), (len(x), 2000))
    return np.std(x @ W + rng.normal(0, np.sqrt(var_b), 2000))
""", SIZE, ""),
]  # fmt: skip

# -- rules ---------------------------------------------------------------------------------

BY_CASES = """\
def deviation(rule, n_in, n_out):
    if rule == "lecun":
        variance = 1 / n_in
    elif rule == "he":
        variance = 2 / n_in
    else:
        variance = 2 / (n_in + n_out)
    return np.sqrt(variance)

def start(sizes, variances, rng):
    params = []
    for l in range(len(variances)):
        n_in, n_out = sizes[l], sizes[l + 1]
        W = rng.normal(size=(n_in, n_out)) * np.sqrt(variances[l])
        b = np.zeros(n_out)
        params.append(W)
        params.append(b)
    return params
"""
UNIFORM = instead(BY_CASES, (
    "rng.normal(size=(n_in, n_out)) * np.sqrt(variances[l])",
    "rng.uniform(-1, 1, (n_in, n_out)) * np.sqrt(3 * variances[l])"),
    ("    return np.sqrt(variance)", "    return float(variance**0.5)"))  # fmt: skip
MATCHED = """\
import math
from itertools import pairwise

def deviation(rule, n_in, n_out):
    match rule:
        case "lecun":
            return 1 / math.sqrt(n_in)
        case "he":
            return math.sqrt(2) / math.sqrt(n_in)
        case "glorot":
            return 1 / math.sqrt((n_in + n_out) / 2)

def start(sizes, variances, rng):
    layers = [(rng.normal(scale=v**0.5, size=shape), np.zeros(shape[1]))
              for shape, v in zip(pairwise(sizes), variances)]
    return [p for layer in layers for p in layer]
"""
TRANSPOSED_DRAW = """\
def deviation(rule, n_in, n_out):
    mean_width = {"lecun": n_in, "he": n_in / 2, "glorot": (n_in + n_out) / 2}[rule]
    return mean_width ** -0.5

def start(sizes, variances, rng):
    params = [None] * (2 * len(variances))
    for l, variance in enumerate(variances):
        W = np.sqrt(variance) * rng.standard_normal((sizes[l + 1], sizes[l]))
        params[2 * l], params[2 * l + 1] = W.T, np.zeros((sizes[l + 1],))
    return params
"""
SIGNS = """\
def deviation(rule, n_in, n_out):
    variances = dict(lecun=1 / n_in, he=2 / n_in, glorot=2 / (n_in + n_out))
    return np.power(variances[rule], 0.5)

def start(sizes, variances, rng):
    weights = [rng.choice([-1.0, 1.0], size=(sizes[l], sizes[l + 1])) * variances[l] ** 0.5
               for l in range(len(sizes) - 1)]
    biases = [np.zeros_like(W[0]) for W in weights]
    params = []
    for W, b in zip(weights, biases):
        params += [W, b]
    return params
"""
RULE, START = ("rules-deviation",), ("rules-start",)
RULE_SEEN, START_SEEN = ("rules-shown", *RULE), ("rules-shown", *START)
RULES = [
    ("variances returned", "rules", instead(BY_CASES, ("np.sqrt(variance)", "variance")),
     RULE_SEEN, "variance-for-deviation"),
    ("n_out for n_in", "rules",
     instead(BY_CASES, ("1 / n_in", "1 / n_out"), ("2 / n_in", "2 / n_out")),
     RULE_SEEN, "fan-out-for-fan-in"),
    ("He without the 2", "rules", instead(BY_CASES, ("2 / n_in", "1 / n_in")),
     RULE, "relu-factor-forgotten"),
    ("the 2 outside the root", "rules", instead(
        BY_CASES, ('        variance = 2 / n_in', '        return 2 / np.sqrt(n_in)')), RULE, ""),
    ("Glorot looks forward only", "rules", instead(BY_CASES, ("2 / (n_in + n_out)", "1 / n_in")),
     RULE, "one-direction-only"),
    ("Glorot's limit", "rules", instead(BY_CASES, ("2 / (n_in + n_out)", "6 / (n_in + n_out)")),
     RULE, "range-for-deviation"),
    ("Glorot without the 2", "rules",
     instead(BY_CASES, ("2 / (n_in + n_out)", "1 / (n_in + n_out)")),
     RULE, ""),
    ("multiplied by n", "rules", instead(BY_CASES, ("1 / n_in", "n_in"), ("2 / n_in", "n_in / 2")),
     RULE_SEEN, ""),
    ("scale is the variance", "rules", instead(BY_CASES, ("np.sqrt(variances[l])", "variances[l]")),
     START, "variance-for-deviation"),
    ("all weights of variance 1", "rules", instead(BY_CASES, (" * np.sqrt(variances[l])", "")),
     START, ""),
    ("uniform from 0 to 1", "rules", instead(BY_CASES, ("rng.normal(", "rng.random(")), START, ""),
    ("a generator of its own", "rules", instead(
        BY_CASES, ("    params = []", "    rng = np.random.default_rng(0)\n    params = []")),
     START, ""),
    ("biases drawn", "rules", instead(BY_CASES, ("np.zeros(n_out)", "rng.normal(size=n_out)")),
     START, ""),
    ("biases of the inputs", "rules", instead(BY_CASES, ("np.zeros(n_out)", "np.zeros(n_in)")),
     START_SEEN, ""),
    ("to, from", "rules", instead(BY_CASES, ("(n_in, n_out)) *", "(n_out, n_in)) *")),
     START_SEEN, ""),
    ("biases as rows", "rules", instead(BY_CASES, ("np.zeros(n_out)", "np.zeros((1, n_out))")),
     START_SEEN, ""),
    ("all zero", "rules", instead(
        BY_CASES, ("rng.normal(size=(n_in, n_out)) * np.sqrt(variances[l])",
                   "np.zeros((n_in, n_out))")), START, ""),
    ("pairs", "rules", instead(
        BY_CASES, ("        params.append(W)\n        params.append(b)\n",
                   "        params.append((W, b))\n")), START_SEEN, ""),
]  # fmt: skip

# -- signal --------------------------------------------------------------------------------

PASSED_ON = """\
def sizes_of_signal(X, weights, f):
    z, a = [], []
    A = X
    for W in weights:
        Z = A @ W
        A = f(Z)
        z.append(np.sqrt(np.mean(Z**2)))
        a.append(np.sqrt(np.mean(A**2)))
    return {"z": z, "a": a}
"""
WITH_NORMS = """\
def sizes_of_signal(X, weights, f):
    def rms(M):
        return np.linalg.norm(M) / np.sqrt(M.size)

    result = {"a": [], "z": []}
    for W in weights:
        X = X @ W
        result["z"].append(rms(X))
        X = f(X)
        result["a"].append(rms(X))
    return result
"""
RECURSIVE = """\
def sizes_of_signal(X, weights, f):
    if not weights:
        return {"z": [], "a": []}
    Z = np.matmul(X, weights[0])
    above = sizes_of_signal(f(Z), weights[1:], f)
    return {"z": [(Z**2).mean() ** 0.5, *above["z"]], "a": [(f(Z) ** 2).mean() ** 0.5, *above["a"]]}
"""
KEPT = """\
def sizes_of_signal(X, weights, f):
    sums, activations = [], [X]
    for W in weights:
        sums.append(np.einsum("ij,jk->ik", activations[-1], W))
        activations.append(f(sums[-1]))
    rms = lambda M: float(np.sqrt(np.einsum("ik,ik->", M, M) / (M.shape[0] * M.shape[1])))
    return {"z": list(map(rms, sums)), "a": list(map(rms, activations[1:]))}
"""
ENTRY_BY_ENTRY = """\
def sizes_of_signal(X, weights, f):
    sizes = {"z": np.zeros(len(weights)), "a": np.zeros(len(weights))}
    for l, W in enumerate(weights):
        Z = np.array([[sum(x * w for x, w in zip(row, column)) for column in W.T] for row in X])
        X = f(Z)
        for name, M in [("z", Z), ("a", X)]:
            sizes[name][l] = (sum(v * v for v in M.flatten()) / M.size) ** 0.5
    return sizes
"""
SIGNAL, SIGNAL_HIDDEN = ("signal-shown", "signal-hidden"), ("signal-hidden",)
SIGNALS = [
    ("deviations", "signal", instead(
        PASSED_ON, ("np.sqrt(np.mean(Z**2))", "Z.std()"), ("np.sqrt(np.mean(A**2))", "A.std()")),
     SIGNAL, "deviation-for-mean-square"),
    ("mean squares", "signal", instead(
        PASSED_ON, ("np.sqrt(np.mean(Z**2))", "np.mean(Z**2)"),
        ("np.sqrt(np.mean(A**2))", "np.mean(A**2)")), SIGNAL, "variance-for-deviation"),
    ("f left out", "signal", instead(
        PASSED_ON, ("A = f(Z)", "F = f(Z)"), ("np.mean(A**2)", "np.mean(F**2)"),
        ("        z.append", "        A = Z\n        z.append")),
     SIGNAL, "activation-forgotten"),
    ("always X", "signal", instead(PASSED_ON, ("Z = A @ W", "Z = X @ W")), SIGNAL, "wrong-layer"),
    ("mean sizes", "signal", instead(
        PASSED_ON, ("np.sqrt(np.mean(Z**2))", "np.mean(np.abs(Z))"),
        ("np.sqrt(np.mean(A**2))", "np.mean(np.abs(A))")), SIGNAL, ""),
    ("roots of sums", "signal", instead(PASSED_ON, ("np.mean(Z**2)", "np.sum(Z**2)"),
                                        ("np.mean(A**2)", "np.sum(A**2)")), SIGNAL, ""),
    ("the last layer", "signal",
     instead(PASSED_ON, ('{"z": z, "a": a}', '{"z": z[-1], "a": a[-1]}')),
     SIGNAL, ""),
    ("f before the weights", "signal", instead(PASSED_ON, ("Z = A @ W", "Z = f(A) @ W")),
     SIGNAL, ""),
    ("f on the weights", "signal", instead(PASSED_ON, ("Z = A @ W", "Z = A @ f(W)")),
     SIGNAL_HIDDEN, ""),
    ("activations of the layer below", "signal", instead(
        PASSED_ON, ("        A = f(Z)\n", ""),
        ("        a.append(np.sqrt(np.mean(A**2)))\n",
         "        a.append(np.sqrt(np.mean(A**2)))\n        A = f(Z)\n")), SIGNAL, ""),
    ("transposed", "signal", instead(PASSED_ON, ("A @ W", "A @ W.T")), SIGNAL_HIDDEN, ""),
    ("names exchanged", "signal", instead(PASSED_ON, ('{"z": z, "a": a}', '{"z": a, "a": z}')),
     SIGNAL, ""),
    ("one for each row", "signal", instead(PASSED_ON, ("np.mean(Z**2)", "np.mean(Z**2, axis=1)"),
                                           ("np.mean(A**2)", "np.mean(A**2, axis=1)")),
     SIGNAL, ""),
]  # fmt: skip

# -- silent --------------------------------------------------------------------------------

MASKS = """\
def saturated(A):
    flat = (A < 0.01) | (A > 0.99)
    return flat.mean()

def dead(Z):
    silent = np.all(Z <= 0, axis=0)
    return silent.mean()
"""
COUNTED = """\
def saturated(A):
    count = 0
    for row in A:
        for a in row:
            if a < 0.01 or a > 0.99:
                count += 1
    return count / A.size

def dead(Z):
    count = 0
    for column in Z.T:
        if max(column) <= 0:
            count += 1
    return count / Z.shape[1]
"""
NEGATED = """\
def saturated(A):
    return 1 - np.mean((A >= 0.01) & (A <= 0.99))

def dead(Z):
    return 1 - np.mean(np.any(Z > 0, axis=0))
"""
BY_RELU = """\
def saturated(A):
    return np.count_nonzero(np.minimum(A, 1 - A) < 0.01) / A.size

def dead(Z):
    A = np.maximum(Z, 0)
    return np.sum(A.sum(axis=0) == 0) / A.shape[1]
"""
SORTED = """\
def saturated(A):
    low, high = np.sum(A < 0.01), np.sum(A > 0.99)
    return (low + high) / (A.shape[0] * A.shape[1])

def dead(Z):
    return float(np.mean(np.sort(Z, axis=0)[-1] <= 0.0))
"""
SATURATED, DEAD = ("silent-saturated",), ("silent-dead",)
SATURATED_SEEN, DEAD_SEEN = ("silent-shown", *SATURATED), ("silent-shown", *DEAD)
SILENT = [
    ("near 1 only", "silent", instead(MASKS, ("(A < 0.01) | (A > 0.99)", "A > 0.99")),
     SATURATED_SEEN, "one-end-only"),
    ("near 0 only", "silent", instead(MASKS, ("(A < 0.01) | (A > 0.99)", "A < 0.01")),
     SATURATED_SEEN, ""),
    ("a number of entries", "silent", instead(MASKS, ("flat.mean()", "flat.sum()")),
     SATURATED_SEEN, "count-for-share"),
    ("both at once", "silent",
     instead(MASKS, ("(A < 0.01) | (A > 0.99)", "(A < 0.01) & (A > 0.99)")),
     SATURATED_SEEN, ""),
    ("the others", "silent", instead(MASKS, ("flat.mean()", "1 - flat.mean()")),
     SATURATED, "awake-for-silent"),
    ("a tenth", "silent", instead(MASKS, ("(A < 0.01) | (A > 0.99)", "(A < 0.1) | (A > 0.9)")),
     SATURATED, ""),
    ("a list of shares", "silent", instead(MASKS, ("flat.mean()", "flat.mean(axis=0)")),
     SATURATED_SEEN, ""),
    ("percent", "silent", instead(MASKS, ("flat.mean()", "100 * flat.mean()")), SATURATED_SEEN, ""),
    ("silent on some row", "silent", instead(MASKS, ("np.all(", "np.any(")),
     DEAD_SEEN, "silent-on-some-row"),
    ("silent entries", "silent", instead(MASKS, ("np.all(Z <= 0, axis=0)", "Z <= 0")),
     DEAD_SEEN, "entries-for-units"),
    ("silent rows", "silent", instead(MASKS, ("axis=0", "axis=1")), DEAD_SEEN, "axis-swapped"),
    ("below zero", "silent", instead(MASKS, ("Z <= 0", "Z < 0")), DEAD, "zero-taken-for-awake"),
    ("a number of units", "silent", instead(MASKS, ("silent.mean()", "silent.sum()")),
     DEAD_SEEN, "count-for-share"),
    ("units awake", "silent", instead(MASKS, ("silent.mean()", "1 - silent.mean()")),
     DEAD, "awake-for-silent"),
    ("silent on average", "silent",
     instead(MASKS, ("np.all(Z <= 0, axis=0)", "Z.mean(axis=0) <= 0")), DEAD_SEEN, ""),
    ("all of the layer", "silent", instead(MASKS, ("np.all(Z <= 0, axis=0)", "np.all(Z <= 0)")),
     DEAD_SEEN, ""),
    ("zeros of z", "silent", instead(MASKS, ("Z <= 0", "Z == 0")), DEAD_SEEN, ""),
]  # fmt: skip

# -- batch-norm ----------------------------------------------------------------------------

LAYER = """\
class BatchNorm:
    def __init__(self, n, share=0.1, eps=1e-5):
        self.share, self.eps = share, eps
        self.gamma, self.beta = np.ones(n), np.zeros(n)
        self.mean, self.var = np.zeros(n), np.ones(n)

    def train(self, X):
        mu = np.mean(X, axis=0)
        sigma2 = np.mean((X - mu) ** 2, axis=0)
        self.mean += self.share * (mu - self.mean)
        self.var += self.share * (sigma2 - self.var)
        X_hat = (X - mu) / np.sqrt(sigma2 + self.eps)
        return self.gamma * X_hat + self.beta

    def predict(self, X):
        X_hat = (X - self.mean) / np.sqrt(self.var + self.eps)
        return self.gamma * X_hat + self.beta
"""
ONE_PLACE = """\
class BatchNorm:
    def __init__(self, n, share=0.1, eps=1e-5):
        self.share, self.eps = share, eps
        self.gamma, self.beta = np.ones(n), np.zeros(n)
        self.mean, self.var = np.zeros(n), np.ones(n)

    def normalised(self, X, mean, var):
        return self.beta + self.gamma / np.sqrt(self.eps + var) * (X - mean)

    def train(self, X):
        m = len(X)
        mean = X.sum(axis=0) / m
        var = (X**2).sum(axis=0) / m - mean**2
        keep = 1 - self.share
        self.mean = keep * self.mean + self.share * mean
        self.var = keep * self.var + self.share * var
        return self.normalised(X, mean, var)

    def predict(self, X):
        return self.normalised(X, self.mean, self.var)
"""
BY_COLUMNS = """\
class BatchNorm:
    def __init__(self, n, share=0.1, eps=1e-5):
        self.n, self.share, self.eps = n, share, eps
        self.gamma, self.beta = np.ones(n), np.zeros(n)
        self.mean, self.var = np.zeros(n), np.ones(n)

    def train(self, X):
        output = np.empty(X.shape)
        for k in range(self.n):
            x = X[:, k]
            mu, var = x.mean(), x.var()
            output[:, k] = self.gamma[k] * (x - mu) / (var + self.eps) ** 0.5 + self.beta[k]
            self.mean[k] = (1 - self.share) * self.mean[k] + self.share * mu
            self.var[k] = (1 - self.share) * self.var[k] + self.share * var
        return output

    def predict(self, X):
        output = np.empty(X.shape)
        for k in range(self.n):
            output[:, k] = (X[:, k] - self.mean[k]) / (self.var[k] + self.eps) ** 0.5
        return self.gamma * output + self.beta
"""
WITH_EINSUM = instead(LAYER, (
    "        sigma2 = np.mean((X - mu) ** 2, axis=0)\n",
    "        D = X - mu\n        sigma2 = np.einsum('ik,ik->k', D, D) / len(X)\n"),
    ("self.gamma * X_hat", "X_hat @ np.diag(self.gamma)"))  # fmt: skip
KEEPDIMS = """\
class BatchNorm:
    def __init__(self, n, share=0.1, eps=1e-5):
        self.share, self.eps = share, eps
        self.gamma, self.beta = np.ones(n), np.zeros(n)
        self.mean, self.var = np.zeros(n), np.ones(n)

    def train(self, X):
        mu, s2 = X.mean(axis=0, keepdims=True), np.var(X, axis=0, keepdims=True)
        before = self.mean, self.var
        self.mean, self.var = mu[0], s2[0]
        output = self.predict(X)
        self.mean = before[0] * (1 - self.share) + mu.ravel() * self.share
        self.var = before[1] * (1 - self.share) + s2.ravel() * self.share
        return output

    def predict(self, X):
        return np.divide(X - self.mean, np.sqrt(self.var + self.eps)) * self.gamma + self.beta
"""
BN_SHOWN, BN_TRAIN = "batch-norm-shown", "batch-norm-train"
BN_AVERAGES, BN_PREDICT = "batch-norm-averages", "batch-norm-predict"
SIGMA2 = "np.mean((X - mu) ** 2, axis=0)"
BATCH_NORM = [
    ("divided by m - 1", "batch-norm", instead(LAYER, (SIGMA2, "np.var(X, axis=0, ddof=1)")),
     (BN_SHOWN, BN_TRAIN, BN_AVERAGES), "unbiased-variance"),
    ("epsilon after the root", "batch-norm", instead(
        LAYER, ("np.sqrt(sigma2 + self.eps)", "(np.sqrt(sigma2) + self.eps)"),
        ("np.sqrt(self.var + self.eps)", "(np.sqrt(self.var) + self.eps)")),
     (BN_TRAIN, BN_PREDICT), "eps-outside-root"),
    ("the root forgotten", "batch-norm", instead(
        LAYER, ("np.sqrt(sigma2 + self.eps)", "(sigma2 + self.eps)"),
        ("np.sqrt(self.var + self.eps)", "(self.var + self.eps)")),
     (BN_SHOWN, BN_TRAIN, BN_PREDICT), "variance-for-deviation"),
    ("epsilon forgotten", "batch-norm", instead(LAYER, (" + self.eps", "")),
     (BN_TRAIN, BN_PREDICT), ""),
    ("no scale and no shift", "batch-norm",
     instead(LAYER, ("return self.gamma * X_hat + self.beta", "return X_hat")),
     (BN_TRAIN, BN_PREDICT), "scale-and-shift-forgotten"),
    ("the mean of all columns", "batch-norm", instead(
        LAYER, ("np.mean(X, axis=0)", "np.mean(X)"), (SIGMA2, "np.mean((X - mu) ** 2)")),
     (BN_SHOWN, BN_TRAIN, BN_AVERAGES), "one-scale-for-all"),
    ("each row standardised", "batch-norm", instead(
        LAYER, ("np.mean(X, axis=0)", "np.mean(X, axis=1, keepdims=True)"),
        (SIGMA2, "np.mean((X - mu) ** 2, axis=1, keepdims=True)"),
        ("self.share * (mu - self.mean)", "self.share * (mu.mean() - self.mean)"),
        ("self.share * (sigma2 - self.var)", "self.share * (sigma2.mean() - self.var)")),
     (BN_SHOWN, BN_TRAIN, BN_AVERAGES), ""),
    ("shares exchanged", "batch-norm", instead(
        LAYER, ("self.mean += self.share * (mu - self.mean)",
                "self.mean = self.share * self.mean + (1 - self.share) * mu"),
        ("self.var += self.share * (sigma2 - self.var)",
         "self.var = self.share * self.var + (1 - self.share) * sigma2")),
     (BN_SHOWN, BN_AVERAGES), "average-turned-round"),
    ("the last batch is kept", "batch-norm", instead(
        LAYER, ("self.mean += self.share * (mu - self.mean)", "self.mean = mu"),
        ("self.var += self.share * (sigma2 - self.var)", "self.var = sigma2")),
     (BN_SHOWN, BN_AVERAGES), "last-for-average"),
    ("averages do not move", "batch-norm", instead(
        LAYER, ("        self.mean += self.share * (mu - self.mean)\n", ""),
        ("        self.var += self.share * (sigma2 - self.var)\n", "")),
     (BN_SHOWN, BN_AVERAGES), ""),
    ("only the mean moves", "batch-norm",
     instead(LAYER, ("        self.var += self.share * (sigma2 - self.var)\n", "")),
     (BN_AVERAGES,), ""),
    ("deviations averaged", "batch-norm",
     instead(LAYER, ("self.share * (sigma2 - self.var)", "self.share * (sigma2**0.5 - self.var)")),
     (BN_AVERAGES,), ""),
    ("training uses the averages", "batch-norm", instead(
        LAYER, ("        X_hat = (X - mu) / np.sqrt(sigma2 + self.eps)\n",
                "        X_hat = (X - self.mean) / np.sqrt(self.var + self.eps)\n")),
     (BN_SHOWN, BN_TRAIN), ""),
    ("predicts with the batch", "batch-norm", instead(
        LAYER, ("(X - self.mean) / np.sqrt(self.var + self.eps)",
                "(X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + self.eps)")),
     (BN_PREDICT,), "batch-statistics-kept"),
    ("prediction is training", "batch-norm", instead(
        LAYER, ("""        X_hat = (X - self.mean) / np.sqrt(self.var + self.eps)
        return self.gamma * X_hat + self.beta
""", "        return self.train(X)\n")), (BN_PREDICT,), "batch-statistics-kept"),
    ("prediction moves the averages", "batch-norm", instead(
        LAYER, ("    def predict(self, X):\n",
                "    def predict(self, X):\n"
                "        self.mean = 0.9 * self.mean + 0.1 * X.mean(axis=0)\n")),
     (BN_PREDICT,), ""),
    ("the batch is changed", "batch-norm", instead(
        LAYER, ("        X_hat = (X - mu) / np.sqrt(sigma2 + self.eps)\n",
                "        X -= mu\n        X_hat = X / np.sqrt(sigma2 + self.eps)\n")),
     (BN_TRAIN, BN_AVERAGES), "changes-input"),
]  # fmt: skip

# -- adam ----------------------------------------------------------------------------------

STEP = """\
def adam_step(theta, g, m, v, t, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v
"""
MOVED_AVERAGES = """\
def adam_step(theta, g, m, v, t, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    new_m = m + (1 - beta1) * (g - m)
    new_v = v + (1 - beta2) * (np.square(g) - v)
    rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    step = rate * new_m / (np.sqrt(new_v) + eps * np.sqrt(1 - beta2**t))
    return [theta - step, new_m, new_v]
"""
COPIED = """\
def adam_step(theta, g, m, v, t, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v = theta.copy(), m.copy(), v.copy()
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g * g
    theta -= lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)) ** 0.5 + eps)
    return theta, m, v
"""
PARAMETER_BY_PARAMETER = """\
import math

def adam_step(theta, g, m, v, t, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    thetas, ms, vs = [], [], []
    for p, slope, mean, square in zip(theta, g, m, v):
        mean = beta1 * mean + (1 - beta1) * slope
        square = beta2 * square + (1 - beta2) * slope * slope
        size = math.sqrt(square / (1 - math.pow(beta2, t))) + eps
        thetas.append(p - lr * mean / (1 - math.pow(beta1, t)) / size)
        ms.append(mean)
        vs.append(square)
    return np.array(thetas), np.array(ms), np.array(vs)
"""
BOTH_AT_ONCE = """\
def adam_step(theta, g, m, v, t, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    beta = np.array([[beta1], [beta2]])
    state = beta * np.stack([m, v]) + (1 - beta) * np.stack([g, g * g])
    m_hat, v_hat = state / (1 - beta**t)
    return theta - np.einsum(",i,i->i", lr, m_hat, 1 / (eps + v_hat**0.5)), state[0], state[1]
"""
AVERAGES, MOVE, FIRST = "adam-averages", "adam-step", "adam-shown"
ADAM = [
    ("no correction", "adam", instead(
        STEP, ("m / (1 - beta1**t)", "m"), ("v / (1 - beta2**t)", "v")),
     (FIRST, MOVE), "bias-correction-missing"),
    ("only m corrected", "adam", instead(STEP, ("v / (1 - beta2**t)", "v")), (FIRST, MOVE), ""),
    ("corrected averages are returned", "adam",
     instead(STEP, ("return theta, m, v", "return theta, m_hat, v_hat")),
     (FIRST, AVERAGES), "corrected-state-kept"),
    ("g not squared", "adam", instead(STEP, ("g**2", "g")),
     (FIRST, AVERAGES, MOVE), "not-squared"),
    ("memory the wrong way round", "adam", instead(
        STEP, ("beta1 * m + (1 - beta1) * g", "(1 - beta1) * m + beta1 * g"),
        ("beta2 * v + (1 - beta2) * g**2", "(1 - beta2) * v + beta2 * g**2")),
     (FIRST, AVERAGES, MOVE), "memory-turned-round"),
    ("g enters in full", "adam", instead(STEP, ("(1 - beta1) * g", "g"), ("(1 - beta2) * g", "g")),
     (FIRST, AVERAGES, MOVE), "added-up"),
    ("epsilon in the root", "adam",
     instead(STEP, ("(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat + eps)")),
     (FIRST, MOVE), "eps-inside-root"),
    ("a mean square for a size", "adam", instead(STEP, ("(np.sqrt(v_hat) + eps)", "(v_hat + eps)")),
     (FIRST, MOVE), "root-forgotten"),
    ("up the hill", "adam", instead(STEP, ("theta - lr", "theta + lr")), (FIRST, MOVE), "uphill"),
    ("no rate", "adam", instead(STEP, ("lr * m_hat", "m_hat")), (FIRST, MOVE), "step-without-rate"),
    ("the gradient for its average", "adam", instead(STEP, ("lr * m_hat", "lr * g")), (MOVE,), ""),
    ("t for the power", "adam", instead(STEP, ("beta1**t", "beta1 * t"), ("beta2**t", "beta2 * t")),
     (MOVE,), ""),
    ("counted from 0", "adam", instead(STEP, ("    m_hat", "    t = t + 1\n    m_hat")),
     (FIRST, MOVE), ""),
    ("theta moved in place", "adam", instead(STEP, ("theta = theta - lr", "theta -= lr")),
     (MOVE,), "changes-input"),
    ("averages moved in place", "adam", instead(
        STEP, ("    m = beta1 * m + (1 - beta1) * g\n",
               "    m *= beta1\n    m += (1 - beta1) * g\n")),
     (AVERAGES, MOVE), "changes-input"),
    ("one beta for both", "adam",
     instead(STEP, ("beta2", "beta1"), ("beta1=0.999, eps", "beta2=0.999, eps")),
     (AVERAGES, MOVE), ""),
    ("epsilon forgotten in the step", "adam",
     instead(STEP, ("(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat)")),
     (MOVE,), ""),
]  # fmt: skip

# -- mended --------------------------------------------------------------------------------

LOOP = """\
def mended(theta, batches, lr, epochs, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = np.zeros(len(theta)), np.zeros(len(theta))
    t = 0
    for epoch in range(1, epochs + 1):
        for c in batches:
            t += 1
            g = theta - c
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g * g
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
            theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta
"""
NUMBERED = instead(
    LOOP,
    ("    t = 0\n", ""),
    ("for epoch in range(1, epochs + 1)", "for epoch in range(epochs)"),
    ("for c in batches", "for i, c in enumerate(batches, 1)"),
    ("            t += 1\n", "            t = epoch * len(batches) + i\n"),
)
ONE_LOOP = """\
def mended(theta, batches, lr, epochs, beta1=0.9, beta2=0.999, eps=1e-8):
    m = v = 0.0
    for t in range(1, epochs * len(batches) + 1):
        g = theta - batches[(t - 1) % len(batches)]
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g**2 - v)
        theta = theta - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta
"""
AN_OBJECT = """\
class Optimizer:
    def __init__(self, lr, beta1, beta2, eps):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = self.v = self.t = 0

    def step(self, theta, g):
        self.t += 1
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g * g
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        return theta - self.lr * m_hat / (np.sqrt(v_hat) + self.eps)

def mended(theta, batches, lr, epochs, beta1=0.9, beta2=0.999, eps=1e-8):
    optimizer = Optimizer(lr, beta1, beta2, eps)
    for _ in range(epochs):
        for c in batches:
            theta = optimizer.step(theta, theta - c)
    return theta
"""
POWERS = """\
def mended(theta, batches, lr, epochs, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v = theta.copy(), np.zeros_like(theta), np.zeros_like(theta)
    power1 = power2 = 1.0
    for c in np.concatenate([batches] * epochs):
        power1, power2 = power1 * beta1, power2 * beta2
        m[:] = beta1 * m + (1 - beta1) * (theta - c)
        v[:] = beta2 * v + (1 - beta2) * (theta - c) ** 2
        theta -= lr * m / (1 - power1) / (eps + np.sqrt(v / (1 - power2)))
    return theta
"""
RESET = "        m, v = np.zeros(len(theta)), np.zeros(len(theta))\n        for c"
REMEMBERS, COUNTS, THREE = "mended-memory", "mended-count", "mended-shown"
MENDED = [
    ("still forgets and still counts epochs", "mended", instead(
        LOOP, ("        for c", RESET), ("**t", "**epoch")), (THREE, REMEMBERS, COUNTS), ""),
    ("still forgets", "mended", instead(LOOP, ("        for c", RESET)),
     (THREE, REMEMBERS), "state-reset"),
    ("still counts epochs", "mended", instead(LOOP, ("**t", "**epoch")),
     (COUNTS,), "epochs-for-steps"),
    ("everything anew", "mended", instead(LOOP, ("        for c", "        t = 0\n" + RESET)),
     (REMEMBERS,), "optimizer-made-anew"),
    ("the counter anew", "mended", instead(LOOP, ("        for c", "        t = 0\n        for c")),
     (THREE, REMEMBERS), "steps-counted-anew"),
    ("anew for each batch", "mended", instead(
        LOOP, ("            t += 1\n", "            t += 1\n            m, v = 0 * m, 0 * v\n")),
     (THREE, REMEMBERS, COUNTS), "state-reset"),
    ("only m is kept", "mended", instead(
        LOOP, ("        for c", "        v = np.zeros(len(theta))\n        for c")),
     (THREE, REMEMBERS), ""),
    ("only v is kept", "mended", instead(
        LOOP, ("        for c", "        m = np.zeros(len(theta))\n        for c")),
     (THREE, REMEMBERS), ""),
    ("no correction at all", "mended",
     instead(LOOP, (" / (1 - beta1**t)", ""), (" / (1 - beta2**t)", "")),
     (THREE, REMEMBERS, COUNTS), ""),
    ("counted after the step", "mended", instead(
        LOOP, ("            t += 1\n", ""),
        ("/ (np.sqrt(v_hat) + eps)\n", "/ (np.sqrt(v_hat) + eps)\n            t += 1\n")),
     (THREE, REMEMBERS, COUNTS), ""),
    ("counted twice", "mended", instead(LOOP, ("        for c", "        t += 1\n        for c")),
     (THREE, REMEMBERS, COUNTS), ""),
    ("epochs added to batches", "mended", instead(
        NUMBERED, ("epoch * len(batches) + i", "epoch + i"), ("**t", "**min(t, len(batches))")),
     (THREE, REMEMBERS), "steps-counted-anew"),
    ("in place of the caller's array", "mended",
     instead(LOOP, ("theta = theta - lr", "theta -= lr")),
     (REMEMBERS, COUNTS), "changes-input"),
    ("one epoch", "mended", instead(LOOP, ("    return theta", "        return theta")),
     (THREE, REMEMBERS), ""),
    ("plain descent", "mended", """\
def mended(theta, batches, lr, epochs, beta1=0.9, beta2=0.999, eps=1e-8):
    for _ in range(epochs):
        for c in batches:
            theta = theta - lr * (theta - c)
    return theta
""", (THREE, REMEMBERS, COUNTS), ""),
]  # fmt: skip

MUTANTS = [*UNITS, *SIZES, *RULES, *SIGNALS, *SILENT, *BATCH_NORM, *ADAM, *MENDED]
RIGHT = {
    "units": [COPIES, PERMUTATION, BY_HAND, LISTS, TAKE],
    "size-of-sum": [SUMMED, DOTTED, MEAN_SQUARE, MEAN_AND_VARIANCE, AS_A_COVARIANCE, BY_NORM],
    "rules": [BY_CASES, UNIFORM, MATCHED, TRANSPOSED_DRAW, SIGNS],
    "signal": [PASSED_ON, WITH_NORMS, RECURSIVE, KEPT, ENTRY_BY_ENTRY],
    "silent": [MASKS, COUNTED, NEGATED, BY_RELU, SORTED],
    "batch-norm": [LAYER, ONE_PLACE, BY_COLUMNS, WITH_EINSUM, KEEPDIMS],
    "adam": [STEP, MOVED_AVERAGES, COPIED, PARAMETER_BY_PARAMETER, BOTH_AT_ONCE],
    "mended": [LOOP, NUMBERED, ONE_LOOP, AN_OBJECT, POWERS],
}
