"""The words of a condition, and the limits on them that are checked before any parser sees the text.

Limits come first because a general SQL parser recurses: twenty thousand chained `+` or a few hundred parentheses are
enough to overflow it. Words that the language does not have are refused here too, so that a parser's leniency (aliases,
comments, casts, functions, adjacent strings that join) never widens the language.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from houbei.errors import TermsError

TEXT_BYTES_MAX = 4096
NODES_MAX = 200
DEPTH_MAX = 32
DIGITS_MAX = 18
"""A whole number of 18 digits always fits 64 bits."""

KEYWORDS = frozenset({"AND", "OR", "NOT", "IN", "BETWEEN", "IS", "NULL", "COALESCE", "TRUE", "FALSE"})
LANGUAGE = (
    "AND OR NOT ( ) = <> < <= > >= IN BETWEEN IS [NOT] NULL COALESCE + - ×, whole numbers, 'texts', true, false"
    " and names of facts"
)

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")+")
    | (?P<number>[0-9]+)(?![\w.])
    | (?P<word>[^\W\d]\w*)
    | (?P<sign><>|<=|>=|--|[<>=(),+*×−-])
    )""",
    re.VERBOSE,
)
_SPELLED = {"×": "*", "−": "-"}
_HINTS = {
    ".": "Decimals are not part of conditions: money and ratios have fields of their own.",
    "/": "There is no division: multiply the other side instead.",
    "!": "Write <> for not equal.",
    "'": "Close the text with a second '.",
    '"': 'Close the name with a second ".',
    "--": "There are no comments; for minus a negative number write - (-5).",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word: `kind` is text, number, name, keyword or sign; `start` and `end` are its place in the text."""

    kind: str
    value: str
    start: int
    end: int

    @property
    def is_operand(self) -> bool:
        """Whether a value ends or starts here."""
        return self.kind in {"text", "number", "name"} or self.word in {"TRUE", "FALSE", "NULL"}

    @property
    def word(self) -> str:
        """The keyword or sign; empty for texts, numbers and names, whatever they say."""
        return self.value if self.kind in {"keyword", "sign"} else ""


def refuse(*, came: str, where: str, todo: str) -> TermsError:
    """The one shape of error for a condition outside the language."""
    return TermsError(came=came, where=where, expected=LANGUAGE, todo=todo)


def read_tokens(text: str, *, where: str) -> tuple[Token, ...]:
    """Split a condition into words.

    Raises:
        TermsError: The text is empty or too long, has too many words or too deep a nesting, or holds a word that the
            language does not have.

    Cost: linear in the text, which is at most `TEXT_BYTES_MAX`.
    """
    size = len(text.encode(errors="surrogatepass"))
    if size > TEXT_BYTES_MAX:
        came = f"a condition of {size} bytes"
        raise refuse(came=came, where=where, todo=f"Keep it within {TEXT_BYTES_MAX} bytes.")
    tokens = tuple(_split(text, where=where))
    if not tokens:
        raise refuse(came="an empty condition", where=where, todo="Leave the field out if there is no condition.")
    _check_size(tokens, where=where)
    for token, after in zip(tokens, (*tokens[1:], None), strict=True):
        _check_pair(token, after, where=where)
    _check_nulls(tokens, where=where)
    return tokens


def conjunct_spans(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """Split words at the ANDs that join the whole condition; a BETWEEN's AND and those in parentheses do not.

    A condition with an OR outside parentheses is one span, because OR binds weaker than AND.
    """
    spans: list[Sequence[Token]] = []
    depth, start, betweens = 0, 0, 0
    for place, token in enumerate(tokens):
        depth += _step(token)
        if depth:
            continue
        if token.word == "OR":
            return [tokens]
        betweens += token.word == "BETWEEN"
        if token.word == "AND" and betweens:
            betweens -= 1
        elif token.word == "AND":
            spans.append(tokens[start:place])
            start = place + 1
    return [*spans, tokens[start:]]


def _split(text: str, *, where: str) -> Iterator[Token]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None or found.group("sign") == "--":
            raise _unreadable(text, place, where=where)
        yield _token(found, where=where)
        place = found.end()


def _token(found: re.Match[str], *, where: str) -> Token:
    kind = found.lastgroup or ""
    value = found.group(kind)
    start, end = found.span(kind)
    if kind == "number" and len(value.lstrip("0")) > DIGITS_MAX:
        raise refuse(came=f"the number {value}", where=where, todo=f"Numbers have at most {DIGITS_MAX} digits.")
    if kind == "quoted":
        return Token(kind="name", value=value[1:-1].replace('""', '"'), start=start, end=end)
    if kind == "word" and value.upper() in KEYWORDS:
        return Token(kind="keyword", value=value.upper(), start=start, end=end)
    if kind == "word":
        return Token(kind="name", value=value, start=start, end=end)
    if kind == "text":
        return Token(kind=kind, value=value[1:-1].replace("''", "'"), start=start, end=end)
    return Token(kind=kind, value=_SPELLED.get(value, value), start=start, end=end)


def _unreadable(text: str, place: int, *, where: str) -> TermsError:
    rest = text[place:].lstrip()
    number = re.match(r"[0-9]+", rest)
    stuck = rest[number.end() :] if number else rest
    hint = _HINTS.get(stuck[:2]) or _HINTS.get(stuck[:1]) or "Write it with what the language has."
    return refuse(came=f"“{rest[:20]}”", where=where, todo=hint)


def _check_size(tokens: Sequence[Token], *, where: str) -> None:
    nodes = sum(token.word not in {"(", ")", ","} for token in tokens)
    if nodes > NODES_MAX:
        raise refuse(came=f"a condition of {nodes} words", where=where, todo=f"Keep it within {NODES_MAX} words.")
    depth = _deepest(tokens)
    if depth > DEPTH_MAX:
        raise refuse(came=f"nesting {depth} deep", where=where, todo=f"Keep parentheses and NOTs within {DEPTH_MAX}.")


def _deepest(tokens: Sequence[Token]) -> int:
    """The most parentheses, NOTs and minus signs that stand around one value."""
    around: list[int] = []
    prefixes, deepest, after_value = 0, 0, False
    for token in tokens:
        step = _step(token)
        if step > 0:
            around.append(prefixes + 1)
        elif step < 0:
            del around[-1:]
        is_prefix = token.word == "NOT" or (token.word == "-" and not after_value)
        prefixes = prefixes + 1 if is_prefix else 0
        after_value = token.is_operand or step < 0
        deepest = max(deepest, sum(around) + prefixes)
    return deepest


def _step(token: Token) -> int:
    """How the nesting changes: +1 at an opening parenthesis, -1 at a closing one."""
    return {"(": 1, ")": -1}.get(token.word, 0)


def _check_pair(token: Token, after: Token | None, *, where: str) -> None:
    opens = after is not None and _step(after) > 0
    if after is not None and token.is_operand and after.is_operand:
        came = f"“{token.value} {after.value}”"
        raise refuse(came=came, where=where, todo="Put an operator between the two, or quotes around a text.")
    if opens and (token.is_operand or token.word == "IS"):
        raise refuse(came=f"“{token.value}(”", where=where, todo="There are no functions but COALESCE.")
    if token.word == "COALESCE" and not opens:
        raise refuse(came="COALESCE without a list", where=where, todo="Write COALESCE(fact, 0).")


def _check_nulls(tokens: Sequence[Token], *, where: str) -> None:
    """NULL stands only in `IS NULL` and `IS NOT NULL`, and IS only before them."""
    words = ["", "", *(token.word for token in tokens), "", ""]
    for place in range(2, len(words) - 2):
        before, after = words[place - 2 : place], words[place + 1 : place + 3]
        if words[place] == "NULL" and before != ["IS", "NOT"] and before[1] != "IS":
            raise refuse(came="NULL as a value", where=where, todo="Ask with IS NULL or IS NOT NULL.")
        if words[place] == "IS" and after[0] != "NULL" and after != ["NOT", "NULL"]:
            raise refuse(came="IS without NULL", where=where, todo="IS asks only IS NULL or IS NOT NULL.")
