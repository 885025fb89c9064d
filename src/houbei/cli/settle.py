"""`houbei settle`: what waits for a person, and what they decide."""

from pathlib import Path

import click

from houbei.cli.store_option import store_option
from houbei.errors import InputError
from houbei.money import text_of
from houbei.runs.clock import now_us
from houbei.runs.settling import settle_by_hand
from houbei.store.database import open_database, reading, writing
from houbei.store.settlements import Settlement, parked_settlements

LISTED_MAX = 200


@click.command()
@click.argument("ref", required=False, metavar="[COVER/SEQUENCE]")
@store_option
@click.option("--paid", "reference", metavar="REFERENCE", help="The provider did pay it: its number of the refund.")
@click.option("--credit", is_flag=True, help="The provider never paid it: it becomes store credit.")
@click.option("--by", "person", metavar="NAME", help="Who decides; the entry names them.")
def command(*, ref: str | None, store: Path, reference: str | None, credit: bool, person: str | None) -> int:
    """List the refunds that wait for a person, or settle one of them.

    A refund waits where asking again might pay it twice (its key is older than the provider remembers, and no refund was found), or
    where the provider refused it for a reason that is no fault of the buyer's.
    """
    database = open_database(store)
    if ref is None:
        with reading(database) as connection:
            waiting = parked_settlements(connection, most=LISTED_MAX)
        for one in waiting:
            click.echo(_told(one))
        if not waiting:
            click.echo("No refund waits for a person.")
        return 0
    cover, _, sequence = ref.partition("/")
    if not (cover.isdecimal() and sequence.isdecimal()) or person is None or (reference is None) == (not credit):
        raise InputError(
            came=ref,
            where="houbei settle",
            expected="COVER/SEQUENCE with --by NAME, and either --paid REFERENCE or --credit",
            todo="Look at the list that houbei settle prints.",
        )
    with writing(database) as connection:
        settled = settle_by_hand(
            connection, cover=int(cover), sequence=int(sequence), reference=reference, person=person, now_us=now_us()
        )
    click.echo(f"{_told(settled)}: {'paid' if reference else 'store credit'}, says {person}")
    return 0


def _told(one: Settlement) -> str:
    amount = f"{one.currency} {text_of(one.amount_minor, one.currency)}"
    return f"{one.ref}  line {one.line_id}  {amount}  {one.state}: {one.reason or 'no reason known'}"
