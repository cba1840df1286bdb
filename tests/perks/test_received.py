"""What a brand is told again about what it read: names, fields, instants, labels; never a value."""

import pytest

from consent.access import accesses
from consent.limits import Ground, LimitKind, limit
from consent.part import SharedField
from consent.purpose import Purpose
from consent.recipient import require_recipient
from perks.claim import claim
from perks.handover import leave
from perks.received import LabelsNotForThis, LabelStanding, count_received, label_statuses, received
from perks.use_context import UseContext
from rights.notice import Answer, NoticeState
from rights.notice_outbox import NoticeGone, note_answer, open_notices
from tests.perks.offering import SLUG, new_brand
from tests.perks.taking_part import agreed, an_offer, new_creator, opted_in, read_by_brand


@pytest.fixture
def brand(house):
    return new_brand(house)


def statuses(house, offer, use_context=UseContext.LABEL_CHECK):
    with house.open_vault("recipient", SLUG) as vault:
        return label_statuses(vault, require_recipient(vault, SLUG), offer, use_context, is_expected=True)


def seen_again(house, offer):
    with house.open_reading_vault("recipient", SLUG) as vault:
        return received(vault, require_recipient(vault, SLUG), offer)


def test_only_what_was_read_is_told_again_and_its_end_with_it(house, brand):
    offer = an_offer(house, brand)
    reader, waiting = (new_creator(house, f"{name}@example.org") for name in ("ada", "bob"))
    handed = read_by_brand(house, agreed(house, reader.subject_id, offer).id)
    agreed(house, waiting.subject_id, offer)

    (one,) = seen_again(house, offer)

    assert (one.pseudonym, one.at, one.is_over) == (handed.pseudonym, handed.at, False)
    assert set(one.fields) == {SharedField(name) for name in handed.values}
    assert not any(value in repr(one) for value in handed.values.values())
    with house.open_vault("subject") as vault:
        leave(vault, reader.subject_id, offer, "en")
    assert seen_again(house, offer)[0].is_over
    opted_in(house, reader.subject_id, offer)
    assert seen_again(house, offer)[0].is_over
    with house.open_reading_vault("recipient", SLUG) as vault:
        assert count_received(vault, offer) == 1


def test_how_labels_stand_is_read_for_that_alone_and_seen_by_those_it_is_about(house, brand):
    offer = an_offer(house, brand)
    person = new_creator(house)
    read_by_brand(house, agreed(house, person.subject_id, offer).id)
    with house.open_vault("subject") as vault:
        claim(vault, person.subject_id, offer)

    (due,) = statuses(house, offer)

    assert (due.standing, due.due_at is not None) == (LabelStanding.DUE, True)
    with pytest.raises(LabelsNotForThis):
        statuses(house, offer, UseContext.OFFER_FULFILMENT)
    with house.open_reading_vault() as vault:
        looked = [one for one in accesses(vault, person.subject_id) if one.fields == "participation.state"]
    assert [(one.alias, one.role) for one in looked] == [(SLUG, "recipient")]
    with house.open_vault("subject") as vault:
        limit(vault, person.subject_id, LimitKind.RESTRICTED, Ground.UNLAWFUL)
    assert statuses(house, offer)[0].standing is LabelStanding.ON_HOLD


def test_a_brand_answers_its_own_notices_and_nobody_elses(house, brand):
    offer = an_offer(house, brand)
    person = new_creator(house)
    handed = read_by_brand(house, agreed(house, person.subject_id, offer).id)
    with house.open_vault("subject") as vault:
        leave(vault, person.subject_id, offer, "en")
    with house.open_reading_vault("recipient", SLUG) as vault:
        (notice,) = open_notices(vault, brand)

    with house.open_vault("recipient", SLUG) as vault:
        with pytest.raises(NoticeGone):
            note_answer(vault, offer, notice.id, Answer.COMPLETED)
        note_answer(vault, brand, notice.id, Answer.COMPLETED)

    assert (notice.pseudonym, notice.about) == (handed.pseudonym, f"{Purpose.BRAND_SHARE}/{SLUG}/{offer}")
    with house.open_reading_vault("recipient", SLUG) as vault:
        assert open_notices(vault, brand) == []
        assert vault.session.get(type(notice), notice.id).state is NoticeState.ACKNOWLEDGED
