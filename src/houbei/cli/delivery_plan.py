"""`houbei delivery plan`: who delivers where over a New Year, and what the plan forgets."""

import shlex
from pathlib import Path

import click

from houbei.calendars.documents import State
from houbei.calendars.holidays import load
from houbei.cli.language_option import language_option, spoken
from houbei.delivery.festival import Plan, Standing
from houbei.delivery.festival_checks import check_plan
from houbei.delivery.festival_days import days_of
from houbei.delivery.festival_overrides import text_with
from houbei.errors import InputError
from houbei.plans.given import read_given
from houbei.plans.lines import forgotten, of_region, overview
from houbei.plans.naming import namings
from houbei.plans.page import Shown, render
from houbei.store.network_files import network_text
from houbei.store.plan_files import load_plan
from houbei.store.written_files import write_bytes


@click.command(name="plan")
@click.argument("name", metavar="YEAR|FILE")
@click.option("--region", help="One region in words, a line for each day and carrier.")
@language_option
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page that opens offline.")
@click.option(
    "--promises", type=click.Path(path_type=Path), help="Promises given, CSV or Parquet: which fall into days of rest."
)
@click.option(
    "--over", metavar="NETWORK", help="A network, or the name of a shipped one, to lay the plan over: see --network."
)
@click.option(
    "--network",
    "laid",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write --over with the plan in it, for houbei delivery quote.",
)
@click.option("--check", is_flag=True, help="Exit with 1 where the plan forgets something.")
def command(  # noqa: PLR0913  one parameter an option
    *,
    name: str,
    region: str | None,
    language: str | None,
    html: Path | None,
    promises: Path | None,
    over: str | None,
    laid: Path | None,
    check: bool,
) -> int:
    """Show a plan for the New Year: who delivers where on which lunar days, until when, with how many crews.

    A year that does not ship is drafted from one that does, by its lunar days.
    """
    plan = load_plan(name)
    days = days_of(plan)
    given, rejected = ([], 0) if promises is None else read_given(promises, zone=plan.zone)
    if rejected:
        click.echo(f"houbei: {rejected} rows of {promises} cannot be read and are left out", err=True)
    findings = check_plan(days, given=given)
    english, chinese = namings(plan)
    naming = chinese if spoken(language) == "zh" else english
    if region is not None and region not in {found.id for found in plan.regions}:
        raise InputError(
            came=f"the region {region}",
            where=plan.plan,
            expected=f"one of {', '.join(found.id for found in plan.regions)}",
            todo="Name a region of the plan.",
        )
    is_provisional = _is_provisional(plan)
    click.echo(f"{naming.words(plan.about)}\n{naming.say(f'p_standing_{plan.standing.value}')}")
    if is_provisional:
        click.echo(str(naming.say("p_predicted", year=plan.year)))
    click.echo()
    shown = overview(days, naming) if region is None else of_region(days, region, naming)
    click.echo("\n".join(shown))
    missed = [found for found in findings if region in (None, found.region)]
    click.echo("\n" + "\n".join(forgotten(missed, naming)))
    if (over is None) != (laid is None):
        raise InputError(
            came="--over without --network, or the other way round",
            where="houbei delivery plan",
            expected="both: which network, and where it goes",
            todo="Give --over sample-cn --network FILE.",
        )
    if over is not None and laid is not None:
        laid.write_text(text_with(network_text(over), days, where=over) + "\n", encoding="utf-8")
    if html is not None:
        run = shlex.join(["houbei", "delivery", "plan", name, "--html", html.name])
        page = render(Shown(days=days, findings=findings, is_provisional=is_provisional, command=run))
        write_bytes(page.encode(), html)
    return 1 if check and missed else 0


def _is_provisional(plan: Plan) -> bool:
    """Whether the days off of the plan's year are not announced."""
    year = load(plan.calendar, from_year=plan.year, to_year=plan.year)
    return plan.standing is Standing.DRAFT and year.state(plan.year, as_of_year=plan.year) is State.PREDICTED
