"""A document while its parts are read: where each stands, its zone, and the clauses that may be cited."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from houbei.errors import TermsError
from houbei.terms.conditions import Condition, parse_condition
from houbei.terms.lengths import Length, parse_length
from houbei.terms.moments import parse_moment
from houbei.terms.shape import place
from houbei.terms.yaml_tree import Path

Part = Mapping[str, Any]
"""One mapping of a document, typed and with its defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole document while its parts are read: where it is from, its zone, and the clauses that may be cited."""

    where: str
    lines: Mapping[Path, int]
    zone: str
    clauses: tuple[str, ...]

    def at(self, *path: str | int) -> str:
        """Say where a part stands, for messages."""
        return place(path, where=self.where, lines=self.lines)

    def moment(self, part: Part, *path: str | int) -> int | None:
        """Read the moment at the end of a path, None when it is left out."""
        text = part.get(str(path[-1]))
        return None if text is None else parse_moment(text, zone=self.zone, where=self.at(*path))

    def length(self, part: Part, *path: str | int) -> Length | None:
        """Read the length at the end of a path, None when it is left out."""
        text = part.get(str(path[-1]))
        return None if text is None else parse_length(text, where=self.at(*path))

    def condition(self, part: Part, *path: str | int) -> Condition | None:
        """Read the condition at the end of a path, None when it is left out."""
        text = part.get(str(path[-1]))
        return None if text is None else parse_condition(text, where=self.at(*path))

    def clause(self, part: Part, *path: str | int) -> str:
        """Find the clause that a part cites: its own, or the first of the document."""
        return self.cited(part, *path, "clause")

    def cited(self, part: Part, *path: str | int) -> str:
        """Find the clause named at the end of a path, the first of the document where none is."""
        cited = str(part.get(str(path[-1]), self.clauses[0]))
        if cited not in self.clauses:
            raise TermsError(
                came=f"the clause {cited}, which the document does not have",
                where=self.at(*path),
                expected=f"one of {', '.join(self.clauses)}",
                todo="Correct the id, or add the clause.",
            )
        return cited


def texts_of(texts: Mapping[str, str]) -> dict[str, str]:
    """Both languages; one that is left out shows the other."""
    either = next(iter(texts.values()))
    return {language: texts.get(language, either) for language in ("zh", "en")}
