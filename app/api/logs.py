"""What an outsider needs to check the log and certificates: the last checkpoint and the public keys."""

from flask import Response, abort

from app.api.answering import answer_text
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from app.publishing import published_checkpoint

views = api_blueprint("logs")


@views.get("/log/checkpoint")
@operation(
    Operation(
        "The last signed checkpoint of the log, a C2SP signed note",
        Answer(200, "The checkpoint", is_text=True),
        is_public=True,
    )
)
def show_checkpoint() -> Response:
    note = published_checkpoint(this_house())
    if note is None:
        abort(404)
    return answer_text(note)


@views.get("/log/key")
@operation(
    Operation(
        "The verifier keys, one a line: of checkpoints, and of receipts such as erasure certificates",
        Answer(200, "The keys", is_text=True),
        is_public=True,
    )
)
def show_keys() -> Response:
    house = this_house()
    return answer_text(f"{house.log_key}\n{house.receipts.verifier_key()}\n")
