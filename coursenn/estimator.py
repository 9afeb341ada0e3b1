"""Multilayer perceptrons for scikit-learn: ``mlp``, ``train`` and early stopping in one object.

They go wherever scikit-learn takes an estimator: into pipelines, cross-validation, and grid
searches on all cores (``n_jobs=-1``) or, within ``joblib.parallel_config(backend="dask")``,
on a cluster. Importing this module loads scikit-learn, so ``import coursenn`` does not.
"""

import warnings
from collections.abc import Iterator, Sequence
from copy import deepcopy
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .activations import ACTIVATIONS, sigmoid
from .arrays import Array
from .data import one_hot
from .initializers import glorot, he
from .losses import Loss, binary_cross_entropy, cross_entropy, squared_error
from .network import Network, mlp
from .optimizers import SGD, Adagrad, Adam, Optimizer, RMSprop
from .training import EarlyStopping, train

try:
    from sklearn import base  # type: ignore[import-untyped]
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
    from sklearn.model_selection import train_test_split  # type: ignore[import-untyped]
    from sklearn.utils._param_validation import Interval, Options, StrOptions  # type: ignore[import-untyped]
    from sklearn.utils.multiclass import check_classification_targets  # type: ignore[import-untyped]
    from sklearn.utils.validation import check_is_fitted, validate_data  # type: ignore[import-untyped]
except ImportError as error:
    raise ImportError(
        "coursenn.estimator needs scikit-learn 1.7 or later: pip install scikit-learn"
    ) from error

FUNCTIONS = ACTIVATIONS | {"logistic": sigmoid}  # scikit-learn's name for it
FOR_HE = {"relu", "leaky_relu", "elu", "softplus"}  # the other activations start with glorot
RATE_ALONE = {"adagrad": Adagrad, "rmsprop": RMSprop, "adam": Adam}
FLOATS = [np.float64, np.float32]
COUNT = Interval(Integral, 1, None, closed="left")


