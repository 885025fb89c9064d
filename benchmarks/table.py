"""Put what was measured into words: ratios, because seconds do not travel."""

from pathlib import Path
from typing import Any

BEGINS = "<!-- measured: written by `make bench` -->"
ENDS = "<!-- end of what was measured -->"


def weight_of(row: dict[str, Any], engine: str, job: str) -> dict[str, Any] | None:
    """Find the median that a contestant reached, None where it did not take part or failed."""
    median: dict[str, Any] | None = row["medians"].get(f"{engine} {job}")
    return median


def ratio(row: dict[str, Any], engine: str, job: str) -> str:
    """Say how many times Houbei's wall time and memory a rival took; a dash where it did not take part."""
    ours, theirs = weight_of(row, "houbei", "sweep" if job == "sweep" else "payouts"), weight_of(row, engine, job)
    if ours is None or theirs is None:
        return "failed" if f"{engine} {job}" in row["failed"] else "–"
    return f"{theirs['wall_s'] / ours['wall_s']:.2f} ({theirs['peak_mib'] / ours['peak_mib']:.2f})"


def markdown(machine: str, rows: list[dict[str, Any]]) -> str:
    """Write the tables: one for the payouts and totals, one for the sweeps, where there were any."""
    engines = sorted({name.split()[0] for row in rows for name in (*row["medians"], *row["failed"])} - {"houbei"})
    parts = [
        machine,
        "",
        "Wall time of the whole process, median; in brackets peak memory; rivals as multiples of Houbei.",
        "",
    ]
    for title, jobs in (("payouts", ("totals", "payouts")), ("sweep", ("sweep",))):
        columns = [(engine, job) for engine in engines for job in jobs]
        wanted = [row for row in rows if weight_of(row, "houbei", title)]
        if not wanted:
            continue
        heads = ["history", f"houbei {title}: s", "cpu s", "MiB", *(f"{engine} {job}" for engine, job in columns)]
        parts += [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        for row in wanted:
            ours = row["medians"][f"houbei {title}"]
            cells = [
                row["size"],
                ours["wall_s"],
                ours["cpu_s"],
                ours["peak_mib"],
                *(ratio(row, *column) for column in columns),
            ]
            parts.append(f"| {' | '.join(map(str, cells))} |")
        parts.append("")
    return "\n".join(parts)


def seconds(rows: list[dict[str, Any]]) -> str:
    """Write everybody's seconds, for whoever wants to see them."""
    lines = [f"{'history':<14} {'who':<20} {'wall s':>9} {'cpu s':>9} {'peak MiB':>9}"]
    for row in rows:
        for name, median in row["medians"].items():
            lines.append(
                f"{row['size']:<14} {name:<20} {median['wall_s']:>9} {median['cpu_s']:>9} {median['peak_mib']:>9}"
            )
        lines += [f"{row['size']:<14} {name:<20} {why}" for name, why in row["failed"].items()]
    return "\n".join(lines)


def put_into(document: Path, text: str, *, begins: str = BEGINS, ends: str = ENDS) -> None:
    """Replace what stands between two marks of a document.

    Raises:
        ValueError: The document has no such marks.
    """
    whole = document.read_text(encoding="utf-8")
    before, begun, rest = whole.partition(begins)
    _, ended, after = rest.partition(ends)
    if not begun or not ended:
        message = f"{document} has no place for the table: put {begins} and {ends} on lines of their own"
        raise ValueError(message)
    document.write_text(f"{before}{begins}\n\n{text}\n{ends}{after}", encoding="utf-8")
