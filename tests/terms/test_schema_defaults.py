"""Every key that may be left out says in the schema what then holds."""

from collections.abc import Iterator
from typing import Any

import pytest

from houbei.terms.shape import KINDS, schema


def undocumented(part: dict[str, Any], path: str, whole: dict[str, Any]) -> Iterator[str]:
    """The optional keys below a part that have neither a default nor a sentence that begins with Default."""
    needed = {*part.get("required", ()), *(key for choice in part.get("oneOf", ()) for key in choice["required"])}
    for key, inner in part.get("properties", {}).items():
        referred = whole["$defs"].get(inner.get("$ref", "").rpartition("/")[2], {})
        said = " ".join((inner.get("description", ""), referred.get("description", "")))
        filled = "default" in inner or "default" in referred
        if key not in needed and not filled and "Default:" not in said and "needed with" not in said:
            yield f"{path}.{key}"
        yield from undocumented(inner, f"{path}.{key}", whole)
    for keyword in ("items", "additionalProperties"):
        if isinstance(part.get(keyword), dict):
            yield from undocumented(part[keyword], path, whole)


@pytest.mark.parametrize("name", sorted(set(KINDS.values())))
def test_every_key_that_may_be_left_out_says_what_then_holds(name: str):
    whole = schema(name)
    parts = {"document": whole, **whole["$defs"]}
    assert [key for name, part in parts.items() for key in undocumented(part, name, whole)] == []
