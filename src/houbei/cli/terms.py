"""`houbei terms check`: whether promises can be published."""

import click
import numpy as np

from houbei.cli import EXIT_CHECK_FAILED, EXIT_UNUSABLE
from houbei.errors import InputError, TermsError
from houbei.examples.check import check_examples
from houbei.store.terms_files import load_terms, terms_paths
from houbei.terms.model import Terms
from houbei.terms.versions import bind


@click.group()
def command() -> None:
    """Check terms documents, their clauses and their own examples."""


@command.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE|DIR...")
def check(*, paths: tuple[str, ...]) -> int:
    """Check documents: schema, conditions, their own examples.

    A FILE may also be the name of a shipped document. Several versions of one term are checked against each other. Exit code 0:
    all can be published; 1: one cannot; 2: a path cannot be used.
    """
    code, documents = 0, list[Terms]()
    for path in paths:
        try:
            names = terms_paths(path)
        except InputError as error:
            code = max(code, _fail(error))
            continue
        for name in names:
            found, worst = _check_document(name)
            documents += [] if found is None else [found]
            code = max(code, worst)
    for versions in _by_term(documents):
        code = max([code, *map(_fail, _check_versions(versions))])
    return code


def _check_document(name: str) -> tuple[Terms | None, int]:
    """Check one document and say what came of it; give it if it can be read, and the exit code it asks for."""
    try:
        terms = load_terms(name)
    except InputError as error:
        return None, _fail(error)
    errors = check_examples(terms, where=name)
    if errors:
        return terms, max(_fail(error) for error in errors)
    count = len(terms.examples)
    examples = f"{count} example{'' if count == 1 else 's'}"
    click.echo(f"ok: {name}: {terms.term} version {terms.version}, {terms.sha256[:8]}, {examples}")
    return terms, 0


def _by_term(documents: list[Terms]) -> list[list[Terms]]:
    """The different documents of each term that has several."""
    groups: dict[str, dict[str, Terms]] = {}
    for terms in documents:
        groups.setdefault(terms.term, {})[terms.sha256] = terms
    return [list(group.values()) for group in groups.values() if len(group) > 1]


def _check_versions(versions: list[Terms]) -> list[TermsError]:
    """Say which numbers stand on two documents, or else which versions no sale can fall under."""
    bounds = {bound for terms in versions for bound in (terms.sold_from_us, terms.sold_until_us) if bound is not None}
    moments = np.array(sorted({0, *bounds}), dtype=np.int64)
    term = versions[0].term
    try:
        bound = set(bind(moments, versions).tolist())
    except InputError as error:
        return [TermsError(came=error.came, where=f"term {term}", expected=error.expected, todo=error.todo)]
    return [
        TermsError(
            came=f"version {terms.version}, under which nothing is ever sold",
            where=f"term {term}",
            expected="every version in force at some moment",
            todo="Correct effective in it, or in the later version that is in force instead.",
        )
        for place, terms in enumerate(versions)
        if place not in bound
    ]


def _fail(error: InputError) -> int:
    """Print an error; a document that cannot be published is a failed check, anything else an unusable path."""
    click.echo(f"houbei: {error}", err=True)
    return EXIT_CHECK_FAILED if isinstance(error, TermsError) else EXIT_UNUSABLE
