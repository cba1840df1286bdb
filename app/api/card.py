"""The points card in force, for programs: the same bytes as /card.json."""

from flask import Response

from app.api.operation import Answer, Operation, api_blueprint, operation
from app.card_file import card_file
from app.current import house as this_house
from model.release import active_card

views = api_blueprint("card")


@views.get("/card")
@operation(
    Operation(
        "The points card in force: every curve and unit a score rests on (its form: /card.schema.json)",
        Answer(200, "The card, canonical JSON", headers={"ETag": "the card's digest"}),
        is_public=True,
    )
)
def show_card() -> Response:
    with this_house().open_reading_vault() as vault:
        card = active_card(vault)
    return card_file(card)
