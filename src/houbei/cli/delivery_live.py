"""What people tell of promised arrivals, one fact a command: `houbei delivery give`, `scan`, `move-slot`, `dispute`, `close` and their like."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import Engine

from houbei.cli.case_options import person_of
from houbei.cli.delivery_live_words import say
from houbei.cli.delivery_quoted import read_quote
from houbei.cli.language_option import language_option, spoken
from houbei.cli.store_option import store_option
from houbei.errors import InputError
from houbei.evidence.arrivals import conclude_arrival
from houbei.facts.promises import PARCELS_MAX
from houbei.facts.scans import ABOUT_A_SCAN, TELLERS, WHATS, What
from houbei.facts.steps import Person
from houbei.runs.clock import now_us
from houbei.runs.delivery_told import ToldFact, Value, tell_fact
from houbei.runs.delivery_trails import scan_of_arrival, tell_arrival
from houbei.runs.told_by_hand import BY_HAND, content_id
from houbei.store.database import open_database, reading
from houbei.store.delivery_facts import closure_named
from houbei.store.delivery_lookup import deliveries_named, disputed_scan, is_scan_told, is_told, last_promise
from houbei.store.promises import of_arrivals, published
from houbei.terms.moments import parse_moment

_Command = TypeVar("_Command", bound=Callable[..., Any])
_TOLD = tuple(word for word in WHATS if What[word.upper()] not in ABOUT_A_SCAN)
"""What a scan may tell; disputes and answers to them have commands of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, from which store, in which language, and when; `at_us` and `fact_id` are None where they are not named."""

    database: Engine
    language: str
    zone: str
    person: Person | None
    at_us: int | None
    fact_id: str | None
    source: str
    now_us: int

    @property
    def happened_us(self) -> int:
        """When it happened: as named, else now."""
        return self.now_us if self.at_us is None else self.at_us


def telling(command: _Command) -> _Command:
    """Give a command the options of whoever tells something."""
    for option in (
        click.option(
            "--id", "fact_id", help="An id of its own; the same id is the same fact. Default: made of the rest."
        ),
        click.option("--source", default=BY_HAND, show_default=True, help="Who tells: ids are unique within it."),
        click.option("--at", help="When it happened. Default: now."),
        click.option("--unnamed", is_flag=True, help="Do not show the name anywhere."),
        click.option("--role", help="Their part: clerk, courier, …"),
        click.option("--as", "name", help="Who says so."),
        language_option,
        store_option,
    ):
        command = option(command)
    return command


def caller_of(options: dict[str, Any]) -> Caller:
    """Take the shared options out of a command's, and open the store.

    Raises:
        InputError: a name without a part, a moment that is none, or no store.
    """
    person = person_of(
        options.pop("name"), options.pop("role"), unnamed=options.pop("unnamed"), where="houbei delivery"
    )
    database, at = open_database(options.pop("store")), options.pop("at")
    zone = zone_of_arrivals(database)
    return Caller(
        database=database,
        language=spoken(options.pop("language")),
        zone=zone,
        person=person,
        at_us=None if at is None else parse_moment(at, zone=zone, where="--at"),
        fact_id=options.pop("fact_id"),
        source=options.pop("source") or BY_HAND,
        now_us=now_us(),
    )


def zone_of_arrivals(database: Engine) -> str:
    """The zone of the shop: that of its first promise of arrival, else UTC."""
    with reading(database) as connection:
        return next((one.terms.zone for one in of_arrivals(published(connection))), "UTC")


@click.command(name="give")
@telling
@click.option("--order", "order_id", required=True, help="The order.")
@click.option(
    "--by", "promised_by", help="A day, or the first moment that is late; in the shop's zone if it names none."
)
@click.option("--from", "slot_from", help="The first moment that is not early, of a slot.")
@click.option("--delivery", "delivery_id", help="What arrives together. Default: the order.")
@click.option("--line", "lines", multiple=True, help="A line that it is about. Default: every line of the order.")
@click.option("--fee", "slot_fee", help="What was paid for the slot, like 39.00.")
@click.option("--currency", help="Of the fee.")
@click.option("--parcels", type=click.IntRange(1, PARCELS_MAX), help="In how many parcels it comes. Default: 1.")
@click.option("--region", help="Where it goes.")
@click.option("--carrier", help="Who brings it.")
@click.option("--quote", "quote", type=click.Path(path_type=Path), help="The JSON of houbei delivery quote --json.")
def give(lines: tuple[str, ...], quote: Path | None, **options: Any) -> int:
    """Take down the promise that was shown to a buyer at the sale."""
    caller = caller_of(options)
    quoted = {} if quote is None else read_quote(quote)
    told = {name: value for name, value in options.items() if value is not None}
    columns: dict[str, Value] = {"shown_at": caller.happened_us, **quoted, **told}
    if caller.at_us is not None:
        columns["shown_at"] = caller.at_us
    if "promised_by" not in columns:
        raise InputError(
            came="neither --by nor --quote",
            where="houbei delivery give",
            expected="by when it was promised",
            todo="Give one of them.",
        )
    if ("slot_fee" in columns) != ("currency" in columns):
        raise InputError(
            came="--fee without --currency" if "slot_fee" in columns else "--currency without --fee",
            where="houbei delivery give",
            expected="both: the fee of a slot, and in what it was paid",
            todo="Give both, like --fee 39.00 --currency CNY.",
        )
    if lines:
        columns["lines"] = json.dumps(list(lines))
    return _tell(caller, "promises_given", "promise_id", columns, said="gave", about=_about(columns))


def _about(columns: Mapping[str, Value]) -> str:
    return str(columns.get("delivery_id") or columns["order_id"])


@click.command(name="scan")
@telling
@click.argument("delivery_id")
@click.argument("what", type=click.Choice(_TOLD))
@click.option("--parcel", "parcel_id", help="Which parcel, where there are several.")
@click.option("--by", "told_by", type=click.Choice(TELLERS), default=TELLERS[0], show_default=True, help="Who says so.")
@click.option("--carrier", help="Whose parcel it is.")
@click.option("--region", help="Where it happened.")
@click.option("--evidence", help="A photo or a document that shows it.")
def scan(**options: Any) -> int:
    """Take down what happened to a parcel of a delivery."""
    caller = caller_of(options)
    columns = {**options, "at": caller.happened_us}
    return _tell(caller, "scans", "scan_id", columns, said="scanned", about=options["delivery_id"])


@click.command(name="move-slot")
@telling
@click.argument("delivery_id")
@click.option("--by", "promised_by", required=True, help="A day, or the first moment that is late.")
@click.option("--from", "slot_from", help="The first moment that is not early, of a slot.")
def move_slot(delivery_id: str, promised_by: str, slot_from: str | None, **options: Any) -> int:
    """Take down that the buyer asked for another time: the promise moves to it."""
    caller = caller_of(options)
    with reading(caller.database) as connection:
        before = last_promise(connection, delivery_id)
    if before is None:
        raise _unknown(delivery_id, "a delivery that was promised")
    columns = {
        **before,
        "shown_at": caller.happened_us,
        "promised_by": promised_by,
        "slot_from": slot_from,
        "asked_by": "buyer",
    }
    return _tell(caller, "promises_given", "promise_id", columns, said="moved", about=delivery_id)


@click.command(name="dispute")
@telling
@click.argument("delivery_id")
@click.option("--scan", "scan_id", help="The scan that is not so. Default: the one by which it arrived.")
@click.option("--evidence", help="A photo or a document that shows it.")
def dispute(delivery_id: str, scan_id: str | None, **options: Any) -> int:
    """Take down that the buyer says a scan is not so; a person looks before anything is paid for it."""
    caller = caller_of(options)
    with reading(caller.database) as connection:
        found = scan_id or scan_of_arrival(connection, delivery_id)
        known = scan_id is None or is_scan_told(connection, scan_id)
    if not known:
        raise InputError(
            came=f"no scan {scan_id}",
            where="houbei delivery dispute",
            expected="a scan that was told, or what a line itself says, like delivered:LINE",
            todo=f"Look at what houbei delivery show {delivery_id} prints.",
        )
    return _about_a_scan(caller, delivery_id, found, What.DISPUTED, options)


@click.command(name="uphold")
@telling
@click.argument("delivery_id")
@click.option("--scan", "scan_id", help="The disputed scan. Default: the one disputed last.")
@click.option("--evidence", help="A photo or a document that shows it.")
def uphold(delivery_id: str, scan_id: str | None, **options: Any) -> int:
    """Say as a person who looked that the buyer is right: the disputed scan is void, and what was held is owed."""
    return _answer(delivery_id, scan_id, What.UPHELD, options)


@click.command(name="dismiss")
@telling
@click.argument("delivery_id")
@click.option("--scan", "scan_id", help="The disputed scan. Default: the one disputed last.")
@click.option("--evidence", help="A photo or a document that shows it.")
def dismiss(delivery_id: str, scan_id: str | None, **options: Any) -> int:
    """Say as a person who looked that the disputed scan stands."""
    return _answer(delivery_id, scan_id, What.DISMISSED, options)


def _answer(delivery_id: str, scan_id: str | None, what: What, options: dict[str, Any]) -> int:
    caller = caller_of(options)
    if caller.person is None:
        raise InputError(
            came="nobody who looked",
            where=f"houbei delivery {'uphold' if what is What.UPHELD else 'dismiss'}",
            expected="--as and --role: a person decides what a buyer disputes",
            todo="Give both, like --as 'He Xiuqin' --role clerk.",
        )
    with reading(caller.database) as connection:
        found = scan_id or disputed_scan(connection, delivery_id)
    return _about_a_scan(caller, delivery_id, found, what, options)


def _about_a_scan(caller: Caller, delivery_id: str, scan_id: str | None, what: What, options: Mapping[str, Any]) -> int:
    if scan_id is None:
        raise _unknown(delivery_id, "a delivery that arrived" if what is What.DISPUTED else "a delivery with a dispute")
    columns = {
        **options,
        "delivery_id": delivery_id,
        "what": what.name.lower(),
        "at": caller.happened_us,
        "told_by": "buyer" if what is What.DISPUTED else "shop",
        "disputes": scan_id,
    }
    return _tell(caller, "scans", "scan_id", columns, said=what.name.lower(), about=delivery_id)


@click.command(name="close")
@telling
@click.argument("code")
@click.option("--from", "from_at", required=True, help="When it began.")
@click.option("--until", "until_at", help="When it ended. Default: it lasts.")
@click.option("--known", "known_at", help="When it was made known. Default: when it began.")
@click.option("--region", "regions", multiple=True, help="Where. Default: everywhere.")
@click.option("--evidence", help="The notice or document that shows it.")
def close(regions: tuple[str, ...], **options: Any) -> int:
    """Take down an event that excuses late arrivals, such as a road closed by snow; terms say which codes count."""
    caller = caller_of(options)
    columns = {**options, "known_at": options["known_at"] or options["from_at"]}
    columns["regions"] = json.dumps(list(regions)) if regions else None
    return _tell(caller, "closures", "closure_id", columns, said="closed", about=None)


@click.command(name="reopen")
@telling
@click.argument("closure_id")
def reopen(closure_id: str, **options: Any) -> int:
    """Take down when such an event ended: --at, else now."""
    caller = caller_of(options)
    with reading(caller.database) as connection:
        before = closure_named(connection, closure_id)
    if before is None:
        raise _unknown(closure_id, "a closure that was told")
    columns = {**before, "until_at": caller.happened_us, "supersedes": closure_id}
    return _tell(caller, "closures", "closure_id", columns, said="reopened", about=None)


def _tell(
    caller: Caller, table: str, id_column: str, columns: Mapping[str, Value], *, said: str, about: str | None
) -> int:
    """Take a fact in, and say what follows from it for the delivery that it is about."""
    # What happened just now is no part of what is said: said again the same day, it is said once.
    told = [[name, value] for name, value in sorted(columns.items()) if value not in {None, caller.now_us}]
    made = content_id([table, *told], at_us=caller.at_us, now_us=caller.now_us)
    fact_id = caller.fact_id or made
    with reading(caller.database) as connection:
        again = caller.fact_id is None and is_told(connection, table, source=caller.source, fact_id=made)
    fact = ToldFact(table=table, columns={id_column: fact_id, **columns}, person=caller.person, source=caller.source)
    new = not again and tell_fact(caller.database, fact, zone=caller.zone, now_us=caller.now_us)
    click.echo(say(said if new else "again", caller.language, id=fact_id))
    if about is None:
        return 0
    with reading(caller.database) as connection:
        found = deliveries_named(connection, about)
        for one in found:
            click.echo(f"{one.delivery_id}: {conclude_arrival(tell_arrival(connection, one), caller.language)}")
    if not found:
        click.echo(say("unknown", caller.language, delivery=about))
    return 0


def _unknown(came: str, expected: str) -> InputError:
    return InputError(
        came=f"nothing under {came}",
        where="houbei delivery",
        expected=expected,
        todo="Look at the list that houbei delivery list prints.",
    )


commands = {
    "give": give,
    "scan": scan,
    "move-slot": move_slot,
    "dispute": dispute,
    "uphold": uphold,
    "dismiss": dismiss,
    "close": close,
    "reopen": reopen,
}
