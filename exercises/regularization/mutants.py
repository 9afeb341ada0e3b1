"""Wrong and right answers to the set on regularization, for the tests of the grader.

Each wrong answer is written as students write it, not with the wrong functions of the tests.
A mutant is (name, answer cell, code, parts it loses, misconception that must be named or "").
"""

# -- ridge ---------------------------------------------------------------------------------

COST = """\
def ridge_cost(X, t, w, b, l2):
    z = np.dot(X, w) + b
    return 0.5 * np.mean((z - t) ** 2) + 0.5 * l2 * np.dot(w, w)
"""
GRADIENTS = """\
def ridge_gradients(X, t, w, b, l2):
    m = X.shape[0]
    delta = (X @ w + b - t) / m
    return delta @ X + l2 * w, delta.sum()
"""
RIDGE, RIDGE_COST, RIDGE_GRADS = "ridge-shown", "ridge-cost-test", "ridge-gradients-test"

ridge = [
    ("half lost in the penalty", """\
def ridge_cost(X, t, w, b, l2):
    loss = ((X @ w + b - t) ** 2).mean() / 2
    return loss + l2 * (w ** 2).sum()
""" + GRADIENTS, (RIDGE_COST,), "penalty-doubled"),
    ("penalty inside the mean", """\
def ridge_cost(X, t, w, b, l2):
    m = len(t)
    return (np.sum((X @ w + b - t) ** 2) + l2 * np.sum(w ** 2)) / (2 * m)
""" + GRADIENTS, (RIDGE_COST,), "penalty-divided"),
    ("all parameters in one vector", """\
def ridge_cost(X, t, w, b, l2):
    theta = np.append(w, b)
    X1 = np.column_stack([X, np.ones(len(X))])
    return np.mean((X1 @ theta - t) ** 2) / 2 + l2 / 2 * theta @ theta

def ridge_gradients(X, t, w, b, l2):
    theta = np.append(w, b)
    X1 = np.column_stack([X, np.ones(len(X))])
    g = X1.T @ (X1 @ theta - t) / len(X) + l2 * theta
    return g[:-1], g[-1]
""", (RIDGE_COST, RIDGE_GRADS), "biases-penalised"),
    ("length, not its square", """\
def ridge_cost(X, t, w, b, l2):
    return np.mean((X @ w + b - t) ** 2) / 2 + l2 / 2 * np.linalg.norm(w)
""" + GRADIENTS, (RIDGE_COST,), "length-for-square"),
    ("penalty of lasso", """\
def ridge_cost(X, t, w, b, l2):
    return np.mean((X @ w + b - t) ** 2) / 2 + l2 / 2 * sum(abs(x) for x in w)
""" + GRADIENTS, (RIDGE_COST,), "l1-for-l2"),
    ("two left over in the gradient", COST + """
def ridge_gradients(X, t, w, b, l2):
    r = X @ w + b - t
    dw = X.T @ r / len(r) + 2 * l2 * w
    db = r.mean()
    return dw, db
""", (RIDGE_GRADS,), "penalty-doubled"),
    ("everything divided by m at the end", COST + """
def ridge_gradients(X, t, w, b, l2):
    m = len(X)
    r = X @ w + b - t
    dw = X.T @ r + l2 * w
    db = np.sum(r)
    return dw / m, db / m
""", (RIDGE_GRADS,), "penalty-divided"),
    ("price on the bias", COST + """
def ridge_gradients(X, t, w, b, l2):
    r = X @ w + b - t
    return X.T @ r / len(t) + l2 * w, np.mean(r) + l2 * b
""", (RIDGE_GRADS,), "biases-penalised"),
    ("penalty forgotten in the gradient", COST + """
def ridge_gradients(X, t, w, b, l2):
    r = X @ w + b - t
    return X.T @ r / len(t), np.mean(r)
""", (RIDGE_GRADS,), "penalty-missing"),
    ("minus, because weights should shrink", COST + """
def ridge_gradients(X, t, w, b, l2):
    r = X @ w + b - t
    return X.T @ r / len(t) - l2 * w, np.mean(r)
""", (RIDGE_GRADS,), "penalty-drives-away"),
    ("target minus output", COST + """
def ridge_gradients(X, t, w, b, l2):
    error = t - (X @ w + b)
    return X.T @ error / len(t) + l2 * w, np.mean(error)
""", (RIDGE, RIDGE_GRADS), "target-minus-output"),
    ("sum over the rows", """\
def ridge_cost(X, t, w, b, l2):
    return 0.5 * np.sum((X @ w + b - t) ** 2) + 0.5 * l2 * np.sum(w * w)

def ridge_gradients(X, t, w, b, l2):
    r = X @ w + b - t
    return X.T @ r + l2 * w, r.sum()
""", (RIDGE, RIDGE_COST, RIDGE_GRADS), "data-summed"),
    ("bias left out of z", """\
def ridge_cost(X, t, w, b, l2):
    return np.mean((X @ w - t) ** 2) / 2 + l2 / 2 * np.sum(w ** 2)
""" + GRADIENTS, (RIDGE, RIDGE_COST), "bias-forgotten"),
    ("sign in place of the weight", COST + """
def ridge_gradients(X, t, w, b, l2):
    r = X @ w + b - t
    return X.T @ r / len(r) + l2 * np.sign(w), r.mean()
""", (RIDGE_GRADS,), "l1-for-l2"),
    ("changes w", COST + """
def ridge_gradients(X, t, w, b, l2):
    r = X @ w + b - t
    w *= l2
    w += X.T @ r / len(r)
    return w, r.mean()
""", (RIDGE_GRADS,), "changes-input"),
    ("mean squared error without the half", """\
def ridge_cost(X, t, w, b, l2):
    return np.mean((X @ w + b - t) ** 2) + l2 / 2 * np.sum(w ** 2)
""" + GRADIENTS, (RIDGE, RIDGE_COST), "data-doubled"),
]  # fmt: skip

