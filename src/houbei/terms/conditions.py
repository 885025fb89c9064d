"""Conditions: a small typed subset of SQL over declared facts, read and checked, never run here (see `truth`).

    AND OR NOT ( ) = <> < <= > >= IN BETWEEN IS [NOT] NULL COALESCE + - ×   whole numbers, texts, true and false, names

Nothing else: no division, LIKE, other functions, casts, decimals, order among texts, subqueries, dates. Money and time
are fields of a terms document and never part of a condition, so a condition that names them is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass

from houbei.errors import InputError, TermsError
from houbei.terms.expressions import And, Condition, Name
from houbei.terms.tokens import Token, conjunct_spans, read_tokens
from houbei.terms.truth import check_kinds

__all__ = ["Condition", "parse_condition"]

_MONEY_AND_TIME = frozenset({"paid", "paid_minor", "price", "price_minor", "at", "until"})


def parse_condition(text: str, *, where: str) -> Condition:
    """Read one condition.

    Args:
        text: The condition, at most 4 KiB, 200 words and a nesting of 32.
        where: The document and field it stands in, for messages.

    Raises:
        TermsError: It is too large, is not in the language, mixes kinds of values in a way no data could mend, or names
            money or time.

    Cost: under a millisecond, and a fifth of a second once for loading the parser.
    """
    return _read_condition(text, read_tokens(text, where=where), where=where)


def _read_condition(text: str, tokens: Sequence[Token], *, where: str) -> Condition:
    spans = conjunct_spans(tokens)
    if len(spans) > 1 and all(spans):
        conjuncts = tuple(_read_condition(text, span, where=where) for span in spans)
        return Condition(
            text=_written(text, tokens),
            where=where,
            columns=frozenset().union(*(conjunct.columns for conjunct in conjuncts)),
            expression=And(parts=tuple(conjunct.expression for conjunct in conjuncts)),
            conjuncts=conjuncts,
        )
    # sqlglot takes a fifth of a second to import; most documents without a condition never need it.
    from houbei.terms.sql import read_expression  # noqa: PLC0415

    expression = read_expression(tokens, where=where)
    condition = Condition(
        text=_written(text, tokens), where=where, columns=frozenset(_names(expression)), expression=expression
    )
    _check_names(condition)
    _check_kinds(condition)
    return condition


def _written(text: str, tokens: Sequence[Token]) -> str:
    return text[tokens[0].start : tokens[-1].end]


def _names(node: object) -> Iterator[str]:
    """Every column an expression names, in no order."""
    if isinstance(node, Name):
        yield node.column
    elif isinstance(node, tuple):
        for part in node:
            yield from _names(part)
    elif is_dataclass(node):
        for field in fields(node):
            yield from _names(getattr(node, field.name))


def _check_names(condition: Condition) -> None:
    for column in sorted(condition.columns):
        folded = column.casefold()
        if folded in _MONEY_AND_TIME or folded.endswith("_at"):
            raise TermsError(
                came=f"the condition names {column}",
                where=condition.where,
                expected="facts other than money and moments",
                todo="Money and time have fields of their own: window, compare and remedy.",
            )


def _check_kinds(condition: Condition) -> None:
    """Refuse now what no data could make right: adding a text to a number, ordering texts, a number used as a truth."""
    try:
        check_kinds(condition)
    except InputError as error:
        raise TermsError(came=error.came, where=error.where, expected=error.expected, todo=error.todo) from error
