"""Every state with every step: what leads on, and that nothing else does."""

from rights.errors import RequestStateWrong
from rights.request import Channel, RequestState, Right, move, open_request

R = RequestState
LEADS_ON = {
    (R.RECEIVED, R.WAITING),
    (R.RECEIVED, R.IN_PROGRESS),
    (R.RECEIVED, R.REFUSAL_PROPOSED),
    (R.RECEIVED, R.FULFILLED),
    (R.RECEIVED, R.PARTLY),
    (R.RECEIVED, R.WITHDRAWN),
    (R.WAITING, R.IN_PROGRESS),
    (R.WAITING, R.WITHDRAWN),
    (R.IN_PROGRESS, R.WAITING),
    (R.IN_PROGRESS, R.REFUSAL_PROPOSED),
    (R.IN_PROGRESS, R.FULFILLED),
    (R.IN_PROGRESS, R.PARTLY),
    (R.IN_PROGRESS, R.WITHDRAWN),
    (R.REFUSAL_PROPOSED, R.REFUSED),
    (R.REFUSAL_PROPOSED, R.PARTLY),
    (R.REFUSAL_PROPOSED, R.IN_PROGRESS),
    (R.REFUSAL_PROPOSED, R.WITHDRAWN),
}


def is_taken(vault, request, state: RequestState) -> bool:
    try:
        move(vault, request, state)
    except RequestStateWrong:
        return False
    return True


def test_every_state_takes_its_own_steps_and_no_other(sqlite_house, person):
    taken = set()

    with sqlite_house.open_vault("staff", "anna") as vault:
        request = open_request(vault, person.subject_id, Right.ACCESS, Channel.PAGE)
        for state in RequestState:
            for step in RequestState:
                request.state, request.closed_at = state, None
                if is_taken(vault, request, step):
                    taken.add((state, step))
                    assert request.state is step
                    assert (request.closed_at is not None) == (not request.is_open)
                else:
                    assert request.state is state

    assert taken == LEADS_ON
    assert len(RequestState) == 8
