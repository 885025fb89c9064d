"""`houbei delivery tellings` and `told`: what buyers wait to be told, and that a person told them."""

from pathlib import Path

import click

from houbei.cli.case_options import person_of
from houbei.cli.language_option import language_option, spoken
from houbei.cli.store_option import store_option
from houbei.errors import InputError
from houbei.runs.clock import now_us
from houbei.runs.tellings import told_by
from houbei.store.database import open_database, reading
from houbei.store.tellings import waiting_tellings

LISTED_MAX = 200
_ROW = "{seq}  {delivery}  {state}  {text}"
_STATES = {"due": ("待发", "to be sent"), "parked": ("等人告知", "a person tells")}
_NOTHING = ("没有要告诉买家的话。", "There is nothing to tell a buyer.")
_DONE = ("已记下：{person}告诉了{order}的买家。", "Taken down: {person} told the buyer of {order}.")


@click.command(name="tellings")
@store_option
@language_option
def list_them(store: Path, language: str | None) -> int:
    """List what buyers are to be told and have not been, in the order in which it was decided."""
    english = spoken(language) == "en"
    with reading(open_database(store)) as connection:
        waiting = waiting_tellings(connection, most=LISTED_MAX)
    for one in waiting:
        text, state = one.en if english else one.zh, _STATES[one.state][english]
        click.echo(_ROW.format(seq=one.seq, delivery=one.delivery_id, state=state, text=text))
    if not waiting:
        click.echo(_NOTHING[english])
    return 0


@click.command(name="told")
@click.argument("ref", metavar="TELLING")
@click.option("--as", "name", required=True, help="Who told the buyer.")
@click.option("--role", default="desk", show_default=True, help="Their part.")
@click.option("--unnamed", is_flag=True, help="Do not show the name anywhere.")
@store_option
@language_option
def told(ref: str, name: str, role: str, store: Path, language: str | None, *, unnamed: bool) -> int:
    """Take down that a person told a buyer what waited to be told; by its number, or its id."""
    person = person_of(name, role, unnamed=unnamed, where="houbei delivery told")
    if person is None:
        raise InputError(
            came="nobody who told the buyer",
            where="houbei delivery told",
            expected="--as: who told the buyer",
            todo="Give it, like --as 'He Xiuqin'.",
        )
    telling = told_by(open_database(store), ref, person=person, now_us=now_us())
    click.echo(_DONE[spoken(language) == "en"].format(person=name, order=telling.order_id))
    return 0


commands = {"tellings": list_them, "told": told}
