"""`houbei simulate --festival`: a sample shop's New Year, lived through day by day."""

import json
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from houbei.cli.progress import shown_progress
from houbei.delivery.festival_days import days_of
from houbei.delivery.festival_overrides import plan_over
from houbei.money import text_of
from houbei.simulation.festival import shop
from houbei.simulation.festival.life import Asked, Lived, live_through
from houbei.simulation.festival.summary import figures_of
from houbei.store.network_files import network_text
from houbei.store.plan_files import load_plan
from houbei.terms.document import parse_terms

_SHOWN_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Festival:
    """What was asked for on the command line."""

    seed: int
    orders: int
    chance_permille: int
    out: Path | None
    store: Path | None


def live_festival(wanted: Festival) -> int:
    """Live through the New Year, say what it came to, and give the exit code: 1 where the two accounts differ."""
    began = time.monotonic()
    with shown_progress() as progress:
        lived = live_through(asked_of(wanted), progress)
    figures = {**figures_of(lived), "seconds": round(time.monotonic() - began, 1)}
    _say(lived, figures)
    if wanted.out is not None:
        wanted.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(figures, indent=2, ensure_ascii=False) + "\n"
        (wanted.out / "summary.json").write_text(text, encoding="utf-8")
    short = {key: figures[key] for key in ("seed", "orders", "ours", "naive", "excused", "risk", "faults", "seconds")}
    click.echo(json.dumps(short, ensure_ascii=False))
    return 1 if lived.faults else 0


def asked_of(wanted: Festival) -> Asked:
    """Load the sample plan, network and promise."""
    days = days_of(load_plan(shop.YEAR))
    name = "sample-new-year"
    terms = (files("houbei.simulation.festival") / f"{name}.yaml").read_text("utf-8")
    return Asked(
        seed=wanted.seed,
        orders=wanted.orders,
        chance_permille=wanted.chance_permille,
        days=days,
        loaded=plan_over(network_text(shop.NETWORK), days, where=shop.NETWORK),
        terms=parse_terms(terms, where=name),
    )


def _say(lived: Lived, figures: dict[str, Any]) -> None:
    """Say what it came to, on standard error; what is wrong first."""
    for fault in lived.faults[:_SHOWN_MAX]:
        click.echo(fault, err=True)
    if len(lived.faults) > _SHOWN_MAX:
        click.echo(f"… and {len(lived.faults) - _SHOWN_MAX:,} more", err=True)
    ours, naive, risk = figures["ours"], figures["naive"], figures["risk"]
    excused = [f"{one['promises']} by {name}" for name, one in figures["excused"].items()]
    lines = [
        f"{figures['orders']:,} orders, {figures['parcels']:,} parcels, {figures['scans']:,} scans.",
        f"Kept {_share(ours)} of promises, {ours['days_promised']} days long; {_cost(ours)}, and {ours['owed_points']:,} points.",
        f"A shop that promises {naive['days_promised']:.0f} days whatever the day: {_share(naive)}; {_cost(naive)}, and {naive['owed_points']:,} points.",
        f"Excused: {', '.join(excused) or 'none'}.",
        f"Of {risk['late']:,} late ones {risk['late_seen_before']:,} were seen to be at risk before they were late.",
        _crews(figures),
        "The world's own account agrees with what is owed." if not lived.faults else f"Seed {figures['seed']} fails.",
    ]
    click.echo("\n".join(lines), err=True)


def _share(of: dict[str, Any]) -> str:
    permille = of["kept_permille"]
    return "none" if permille is None else f"{permille // 10}.{permille % 10} %"


def _cost(of: dict[str, Any]) -> str:
    return f"{of['currency']} {text_of(of['owed_minor'], of['currency'])} owed"


def _crews(figures: dict[str, Any]) -> str:
    short = [one for one in figures["crews"] if (one["needed"]["for_950"] or 0) > one["planned"]]
    beyond = sum(one["needed"]["for_950"] is None for one in figures["crews"])
    said = f"To keep 95 % {len(short)} of {len(figures['crews'])} regions and carriers need more crews than planned"
    return f"{said}; {beyond} no number of crews helps."
