"""Plain factories and strategies: one person's inputs on one to three networks, in their own units."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from math import expm1

from hypothesis import strategies as st

from model.card import load_card
from model.inputs import Criterion, PlatformInputs, Window
from model.units import PooledInputs, pool
from sources.activity import Platform, Source
from tests.model.making import AS_OF, iso_week

CARD = load_card()
WINDOW = Window(AS_OF - timedelta(days=363), AS_OF)

_amounts = st.just(0.0) | st.floats(0, 60) | st.floats(-3, 14).map(expm1).map(abs)
_weeks = st.sets(st.integers(0, 51), max_size=52)
_platforms = st.lists(st.sampled_from(list(CARD.units.networks)), min_size=1, max_size=3, unique=True)


def network(
    platform: Platform = Platform.X,
    weeks: Iterable[int] | None = (),
    window: Window | None = WINDOW,
    **given_values: float | None,
) -> PlatformInputs:
    """One network's inputs in its own units; what is not given is missing."""
    answered = None if weeks is None else frozenset(map(iso_week, weeks))
    values = {criterion: given_values.get(criterion.value) for criterion in Criterion}
    values[Criterion.CONSISTENCY] = None if answered is None else float(len(answered))
    return PlatformInputs(platform, Source.ARCHIVE, AS_OF, window, values, answered, 10.0, 52)


def pooled(*networks: PlatformInputs) -> PooledInputs:
    return pool(networks, CARD.units)


@st.composite
def people(draw: st.DrawFn) -> PooledInputs:
    """One to three networks with whatever figures they have, some missing."""
    return pooled(*(draw(networks(platform)) for platform in draw(_platforms)))


@cache  # building a strategy costs more than drawing from it
def networks(platform: Platform) -> st.SearchStrategy[PlatformInputs]:
    figures = CARD.units.networks[platform]
    values = {
        criterion.value: st.none() | _amounts
        for criterion in figures
        if criterion is not Criterion.CONSISTENCY
    }
    weeks = st.none() | _weeks if Criterion.CONSISTENCY in figures else st.none()
    return st.builds(network, st.just(platform), weeks, st.just(WINDOW), **values)