# -- steps ---------------------------------------------------------------------------------

L2_STEP = """\
def l2_step(W, dW, lr, l2):
    gradient = dW + l2 * W
    return W - lr * gradient
"""
L1_STEP = """\
def l1_step(W, dW, lr, l1):
    return W - lr * dW - lr * l1 * np.sign(W)
"""
SOFT_STEP = """\
def soft_step(W, dW, lr, l1):
    new = W - lr * dW
    c = lr * l1
    return np.where(new > c, new - c, np.where(new < -c, new + c, 0))
"""
STEPS, L2_TEST, L1_TEST = "steps-shown", "steps-l2-test", "steps-l1-test"
SOFT_TEST = "steps-soft-test"

steps = [
    ("decay without the rate", """\
def l2_step(W, dW, lr, l2):
    W = W - lr * dW
    return W - l2 * (W + lr * dW)
""" + L1_STEP + SOFT_STEP, (STEPS, L2_TEST), "decay-without-rate"),
    ("decay after the step", """\
def l2_step(W, dW, lr, l2):
    new = W - lr * dW
    new = new * (1 - lr * l2)
    return new
""" + L1_STEP + SOFT_STEP, (L2_TEST,), "shrunk-after-step"),
    ("derivative of the square without the half", """\
def l2_step(W, dW, lr, l2):
    return W - lr * (dW + 2 * l2 * W)
""" + L1_STEP + SOFT_STEP, (STEPS, L2_TEST), "penalty-doubled"),
    ("one plus", """\
def l2_step(W, dW, lr, l2):
    return (1 + lr * l2) * W - lr * dW
""" + L1_STEP + SOFT_STEP, (STEPS, L2_TEST), "penalty-drives-away"),
    ("no rate at all", """\
def l2_step(W, dW, lr, l2):
    return W - (dW + l2 * W)
""" + L1_STEP + SOFT_STEP, (STEPS, L2_TEST), "rate-forgotten"),
    ("L2 with the sign", L1_STEP.replace("l1_step", "l2_step").replace("l1", "l2")
     + L1_STEP + SOFT_STEP, (STEPS, L2_TEST), "l1-for-l2"),
    ("step in place", """\
def l2_step(W, dW, lr, l2):
    W *= 1 - lr * l2
    W -= lr * dW
    return W
""" + L1_STEP + SOFT_STEP, (STEPS, L2_TEST), "changes-input"),
    ("L1 with the weight", L2_STEP + """
def l1_step(W, dW, lr, l1):
    return W - lr * (dW + l1 * W)
""" + SOFT_STEP, (STEPS, L1_TEST), "l2-for-l1"),
    ("L1 with the size", L2_STEP + """
def l1_step(W, dW, lr, l1):
    return W - lr * (dW + l1 * np.abs(W))
""" + SOFT_STEP, (STEPS, L1_TEST), ""),
    ("L1 without the sign", L2_STEP + """
def l1_step(W, dW, lr, l1):
    return W - lr * dW - lr * l1
""" + SOFT_STEP, (L1_TEST,), "sign-lost"),
    ("L1 without the rate", L2_STEP + """
def l1_step(W, dW, lr, l1):
    W = W - l1 * np.sign(W) - lr * dW
    return W
""" + SOFT_STEP, (STEPS, L1_TEST), "decay-without-rate"),
    ("L1 outwards", L2_STEP + """
def l1_step(W, dW, lr, l1):
    return W - lr * (dW - l1 * np.sign(W))
""" + SOFT_STEP, (STEPS, L1_TEST), "penalty-drives-away"),
    ("threshold without the rate", L2_STEP + L1_STEP + """
def soft_step(W, dW, lr, l1):
    U = W - lr * dW
    return np.sign(U) * np.maximum(np.abs(U) - l1, 0)
""", (STEPS, SOFT_TEST), "decay-without-rate"),
    ("no maximum", L2_STEP + L1_STEP + """
def soft_step(W, dW, lr, l1):
    U = W - lr * dW
    return np.sign(U) * (np.abs(U) - lr * l1)
""", (STEPS, SOFT_TEST), "thrown-across-zero"),
    ("the same as l1_step", L2_STEP + L1_STEP + """
def soft_step(W, dW, lr, l1):
    return l1_step(W, dW, lr, l1)
""", (STEPS, SOFT_TEST), "sign-for-threshold"),
    ("threshold first", L2_STEP + L1_STEP + """
def soft_step(W, dW, lr, l1):
    W = np.sign(W) * np.maximum(np.abs(W) - lr * l1, 0)
    return W - lr * dW
""", (SOFT_TEST,), "threshold-before-step"),
    ("hard threshold", L2_STEP + L1_STEP + """
def soft_step(W, dW, lr, l1):
    U = W - lr * dW
    U[np.abs(U) <= lr * l1] = 0
    return U
""", (STEPS, SOFT_TEST), "hard-for-soft"),
    ("sign of the old weights", L2_STEP + L1_STEP + """
def soft_step(W, dW, lr, l1):
    U = W - lr * dW
    return np.sign(W) * np.maximum(np.abs(U) - lr * l1, 0)
""", (SOFT_TEST,), "sign-of-old-weights"),
    ("sign forgotten", L2_STEP + L1_STEP + """
def soft_step(W, dW, lr, l1):
    return np.maximum(np.abs(W - lr * dW) - lr * l1, 0)
""", (SOFT_TEST,), "sign-lost"),
]  # fmt: skip

