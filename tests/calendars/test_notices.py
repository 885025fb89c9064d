"""Notices and versions: what is read, what a merge makes of a document, and what is refused."""

import json
from datetime import date

import msgspec
import pytest

from houbei.calendars.documents import (
    State,
    document_text,
    packaged_document,
    parse_document,
    runs_of,
)
from houbei.calendars.holidays import calendar_of, computed_document, load
from houbei.calendars.notices import Notice, merge_notice, notices_of, parse_notice
from houbei.errors import InputError
from tests.calendars.made_calendars import (
    PAPER,
    china,
    dates,
    document_text_of,
    made_document,
    notice_text,
    spring_2027,
)


def read(text: str) -> Notice:
    return parse_notice(text, where="notice.json")


def test_a_notice_is_read():
    notice = read(notice_text(2027, off=["2027-02-06", "2027-02-05"], worked=["2027-01-31"]))
    assert notice == Notice(
        year=2027, papers=(PAPER,), off=dates("2027-02-05", "2027-02-06"), worked=dates("2027-01-31")
    )


def test_a_year_without_days_is_not_announced_and_changes_nothing():
    notice = read(notice_text(2027, off=[], papers=[]))
    assert not notice.says_anything
    assert merge_notice(china(), notice) is china()


def test_a_notice_makes_a_new_version_and_leaves_the_old_one_as_it_was():
    before = china()
    said = document_text(before)
    after = merge_notice(before, read(spring_2027()))
    assert document_text(before) == said
    assert (before.version, after.version) == ("2026.1", "2027.1")
    assert after.replaces == before.sha256 != after.sha256
    assert (before.announced[-1], after.announced[-1]) == (2026, 2027)
    assert after.predicted == before.predicted[1:]
    year = after.years["2027"]
    assert (year.state, year.notices) == (State.ANNOUNCED, (PAPER,))
    assert ("2027-02-05", "2027-02-13") in year.breaks
    assert year.statutory == before.years["2027"].statutory
    assert {key: found for key, found in after.years.items() if key != "2027"} == {
        key: found for key, found in before.years.items() if key != "2027"
    }


def test_the_same_notice_again_is_no_new_version():
    after = merge_notice(china(), read(spring_2027()))
    again = json.loads(spring_2027()) | {"papers": ["https://example.org/another-copy"]}
    assert merge_notice(after, read(json.dumps(again))) is after


def test_a_second_notice_for_a_year_replaces_the_first_under_a_version_of_its_own():
    first = merge_notice(china(), read(spring_2027()))
    longer = json.loads(spring_2027())
    longer["days"].append({"name": "a festival", "date": "2027-02-14", "isOffDay": True})
    second = merge_notice(first, read(json.dumps(longer)))
    assert (second.version, second.replaces) == ("2027.2", first.sha256)
    assert ("2027-02-05", "2027-02-14") in second.years["2027"].breaks


def test_notices_lead_to_the_same_years_in_any_order():
    one, other = read(notice_text(2027, off=["2027-02-05", "2027-02-06"])), read(notice_text(2028, off=["2028-01-26"]))
    before = made_document()
    there, back = (merge_notice(merge_notice(before, first), then) for first, then in ((one, other), (other, one)))
    assert there.years == back.years
    assert there.announced == (2026, 2027, 2028)


def test_where_laws_are_given_a_notice_must_keep_their_days_off():
    text = spring_2027().replace("2027-04-05", "2027-04-06")
    with pytest.raises(InputError, match="2027-04-05, a day off by law that is not off"):
        merge_notice(china(), read(text))


def test_where_laws_are_given_a_year_must_be_held():
    with pytest.raises(InputError, match=r"a notice for 2036.*2035"):
        merge_notice(china(), read(notice_text(2036, off=["2036-01-28"])))


def test_where_none_are_given_every_day_off_is_one_by_law():
    after = merge_notice(made_document(), read(notice_text(2028, off=["2028-01-26", "2028-01-27"])))
    assert after.years["2028"].statutory == ("2028-01-26", "2028-01-27")


def test_a_prediction_does_not_replace_what_was_announced():
    guess = Notice(year=2026, papers=(PAPER,), off=dates("2026-02-17"), worked=(), state=State.PREDICTED)
    known_already = made_document()
    assert merge_notice(known_already, guess) is known_already
    better = msgspec.structs.replace(made_document().years["2027"], breaks=(("2027-02-06", "2027-02-06"),))
    known = Notice(year=2027, papers=(PAPER,), off=dates("2027-02-06"), worked=(), state=State.PREDICTED)
    after = merge_notice(made_document(), known)
    assert (after.version, after.years["2027"]) == ("2026.2", better)


def test_a_year_reaches_over_its_turn():
    notice = read(notice_text(2028, off=["2027-12-31", "2028-01-01"], worked=["2027-12-29"]))
    after = merge_notice(made_document(), notice)
    calendar = calendar_of(after, 2027, 2027)
    found = [date.fromordinal(int(day) + date(1970, 1, 1).toordinal()).isoformat() for day in calendar.breaks]
    assert found[-2:] == ["2027-12-31", "2028-01-01"]
    assert len(calendar.worked) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "in the shape of holiday-cn"),
        ("[]", "Expected `object`"),
        (json.dumps({"year": 2027, "papers": []}), "missing required field `days`"),
        (json.dumps({"year": "2027", "papers": [], "days": []}), "Expected `int`"),
        (notice_text(0, off=["2027-02-06"]), "the year 0"),
        (notice_text(99999, off=["2027-02-06"]), "the year 99999"),
        (notice_text(2027, off=["2027-02-30"]), "2027-02-30”, which is no date"),
        (notice_text(2027, off=["20270206"]), "20270206”, which is no day of 2027"),
        (notice_text(2027, off=["2026-11-30"]), "2026-11-30”, which is no day of 2027"),
        (notice_text(2027, off=["2028-02-01"]), "2028-02-01”, which is no day of 2027"),
        (notice_text(2027, off=["2027-02-06", "2027-02-06"]), "2027-02-06 twice"),
        (notice_text(2027, off=["2027-02-06"], worked=["2027-02-06"]), "2027-02-06 twice"),
        (notice_text(2027, off=["2027-02-06"], papers=[]), "days without the paper"),
    ],
)
def test_a_bad_notice_is_refused(text: str, said: str):
    with pytest.raises(InputError) as refused:
        read(text)
    assert said in str(refused.value)
    assert str(refused.value).startswith("notice.json")


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(InputError, match=r"notice\.json"):
        parse_notice(b"\xff\xfe{}", where="notice.json")


