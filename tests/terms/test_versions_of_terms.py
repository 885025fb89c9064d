"""Which version a line was sold under; case C16."""

import numpy as np
import pytest

from houbei.errors import InputError
from houbei.terms.document import parse_terms
from houbei.terms.model import Terms
from houbei.terms.moments import parse_moment
from houbei.terms.versions import bind, open_to


def version(
    number: int, sold_from: str | None, *, sold_until: str | None = None, extra: str = "", term: str = "pp"
) -> Terms:
    bounds = {"sold_from": sold_from, "sold_until": sold_until}
    effective = ", ".join(f"{key}: {moment}" for key, moment in bounds.items() if moment)
    return parse_terms(
        f"term: {term}\nversion: {number}\nkind: price_protection\nzone: Asia/Shanghai\neffective: {{{effective}}}\n"
        f"window: {{closes: {{after: {{at: delivered}}, length: P30D}}}}\nclauses: [{{id: A, text: {{en: A}}}}]\n{extra}",
        where="terms.yaml",
    )


def sold(*moments: str) -> np.ndarray:
    return np.array([parse_moment(moment, zone="Asia/Shanghai", where="sold") for moment in moments], dtype=np.int64)


V3 = version(3, "2026-06-01")
V4 = version(4, "2026-06-11")
V5 = version(5, "2026-06-20", extra="on_change: better_of_open_covers\n")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_line_keeps_the_version_it_was_sold_under(order: tuple[int, ...]):
    """C16, whatever order the versions are given in."""
    versions = [[V3, V4, V5][place] for place in order]
    moments = sold("2026-05-31T23:59:59", "2026-06-01", "2026-06-10T23:59:59.999999", "2026-06-11", "2026-06-20")
    bound = bind(moments, versions).tolist()
    assert [None if place < 0 else versions[place].version for place in bound] == [None, 3, 3, 4, 5]


def test_a_version_ends_when_it_says_and_leaves_the_rest_to_an_earlier_one():
    versions = [version(1, None), version(2, "2026-06-18", sold_until="2026-06-19")]
    assert bind(sold("2020-01-01", "2026-06-18", "2026-06-18T23:59:59", "2026-06-19"), versions).tolist() == [
        0,
        1,
        1,
        0,
    ]


def test_without_versions_nothing_is_bound():
    assert bind(sold("2026-06-01"), []).tolist() == [-1]


def test_only_a_later_version_that_says_so_reaches_open_covers():
    """C16: the 45 days of v5 reach a line of v3 only because v5 says so; the 7 days of v4 never do."""
    assert [open_to(place, [V3, V4, V5]) for place in range(3)] == [(2,), (2,), ()]
    assert open_to(0, [V3, V4, version(5, "2026-06-20")]) == ()


@pytest.mark.parametrize("versions", [[V3, V3], [V3, version(4, None, term="other")]])
def test_versions_of_several_terms_or_a_number_twice_are_an_error(versions: list[Terms]):
    with pytest.raises(InputError, match="one term, each number once"):
        bind(sold("2026-06-01"), versions)
