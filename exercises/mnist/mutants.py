"""Wrong and right answers to the set on training on digits, for the tests of the grader.

Each wrong answer is written as students write it, not with the wrong functions of the tests.
A mutant is (name, answer cell, code, parts it loses, misconception that must be named or "").
"""

# -- pictures ------------------------------------------------------------------------------

FILE = ("pictures-shown", "pictures-test")
SIZES = """\
def read_pictures(raw):
    m, h, w = (int.from_bytes(bytes(raw[i : i + 4].tolist()), "big") for i in (4, 8, 12))
"""

pictures = [
    ("bytes stay bytes", SIZES + """
    return raw[16:].reshape(m, h * w)
""", FILE, "not-scaled"),
    ("256 grey values", SIZES + """
    return raw[16:].reshape(m, h * w) / 256
""", FILE, "divided-by-256"),
    ("header of labels", SIZES + """
    pixels = raw[8 : 8 + m * h * w]
    return pixels.reshape(m, h * w) / 255.0
""", FILE, "header-in-pixels"),
    ("no header at all", SIZES + """
    return np.reshape(raw[: m * h * w], (m, h * w)) / 255
""", FILE, "whole-header-in-pixels"),
    ("one picture a column", SIZES + """
    return (raw[16:] / 255).reshape(m, h * w).T
""", FILE, "pictures-in-columns"),
    ("reshaped the other way round", SIZES + """
    return (raw[16:] / 255).reshape(h * w, m).T
""", FILE, "pixels-mixed"),
    ("paper is one", SIZES + """
    X = raw[16:].reshape(m, -1)
    return 1 - X / 255
""", FILE, "ink-and-paper-swapped"),
    ("whole division", SIZES + """
    return raw[16:].reshape(m, h * w) // 255
""", FILE, "truncated"),
    ("smallest part first", """\
def read_pictures(raw):
    m, h, w = np.frombuffer(raw[4:16].tobytes(), dtype="<u4")
    return raw[16:].reshape(m, h * w) / 255
""", FILE, ""),
    ("last byte of each number", """\
def read_pictures(raw):
    m, h, w = raw[7], raw[11], raw[15]
    n = int(h) * int(w)
    return raw[16 : 16 + int(m) * n].reshape(int(m), n) / 255
""", FILE[1:], ""),
    ("square pictures", SIZES + """
    return raw[16:].reshape(m, h * h) / 255
""", FILE, ""),
    ("as pictures, not as rows", SIZES + """
    return raw[16:].reshape(m, h, w) / 255
""", FILE, ""),
]  # fmt: skip

# -- ink rule ------------------------------------------------------------------------------

INK_SHOWN, INK_TEST = "ink-rule-shown", "ink-rule-test"
INK = (INK_SHOWN, INK_TEST)

ink_rule = [
    ("all the ink of a digit", """\
def ink_rule(X, y, X_new):
    d = np.zeros(10)
    for x, k in zip(X, y):
        d[k] += x.mean()
    return np.array([np.argmin(np.abs(x.mean() - d)) for x in X_new])
""", (INK_TEST,), "sums-for-averages"),
    ("largest gap", """\
def ink_rule(X, y, X_new):
    d = np.array([X[y == k].mean() for k in range(10)])
    return np.array([np.argmax(abs(x.mean() - d)) for x in X_new])
""", INK, "farthest-for-nearest"),
    ("no size of the gap", """\
def ink_rule(X, y, X_new):
    d = np.array([X[y == k].mean() for k in range(10)])
    return np.argmin(X_new.mean(axis=1)[:, None] - d[None, :], axis=1)
""", INK, "size-of-gap-forgotten"),
    ("mean pictures", """\
def ink_rule(X, y, X_new):
    centres = np.stack([X[y == k].mean(axis=0) for k in range(10)])
    answers = []
    for x in X_new:
        answers.append(np.argmin(np.linalg.norm(centres - x, axis=1)))
    return np.array(answers)
""", (INK_TEST,), "pictures-for-ink"),
    ("always the most frequent", """\
def ink_rule(X, y, X_new):
    values, counts = np.unique(y, return_counts=True)
    return np.repeat(values[counts.argmax()], len(X_new))
""", INK, "most-frequent-answered"),
    ("digits from one", """\
def ink_rule(X, y, X_new):
    d = [X[y == k].mean(axis=1).mean() for k in range(10)]
    return np.array([1 + int(np.argmin([abs(x.mean() - d_k) for d_k in d])) for x in X_new])
""", INK, "counted-from-one"),
    ("median ink", """\
def ink_rule(X, y, X_new):
    ink = X.mean(axis=1)
    d = np.array([np.median(ink[y == k]) for k in range(10)])
    return np.abs(X_new.mean(axis=1)[:, None] - d).argmin(axis=1)
""", (INK_TEST,), "median-for-mean"),
    ("nearest neighbour", """\
def ink_rule(X, y, X_new):
    ink = X.sum(axis=1)
    return np.array([y[np.argmin(np.abs(ink - x.sum()))] for x in X_new])
""", (INK_TEST,), "single-picture-for-average"),
    ("ink of the new pictures added up", """\
def ink_rule(X, y, X_new):
    d = np.array([X[y == k].mean() for k in range(10)])
    return np.abs(X_new.sum(axis=1)[:, None] - d).argmin(axis=1)
""", INK, ""),
    ("one answer for all", """\
def ink_rule(X, y, X_new):
    d = np.array([X[y == k].mean() for k in range(10)])
    return np.abs(X_new.mean() - d).argmin()
""", INK, ""),
]  # fmt: skip