class _MLP(base.BaseEstimator):  # type: ignore[misc]
    """All but the targets: subclasses make Y of y (``_check``), and predictions of outputs."""

    net_: Network
    optimizer_: Optimizer
    loss_curve_: list[float]
    validation_loss_curve_: list[float]
    n_iter_: int

    _parameter_constraints = {  # noqa: RUF012, a constant that scikit-learn looks for
        "hidden_layer_sizes": ["array-like", COUNT],
        "activation": [StrOptions(set(FUNCTIONS))],
        "solver": [StrOptions({"sgd", *RATE_ALONE}), Optimizer],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), COUNT],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "nesterovs_momentum": ["boolean"],
        "max_iter": [COUNT],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_iter_no_change": [COUNT, Options(Real, {np.inf})],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "warm_start": ["boolean"],
        "random_state": ["random_state", np.random.Generator],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        solver: str | Optimizer = "adam",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate_init: float = 1e-3,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        max_iter: int = 200,
        tol: float = 1e-4,
        n_iter_no_change: float = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | np.random.Generator | None = None,
        verbose: bool = False,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    @property
    def coefs_(self) -> list[Array]:
        """The weights W1, W2, ..., as views into the network."""
        return self.net_.params[0::2]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases b1, b2, ..., as views into the network."""
        return self.net_.params[1::2]

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train on the rows of X with targets y, and return self."""
        self._validate_params()
        first = not (self.warm_start and hasattr(self, "net_"))
        X, Y, loss = self._check(X, y, first)
        rng = _generator(self.random_state)
        X, Y, *held_out = self._split(X, Y, rng) if self.early_stopping else (X, Y)
        if first:
            self._build(X, Y, loss, rng)
        self.net_.rng, self.optimizer_ = rng, self._optimizer()
        self._train(X, Y, held_out)
        return self

    def _learn_once(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """Learn from the rows of X in one epoch: what partial_fit does."""
        self._validate_params()
        first = not hasattr(self, "net_")
        X, Y, loss = self._check(X, y, first, classes)
        if first:
            self._build(X, Y, loss, _generator(self.random_state))
            self.optimizer_ = self._optimizer()
        list(self._epochs(X, Y, 1))
        return self

    def _check(
        self, X: Any, y: Any, first: bool, classes: ArrayLike | None = None
    ) -> tuple[Array, Array, Loss]:
        """Return X, the targets Y and their loss; the first call says what y may hold."""
        raise NotImplementedError

    def _split(self, X: Array, Y: Array, rng: np.random.Generator) -> list[Array]:
        """Return X and Y to learn from, then X and Y to watch, classes in equal shares."""
        X, X_val, Y, Y_val = train_test_split(
            *(X, Y),
            test_size=self.validation_fraction,
            stratify=Y if base.is_classifier(self) else None,
            random_state=int(rng.integers(2**31)),
        )
        return [X, Y, X_val, Y_val]

    def _build(self, X: Array, Y: Array, loss: Loss, rng: np.random.Generator) -> None:
        hidden = np.ravel(self.hidden_layer_sizes)
        if (hidden < 1).any():
            raise ValueError(f"hidden_layer_sizes must be > 0, got {hidden.tolist()}")
        f, init = FUNCTIONS[self.activation], he if self.activation in FOR_HE else glorot
        sizes = [X.shape[1], *hidden, Y.shape[1]]
        self.net_ = mlp(sizes, f, init, loss=loss, rng=rng, dtype=X.dtype)
        self.loss_curve_, self.validation_loss_curve_ = [], []

    def _optimizer(self) -> Optimizer:
        if isinstance(self.solver, Optimizer):
            return deepcopy(self.solver)  # each fit starts with a fresh state
        lr, momentum = self.learning_rate_init, self.momentum
        if self.solver == "sgd":
            return SGD(lr, momentum, nesterov=self.nesterovs_momentum and momentum > 0)
        return RATE_ALONE[self.solver](lr)

    def _epochs(self, X: Array, Y: Array, epochs: int) -> Iterator[float]:
        """Train, keep the record, and yield the loss of each epoch."""
        net, net.l2 = self.net_, float(self.alpha)
        size: Any = 200 if self.batch_size == "auto" else self.batch_size
        for epoch in train(net, X, Y, self.optimizer_, epochs, size, net.rng, bool(self.verbose)):
            self.loss_curve_.append(epoch.loss)
            self.n_iter_ = epoch.number
            yield epoch.loss

    def _train(self, X: Array, Y: Array, held_out: list[Array]) -> None:
        """Train until the loss stops falling, by the held-out rows if there are any."""
        net, stop = self.net_, EarlyStopping(self.net_, self.n_iter_no_change, self.tol)
        for loss in self._epochs(X, Y, self.max_iter):
            if held_out:
                X_val, Y_val = held_out
                with np.errstate(over="ignore", invalid="ignore"):  # train says it, and better
                    loss = float(net.loss.C(net(X_val), Y_val))
                self.validation_loss_curve_.append(loss)
            if stop.after(loss):
                break
        else:
            self._warn()
        if held_out:
            stop.restore()

    def _warn(self) -> None:
        """Say that max_iter ended the training, unless that was asked for."""
        if self.n_iter_no_change < np.inf:
            warnings.warn(
                f"the loss was still falling after max_iter={self.max_iter} epochs. Raise"
                " max_iter, or pass n_iter_no_change=np.inf to ask for just so many",
                ConvergenceWarning,
                stacklevel=4,
            )

    def _outputs(self, X: ArrayLike) -> Array:
        check_is_fitted(self, "net_")
        return self.net_.predict(validate_data(self, X, dtype=FLOATS, reset=False))


class MLPClassifier(base.ClassifierMixin, _MLP):  # type: ignore[misc]
    """A classifier: two classes by one sigmoid, more by a softmax; cross-entropy either way.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        Units of each hidden layer; () for none.
    activation : str
        f of the hidden layers: a name in ``coursenn.ACTIVATIONS``, or "logistic" for the
        sigmoid. Weights start as He et al. have it for relu and its kin, as Glorot and
        Bengio for the others; biases start at 0.
    solver : "sgd", "adagrad", "rmsprop", "adam", or an Optimizer
        An Optimizer, such as ``Adam(1e-3, clip=clip_norm(1.0))``, is copied for each fit;
        learning_rate_init and momentum are then its own.
    alpha : float, at least 0
        The λ of the penalty λ/2 ‖W‖², which is added to the mean loss of a batch, biases
        left alone. scikit-learn divides its alpha by the number of rows in the batch: a
        batch of m rows there needs m times the alpha for the same gradient.
    batch_size : int or "auto"
        Rows per step; "auto" is 200, or all if there are fewer.
    learning_rate_init : positive float
        The learning rate η, of every step.
    momentum, nesterovs_momentum : float in [0, 1), bool
        Of solver "sgd".
    max_iter : int, at least 1
        The most epochs, passes over the data, of one fit.
    tol, n_iter_no_change : float, int or ``numpy.inf``
        Training stops after n_iter_no_change epochs in a row (the patience) whose loss was
        not by tol below the least before. inf asks for all max_iter epochs.
    early_stopping : bool
        Watch the loss on rows held out of training, stop by that one, and go back to the
        weights where it was least. scikit-learn watches the score there.
    validation_fraction : float between 0 and 1
        The share of rows that early stopping holds out.
    warm_start : bool
        fit goes on from the weights of the fit before, with its layers and a new optimizer.
    random_state : seed, numpy Generator or RandomState, optional
        Draws, in this order, the held-out rows, the weights, and the order of the rows in
        each epoch. A seed draws the same in every fit.
    verbose : bool
        Show a progress bar (needs tqdm).

    Attributes
    ----------
    classes_ : array
        The labels, sorted; a column of ``predict_proba`` each.
    net_ : Network
        Trained in the precision of X, float32 or else float64.
    coefs_, intercepts_ : lists of arrays
        W1, W2, ... and b1, b2, ...: views into ``net_``.
    optimizer_ : Optimizer
    loss_curve_ : list of float
        The mean loss of every epoch, penalty included; a warm start appends.
    validation_loss_curve_ : list of float
        The loss on the held-out rows after every epoch, without penalty.
    n_iter_ : int
        Epochs of the last fit.
    n_features_in_, feature_names_in_ : int, array of str
        Columns of X, and their names if it was a table with names.
    """

    classes_: Array

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """Learn from the rows of X in one more epoch, and return self.

        The caller owns the loop: max_iter and early stopping have no part in it. The state
        of the optimizer is kept from call to call. The first one must say all classes.
        """
        if classes is None and not hasattr(self, "net_"):
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return self._learn_once(X, y, classes)

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probability of each class, shape (m, n_classes)."""
        P = self._outputs(X)
        return np.hstack([1 - P, P]) if P.shape[1] == 1 else P

    def predict(self, X: ArrayLike) -> Array:
        """Return the most probable label of each row, shape (m,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def _check(
        self, X: Any, y: Any, first: bool, classes: ArrayLike | None = None
    ) -> tuple[Array, Array, Loss]:
        X, y = validate_data(self, X, y, dtype=FLOATS, reset=first)
        check_classification_targets(y)
        if first:
            self.classes_ = np.unique(y if classes is None else np.asarray(classes))
        if len(self.classes_) < 2:
            raise ValueError(f"a classifier needs two classes or more; got one class: {y[0]!r}")
        if len(unknown := np.setdiff1d(y, self.classes_)):
            raise ValueError(f"y has labels {unknown} that are not among {self.classes_}")
        labels = np.searchsorted(self.classes_, y)
        if len(self.classes_) > 2:
            return X, one_hot(labels, len(self.classes_)), cross_entropy
        return X, labels[:, np.newaxis], binary_cross_entropy


class MLPRegressor(base.MultiOutputMixin, base.RegressorMixin, _MLP):  # type: ignore[misc]
    """A regression: linear outputs, and the squared error ½ ‖a - y‖² of each row.

    It is summed over the columns of y, as its gradient is. scikit-learn (up to 1.9 at
    least) reports the mean over the columns, and steps along the gradient of the sum.

    Parameters and attributes are those of MLPClassifier, but for the classes. Targets far
    from 1 in size are best scaled, as by ``sklearn.compose.TransformedTargetRegressor``.
    """

    _one_column: bool

    def partial_fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from the rows of X in one more epoch, and return self.

        The caller owns the loop: max_iter and early stopping have no part in it. The state
        of the optimizer is kept from call to call.
        """
        return self._learn_once(X, y)

    def predict(self, X: ArrayLike) -> Array:
        """Return the outputs for each row: of shape (m,) if y was, else (m, n_outputs)."""
        A = self._outputs(X)
        return A[:, 0] if self._one_column else A

    def _check(
        self, X: Any, y: Any, first: bool, classes: ArrayLike | None = None
    ) -> tuple[Array, Array, Loss]:
        y_may = {"multi_output": True, "y_numeric": True}
        X, y = validate_data(self, X, y, dtype=FLOATS, reset=first, **y_may)
        self._one_column = y.ndim == 1
        return X, y.reshape(len(y), -1), squared_error


def _generator(seed: int | np.random.RandomState | np.random.Generator | None) -> Any:
    if isinstance(seed, np.random.RandomState):
        seed = seed.randint(2**31)
    return np.random.default_rng(seed)
