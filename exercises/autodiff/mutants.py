"""Wrong and right answers to the set, as students write them.

A wrong answer says which parts it loses, and under which misconception it must be known; one
without a name must not be given any. The right ones must get all points.
"""


def instead(code: str, *changes: tuple[str, str]) -> str:
    """Return code in which pieces are replaced; each must be there."""
    for old, new in changes:
        assert old in code, old
        code = code.replace(old, new)
    return code


# -- differences ---------------------------------------------------------------------------

PLAIN = """\
def one_sided(f, x, h):
    return (f(x + h) - f(x)) / h

def central(f, x, h):
    rise = f(x + h) - f(x - h)
    return rise / (2 * h)
"""
STEP_BY_STEP = """\
def one_sided(f, x, h):
    here = f(x)
    there = f(x + h)
    return (there - here) / h

def central(f, x, h):
    left, right = x - h, x + h
    return 0.5 * (f(right) - f(left)) / h
"""
TRUE_STEP = """\
def central(f, x, h):
    up, down = x + h, x - h
    return (f(up) - f(down)) / (up - down)

def one_sided(f, x, h):
    up = x + h
    return (f(up) - f(x)) / (up - x)
"""
SHARED = """\
def chord(f, left, right):
    return (f(right) - f(left)) / (right - left)

def one_sided(f, x, h):
    return chord(f, x, x + h)

def central(f, x, h):
    return chord(f, x - h, x + h)
"""
MEAN_OF_TWO = """\
def one_sided(f, x, h):
    return np.divide(np.subtract(f(x + h), f(x)), h)

def central(f, x, h):
    return (one_sided(f, x, h) + one_sided(f, x, -h)) / 2
"""
ENTRY_BY_ENTRY = """\
def one_sided(f, x, h):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x)) / h
    return np.array([one_sided(f, v, h) for v in x])

def central(f, x, h):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x - h)) / h / 2
    return [central(f, v, h) for v in x]
"""
ONE = ("differences-one-sided",)
CENTRAL = ("differences-central",)
ONE_SEEN = ("differences-shown", *ONE)
CENTRAL_SEEN = ("differences-shown", *CENTRAL)
DIFFERENCES = [
    ("central over h", "differences", instead(PLAIN, ("(2 * h)", "h")),
     CENTRAL_SEEN, "divided-by-one-step"),
    ("a bracket forgotten", "differences", instead(PLAIN, ("rise / (2 * h)", "rise / 2 * h")),
     CENTRAL_SEEN, ""),
    ("central is one-sided", "differences",
     instead(PLAIN, ("f(x + h) - f(x - h)", "f(x + h) - f(x)"), ("(2 * h)", "h")),
     CENTRAL_SEEN, "one-sided-difference"),
    ("half a central difference", "differences",
     instead(PLAIN, ("f(x + h) - f(x - h)", "f(x + h) - f(x)")), CENTRAL_SEEN, ""),
    ("one-sided over two steps", "differences", instead(PLAIN, ("f(x)) / h", "f(x)) / (2 * h)")),
     ONE_SEEN, "divided-by-one-step"),
    ("a change is not a slope", "differences", instead(PLAIN, ("f(x)) / h", "f(x))")),
     ONE_SEEN, "difference-not-divided"),
    ("nothing divided", "differences", instead(PLAIN, (" / (2 * h)", "")),
     CENTRAL_SEEN, "difference-not-divided"),
    ("the wrong way round", "differences",
     instead(PLAIN, ("(f(x + h) - f(x))", "(f(x) - f(x + h))")),
     ONE_SEEN, "wrong-sign"),
    ("to the left", "differences", instead(PLAIN, ("f(x + h) - f(x))", "f(x) - f(x - h))")),
     ONE_SEEN, ""),
    ("precedence", "differences", instead(PLAIN, ("(f(x + h) - f(x)) / h", "f(x + h) - f(x) / h")),
     ONE_SEEN, ""),
    ("x moved in place", "differences", """\
def one_sided(f, x, h):
    before = f(x)
    x += h
    return (f(x) - before) / h

def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)
""", ONE, "changes-input"),
    ("x moved up and down in place", "differences", """\
def one_sided(f, x, h):
    return (f(x + h) - f(x)) / h

def central(f, x, h):
    x += h
    up = f(x)
    x -= 2 * h
    return (up - f(x)) / (2 * h)
""", CENTRAL, "changes-input"),
    ("a sum over the places", "differences",
     instead(PLAIN, ("return (f(x + h) - f(x)) / h", "return np.sum(f(x + h) - f(x)) / h")),
     ONE, ""),
    ("fixed step", "differences", instead(PLAIN, ("    rise", "    h = 1e-5\n    rise")),
     CENTRAL, ""),
    ("no return", "differences", instead(PLAIN, ("return (f", "slope = (f")), ONE_SEEN, ""),
]  # fmt: skip

# -- best-step -----------------------------------------------------------------------------