# -- batches -------------------------------------------------------------------------------

TARGETS = """\
def one_hot(y, n_classes):
    T = np.zeros((len(y), n_classes))
    T[np.arange(len(y)), y] = 1
    return T
"""
BATCHES = """
def batches(m, size, rng):
    rows = rng.permutation(m)
    return np.split(rows, range(size, m, size))
"""
BATCHES_SHOWN, HOT, ROLL = "batches-shown", "one-hot-test", "batches-test"

batches = [
    ("labels from one", """\
def one_hot(y, n_classes):
    T = np.zeros((len(y), n_classes))
    T[np.arange(len(y)), y - 1] = 1
    return T
""" + BATCHES, (BATCHES_SHOWN, HOT), "one-column-early"),
    ("as many columns as labels seen", """\
def one_hot(y, n_classes):
    T = np.zeros((y.size, y.max() + 1))
    T[np.arange(y.size), y] = 1
    return T
""" + BATCHES, (HOT,), "classes-from-data"),
    ("a column for each example", """\
def one_hot(y, n_classes):
    T = np.zeros((n_classes, len(y)))
    for i, k in enumerate(y):
        T[k, i] = 1
    return T
""" + BATCHES, (BATCHES_SHOWN, HOT), "axis-swapped"),
    ("the label in its column", """\
def one_hot(y, n_classes):
    T = np.zeros((len(y), n_classes))
    T[np.arange(len(y)), y] = y
    return T
""" + BATCHES, (BATCHES_SHOWN, HOT), "label-for-one"),
    ("drawn with replacement", TARGETS + """
def batches(m, size, rng):
    rows = rng.integers(0, m, size=m)
    return [rows[i : i + size] for i in range(0, m, size)]
""", (ROLL,), "drawn-with-replacement"),
    ("a fresh draw for each batch", TARGETS + """
def batches(m, size, rng):
    parts = []
    while m > sum(len(part) for part in parts):
        left = m - sum(len(part) for part in parts)
        parts.append(rng.choice(m, min(size, left), replace=False))
    return parts
""", (ROLL,), "drawn-with-replacement"),
    ("last batch left out", TARGETS + """
def batches(m, size, rng):
    order = rng.permutation(m)
    return [order[k * size : (k + 1) * size] for k in range(m // size)]
""", (BATCHES_SHOWN, ROLL), "rows-left-over"),
    ("last batch filled up", TARGETS + """
def batches(m, size, rng):
    order = rng.permutation(m)
    order = np.append(order, order[: -m % size])
    return list(order.reshape(-1, size))
""", (BATCHES_SHOWN, ROLL), "last-batch-filled"),
    ("no shuffle", TARGETS + """
def batches(m, size, rng):
    return [np.arange(i, min(i + size, m)) for i in range(0, m, size)]
""", (ROLL,), "not-shuffled"),
    ("own generator", TARGETS + """
def batches(m, size, rng):
    order = np.random.default_rng(0).permutation(m)
    return [order[i : i + size] for i in range(0, m, size)]
""", (ROLL,), "same-order-again"),
    ("batches shuffled whole", TARGETS + """
def batches(m, size, rng):
    whole = [np.arange(i, i + size) for i in range(0, m - m % size, size)]
    last = [np.arange(m - m % size, m)] if m % size else []
    return [whole[k] for k in rng.permutation(len(whole))] + last
""", (ROLL,), "batches-shuffled-only"),
    ("rows from one", TARGETS + """
def batches(m, size, rng):
    order = 1 + rng.permutation(m)
    return [order[i : i + size] for i in range(0, m, size)]
""", (ROLL,), "counted-from-one"),
    ("as many batches as rows in one", TARGETS + """
def batches(m, size, rng):
    return np.array_split(rng.permutation(m), size)
""", (BATCHES_SHOWN, ROLL), ""),
    ("equal parts", TARGETS + """
def batches(m, size, rng):
    return np.array_split(rng.permutation(m), -(-m // size))
""", (BATCHES_SHOWN, ROLL), ""),
]  # fmt: skip

# -- softmax -------------------------------------------------------------------------------

SOFTMAX = """\
def softmax(Z):
    E = np.exp(Z - np.max(Z, axis=1)[:, np.newaxis])
    return E / np.sum(E, axis=1)[:, np.newaxis]
"""
ENTROPY = """
def cross_entropy(Z, y):
    total = 0.0
    for z, k in zip(Z, y):
        top = z.max()
        total += top + np.log(np.exp(z - top).sum()) - z[k]
    return total / len(y)
"""
SOFT_SHOWN, SOFT, CROSS = "softmax-shown", "softmax-test", "cross-entropy-test"

