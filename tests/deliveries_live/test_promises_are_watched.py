"""Promises under way are watched: a feed that stops, a parcel that is lost, a clock that jumps; and what a person must do by when."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from houbei.cli import run
from houbei.delivery.lead_times import read_lead_times
from houbei.delivery.watch_rules import WatchRules
from houbei.facts.moments import text_of_moment
from houbei.runs import loop
from houbei.runs.loop import run_forever
from houbei.runs.pacing import Pacing
from houbei.runs.watching import watch_deliveries
from houbei.store.database import open_database, writing
from houbei.store.network_files import load_network
from houbei.store.promises import publish
from tests.deliveries_live.lookouts import DAY_US, HOUR_US, looks, needs, tellings, told_of
from tests.deliveries_live.parcels import (
    DELIVERED,
    ORDER,
    PROMISE,
    SLOT,
    SNOW,
    live_on,
    sell,
    tell_closures,
    tell_scans,
)
from tests.live.stores import empty_store, rows_of
from tests.live.telling import ZONE, moment, us_of
from tests.oracle.agreement import as_terms

LONG = {**PROMISE, "slot_from": None, "promised_by": "2026-11-12", "carrier": "sample-express"}
HANDED = {**DELIVERED, "what": "handed_over", "at": "2026-11-02T09:00+08:00", "told_by": "warehouse"}
DAY_ONE = moment("11-02T08:00")


def scans_of_others(
    database: Engine, *, until_us: int, from_us: int = DAY_ONE - 8 * DAY_US, every_us: int = HOUR_US // 2
) -> None:
    """Let the carrier scan other parcels, by day alone."""
    rows = []
    for at_us in range(from_us, until_us, every_us):
        at = datetime.fromtimestamp(at_us / 1e6, UTC)
        if 0 <= at.hour < 14:  # 8:00 to 22:00 in Shanghai
            rows.append(
                {
                    "scan_id": f"X{at_us}",
                    "order_id": "X",
                    "what": "moved",
                    "at": at.isoformat(),
                    "carrier": "sample-express",
                }
            )
    tell_scans(database, *rows)


def kept(database: Engine) -> dict[str, object]:
    """What was found of the only delivery."""
    ((at_risk,),) = rows_of(database, "SELECT at_risk FROM deliveries")
    return {} if at_risk is None else dict(json.loads(at_risk))


def test_a_feed_that_stops_is_one_matter_and_its_parcels_are_not_lost() -> None:
    with empty_store(SLOT) as database:
        orders = [{**ORDER, "order_id": f"O{k}", "line_id": f"L{k}"} for k in range(1, 4)]
        promised = [{**LONG, "promise_id": f"P{k}", "order_id": f"O{k}"} for k in range(1, 4)]
        sell(database, *orders, promises=promised)
        tell_scans(database, *({**HANDED, "scan_id": f"S{k}", "order_id": f"O{k}"} for k in range(1, 4)))
        stopped = moment("11-05T11:45")
        scans_of_others(database, until_us=stopped)
        looks(database, stopped + HOUR_US)
        assert [kind for kind, _ in needs(database)] == []
        # A warehouse that goes on handing its parcels over does not make the carrier heard.
        rows = [{**HANDED, "scan_id": f"W{k}", "order_id": "Y", "carrier": "sample-express"} for k in range(48)]
        tell_scans(database, *({**row, "at": text_of_moment(stopped + k * HOUR_US)} for k, row in enumerate(rows)))
        for hours in (4, 24, 96):
            looks(database, stopped + hours * HOUR_US)
            assert needs(database) == [("feed_silent", "sample-express")]
            told = json.loads(told_of(database, "feed_silent")[0])
            assert told == {"carrier": "sample-express", "since_us": moment("11-05T11:30"), "promises": 3}
        # The chance is as of the last scan of all, and nothing is said of what nobody sees.
        looks(database, moment("11-11T18:00"))
        assert needs(database) == [("feed_silent", "sample-express")]
        assert tellings(database) == []
        scans_of_others(database, from_us=moment("11-11T18:00"), until_us=moment("11-11T19:00"))
        looks(database, moment("11-11T19:00"))
        assert "feed_silent" not in {kind for kind, _ in needs(database)}


def test_what_nobody_can_see_is_part_of_the_one_matter_even_where_it_is_at_risk() -> None:
    with empty_store(SLOT) as database:
        sell(database, promises=[LONG])
        tell_scans(database, {**HANDED, "at": "2026-11-12T09:00+08:00"})
        scans_of_others(database, until_us=moment("11-12T12:15"))
        looks(database, moment("11-12T12:15"))
        assert needs(database) == [("parcel_at_risk", "1")]
        looks(database, moment("11-12T16:30"))
        assert needs(database) == [("feed_silent", "sample-express")]
        assert kept(database)["why"] == ["feed_silent"]
        assert kept(database)["silent_since_us"] == moment("11-12T12:00")


def test_a_carrier_that_only_scans_name_is_missed_too() -> None:
    with empty_store(SLOT) as database:
        sell(database, promises=[{name: value for name, value in LONG.items() if name != "carrier"}])
        tell_scans(database, {**HANDED, "carrier": "sample-express"})
        scans_of_others(database, until_us=moment("11-05T11:45"))
        looks(database, moment("11-05T11:45"))
        assert needs(database) == []
        looks(database, moment("11-05T16:00"))
        assert needs(database) == [("feed_silent", "sample-express")]
        assert json.loads(told_of(database, "feed_silent")[0])["promises"] == 1
        scans_of_others(database, from_us=moment("11-05T16:10"), until_us=moment("11-05T17:00"))
        looks(database, moment("11-05T17:00"))
        assert needs(database) == []


def test_a_quiet_night_is_no_silence() -> None:
    with empty_store(SLOT) as database:
        sell(database, promises=[LONG])
        tell_scans(database, {**HANDED, "at": "2026-11-05T09:00+08:00"})
        scans_of_others(database, until_us=moment("11-05T22:00"))
        for hours in range(11):
            looks(database, moment("11-05T22:00") + hours * HOUR_US)
            assert needs(database) == []
        looks(database, moment("11-06T12:00"))
        assert needs(database) == [("feed_silent", "sample-express")]


def test_a_parcel_that_its_carrier_scans_no_more_is_lost_and_found() -> None:
    with empty_store(SLOT) as database:
        sell(database, promises=[LONG])
        tell_scans(database, HANDED)
        scans_of_others(database, until_us=moment("11-07T00:00"))
        looks(database, moment("11-03T12:00"))
        assert (kept(database), needs(database)) == ({}, [])
        looks(database, moment("11-06T12:00"))
        assert needs(database) == [("parcel_lost", "1"), ("tell_buyer", "1")]
        assert (kept(database)["risk"], kept(database)["chance_permille"], kept(database)["why"]) == (
            "will_be_late",
            0,
            ["lost"],
        )
        # Nobody can bring back what is lost: the desk tells the buyer.
        assert (kept(database)["who"], kept(database)["act_by_us"]) == ("desk", moment("11-12T21:00"))
        tell_scans(
            database, {**HANDED, "scan_id": "S2", "what": "moved", "at": "2026-11-06T13:00+08:00", "told_by": "carrier"}
        )
        looks(database, moment("11-06T13:00"))
        assert (kept(database), needs(database)) == ({}, [])
        assert tellings(database) == [("at_risk", "dropped")]


def test_where_nobody_scans_anything_no_parcel_is_missed() -> None:
    """A shop without a feed is not told that its parcels are not handed over, nor that they are lost."""
    with empty_store(SLOT) as database:
        sell(database, promises=[LONG])
        looks(database, moment("11-08T12:00"))
        assert (kept(database), needs(database)) == ({}, [])


def test_who_must_act_and_until_when_goes_from_the_warehouse_to_the_desk() -> None:
    with empty_store(SLOT) as database:
        sell(database, promises=[LONG])
        scans_of_others(database, until_us=moment("11-13T00:00"), every_us=HOUR_US)
        looks(database, moment("11-09T14:00"))
        found = kept(database)
        assert (found["why"], found["who"]) == (["not_handed_over"], "warehouse")
        assert found["act_by_us"] == moment("11-13T00:00") - 277_221_600_000  # 277 thousandths of its 278 hours
        looks(database, moment("11-09T19:00"))
        assert (kept(database)["who"], kept(database)["act_by_us"]) == ("desk", moment("11-12T21:00"))
        tell_scans(database, {**HANDED, "at": "2026-11-09T19:10+08:00"})
        looks(database, moment("11-09T19:10"))
        assert kept(database) == {}
        looks(database, moment("11-12T13:30"))
        assert (kept(database)["who"], kept(database)["act_by_us"]) == ("carrier", moment("11-12T20:00"))
        looks(database, moment("11-12T20:00"))
        assert (kept(database)["who"], kept(database)["act_by_us"]) == ("desk", moment("11-12T21:00"))
        looks(database, moment("11-13T00:00"))
        assert needs(database) == []
        looks(database, moment("11-13T08:00"))
        assert needs(database) == [("tell_buyer", "2")]


def test_a_closed_region_puts_its_promises_at_risk_until_it_opens() -> None:
    with empty_store(SLOT) as database:
        sell(database, {**ORDER, "region": "CN-11/haidian"}, promises=[{**LONG, "region": "CN-11/haidian"}])
        tell_closures(database, {**SNOW, "regions": '["CN-11"]', "until_at": "2026-11-12T20:00+08:00"})
        looks(database, moment("11-05T12:00"))
        assert kept(database)["why"] == ["closure"]
        assert kept(database)["who"] == "desk"
        other = {
            **SNOW,
            "closure_id": "C2",
            "supersedes": "C1",
            "regions": '["CN-11"]',
            "until_at": "2026-11-05T13:00+08:00",
        }
        tell_closures(database, {**other, "known_at": "2026-11-05T12:30+08:00"})
        looks(database, moment("11-05T13:00"))
        assert kept(database) == {}


MODEL = {
    "kind": "lead_times",
    "version": "a sample",
    "counts": "calendar",
    "starts": "order",
    "days_max": 4,
    "keys": ["region", "carrier"],
    "groups": [
        {"key": {}, "count": 900, "within_permille": [0, 100, 200, 300, 400]},
        {"key": {"region": "CN-11"}, "count": 90, "within_permille": [0, 500, 900, 1000, 1000]},
        {"key": {"carrier": "sample-express"}, "count": 90, "within_permille": [0, 0, 800, 900, 900]},
    ],
}


@pytest.mark.parametrize(
    ("lane", "chance"),
    [
        # On the third day at noon 285 thousandths of the day's parcels are there, and all of them at its end.
        ({}, (300_000 - 228_500) * 1000 // (1_000_000 - 228_500)),
        ({"region": "CN-11/haidian"}, 1000),
        ({"carrier": "sample-express"}, (900_000 - 828_500) * 1000 // (1_000_000 - 828_500)),
        ({"region": "CN-11", "carrier": "sample-express"}, 1000),
    ],
)
def test_the_chance_is_that_of_the_narrowest_group_of_its_lane(lane: dict[str, str], chance: int) -> None:
    pacing, now_us = Pacing(read_lead_times(MODEL, where="the model"), None), moment("11-04T12:00")
    with empty_store(SLOT) as database:
        sell(database, promises=[{**PROMISE, "slot_from": None, "promised_by": "2026-11-04", **lane}])
        live_on(database, now_us)
        watch_deliveries(database, now_us=now_us, pacing=pacing, rules=WatchRules(may_permille=1001))
        assert kept(database)["chance_permille"] == chance


def test_a_carrier_that_rests_over_the_new_year_is_not_silent_and_its_parcels_not_behind() -> None:
    """Without its calendar nobody knows that it rests."""
    network = load_network("sample-cn")
    placed = {**ORDER, "placed_at": "2026-02-13T10:00+08:00"}
    promised = {
        **LONG,
        "shown_at": "2026-02-13T10:00+08:00",
        "promised_by": "2026-02-27",
        "carrier": "resting",
        "region": "CN-BJ",
    }
    for pacing, silent in ((Pacing(network.lead_times, network), []), (None, [("feed_silent", "resting")])):
        with empty_store(SLOT) as database:
            sell(database, placed, promises=[promised])
            tell_scans(database, {**HANDED, "at": "2026-02-14T10:00+08:00"})
            last = us_of("2026-02-14T18:00", zone=ZONE)
            rows = [
                {
                    "scan_id": f"X{k}",
                    "order_id": "X",
                    "what": "moved",
                    "at": text_of_moment(last - k * HOUR_US // 2),
                    "carrier": "resting",
                }
                for k in range(20 * 48)
            ]
            tell_scans(database, *rows)
            chances = []
            for day in (16, 20, 23):
                looks(
                    database,
                    us_of(f"2026-02-{day}T12:00", zone=ZONE),
                    pacing=pacing,
                    rules=WatchRules(may_permille=1001),
                )
                assert [one for one in needs(database) if one[0] == "feed_silent"] == silent
                chances.append(kept(database)["chance_permille"])
            # Handed over on Saturday the 14th, a workday; four days on which it moves are left, the 24th to the 27th.
            assert len(set(chances)) == 1
            if pacing is not None:
                assert chances == [988] * 3


def test_the_list_says_what_why_who_and_by_when(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = open_database(tmp_path / "houbei.db", create=True)
    with writing(database) as connection:
        publish(connection, as_terms(SLOT), known_us=0)
    sell(database)
    looks(database, moment("11-03T10:00"))
    database.dispose()
    store = ("--store", str(tmp_path / "houbei.db"))
    assert run(["delivery", "at-risk", *store, "--lang", "zh"]) == 0
    assert capsys.readouterr().out == (
        "O1  最迟2026-11-03 15:00  可能迟到，按时的可能45%  剩下的时间不多\n    承运商要在2026-11-03 11:00前接手加急\n"
    )
    assert run(["delivery", "at-risk", *store, "--lang", "en"]) == 0
    assert capsys.readouterr().out == (
        "O1  by 2026-11-03 15:00  may be late, 45 % in time  little time is left\n"
        "    the carrier hurries it by 2026-11-03 11:00\n"
    )
    assert run(["delivery", "at-risk", *store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["delivery_id"] == "O1"
    assert run(["delivery", "tellings", *store, "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("1  O1  a person tells  It may not arrive by 15:00 today.")
    assert run(["delivery", "told", "1", "--as", "Sample Clerk", *store, "--lang", "en"]) == 0
    assert capsys.readouterr().out == "Taken down: Sample Clerk told the buyer of O1.\n"
    assert run(["delivery", "told", "1", "--as", "Sample Clerk", *store]) == 2
    assert "told already" in capsys.readouterr().err


class Machine:
    """A machine's clock, and time that passes by itself."""

    def __init__(self, start_us: int) -> None:
        self.start_us, self.passed_us, self.off_us = start_us, 0, 0

    def clock(self) -> int:
        return self.start_us + self.passed_us + self.off_us

    def passed_ns(self) -> int:
        return self.passed_us * 1000