LOOP = """\
def best_step(slope, f, df, x, steps):
    errors = []
    for h in steps:
        relative = (slope(f, x, h) - df(x)) / df(x)
        errors.append(np.sqrt(np.mean(relative**2)))
    return steps[np.argmin(errors)], np.array(errors)
"""
NORMS = """\
def best_step(slope, f, df, x, steps):
    exact = df(x)
    ratios = np.array([slope(f, x, h) / exact for h in steps])
    errors = np.linalg.norm(ratios - 1, axis=1) / np.sqrt(len(x))
    return steps[errors.argmin()], errors
"""
PURE_PYTHON = """\
def best_step(slope, f, df, x, steps):
    errors = []
    for h in steps:
        total = 0.0
        for measured, true in zip(slope(f, x, h), df(x)):
            total += ((measured - true) / true) ** 2
        errors.append((total / len(x)) ** 0.5)
    best = min(zip(errors, steps))[1]
    return best, errors
"""
COMPARING = """\
def best_step(slope, f, df, x, steps):
    least, best, errors = np.inf, None, np.zeros(len(steps))
    for k, h in enumerate(steps):
        errors[k] = np.std(slope(f, x, h) / df(x) - 1)
        errors[k] = np.hypot(errors[k], np.mean(slope(f, x, h) / df(x) - 1))
        if errors[k] < least:
            least, best = errors[k], h
    return best, errors
"""
EINSUM = """\
def best_step(slope, f, df, x, steps):
    off = np.stack([slope(f, x, h) for h in steps]) - df(x)
    errors = np.sqrt(np.einsum("ki,ki,i->k", off, off, df(x) ** -2.0) / x.size)
    return float(steps[list(errors).index(min(errors))]), errors
"""
BEST = ("best-step-shown", "best-step-errors")
BEST_HIDDEN = ("best-step-errors",)
BEST_STEP = [
    ("absolute errors", "best-step", instead(LOOP, (" / df(x)\n", "\n")),
     BEST, "absolute-for-relative"),
    ("relative to what was measured", "best-step",
     instead(LOOP, (" / df(x)\n", " / slope(f, x, h)\n")), BEST, ""),
    ("no root", "best-step",
     instead(LOOP, ("np.sqrt(np.mean(relative**2))", "np.mean(relative**2)")),
     BEST, "mean-square-for-root"),
    ("the mean with its sign", "best-step",
     instead(LOOP, ("np.sqrt(np.mean(relative**2))", "abs(relative.mean())")),
     BEST_HIDDEN, "errors-cancel"),
    ("the mean of sizes", "best-step",
     instead(LOOP, ("np.sqrt(np.mean(relative**2))", "np.mean(np.abs(relative))")),
     BEST_HIDDEN, ""),
    ("the root of a sum", "best-step",
     instead(LOOP, ("np.mean(relative**2)", "np.sum(relative**2)")),
     BEST, ""),
    ("the place of the best step", "best-step",
     instead(LOOP, ("steps[np.argmin(errors)]", "np.argmin(errors)")), BEST, ""),
    ("the least error", "best-step", instead(LOOP, ("steps[np.argmin(errors)]", "min(errors)")),
     BEST, ""),
    ("the worst", "best-step", instead(LOOP, ("argmin", "argmax")), BEST, ""),
    ("errors in the order of their steps", "best-step",
     instead(LOOP, ("for h in steps", "for h in np.sort(steps)"),
             ("    return", "    steps = np.sort(steps)\n    return")), BEST, ""),
    ("the largest error of all places", "best-step",
     instead(LOOP, ("np.sqrt(np.mean(relative**2))", "np.max(np.abs(relative))")),
     BEST_HIDDEN, ""),
    ("only the best step", "best-step", instead(LOOP, (", np.array(errors)\n", "\n")), BEST, ""),
]  # fmt: skip

# -- complex-gradient ----------------------------------------------------------------------