softmax = [
    ("exponentials as they are", """\
def softmax(Z):
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)
""" + ENTROPY, (SOFT,), "overflow"),
    ("columns add up", """\
def softmax(Z):
    E = np.exp(Z - Z.max(axis=0))
    return E / E.sum(axis=0)
""" + ENTROPY, (SOFT_SHOWN, SOFT), "softmax-axis"),
    ("one maximum", """\
def softmax(Z):
    E = np.exp(Z - np.max(Z))
    return E / E.sum(axis=1, keepdims=True)
""" + ENTROPY, (SOFT,), "max-of-all-rows"),
    ("sigmoids", """\
def softmax(Z):
    E = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1 / (1 + E), E / (1 + E))
""" + ENTROPY, (SOFT_SHOWN, SOFT), "sigmoid-for-softmax"),
    ("not divided", """\
def softmax(Z):
    return np.exp(Z - Z.max(axis=1, keepdims=True))
""" + ENTROPY, (SOFT_SHOWN, SOFT), "not-normalised"),
    ("sum over everything", """\
def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / np.sum(E)
""" + ENTROPY, (SOFT_SHOWN, SOFT), "normalised-over-all"),
    ("cut off at 500", """\
def softmax(Z):
    E = np.exp(np.clip(Z, -500, 500))
    return E / E.sum(axis=1, keepdims=True)
""" + ENTROPY, (SOFT,), ""),
    ("nan to num", """\
def softmax(Z):
    E = np.exp(Z)
    return np.nan_to_num(E / E.sum(axis=1, keepdims=True))
""" + ENTROPY, (SOFT,), ""),
    ("through naive probabilities", SOFTMAX + """
def cross_entropy(Z, y):
    E = np.exp(Z)
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(y)), y]))
""", (CROSS,), "overflow"),
    ("logarithm of a softmax", SOFTMAX + """
def cross_entropy(Z, y):
    P = softmax(Z)
    return np.mean([-np.log(P[i, k]) for i, k in enumerate(y)])
""", (CROSS,), "logarithm-of-zero"),
    ("a small constant", SOFTMAX + """
def cross_entropy(Z, y):
    P = softmax(Z)[np.arange(len(Z)), y]
    return -np.log(P + 1e-9).mean()
""", (CROSS,), "probability-floor"),
    ("clipped probabilities", SOFTMAX + """
def cross_entropy(Z, y):
    P = np.maximum(softmax(Z), 1e-12)
    return -np.mean(np.log(P[np.arange(len(y)), y]))
""", (CROSS,), "probability-clipped"),
    ("maximum not given back", SOFTMAX + """
def cross_entropy(Z, y):
    m = Z.max(axis=1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(Z - m), axis=1))
    return np.mean(log_sum - Z[range(len(y)), y])
""", (SOFT_SHOWN, CROSS), "max-not-given-back"),
    ("sum over rows", SOFTMAX + ENTROPY.replace(" / len(y)", ""), (SOFT_SHOWN, CROSS),
     "sum-for-mean"),
    ("mean over all entries", SOFTMAX + """
def cross_entropy(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(np.eye(Z.shape[1])[y] * log_P)
""", (SOFT_SHOWN, CROSS), "mean-over-entries"),
    ("sign", SOFTMAX + """
def cross_entropy(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return log_P[np.arange(len(y)), y].mean()
""", (SOFT_SHOWN, CROSS), "wrong-sign"),
]  # fmt: skip

# -- scores --------------------------------------------------------------------------------

ACCURACY = """\
def accuracy(A, y):
    return sum(int(np.argmax(a) == k) for a, k in zip(A, y)) / len(y)
"""
CONFUSION = """
def confusion(y, said, n_classes):
    N = np.zeros((n_classes, n_classes), dtype=int)
    for i, j in zip(y, said):
        N[i, j] += 1
    return N
"""
SCORES_SHOWN, ACC, CONF = "scores-shown", "accuracy-test", "confusion-test"

