"""The points card and its JSON Schema as the files they are; pages and API send the same bytes."""

from flask import Response

from model.card import COMMITTED_CARD, PointsCard, content_of

SCHEMA_FILE = COMMITTED_CARD.with_name("card.schema.json")


def card_file(card: PointsCard) -> Response:
    """The canonical bytes, which the digest in the card is of."""
    response = Response(content_of(card), mimetype="application/json")
    response.set_etag(card.digest)
    return response


def schema_file() -> Response:
    """The form of every card of this kind."""
    return Response(SCHEMA_FILE.read_bytes(), mimetype="application/schema+json")