FLAT = """\
def complex_gradient(f, x, h=1e-20):
    grad = []
    for k in range(x.size):
        nudge = np.zeros(x.size, dtype=complex)
        nudge[k] = 1j * h
        grad.append(np.imag(f(x + nudge.reshape(x.shape))) / h)
    return np.array(grad).reshape(x.shape)
"""
PUT_BACK = """\
def complex_gradient(f, x, h=1e-20):
    z = np.array(x, dtype=complex)
    grad = np.empty(x.shape)
    for j in np.ndindex(*x.shape):
        old = z[j]
        z[j] = complex(x[j], h)
        grad[j] = f(z).imag / h
        z[j] = old
    return grad
"""
UNIT_VECTORS = """\
def complex_gradient(f, x, h=1e-20):
    directions = np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([np.imag(f(x + 1j * h * e)) for e in directions], x.shape) / h
"""
ENUMERATED = """\
def complex_gradient(f, x, h=1e-20):
    grad = np.zeros_like(x, dtype=float)
    for j, value in np.ndenumerate(x):
        copy = x + 0j
        copy[j] = value + 1j * h
        grad[j] = np.imag(f(copy) / h)
    return grad
"""
VIEWS = """\
def complex_gradient(f, x, h=1e-20):
    z, grad = x.astype(np.complex128), np.zeros(x.shape)
    entries, out = z.reshape(-1), grad.reshape(-1)
    for k in range(len(entries)):
        entries[k] += h * 1j
        out[k] = float(np.imag(f(z))) * (1 / h)
        entries[k] -= h * 1j
    return grad
"""
VECTORS_ONLY = """\
def complex_gradient(f, x, h=1e-20):
    grad = np.zeros(len(x))
    for j in range(len(x)):
        z = x.astype(complex)
        z[j] += 1j * h
        grad[j] = np.imag(f(z)) / h
    return grad
"""
COMPLEX = ("complex-shown", "complex-vectors", "complex-matrices")
COMPLEX_GRADIENT = [
    ("all at once", "complex-gradient",
     "def complex_gradient(f, x, h=1e-20):\n"
     "    return np.imag(f(x + 1j * h)) / h * np.ones(x.shape)\n",
     COMPLEX, "all-nudged-at-once"),
    ("all at once, a number", "complex-gradient",
     "def complex_gradient(f, x, h=1e-20):\n    return np.imag(f(x + 1j * h)) / h\n",
     COMPLEX, ""),
    ("nudges pile up", "complex-gradient",
     instead(PUT_BACK, ("        z[j] = old\n", "")), COMPLEX, ""),
    ("not divided", "complex-gradient",
     instead(FLAT, ("np.imag(f(x + nudge.reshape(x.shape))) / h",
                    "np.imag(f(x + nudge.reshape(x.shape)))")),
     COMPLEX, "difference-not-divided"),
    ("the real part", "complex-gradient", instead(FLAT, ("np.imag", "np.real")),
     COMPLEX, "wrong-part"),
    ("vectors only", "complex-gradient", VECTORS_ONLY, ("complex-matrices",), ""),
    ("a flat gradient", "complex-gradient", instead(FLAT, (".reshape(x.shape)\n", "\n")),
     ("complex-matrices",), ""),
    ("central differences", "complex-gradient", """\
def complex_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape)
    for j in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[j] += h
        down[j] -= h
        grad[j] = (f(up) - f(down)) / (2 * h)
    return grad
""", COMPLEX, "real-nudge"),
    ("one-sided differences", "complex-gradient", """\
def complex_gradient(f, x, h=1e-8):
    grad = np.zeros(x.shape)
    for j in np.ndindex(x.shape):
        nudged = x.copy()
        nudged[j] = nudged[j] + h
        grad[j] = (f(nudged) - f(x)) / h
    return grad
""", COMPLEX, "one-sided-difference"),
    ("an array that holds no complex numbers", "complex-gradient",
     instead(ENUMERATED, ("x + 0j", "x.copy()")), COMPLEX, ""),
    ("the imaginary part is lost", "complex-gradient",
     instead(PUT_BACK, ("dtype=complex", "dtype=float"),
             ("complex(x[j], h)", "np.real(x[j] + 1j * h)")),
     COMPLEX, ""),
    ("h is not used", "complex-gradient",
     instead(FLAT, ("    grad = []", "    grad, h = [], 1e-8")),
     ("complex-vectors",), ""),
    ("divided by the imaginary step", "complex-gradient",
     instead(PUT_BACK, ("grad[j] = f(z).imag / h", "grad[j] = (f(z) / (1j * h)).imag")),
     COMPLEX, ""),
    ("both the nudge and the division forgotten", "complex-gradient",
     instead(FLAT, ("1j * h", "1j"), (" / h)", ")")),
     ("complex-vectors", "complex-matrices"), ""),
]  # fmt: skip

# -- chain ---------------------------------------------------------------------------------

LINKS = """\
def chain(x):
    p = x**2
    q = np.sin(p)
    y = np.exp(q)
    dp = 2 * x
    dq = np.cos(p)
    dy = np.exp(q)
    return y, dy * dq * dp
"""
FORWARD = """\
def chain(x):
    p, dp = x * x, 2 * x
    q, dq = np.sin(p), np.cos(p) * dp
    y = np.exp(q)
    return [y, y * dq]
"""
BACKWARD = """\
def chain(x):
    p = np.square(x)
    q = np.sin(p)
    y = np.exp(q)
    y_bar = 1.0
    q_bar = y_bar * y
    p_bar = q_bar * np.cos(p)
    x_bar = p_bar * x + p_bar * x
    return y, x_bar
"""
FORMULA = """\
def chain(x):
    y = np.exp(np.sin(x**2))
    return y, 2 * x * np.cos(x**2) * y
"""
PYTHONS_OWN = """\
import math

def chain(x):
    if np.ndim(x):
        pairs = [chain(v) for v in x]
        return [y for y, _ in pairs], [dy for _, dy in pairs]
    y = math.exp(math.sin(x * x))
    return y, 2 * x * math.cos(x * x) * y
"""
BY_COMPLEX_STEP = """\
def chain(x):
    y = np.exp(np.sin((x + 1e-20j) ** 2))
    return np.real(y), np.imag(y) / 1e-20
"""
CHAIN = ("chain-shown", "chain-hidden")
CHAINS = [
    ("without 2x", "chain", instead(LINKS, (" * dp", "")), CHAIN, "inner-factor-forgotten"),
    ("without the middle", "chain", instead(LINKS, (" * dq", "")), CHAIN, ""),
    ("without the outside", "chain", instead(LINKS, ("dy * dq", "dq")), ("chain-hidden",), ""),
    ("cosine at x", "chain", instead(LINKS, ("np.cos(p)", "np.cos(x)")),
     CHAIN, "slope-at-wrong-place"),
    ("cosine of the sine", "chain", instead(LINKS, ("np.cos(p)", "np.cos(q)")), CHAIN, ""),
    ("a sum", "chain", instead(LINKS, ("dy * dq * dp", "dy + dq + dp")), CHAIN, "factors-added"),
    ("minus the cosine", "chain", instead(LINKS, ("np.cos(p)", "-np.cos(p)")),
     CHAIN, "wrong-sign"),
    ("the power rule for e", "chain", instead(LINKS, ("dy = np.exp(q)", "dy = q * np.exp(q - 1)")),
     CHAIN, ""),
    ("exp at p", "chain", instead(LINKS, ("dy = np.exp(q)", "dy = np.exp(p)")), CHAIN, ""),
    ("x for 2x", "chain", instead(LINKS, ("2 * x", "x")), CHAIN, "two-of-a-square"),
    ("central difference", "chain", """\
def chain(x, h=1e-5):
    f = lambda x: np.exp(np.sin(x**2))
    return f(x), (f(x + h) - f(x - h)) / (2 * h)
""", CHAIN, ""),
    ("sin²x", "chain",
     instead(FORWARD, ("np.sin(p), np.cos(p) * dp", "np.sin(x) ** 2, np.cos(p) * dp")),
     CHAIN, ""),
    ("only the derivative", "chain", instead(LINKS, ("return y, dy", "return dy")), CHAIN, ""),
]  # fmt: skip