scores = [
    ("entry by entry", """\
def accuracy(A, y):
    targets = np.zeros(A.shape)
    targets[np.arange(len(y)), y] = 1
    return np.mean(np.round(A) == targets)
""" + CONFUSION, (SCORES_SHOWN, ACC), "entries-for-rows"),
    ("entry by entry, from a half", """\
def accuracy(A, y):
    return np.mean((A >= 0.5) == np.eye(A.shape[1])[y])
""" + CONFUSION, (SCORES_SHOWN, ACC), "entries-for-rows"),
    ("whole rows after rounding", """\
def accuracy(A, y):
    targets = np.eye(A.shape[1])[y]
    return np.mean(np.all((A >= 0.5) == targets, axis=1))
""" + CONFUSION, (SCORES_SHOWN, ACC), "all-entries-must-agree"),
    ("share of mistakes", """\
def accuracy(A, y):
    return np.mean(A.argmax(axis=1) != y)
""" + CONFUSION, (SCORES_SHOWN, ACC), "mistakes-for-right"),
    ("number of right rows", """\
def accuracy(A, y):
    return np.sum(A.argmax(axis=1) == y)
""" + CONFUSION, (SCORES_SHOWN, ACC), "sum-for-mean"),
    ("per cent", """\
def accuracy(A, y):
    return 100 * np.mean(A.argmax(axis=1) == y)
""" + CONFUSION, (SCORES_SHOWN, ACC), "percent-for-share"),
    ("right output above a half", """\
def accuracy(A, y):
    return np.mean(A[np.arange(len(y)), y] > 0.5)
""" + CONFUSION, (ACC,), ""),
    ("answers in the rows", ACCURACY + """
def confusion(y, said, n_classes):
    N = np.zeros((n_classes, n_classes))
    for label, answer in zip(y, said):
        N[answer, label] += 1
    return N
""", (SCORES_SHOWN, CONF), "confusion-turned"),
    ("fancy index counts once", ACCURACY + """
def confusion(y, said, n_classes):
    N = np.zeros((n_classes, n_classes))
    N[y, said] += 1
    return N
""", (CONF,), "counted-once"),
    ("size from the data", ACCURACY + """
def confusion(y, said, n_classes):
    k = max(y.max(), said.max()) + 1
    return np.bincount(k * y + said, minlength=k * k).reshape(k, k)
""", (CONF,), "classes-from-data"),
    ("mistakes only", ACCURACY + """
def confusion(y, said, n_classes):
    N = np.zeros((n_classes, n_classes))
    for i, j in zip(y, said):
        if i != j:
            N[i, j] += 1
    return N
""", (SCORES_SHOWN, CONF), "mistakes-only"),
    ("shares of the row", ACCURACY + """
def confusion(y, said, n_classes):
    N = np.array([[np.sum((y == i) & (said == j)) for j in range(n_classes)]
                  for i in range(n_classes)])
    return N / N.sum(axis=1)[:, np.newaxis]
""", (SCORES_SHOWN, CONF), "shares-for-counts"),
    ("shares of all", ACCURACY + """
def confusion(y, said, n_classes):
    return np.array([[np.mean((y == i) & (said == j)) for j in range(n_classes)]
                     for i in range(n_classes)])
""", (SCORES_SHOWN, CONF), "shares-of-all"),
]  # fmt: skip

# -- choose --------------------------------------------------------------------------------

CHOOSE_SHOWN, CHOOSE_TEST = "choose-shown", "choose-test"

choose = [
    ("best on the test set", """\
def choose(validation, test):
    scores = np.median(test, axis=1)
    return scores.argmax(), scores.max()
""", (CHOOSE_TEST,), "best-by-test"),
    ("best seed", """\
def choose(validation, test):
    recipe = np.argmax(validation.max(axis=1))
    return recipe, np.median(test[recipe])
""", (CHOOSE_TEST,), "best-of-seeds"),
    ("validation reported", """\
def choose(validation, test):
    scores = np.median(validation, axis=1)
    return np.argmax(scores), np.max(scores)
""", (CHOOSE_SHOWN, CHOOSE_TEST), "validation-reported"),
    ("means", """\
def choose(validation, test):
    recipe = validation.mean(axis=1).argmax()
    return recipe, test[recipe].mean()
""", (CHOOSE_SHOWN, CHOOSE_TEST), "mean-for-median"),
    ("best seed reported", """\
def choose(validation, test):
    recipe = np.median(validation, axis=1).argmax()
    return recipe, test[recipe].max()
""", (CHOOSE_SHOWN, CHOOSE_TEST), "luckiest-seed-reported"),
    ("lowest", """\
def choose(validation, test):
    recipe = np.argsort(np.median(validation, axis=1))[0]
    return recipe, np.median(test[recipe])
""", (CHOOSE_SHOWN, CHOOSE_TEST), "worst-chosen"),
    ("recipes from one", """\
def choose(validation, test):
    middle = [np.median(row) for row in validation]
    recipe = middle.index(max(middle))
    return recipe + 1, np.median(test[recipe])
""", (CHOOSE_SHOWN, CHOOSE_TEST), "counted-from-one"),
    ("best median of the test", """\
def choose(validation, test):
    return np.median(validation, axis=1).argmax(), np.median(test, axis=1).max()
""", (CHOOSE_TEST,), "best-test-median-reported"),
    ("median over recipes", """\
def choose(validation, test):
    recipe = np.median(validation, axis=0).argmax()
    return recipe, np.median(test[:, recipe])
""", (CHOOSE_SHOWN, CHOOSE_TEST), ""),
    ("both tables together", """\
def choose(validation, test):
    both = np.median(np.hstack([validation, test]), axis=1)
    recipe = both.argmax()
    return recipe, np.median(test[recipe])
""", (CHOOSE_TEST,), ""),
]  # fmt: skip

# -- calibration ---------------------------------------------------------------------------

ECE_SHOWN, ECE_TEST = "calibration-shown", "calibration-test"
ECE = (ECE_SHOWN, ECE_TEST)

