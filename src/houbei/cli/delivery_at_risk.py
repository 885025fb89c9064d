"""`houbei delivery at-risk`: promises under way that may not be kept, why, and who can still do something until when."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import Connection

from houbei.cli.language_option import language_option, spoken
from houbei.cli.store_option import store_option
from houbei.delivery.risk_words import say_act, say_risk, say_silent, say_why
from houbei.evidence.wording import moment_text
from houbei.runs.watching import FEED_SILENT
from houbei.store.database import open_database, reading
from houbei.store.needs import told_of_needs
from houbei.store.promises import of_arrivals, published
from houbei.store.watching import deliveries_at_risk

LISTED_MAX = 200
_ROW = (
    "{delivery}  最迟{by}  {risk}，按时的可能{chance}%  {why}",
    "{delivery}  by {by}  {risk}, {chance} % in time  {why}",
)
_NOTHING = ("没有承诺有风险。", "No promise is at risk.")
_PERCENT = 10


@click.command(name="at-risk")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Everything that was found, as JSON.")
@language_option
def command(store: Path, language: str | None, *, as_json: bool) -> int:
    """List promises at risk, those that pass first before the others: what, why, who can still act, and until when.

    A carrier that nobody hears of is one matter, and comes first. The list is as of the last look of houbei run.
    """
    with reading(open_database(store)) as connection:
        lines = _as_json(connection) if as_json else _lines(connection, spoken(language))
        click.echo("\n".join(lines))
    return 0


def _lines(connection: Connection, language: str) -> Iterator[str]:
    english = language == "en"
    zones = {one.seq: one.terms.zone for one in of_arrivals(published(connection))}
    zone = next(iter(zones.values()), "UTC")
    silent = [json.loads(told) for told in told_of_needs(connection, kind=FEED_SILENT)]
    yield from (say_silent(one, language, moment=lambda us: moment_text(us, zone)) for one in silent)
    found = deliveries_at_risk(connection, most=LISTED_MAX)
    for one in found:
        kept, own = json.loads(one.at_risk or "{}"), zones[one.terms]
        yield _ROW[english].format(
            delivery=one.delivery_id,
            by=moment_text(kept["by_us"], own),
            risk=say_risk(kept, language),
            chance=kept["chance_permille"] // _PERCENT,
            why=say_why(kept, language, moment=lambda us, own=own: moment_text(us, own)),  # type: ignore[misc]
        )
        act = say_act(kept, language, moment=lambda us, own=own: moment_text(us, own))  # type: ignore[misc]
        if act:
            yield f"    {act}"
    if not found and not silent:
        yield _NOTHING[english]


def _as_json(connection: Connection) -> Iterator[str]:
    for one in deliveries_at_risk(connection, most=LISTED_MAX):
        names = {"delivery_id": one.delivery_id, "order_id": one.order_id}
        yield json.dumps({**names, **json.loads(one.at_risk or "{}")}, ensure_ascii=False)