# -- shared-weight -------------------------------------------------------------------------

UNROLLED = """\
def two_steps(x1, x2, y, w, u):
    z1 = w * x1
    a1 = np.tanh(z1)
    z2 = w * x2 + u * a1
    a2 = np.tanh(z2)
    C = 0.5 * (a2 - y) ** 2

    delta2 = (a2 - y) * (1 - np.tanh(z2) ** 2)
    delta1 = u * delta2 * (1 - np.tanh(z1) ** 2)
    dw = delta2 * x2
    dw = dw + delta1 * x1
    du = delta2 * a1
    return C, {"w": dw, "u": du}
"""
BARS = """\
def two_steps(x1, x2, y, w, u):
    a1 = np.tanh(w * x1)
    a2 = np.tanh(w * x2 + u * a1)
    grads = {"w": 0.0, "u": 0.0}
    a2_bar = a2 - y
    z2_bar = a2_bar * (1 - a2 * a2)
    grads["w"] += z2_bar * x2
    grads["u"] += z2_bar * a1
    a1_bar = z2_bar * u
    grads["w"] += a1_bar * (1 - a1 * a1) * x1
    return (a2 - y) ** 2 / 2, grads
"""
ALONG_FORWARD = """\
def two_steps(x1, x2, y, w, u):
    a1 = np.tanh(w * x1)
    da1_dw = (1 - a1**2) * x1
    a2 = np.tanh(w * x2 + u * a1)
    da2_dw = (1 - a2**2) * (x2 + u * da1_dw)
    da2_du = (1 - a2**2) * a1
    return 0.5 * (a2 - y) ** 2, {"u": (a2 - y) * da2_du, "w": (a2 - y) * da2_dw}
"""
WITH_COSH = """\
def two_steps(x1, x2, y, w, u):
    slope = lambda z: 1 / np.cosh(z) ** 2
    z1 = w * x1
    z2 = w * x2 + u * np.tanh(z1)
    error = np.tanh(z2) - y
    direct = x2
    through_a1 = u * slope(z1) * x1
    dw = error * slope(z2) * (direct + through_a1)
    return error * error / 2, {"w": dw, "u": error * slope(z2) * np.tanh(z1)}
"""
MATRIX_LIKE = """\
def two_steps(x1, x2, y, w, u):
    x, a = np.array([x1, x2]), np.zeros(3)
    for t in range(2):
        a[t + 1] = np.tanh(w * x[t] + u * a[t])
    delta, back = np.zeros(2), a[2] - y
    for t in (1, 0):
        delta[t] = back * (1 - a[t + 1] ** 2)
        back = u * delta[t]
    return 0.5 * (a[2] - y) ** 2, {"w": delta @ x, "u": delta @ a[:2]}
"""
TWICE = ("shared-shown", "shared-hidden")
TWICE_HIDDEN = ("shared-hidden",)
SHARED_WEIGHT = [
    ("the direct path alone", "shared-weight",
     instead(UNROLLED, ("    dw = dw + delta1 * x1\n", "")), TWICE, "path-forgotten"),
    ("the second replaces the first", "shared-weight",
     instead(UNROLLED, ("dw = dw + delta1 * x1", "dw = delta1 * x1")),
     TWICE_HIDDEN, "gradient-overwritten"),
    ("the paths multiplied", "shared-weight",
     instead(UNROLLED, ("dw = dw + delta1 * x1", "dw = dw * delta1 * x1")), TWICE, ""),
    ("target minus output", "shared-weight",
     instead(UNROLLED, ("delta2 = (a2 - y)", "delta2 = (y - a2)")), TWICE, "target-minus-output"),
    ("u forgotten on the way back", "shared-weight",
     instead(UNROLLED, ("delta1 = u * delta2", "delta1 = delta2")), TWICE, "weight-forgotten"),
    ("no slopes", "shared-weight",
     instead(UNROLLED, (" * (1 - np.tanh(z2) ** 2)", ""), (" * (1 - np.tanh(z1) ** 2)", "")),
     TWICE_HIDDEN, "slope-forgotten"),
    ("no slope of the first", "shared-weight", instead(UNROLLED, (" * (1 - np.tanh(z1) ** 2)", "")),
     TWICE_HIDDEN, "inner-factor-forgotten"),
    ("tanh of a", "shared-weight", instead(UNROLLED, ("np.tanh(z2) ** 2", "np.tanh(a2) ** 2"),
                                           ("np.tanh(z1) ** 2", "np.tanh(a1) ** 2")),
     TWICE_HIDDEN, "slope-of-activation"),
    ("the slope of the other layer", "shared-weight",
     instead(UNROLLED, ("delta2 * (1 - np.tanh(z1) ** 2)", "delta2 * (1 - np.tanh(z2) ** 2)")),
     TWICE_HIDDEN, ""),
    ("no half", "shared-weight", instead(UNROLLED, ("0.5 * (a2 - y) ** 2", "(a2 - y) ** 2")),
     TWICE, "factor-two"),
    ("the slope of a sigmoid", "shared-weight",
     instead(BARS, ("(1 - a2 * a2)", "a2 * (1 - a2)"), ("(1 - a1 * a1)", "a1 * (1 - a1)")),
     TWICE, ""),
    ("u hears from x", "shared-weight", instead(UNROLLED, ("du = delta2 * a1", "du = delta2 * x1")),
     TWICE, ""),
    ("inputs exchanged", "shared-weight",
     instead(UNROLLED, ("delta2 * x2", "delta2 * x1"), ("delta1 * x1", "delta1 * x2")), TWICE, ""),
    ("only the gradients", "shared-weight", instead(UNROLLED, ("return C, {", "return {")),
     TWICE, ""),
]  # fmt: skip