# -- max-norm ------------------------------------------------------------------------------

FENCE = ("max-norm-shown", "max-norm-test")

max_norm = [
    ("lengths of rows", """\
def project(W, c):
    lengths = np.linalg.norm(W, axis=1, keepdims=True)
    return W * np.minimum(1, c / lengths)
""", FENCE, "norm-of-rows"),
    ("the whole matrix", """\
def project(W, c):
    length = np.sqrt(np.sum(W ** 2))
    if length > c:
        return W * c / length
    return W
""", FENCE, "norm-of-all"),
    ("every column onto the fence", """\
def project(W, c):
    return c * W / np.sqrt((W ** 2).sum(axis=0))
""", FENCE, "always-on-the-fence"),
    ("entries cut off", """\
def project(W, c):
    return np.minimum(np.maximum(W, -c), c)
""", FENCE, "entries-clipped"),
    ("root forgotten", """\
def project(W, c):
    lengths = (W * W).sum(axis=0)
    return np.where(lengths > c, W * c / lengths, W)
""", FENCE, "root-of-squares-forgotten"),
    ("root forgotten, with a minimum", """\
def project(W, c):
    lengths = np.sum(W ** 2, axis=0)
    return W * np.minimum(1, c / lengths)
""", FENCE, "root-of-squares-forgotten"),
    ("columns made unit vectors", """\
def project(W, c):
    W = W.copy()
    for j in range(W.shape[1]):
        n = np.linalg.norm(W[:, j])
        if n > 1:
            W[:, j] /= n
    return W
""", FENCE, "fence-at-one"),
    ("too long columns at length one", """\
def project(W, c):
    norms = np.linalg.norm(W, axis=0)
    return np.where(norms > c, W / norms, W)
""", FENCE, ""),
    ("maximum for minimum", """\
def project(W, c):
    return W * np.maximum(1, c / np.linalg.norm(W, axis=0))
""", FENCE, ""),
    ("fence in place", """\
def project(W, c):
    for j, n in enumerate(np.linalg.norm(W, axis=0)):
        if n > c:
            W[:, j] *= c / n
    return W
""", ("max-norm-test",), "changes-input"),
    ("largest entry as length", """\
def project(W, c):
    return W * np.minimum(1, c / np.abs(W).max(axis=0))
""", FENCE, ""),
]  # fmt: skip

# -- dropout -------------------------------------------------------------------------------

START = "class Dropout:\n    def __init__(self, p):\n        self.p = p\n"
FORWARD = """
    def forward(self, A, rng):
        self.kept = rng.random(A.shape) >= self.p
        return np.where(self.kept, A, 0) / (1 - self.p)
"""
BACKWARD = """
    def backward(self, dA):
        return dA * self.kept / (1 - self.p)
"""
PREDICT = """
    def predict(self, A):
        return A
"""
SHOWN, FORTH, BACK = "dropout-shown", "dropout-forward-test", "dropout-backward-test"

dropout = [
    ("p to keep", START + """
    def forward(self, A, rng):
        self.kept = rng.random(A.shape) < self.p
        return A * self.kept / self.p

    def backward(self, dA):
        return dA * self.kept / self.p
""" + PREDICT, (SHOWN, FORTH), "keep-for-drop"),
    ("no scale anywhere", START + """
    def forward(self, A, rng):
        self.mask = rng.random(A.shape) > self.p
        return A * self.mask

    def backward(self, dA):
        return dA * self.mask
""" + PREDICT, (FORTH,), "scale-missing"),
    ("vanilla", START + """
    def forward(self, A, rng):
        self.mask = (rng.random(A.shape) >= self.p).astype(float)
        return self.mask * A

    def backward(self, dA):
        return self.mask * dA

    def predict(self, A):
        return (1 - self.p) * A
""", (FORTH,), "vanilla-for-inverted"),
    ("scaled twice", START + FORWARD + BACKWARD + """
    def predict(self, A):
        return A * (1 - self.p)
""", (FORTH,), "scaled-when-predicting"),
    ("drops when predicting", START + FORWARD + BACKWARD + """
    def predict(self, A):
        return np.where(self.kept, A, 0) / (1 - self.p)
""", (FORTH,), "drops-when-predicting"),
    ("large numbers dropped", START + """
    def forward(self, A, rng):
        self.kept = rng.random(A.shape) < 1 - self.p
        return A * self.kept / (1 - self.p)
""" + BACKWARD + PREDICT, (FORTH,), "large-numbers-dropped"),
    ("divided by p", START + """
    def forward(self, A, rng):
        self.mask = (rng.random(A.shape) >= self.p) / self.p
        return A * self.mask

    def backward(self, dA):
        return dA * self.mask
""" + PREDICT, (FORTH,), ""),
    ("one mask for all rows", START + """
    def forward(self, A, rng):
        self.kept = rng.random(A.shape)[0] >= self.p
        return A * self.kept / (1 - self.p)
""" + BACKWARD + PREDICT, (FORTH,), ""),
    ("dropout in place", START + """
    def forward(self, A, rng):
        self.kept = rng.random(A.shape) >= self.p
        A *= self.kept
        A /= 1 - self.p
        return A
""" + BACKWARD + PREDICT, (FORTH,), "changes-input"),
    ("no mask on the way back", START + FORWARD + """
    def backward(self, dA):
        return dA
""" + PREDICT, (BACK,), "mask-forgotten-back"),
    ("scale alone on the way back", START + FORWARD + """
    def backward(self, dA):
        return dA / (1 - self.p)
""" + PREDICT, (BACK,), "scaled-and-not-masked"),
    ("mask alone on the way back", START + FORWARD + """
    def backward(self, dA):
        return np.where(self.kept, dA, 0)
""" + PREDICT, (BACK,), "mask-without-scale-back"),
    ("a new mask on the way back", START + """
    def forward(self, A, rng):
        self.rng = rng
        mask = rng.random(A.shape) >= self.p
        return A * mask / (1 - self.p)

    def backward(self, dA):
        mask = self.rng.random(dA.shape) >= self.p
        return dA * mask / (1 - self.p)
""" + PREDICT, (BACK,), "mask-not-reused"),
    ("the way back undoes the scale", START + FORWARD + """
    def backward(self, dA):
        return dA * self.kept * (1 - self.p)
""" + PREDICT, (BACK,), ""),
    ("backward not written", START + FORWARD + """
    def backward(self, dA):
        pass
""" + PREDICT, (BACK,), ""),
]  # fmt: skip