def test_a_document_is_written_and_read_back_the_same():
    merged = merge_notice(china(), read(spring_2027()))
    back = parse_document(document_text(merged), where="again.json")
    assert back == merged
    assert back.sha256 == merged.sha256
    assert len(document_text(merged).splitlines()) > len(merged.years)


def test_the_hash_does_not_move_with_the_order_of_keys():
    tree = json.loads(document_text_of())
    turned = json.dumps(dict(reversed(tree.items())))
    assert parse_document(turned, where="x").sha256 == made_document().sha256
    assert made_document(about="Another.").sha256 != made_document().sha256


def test_a_document_stands_in_place_of_the_packaged_one():
    calendar = calendar_of(china(), 2026, 2027)
    packaged = load("cn", from_year=2026, to_year=2027)
    assert calendar.breaks.tolist() == packaged.breaks.tolist()
    assert (calendar.version, calendar.sha256) == (packaged.version, china().sha256)
    merged = calendar_of(merge_notice(china(), read(spring_2027())), 2026, 2027)
    assert merged.state(2027, as_of_year=2026) is State.ANNOUNCED
    assert packaged.state(2027, as_of_year=2026) is State.PREDICTED
    assert set(merged.worked) > set(packaged.worked)


@pytest.mark.parametrize(("from_year", "to_year"), [(2025, 2026), (2027, 2028), (2027, 2026)])
def test_years_that_a_document_does_not_hold_are_refused(from_year: int, to_year: int):
    with pytest.raises(InputError, match="2026 to 2027"):
        calendar_of(made_document(), from_year, to_year)


def test_a_computed_calendar_can_be_written_as_a_document():
    document = computed_document("de", years=[2026, 2027])
    assert (document.announced, document.predicted) == ((), (2026, 2027))
    assert "2026-10-03" in document.years["2026"].statutory
    there, computed = calendar_of(document, 2026, 2027), load("de", from_year=2026, to_year=2027)
    assert there.breaks.tolist() == computed.breaks.tolist()
    assert merge_notice(document, read(notice_text(2027, off=["2027-10-03"]))).version == "2027.1"


def test_what_a_document_knows_comes_out_as_notices():
    (found,) = notices_of(made_document(), [2025, 2027])
    assert found == Notice(
        year=2027, papers=(), off=dates("2027-02-05", "2027-02-06", "2027-02-07"), worked=(), state=State.PREDICTED
    )


YEAR = {"state": "announced", "notices": [PAPER], "statutory": [], "breaks": [], "worked": []}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"years": {}}, "without years"),
        ({"extra": 1}, "extra"),
        ({"years": {"2026": YEAR, "2028": YEAR}}, "one missing"),
        ({"years": {"MMXX": YEAR}}, "the year “MMXX”"),
        ({"years": {"0000": YEAR}}, "the year “0000”"),
        ({"years": {"9999": YEAR}}, "the year “9999”"),
        ({"years": {"2026": YEAR | {"state": "rumoured"}}}, "rumoured"),
        ({"years": {"2026": YEAR | {"notices": []}}}, "without the notice"),
        ({"years": {"2026": YEAR | {"worked": ["2026-2-14"]}}}, "2026-2-14"),
        ({"years": {"2026": YEAR | {"worked": ["2025-06-01"]}}}, "2025-06-01"),
        ({"years": {"2026": YEAR | {"breaks": [["2026-02-18", "2026-02-16"]]}}}, "before it begins"),
        ({"years": {"2026": YEAR | {"statutory": ["2026-02-17"]}}}, "the statutory day 2026-02-17"),
        (
            {"years": {"2026": YEAR | {"breaks": [["2026-02-16", "2026-02-18"]], "worked": ["2026-02-17"]}}},
            "2026-02-17 as a day off and as a make-up workday",
        ),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(changes: dict, said: str):
    with pytest.raises(InputError) as refused:
        made_document(**changes)
    assert said in str(refused.value)


def test_only_what_ships_is_packaged():
    with pytest.raises(InputError, match="one that ships"):
        packaged_document("de")


@pytest.mark.parametrize(
    ("days", "runs"),
    [
        ((), ()),
        (("2026-02-17",), (("2026-02-17", "2026-02-17"),)),
        (
            ("2026-02-18", "2026-02-16", "2026-02-17", "2026-02-17", "2026-02-20"),
            (("2026-02-16", "2026-02-18"), ("2026-02-20", "2026-02-20")),
        ),
        (("2025-12-31", "2026-01-01"), (("2025-12-31", "2026-01-01"),)),
    ],
)
def test_days_in_a_row_are_joined(days: tuple[str, ...], runs: tuple[tuple[str, str], ...]):
    assert runs_of(dates(*days)) == runs