calibration = [
    ("groups count alike", """\
def ece(P, y):
    s, r = P.max(axis=1), P.argmax(axis=1) == y
    g = np.minimum((10 * s).astype(int), 9)
    gaps = [abs(s[g == k].mean() - r[g == k].mean()) for k in range(10) if np.any(g == k)]
    return np.mean(gaps)
""", (ECE_TEST,), "gaps-not-weighted"),
    ("gaps cancel", """\
def ece(P, y):
    s, r = P.max(axis=1), P.argmax(axis=1) == y
    return abs(s.mean() - r.mean())
""", (ECE_TEST,), "gaps-cancel"),
    ("sign kept", """\
def ece(P, y):
    s, r = P.max(axis=1), P.argmax(axis=1) == y
    total = 0
    for k in range(10):
        inside = np.minimum(10 * s // 1, 9) == k
        total += np.sum(s[inside] - r[inside])
    return total / len(y)
""", (ECE_TEST,), "gap-with-sign"),
    ("row by row", """\
def ece(P, y):
    s, r = P.max(axis=1), P.argmax(axis=1) == y
    return np.abs(s - r).mean()
""", ECE, "row-by-row"),
    ("probability of the label", """\
def ece(P, y):
    s, r = P[np.arange(len(y)), y], P.argmax(axis=1) == y
    g = np.minimum((10 * s).astype(int), 9)
    return sum(abs(np.sum(s[g == k] - r[g == k])) for k in range(10)) / len(y)
""", ECE, "probability-of-label"),
    ("one gets a group", """\
def ece(P, y):
    s, r = P.max(axis=1), P.argmax(axis=1) == y
    g = np.floor(10 * s).astype(int)
    return sum(abs(np.sum((s - r)[g == k])) for k in range(11)) / len(y)
""", (ECE_TEST,), "surest-apart"),
    ("one gets lost", """\
def ece(P, y):
    s, r = P.max(axis=1), P.argmax(axis=1) == y
    total = 0.0
    for k in range(10):
        rows = (s >= k / 10) & (s < (k + 1) / 10)
        total += abs(np.sum(s[rows] - r[rows]))
    return total / len(y)
""", (ECE_TEST,), "surest-lost"),
    ("not divided by the rows", """\
def ece(P, y):
    s, r = P.max(axis=1), P.argmax(axis=1) == y
    g = np.minimum((10 * s).astype(int), 9)
    return np.abs(np.bincount(g, weights=s - r)).sum()
""", ECE, "sum-for-mean"),
    ("right taken for a column", """\
def ece(P, y):
    s, r = P.max(axis=1), P[:, 0] == y
    g = np.minimum((10 * s).astype(int), 9)
    return np.abs(np.bincount(g, weights=s - r)).sum() / len(y)
""", ECE, ""),
    ("five groups", """\
def ece(P, y):
    s, r = P.max(axis=1), P.argmax(axis=1) == y
    g = np.minimum((5 * s).astype(int), 4)
    return np.abs(np.bincount(g, weights=s - r)).sum() / len(y)
""", (ECE_TEST,), ""),
    ("all classes at once", """\
def ece(P, y):
    s, r = P.ravel(), np.eye(P.shape[1])[y].ravel()
    g = np.minimum((10 * s).astype(int), 9)
    return np.abs(np.bincount(g, weights=s - r)).sum() / len(s)
""", (ECE_TEST,), ""),
]  # fmt: skip

# -- training ------------------------------------------------------------------------------

FIT = """\
def fit(params, X, Y, lr, epochs, size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X), size):
            rows = order[i : i + size]
            grads = gradients(params, X[rows], Y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params
"""
DIGITS = """
def train_digits(X, y, seed):
    rng = np.random.default_rng(seed)
    sizes = [64, 40, 10]
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:]):
        params += [rng.normal(scale=n_in ** -0.5, size=(n_in, n_out)), np.zeros(n_out)]
    return fit(params, X, np.eye(10)[y], 2.0, 25, 10, rng)
"""
FIT_SHOWN, FIT_TEST, READS = "training-shown", "training-fit-test", "training-digits-test"

