"""`houbei simulate --festival`: a sample shop's New Year, lived through day by day."""

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from houbei.cli.progress import shown_progress
from houbei.delivery.festival_days import days_of
from houbei.delivery.festival_overrides import plan_over
from houbei.money import text_of
from houbei.sandbox.process import start_sandbox
from houbei.simulation.festival import shop
from houbei.simulation.festival.life import Asked, Lived, Progress, live_through
from houbei.simulation.festival.live import Stored, live_on_store
from houbei.simulation.festival.summary import figures_of
from houbei.simulation.lives import FAULTS
from houbei.store.folders import open_folder
from houbei.store.network_files import network_text
from houbei.store.plan_files import load_plan
from houbei.terms.document import parse_terms

_SHOWN_MAX = 50
_LONG = ("by_region", "by_day", "crews", "crews_by_day")
"""Figures that summary.json has, and the last line leaves out."""


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
        stored = None if wanted.store is None else _live_on(lived, wanted.store, wanted.seed, progress)
    figures = {**figures_of(lived), "seconds": round(time.monotonic() - began, 1)}
    faults = lived.faults
    if stored is not None:
        figures["store"], faults = stored.figures, (*faults, *stored.faults)
        figures["faults"] = len(faults)
    _say(figures, faults)
    if wanted.out is not None:
        open_folder(wanted.out)
        text = json.dumps(figures, indent=2, ensure_ascii=False) + "\n"
        (wanted.out / "summary.json").write_text(text, encoding="utf-8")
    click.echo(json.dumps({key: value for key, value in figures.items() if key not in _LONG}, ensure_ascii=False))
    return 1 if faults else 0


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


def _live_on(lived: Lived, store: Path, seed: int, progress: Progress) -> Stored:
    """Live through the same New Year on a store, with a provider in a process of its own."""
    with (
        tempfile.TemporaryDirectory() as made,
        start_sandbox(database=Path(made) / "sandbox.db", seed=seed, faults=FAULTS) as running,
    ):
        return live_on_store(
            lived, store, address=running.address, progress=lambda done, total: progress("store", done, total)
        )


def _say(figures: dict[str, Any], faults: Sequence[str]) -> None:
    """Say what it came to, on standard error; what is wrong first."""
    for fault in faults[:_SHOWN_MAX]:
        click.echo(fault, err=True)
    if len(faults) > _SHOWN_MAX:
        click.echo(f"… and {len(faults) - _SHOWN_MAX:,} more", err=True)
    ours, naive, risk = figures["ours"], figures["naive"], figures["risk"]
    excused = [f"{one['promises']} by {name}" for name, one in figures["excused"].items()]
    share, cost = _share(naive), _cost(naive)
    lines = [
        f"{figures['orders']:,} orders, {figures['parcels']:,} parcels, {figures['scans']:,} scans.",
        f"Kept {_share(ours)} of promises, {ours['days_promised']} days long; {_cost(ours)}, and {ours['owed_points']:,} points.",
        f"A shop that promises {shop.NAIVE_DAYS} days whatever the day: {share}; {cost}, and {naive['owed_points']:,} points.",
        f"Excused: {', '.join(excused) or 'none'}.",
        f"Of {risk['late']:,} late ones {risk['late_seen_before']:,} were seen to be at risk before they were late.",
        _crews(figures),
        *_stored(figures),
        "The world's own account agrees with what is owed." if not faults else f"Seed {figures['seed']} fails.",
    ]
    click.echo("\n".join(lines), err=True)


def _stored(figures: dict[str, Any]) -> list[str]:
    if "store" not in figures:
        return []
    store, currency = figures["store"], figures["ours"]["currency"]
    told = ", ".join(f"{count} {kind}" for kind, count in store["told"].items()) or "nobody"
    paid = f"{currency} {text_of(store['paid_minor'], currency)} in {store['refunds_at_provider']:,} refunds"
    return [f"On the store: {paid}, told: {told}; the audit {store['audit']}."]


def _share(of: dict[str, Any]) -> str:
    permille = of["kept_permille"]
    return "none" if permille is None else f"{permille // 10}.{permille % 10} %"


def _cost(of: dict[str, Any]) -> str:
    return f"{of['currency']} {text_of(of['owed_minor'], of['currency'])} owed"


def _crews(figures: dict[str, Any]) -> str:
    short = sum(len(one["short_days"]["for_950"]) for one in figures["crews"])
    beyond = sum(one["needed"]["for_950"] is None for one in figures["crews"])
    said = f"To keep 95 % more crews than planned go out on {short} region days"
    return f"{said}; in {beyond} of {len(figures['crews'])} regions and carriers no number of crews keeps 95 %."
