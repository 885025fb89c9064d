"""The drawing of a case in the docs is the table that leads cases, and nothing else."""

import re
from pathlib import Path

from houbei.case.drawing import mermaid, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cases.md"


def _between(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n(.*)\n<!-- /{mark} -->", PAGE.read_text("utf-8"), flags=re.DOTALL)
    assert found is not None
    return found[1]


def test_the_diagram_is_drawn_from_the_table():
    assert _between("drawing") == f"```mermaid\n{mermaid()}\n```"


def test_the_list_of_edges_is_written_from_the_table():
    assert _between("edges") == table()