# -- dual ----------------------------------------------------------------------------------

DUAL = """\
def as_dual(x):
    return x if isinstance(x, Dual) else Dual(x)


class Dual:
    def __init__(self, data, tangent=0.0):
        self.data, self.tangent = data, tangent

    def __add__(x, y):
        y = as_dual(y)
        return Dual(x.data + y.data, x.tangent + y.tangent)

    def __mul__(x, y):
        y = as_dual(y)
        tangent = x.data * y.tangent + y.data * x.tangent
        return Dual(x.data * y.data, tangent)

    def __truediv__(x, y):
        y = as_dual(y)
        tangent = (x.tangent * y.data - x.data * y.tangent) / y.data**2
        return Dual(x.data / y.data, tangent)

    def sin(x):
        return Dual(np.sin(x.data), np.cos(x.data) * x.tangent)
"""
QUOTIENT = "(x.tangent * y.data - x.data * y.tangent) / y.data**2"
BY_RECIPROCAL = instead(DUAL, (f"        tangent = {QUOTIENT}\n", ""), (
    "        return Dual(x.data / y.data, tangent)\n",
    "        return x * Dual(1 / y.data, -y.tangent / y.data**2)\n",
))  # fmt: skip
BY_PAIRS = """\
import math

def as_dual(x):
    return x if isinstance(x, Dual) else Dual(x)

class Dual:
    def __init__(self, data, tangent=0.0):
        self.data = float(data)
        self.tangent = float(tangent)

    def __add__(self, other):
        other = as_dual(other)
        return Dual(self.data + other.data, self.tangent + other.tangent)

    def __mul__(self, other):
        if not isinstance(other, Dual):
            return Dual(self.data * other, self.tangent * other)
        (a, da), (b, db) = (self.data, self.tangent), (other.data, other.tangent)
        return Dual(a * b, da * b + a * db)

    def __truediv__(self, other):
        if not isinstance(other, Dual):
            return self * (1 / other)
        c = self.data / other.data
        return Dual(c, self.tangent / other.data - c * other.tangent / other.data)

    def sin(self):
        return Dual(math.sin(self.data), self.tangent * math.cos(self.data))
"""
BY_MATRICES = """\
class Dual:
    def __init__(self, data, tangent=0.0):
        self.matrix = np.array([[data, tangent], [0.0, data]])

    @property
    def data(self):
        return self.matrix[0, 0]

    @property
    def tangent(self):
        return self.matrix[0, 1]

    def of(self, matrix):
        return Dual(matrix[0, 0], matrix[0, 1])

    def __add__(x, y):
        return x.of(x.matrix + as_dual(y).matrix)

    def __mul__(x, y):
        return x.of(x.matrix @ as_dual(y).matrix)

    def __truediv__(x, y):
        return x.of(x.matrix @ np.linalg.inv(as_dual(y).matrix))

    def sin(x):
        return Dual(np.sin(x.data), np.cos(x.data) * x.tangent)

def as_dual(x):
    return x if isinstance(x, Dual) else Dual(x)
"""
BY_ONE_RULE = instead(DUAL, ("""\
        tangent = x.data * y.tangent + y.data * x.tangent
        return Dual(x.data * y.data, tangent)
""", """\
        return combined(x, y, np.multiply, y.data, x.data)
"""), (f"""\
        tangent = {QUOTIENT}
        return Dual(x.data / y.data, tangent)
""", """\
        return combined(x, y, np.divide, 1 / y.data, -x.data / (y.data * y.data))
""")) + """

def combined(x, y, operation, by_x, by_y):
    return Dual(operation(x.data, y.data), np.dot([by_x, by_y], [x.tangent, y.tangent]))
"""  # fmt: skip
PRODUCT = "x.data * y.tangent + y.data * x.tangent"
MULTIPLIED = ("dual-shown", "dual-products")
DIVIDED, OF_SINE = ("dual-quotients",), ("dual-sine",)
DUALS = [
    ("tangents multiplied", "dual", instead(DUAL, (PRODUCT, "x.tangent * y.tangent")),
     MULTIPLIED, "tangents-multiplied"),
    ("half of the product rule", "dual", instead(DUAL, (PRODUCT, "x.tangent * y.data")),
     MULTIPLIED, "path-forgotten"),
    ("a minus in the product rule", "dual",
     instead(DUAL, (PRODUCT, "x.tangent * y.data - x.data * y.tangent")), MULTIPLIED, ""),
    ("each with its own", "dual",
     instead(DUAL, (PRODUCT, "x.data * x.tangent + y.data * y.tangent")), ("dual-products",), ""),
    ("constants move", "dual", instead(DUAL, ("else Dual(x)", "else Dual(x, 1.0)")),
     ("dual-products", "dual-quotients"), "constant-moves"),
    ("no constants", "dual", instead(DUAL, ("        y = as_dual(y)\n        tangent = x.data",
                                            "        tangent = x.data")),
     ("dual-products",), ""),
    ("x is changed", "dual", instead(DUAL, (
        f"        tangent = {PRODUCT}\n        return Dual(x.data * y.data, tangent)\n",
        "        x.tangent = x.data * y.tangent + y.data * x.tangent\n"
        "        x.data = x.data * y.data\n        return x\n")), ("dual-products",), ""),
    ("x is changed in the other order", "dual", instead(DUAL, (
        f"        tangent = {PRODUCT}\n        return Dual(x.data * y.data, tangent)\n",
        "        x.data *= y.data\n"
        "        x.tangent = x.data * y.tangent + y.data * x.tangent\n        return x\n")),
     MULTIPLIED, ""),
    ("a plain number comes out", "dual",
     instead(DUAL, ("return Dual(x.data * y.data, tangent)", "return x.data * y.data")),
     MULTIPLIED, ""),
    ("quotient of the tangents", "dual",
     instead(DUAL, (QUOTIENT, "x.tangent / (y.tangent + 1e-9)")),
     DIVIDED, ""),
    ("quotient with a plus", "dual",
     instead(DUAL, (QUOTIENT, "(x.tangent * y.data + x.data * y.tangent) / y.data**2")),
     DIVIDED, ""),
    ("quotient the wrong way round", "dual",
     instead(DUAL, (QUOTIENT, "(x.data * y.tangent - x.tangent * y.data) / y.data**2")),
     DIVIDED, "wrong-sign"),
    ("denominator once", "dual", instead(DUAL, ("/ y.data**2", "/ y.data")),
     DIVIDED, "denominator-not-squared"),
    ("as if y stood still", "dual", instead(DUAL, (QUOTIENT, "x.tangent / y.data")),
     DIVIDED, "path-forgotten"),
    ("sine without the inner factor", "dual",
     instead(DUAL, ("np.cos(x.data) * x.tangent", "np.cos(x.data)")),
     OF_SINE, "inner-factor-forgotten"),
    ("sine of the tangent", "dual",
     instead(DUAL, ("np.cos(x.data) * x.tangent", "np.sin(x.tangent)")),
     OF_SINE, "function-of-tangent"),
    ("cosine of the tangent", "dual",
     instead(DUAL, ("np.cos(x.data) * x.tangent", "np.cos(x.tangent)")),
     OF_SINE, "slope-at-wrong-place"),
    ("cosine with a minus", "dual", instead(DUAL, ("np.cos(x.data) *", "-np.cos(x.data) *")),
     OF_SINE, "wrong-sign"),
    ("sine of a plain number", "dual",
     instead(DUAL, ("return Dual(np.sin(x.data), np.cos(x.data) * x.tangent)", "return np.sin(x)")),
     OF_SINE, ""),
]  # fmt: skip

