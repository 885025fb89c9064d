"""The condition language read by hand, with three values: True, False and None (unknown); terms.md, "Conditions".

any    := all (OR all)*
all    := no (AND no)*
no     := NOT no | test
test   := sum [ = <> < <= > >= sum | [NOT] IN (sum, ...) | [NOT] BETWEEN sum AND sum | IS [NOT] NULL ]
sum    := product ((+ | -) product)*
product:= atom (* atom)*
atom   := ( any ) | - atom | 'text' | 123 | TRUE | FALSE | COALESCE(any, ...) | column
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.oracle.money import UnusableError

Value = str | int | bool | None
Facts = Mapping[str, Value]
Expression = Callable[[Facts], Value]

TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[0-9]+|[A-Za-z_][A-Za-z0-9_]*|<>|<=|>=|[=<>(),+*-])")
KEYWORDS = frozenset({"AND", "OR", "NOT", "IN", "BETWEEN", "IS", "NULL", "TRUE", "FALSE", "COALESCE"})
EQUALITY: dict[str, Callable[[Value, Value], bool]] = {"=": operator.eq, "<>": operator.ne}
ORDER: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC: dict[str, Callable[[int, int], int]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


@dataclass(frozen=True)
class Condition:
    """A condition and the columns that it names."""

    columns: frozenset[str]
    evaluate: Expression


def read_condition(text: str) -> Condition:
    """Read a condition; a text outside the grammar is unusable."""
    parser = Parser(tokens=split_tokens(text))
    expression = parser.read_any()
    if parser.peek() is not None:
        message = f"condition {text!r}: did not expect {parser.peek()!r}"
        raise UnusableError(message)
    return Condition(columns=frozenset(parser.columns), evaluate=lambda facts: as_boolean(expression(facts)))


def split_tokens(text: str) -> list[str]:
    """Cut a condition into tokens; keywords come out in capitals, text literals keep their quotes."""
    tokens: list[str] = []
    position = 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if match is None:
            message = f"condition {text!r}: cannot read from {position}"
            raise UnusableError(message)
        word = match.group(1)
        tokens.append(word.upper() if word.upper() in KEYWORDS else word)
        position = match.end()
    return tokens


def as_boolean(value: Value) -> bool | None:
    """Take a value as a truth value; a number or a text is none."""
    if value is not None and not isinstance(value, bool):
        message = f"{value!r}: expected true, false or unknown"
        raise UnusableError(message)
    return value


def as_integer(value: Value) -> int:
    """Take a known value as an integer; a text or a truth value is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        message = f"{value!r}: expected an integer"
        raise UnusableError(message)
    return value


def negate(value: Value) -> bool | None:
    """NOT: unknown stays unknown."""
    truth = as_boolean(value)
    return None if truth is None else not truth


def all_of(values: list[Value]) -> bool | None:
    """AND: one False decides, else one unknown."""
    truths = [as_boolean(value) for value in values]
    if False in truths:
        return False
    return None if None in truths else True


def any_of(values: list[Value]) -> bool | None:
    """OR: one True decides, else one unknown."""
    return negate(all_of([negate(value) for value in values]))


def compare(sign: str, left: Value, right: Value) -> bool | None:
    """Compare two values of one type; unknown with anything is unknown, and only integers have an order."""
    if left is None or right is None:
        return None
    if sign in ORDER:
        return ORDER[sign](as_integer(left), as_integer(right))
    if type(left) is not type(right):
        message = f"{left!r} {sign} {right!r}: expected two values of one type"
        raise UnusableError(message)
    return EQUALITY[sign](left, right)


def calculate(sign: str, left: Value, right: Value) -> int | None:
    """Add, subtract or multiply; unknown with anything is unknown."""
    if left is None or right is None:
        return None
    return ARITHMETIC[sign](as_integer(left), as_integer(right))


def first_known(values: list[Value]) -> Value:
    """COALESCE: the first value that is known."""
    return next((value for value in values if value is not None), None)


