"""What a creator is told: the rule, what would do instead and by when, in either language."""

import pytest

from explain.wording import Language
from perks.label.advice import WORDS, sentences
from perks.label.check import check
from tests.perks.label.judged import WRITTEN_FIRST, judged


def test_both_languages_say_the_same_with_the_same_facts() -> None:
    assert WORDS.keys(Language.EN) == WORDS.keys(Language.DE)
    for key in WORDS.keys(Language.EN):
        assert WORDS.placeholders(key, Language.EN) == WORDS.placeholders(key, Language.DE)


@pytest.mark.parametrize("language", Language)
def test_every_verdict_can_be_told_and_one_that_is_not_ok_names_the_words_that_do(language: Language) -> None:
    posts = [one.post for one in judged(WRITTEN_FIRST)]

    for post in posts:
        verdict = check(post)
        told = sentences(post, verdict, language)
        assert verdict.rule.says[language] in told
        assert verdict.outcome == "ok" or any(verdict.suggestion in sentence for sentence in told)