@pytest.mark.parametrize("off_us", [3 * DAY_US, -3 * DAY_US])
def test_a_clock_that_jumps_raises_no_alarm_and_tells_no_buyer(monkeypatch: pytest.MonkeyPatch, off_us: int) -> None:
    """The promise is good for ten more days, the feed lives; the clock jumps over both, or back, and comes right again."""
    machine, rounds, seen = Machine(moment("11-02T10:00")), iter(range(100)), []
    monkeypatch.setattr(loop, "IDLE_S", 0)
    monkeypatch.setattr(loop, "Steady", lambda *, clock: steady(clock=clock, passed_ns=machine.passed_ns))
    with empty_store(SLOT) as database:
        sell(database, promises=[{**LONG, "promised_by": "2026-11-04"}])
        tell_scans(database, HANDED)
        scans_of_others(database, until_us=moment("11-02T10:00") + 14 * HOUR_US // 2)

        def stopped() -> bool:
            number = next(rounds)
            machine.passed_us += HOUR_US // 2
            machine.off_us = off_us if 2 <= number < 10 else 0
            seen.append([kind for kind, _ in needs(database)])
            return number == 12

        run_forever(database, None, clock=machine.clock, holder="one", stopped=stopped, say=pytest.fail)
        assert [kinds for kinds in seen if kinds] == [["clock"]] * 8
        assert (needs(database), tellings(database), kept(database)) == ([], [], {})


steady = loop.Steady


def test_after_a_long_stop_feeds_are_silent_and_no_parcel_is_lost() -> None:
    """Nothing ran for four days and nothing was told: carriers were not heard of, and nobody calls their parcels lost."""
    with empty_store(SLOT) as database:
        sell(database, promises=[LONG])
        tell_scans(database, HANDED)
        scans_of_others(database, until_us=moment("11-03T12:00"))
        looks(database, moment("11-03T12:00"))
        looks(database, moment("11-07T12:00"))
        assert needs(database) == [("feed_silent", "sample-express")]