@dataclass
class Parser:
    """Tokens read from left to right; `columns` collects the names met on the way."""

    tokens: list[str]
    position: int = 0
    columns: set[str] = field(default_factory=set)

    def peek(self) -> str | None:
        """Show the next token without taking it."""
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def take(self, *wanted: str) -> str:
        """Take the next token, which must be one of those wanted, if any are named."""
        token = self.peek()
        if token is None or (wanted and token not in wanted):
            message = f"condition: found {token!r}, expected {' or '.join(wanted) or 'more'}"
            raise UnusableError(message)
        self.position += 1
        return token

    def accept(self, wanted: str) -> bool:
        """Take the next token if it is the one wanted."""
        found = self.peek() == wanted
        self.position += found
        return found

    def read_any(self) -> Expression:
        """Read `all OR all OR ...`."""
        parts = [self.read_all()]
        while self.accept("OR"):
            parts.append(self.read_all())
        return parts[0] if len(parts) == 1 else lambda facts: any_of([part(facts) for part in parts])

    def read_all(self) -> Expression:
        """Read `no AND no AND ...`."""
        parts = [self.read_no()]
        while self.accept("AND"):
            parts.append(self.read_no())
        return parts[0] if len(parts) == 1 else lambda facts: all_of([part(facts) for part in parts])

    def read_no(self) -> Expression:
        """Read `NOT no` or a test."""
        if not self.accept("NOT"):
            return self.read_test()
        inner = self.read_no()
        return lambda facts: negate(inner(facts))

    def read_test(self) -> Expression:
        """Read a value and what is asked of it, if anything."""
        left = self.read_sum()
        sign = self.peek()
        if sign in EQUALITY or sign in ORDER:
            sign = self.take()
            right = self.read_sum()
            return lambda facts: compare(sign, left(facts), right(facts))
        if self.accept("IS"):
            return self.read_is_null(left)
        if self.accept("NOT"):
            inner = self.read_membership(left)
            return lambda facts: negate(inner(facts))
        return self.read_membership(left) if sign in {"IN", "BETWEEN"} else left

    def read_is_null(self, left: Expression) -> Expression:
        """Read `[NOT] NULL` after IS: the one test that is never unknown."""
        wanted = not self.accept("NOT")
        self.take("NULL")
        return lambda facts: (left(facts) is None) is wanted

    def read_membership(self, left: Expression) -> Expression:
        """Read `IN (a, b)` or `BETWEEN a AND b`, both ends in."""
        if self.take("IN", "BETWEEN") == "IN":
            members = self.read_list(self.read_sum)
            return lambda facts: any_of([compare("=", left(facts), member(facts)) for member in members])
        low = self.read_sum()
        self.take("AND")
        high = self.read_sum()
        return lambda facts: all_of([compare(">=", left(facts), low(facts)), compare("<=", left(facts), high(facts))])

    def read_list(self, read_member: Callable[[], Expression]) -> list[Expression]:
        """Read `(a, b, ...)`."""
        self.take("(")
        members = [read_member()]
        while self.take(",", ")") == ",":
            members.append(read_member())
        return members

    def read_sum(self) -> Expression:
        """Read additions and subtractions, from the left."""
        return self.read_arithmetic({"+", "-"}, self.read_product)

    def read_product(self) -> Expression:
        """Read multiplications, from the left."""
        return self.read_arithmetic({"*"}, self.read_atom)

    def read_arithmetic(self, signs: set[str], read_part: Callable[[], Expression]) -> Expression:
        """Read parts joined by the given signs."""
        total = read_part()
        while self.peek() in signs:
            total = joined(self.take(), total, read_part())
        return total

    def read_atom(self) -> Expression:
        """Read a literal, a column, COALESCE, a negative or a bracket."""
        if self.accept("("):
            inner = self.read_any()
            self.take(")")
            return inner
        if self.accept("-"):
            return joined("-", lambda _: 0, self.read_atom())
        if self.accept("COALESCE"):
            members = self.read_list(self.read_any)
            return lambda facts: first_known([member(facts) for member in members])
        return self.read_word()

    def read_word(self) -> Expression:
        """Read a literal or the name of a column."""
        word = self.take()
        literals: list[Value] = [True, False]
        if word in {"TRUE", "FALSE"}:
            return lambda _: literals[word == "FALSE"]
        if word.isdigit():
            return lambda _: int(word)
        if word.startswith("'"):
            return lambda _: word[1:-1].replace("''", "'")
        if word in KEYWORDS or not (word[0].isalpha() or word[0] == "_"):
            message = f"condition: did not expect {word!r}"
            raise UnusableError(message)
        self.columns.add(word)
        return lambda facts: facts[word]


def joined(sign: str, left: Expression, right: Expression) -> Expression:
    """Join two expressions by one sign of arithmetic."""
    return lambda facts: calculate(sign, left(facts), right(facts))