# -- standardise ---------------------------------------------------------------------------

SCALED, SCALE, CONSTANT = "standardise-shown", "standardise-test", "standardise-constant-test"

standardise = [
    ("all rows", """\
def standardise(X_train, X_new):
    everything = np.concatenate([X_train, X_new])
    mu, s = everything.mean(axis=0), everything.std(axis=0)
    s[s == 0] = 1
    return (X_train - mu) / s, (X_new - mu) / s
""", (SCALED, SCALE, CONSTANT), "test-data-used"),
    ("each table by itself", """\
def standardise(X_train, X_new):
    def scale(X):
        s = X.std(axis=0)
        return (X - X.mean(axis=0)) / np.where(s == 0, 1, s)
    return scale(X_train), scale(X_new)
""", (SCALE, CONSTANT), "scaled-by-itself"),
    ("variance", """\
def standardise(X_train, X_new):
    mu, s = X_train.mean(axis=0), X_train.var(axis=0)
    s = np.where(s > 0, s, 1)
    return (X_train - mu) / s, (X_new - mu) / s
""", (SCALED, SCALE, CONSTANT), "variance-for-deviation"),
    ("one less than m", """\
def standardise(X_train, X_new):
    mu, s = np.mean(X_train, axis=0), np.std(X_train, axis=0, ddof=1)
    s = np.where(s > 0, s, 1)
    return (X_train - mu) / s, (X_new - mu) / s
""", (SCALED, SCALE, CONSTANT), "sample-deviation"),
    ("no axis", """\
def standardise(X_train, X_new):
    mu, s = np.mean(X_train), np.std(X_train)
    if s == 0:
        s = 1
    return (X_train - mu) / s, (X_new - mu) / s
""", (SCALED, SCALE, CONSTANT), "one-scale-for-all"),
    ("deviation alone", """\
def standardise(X_train, X_new):
    s = X_train.std(axis=0)
    s = np.where(s == 0, 1, s)
    return X_train / s, X_new / s
""", (SCALED, SCALE, CONSTANT), "mean-not-subtracted"),
    ("minimum and range", """\
def standardise(X_train, X_new):
    low, high = X_train.min(axis=0), X_train.max(axis=0)
    width = np.where(high > low, high - low, 1)
    return (X_train - low) / width, (X_new - low) / width
""", (SCALED, SCALE, CONSTANT), "minimum-and-range"),
    ("the new rows as they were", """\
def standardise(X_train, X_new):
    mu, s = X_train.mean(axis=0), X_train.std(axis=0)
    s = np.where(s > 0, s, 1)
    return (X_train - mu) / s, X_new
""", (SCALE, CONSTANT), "new-rows-not-scaled"),
    ("zero not thought of", """\
def standardise(X_train, X_new):
    mu, s = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mu) / s, (X_new - mu) / s
""", (CONSTANT,), "divided-by-zero"),
    ("a tiny number for safety", """\
def standardise(X_train, X_new):
    mu, s = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mu) / (s + 1e-8), (X_new - mu) / (s + 1e-8)
""", (CONSTANT,), "divided-by-almost-zero"),
    ("scaled along rows", """\
def standardise(X_train, X_new):
    def scale(X):
        s = X.std(axis=1, keepdims=True)
        return (X - X.mean(axis=1, keepdims=True)) / np.where(s > 0, s, 1)
    return scale(X_train), scale(X_new)
""", (SCALED, SCALE, CONSTANT), ""),
]  # fmt: skip

# -- folds ---------------------------------------------------------------------------------

FOLDS_SHOWN, FOLDS = "folds-shown", "folds-test"

