"""From SQL words to our own tree, through sqlglot: the one file that knows that parser.

Every name is handed over in quotes, so no word can act as anything but a name, and whatever node comes back that is not
on the list below is refused. sqlglot gives comparisons an order of binding (`a = b IS NULL` is `a = (b IS NULL)`) on
which databases disagree; a comparison inside another therefore needs parentheses of the author's own.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from houbei.terms.expressions import (
    Among,
    And,
    Arithmetic,
    Between,
    Coalesce,
    Comparison,
    Expression,
    IsNull,
    Literal,
    Name,
    Not,
    Or,
    Order,
    Sum,
)
from houbei.terms.tokens import Token, refuse

_ORDERS: dict[type[exp.Expression], Order] = {
    exp.EQ: Order.EQUAL,
    exp.NEQ: Order.DIFFERENT,
    exp.LT: Order.LESS,
    exp.LTE: Order.LESS_OR_EQUAL,
    exp.GT: Order.MORE,
    exp.GTE: Order.MORE_OR_EQUAL,
}
_SUMS: dict[type[exp.Expression], Sum] = {exp.Add: Sum.PLUS, exp.Sub: Sum.MINUS, exp.Mul: Sum.TIMES}
_COMPARING = (*_ORDERS, exp.In, exp.Between, exp.Is)


def read_expression(tokens: Sequence[Token], *, where: str) -> Expression:
    """Read the words of one condition, already limited by `read_tokens`, into a tree.

    Raises:
        TermsError: The words do not make a condition of the language.
    """
    sql = " ".join(_spell(token) for token in tokens)
    try:
        found = parse(sql)
    except SqlglotError as error:
        raise _broken(tokens, where=where) from error
    root = found[0] if len(found) == 1 else None
    if not isinstance(root, exp.Expression):
        raise _broken(tokens, where=where)
    _check_parentheses(root, tokens, where=where)
    return _read(root, where=where)


def _spell(token: Token) -> str:
    if token.kind == "name":
        return '"' + token.value.replace('"', '""') + '"'
    if token.kind == "text":
        return "'" + token.value.replace("'", "''") + "'"
    return token.value


def _broken(tokens: Sequence[Token], *, where: str) -> Exception:
    words = (_spell(token) if token.kind == "text" else token.value for token in tokens[:12])
    came = f"“{' '.join(words)}”, which is not a whole condition"
    return refuse(came=came, where=where, todo="Look for a missing value, operator or parenthesis.")


def _check_parentheses(root: exp.Expression, tokens: Sequence[Token], *, where: str) -> None:
    """Refuse parentheses that the author did not write: the parser adds them around an IS at the end of a comparison."""
    lists = {"IN", "COALESCE"}
    pairs = zip([None, *tokens[:-1]], tokens, strict=True)
    written = sum(token.word == "(" and not (before and before.word in lists) for before, token in pairs)
    if sum(1 for _ in root.find_all(exp.Paren)) != written:
        raise _ambiguous(where=where)


def _ambiguous(*, where: str) -> Exception:
    todo = "Write parentheses around the comparison that is meant first."
    return refuse(came="a comparison of a comparison", where=where, todo=todo)


def _read(node: exp.Expression, *, where: str) -> Expression:
    reader = _READERS.get(type(node))
    if reader is None:
        raise refuse(
            came=f"{type(node).__name__} ({node.sql()[:40]})", where=where, todo="Write it with what the language has."
        )
    return reader(node, where=where)


def _read_operand(node: exp.Expression, *, where: str) -> Expression:
    if isinstance(node, (*_COMPARING, exp.Not, exp.And, exp.Or)):
        raise _ambiguous(where=where)
    return _read(node, where=where)


def _read_paren(node: exp.Expression, *, where: str) -> Expression:
    return _read(node.this, where=where)


def _read_column(node: exp.Expression, **_: str) -> Expression:
    return Name(column=node.name)


def _read_literal(node: exp.Expression, **_: str) -> Expression:
    return Literal(value=node.this if node.is_string else int(node.this))


def _read_boolean(node: exp.Expression, **_: str) -> Expression:
    return Literal(value=bool(node.this))


def _read_negative(node: exp.Expression, *, where: str) -> Expression:
    value = _read_operand(node.this, where=where)
    if isinstance(value, Literal) and type(value.value) is int:
        return Literal(value=-value.value)
    return Arithmetic(sign=Sum.MINUS, left=Literal(value=0), right=value)


def _read_sum(node: exp.Expression, *, where: str) -> Expression:
    left, right = (_read_operand(side, where=where) for side in (node.this, node.expression))
    return Arithmetic(sign=_SUMS[type(node)], left=left, right=right)


def _read_comparison(node: exp.Expression, *, where: str) -> Expression:
    left, right = (_read_operand(side, where=where) for side in (node.this, node.expression))
    return Comparison(order=_ORDERS[type(node)], left=left, right=right)


def _read_in(node: exp.Expression, *, where: str) -> Expression:
    options = tuple(_read_operand(option, where=where) for option in node.expressions)
    if not options:
        raise refuse(came="IN without a list", where=where, todo="Write IN ('one', 'two').")
    return Among(value=_read_operand(node.this, where=where), options=options)


def _read_between(node: exp.Expression, *, where: str) -> Expression:
    value, low, high = (_read_operand(node.args[side], where=where) for side in ("this", "low", "high"))
    return Between(value=value, low=low, high=high)


def _read_is(node: exp.Expression, *, where: str) -> Expression:
    return IsNull(value=_read_operand(node.this, where=where))


def _read_coalesce(node: exp.Expression, *, where: str) -> Expression:
    return Coalesce(values=tuple(_read(value, where=where) for value in (node.this, *node.expressions)))


def _read_not(node: exp.Expression, *, where: str) -> Expression:
    return Not(part=_read(node.this, where=where))


def _read_joined(node: exp.Expression, *, where: str) -> Expression:
    kind = And if isinstance(node, exp.And) else Or
    parts: Iterable[Any] = node.flatten(unnest=False)
    return kind(parts=tuple(_read(part, where=where) for part in parts))


_READERS: dict[type[exp.Expression], Callable[..., Expression]] = {
    exp.Paren: _read_paren,
    exp.Column: _read_column,
    exp.Literal: _read_literal,
    exp.Boolean: _read_boolean,
    exp.Neg: _read_negative,
    **dict.fromkeys(_SUMS, _read_sum),
    **dict.fromkeys(_ORDERS, _read_comparison),
    exp.In: _read_in,
    exp.Between: _read_between,
    exp.Is: _read_is,
    exp.Coalesce: _read_coalesce,
    exp.Not: _read_not,
    exp.And: _read_joined,
    exp.Or: _read_joined,
}
