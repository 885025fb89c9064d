"""People who work on cases: facts name them by a key, and what is shown is looked up, so that a name can go from everywhere at once."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from houbei.facts.steps import Person
from houbei.store.statements import ask

_KEY_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person as they are shown: by name, or by their part alone where they do not want to be named."""

    name: str
    named: bool

    @property
    def shown(self) -> str:
        """The name, nothing where it is not to be shown."""
        return self.name if self.named else ""


def key_of(name: str) -> str:
    """Give the key of a person: the same name has the same key in every store."""
    return hashlib.sha256(f"person\n{name}".encode()).hexdigest()[:_KEY_LENGTH]


def by_key(person: Person) -> Person:
    """The same person, named by their key."""
    return replace(person, name=key_of(person.name))


def note_people(connection: Connection, people: Iterable[Person]) -> None:
    """Note people at first sight. Whoever once asked not to be named stays so, whatever later steps say of them.

    Args:
        connection: In a writing transaction.
        people: By their names.
    """
    rows = [(key_of(person.name), person.name, int(person.named)) for person in people]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO people (person, name, named) VALUES (?, ?, ?)"
            " ON CONFLICT (person) DO UPDATE SET named = excluded.named WHERE excluded.named < people.named",
            rows,
        )


def show_name(connection: Connection, name: str, *, named: bool) -> bool:
    """Show a person's name from now on, or no longer; whether there is such a person."""
    found = ask(
        connection,
        "UPDATE people SET named = :named WHERE person = :person",
        named=int(named),
        person=key_of(name),
    )
    return found.rowcount > 0


def people_by_key(connection: Connection, keys: Collection[str]) -> Mapping[str, Known]:
    """Give the people of some keys."""
    found = {}
    for key in sorted(keys):
        row = ask(connection, "SELECT name, named FROM people WHERE person = :key", key=key).one_or_none()
        if row is not None:
            found[key] = Known(name=row.name, named=bool(row.named))
    return found
