"""Whether a condition holds, over whole columns at once: true, false or unknown.

SQL's three values with Kleene's AND, OR and NOT. Unknown means that a fact is missing; it is never a quiet no. This is
the only evaluator: live it gets a batch of one, so that one line can never get two answers.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from houbei.columns import NULL_CODE, Column, Flag, Text, Whole
from houbei.errors import InputError
from houbei.terms.expressions import (
    Among,
    And,
    Arithmetic,
    Between,
    Coalesce,
    Comparison,
    Condition,
    Expression,
    IsNull,
    Literal,
    Name,
    Not,
    Or,
    Order,
    Sum,
)

Truths = NDArray[np.int8]
"""Truth per row while working: 0 false, 1 unknown, 2 true, so that AND is the lesser and OR the greater."""

_FALSE, _UNKNOWN, _TRUE = np.int8(0), np.int8(1), np.int8(2)
_NEVER_KNOWN: Truths = np.array([_UNKNOWN])
_INT64 = np.iinfo(np.int64)

Value = Whole | Text | Truths | None
"""What an expression yields: numbers, texts, truths, or None for a column null throughout, which fits every kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """The columns at hand; `columns` None means that only kinds are being checked, before there is any data."""

    columns: Mapping[str, Column] | None
    rows: int
    where: str


def evaluate(condition: Condition, columns: Mapping[str, Column], *, rows: int) -> NDArray[np.int8]:
    """Decide a condition for every row.

    Args:
        condition: As read by `parse_condition`.
        columns: Facts by name, each of `rows` rows. A `Text` without any values at all is null throughout and fits
            every kind.
        rows: How many.

    Returns:
        One int8 a row: 1 true, 0 false, -1 unknown, because a fact that would decide is missing.

    Raises:
        InputError: A column is absent, has another number of rows, is of the wrong kind (a text compared with a number),
            or arithmetic leaves 64 bits in some row.

    Cost: a few passes over the rows for each comparison; texts are compared once per distinct value.
    """
    truths = _truths(condition.expression, _Facts(columns=columns, rows=rows, where=condition.where))
    answers = (truths == _TRUE).view(np.int8) - (truths == _UNKNOWN).view(np.int8)
    return answers if answers.shape == (rows,) else np.repeat(answers, rows)


def check_kinds(condition: Condition) -> None:
    """Refuse a condition whose kinds cannot agree whatever the columns hold.

    Raises:
        InputError: Such as a text literal added to a number.
    """
    _truths(condition.expression, _Facts(columns=None, rows=1, where=condition.where))


def _truths(node: Expression, facts: _Facts) -> Truths:
    value = _value(node, facts)
    if value is None:
        return _NEVER_KNOWN
    if isinstance(value, np.ndarray):
        return value
    came = f"{_describe(node)} is {_kind(value)}"
    raise _wrong(came, facts, expected="true or false", todo="Compare it with something.")


def _value(node: Expression, facts: _Facts) -> Value:
    return _WORKERS[type(node)](node, facts)


def _load(node: Name, facts: _Facts) -> Value:
    if facts.columns is None:
        return None
    column = facts.columns.get(node.column)
    if column is None:
        came = f"the condition names {node.column}, which the input does not have"
        raise _wrong(came, facts, expected="a column of that name", todo="Add the column, or correct the condition.")
    if isinstance(column, Text):
        _check_rows(node, column.codes.size, facts)
        return column if len(column.values) else None
    _check_rows(node, column.values.size, facts)
    if isinstance(column, Flag):
        return _with_unknown(_as_truths(column.values), column.known)
    # What stands in a missing place may be any number: it must not count towards an overflow.
    return column if column.known is None else Whole(np.where(column.known, column.values, 0), column.known)


def _check_rows(node: Name, found: int, facts: _Facts) -> None:
    if found != facts.rows:
        came = f"{node.column} has {found} rows"
        raise _wrong(came, facts, expected=f"{facts.rows}", todo="Give every column the same rows.")


def _literal(node: Literal, _: _Facts) -> Value:
    if isinstance(node.value, bool):
        return _as_truths(np.array([node.value]))
    if isinstance(node.value, int):
        return Whole(np.array([node.value], dtype=np.int64))
    return Text(np.zeros(1, dtype=np.int32), (node.value,))


def _is_null(node: IsNull, facts: _Facts) -> Value:
    value = _value(node.value, facts)
    if value is None:
        return _as_truths(np.array([True]))
    return _as_truths(_missing(value))


