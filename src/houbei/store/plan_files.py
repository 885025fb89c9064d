"""Festival plans on disk, and those that ship with the product, by the year of their New Year."""

from importlib.resources import files
from pathlib import Path

from houbei.delivery.festival import Plan, draft_plan, parse_plan
from houbei.errors import InputError


def load_plan(name: str) -> Plan:
    """Load a plan: a file, a year that ships (`2026`), or another year, drafted from the nearest that ships by its lunar days.

    Raises:
        InputError: There is no such file, it is no plan, or no lunar day is known that far away.
    """
    path = Path(name)
    if path.is_file():
        return parse_plan(_text_of(path), where=name)
    years = shipped_years()
    if not name.isdecimal():
        raise InputError(
            came="no such file",
            where=name,
            expected=f"a festival plan, or a year; {', '.join(map(str, years))} ships",
            todo="Check the path.",
        )
    year = int(name)
    nearest = min(years, key=lambda shipped: (abs(shipped - year), shipped))
    plan = parse_plan(
        (files("houbei.delivery") / "plans" / f"{nearest}.yaml").read_text("utf-8"), where=f"plan {nearest}"
    )
    return plan if nearest == year else draft_plan(plan, year=year)


def shipped_years() -> list[int]:
    """Name the years whose plans ship with the product."""
    found = (files("houbei.delivery") / "plans").iterdir()
    return sorted(int(entry.name.removesuffix(".yaml")) for entry in found if entry.name.endswith(".yaml"))


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            came="bytes that are not UTF-8", where=str(path), expected="a YAML file in UTF-8", todo="Save it as UTF-8."
        ) from error
