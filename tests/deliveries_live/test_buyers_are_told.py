"""Buyers are told once what there is to tell, whatever the receiver does, and nothing that is not so."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from houbei.errors import InputError
from houbei.facts.steps import Person
from houbei.runs.clock import now_us as machine_us
from houbei.runs.telling_channel import Channel
from houbei.runs.tellings import LEASE_US, run_tellings, told_by
from houbei.runs.watching import watch_deliveries
from tests.deliveries_live.lookouts import HOUR_US, looks, needs, tellings, texts
from tests.deliveries_live.parcels import (
    DELIVERED,
    HOURS,
    PROMISE,
    SLOT,
    SNOW,
    live_on,
    sell,
    tell_closures,
    tell_promises,
    tell_scans,
)
from tests.deliveries_live.receivers import SECRET, Receiver, receiving
from tests.live.paying import pay_what_is_due
from tests.live.stores import count, empty_store, rows_of
from tests.live.telling import moment

AT_RISK = "今天15:00前可能送不到。迟到赔你¥39.00和1,000积分，不用申请。"
LATE = "没能在11月3日 15:00送到。赔你¥39.00和1,000积分，不用申请，付好了再告诉你。"
MORNING, NOON, DUE = moment("11-03T10:00"), moment("11-03T12:00"), moment("11-03T15:00")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def channel(receiver: Receiver) -> Iterator[Channel]:
    one = Channel(f"{receiver.address}/buyers?of=shop", SECRET, inside=True, clock=machine_us)
    yield one
    one.close()


def told_once(database: Engine, receiver: Receiver, number: int = 1) -> None:
    """Everything was heard, each under one id, with a right signature; and each is noted as told once."""
    heard = receiver.heard()
    assert all(one["good"] for one in heard)
    assert len({one["id"] for one in heard}) == number == count(database, "told")
    assert {state for _, state in tellings(database)} == {"told"}


def test_a_warning_is_a_signed_cloud_event_in_both_languages(receiver: Receiver, channel: Channel) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        looks(database, MORNING, channel=channel)
        (heard,) = receiver.heard()
        event = heard["event"]
        assert (heard["good"], heard["type"]) == (True, "application/cloudevents+json; charset=UTF-8")
        assert event["id"] == heard["id"] == rows_of(database, "SELECT telling FROM tellings")[0][0]
        assert {name: event[name] for name in ("specversion", "source", "type", "subject", "time")} == {
            "specversion": "1.0",
            "source": "houbei",
            "type": "houbei.delivery.at_risk",
            "subject": "O1",
            "time": "2026-11-03T02:00:00Z",
        }
        assert event["data"]["texts"]["zh"] == AT_RISK
        assert event["data"]["texts"]["en"] == (
            "It may not arrive by 15:00 today. If late we pay you ¥39.00 and 1,000 points, unasked."
        )
        assert (event["data"]["promise_id"], event["data"]["tell_by"]) == ("P1", "2026-11-03T07:00:00Z")
        told_once(database, receiver)


@pytest.mark.parametrize(
    "faults",
    [("lost",), ("500", "lost", "500"), ("503",), ("slow",), ("babble", "503"), ("lost",) * 5],
    ids="-".join,
)
def test_whatever_the_receiver_does_a_buyer_is_told_once(
    receiver: Receiver, channel: Channel, faults: tuple[str, ...]
) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        receiver.misbehaves(*faults)
        for minutes in range(0, 60, 2):
            looks(database, MORNING + minutes * 60_000_000, channel=channel)
        told_once(database, receiver)
        assert receiver.texts() == [AT_RISK]


@pytest.mark.parametrize("fault", ["404", "302"])
def test_a_receiver_that_will_not_take_it_puts_it_before_a_person(
    receiver: Receiver, channel: Channel, fault: str
) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        receiver.misbehaves(fault)
        looks(database, MORNING, channel=channel)
        looks(database, NOON, channel=channel)
        assert receiver.heard() == []
        assert rows_of(database, "SELECT state, attempts, reason FROM telling_work") == [("parked", 1, fault)]
        assert ("tell_buyer", "1") in needs(database)


def test_a_receiver_that_is_away_for_long_puts_it_before_a_person(receiver: Receiver, channel: Channel) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        receiver.misbehaves(*["503"] * 20)
        for minutes in range(0, 12 * 60, 20):
            looks(database, DUE + minutes * HOUR_US // 60, channel=channel)
        assert rows_of(database, "SELECT state, reason FROM telling_work WHERE attempts = 12") == [("parked", "503")]
        assert needs(database) == [("tell_buyer", "1")]


def test_two_processes_at_once_tell_a_buyer_once(receiver: Receiver, channel: Channel) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        looks_once(database, MORNING)
        with ThreadPoolExecutor(2) as pool:
            calls = [
                pool.submit(run_tellings, database, channel, now_us=MORNING, holder=holder) for holder in ("one", "two")
            ]
            assert sorted(call.result() for call in calls) == [0, 1]
        assert len(receiver.heard()) == 1
        told_once(database, receiver)


def looks_once(database: Engine, now_us: int) -> None:
    """Decide what is to be told, and send nothing."""
    live_on(database, now_us)
    watch_deliveries(database, now_us=now_us)


class Dying(Channel):
    """A channel whose process dies after the receiver took a telling, or before it could."""

    heard_first = True

    def tell(self, telling):
        if self.heard_first:
            super().tell(telling)
        raise KeyboardInterrupt


@pytest.mark.parametrize("heard_first", [True, False])
def test_whoever_dies_while_telling_leaves_a_claim_that_runs_out(
    receiver: Receiver, channel: Channel, *, heard_first: bool
) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        looks_once(database, MORNING)
        dying = Dying(receiver.address, SECRET, inside=True, clock=machine_us)
        dying.heard_first = heard_first
        with pytest.raises(KeyboardInterrupt):
            run_tellings(database, dying, now_us=MORNING, holder="dead")
        dying.close()
        assert run_tellings(database, channel, now_us=MORNING + LEASE_US - 1, holder="one") == 0
        assert count(database, "told") == 0
        assert run_tellings(database, channel, now_us=MORNING + LEASE_US, holder="one") == 1
        assert len(receiver.heard()) == 1 + heard_first
        told_once(database, receiver)


def test_a_buyer_who_was_warned_hears_that_it_is_late_and_then_that_it_is_paid(
    receiver: Receiver, channel: Channel
) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        for now_us in (MORNING, NOON, DUE - 1, DUE, DUE + HOUR_US):
            looks(database, now_us, channel=channel)
        assert receiver.texts() == [AT_RISK, LATE]
        pay_what_is_due(database, most=1)
        looks(database, DUE + 2 * HOUR_US, channel=channel)
        assert receiver.texts() == [AT_RISK, LATE]
        pay_what_is_due(database)
        for _ in range(3):
            looks(database, DUE + 3 * HOUR_US, channel=channel)
        paid = "这次没能按时送到，¥39.00已原路退回，1,000积分已记入你的账户。你什么都不用做。"
        assert receiver.texts() == [AT_RISK, LATE, paid]
        assert count(database, "payments_awaited") == 0
        told_once(database, receiver, 3)


def test_a_buyer_who_heard_that_it_will_be_late_hears_next_that_it_is_paid(
    receiver: Receiver, channel: Channel
) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        tell_scans(database, {**DELIVERED, "what": "lost", "at": "2026-11-03T09:00+08:00"})
        for now_us in (MORNING, DUE):
            looks(database, now_us, channel=channel)
        warning = "今天15:00前多半送不到了。迟到赔你¥39.00和1,000积分，不用申请。"
        assert receiver.texts() == [warning]
        pay_what_is_due(database)
        looks(database, DUE, channel=channel)
        assert [text[:8] for text in receiver.texts()] == [warning[:8], "这次没能按时送到"]
        told_once(database, receiver, 2)


def test_what_was_decided_first_is_heard_first(receiver: Receiver, channel: Channel) -> None:
    """It is late and paid at night; in the morning the first message is lost a few times."""
    with empty_store(SLOT) as database:
        sell(database, promises=[{**PROMISE, "promised_by": "2026-11-03T23:00+08:00"}])
        looks(database, moment("11-03T23:00"), channel=channel)
        pay_what_is_due(database)
        receiver.misbehaves("503", "503", "503")
        looks(database, moment("11-04T08:00"), channel=channel)
        attempts = "SELECT t.kind, w.attempts FROM telling_work w JOIN tellings t ON t.seq = w.seq ORDER BY w.seq"
        assert rows_of(database, attempts) == [("late", 1), ("paid", 0)]
        for minutes in range(1, 12):
            looks(database, moment("11-04T08:00") + minutes * 60_000_000, channel=channel)
        first, second = receiver.texts()
        assert first.startswith("没能在11月3日 23:00送到。")
        assert second.startswith("这次没能按时送到，")
        told_once(database, receiver, 2)


def test_each_payment_is_told_of_once_where_the_table_pays_more_later(receiver: Receiver, channel: Channel) -> None:
    with empty_store(HOURS) as database:
        sell(database)
        for at in ("11-04T08:00", "11-06T16:00", "11-07T09:00"):
            looks(database, moment(at), channel=channel)
            pay_what_is_due(database)
            looks(database, moment(at), channel=channel)
        paid = "这次没能按时送到，¥5.00已原路退回。你什么都不用做。"
        assert receiver.texts() == ["没能在11月3日 15:00送到。赔你¥5.00，不用申请，付好了再告诉你。", paid, paid]
        told_once(database, receiver, 3)


def test_what_is_owed_only_after_some_hours_is_not_promised_before(receiver: Receiver, channel: Channel) -> None:
    with empty_store(HOURS) as database:
        sell(database)
        looks(database, MORNING, channel=channel)
        looks(database, DUE, channel=channel)
        assert receiver.texts() == [
            "今天15:00前可能送不到。晚了超过16小时就赔你¥5.00，不用申请。",
            "没能在11月3日 15:00送到。晚了超过16小时就赔你¥5.00，不用申请。",
        ]


def test_a_later_date_that_the_shop_has_shown_is_named(receiver: Receiver, channel: Channel) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        later = {**PROMISE, "promise_id": "P2", "shown_at": "2026-11-03T09:00+08:00", "slot_from": None}
        tell_promises(database, {**later, "promised_by": "2026-11-04T09:30+08:00"})
        looks(database, MORNING, channel=channel)
        assert receiver.texts() == ["今天15:00前可能送不到，最迟明早09:30。迟到赔你¥39.00和1,000积分，不用申请。"]


def test_a_buyer_is_warned_once_of_a_date_and_anew_of_the_one_that_they_chose_instead(
    receiver: Receiver, channel: Channel
) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        for minutes in range(0, 120, 20):
            looks(database, MORNING + minutes * 60_000_000, channel=channel)
        assert receiver.texts() == [AT_RISK]
        moved = {**PROMISE, "promise_id": "P2", "shown_at": "2026-11-03T12:00+08:00", "asked_by": "buyer"}
        tell_promises(
            database, {**moved, "slot_from": "2026-11-04T14:00+08:00", "promised_by": "2026-11-04T15:00+08:00"}
        )
        looks(database, DUE, channel=channel)
        assert receiver.texts() == [AT_RISK]
        looks(database, moment("11-04T13:30"), channel=channel)
        assert receiver.texts() == [AT_RISK, AT_RISK]
        told_once(database, receiver, 2)


def test_nothing_is_told_at_night_that_can_wait(receiver: Receiver, channel: Channel) -> None:
    with empty_store(SLOT) as database:
        sell(database, promises=[{**PROMISE, "promised_by": "2026-11-03T23:00+08:00"}])
        looks(database, moment("11-03T23:00"), channel=channel)
        looks(database, moment("11-04T07:59"), channel=channel)
        assert receiver.heard() == []
        looks(database, moment("11-04T08:00"), channel=channel)
        assert receiver.texts() == ["没能在11月3日 23:00送到。赔你¥39.00和1,000积分，不用申请，付好了再告诉你。"]


def test_a_warning_that_is_no_longer_so_is_not_given() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        looks(database, MORNING)
        assert tellings(database) == [("at_risk", "parked")]
        tell_scans(database, {**DELIVERED, "at": "2026-11-03T10:05+08:00"})
        looks(database, NOON)
        assert (tellings(database), needs(database)) == ([("at_risk", "dropped")], [])


def test_a_warning_that_is_so_once_more_is_given_after_all(receiver: Receiver, channel: Channel) -> None:
    """A courier leaves with it in the evening, and the chance is good again; then the evening passes."""
    with empty_store(SLOT) as database:
        sell(database, promises=[{**PROMISE, "slot_from": None, "promised_by": "2026-11-03"}])
        looks(database, moment("11-03T18:00"))
        assert tellings(database) == [("at_risk", "parked")]
        tell_scans(database, {**DELIVERED, "what": "out_for_delivery", "at": "2026-11-03T18:05+08:00"})
        looks(database, moment("11-03T18:10"))
        assert tellings(database) == [("at_risk", "dropped")]
        looks(database, moment("11-03T21:50"), channel=channel)
        assert receiver.texts() == ["今晚可能送不到。迟到赔你¥39.00和1,000积分，不用申请。"]
        told_once(database, receiver)


def test_an_event_that_waives_the_promise_promises_no_money(receiver: Receiver, channel: Channel) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        tell_closures(database, SNOW)
        looks(database, MORNING, channel=channel)
        assert receiver.texts() == ["今天15:00前多半送不到了。"]


def test_an_event_that_extends_the_promise_is_told_with_its_new_date(receiver: Receiver, channel: Channel) -> None:
    extends = {**SLOT, "excused": [{**SLOT["excused"][0], "effect": "extends"}]}
    with empty_store(extends) as database:
        sell(database)
        tell_closures(database, SNOW)
        looks(database, MORNING, channel=channel)
        looks(database, NOON, channel=channel)
        assert receiver.texts() == ["原定11月3日 15:00送到，改到11月4日 15:00，因为大雪。"]


def test_without_a_channel_a_person_tells_the_buyer_and_is_credited(receiver: Receiver, channel: Channel) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        looks(database, MORNING)
        assert needs(database) == [("parcel_at_risk", "1"), ("tell_buyer", "1")]
        assert json.loads(rows_of(database, "SELECT told FROM needs WHERE kind = 'tell_buyer'")[0][0])["zh"] == AT_RISK
        person = Person(name="Sample Clerk", role="desk", named=True)
        assert told_by(database, "1", person=person, now_us=NOON).zh == AT_RISK
        looks(database, NOON, channel=channel)
        assert receiver.heard() == []
        assert needs(database) == [("parcel_at_risk", "1")]
        assert rows_of(
            database, "SELECT t.way, t.at_us, p.name, t.role FROM told t JOIN people p ON p.person = t.person"
        ) == [("person", NOON, "Sample Clerk", "desk")]
        with pytest.raises(InputError, match="told already"):
            told_by(database, "1", person=person, now_us=NOON)


def test_a_channel_that_comes_later_tells_what_waited_for_it(receiver: Receiver, channel: Channel) -> None:
    with empty_store(SLOT) as database:
        sell(database)
        looks(database, MORNING)
        looks(database, NOON, channel=channel)
        assert receiver.texts() == [AT_RISK]
        assert needs(database) == [("parcel_at_risk", "1")]
        told_once(database, receiver)


def test_a_buyer_is_told_nothing_of_a_promise_that_was_kept() -> None:
    with empty_store(SLOT) as database:
        sell(database)
        tell_scans(database, {**DELIVERED, "at": "2026-11-03T09:00+08:00"})
        looks(database, MORNING)
        looks(database, DUE)
        assert (texts(database), needs(database)) == ([], [])


# --- two documents about one delivery ---------------------------------------------------------------------------------


def test_what_two_documents_pay_for_one_promise_is_told_once_and_added_up(receiver: Receiver, channel: Channel) -> None:
    fixed = {**SLOT, "term": "fixed", "breach": [{"pay": "5.00", "clause": "S-3"}]}
    with empty_store(SLOT, fixed) as database:
        sell(database)
        for now_us in (MORNING, DUE):
            looks(database, now_us, channel=channel)
        assert receiver.texts() == [
            "今天15:00前可能送不到。迟到赔你¥44.00和1,000积分，不用申请。",
            "没能在11月3日 15:00送到。赔你¥44.00和1,000积分，不用申请，付好了再告诉你。",
        ]


def test_a_document_that_is_kept_silences_no_other(receiver: Receiver, channel: Channel) -> None:
    """It was handed over in time, and may still arrive late."""
    dispatch = {**SLOT, "term": "dispatch", "promise": {**SLOT["promise"], "reaches": "handed_over"}}
    with empty_store(dispatch, SLOT) as database:
        sell(database)
        looks(database, MORNING)
        assert [kind for kind, _ in tellings(database)] == ["at_risk", "at_risk"]
        tell_scans(database, {**DELIVERED, "what": "handed_over", "at": "2026-11-03T10:05+08:00"})
        looks(database, moment("11-03T13:30"), channel=channel)
        assert receiver.texts() == [AT_RISK]
        assert sorted(tellings(database)) == [("at_risk", "dropped"), ("at_risk", "told")]