def _and(node: And, facts: _Facts) -> Value:
    return reduce(np.minimum, (_truths(part, facts) for part in node.parts))


def _or(node: Or, facts: _Facts) -> Value:
    return reduce(np.maximum, (_truths(part, facts) for part in node.parts))


def _not(node: Not, facts: _Facts) -> Value:
    return _TRUE - _truths(node.part, facts)


def _comparison(node: Comparison, facts: _Facts) -> Value:
    return _compare(node.order, (node.left, node.right), facts)


def _between(node: Between, facts: _Facts) -> Value:
    above = _compare(Order.MORE_OR_EQUAL, (node.value, node.low), facts)
    below = _compare(Order.LESS_OR_EQUAL, (node.value, node.high), facts)
    return np.minimum(above, below)


def _among(node: Among, facts: _Facts) -> Value:
    value = _value(node.value, facts)
    written = [option.value for option in node.options if isinstance(option, Literal)]
    if isinstance(value, Text) and len(written) == len(node.options) and all(isinstance(text, str) for text in written):
        return _look_up(value, [text in written for text in value.values])
    return reduce(np.maximum, (_compare(Order.EQUAL, (node.value, option), facts) for option in node.options))


_TESTS: dict[Order, Callable[..., Any]] = {
    Order.EQUAL: operator.eq,
    Order.DIFFERENT: operator.ne,
    Order.LESS: operator.lt,
    Order.LESS_OR_EQUAL: operator.le,
    Order.MORE: operator.gt,
    Order.MORE_OR_EQUAL: operator.ge,
}
_SIDES_ALIKE = frozenset({Order.EQUAL, Order.DIFFERENT})


def _compare(order: Order, sides: tuple[Expression, Expression], facts: _Facts) -> Truths:
    left, right = (_value(side, facts) for side in sides)
    _check_same_kind(sides, (left, right), facts)
    if order not in _SIDES_ALIKE:
        for side, value in zip(sides, (left, right), strict=True):
            _check_number(side, value, f"{order} is asked of", facts)
    if left is None or right is None:
        return _NEVER_KNOWN
    if isinstance(left, Text) and isinstance(right, Text):
        return _compare_texts(order, left, right)
    unknown = _missing(left) | _missing(right)
    return _with_unknown(_as_truths(_TESTS[order](_plain(left), _plain(right))), ~unknown)


def _compare_texts(order: Order, left: Text, right: Text) -> Truths:
    """Compare once per distinct value where one side is a single text, else by codes into one shared dictionary."""
    for one, other in ((left, right), (right, left)):
        if one.codes.size == 1 and one.codes[0] != NULL_CODE:
            wanted = one.values[int(one.codes[0])]
            return _look_up(other, [_TESTS[order](text, wanted) for text in other.values])
    shared: dict[str, int] = {}
    left_ids, right_ids = _recode(left, shared), _recode(right, shared)
    known = (left_ids != NULL_CODE) & (right_ids != NULL_CODE)
    return _with_unknown(_as_truths(_TESTS[order](left_ids, right_ids)), known)


def _look_up(texts: Text, holds: Sequence[bool]) -> Truths:
    """Take the truth of each distinct value by code; the missing code -1 finds the last place: unknown."""
    table = np.append(_as_truths(np.array(holds, dtype=np.bool_)), _UNKNOWN)
    return table[texts.codes]


def _recode(texts: Text, shared: dict[str, int]) -> NDArray[np.int32]:
    ids = [shared.setdefault(text, len(shared)) for text in texts.values]
    return np.array([*ids, NULL_CODE], dtype=np.int32)[texts.codes]


def _coalesce(node: Coalesce, facts: _Facts) -> Value:
    found = [(part, value) for part in node.values if (value := _value(part, facts)) is not None]
    if not found:
        return None
    first, start = found[0]
    result: Value = start
    for part, value in found[1:]:
        _check_same_kind((first, part), (result, value), facts)
        result = _first_known(result, value)
    return result


def _first_known(first: Any, second: Any) -> Value:
    gone = _missing(first)
    if isinstance(first, Text):
        shared: dict[str, int] = {}
        codes = np.where(gone, _recode(second, shared), _recode(first, shared))
        return Text(codes, tuple(shared))
    if isinstance(first, Whole):
        return Whole(np.where(gone, second.values, first.values), ~(gone & _missing(second)))
    truths: Truths = np.where(gone, second, first)
    return truths