# -- walk ----------------------------------------------------------------------------------

LISTED = """\
def backward(end):
    order, seen, todo = [], set(), [(end, False)]
    while todo:
        node, finished = todo.pop()
        if finished:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            for parent, _ in node.parents:
                todo.append((parent, False))
    for node in order:
        node.grad = 0.0
    end.grad = 1.0
    for node in reversed(order):
        for parent, derivative in node.parents:
            parent.grad += derivative * node.grad
"""
COUNTED = """\
from collections import Counter, deque

def ancestors(end):
    nodes = {id(end): end}
    queue = deque([end])
    while queue:
        for parent, _ in queue.popleft().parents:
            if id(parent) not in nodes:
                nodes[id(parent)] = parent
                queue.append(parent)
    return list(nodes.values())

def backward(end):
    nodes = ancestors(end)
    waiting = Counter(id(parent) for node in nodes for parent, _ in node.parents)
    for node in nodes:
        node.grad = float(node is end)
    speak = [end]
    while speak:
        node = speak.pop()
        for parent, derivative in node.parents:
            parent.grad = parent.grad + node.grad * derivative
            waiting[id(parent)] -= 1
            if waiting[id(parent)] == 0:
                speak.append(parent)
"""
RECURSIVE = """\
import sys

def visit(node, order, seen):
    if node in seen:
        return
    seen.add(node)
    for parent, _ in node.parents:
        visit(parent, order, seen)
    order.append(node)

def backward(end):
    usual, order = sys.getrecursionlimit(), []
    sys.setrecursionlimit(100_000)
    visit(end, order, set())
    sys.setrecursionlimit(usual)
    for node in order:
        node.grad = 0.0
    end.grad = 1.0
    for node in order[::-1]:
        for parent, derivative in node.parents:
            parent.grad += node.grad * derivative
"""
ASKING_CHILDREN = """\
def backward(end):
    children, nodes = {end: []}, [end]
    for node in nodes:
        for parent, derivative in node.parents:
            if parent not in children:
                children[parent] = []
                nodes.append(parent)
            children[parent].append((node, derivative))
    done = {}
    todo = list(nodes)
    done[end] = 1.0
    stack = [node for node in nodes]
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
            continue
        missing = [child for child, _ in children[node] if child not in done]
        if missing:
            stack.extend(missing)
        else:
            done[node] = sum(done[child] * d for child, d in children[node])
    for node in todo:
        node.grad = done[node]
"""
BY_DEPTH = """\
def backward(end):
    # the longest way from the end: a child is always nearer to it than its parents
    uses, nodes = {end: 0}, [end]
    for node in nodes:
        for parent, _ in node.parents:
            if parent not in uses:
                uses[parent] = 0
                nodes.append(parent)
            uses[parent] += 1
    level, layers = [end], []
    while level:
        layers.append(level)
        following = []
        for node in level:
            for parent, _ in node.parents:
                uses[parent] -= 1
                if uses[parent] == 0:
                    following.append(parent)
        level = following
    for layer in layers:
        for node in layer:
            node.grad = 0.0
    end.grad = 1.0
    for layer in layers:
        for node in layer:
            for parent, derivative in node.parents:
                parent.grad += node.grad * derivative
"""
AS_FOUND = """\
def backward(end):
    nodes, seen = [end], {end}
    for node in nodes:
        for parent, _ in node.parents:
            if parent not in seen:
                seen.add(parent)
                nodes.append(parent)
    for node in nodes:
        node.grad = 0.0
    end.grad = 1.0
    for node in nodes:
        for parent, derivative in node.parents:
            parent.grad += node.grad * derivative
"""
PATHS = """\
def hand_on(node, g):
    node.grad = node.grad + g
    for parent, derivative in node.parents:
        hand_on(parent, g * derivative)

def clear(node):
    node.grad = 0.0
    for parent, _ in node.parents:
        clear(parent)

def backward(end):
    clear(end)
    hand_on(end, 1.0)
"""
ALL_WALKS = ("walk-shown", "walk-order", "walk-twice", "walk-long")
ORDER, TWO, LONG = ("walk-order",), ("walk-twice",), ("walk-long",)
WALKS = [
    ("in the order found", "walk", AS_FOUND, ORDER, "handed-on-too-early"),
    ("depth first, children not awaited", "walk", """\
def backward(end):
    order, seen = [], set()
    todo = [end]
    while todo:
        node = todo.pop(0)
        if node in seen:
            continue
        seen.add(node)
        order.append(node)
        todo = [parent for parent, _ in node.parents] + todo
    for node in order:
        node.grad = 0.0
    end.grad = 1.0
    for node in order:
        for parent, d in node.parents:
            parent.grad += d * node.grad
""", ORDER, "handed-on-too-early"),
    ("assigned", "walk", instead(LISTED, ("parent.grad += derivative", "parent.grad = derivative")),
     ("walk-shown", "walk-order", "walk-long"), "gradient-overwritten"),
    ("never cleared", "walk",
     instead(LISTED, ("    for node in order:\n        node.grad = 0.0\n", "")),
     TWO, "gradient-kept"),
    ("every path, never cleared", "walk", instead(PATHS, ("    clear(end)\n", "")),
     ("walk-twice", "walk-long"), "gradient-kept"),
    ("every path", "walk", PATHS, LONG, ""),
    ("recursive", "walk", instead(RECURSIVE, ("    sys.setrecursionlimit(100_000)\n", "")),
     LONG, ""),
    ("the end has no gradient", "walk", instead(LISTED, ("    end.grad = 1.0\n", "")),
     ALL_WALKS, ""),
    ("from the oldest", "walk", instead(LISTED, ("reversed(order)", "order")),
     ("walk-shown", "walk-order", "walk-long"), ""),
    ("parents alone", "walk", """\
def backward(end):
    end.grad = 1.0
    for parent, derivative in end.parents:
        parent.grad = 0.0
    for parent, derivative in end.parents:
        parent.grad += end.grad * derivative
""", ("walk-shown", "walk-order", "walk-long"), ""),
    ("local derivatives not multiplied", "walk",
     instead(LISTED, ("derivative * node.grad", "derivative")),
     ("walk-shown", "walk-order", "walk-long"), ""),
    ("once for each pair of nodes", "walk",
     instead(LISTED, ("        for parent, derivative in node.parents:\n            parent.grad",
                      "        for parent, derivative in dict(node.parents).items():\n"
                      "            parent.grad")),
     ("walk-shown", "walk-long"), ""),
    ("values for derivatives", "walk",
     instead(LISTED, ("derivative * node.grad", "parent.data * node.grad")),
     ALL_WALKS, ""),
    ("returned and not stored", "walk", instead(LISTED, (
        "        for parent, derivative in node.parents:\n"
        "            parent.grad += derivative * node.grad\n",
        "        grads = [node.grad * d for _, d in node.parents]\n    return grads\n")),
     ALL_WALKS, ""),
]  # fmt: skip

