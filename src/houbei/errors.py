"""Every error Houbei raises. A refusal is not an error: refusals are values with reasons.

HoubeiError
├── InputError        what was given cannot be used: exit 2
│   └── TermsError    a terms document cannot be read or published
├── StoreError        the disk or the database fails: nothing of the last step was kept, try again when it is mended
└── InvariantError    our own books contradict themselves: stop, never guess
"""

from typing import ClassVar


class HoubeiError(Exception):
    """The root of every error raised on purpose; `code` is stable and public."""

    code: ClassVar[str] = "houbei"


class InputError(HoubeiError):
    """Input that cannot be used: what came, where, what was expected, what to do.

    Args:
        came: What was found, in the reader's words.
        where: The file, option, column or clause it was found in.
        expected: What would have been usable.
        todo: The next step for the reader.
    """

    code = "input"

    def __init__(self, *, came: str, where: str, expected: str, todo: str) -> None:
        self.came = came
        self.where = where
        self.expected = expected
        self.todo = todo
        super().__init__(f"{where}: {came}; expected {expected}. {todo}")


class TermsError(InputError):
    """A terms document that cannot be read or published; same fields as `InputError`."""

    code = "terms"


class InvariantError(HoubeiError):
    """A rule that must always hold does not; nothing may be paid until a person has looked."""

    code = "invariant"


class StoreError(HoubeiError):
    """The disk is full, the database is damaged, or it cannot be reached; what was committed before is safe."""

    code = "store"
