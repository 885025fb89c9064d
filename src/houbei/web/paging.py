"""Long lists by pages: which part is asked for, and the addresses of the parts before and after it."""

from collections.abc import Callable
from dataclasses import dataclass

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a list: pages count from 1; `rows` is how many the whole list has."""

    number: int
    rows: int
    before: str | None
    after: str | None
    size: int = PAGE_ROWS

    @property
    def first(self) -> int:
        """The place of its first row, from 1; 0 in an empty list."""
        return min(self.offset + 1, self.rows)

    @property
    def last(self) -> int:
        """The place of its last row."""
        return min(self.offset + self.size, self.rows)

    @property
    def offset(self) -> int:
        """How many rows to pass over."""
        return (self.number - 1) * self.size

    @property
    def left(self) -> int:
        """How many rows the next page has."""
        return min(self.size, self.rows - self.last)


def page_of(number: int, *, rows: int, href: Callable[[int | None], str], size: int = PAGE_ROWS) -> Page:
    """Take one page of a list.

    Args:
        number: Which one; beyond the ends the nearest is given.
        rows: How many rows the list has.
        href: Writes the address of a page; None stands for the first.
        size: How many rows a page has.
    """
    pages = max(1, -(-rows // size))
    number = min(max(number, 1), pages)
    return Page(
        number=number,
        rows=rows,
        before=None if number == 1 else href(None if number == 2 else number - 1),  # noqa: PLR2004  the page before the second is the first
        after=None if number == pages else href(number + 1),
        size=size,
    )
