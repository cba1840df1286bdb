"""Every score explained, and the points cards behind them (GDPR Art. 15(1)(h); CJEU C-203/22).

    derived/explanations/<score>.json, .html   its ten parts, as numbers and in sentences
    derived/cards/<digest>.json                the whole points card it was computed with

The score can be worked out again from these: the card holds every curve. There is no trade secret.
"""

from collections.abc import Iterator, Mapping
from html import escape

from consent.purpose import Scope, scope_of
from explain.composition import explain
from explain.explanation import Explanation
from explain.explanation_json import explanation_schema, explanation_to_json
from explain.past import find_past
from explain.sentences import Told, tell
from model.card import COMMITTED_CARD, PointsCard, content_of
from model.release import find_card
from model.score import Score, SealedScore, open_parts, readable_scores
from model.scoring import result_from_json
from rights.package.copying import Copy
from rights.package.folder import JSON, About
from rights.package.html import bullets, page, section
from sources.correction import open_corrections
from vault.errors import EnvelopeInvalid
from vault.holdings import holding_of
from vault.permit import Permit

CARD_SCHEMA = COMMITTED_CARD.with_name("card.schema.json")
PURPOSE = ("score.compute",)


def write_explanations(copy: Copy) -> None:
    """One explanation per score that may be read, the newest with what changed since the one before."""
    permits: dict[Scope, Permit] = {scope_of(scope): permit for scope, permit in copy.permits.items()}
    cards: dict[str, PointsCard] = {}
    for number, score in enumerate(readable_scores(copy.vault, copy.subject_id, permits)):
        card = find_card(copy.vault, score.model)
        if card is None:
            continue
        try:
            about = _explained(copy, permits, score, card, is_newest=number == 0)
        except EnvelopeInvalid:  # from a backup older than a withdrawal: nobody can read it
            continue
        cards[card.digest] = card
        told = tell(about, copy.language)
        if number == 0:
            copy.facts["score"] = (score, about.result.score, told.summary)
        _write(copy, score, about, told)
    for card in cards.values():
        copy.folder.add(
            f"derived/cards/{card.digest}.json",
            JSON,
            (content_of(card),),
            About("card", PURPOSE, "the service", "schemas/card.schema.json"),
        )
    if cards:
        schema = About("schema", PURPOSE, "the service")
        pieces = (CARD_SCHEMA.read_bytes(),)
        copy.folder.add("schemas/card.schema.json", "application/schema+json", pieces, schema)


def _explained(
    copy: Copy, permits: Mapping[Scope, Permit], score: SealedScore, card: PointsCard, *, is_newest: bool
) -> Explanation:
    result = result_from_json(open_parts(copy.vault, permits, score))
    return explain(
        result,
        card,
        today=copy.made_at.date(),
        computed_at=score.computed_at,
        past=find_past(copy.vault, copy.subject_id, result, card, permits) if is_newest else None,
        recipients=holding_of(Score).disclosed_to,
        corrections=open_corrections(copy.vault, permits) if is_newest else (),
    )


def _write(copy: Copy, score: SealedScore, about: Explanation, told: Told) -> None:
    place = f"derived/explanations/{score.id}"
    source = holding_of(Score).source
    as_json = About("explanation", PURPOSE, source, "schemas/explanation.schema.json")
    copy.folder.add_json(
        f"{place}.json", explanation_to_json(about, copy.language), as_json, explanation_schema()
    )
    title = copy.say("explanation.title", score=about.result.score, day=score.computed_at.date())
    text = page(title, "".join(_sections(copy, title, told)), copy.language)
    copy.folder.add_text(f"{place}.html", "text/html", text, About("explanation", PURPOSE, source))


def _sections(copy: Copy, title: str, told: Told) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>" + bullets(told.summary)
    criteria = [
        line
        for one in told.criteria
        for line in (
            f"{one.name}: {one.points}",
            one.measures,
            one.input,
            *one.figures,
            one.piece,
            one.origin,
            *one.networks,
        )
        if line
    ]
    parts = {
        "criteria": [told.earned, *criteria],
        "comparison": told.comparison,
        "reasons": [*told.up, *told.down],
        "counterfactuals": [*told.singles, *told.together],
        "band": told.band,
        "coverage": told.coverage,
        "changes": [*told.past, *told.steps],
        "recipients": told.recipients,
        "recourse": told.recourse,
    }
    for name, lines in parts.items():
        if lines:
            yield section(copy.say(f"explanation.{name}"), bullets(lines))
