"""How well the learned curves order accounts that no fit has seen.

For seed s = 0..14, `numpy.random.default_rng(s).random(n_accounts) < 0.3` marks the test accounts; test
pairs have both accounts marked, training pairs neither. Knots come from the training accounts too. AUC is
that of strength A minus strength B against the judgement (Appreciation and Consistency have no judgements
and no part in it).
"""

from collections.abc import Iterator

import numpy as np
from sklearn.metrics import roc_auc_score

from model.estimator import Integers
from model.learning import learn, ramp_differences
from model.rules import SPLITS, TEST_SHARE
from model.training_data import Pairs


def account_disjoint_splits(pairs: Pairs) -> Iterator[tuple[Integers, Integers]]:
    """Rows of the training pairs and of the test pairs, once per seed."""
    for seed in range(SPLITS):
        marked = np.random.default_rng(seed).random(pairs.accounts) < TEST_SHARE
        in_test = marked[pairs.a].astype(int) + marked[pairs.b]
        yield np.flatnonzero(in_test == 0), np.flatnonzero(in_test == 2)


def account_disjoint_auc(pairs: Pairs) -> list[float]:
    """One AUC per split; a split whose test pairs agree on one class has none."""
    return [
        _auc(pairs, train, test)
        for train, test in account_disjoint_splits(pairs)
        if len(np.unique(pairs.a_judged_higher[test])) == 2
    ]


def _auc(pairs: Pairs, train: Integers, test: Integers) -> float:
    learned = learn(pairs, train)
    strength = ramp_differences(learned.basis, pairs, test) @ learned.weights
    # Equal accounts must tie whatever the order in which a processor adds.
    return float(roc_auc_score(pairs.a_judged_higher[test], np.round(strength, 9)))
