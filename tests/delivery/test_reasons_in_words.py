"""Every reason and refusal is said in both languages, with its figures."""

import re
import string
from dataclasses import replace
from typing import Any

import pytest

from houbei.calendars.days import date_of, day_number
from houbei.calendars.holidays import Calendar, load
from houbei.delivery.candidates import Refused
from houbei.delivery.reasons import Code, Reason
from houbei.delivery.requests import Parcel
from houbei.delivery.words import LANGUAGES, REFUSALS, SENTENCES, day_text, say, say_promise
from tests.delivery.small import EVERY_DAY, quoted, small

HAN = re.compile("[\u4e00-\u9fff]")


def codes(answer: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in answer["reasons"]]


def figures(answer: dict[str, Any], code: Code) -> dict[str, Any]:
    return next(reason["figures"] for reason in answer["reasons"] if reason["code"] == code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_and_refusal_has_its_sentence(language: str):
    assert set(SENTENCES[language]) == set(Code) - {Code.REFUSED}
    assert set(REFUSALS[language]) == set(Refused) - {Refused.NOT}


@pytest.mark.parametrize("code", set(Code) - {Code.REFUSED})
def test_both_languages_name_the_same_figures(code: Code):
    named = [
        {name for _, name, *_ in string.Formatter().parse(SENTENCES[tongue][code]) if name} for tongue in LANGUAGES
    ]
    assert named[0] == named[1]


def test_languages_are_not_mixed():
    for code in set(Code) - {Code.REFUSED}:
        assert HAN.search(SENTENCES["zh"][code])
        assert not HAN.search(SENTENCES["en"][code])


def test_days_are_written_as_people_do():
    assert [day_text("2026-02-16", language) for language in LANGUAGES] == ["2026年2月16日（周一）", "Mon 16 Feb 2026"]


def test_what_happens_is_told_in_its_order():
    answer = quoted(
        small(lambda n: n["origins"][0]["handling"].update(days="2")),
        "2026-02-13T17:00",
        parcels=(Parcel(weight_class="heavy", count=2),),
        is_installed=True,
        slot="am",
        chance_permille=920,
    )
    # Handled on Saturday 14, ready on Monday 16, picked up on 24, three days later there, installed the day after.
    assert (answer["date"], answer["from"], answer["by"]) == (
        "2026-02-28",
        "2026-02-28T09:00:00+08:00",
        "2026-02-28T12:00:00+08:00",
    )
    assert codes(answer) == [
        "cut_off_passed", "handling", "pick_up_waits", "lead_time", "make_up_day", "installation", "slot", "slowest",
    ]  # fmt: skip
    assert figures(answer, Code.CUT_OFF_PASSED) == {
        "day": "2026-02-13", "handled": "2026-02-14", "cut_off": "17:00", "origin": "W",
    }  # fmt: skip
    assert figures(answer, Code.PICK_UP_WAITS) == {"first_day": "2026-02-15", "day": "2026-02-24"}
    assert figures(answer, Code.INSTALLATION) == {"delivered": "2026-02-27", "day": "2026-02-28"}
    assert figures(answer, Code.SLOT) == {"slot": "am", "fee_minor": 500, "currency": "CNY"}
    assert "5.00 CNY" in next(reason["en"] for reason in answer["reasons"] if reason["code"] == "slot")


def test_the_days_told_are_those_that_all_parcels_need():
    loaded = small(lambda n: n["lead_times"]["groups"][0].update(within={"1": "700", "3": "960", "5": "990"}))
    answers = [
        quoted(loaded, "2026-03-09T10:00", parcels=(Parcel(weight_class="light", count=count),), chance_permille=921)
        for count in (1, 2)
    ]
    assert [figures(answer, Code.LEAD_TIME)["days"] for answer in answers] == [3, 5]


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_told_is_told_of_the_slowest_parcel(order: int):
    def add(network: dict[str, Any]) -> None:
        network["origins"].append({**network["origins"][0], "id": "V", "handling": {"week": EVERY_DAY, "days": "2"}})
        network["lead_times"]["groups"][0].update(within={"1": "700", "3": "960", "5": "990"})

    parcels = tuple(Parcel(weight_class="light", origin=origin) for origin in ("W", "V"))[::order]
    answer = quoted(small(add), "2026-03-09T10:00", parcels=parcels, chance_permille=900)
    assert (answer["date"], figures(answer, Code.SLOWEST)) == ("2026-03-16", {"parcels": 2, "origin": "V"})
    assert figures(answer, Code.HANDLING) == {"days": 2, "origin": "V"}


def test_a_rest_is_told_in_its_whole_length():
    answer = quoted(small(), "2026-02-13T10:00")
    assert figures(answer, Code.CARRIER_RESTS) == {
        "leg": "transit",
        "first_day": "2026-02-15",
        "last_day": "2026-02-23",
    }
    assert figures(answer, Code.MAKE_UP_DAY) == {"day": "2026-02-14"}


def test_a_surcharge_names_its_amounts_and_its_source():
    item = {
        "first_day": "2026-02-10",
        "last_day": "2026-02-20",
        "per": "kg",
        "source": "a notice",
        "read": "2026-01-01",
    }

    def charge(**amounts: str) -> dict[str, Any]:
        loaded = small(lambda n: n["carriers"]["carriers"][0]["surcharges"].append({**item, **amounts}))
        return next(r for r in quoted(loaded, "2026-02-12T10:00")["reasons"] if r["code"] == "surcharge")

    assert "0.10–1.20 CNY per kg" in charge(at_least="0.10", at_most="1.20")["en"]
    assert "每公斤0.50 CNY" in charge(at_least="0.50", at_most="0.50")["zh"]
    assert "an amount that was not said per kg (source: a notice)" in charge()["en"]


def test_a_refusal_is_an_answer():
    answer = quoted(small(), "2026-03-09T10:00", parcels=(Parcel(sku="no such"),))
    assert (answer["refused"], answer["by"], answer["by_us"], codes(answer)) == (
        "unknown_name",
        None,
        None,
        ["refused"],
    )
    assert say(Reason(code=Code.REFUSED, figures={"because": "too_heavy"}), "en").startswith(
        "Nothing can be promised: no service"
    )


def test_a_promise_is_said_in_one_sentence():
    date = quoted(small(), "2026-03-09T10:00")
    assert say_promise(date, "en") == "Arrives by Thu 12 Mar 2026; kept at least 96.0 % of the time."
    slot = quoted(small(), "2026-12-28T10:00", slot="*")
    assert say_promise(slot, "zh") == "2027年1月5日（周二） 09:00–12:00送到，把握至少96.0 %。日期暂定。"


def test_a_year_that_nobody_announces_is_not_waited_for():
    """Germany's holidays follow from its laws: no notice will say them."""

    def german(network: dict[str, Any]) -> None:
        network["calendar"] = "de"
        network["carriers"]["carriers"][0]["rules"][0] = {
            leg: {"workdays_of": "de"} for leg in ("shipping", "transit", "delivery")
        }

    assert quoted(small(german), "2027-12-23T10:00")["date"] == "2027-12-28"
    assert quoted(small(german), "2027-12-23T10:00")["is_provisional"] is False


def test_a_notice_makes_a_date_firm_and_may_move_it():
    """The eleventh day of January 2027 is given as a day off; until it is, nobody knows."""
    new_year = day_number(date_of(0).replace(year=2027, month=1, day=5))

    def announced(name: str, *, from_year: int, to_year: int) -> Calendar:
        known = load(name, from_year=from_year, to_year=to_year)
        return replace(
            known,
            announced=known.announced | {2027},
            doubtful=known.doubtful[:0],
            breaks=known.breaks[known.breaks != new_year - 4],
        )

    loaded = small(lambda n: n["origins"][0]["handling"].update(week=EVERY_DAY))
    before = quoted(loaded, "2026-12-28T10:00")
    after = quoted(loaded, "2026-12-28T10:00", find_calendar=announced)
    assert (before["date"], before["is_provisional"]) == ("2027-01-05", True)
    assert (after["date"], after["is_provisional"]) == ("2026-12-31", False)
