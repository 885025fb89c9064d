"""The console on the web: its addresses, the pages behind them, and what is said where something is wrong."""

import logging
from importlib import resources
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, Router, get
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from houbei.errors import StoreError
from houbei.runs.clock import Clock
from houbei.runs.clock import now_us as system_clock
from houbei.web.addresses import read_day
from houbei.web.case_page import case_entries_values, case_values
from houbei.web.cases import cases_values
from houbei.web.console import HEADERS, Console
from houbei.web.deliveries import deliveries_values, narrowed
from houbei.web.delivery_page import delivery_values
from houbei.web.delivery_risk import at_risk_values
from houbei.web.drops import drop_values, drops_values
from houbei.web.exhibits import hand_out
from houbei.web.home import home_values
from houbei.web.hooks import hook_route
from houbei.web.ledger import entries_values, ledger_values
from houbei.web.lines import line_values, undecided_values
from houbei.web.speech import LANGUAGES

SHOP = "Houbei"
"""What a shop is called that names itself nowhere."""
STATIC_S = 3600
_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml", "woff2": "font/woff2"}
_FILES = {
    "houbei.css": ("houbei.web", "static"),
    "seal.svg": ("houbei.web", "static"),
    "seal-needs.svg": ("houbei.web", "static"),
    "inter-latin-wght-normal.woff2": ("houbei.backtest.report", "fonts"),
    "source-serif-4-latin-wght-normal.woff2": ("houbei.backtest.report", "fonts"),
}
"""Every file that pages ask for, and where it lies; the fonts are those of the report."""
_LOG = logging.getLogger(__name__)

_Asked = Request[Any, Any, Any]
_Page = Response[str]
_Console = NamedDependency[Console]


def create_app(
    database: Engine,
    *,
    shop: str = SHOP,
    clock: Clock = system_clock,
    hook_secret: str | None = None,
    exhibits: Path | None = None,
) -> Litestar:
    """Make the console of one store.

    Args:
        database: The store; its pages write nothing to it.
        shop: What the shop is called.
        clock: What time it is: pages whose figures are old against it say so.
        hook_secret: What a provider signs its events with; without it none are taken.
        exhibits: Where the files of cases lie; None where there are none to show.
    """
    hooks = [] if hook_secret is None else [hook_route(database, secret=hook_secret, clock=clock)]
    console = Console(database, shop=shop, clock=clock)
    pages = Router(path="/{lang:str}", route_handlers=[home, *_PAGES])
    return Litestar(
        route_handlers=[front, static, exhibit, pages, *hooks],
        dependencies={"console": Provide(lambda: console, sync_to_thread=False)},
        exception_handlers={HTTPException: _lost, DatabaseError: _no_store, StoreError: _no_store, Exception: _fault},
        response_headers=HEADERS,
        openapi_config=None,
        logging_config=None,
        state=State({"console": console, "database": database, "exhibits": exhibits}),
    )


# --- pages ------------------------------------------------------------------------------------------------------------


@get("/", sync_to_thread=False)
def front(request: _Asked) -> Redirect:
    """Go to the home page in the language chosen last, else in the browser's."""
    chosen = request.cookies.get("lang", "")
    if chosen not in LANGUAGES:
        chosen = "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    return Redirect(path=f"/{chosen}/", headers={"Vary": "Accept-Language, Cookie", "Cache-Control": "no-store"})


@get("/", sync_to_thread=True)
def home(request: _Asked, console: _Console) -> _Page:
    """Show the home page."""
    return console.show(request, "home.html", home_values)


@get("/drops", sync_to_thread=True)
def drops(
    request: _Asked,
    console: _Console,
    day: FromQuery[str | None] = None,
    days: FromQuery[int] = 1,
    page: FromQuery[int] = 1,
) -> _Page:
    """Show the price events of some days."""
    last = read_day(day)
    return console.show(request, "drops.html", lambda frame: drops_values(frame, day=last, days=days, page=page))


@get("/drops/{seq:int}", sync_to_thread=True)
def drop(
    request: _Asked,
    console: _Console,
    seq: FromPath[int],
    show: FromQuery[str | None] = None,
    line: FromQuery[str | None] = None,
    page: FromQuery[int] = 1,
) -> _Page:
    """Show one price event and the covers that it concerns."""
    return console.show(
        request, "drop.html", lambda frame: drop_values(frame, seq=seq, show=show, line=line, page=page)
    )


@get("/lines/{source:str}/{line_id:str}", sync_to_thread=True)
def line(request: _Asked, console: _Console, source: FromPath[str], line_id: FromPath[str]) -> _Page:
    """Show the evidence of one line."""
    return console.show(request, "line.html", lambda frame: line_values(frame, source=source, line_id=line_id))


@get("/undecided/{terms:int}", sync_to_thread=True)
def undecided(request: _Asked, console: _Console, terms: FromPath[int], page: FromQuery[int] = 1) -> _Page:
    """Show the lines that a promise cannot be decided for."""
    return console.show(request, "undecided.html", lambda frame: undecided_values(frame, terms=terms, page=page))


