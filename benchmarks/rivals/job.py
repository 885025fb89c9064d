"""What every rival is asked to do, and how it answers: `python -m benchmarks.rivals.NAME JOB --orders O --prices P --out DIR`.

`totals` leaves `summary.json` with `owed_minor` and `lines_owed`; `payouts` leaves `payouts.parquet` too; `sweep` leaves the
totals of every window from 7 to 90 days. The rivals are told what Houbei finds out for itself: that every price is open to
all, in one currency, and that no two prices of a SKU share a moment.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DAY_US = 86_400_000_000
SHANGHAI_US = 28_800_000_000
FAR_US = 9_000_000_000_000_000_000
"""A moment that never comes: where a price has no end, or a line no delivery."""
STRETCH_US = 4 * DAY_US
"""How long the stretches are that prices are laid into."""
SWEEP_DAYS = (7, 90)
WINDOW_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing to work out, from which files, into which folder."""

    job: str
    orders: Path
    prices: Path
    out: Path
    threads: int
    dirty: bool

    @property
    def days(self) -> int:
        """How long the window is; a sweep works out the longest one and reads the others off it."""
        return SWEEP_DAYS[1] if self.job == "sweep" else WINDOW_DAYS

    @property
    def payouts(self) -> Path:
        """The file that the payouts are written to."""
        return self.out / "payouts.parquet"

    def answer(self, summary: dict[str, Any]) -> None:
        """Leave the answer where `benchmarks.run` looks for it."""
        (self.out / "summary.json").write_text(json.dumps(summary), encoding="utf-8")


def read_job(about: str | None) -> Job:
    """Read the command line, and make the folder."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=("totals", "payouts", "sweep"))
    parser.add_argument("--orders", type=Path, required=True)
    parser.add_argument("--prices", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dirty", action="store_true", help="leave bad rows out, and part lines whose units came back")
    job = Job(**vars(parser.parse_args()))
    if job.dirty and job.job == "sweep":
        parser.error("a sweep counts lines by their first step, which parted lines have two of")
    job.out.mkdir(parents=True, exist_ok=True)
    return job


def add_up_windows(rows: list[tuple[int, int, int]]) -> dict[str, Any]:
    """Add up a sweep.

    Args:
        rows: For a number of days: what is owed from steps that are first reached with so many, in minor units, and how
            many lines are owed their first step then. Any order; days without steps may be missing.

    Returns:
        The summary: every window of `SWEEP_DAYS` with what it owes in all.
    """
    by_days = {days: (owed_minor, lines_owed) for days, owed_minor, lines_owed in rows}
    owed_minor, lines_owed, sweep = 0, 0, []
    for days in range(SWEEP_DAYS[0], SWEEP_DAYS[1] + 1):
        more_minor, more_lines = by_days.get(days, (0, 0))
        owed_minor, lines_owed = owed_minor + more_minor, lines_owed + more_lines
        sweep.append({"days": days, "owed_minor": owed_minor, "lines_owed": lines_owed})
    return {"sweep": sweep}