folds = [
    ("all rows train", """\
def folds(m, k):
    return [(np.arange(m), part) for part in np.array_split(np.arange(m), k)]
""", (FOLDS_SHOWN, FOLDS), "validation-in-training"),
    ("folds swapped", """\
def folds(m, k):
    result = []
    for part in np.array_split(np.arange(m), k):
        rest = np.setdiff1d(np.arange(m), part)
        result.append((part, rest))
    return result
""", (FOLDS_SHOWN, FOLDS), "parts-swapped"),
    ("rows left over", """\
def folds(m, k):
    size = m // k
    rows = np.arange(size * k)
    return [(np.delete(rows, rows[i * size : (i + 1) * size]),
             rows[i * size : (i + 1) * size]) for i in range(k)]
""", (FOLDS,), "rows-left-over"),
    ("last rows never validate", """\
def folds(m, k):
    size = m // k
    pairs = []
    for i in range(k):
        validation = list(range(i * size, (i + 1) * size))
        training = [row for row in range(m) if row not in validation]
        pairs.append((training, validation))
    return pairs
""", (FOLDS,), "never-validated"),
    ("all that is left in the last fold", """\
def folds(m, k):
    size = m // k
    pairs = []
    for i in range(k):
        end = m if i == k - 1 else (i + 1) * size
        validation = np.arange(i * size, end)
        pairs.append((np.setdiff1d(np.arange(m), validation), validation))
    return pairs
""", (FOLDS,), "remainder-in-one-part"),
    ("rows from one", """\
def folds(m, k):
    rows = np.arange(1, m + 1)
    return [(np.setdiff1d(rows, part), part) for part in np.array_split(rows, k)]
""", (FOLDS_SHOWN, FOLDS), "counted-from-one"),
    ("dealt like cards", """\
def folds(m, k):
    pairs = []
    for i in range(k):
        validation = np.arange(i, m, k)
        pairs.append((np.delete(np.arange(m), validation), validation))
    return pairs
""", (FOLDS_SHOWN, FOLDS), "folds-in-turn"),
    ("one fold for ever", """\
def folds(m, k):
    first, *others = np.array_split(np.arange(m), k)
    return [(np.concatenate(others), first) for _ in range(k)]
""", (FOLDS,), "always-the-same-fold"),
    ("shuffled", """\
def folds(m, k):
    parts = np.array_split(np.random.default_rng(0).permutation(m), k)
    return [(np.concatenate(parts[:i] + parts[i + 1:]), parts[i]) for i in range(k)]
""", (FOLDS_SHOWN, FOLDS), ""),
    ("earlier rows only", """\
def folds(m, k):
    parts = np.array_split(np.arange(m), k)
    return [(np.concatenate(parts[:i] + [[]]), parts[i]) for i in range(k)]
""", (FOLDS_SHOWN, FOLDS), ""),
    ("sizes rounded up", """\
def folds(m, k):
    size = -(-m // k)
    parts = [np.arange(i * size, min((i + 1) * size, m)) for i in range(k)]
    return [(np.setdiff1d(np.arange(m), part), part) for part in parts]
""", (FOLDS,), ""),
]  # fmt: skip

# -- early stopping ------------------------------------------------------------------------

STOP_SHOWN, STOP = "early-stopping-shown", "early-stopping-test"

early_stopping = [
    ("counter never reset", """\
def early_stopping(losses, patience):
    best, kept, bad = losses[0], 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < best:
            best, kept = losses[epoch], epoch
        else:
            bad += 1
            if bad == patience:
                return kept, epoch
    return kept, len(losses) - 1
""", (STOP,), "patience-not-reset"),
    ("the last weights", """\
def early_stopping(losses, patience):
    best, waited = float("inf"), 0
    for epoch, loss in enumerate(losses):
        if loss < best:
            best, waited = loss, 0
        else:
            waited += 1
        if waited == patience:
            break
    return epoch, epoch
""", (STOP_SHOWN, STOP), "last-for-best"),
    ("against the one before", """\
def early_stopping(losses, patience):
    kept, waited = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[epoch - 1]:
            kept, waited = epoch, 0
        else:
            waited += 1
            if waited == patience:
                return kept, epoch
    return kept, len(losses) - 1
""", (STOP,), "compared-with-previous"),
    ("lowest of all", """\
def early_stopping(losses, patience):
    best, waited = np.inf, 0
    for epoch, loss in enumerate(losses):
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited == patience:
            break
    return int(np.argmin(losses)), epoch
""", (STOP_SHOWN, STOP), "looks-ahead"),
    ("equal is progress", """\
def early_stopping(losses, patience):
    best, kept, waited = np.inf, 0, 0
    for epoch, loss in enumerate(losses):
        if loss <= best:
            best, kept, waited = loss, epoch, 0
        else:
            waited += 1
        if waited >= patience:
            break
    return kept, epoch
""", (STOP,), "ties-count"),
    ("one epoch more", """\
def early_stopping(losses, patience):
    best, kept, waited = np.inf, 0, 0
    for epoch, loss in enumerate(losses):
        if loss < best:
            best, kept, waited = loss, epoch, 0
        else:
            waited += 1
        if waited > patience:
            break
    return kept, epoch
""", (STOP_SHOWN, STOP), "one-epoch-too-long"),
    ("one epoch less", """\
def early_stopping(losses, patience):
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        if epoch - best >= patience - 1 and epoch > best:
            break
    return best, epoch
""", (STOP_SHOWN, STOP), "one-epoch-too-short"),
    ("epochs from one", """\
def early_stopping(losses, patience):
    best, kept = np.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            best, kept = loss, epoch
        if epoch - kept == patience:
            break
    return kept, epoch
""", (STOP_SHOWN, STOP), "counted-from-one"),
    ("epochs swapped", """\
def early_stopping(losses, patience):
    best = 0
    for last in range(len(losses)):
        if losses[last] < losses[best]:
            best = last
        if last - best == patience:
            return last, best
    return last, best
""", (STOP_SHOWN, STOP), "parts-swapped"),
    ("no end without a stop", """\
def early_stopping(losses, patience):
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        if epoch - best == patience:
            return best, epoch
""", (STOP,), ""),
    ("the epoch before the worst", """\
def early_stopping(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] > losses[epoch - 1]:
            return epoch - 1, min(epoch - 1 + patience, len(losses) - 1)
    return epoch, epoch
""", (STOP,), ""),
]  # fmt: skip