training = [
    ("uphill", FIT.replace("p - lr", "p + lr") + DIGITS, (FIT_SHOWN, FIT_TEST, READS),
     "step-uphill"),
    ("rate not used", FIT.replace("lr * g", "g") + DIGITS, (FIT_TEST,), "rate-forgotten"),
    ("rate over the size of a batch", FIT.replace("lr * g", "lr / size * g")
     + DIGITS.replace("2.0", "20.0"), (FIT_TEST,), "rate-shared-out"),
    ("order outside of the loop", """\
def fit(params, X, Y, lr, epochs, size, rng):
    order = rng.permutation(len(X))
    for _ in range(epochs):
        for i in range(0, len(X), size):
            rows = order[i : i + size]
            grads = gradients(params, X[rows], Y[rows])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params
""" + DIGITS, (FIT_TEST,), "shuffled-once"),
    ("rows in their order", FIT.replace("rng.permutation(len(X))", "np.arange(len(X))")
     + DIGITS, (FIT_TEST,), "not-shuffled"),
    ("X and Y shuffled one after the other", """\
def fit(params, X, Y, lr, epochs, size, rng):
    for _ in range(epochs):
        X_now = X[rng.permutation(len(X))]
        Y_now = Y[rng.permutation(len(Y))]
        for i in range(0, len(X), size):
            grads = gradients(params, X_now[i : i + size], Y_now[i : i + size])
            params = [p - lr * g for p, g in zip(params, grads)]
    return params
""" + DIGITS, (FIT_TEST, READS), "shuffled-apart"),
    ("Y not shuffled", FIT.replace("Y[rows]", "Y[i : i + size]") + DIGITS,
     (FIT_TEST, READS), "labels-left-behind"),
    ("rows left over", FIT.replace("range(0, len(X), size)", "range(0, len(X) - size + 1, size)")
     + DIGITS, (FIT_TEST,), "rows-left-over"),
    ("bootstrap", FIT.replace("rng.permutation(len(X))", "rng.integers(0, len(X), len(X))")
     + DIGITS, (FIT_TEST,), "drawn-with-replacement"),
    ("the whole set in each step", """\
def fit(params, X, Y, lr, epochs, size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(X))
        grads = gradients(params, X[order], Y[order])
        params = [p - lr * g for p, g in zip(params, grads)]
    return params
""" + DIGITS, (FIT_TEST, READS), "one-step-per-epoch"),
    ("one parameter after another", """\
def fit(params, X, Y, lr, epochs, size, rng):
    params = [p.copy() for p in params]
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X), size):
            rows = order[i : i + size]
            for k in range(4):
                params[k] = params[k] - lr * gradients(params, X[rows], Y[rows])[k]
    return params
""" + DIGITS, (FIT_SHOWN, FIT_TEST), "updated-weight-used"),
    ("fit in place", """\
def fit(params, X, Y, lr, epochs, size, rng):
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X), size):
            rows = order[i : i + size]
            for p, g in zip(params, gradients(params, X[rows], Y[rows])):
                p -= lr * g
    return params
""" + DIGITS, (FIT_TEST,), "changes-input"),
    ("rate too small", FIT + DIGITS.replace("2.0", "0.02"), (READS,), ""),
    ("rate too large", FIT + DIGITS.replace("2.0", "100.0"), (READS,), ""),
    ("large first weights", FIT + DIGITS.replace("n_in ** -0.5", "4.0"), (READS,), ""),
    ("all weights zero", FIT + DIGITS.replace("n_in ** -0.5", "0.0"), (READS,), ""),
    ("one epoch", FIT + DIGITS.replace("25, 10, rng", "1, 10, rng"), (READS,), ""),
    ("three hidden units", FIT + DIGITS.replace("64, 40, 10", "64, 3, 10"), (READS,), ""),
    ("too many hidden units", FIT + DIGITS.replace("64, 40, 10", "64, 150, 10"), (READS,), ""),
    ("targets one column early", FIT + DIGITS.replace("[y]", "[y - 1]"), (READS,), ""),
    ("steps of all rows", FIT + DIGITS.replace("25, 10, rng", "25, 1200, rng"), (READS,), ""),
]  # fmt: skip

ANSWERS = {
    "pictures": pictures,
    "ink-rule": ink_rule,
    "batches": batches,
    "softmax": softmax,
    "scores": scores,
    "choose": choose,
    "calibration": calibration,
    "training": training,
}
MUTANTS = [
    (name, answer, code, loses, misconception)
    for answer, wrong in ANSWERS.items()
    for name, code, loses, misconception in wrong
]