# -- mended --------------------------------------------------------------------------------

MENDED = """\
def mended(X, Y, W, b):
    A1 = np.tanh(X @ W + b)
    A2 = np.tanh(A1 @ W + b)
    dA2 = A2.copy()
    dA2 -= Y
    dA2 /= len(X)
    grads = {}
    delta = dA2 * (1 - A2**2)  # of the second use
    grads["W"] = A1.T @ delta
    grads["b"] = delta.sum(axis=0)
    delta = (delta @ W.T) * (1 - A1**2)  # of the first use
    grads["W"] += X.T @ delta
    grads["b"] += delta.sum(axis=0)
    return A2, grads
"""
SUBTRACTED = instead(
    MENDED,
    ("    dA2 = A2.copy()\n    dA2 -= Y\n    dA2 /= len(X)\n", "    dA2 = (A2 - Y) / len(X)\n"),
)
TWO_NAMES = """\
def mended(X, Y, W, b):
    A1 = np.tanh(X @ W + b)
    A2 = np.tanh(A1 @ W + b)
    dZ2 = (A2 - Y) * (1 - A2 * A2) / X.shape[0]
    dW2, db2 = A1.T @ dZ2, np.sum(dZ2, axis=0)
    dZ1 = dZ2 @ W.T * (1 - A1 * A1)
    dW1, db1 = X.T @ dZ1, np.sum(dZ1, axis=0)
    return A2, {"W": dW1 + dW2, "b": db1 + db2}
"""
ROW_BY_ROW = """\
def mended(X, Y, W, b):
    grads = {"W": np.zeros(W.shape), "b": np.zeros(b.shape)}
    rows = []
    for x, y in zip(X, Y):
        a1 = np.tanh(x @ W + b)
        a2 = np.tanh(a1 @ W + b)
        rows.append(a2)
        d2 = (a2 - y) / len(X) * (1 - a2**2)
        d1 = (W @ d2) * (1 - a1**2)
        grads["W"] += np.outer(a1, d2) + np.outer(x, d1)
        grads["b"] += d1 + d2
    return np.array(rows), grads
"""
SUMMED = """\
def mended(X, Y, W, b):
    A = [X]
    for _ in range(2):
        A.append(np.tanh(A[-1] @ W + b))
    dA = (A[2] - Y) / len(Y)
    dW, db = 0, 0
    for l in (2, 1):
        delta = dA * (1 - A[l] ** 2)
        dW = dW + np.einsum("ij,ik->jk", A[l - 1], delta)
        db = db + np.einsum("ik->k", delta)
        dA = np.einsum("ik,jk->ij", delta, W)
    return A[2], {"W": dW, "b": db}
"""
STACKED = """\
def mended(X, Y, W, b):
    A1 = np.tanh(X @ W + b)
    A2 = np.tanh(A1 @ W + b)
    delta2 = (A2 - Y) * (1 - A2**2) / len(X)
    delta1 = np.dot(delta2, W.T) * (1 - A1**2)
    inputs, deltas = np.vstack([A1, X]), np.vstack([delta2, delta1])
    return A2, {"b": deltas.sum(axis=0), "W": inputs.T @ deltas}
"""
SLIPS = ("mended-shown", "mended-activations", "mended-gradients")
SUMS = ("mended-shown", "mended-gradients")
MENDEDS = [
    ("nothing mended", "mended", instead(
        MENDED, ("A2.copy()", "A2"), ("+= X.T", "= X.T"), ("+= delta", "= delta")),
     SLIPS, "changed-too-early"),
    ("still one array", "mended", instead(MENDED, ("A2.copy()", "A2")), SLIPS, "changed-too-early"),
    ("still one array, by a slice", "mended", instead(MENDED, ("A2.copy()", "A2[:]")),
     SLIPS, "changed-too-early"),
    ("saved too late", "mended", instead(
        MENDED, ("A2.copy()", "A2"), ("    grads = {}", "    saved = A2.copy()\n    grads = {}"),
        ("return A2", "return saved")), SLIPS, "changed-too-early"),
    ("only returned rightly", "mended", instead(
        MENDED, ("dA2 = A2.copy()", "saved, dA2 = A2.copy(), A2"), ("return A2", "return saved")),
     SUMS, "changed-too-early"),
    ("still replaced", "mended", instead(MENDED, ("+= X.T", "= X.T"), ("+= delta", "= delta")),
     SUMS, "gradient-overwritten"),
    ("the weights added, the biases replaced", "mended", instead(MENDED, ("+= delta", "= delta")),
     SUMS, "gradient-overwritten"),
    ("the biases added, the weights replaced", "mended", instead(MENDED, ("+= X.T", "= X.T")),
     ("mended-gradients",), "gradient-overwritten"),
    ("the first use left out", "mended", instead(
        MENDED, ('    grads["W"] += X.T @ delta\n', ""),
        ('    grads["b"] += delta.sum(axis=0)\n', "")), SUMS, "path-forgotten"),
    ("the mean forgotten", "mended", instead(MENDED, ("    dA2 /= len(X)\n", "")),
     SUMS, "sum-for-mean"),
    ("the difference turned round", "mended",
     instead(SUBTRACTED, ("(A2 - Y) / len(X)", "(Y - A2) / len(X)")), SUMS, "target-minus-output"),
    ("Y subtracted in place", "mended", instead(
        MENDED, ("    dA2 = A2.copy()\n    dA2 -= Y\n",
                 "    dA2 = Y\n    dA2 -= A2\n    dA2 *= -1\n")),
     ("mended-activations", "mended-gradients"), "changes-input"),
    ("delta takes the place of its parent", "mended", instead(
        SUBTRACTED, ("delta = (delta @ W.T) * (1 - A1**2)", "delta = delta * (1 - A1**2)")),
     SUMS, ""),
    ("the mean of both uses", "mended", instead(
        TWO_NAMES, ("dW1 + dW2", "(dW1 + dW2) / 2"), ("db1 + db2", "(db1 + db2) / 2")),
     SUMS, "uses-averaged"),
]  # fmt: skip