# -- split rows ----------------------------------------------------------------------------

SPLIT_SHOWN, SPLIT = "split-rows-shown", "split-rows-test"

split_rows = [
    ("two orders", """\
def split_rows(X, y, n_test, rng):
    rows = rng.permutation(len(X))
    labels = rng.permutation(len(X))
    return X[rows[n_test:]], y[labels[n_test:]], X[rows[:n_test]], y[labels[:n_test]]
""", (SPLIT,), "shuffled-apart"),
    ("two orders, after the cut", """\
def split_rows(X, y, n_test, rng):
    y = y[rng.permutation(len(y))]
    X = X[rng.permutation(len(X))]
    return X[n_test:], y[n_test:], X[:n_test], y[:n_test]
""", (SPLIT,), "labels-drawn-first"),
    ("y forgotten", """\
def split_rows(X, y, n_test, rng):
    X = X[rng.permutation(len(X))]
    return X[n_test:], y[n_test:], X[:n_test], y[:n_test]
""", (SPLIT,), "labels-left-behind"),
    ("no shuffle, no fault", """\
def split_rows(X, y, n_test, rng):
    return X[n_test:], y[n_test:], X[:n_test], y[:n_test]
""", (SPLIT,), "not-shuffled"),
    ("test rows stay in training", """\
def split_rows(X, y, n_test, rng):
    order = rng.permutation(len(X))
    X, y = X[order], y[order]
    return X, y, X[:n_test], y[:n_test]
""", (SPLIT_SHOWN, SPLIT), "test-rows-in-training"),
    ("test first", """\
def split_rows(X, y, n_test, rng):
    order = rng.permutation(len(X))
    test, train = order[:n_test], order[n_test:]
    return X[test], y[test], X[train], y[train]
""", (SPLIT_SHOWN, SPLIT), "parts-swapped"),
    ("the last rows test", """\
def split_rows(X, y, n_test, rng):
    order = rng.permutation(len(X))
    X, y = X[order], y[order]
    return X[:-n_test], y[:-n_test], X[-n_test:], y[-n_test:]
""", (SPLIT,), ""),
    ("shuffled in place", """\
def split_rows(X, y, n_test, rng):
    order = rng.permutation(len(X))
    X[:] = X[order]
    y[:] = y[order]
    return X[n_test:].copy(), y[n_test:].copy(), X[:n_test].copy(), y[:n_test].copy()
""", (SPLIT,), "changes-input"),
    ("same seed for both, badly", """\
def split_rows(X, y, n_test, rng):
    X = X[rng.permutation(len(X))]
    y = y[np.random.default_rng(8).permutation(len(y))]
    return X[n_test:], y[n_test:], X[:n_test], y[:n_test]
""", (SPLIT,), ""),
    ("drawn with replacement", """\
def split_rows(X, y, n_test, rng):
    order = rng.integers(0, len(X), len(X))
    return X[order[n_test:]], y[order[n_test:]], X[order[:n_test]], y[order[:n_test]]
""", (SPLIT,), ""),
]  # fmt: skip

ANSWERS = {
    "ridge": ridge,
    "steps": steps,
    "max-norm": max_norm,
    "dropout": dropout,
    "standardise": standardise,
    "folds": folds,
    "early-stopping": early_stopping,
    "split-rows": split_rows,
}
MUTANTS = [
    (name, answer, code, loses, misconception)
    for answer, wrong in ANSWERS.items()
    for name, code, loses, misconception in wrong
]