RIGHT = {
    "pictures": [
        SIZES + "    return raw[16:].reshape(m, h * w) / 255\n",
        """\
def number(four):
    a, b, c, d = (int(byte) for byte in four)
    return ((a * 256 + b) * 256 + c) * 256 + d

def read_pictures(raw):
    m, n = number(raw[4:8]), number(raw[8:12]) * number(raw[12:16])
    X = np.zeros((m, n))
    for i in range(m):
        X[i] = raw[16 + i * n : 16 + (i + 1) * n] / 255
    return X
""",
        """\
import struct

def read_pictures(raw):
    _, m, h, w = struct.unpack(">IIII", raw[:16].tobytes())
    pixels = np.asarray(raw[16:], dtype=float) / 255.0
    return pixels.reshape(m, h, w).reshape(m, -1)
""",
        """\
def read_pictures(raw):
    numbers = raw[:16].astype(np.int64).reshape(4, 4) @ [2**24, 2**16, 2**8, 1]
    return np.split(raw[16:] / 255, numbers[1])
""",
        """\
def read_pictures(raw):
    _, m, h, w = raw[:16].copy().view(">u4").tolist()
    return np.array([[int(b) / 255 for b in raw[16 + i * h * w : 16 + (i + 1) * h * w]]
                     for i in range(m)])
""",
    ],
    "ink-rule": [
        """\
def ink_rule(X, y, X_new):
    d = np.array([X[y == k].mean() for k in range(10)])
    return np.abs(X_new.mean(axis=1)[:, None] - d).argmin(axis=1)
""",
        """\
def ink_rule(X, y, X_new):
    total, count = [0.0] * 10, [0] * 10
    for x, k in zip(X, y):
        total[k] += sum(x) / len(x)
        count[k] += 1
    d = [t / c for t, c in zip(total, count)]
    answers = []
    for x in X_new:
        ink = sum(x) / len(x)
        answers.append(min(range(10), key=lambda k: abs(ink - d[k])))
    return answers
""",
        """\
def ink_rule(X, y, X_new):
    T = np.eye(10)[y]
    d = np.einsum("ik,ij->k", T, X) / (T.sum(axis=0) * X.shape[1])
    gaps = (np.einsum("ij->i", X_new) / X.shape[1])[:, None] - d
    return np.argmin(gaps**2, axis=1)
""",
        """\
def ink_rule(X, y, X_new):
    d = np.bincount(y, weights=X.mean(axis=1)) / np.bincount(y)
    gaps = np.abs(np.subtract.outer(d, X_new.mean(axis=1)))
    return gaps.argmin(axis=0)
""",
        """\
def ink_rule(X, y, X_new):
    d = np.array([np.mean(X[y == k]) for k in range(10)])
    order = np.argsort(d)
    edges = (d[order][1:] + d[order][:-1]) / 2
    return order[np.searchsorted(edges, X_new.mean(axis=1))]
""",
    ],
    "batches": [
        TARGETS + BATCHES,
        """\
def one_hot(y, n_classes):
    return (np.arange(n_classes) == y[:, None]).astype(float)

def batches(m, size, rng):
    order = rng.permutation(m)
    return [order[i : i + size] for i in range(0, m, size)]
""",
        """\
def one_hot(y, n_classes):
    rows = []
    for label in y:
        row = [0.0] * n_classes
        row[label] = 1.0
        rows.append(row)
    return np.array(rows)

def batches(m, size, rng):
    left, parts = list(range(m)), []
    while left:
        part = [left.pop(rng.integers(len(left))) for _ in range(min(size, len(left)))]
        parts.append(np.array(part))
    return parts
""",
        """\
def one_hot(y, n_classes):
    return np.eye(n_classes, dtype=int)[y]

def batches(m, size, rng):
    rows = np.arange(m)
    rng.shuffle(rows)
    return [rows[k * size : (k + 1) * size] for k in range(int(np.ceil(m / size)))]
""",
        """\
def one_hot(y, n_classes):
    return np.transpose([y == k for k in range(n_classes)]) * 1.0

def batches(m, size, rng):
    order = np.argsort(rng.random(m))
    parts, start = [], 0
    while start < m:
        parts.append(order[start : start + size])
        start += size
    return tuple(parts)
""",
    ],
    "softmax": [
        SOFTMAX + ENTROPY,
        """\
def log_softmax(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return S - np.log(np.exp(S).sum(axis=1, keepdims=True))

def softmax(Z):
    return np.exp(log_softmax(Z))

def cross_entropy(Z, y):
    return -log_softmax(Z)[np.arange(len(y)), y].mean()
""",
        """\
def softmax(Z):
    P = []
    for z in Z:
        e = [np.exp(x - max(z)) for x in z]
        P.append([x / sum(e) for x in e])
    return P

def cross_entropy(Z, y):
    return np.mean([np.logaddexp.reduce(z) - z[k] for z, k in zip(Z, y)])
""",
        """\
def softmax(Z):
    D = Z[:, np.newaxis, :] - Z[:, :, np.newaxis]
    return 1 / np.exp(np.minimum(D, 700)).sum(axis=2)

def cross_entropy(Z, y):
    T = np.eye(Z.shape[1])[y]
    top = np.amax(Z, axis=1)
    log_sum = top + np.log(np.einsum("ij->i", np.exp(Z - top[:, None])))
    return np.mean(log_sum - np.einsum("ij,ij->i", Z, T))
""",
        """\
def softmax(Z):
    E = np.exp((Z.T - Z.max(axis=1)).T)
    return (E.T / E.sum(axis=1)).T

def cross_entropy(Z, y):
    right = np.take_along_axis(Z, y[:, np.newaxis], axis=1)
    return float(np.logaddexp.reduce(Z - right, axis=1).sum() / len(y))
""",
    ],
    "scores": [
        ACCURACY + CONFUSION,
        """\
def accuracy(A, y):
    return np.mean(np.argmax(A, axis=1) == y)

def confusion(y, said, n_classes):
    N = np.zeros((n_classes, n_classes), int)
    np.add.at(N, (y, said), 1)
    return N
""",
        """\
def accuracy(A, y):
    return np.count_nonzero(A.argmax(1) == y) / y.size

def confusion(y, said, n_classes):
    return np.array([[np.sum((y == i) & (said == j)) for j in range(n_classes)]
                     for i in range(n_classes)])
""",
        """\
def accuracy(A, y):
    return np.mean(A[np.arange(len(y)), y] == A.max(axis=1))

def confusion(y, said, n_classes):
    return np.eye(n_classes)[y].T @ np.eye(n_classes)[said]
""",
        """\
def accuracy(A, y):
    order = np.argsort(A, axis=1)
    return 1 - np.mean(order[:, -1] != y)

def confusion(y, said, n_classes):
    edges = np.arange(n_classes + 1) - 0.5
    return np.histogram2d(y, said, bins=[edges, edges])[0].tolist()
""",
    ],
    "choose": [
        """\
def choose(validation, test):
    recipe = np.median(validation, axis=1).argmax()
    return recipe, np.median(test[recipe])
""",
        """\
def choose(validation, test):
    best, winner = -1, None
    for i, scores in enumerate(validation):
        if np.median(scores) > best:
            best, winner = np.median(scores), i
    return winner, np.median(test[winner])
""",
        """\
def choose(validation, test):
    middle = [float(np.quantile(scores, 0.5)) for scores in validation]
    recipe = middle.index(max(middle))
    return [recipe, float(np.quantile(test[recipe], 0.5))]
""",
        """\
def choose(validation, test):
    recipe = int(np.argsort(np.median(validation, axis=1))[-1])
    return recipe, np.median(test, axis=1)[recipe]
""",
        """\
import statistics

def choose(validation, test):
    recipe = max(range(len(validation)), key=lambda i: statistics.median(validation[i]))
    return recipe, statistics.median(test[recipe].tolist())
""",
    ],
    "calibration": [
        """\
def ece(P, y):
    s, r = P.max(axis=1), P.argmax(axis=1) == y
    g = np.minimum((10 * s).astype(int), 9)
    return np.abs(np.bincount(g, weights=s - r)).sum() / len(y)
""",
        """\
def ece(P, y):
    gaps = [0.0] * 10
    for p, k in zip(P, y):
        s = p.max()
        gaps[min(int(10 * s), 9)] += s - (p.argmax() == k)
    return sum(abs(gap) for gap in gaps) / len(y)
""",
        """\
def ece(P, y):
    s, r = P.max(axis=1), (P.argmax(axis=1) == y).astype(float)
    total = 0.0
    for low in range(10):
        rows = (10 * s >= low) & (10 * s < low + 1) | (low == 9) & (s == 1)
        if rows.any():
            total += rows.mean() * abs(s[rows].mean() - r[rows].mean())
    return total
""",
        """\
def ece(P, y):
    s, r = np.amax(P, axis=1), np.argmax(P, axis=1) == y
    edges = np.linspace(0, 1, 11)
    g = np.clip(np.digitize(s, edges), 1, 10)
    member = g[:, None] == np.arange(1, 11)
    return np.abs(np.einsum("ig,i->g", member, s - r)).sum() / len(y)
""",
        """\
def ece(P, y):
    s, r = P.max(axis=1), P.argmax(axis=1) == y
    said, _ = np.histogram(s, bins=10, range=(0, 1), weights=s)
    right, _ = np.histogram(s, bins=10, range=(0, 1), weights=r.astype(float))
    return np.sum(np.abs(said - right)) / len(s)
""",
    ],
    "training": [
        FIT + DIGITS,
        """\
def fit(params, X, Y, lr, epochs, size, rng):
    W1, b1, W2, b2 = params
    for _ in range(epochs):
        for rows in np.split(rng.permutation(len(X)), range(size, len(X), size)):
            g = gradients([W1, b1, W2, b2], X[rows], Y[rows])
            W1, b1, W2, b2 = W1 - lr * g[0], b1 - lr * g[1], W2 - lr * g[2], b2 - lr * g[3]
    return [W1, b1, W2, b2]

def train_digits(X, y, seed):
    rng = np.random.default_rng(seed)
    start = [rng.normal(0, 0.1, (64, 50)), np.zeros(50), rng.normal(0, 0.1, (50, 10)), np.zeros(10)]
    Y = (y[:, None] == np.arange(10)).astype(float)
    return fit(start, X, Y, 3.0, 20, 10, rng)
""",
        """\
def fit(params, X, Y, lr, epochs, size, rng):
    theta = [np.array(p) for p in params]
    for _ in range(epochs):
        order = rng.permutation(len(X))
        X_now, Y_now = X[order], Y[order]
        start = 0
        while start < len(X):
            g = gradients(theta, X_now[start : start + size], Y_now[start : start + size])
            for k in range(len(theta)):
                theta[k] -= lr * g[k]
            start += size
    return tuple(theta)

def train_digits(X, y, seed):
    rng = np.random.default_rng(seed + 100)
    r1, r2 = np.sqrt(6 / (64 + 30)), np.sqrt(6 / (30 + 10))
    start = [rng.uniform(-r1, r1, (64, 30)), np.zeros(30),
             rng.uniform(-r2, r2, (30, 10)), np.zeros(10)]
    return fit(start, X, np.eye(10)[y], 4.0, 20, 8, rng)
""",
        """\
def one_epoch(params, X, Y, lr, size, order):
    if len(order) == 0:
        return params
    rows, rest = order[:size], order[size:]
    step = [p - lr * g for p, g in zip(params, gradients(params, X[rows], Y[rows]))]
    return one_epoch(step, X, Y, lr, size, rest)

def fit(params, X, Y, lr, epochs, size, rng):
    for _ in range(epochs):
        params = one_epoch(params, X, Y, lr, size, rng.permutation(len(X)))
    return params

def train_digits(X, y, seed):
    rng = np.random.default_rng(seed)
    start = [rng.normal(size=(64, 30)) / 8, np.zeros(30),
             rng.normal(size=(30, 10)) / 5, np.full(10, -2.0)]
    return fit(start, X, np.eye(10)[y], 3.0, 20, 10, rng)
""",
        """\
def fit(params, X, Y, lr, epochs, size, rng):
    shapes = [p.shape for p in params]
    theta = np.concatenate([np.ravel(p) for p in params])
    cuts = np.cumsum([p.size for p in params])[:-1]

    def parts(theta):
        return [q.reshape(s) for q, s in zip(np.split(theta, cuts), shapes)]

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(-(-len(X) // size)):
            rows = order[i * size : (i + 1) * size]
            grad = gradients(parts(theta), X[rows], Y[rows])
            theta = theta - lr * np.concatenate([np.ravel(g) for g in grad])
    return parts(theta)

def train_digits(X, y, seed):
    rng = np.random.default_rng(seed)
    start = [rng.normal(size=(64, 60)) * 0.05, np.zeros(60),
             rng.normal(size=(60, 10)) * 0.05, np.zeros(10)]
    params, Y = start, np.eye(10)[y]
    for lr in (4.0, 3.0, 2.0, 1.0):
        params = fit(params, X, Y, lr, 6, 10, rng)
    return params
""",
    ],
}