@get("/ledger", sync_to_thread=True)
def ledger(request: _Asked, console: _Console, until: FromQuery[str | None] = None) -> _Page:
    """Show the ledger."""
    return console.show(request, "ledger.html", lambda frame: ledger_values(frame, last=read_day(until)))


@get("/ledger/entries", sync_to_thread=True)
def entries(  # noqa: PLR0913, PLR0917  one argument a part of the address
    request: _Asked,
    console: _Console,
    of: FromQuery[str | None] = None,
    account: FromQuery[str | None] = None,
    code: FromQuery[str | None] = None,
    day: FromQuery[str | None] = None,
    days: FromQuery[int] = 1,
    page: FromQuery[int] = 1,
) -> _Page:
    """Show a list of entries."""
    last = read_day(day)
    return console.show(
        request,
        "entries.html",
        lambda frame: entries_values(frame, of=of, account=account, code=code, day=last, days=days, page=page),
    )


@get("/cases", sync_to_thread=True)
def cases(
    request: _Asked,
    console: _Console,
    show: FromQuery[str | None] = None,
    stage: FromQuery[str | None] = None,
    page: FromQuery[int] = 1,
) -> _Page:
    """Show the list of cases."""
    return console.show(request, "cases.html", lambda frame: cases_values(frame, show=show, stage=stage, page=page))


@get("/cases/{number:str}", sync_to_thread=True)
def case(request: _Asked, console: _Console, number: FromPath[str]) -> _Page:
    """Show one case."""
    return console.show(request, "case.html", lambda frame: case_values(frame, number=number))


@get("/cases/{number:str}/entries", sync_to_thread=True)
def case_entries(
    request: _Asked,
    console: _Console,
    number: FromPath[str],
    code: FromQuery[str | None] = None,
    account: FromQuery[str | None] = None,
) -> _Page:
    """Show the entries of a case."""
    return console.show(
        request,
        "case_entries.html",
        lambda frame: case_entries_values(frame, number=number, code=code, account=account),
    )


@get("/deliveries", sync_to_thread=True)
def deliveries(  # noqa: PLR0913, PLR0917  one argument a part of the address
    request: _Asked,
    console: _Console,
    show: FromQuery[str | None] = None,
    verdict: FromQuery[str | None] = None,
    region: FromQuery[str | None] = None,
    carrier: FromQuery[str | None] = None,
    day: FromQuery[str | None] = None,
    days: FromQuery[int] = 1,
    page: FromQuery[int] = 1,
) -> _Page:
    """Show the list of promised arrivals."""
    asked = narrowed(show=show, verdict=verdict, region=region, carrier=carrier, day=read_day(day), days=days)
    return console.show(request, "deliveries.html", lambda frame: deliveries_values(frame, asked=asked, page=page))


@get("/deliveries/at-risk", sync_to_thread=True)
def at_risk(request: _Asked, console: _Console, page: FromQuery[int] = 1) -> _Page:
    """Show the promised arrivals that may not be kept."""
    return console.show(request, "at_risk.html", lambda frame: at_risk_values(frame, page=page))


@get("/deliveries/{number:int}", sync_to_thread=True)
def delivery(request: _Asked, console: _Console, number: FromPath[int]) -> _Page:
    """Show one promised arrival."""
    return console.show(request, "delivery.html", lambda frame: delivery_values(frame, number=number))


_PAGES = (
    *(drops, drop, line, undecided, ledger, entries, cases, case, case_entries),
    *(deliveries, at_risk, delivery),
)


@get("/exhibits/{sha256:str}", sync_to_thread=True)
def exhibit(request: _Asked, sha256: FromPath[str]) -> Response[Any]:
    """Give a file of a case."""
    folder = request.app.state.exhibits
    if folder is None:
        raise NotFoundException
    return hand_out(request.app.state.database, folder, sha256)


@get("/static/{name:str}", sync_to_thread=True)
def static(name: FromPath[str]) -> Response[bytes]:
    """Give one of the console's own files."""
    if name not in _FILES:
        raise NotFoundException
    package, folder = _FILES[name]
    content = (resources.files(package) / folder / name).read_bytes()
    kind = _TYPES[name.rpartition(".")[2]]
    return Response(content, media_type=kind, headers={"Cache-Control": f"max-age={STATIC_S}"})


# --- trouble ----------------------------------------------------------------------------------------------------------


def _lost(request: _Asked, _error: HTTPException) -> _Page:
    """Answer an address with nothing at it, or with something in it that cannot be read."""
    return _console_of(request).trouble(request, "lost", status=404)


def _no_store(request: _Asked, error: Exception) -> _Page:
    return _failed(request, error, "storage", status=503)


def _fault(request: _Asked, error: Exception) -> _Page:
    return _failed(request, error, "fault", status=500)


def _failed(request: _Asked, error: Exception, kind: str, *, status: int) -> _Page:
    """Answer that something broke: the reader gets a reference, the log what it stands for."""
    console = _console_of(request)
    reference = console.reference(request, error)
    _LOG.error("%s %s: %s", reference, request.url.path, error, exc_info=error)
    return console.trouble(request, kind, status=status, reference=reference)


def _console_of(request: _Asked) -> Console:
    console: Console = request.app.state.console
    return console
