"""Time Houbei against SQL engines: the same files, whole processes, in turn, answers compared.

    python -m benchmarks.run                          every size but the huge one
    python -m benchmarks.run --sizes 10k 1M --runs 1  some sizes, once
    python -m benchmarks.run --check                  no timing: everybody against a plain reading of the promise

Histories are made when missing and kept in `benchmarks/results/`, as are the answers and `SIZE.json`.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.contestants import RIVALS, Contestant, contestants, disagreements
from benchmarks.measure import ROOT, RunFailedError, Weight, run_weighed, this_machine
from benchmarks.table import markdown, put_into, seconds

RESULTS = ROOT / "benchmarks" / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A history to time: its shape, and what is done with it."""

    lines: int
    prices: int
    dress: tuple[str, ...] = ()
    sweep: bool = False
    houbei_only: bool = False

    @property
    def dirty(self) -> bool:
        """Whether it holds bad rows and returns."""
        return "--dirty" in self.dress


SIZES = {
    "10k": Size(lines=10_000, prices=1_000),
    "1M": Size(lines=1_000_000, prices=100_000, sweep=True),
    "1M text": Size(lines=1_000_000, prices=100_000, dress=("--text-amounts",), houbei_only=True),
    "1M csv": Size(lines=1_000_000, prices=100_000, dress=("--text-amounts", "--csv"), houbei_only=True),
    "10M": Size(lines=10_000_000, prices=1_000_000, sweep=True),
    "10M dense": Size(lines=10_000_000, prices=10_000_000),
    "10M dirty": Size(lines=10_000_000, prices=1_000_000, dress=("--dirty",)),
    "100M": Size(lines=100_000_000, prices=10_000_000),
}
HUGE = {"100M"}
CHECKED = {
    "check sparse": Size(lines=20_000, prices=2_000, sweep=True),
    "check dense": Size(lines=20_000, prices=20_000, sweep=True),
    "check dirty": Size(lines=20_000, prices=2_000, dress=("--dirty",)),
}


@dataclass(slots=True)
class Scores:
    """What every contestant took and answered; who failed is out, with the reason."""

    weights: dict[str, list[Weight]] = field(default_factory=dict)
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def medians(self) -> dict[str, dict[str, float]]:
        """Give the median of each measure, by contestant."""
        return {
            name: {
                measure: round(statistics.median(asdict(weight)[measure] for weight in weights), 3)
                for measure in ("wall_s", "cpu_s", "peak_mib")
            }
            for name, weights in self.weights.items()
        }


def find_history(folder: Path, size: Size) -> tuple[Path, Path]:
    """Give the files of a history, made where missing, in a process of its own."""
    ending = "csv" if "--csv" in size.dress else "parquet"
    files = folder / f"orders.{ending}", folder / f"prices.{ending}"
    if not all(file.exists() for file in files):
        making = folder.with_name(folder.name + ".making")
        shape = ["--lines", str(size.lines), "--prices", str(size.prices), *size.dress]
        subprocess.run([sys.executable, "-m", "benchmarks.history", str(making), *shape], check=True, cwd=ROOT)
        shutil.rmtree(folder, ignore_errors=True)
        making.rename(folder)
    return files


def time_size(name: str, size: Size, *, engines: list[str], runs: int, folder: Path) -> Scores:
    """Run everybody in turn, so that a busy moment of the machine is shared."""
    at = folder / name.replace(" ", "-")
    orders, prices = find_history(at, size)
    scores = Scores()
    taking_part = contestants(["houbei"] if size.houbei_only else engines, sweep=size.sweep, dirty=size.dirty)
    for number in range(runs):
        for who in (who for who in taking_part if who.name not in scores.failed):
            out = at / who.name.replace(" ", "-")
            shutil.rmtree(out, ignore_errors=True)
            command = who.command(orders=orders, prices=prices, out=out, dirty=size.dirty)
            try:
                weight = run_weighed(command, log=at / "said.txt", environment=who.environment)
            except RunFailedError as error:
                scores.failed[who.name] = str(error)
                continue
            print(
                f"{name:<12} {number + 1}/{runs} {who.name:<20} {weight.wall_s:>8.2f} s {weight.peak_mib:>7} MiB",
                flush=True,
            )
            scores.weights.setdefault(who.name, []).append(weight)
            scores.answers[who.name] = who.answer(out)
    return scores


def differing_payouts(at: Path, scores: Scores) -> list[str]:
    """Name whose payouts are not those of the first who listed them, row by row."""
    listed = [at / name.replace(" ", "-") / "payouts.parquet" for name in scores.answers if name.endswith("payouts")]
    found = []
    for other in listed[1:]:
        compare = [sys.executable, "-m", "benchmarks.agreement", str(listed[0]), str(other)]
        said = subprocess.run(compare, check=False, capture_output=True, text=True, cwd=ROOT)
        if said.returncode != 0:
            found.append(said.stdout or said.stderr)
    return found


def run_size(name: str, size: Size, given: argparse.Namespace) -> dict[str, Any]:
    """Time one size, compare the answers, and keep the result."""
    scores = time_size(name, size, engines=given.engines, runs=given.runs, folder=given.folder)
    at = given.folder / name.replace(" ", "-")
    differences = disagreements(scores.answers) + differing_payouts(at, scores)
    row = {"size": name, "medians": scores.medians(), "failed": scores.failed, "differences": differences}
    kept = {**row, "machine": this_machine().as_json(), "shape": asdict(size), "answers": scores.answers}
    (given.folder / f"{at.name}.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return row


def check_size(name: str, size: Size, given: argparse.Namespace) -> list[str]:
    """Hold everybody's payouts against the plain reading; give what differs."""
    scores = time_size(name, size, engines=given.engines, runs=1, folder=given.folder)
    at = given.folder / name.replace(" ", "-")
    compare = [sys.executable, "-m", "benchmarks.reference", str(at)]
    subprocess.run(compare, check=True, cwd=ROOT)
    read = Contestant(engine="reference", job="payouts")
    scores.answers = {read.name: read.answer(at / "reference-payouts"), **scores.answers}
    return [*scores.failed.values(), *disagreements(scores.answers), *differing_payouts(at, scores)]


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=[name for name in SIZES if name not in HUGE])
    parser.add_argument("--huge", action="store_true", help="the 100 million lines too: 20 GB of disk, and time")
    parser.add_argument("--engines", nargs="+", choices=["houbei", *RIVALS], default=["houbei", *RIVALS])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=RESULTS, help="where histories and answers are kept")
    parser.add_argument("--markdown", type=Path, help="a document to put the table into")
    parser.add_argument("--check", action="store_true", help="compare with the plain reading, on small histories")
    given = parser.parse_args()
    given.folder = given.folder.resolve()
    given.folder.mkdir(parents=True, exist_ok=True)
    given.sizes += [name for name in HUGE if given.huge and name not in given.sizes]
    return given


def main() -> int:
    """Time or check; 0 where everybody agrees, to the cent and to the row."""
    given = read_arguments()
    if given.check:
        differences = [found for name, size in CHECKED.items() for found in check_size(name, size, given)]
    else:
        rows = [run_size(name, SIZES[name], given) for name in given.sizes]
        print(seconds(rows), markdown(this_machine().sentence(), rows), sep="\n\n")
        if given.markdown:
            put_into(given.markdown, markdown(this_machine().sentence(), rows))
        differences = [found for row in rows for found in row["differences"]]
    print(*(differences or ["Everybody agrees."]), sep="\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
