"""Say whether two lists of payouts hold the same rows, in a process of its own: `python -m benchmarks.agreement A B`.

It ends with 0 where they do, with 1 and a few of the rows that only one list has where they do not.
"""

import sys

import duckdb

ROWS = """SELECT line_id, epoch_us("at") AS t, price_id, price_minor::BIGINT, quantity::BIGINT, owed_minor::BIGINT FROM '{}'"""
SHOWN = 5


def fingerprint(file: str) -> tuple[object, ...]:
    """Give the number of rows and the sum of their hashes, which the order of the rows does not change."""
    return duckdb.execute(f"SELECT count(*), sum(hash(r)::HUGEINT) FROM ({ROWS.format(file)}) AS r").fetchall()[0]


def only_in(file: str, *, other: str) -> list[tuple[object, ...]]:
    """Give a few rows that the other list has not, or not as often."""
    return duckdb.execute(
        f"({ROWS.format(file)}) EXCEPT ALL ({ROWS.format(other)}) ORDER BY ALL LIMIT {SHOWN}"
    ).fetchall()


def main() -> int:
    """Compare the two files named on the command line."""
    first, second = sys.argv[1:]
    if fingerprint(first) == fingerprint(second):
        return 0
    for file, other in ((first, second), (second, first)):
        print(f"only in {file}:", *only_in(file, other=other), sep="\n  ")
    return 1


if __name__ == "__main__":
    sys.exit(main())