RIGHT = {
    "ridge": [
        COST + GRADIENTS,
        """\
def ridge_cost(X, t, w, b, l2):
    total = 0.0
    for x, target in zip(X, t):
        total += (sum(x * w) + b - target) ** 2
    return total / (2 * len(t)) + l2 / 2 * sum(w_j ** 2 for w_j in w)

def ridge_gradients(X, t, w, b, l2):
    dw, db = np.zeros(len(w)), 0.0
    for x, target in zip(X, t):
        delta = x @ w + b - target
        dw += delta * x
        db += delta
    return dw / len(t) + l2 * w, db / len(t)
""",
        """\
def ridge_cost(X, t, w, b, l2):
    e = np.einsum("ij,j->i", X, w) + b - t
    return np.einsum("i,i", e, e) / (2 * e.size) + l2 / 2 * np.einsum("j,j", w, w)

def ridge_gradients(X, t, w, b, l2):
    e = np.einsum("ij,j->i", X, w) + b - t
    return np.einsum("i,ij->j", e, X) / e.size + l2 * w, e.sum() / e.size
""",
        """\
def ridge_cost(X, t, w, b, l2):
    X1 = np.hstack([X, np.ones((len(X), 1))])
    theta = np.append(w, b)
    price = np.append(np.full(len(w), l2), 0)
    return np.mean((X1 @ theta - t) ** 2) / 2 + np.sum(price * theta ** 2) / 2

def ridge_gradients(X, t, w, b, l2):
    X1 = np.hstack([X, np.ones((len(X), 1))])
    theta = np.append(w, b)
    price = np.append(np.full(len(w), l2), 0)
    g = X1.T @ (X1 @ theta - t) / len(X) + price * theta
    return g[:-1], float(g[-1])
""",
        """\
def ridge_cost(X, t, w, b, l2):
    z = (X * w).sum(axis=1) + b
    return float(np.linalg.norm(z - t) ** 2 / len(t) + l2 * np.linalg.norm(w) ** 2) / 2

def ridge_gradients(X, t, w, b, l2):
    error = (X * w).sum(axis=1) + b - t
    dw = np.mean(X * error[:, np.newaxis], axis=0)
    return [dw + l2 * w, np.average(error)]
""",
    ],
    "steps": [
        L2_STEP + L1_STEP + SOFT_STEP,
        """\
def l2_step(W, dW, lr, l2):
    shrunk = W * (1 - lr * l2)
    return shrunk - lr * dW

def l1_step(W, dW, lr, l1):
    pull = np.where(W > 0, 1.0, np.where(W < 0, -1.0, 0.0))
    return W - lr * (dW + l1 * pull)

def soft_step(W, dW, lr, l1):
    U = W - lr * dW
    return np.sign(U) * np.maximum(abs(U) - lr * l1, 0)
""",
        """\
def l2_step(W, dW, lr, l2):
    new = W.copy()
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            new[i, j] -= lr * (dW[i, j] + l2 * W[i, j])
    return new

def l1_step(W, dW, lr, l1):
    new = W.copy()
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            sign = (W[i, j] > 0) * 1 - (W[i, j] < 0) * 1
            new[i, j] -= lr * (dW[i, j] + l1 * sign)
    return new

def soft_step(W, dW, lr, l1):
    new = W - lr * dW
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            if abs(new[i, j]) <= lr * l1:
                new[i, j] = 0
            elif new[i, j] > 0:
                new[i, j] -= lr * l1
            else:
                new[i, j] += lr * l1
    return new
""",
        """\
def l2_step(W, dW, lr, l2):
    V = np.array(W)
    V -= lr * dW
    V -= lr * l2 * W
    return V

def l1_step(W, dW, lr, l1):
    V = np.array(W)
    V -= lr * dW
    V -= lr * l1 * np.sign(W)
    return V

def soft_step(W, dW, lr, l1):
    V = W - lr * dW
    return V - np.clip(V, -lr * l1, lr * l1)
""",
        """\
def soft(w, c):
    return np.maximum(w - c, 0) - np.maximum(-w - c, 0)

def l2_step(W, dW, lr, l2):
    return (W - lr * dW - lr * l2 * W).tolist()

def l1_step(W, dW, lr, l1):
    return W - lr * dW - lr * l1 * ((W > 0).astype(float) - (W < 0))

def soft_step(W, dW, lr, l1):
    return soft(W - lr * dW, lr * l1)
""",
    ],
    "max-norm": [
        """\
def project(W, c):
    return W * np.minimum(1, c / np.linalg.norm(W, axis=0))
""",
        """\
def project(W, c):
    new = W.copy()
    for j in range(W.shape[1]):
        length = np.sqrt(sum(W[:, j] ** 2))
        if length > c:
            new[:, j] = W[:, j] * c / length
    return new
""",
        """\
def project(W, c):
    lengths = np.sqrt(np.einsum("ij,ij->j", W, W))
    return np.where(lengths > c, W * (c / lengths), W)
""",
        """\
def project(W, c):
    lengths = np.sqrt((W ** 2).sum(axis=0, keepdims=True))
    return W / np.maximum(1, lengths / c)
""",
        """\
def project(W, c):
    units = [list(w * c / max(c, np.linalg.norm(w))) for w in W.T]
    return np.array(units).T
""",
    ],
    "dropout": [
        START + FORWARD + BACKWARD + PREDICT,
        """\
class Dropout:
    def __init__(self, p):
        self.keep = 1 - p

    def forward(self, A, rng):
        U = rng.random(A.shape)
        self.mask = np.where(U < 1 - self.keep, 0.0, 1 / self.keep)
        return self.mask * A

    def backward(self, dA):
        return self.mask * dA

    def predict(self, A):
        return A.copy()
""",
        """\
class Dropout:
    def __init__(self, p):
        self.p = p

    def forward(self, A, rng):
        self.dropped = rng.random(A.shape) < self.p
        out = A / (1 - self.p)
        out[self.dropped] = 0
        return out

    def backward(self, dA):
        back = dA / (1 - self.p)
        back[self.dropped] = 0
        return back

    def predict(self, A):
        return 1.0 * A
""",
        """\
class Dropout:
    def __init__(self, p):
        self.p, self.M = p, None

    def forward(self, A, rng):
        U = rng.random(A.shape)
        self.M = np.zeros(A.shape)
        for i in range(A.shape[0]):
            for j in range(A.shape[1]):
                if U[i, j] > self.p:
                    self.M[i, j] = 1
        return np.multiply(self.M, A) / (1 - self.p)

    def backward(self, dA):
        return np.multiply(self.M, dA) / (1 - self.p)

    def predict(self, A):
        return A
""",
        """\
class Dropout:
    def __init__(self, p):
        self.p = p

    def forward(self, A, rng):
        kept = (rng.random(A.shape) >= self.p).astype(int)
        self.scale = kept * (1.0 / (1.0 - self.p))
        return np.einsum("ij,ij->ij", A, self.scale)

    def backward(self, dA):
        return np.einsum("ij,ij->ij", dA, self.scale)

    def predict(self, A):
        return np.array(A)
""",
    ],
    "standardise": [
        """\
def standardise(X_train, X_new):
    mu, s = X_train.mean(axis=0), X_train.std(axis=0)
    s[s == 0] = 1
    return (X_train - mu) / s, (X_new - mu) / s
""",
        """\
def standardise(X_train, X_new):
    train, new = X_train.copy(), X_new.copy()
    for j in range(X_train.shape[1]):
        mu, s = np.mean(X_train[:, j]), np.std(X_train[:, j])
        if s == 0:
            s = 1.0
        train[:, j] = (X_train[:, j] - mu) / s
        new[:, j] = (X_new[:, j] - mu) / s
    return train, new
""",
        """\
def standardise(X_train, X_new):
    m = len(X_train)
    mu = np.einsum("ij->j", X_train) / m
    s = np.sqrt(np.einsum("ij,ij->j", X_train - mu, X_train - mu) / m)
    s = s + (s < 1e-12)
    return [(X_train - mu) / s, (X_new - mu) / s]
""",
        """\
def standardise(X_train, X_new):
    mean = X_train.sum(axis=0, keepdims=True) / len(X_train)
    variance = ((X_train - mean) ** 2).mean(axis=0, keepdims=True)
    deviation = np.where(variance == 0, 1, np.sqrt(variance))
    both = (np.vstack([X_train, X_new]) - mean) / deviation
    return both[: len(X_train)], both[len(X_train) :]
""",
        """\
class Scaler:
    def __init__(self, X):
        self.middle = X.mean(0)
        self.unit = X.std(0)
        self.unit[np.isclose(self.unit, 0)] = 1

    def __call__(self, X):
        return (X - self.middle) / self.unit

def standardise(X_train, X_new):
    scale = Scaler(X_train)
    return scale(X_train), scale(X_new)
""",
    ],
    "folds": [
        """\
def folds(m, k):
    parts = np.array_split(np.arange(m), k)
    return [(np.setdiff1d(np.arange(m), part), part) for part in parts]
""",
        """\
def folds(m, k):
    pairs, start = [], 0
    for i in range(k):
        size = m // k + (1 if i < m % k else 0)
        validation = np.arange(start, start + size)
        training = np.concatenate([np.arange(start), np.arange(start + size, m)])
        pairs.append((training, validation))
        start += size
    return pairs
""",
        """\
def folds(m, k):
    sizes = [m // k] * k
    for i in range(m % k):
        sizes[i] += 1
    edges = [sum(sizes[:i]) for i in range(k + 1)]
    return [([r for r in range(m) if not a <= r < b], list(range(a, b)))
            for a, b in zip(edges, edges[1:])]
""",
        """\
def folds(m, k):
    fold = np.sort(np.arange(m) % k)
    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)]
""",
        """\
def folds(m, k):
    rows, pairs = np.arange(m), []
    for part in np.array_split(rows, k):
        validates = np.isin(rows, part)
        pairs.append([rows[~validates], rows[validates]])
    return tuple(pairs)
""",
    ],
    "early-stopping": [
        """\
def early_stopping(losses, patience):
    best, kept, waited = np.inf, 0, 0
    for epoch, loss in enumerate(losses):
        waited += 1
        if loss < best:
            best, kept, waited = loss, epoch, 0
        if waited == patience:
            break
    return kept, epoch
""",
        """\
def early_stopping(losses, patience):
    for last in range(len(losses)):
        kept = int(np.argmin(losses[: last + 1]))
        if last - kept >= patience:
            return kept, last
    return kept, last
""",
        """\
def early_stopping(losses, patience):
    kept, epoch = 0, 0
    while epoch + 1 < len(losses) and epoch - kept < patience:
        epoch += 1
        if losses[epoch] < losses[kept]:
            kept = epoch
    return kept, epoch
""",
        """\
def early_stopping(losses, patience):
    losses = np.asarray(losses)
    lowest = np.minimum.accumulate(losses)
    new = np.append(True, lowest[1:] < lowest[:-1])
    since = np.arange(len(losses)) - np.maximum.accumulate(np.where(new, np.arange(len(losses)), 0))
    stops = np.flatnonzero(since == patience)
    last = stops[0] if len(stops) else len(losses) - 1
    return last - since[last], last
""",
        """\
def early_stopping(losses, patience):
    def walk(epoch, kept):
        if epoch == len(losses):
            return [kept, epoch - 1]
        if losses[epoch] < losses[kept]:
            kept = epoch
        if epoch - kept == patience:
            return [kept, epoch]
        return walk(epoch + 1, kept)
    return walk(0, 0)
""",
    ],
    "split-rows": [
        """\
def split_rows(X, y, n_test, rng):
    order = rng.permutation(len(X))
    X, y = X[order], y[order]
    return X[n_test:], y[n_test:], X[:n_test], y[:n_test]
""",
        """\
def split_rows(X, y, n_test, rng):
    test, train = np.split(rng.permutation(len(X)), [n_test])
    return X.take(train, axis=0), y.take(train), X.take(test, axis=0), y.take(test)
""",
        """\
def split_rows(X, y, n_test, rng):
    table = np.column_stack([X, y])[rng.permutation(len(X))]
    train, test = table[n_test:], table[:n_test]
    return train[:, :-1], train[:, -1].astype(int), test[:, :-1], test[:, -1].astype(int)
""",
        """\
def split_rows(X, y, n_test, rng):
    order = list(rng.permutation(len(X)))
    return ([X[i] for i in order[n_test:]], [y[i] for i in order[n_test:]],
            [X[i] for i in order[:n_test]], [y[i] for i in order[:n_test]])
""",
        """\
def split_rows(X, y, n_test, rng):
    X_train, y_train, X_test, y_test = [], [], [], []
    for place, row in enumerate(rng.permutation(len(X))):
        if place < n_test:
            X_test.append(X[row])
            y_test.append(y[row])
        else:
            X_train.append(X[row])
            y_train.append(y[row])
    return np.array(X_train), np.array(y_train), np.array(X_test), np.array(y_test)
""",
    ],
}
