"""Who is timed, how each is started, and where each leaves its answer."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import ROOT

TERMS = ROOT / "benchmarks" / "terms.yaml"
THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """An engine doing one job. Houbei always lists the payouts, and reports; rivals can do less."""

    engine: str
    job: str

    @property
    def name(self) -> str:
        """Its name in tables."""
        return f"{self.engine} {self.job}"

    @property
    def environment(self) -> dict[str, str]:
        """What it must find in its environment."""
        return {"POLARS_MAX_THREADS": str(THREADS)}

    def command(self, *, orders: Path, prices: Path, out: Path, dirty: bool) -> list[str]:
        """Say how it is started."""
        files = ["--orders", str(orders), "--prices", str(prices), "--out", str(out), "--threads", str(THREADS)]
        if self.engine == "houbei":
            sweep = ["--window", "7..90"] if self.job == "sweep" else []
            return [sys.executable, "-m", "houbei", "backtest", "--terms", str(TERMS), *files, *sweep]
        return [sys.executable, "-m", RIVALS[self.engine], self.job, *files, *(["--dirty"] if dirty else [])]

    def answer(self, out: Path) -> dict[str, int]:
        """Read the figures it left: `owed_minor`, `lines_owed`, `payouts`, and those of windows such as `7 days`."""
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        if self.engine == "houbei":
            summary["owed_minor"] = summary["currencies"][0]["owed_minor"]
        answer = {name: summary[name] for name in ("owed_minor", "lines_owed", "payouts") if name in summary}
        for row in summary.get("sweep", []):
            answer.update({f"{row['days']} days {name}": row[name] for name in ("owed_minor", "lines_owed")})
        return answer


RIVALS = {
    "duckdb": "benchmarks.rivals.duckdb_sql",
    "clickhouse": "benchmarks.rivals.clickhouse_sql",
    "polars": "benchmarks.rivals.polars_lazy",
}
KNOWS_DIRT = {"houbei", "duckdb"}
"""Who can be given a history with bad rows and returns."""


def contestants(engines: list[str], *, sweep: bool, dirty: bool) -> list[Contestant]:
    """List who takes part, Houbei first."""
    taking_part = [engine for engine in engines if not dirty or engine in KNOWS_DIRT]
    jobs = {engine: ["payouts"] if engine == "houbei" else ["totals", "payouts"] for engine in taking_part}
    if sweep:
        jobs = {engine: [*of_engine, "sweep"] for engine, of_engine in jobs.items()}
    return [Contestant(engine=engine, job=job) for engine, of_engine in jobs.items() for job in of_engine]


def disagreements(answers: dict[str, dict[str, int]]) -> list[str]:
    """Name every figure on which a contestant differs from the first who gave it."""
    first: dict[str, tuple[str, int]] = {}
    found = []
    for name, answer in answers.items():
        for figure, value in answer.items():
            who, expected = first.setdefault(figure, (name, value))
            if value != expected:
                found.append(f"{figure}: {name} says {value}, {who} says {expected}")
    return found
