"""Offers by JSON: the same steps as on the pages, each answer as documented."""

from uuid import UUID, uuid4

from app.sessions import SessionKind, begin_session
from app.transaction import House
from app.web import create_app
from consent.notice import notice
from perks.participation import MATCH, require_participation
from tests.app.api.speaking import Api
from tests.people import Person
from tests.perks.offering import new_brand, new_draft
from tests.perks.taking_part import REACHED, an_offer, quick_creator, read_by_brand


def speaking(house: House, person: Person) -> Api:
    with house.open_vault("subject") as vault:
        token = begin_session(vault, person.subject_id, SessionKind.API)
    return Api(create_app(house), token)


def decided(api: Api, offer_id: UUID, decision: str) -> dict[str, object]:
    shown = api("POST", f"/perks/{offer_id}/preview").json
    return {
        "decision": decision,
        "digest": shown["digest"],
        "seen": shown["seen"],
        "language": "en",
        "despite_signal": False,
    }


def test_a_program_takes_an_offer_from_its_reasons_to_the_code_and_out_again(house: House) -> None:
    offer_id = an_offer(house, new_brand(house), expected=None, label=[])
    api = speaking(house, quick_creator(house))
    (seen,) = api("GET", "/perks").json["offers"]
    taken = api("POST", f"/perks/{offer_id}/participation").json
    yes = decided(api, offer_id, "given")

    refused = api("PUT", f"/perks/{offer_id}/consent", yes | {"digest": "0" * 64})
    agreed = api("PUT", f"/perks/{offer_id}/consent", yes).json
    claimed = api("POST", f"/perks/{offer_id}/claim", {"address": None}).json
    illegal = api("POST", f"/perks/{offer_id}/claim", {"address": None})
    left = api("DELETE", f"/perks/{offer_id}/participation").json

    assert (seen["advertiser"]["payer"], seen["left"], seen["may"]) == ("Rosengarten GmbH", 0, ["take-part"])
    assert (taken["offer"]["state"], taken["offer"]["may"]) == (
        "eligible",
        ["recheck", "preview", "withdraw"],
    )
    assert refused.json["type"] == "/problems/preview-outdated"
    assert agreed["offer"]["may"] == ["renew", "claim", "withdraw"]
    assert claimed["claimed"]["code"].startswith(offer_id.hex[:8])
    assert (illegal.status_code, illegal.json["event"]) == (409, "claim")
    assert [step["event"] for step in left["steps"]][-2:] == ["finish", "withdraw"]
    assert left["offer"]["may"] == []


def test_a_no_comes_with_its_reasons_and_a_person_can_be_asked_by_a_program_too(sqlite_house: House) -> None:
    offer_id = an_offer(
        sqlite_house, new_brand(sqlite_house), criteria={**REACHED, "min_score": 90}, admits_down_to=1
    )
    api = speaking(sqlite_house, quick_creator(sqlite_house))

    found = api("POST", f"/perks/{offer_id}/participation").json["offer"]
    asked = api("POST", f"/perks/{offer_id}/review", {"statement": "Look again."}).json
    again = api("POST", f"/perks/{offer_id}/recheck").json

    assert [reason["code"] for reason in found["judgement"]["reasons"]] == ["score"]
    assert found["judgement"]["nearest"][0]["answer"]["is_reachable"] in (True, False)
    assert found["may"] == ["recheck", "ask-review", "withdraw"]
    assert (asked["offer"]["state"], asked["review"]["statement"]) == ("in_review", "Look again.")
    assert again["offer"]["state"] == "not_eligible"


