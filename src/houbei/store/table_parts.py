"""What tables are made of: one collection of them all, and columns as every table writes them."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Text

TABLES = MetaData()

ROW_ID = BigInteger().with_variant(Integer, "sqlite")
"""A row's number, given in the order of arrival; SQLite needs plain INTEGER for that."""


def row_id(name: str = "seq") -> Column[int]:
    """A table's own numbering of its rows."""
    return Column(name, ROW_ID, primary_key=True, autoincrement=True)


def whole(name: str, *, null: bool = False) -> Column[int]:
    """A whole number: an amount in minor units, a moment in microseconds, the number of another row."""
    return Column(name, BigInteger, nullable=null)


def words(name: str, *, null: bool = False) -> Column[str]:
    """A text."""
    return Column(name, Text, nullable=null)