MUTANTS = [
    *DIFFERENCES, *BEST_STEP, *COMPLEX_GRADIENT, *CHAINS, *SHARED_WEIGHT, *DUALS, *WALKS, *MENDEDS
]  # fmt: skip
RIGHT = {
    "differences": [PLAIN, STEP_BY_STEP, TRUE_STEP, SHARED, MEAN_OF_TWO, ENTRY_BY_ENTRY],
    "best-step": [LOOP, NORMS, PURE_PYTHON, COMPARING, EINSUM],
    "complex-gradient": [FLAT, PUT_BACK, UNIT_VECTORS, ENUMERATED, VIEWS],
    "chain": [LINKS, FORWARD, BACKWARD, FORMULA, PYTHONS_OWN, BY_COMPLEX_STEP],
    "shared-weight": [UNROLLED, BARS, ALONG_FORWARD, WITH_COSH, MATRIX_LIKE],
    "dual": [DUAL, BY_RECIPROCAL, BY_PAIRS, BY_MATRICES, BY_ONE_RULE],
    "walk": [LISTED, COUNTED, RECURSIVE, ASKING_CHILDREN, BY_DEPTH],
    "mended": [MENDED, SUBTRACTED, TWO_NAMES, ROW_BY_ROW, SUMMED, STACKED],
}
