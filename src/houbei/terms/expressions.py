"""A condition as a tree of values: what `conditions` reads from text and `truth` works out over columns.

The tree is ours, small and frozen, so that the meaning of a published condition does not move with a parser's releases.
"""

from dataclasses import dataclass
from enum import StrEnum


class Order(StrEnum):
    """How two values are compared. Text and truths know only the first two."""

    EQUAL = "="
    DIFFERENT = "<>"
    LESS = "<"
    LESS_OR_EQUAL = "<="
    MORE = ">"
    MORE_OR_EQUAL = ">="


class Sum(StrEnum):
    """How two whole numbers are combined. There is no division: 7 / 2 has as many answers as there are engines."""

    PLUS = "+"
    MINUS = "-"
    TIMES = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A column of facts."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A whole number, a text, or true or false, as written."""

    value: int | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """`left + right`, `left - right` or `left * right`."""

    sign: Sum
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`left = right` and its five kin."""

    order: Order
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """`value IN (option, ...)`."""

    value: "Expression"
    options: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """`value BETWEEN low AND high`, both ends included."""

    value: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class IsNull:
    """`value IS NULL`: the one question that is never unknown."""

    value: "Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalesce:
    """`COALESCE(value, ...)`: the first that is known."""

    values: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All of the parts."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """Any of the parts."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The opposite; of unknown, unknown."""

    part: "Expression"


Expression = Name | Literal | Arithmetic | Comparison | Among | Between | IsNull | Coalesce | And | Or | Not


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition that was read and found to be within the language.

    `text` is the author's, `where` says which document and field it stands in, `columns` are the names it uses.
    `conjuncts` holds the conditions that top-level ANDs join, empty when there is no such AND.
    """

    text: str
    where: str
    columns: frozenset[str]
    expression: Expression
    conjuncts: tuple["Condition", ...] = ()

    @property
    def parts(self) -> tuple["Condition", ...]:
        """The numbered parts that an explanation lists: the top-level ANDs, or the condition itself when it has none."""
        return self.conjuncts or (self,)
