"""Whether the examples of a document come out as it says; publishing fails unless they do."""

from collections.abc import Iterator

from houbei.errors import InputError, TermsError
from houbei.examples import arrivals, prices, reports
from houbei.terms.model import Example, Kind, Terms

_RUNS = {Kind.PRICE_PROTECTION: prices.complaint, Kind.DELIVERY_PROMISE: arrivals.complaint}
"""What runs the examples of a kind; of any other, those of reports."""


def check_examples(terms: Terms, *, where: str) -> list[TermsError]:
    """Run every example of a document.

    Args:
        terms: The document.
        where: Its file, for messages.

    Returns:
        One error for each example that cannot be run or does not come out as written; none when all do.

    Cost: a few milliseconds an example.
    """
    return [
        error
        for number, example in enumerate(terms.examples, start=1)
        for error in _complaints(example, terms, where=f"{where}, examples[{number}] “{example.name}”")
    ]


def _complaints(example: Example, terms: Terms, *, where: str) -> Iterator[TermsError]:
    run = _RUNS.get(terms.kind, reports.complaint)
    try:
        found = run(example, terms=terms)
        if found is not None:
            came, written = found
            yield TermsError(came=came, where=where, expected=written, todo="Correct the example, or the terms.")
    except InputError as error:
        yield TermsError(came=f"{error.where}: {error.came}", where=where, expected=error.expected, todo=error.todo)
