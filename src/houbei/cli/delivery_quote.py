"""`houbei delivery quote`: what can be promised to one buyer, and why."""

import json
import re
from pathlib import Path
from typing import Any

import click

from houbei.cli.calendars_option import calendars_option
from houbei.cli.language_option import language_option, spoken
from houbei.delivery.network import Loaded
from houbei.delivery.promising import promise_arrivals
from houbei.delivery.quoting import quote
from houbei.delivery.requests import ANY_SLOT, Parcel, Request, requests_of, unknown_names
from houbei.delivery.timetable import timetable_of
from houbei.delivery.words import say_promise
from houbei.errors import InputError
from houbei.runs.clock import now_us
from houbei.store.calendar_files import calendars_with
from houbei.store.network_files import load_lead_times, load_network
from houbei.terms.moments import parse_moment

_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]))?")


@click.command(name="quote")
@click.option(
    "--network", "network_name", required=True, metavar="FILE", help="A network, or the name of a shipped one."
)
@click.option(
    "--model", type=click.Path(path_type=Path), help="Lead times learnt from history, instead of the network's."
)
@click.option("--sku", help="What is sent, as the network lists it.")
@click.option("--weight-class", help="Its weight class, where there is no SKU.")
@click.option("--to", "region", required=True, metavar="REGION", help="Where it goes.")
@click.option("--from", "origin", metavar="ORIGIN", help="The warehouse. Default: whichever is earliest.")
@click.option("--carrier", help="Default: whichever is earliest.")
@click.option("--service", help="Default: whichever is earliest.")
@click.option(
    "--at", "at", metavar="TIME", help="When it is ordered, in the network's zone if it names none. Default: now."
)
@click.option(
    "--chance", default="95", show_default=True, metavar="PERCENT", help="How often it must be kept at least."
)
@click.option("--parcels", default=1, show_default=True, type=click.IntRange(1, 1000), help="How many parcels.")
@click.option("--install", "is_installed", is_flag=True, help="With installation.")
@click.option(
    "--slot", default="", is_flag=False, flag_value=ANY_SLOT, metavar="[SLOT]", help="In this slot, or the earliest."
)
@calendars_option
@language_option
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def command(  # noqa: PLR0913  one parameter an option
    *,
    network_name: str,
    model: Path | None,
    sku: str | None,
    weight_class: str | None,
    region: str,
    origin: str | None,
    carrier: str | None,
    service: str | None,
    at: str | None,
    chance: str,
    parcels: int,
    is_installed: bool,
    slot: str,
    calendars: tuple[str, ...],
    language: str | None,
    as_json: bool,
) -> int:
    """The earliest arrival that can be promised, and the reasons.

    A refusal is an answer too: exit code 0.
    """
    loaded = load_network(network_name)
    asked = Request(
        id="quote",
        at_us=now_us() if at is None else parse_moment(at, zone=loaded.network.zone, where="--at"),
        region=region,
        parcels=(Parcel(sku=sku, weight_class=weight_class, origin=origin, count=parcels),),
        carrier=carrier,
        service=service,
        chance_permille=_permille(chance),
        is_installed=is_installed,
        slot=slot,
    )
    if (sku is None) == (weight_class is None):
        raise InputError(
            came="neither --sku nor --weight-class" if sku is None else "both --sku and --weight-class",
            where="houbei delivery quote",
            expected="one of them",
            todo="Say what is sent.",
        )
    answer = _answer(loaded, model, asked, calendars)
    click.echo(
        json.dumps(answer, ensure_ascii=False, indent=1) if as_json else "\n".join(_lines(answer, spoken(language)))
    )
    return 0


def _answer(loaded: Loaded, model: Path | None, asked: Request, calendars: tuple[str, ...]) -> dict[str, Any]:
    lead_times = None if model is None else load_lead_times(model)
    timetable = timetable_of(
        loaded,
        from_us=asked.at_us,
        to_us=asked.at_us,
        lead_times=lead_times,
        find_calendar=calendars_with(calendars),
    )
    requests = requests_of(loaded, [asked])
    answer = quote(timetable, requests, promise_arrivals(timetable, requests), 0)
    return answer | ({"unknown": unknown} if (unknown := unknown_names(requests, asked)) else {})


def _permille(chance: str) -> int:
    found = _PERCENT.fullmatch(chance)
    permille = int(found[1]) * 10 + int(found[2] or 0) if found else 0
    if not 1 <= permille <= 1000:  # noqa: PLR2004  a thousand of a thousand
        raise InputError(
            came=f"--chance {chance}",
            where="houbei delivery quote",
            expected="a percentage above 0 and at most 100, with at most one digit after the point",
            todo="Write it like 95 or 97.5.",
        )
    return permille


def _lines(answer: dict[str, Any], language: str) -> list[str]:
    reasons = [str(reason[language]) for reason in answer["reasons"]]
    if answer["refused"] is not None:
        return [*reasons, *(f"  “{name}”" for name in answer.get("unknown", ()))]
    versions = f"{answer['network']['name']} {answer['network']['sha256'][:8]}, {answer['model'][:8]}, {answer['calendar']['id']} {answer['calendar']['version']}"
    way = f"{answer['origin']} → {answer['service']} ({answer['carrier']})"
    return [say_promise(answer, language), f"  {way}", *(f"  {reason}" for reason in reasons), f"  {versions}"]
