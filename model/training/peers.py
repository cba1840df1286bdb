"""Other models on the card's own inputs, splits and figures, so that the card's price can be read off.

A tree model sees ln(1 + x) of both accounts side by side, A's columns then B's. It is trained on every pair
and its mirror image, and answers with the mean chance over both orders, so that swapping A and B swaps the
answer. “Monotone” means that no input of A may lower A's chance and none of B may raise it; “on differences”
that it sees the differences of the logarithms instead.

No peer is held back. The settings of the trees are those of a grid with the highest mean AUC on these very
test pairs (docs/model-evaluation.md), a head start that the card does not get. The EBM stops early by
accounts that its own bag is not trained on; by rows drawn at random it stops late and loses 0.005 of AUC.
Seeds are fixed, and the figures are the same on any number of threads. Development only.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier
from scipy.special import logit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

from model.training.estimator import Integers
from model.training.evaluate import KLARWERT, Contestant, Judge
from model.training.interior_point import Floats
from model.training.principles import LISTS, PRINCIPLES
from model.training.training_data import LEARNED_FEATURES, Pairs

SEED = 0
SURE = 1e-9  # a chance of exactly 0 or 1 would be an infinite logit
BAGS = 8
HELD_BACK = 0.4  # of the accounts; a pair both of whose accounts are held back decides when to stop

FOLLOWERS = "follower_count"
N_INPUTS = len(LEARNED_FEATURES)
RISING = (1,) * N_INPUTS
SIDES = (1,) * N_INPUTS + (-1,) * N_INPUTS

Make = Callable[[], Any]
Fit = Callable[[Any, Pairs, Integers, Floats, Integers], object]


def judge_by_logarithms(pairs: Pairs, train: Integers, test: Integers) -> Floats:
    """Logistic regression on differences of ln(1 + x), no intercept."""
    logs = np.log1p(pairs.inputs)
    differences = logs[pairs.a] - logs[pairs.b]
    fitted = LogisticRegression(fit_intercept=False).fit(differences[train], pairs.a_judged_higher[train])
    return np.asarray(fitted.decision_function(differences[test]))


def _plainly(model: Any, _pairs: Pairs, _train: Integers, rows: Floats, judged: Integers) -> object:
    return model.fit(rows, judged)


def _with_account_bags(model: Any, pairs: Pairs, train: Integers, rows: Floats, judged: Integers) -> object:
    """Bags of an EBM: 1 trains, -1 decides when to stop, 0 does neither; mirror images go together."""
    draw = np.random.default_rng(SEED)
    bags = []
    for _ in range(BAGS):
        held_back = draw.random(pairs.accounts) < HELD_BACK
        sides = held_back[pairs.a[train]].astype(int) + held_back[pairs.b[train]]
        bags.append(np.tile(1 - sides, 2))
    return model.fit(rows, judged, bags=np.array(bags, dtype=np.int8).T)


def both_orders(make: Make, fit: Fit = _plainly) -> Judge:
    """A and B side by side, in both orders."""
    return _mirrored(make, fit, lambda a, b: np.hstack([a, b]))


def on_differences(make: Make) -> Judge:
    return _mirrored(make, _plainly, lambda a, b: np.asarray(a - b))


def _mirrored(make: Make, fit: Fit, beside: Callable[[Floats, Floats], Floats]) -> Judge:
    def judge(pairs: Pairs, train: Integers, test: Integers) -> Floats:
        logs = np.log1p(pairs.inputs)
        a, b = logs[pairs.a], logs[pairs.b]
        rows, mirrored = beside(a, b), beside(b, a)
        judged = pairs.a_judged_higher[train]
        model = make()
        both = np.vstack([rows[train], mirrored[train]])
        fit(model, pairs, train, both, np.concatenate([judged, 1 - judged]))
        chances = model.predict_proba(rows[test])[:, 1] + model.predict_proba(mirrored[test])[:, 0]
        return np.asarray(logit(np.clip(chances / 2, SURE, 1 - SURE)))

    return judge


def _hist(**settings: Any) -> Make:
    fixed = {"l2_regularization": 1.0, "early_stopping": False, "random_state": SEED}
    return lambda: HistGradientBoostingClassifier(**fixed, **settings)


def _xgboost(**settings: Any) -> Make:
    fixed = {"subsample": 0.8, "colsample_bytree": 0.8, "tree_method": "hist", "n_jobs": 1}
    return lambda: XGBClassifier(**fixed, random_state=SEED, **settings)


def _ebm(**settings: Any) -> Make:
    fixed = {"interactions": 0, "outer_bags": BAGS, "n_jobs": 1, "random_state": SEED}
    return lambda: ExplainableBoostingClassifier(**fixed, **settings)


_FREE_HIST = _hist(learning_rate=0.1, max_iter=75, max_leaf_nodes=4, min_samples_leaf=20)
_HIST = _hist(
    learning_rate=0.1, max_iter=150, max_leaf_nodes=31, min_samples_leaf=40, monotonic_cst=list(SIDES)
)
_HIST_ON_DIFFERENCES = _hist(
    learning_rate=0.05, max_iter=200, max_leaf_nodes=2, min_samples_leaf=40, monotonic_cst=list(RISING)
)
_FREE_XGBOOST = _xgboost(max_depth=3, n_estimators=150, learning_rate=0.03)
_XGBOOST = _xgboost(max_depth=3, n_estimators=300, learning_rate=0.05, monotone_constraints=SIDES)
_STUMPS = _xgboost(max_depth=1, n_estimators=300, learning_rate=0.1, monotone_constraints=SIDES)

PEERS = (
    Contestant("followers only", judge_by_logarithms, (FOLLOWERS,)),
    Contestant("lists only", judge_by_logarithms, (LISTS,)),
    Contestant("logistic on log1p", judge_by_logarithms),
    Contestant("HistGradientBoosting", both_orders(_FREE_HIST)),
    Contestant("HistGradientBoosting, monotone", both_orders(_HIST)),
    Contestant("HistGradientBoosting on differences, monotone", on_differences(_HIST_ON_DIFFERENCES)),
    Contestant("XGBoost, depth 3", both_orders(_FREE_XGBOOST)),
    Contestant("XGBoost, depth 3, monotone", both_orders(_XGBOOST)),
    Contestant("XGBoost, stumps, monotone", both_orders(_STUMPS)),
    Contestant("EBM", both_orders(_ebm(), _with_account_bags)),
    Contestant("EBM, monotone", both_orders(_ebm(monotone_constraints=list(SIDES)), _with_account_bags)),
)
CONTESTANTS = (KLARWERT, *PEERS, *PRINCIPLES)
TABLES = ((KLARWERT, *PEERS), (KLARWERT, *PRINCIPLES))