def test_an_offer_one_may_not_see_is_like_none_and_without_matching_there_is_none(
    sqlite_house: House, api: Api
) -> None:
    brand_id = new_brand(sqlite_house)
    offer_id, draft_id = an_offer(sqlite_house, brand_id), new_draft(sqlite_house, brand_id)

    answers = [api("GET", f"/perks/{unseen}") for unseen in (uuid4(), draft_id)]

    assert answers[0].status_code == 404
    assert answers[0].json == answers[1].json
    assert api("GET", "/perks").json == {"offers": []}
    for method, path in (("GET", ""), ("POST", "/participation")):
        assert api(method, f"/perks/{offer_id}{path}").json["type"] == "/problems/consent-missing"
    assert api("POST", f"/perks/{offer_id}/recheck").json["type"] == "/problems/participation-unknown"


def test_matching_is_switched_on_by_json_and_what_offers_ask_about_is_written_there(api: Api) -> None:
    shown = notice(MATCH, "en")
    yes = {"decision": "given", "notice_sha256": shown.sha256, "language": "en", "seen": 0}
    profile = {
        "country": "AT",
        "languages": ["de"],
        "niches": ["art"],
        "display_name": None,
        "handles": {"mastodon": "@ada@social.example"},
    }
    before = api("GET", "/perks/profile")

    api("PUT", "/consents/perk.match", yes)
    written = api("PUT", "/perks/profile", profile)
    unfit = api("PUT", "/perks/profile", profile | {"niches": ["religion"]})
    blank = api("PUT", "/perks/profile", profile | {"handles": {"x": "a b"}})

    assert before.status_code == 403
    assert written.status_code == 204
    assert api("GET", "/perks/profile").json == profile
    assert (unfit.status_code, blank.json["type"]) == (422, "/problems/profile-unfit")


def test_what_the_brand_read_stands_among_the_steps(sqlite_house: House) -> None:
    offer_id = an_offer(sqlite_house, new_brand(sqlite_house))
    person = quick_creator(sqlite_house)
    api = speaking(sqlite_house, person)
    api("POST", f"/perks/{offer_id}/participation")
    refused = api("PUT", f"/perks/{offer_id}/consent", decided(api, offer_id, "refused")).json
    api("PUT", f"/perks/{offer_id}/consent", decided(api, offer_id, "given"))
    with sqlite_house.open_reading_vault() as vault:
        participation_id = require_participation(vault, person.subject_id, offer_id).id

    read_by_brand(sqlite_house, participation_id)

    opened = api("GET", f"/perks/{offer_id}").json
    assert refused["offer"]["state"] == "declined"
    assert (opened["offer"]["state"], opened["steps"][-1]["role"]) == ("disclosed", "recipient")


def test_a_post_is_handed_in_by_a_program_and_stands_in_the_evidence(sqlite_house: House) -> None:
    offer_id = an_offer(sqlite_house, new_brand(sqlite_house))
    api = speaking(sqlite_house, quick_creator(sqlite_house))
    api("POST", f"/perks/{offer_id}/participation")
    api("PUT", f"/perks/{offer_id}/consent", decided(api, offer_id, "given"))
    api("POST", f"/perks/{offer_id}/claim", {"address": None})
    post = {
        "url": "https://social.example/p/1",
        "text": "Saatgut, wie schön!",
        "platform": "instagram",
        "country": "DE",
        "language": "de",
        "format": "post",
        "frames": [],
        "stays": False,
        "platform_label": False,
    }

    elsewhere = api("POST", f"/perks/{offer_id}/posts", post | {"platform": "x"})
    bare = api("POST", f"/perks/{offer_id}/posts", post).json
    mended = api("POST", f"/perks/{offer_id}/posts", post | {"text": "Anzeige: Saatgut, wie schön!"}).json

    assert elsewhere.json["type"] == "/problems/post-unfit"
    assert (bare["offer"]["state"], bare["posts"][0]["outcome"]) == ("label_missing", "missing")
    assert bare["posts"][0]["rule"]["sources"]
    assert mended["offer"]["state"] == "done"
    (part,) = api("GET", "/perks/evidence").json["parts"]
    assert [one["label"] for one in part["posts"]] == ["missing", "ok"]
