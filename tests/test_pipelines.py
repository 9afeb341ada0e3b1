"""Our classifier among scikit-learn's tools: what is held out teaches the model nothing."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from coursenn.estimator import MLPClassifier

FOLDS = StratifiedKFold(3, shuffle=True, random_state=1)
NET = MLPClassifier((6,), max_iter=20, batch_size=8, learning_rate_init=0.05, random_state=0)
NET.set_params(n_iter_no_change=np.inf)  # as many epochs as max_iter says


def lengths(m=60):
    """Return lengths in units that do not suit each other, and the species; few are rye."""
    rng = np.random.default_rng(0)
    y = np.repeat(["oats", "rye", "wheat"], [m // 2, m // 6, m // 3])
    centre = {"oats": [0, 0, 0], "rye": [0, 2, 1], "wheat": [2, 0, -1]}
    Z = rng.normal(size=(m, 3)) + [centre[name] for name in y]
    return Z * [0.01, 1, 100] + [5, -3, 1000], y


def probabilities(model, X, y):
    return cross_val_predict(model, X, y, cv=FOLDS, method="predict_proba")


@pytest.mark.parametrize("step", [StandardScaler(), MinMaxScaler(), PCA(2, whiten=True)])
def test_an_outlier_does_not_change_what_is_said_of_the_rows_held_out_with_it(step):
    X, y = lengths()
    fold = next(rows for _, rows in FOLDS.split(X, y))
    outlier, others = fold[0], fold[1:]
    changed = X.copy()
    changed[outlier] *= 1000

    model = make_pipeline(step, NET)
    before, after = probabilities(model, X, y), probabilities(model, changed, y)
    np.testing.assert_allclose(after[others], before[others], rtol=1e-12)
    learnt_from_it = np.setdiff1d(np.arange(len(X)), fold)
    assert np.abs(after[learnt_from_it] - before[learnt_from_it]).max() > 0.01

    # Scaled before the split, the outlier is seen by all.
    leaky = [probabilities(NET, clone(step).fit_transform(data), y) for data in (X, changed)]
    assert np.abs(leaky[1][others] - leaky[0][others]).max() > 0.01


def test_each_fold_is_scored_by_a_network_that_saw_the_other_folds_only():
    X, y = lengths()
    expected = []
    for train, held_out in FOLDS.split(X, y):
        mean, std = X[train].mean(axis=0), X[train].std(axis=0)
        net = clone(NET).fit((X[train] - mean) / std, y[train])
        P = net.predict_proba((X[held_out] - mean) / std)
        expected.append(-log_loss(y[held_out], P, labels=net.classes_))
    model = make_pipeline(StandardScaler(), NET)
    scores = cross_val_score(model, X, y, cv=FOLDS, scoring="neg_log_loss")
    np.testing.assert_allclose(scores, expected, rtol=1e-9)
    assert len(set(scores)) == 3


def test_folds_keep_the_shares_of_the_classes_unless_told_otherwise():
    X, y = lengths()  # sorted by class: plain folds would hold out classes never seen
    model = make_pipeline(StandardScaler(), NET)
    scores = cross_val_score(model, X, y, cv=3)
    np.testing.assert_array_equal(scores, cross_val_score(model, X, y, cv=StratifiedKFold(3)))
    assert scores.min() > 0.6  # half of the rows are oats
    assert cross_val_score(model, X, y, cv=KFold(3)).min() == 0
