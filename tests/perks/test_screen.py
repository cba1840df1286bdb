"""The screen before publication: what is held back, with the word and why, and what is not."""

import pytest

from perks.errors import OfferScreened
from perks.offer_terms import OfferTerms
from perks.screen import screen, screen_text
from tests.perks.offering import terms_json

DOMAIN = "rosengarten.example"
HELD_BACK = [
    ("For people with diabetes", "health", "diabetes"),
    ("Gratis für Diabetikerinnen", "health", "diabetikerinnen"),
    ("Nur für Schwangere", "health", "schwangere"),
    ("FUER BEHINDERTE", "health", "behinderte"),
    ("Angststoerung? Probieren!", "health", "angststoerung"),
    ("Für Christen und Muslime", "belief", "christen"),
    ("Juden willkommen", "belief", "juden"),
    ("Join our church picnic", "belief", "church"),
    ("Für Wähler der CDU", "politics", "wähler"),
    ("For left-wing creators", "politics", "left-wing"),
    ("Gewerkschaftsmitglieder sparen", "union", "gewerkschaftsmitglieder"),
    ("For refugees only", "origin", "refugees"),
    ("Mit Migrationshintergrund", "origin", "migrationshintergrund"),
    ("For gay creators", "sexuality", "gay"),
    ("Lesbische Paare", "sexuality", "lesbische"),
    ("g\u200bay creators", "sexuality", "gay"),
    ("Ｇａｙ creators", "sexuality", "gay"),
    ("Your DNA here", "biometrics", "dna"),
    ("Für Jugendliche", "minors", "jugendliche"),
    ("Für Kinder", "minors", "kinder"),
    ("For under-18s", "minors", "under-18s"),
    ("Unter 18 willkommen", "minors", "unter 18"),
    ("We are hiring", "hiring", "hiring"),
    ("Bewerberinnen bevorzugt", "hiring", "bewerberinnen"),
    ("Deine Bonität zählt", "credit", "bonität"),
    ("Lower insurance premiums", "insurance", "insurance premiums"),
    ("Für Mieter", "housing", "mieter"),
    ("Get priority support", "service-level", "priority support"),
    ("Thanks @someone", "handle", "@someone"),
    ("Write to ada@example.org", "email", "ada@example.org"),
    ("Call +49 170 1234567", "phone", "+49 170 1234567"),
    ("Anruf 0170/1234567", "phone", "0170/1234567"),
    ("See https://social.example/ada", "link", "https://social.example/ada"),
    ("See https://rosengarten.example.evil.example", "link", "https://rosengarten.example.evil.example"),
    ("See www.social.example/ada", "link", "www.social.example/ada"),
    ("Fragen Sie Frau Lovelace", "title", "Frau Lovelace"),
    ("Ask Mr. Babbage", "title", "Mr. Babbage"),
]
LET_THROUGH = [
    "Twelve bags of seeds, one a month, worth 48.00 EUR.",
    "Zwölf Beutel Saatgut, jeden Monat einer, bis 2026-12-31 oder 31.12.2026.",
    "Enter the code at https://rosengarten.example/seeds or https://shop.rosengarten.example.",
    "Kinderleicht aufzubauen, für 10.000 Beete, 24/7.",
    "Wir suchen Menschen, die gern gärtnern; Rosengarten sucht Beete.",
    "Christmas market, Black Friday, 100 % cotton, size 38-40.",
    "Ein Kleid in Schwarz und Weiß, linke Tasche, Partystimmung.",
]


@pytest.mark.parametrize(("said", "reason", "word"), HELD_BACK)
def test_a_word_is_held_back_and_named(said, reason, word):
    with pytest.raises(OfferScreened) as refusal:
        screen_text(said, "text.de", DOMAIN)

    assert refusal.value.facts == {"word": word, "field": "text.de", "reason": reason}
    assert word not in str(refusal.value)


@pytest.mark.parametrize("said", LET_THROUGH)
def test_ordinary_words_pass(said):
    screen_text(said, "text.de", DOMAIN)


def test_an_english_text_is_not_read_as_german():
    screen_text("Be kind, in any kind of weather.", "text.en", DOMAIN)


@pytest.mark.parametrize("field", ["title", "text", "redeem"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_text_is_looked_at_in_both_languages(field, language):
    words = {"en": "Seeds", "de": "Samen", language: "For pregnant people"}

    with pytest.raises(OfferScreened) as refusal:
        screen(OfferTerms.from_json(terms_json(**{field: words})), DOMAIN)

    assert refusal.value.field == f"{field}.{language}"


@pytest.mark.parametrize("field", ["payer", "on_behalf_of"])
def test_names_of_who_is_behind_it_are_looked_at_too(field):
    with pytest.raises(OfferScreened, match="cannot stand"):
        screen(OfferTerms.from_json(terms_json(**{field: "Frau Lovelace"})), DOMAIN)
