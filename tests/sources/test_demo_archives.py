"""The invented creators' archives are read like anybody's."""

import io
from datetime import date

from app.demo_archives import demo_creators
from sources.activity import Metric, Platform
from sources.readers import read_archive

TODAY = date(2026, 3, 4)


def test_every_demo_archive_is_read_as_its_platforms_with_two_years_of_weeks() -> None:
    for creator in demo_creators(TODAY):
        for platform, build in creator.archives:
            record = read_archive(io.BytesIO(build()), expected=platform)

            assert 100 <= len(record.weeks) <= 105
            assert record.last_day is not None
            assert 0 < (TODAY - record.last_day).days <= 7
            assert record.likes_received


def test_three_creators_show_x_alone_mastodon_alone_and_both() -> None:
    platforms = [tuple(platform for platform, _ in creator.archives) for creator in demo_creators(TODAY)]

    assert platforms == [(Platform.X,), (Platform.MASTODON,), (Platform.X, Platform.MASTODON)]


def test_the_same_day_gives_the_same_bytes() -> None:
    one, other = demo_creators(TODAY), demo_creators(TODAY)

    assert [build() for each in one for _, build in each.archives] == [
        build() for each in other for _, build in each.archives
    ]


def test_a_demo_archive_of_x_has_all_its_format_can_say() -> None:
    _, build = demo_creators(TODAY)[0].archives[0]

    record = read_archive(io.BytesIO(build()))

    assert record.as_of == TODAY
    assert record.missing == (Metric.REPLIES_RECEIVED, Metric.VIEWS_RECEIVED)