def _arithmetic(node: Arithmetic, facts: _Facts) -> Value:
    sides = (node.left, node.right)
    left, right = (_value(side, facts) for side in sides)
    for side, value in zip(sides, (left, right), strict=True):
        _check_number(side, value, f"{node.sign} is asked of", facts)
    if not isinstance(left, Whole) or not isinstance(right, Whole):
        return None
    known = ~(_missing(left) | _missing(right))
    values = _reckon(node, left.values, right.values, facts)
    return Whole(np.where(known, values, 0), known)


_RECKONING: dict[Sum, Callable[[Any, Any], Any]] = {
    Sum.PLUS: operator.add,
    Sum.MINUS: operator.sub,
    Sum.TIMES: operator.mul,
}


def _reckon(node: Arithmetic, left: NDArray[np.int64], right: NDArray[np.int64], facts: _Facts) -> NDArray[np.int64]:
    """Add, subtract or multiply exactly.

    The extremes of both sides bound the result; only if those bounds leave 64 bits is each row worked out with Python's
    unbounded numbers, so that a batch fails exactly when one of its rows would.
    """
    reckon = _RECKONING[node.sign]
    if left.size == 0 or right.size == 0:
        return np.empty(0, dtype=np.int64)
    ends = [(int(side.min()), int(side.max())) for side in (left, right)]
    corners = [reckon(one, other) for one in ends[0] for other in ends[1]]
    if _INT64.min <= min(corners) and max(corners) <= _INT64.max:
        exact: NDArray[np.int64] = reckon(left, right)
        return exact
    unbounded = reckon(left.astype(object), right.astype(object))
    if unbounded.min() < _INT64.min or unbounded.max() > _INT64.max:
        came = f"{_describe(node.left)} {node.sign} {_describe(node.right)} leaves 64 bits"
        raise _wrong(came, facts, expected="numbers below 9.2 × 10^18", todo="Correct the rows with such numbers.")
    fitting: NDArray[np.int64] = unbounded.astype(np.int64)
    return fitting


def _missing(value: Whole | Text | Truths) -> NDArray[np.bool_]:
    if isinstance(value, Text):
        gone: NDArray[np.bool_] = value.codes == NULL_CODE
        return gone
    if isinstance(value, Whole):
        return np.zeros(1, dtype=np.bool_) if value.known is None else ~value.known
    unknown: NDArray[np.bool_] = value == _UNKNOWN
    return unknown


def _plain(value: Value) -> Any:
    return value.values if isinstance(value, Whole) else value


def _as_truths(holds: NDArray[np.bool_]) -> Truths:
    return holds.view(np.int8) * _TRUE


def _with_unknown(truths: Truths, known: NDArray[np.bool_] | None) -> Truths:
    return truths if known is None else np.where(known, truths, _UNKNOWN)


def _check_same_kind(sides: tuple[Expression, Expression], values: tuple[Value, Value], facts: _Facts) -> None:
    left, right = (_kind(value) for value in values)
    if left and right and left != right:
        came = f"{_describe(sides[0])} is {left} and {_describe(sides[1])} is {right}"
        raise _wrong(came, facts, expected="two of one kind", todo="Write the value as the column holds it.")


def _check_number(side: Expression, value: Value, asked: str, facts: _Facts) -> None:
    if _kind(value) not in {"", "a number"}:
        came = f"{asked} {_describe(side)}, which is {_kind(value)}"
        raise _wrong(came, facts, expected="a whole number", todo="Texts and truths know only = and <>.")


def _kind(value: Value) -> str:
    """The kind in words; empty for a value that fits every kind."""
    if value is None:
        return ""
    if isinstance(value, np.ndarray):
        return "true or false"
    return "a text" if isinstance(value, Text) else "a number"


def _describe(node: Expression) -> str:
    if isinstance(node, Name):
        return f"column {node.column}"
    if isinstance(node, Literal):
        return repr(node.value)
    return f"the {type(node).__name__.lower()}"


def _wrong(came: str, facts: _Facts, *, expected: str, todo: str) -> InputError:
    return InputError(came=came, where=facts.where, expected=expected, todo=todo)


_WORKERS: dict[type[Expression], Callable[[Any, _Facts], Value]] = {
    Name: _load,
    Literal: _literal,
    Arithmetic: _arithmetic,
    Comparison: _comparison,
    Among: _among,
    Between: _between,
    IsNull: _is_null,
    Coalesce: _coalesce,
    And: _and,
    Or: _or,
    Not: _not,
}
