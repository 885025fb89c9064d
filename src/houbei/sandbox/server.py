"""The sandbox on the web: its routes, and the server that answers them until it is stopped."""

import asyncio
import logging
import socket
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import uvicorn
from litestar import Litestar, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter
from uvicorn.protocols.http.h11_impl import H11Protocol

from houbei.errors import InputError
from houbei.sandbox.books import Books
from houbei.sandbox.desk import Desk
from houbei.sandbox.faults import Faults, seeded
from houbei.sandbox.hold_desk import HoldDesk
from houbei.sandbox.hold_routes import ROUTES as HOLD_ROUTES
from houbei.sandbox.replies import PAGE_MAX, Asking, Reply, reply, reply_or_hang_up
from houbei.sandbox.shapes import AskedRefund, GivenPayments, News, ToldClock, problem
from houbei.sandbox.webhooks import Mail

TICK_S = 0.05
"""How often the clock is looked at, for what changes by itself while nobody asks."""
KEEP_ALIVE_S = 600
_BACKLOG = 2048
_NOWHERE = {404, 405}

_Desk = NamedDependency[Desk]
# Bodies are read here and not by Litestar, which takes "300" for 300.
_read_payments = msgspec.json.Decoder(GivenPayments).decode
_read_refund = msgspec.json.Decoder(AskedRefund).decode
_read_changes = msgspec.json.Decoder(dict[str, Any]).decode
_read_clock = msgspec.json.Decoder(ToldClock).decode


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a sandbox is set up.

    Args:
        database: Its file; without one nothing outlives the process.
        host: The address it listens at.
        port: 0 is any that is free.
        seed: Decides when faults strike.
        webhook_url: Where events go; nowhere without one.
        webhook_secret: What they are signed with.
        faults: What goes wrong at first.
    """

    database: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 0
    webhook_url: str | None = None
    webhook_secret: str = ""
    faults: Faults = Faults()


def serve(settings: Settings, *, announce: Callable[[int], None]) -> None:
    """Answer until the process is told to stop.

    Args:
        settings: How it is set up.
        announce: Called with the port, once calls are taken.

    Raises:
        InputError: the database, the address or the secret cannot be used.
    """
    mail: Mail | None = None
    if settings.webhook_url is not None:
        mail = Mail(settings.webhook_url, settings.webhook_secret, dice=seeded(settings.seed, 1))
    with (
        closing(Books("" if settings.database is None else str(settings.database))) as books,
        _listener(settings.host, settings.port) as listener,
    ):
        tell = _tell_nobody if mail is None else mail.tell
        desk = Desk(books, dice=seeded(settings.seed, 0), faults=settings.faults, tell=tell)
        app = _app(desk, HoldDesk(desk, books.holds), mail)
        app.state.server = _Server(app, announce=lambda: announce(listener.getsockname()[1]))
        app.state.server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when calls are taken, and can hang up on a caller."""

    def __init__(self, app: Litestar, *, announce: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=1,
            )
        )
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        logging.getLogger(
            "uvicorn.error"
        ).disabled = True  # slow calls are meant to hang, and cutting them off is no error
        await super().shutdown(sockets)

    def end_with(self, task: asyncio.Task[None]) -> None:
        """Stop, loudly, where work in the background has broken."""
        if not task.cancelled() and (error := task.exception()) is not None:
            traceback.print_exception(error, file=sys.stderr)
            self.should_exit = True

    async def hang_up(self, request: Asking) -> None:
        """Close the connection that a request came by; what is sent to it afterwards goes nowhere."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, H11Protocol) and connection.client == request.scope["client"]:
                connection.transport.close()
        await asyncio.sleep(0)


def _listener(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=_BACKLOG)
    except OSError as error:
        raise InputError(
            came=str(error),
            where=f"{host}:{port}",
            expected="an address of this machine and a free port",
            todo="Choose another; port 0 is any that is free.",
        ) from error
    # Connections inherit it. asyncio sets it by itself for sockets that name their protocol, which this one does not; without
    # it the body of a reply waits 40 ms for the caller to acknowledge its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _tell_nobody(_news: News, _faults: Faults) -> None:
    pass


# --- the application --------------------------------------------------------------------------------------------------


def _app(desk: Desk, holds: HoldDesk, mail: Mail | None) -> Litestar:
    async def at_the_door(_request: Asking) -> Reply | None:
        turned_away = desk.turn_away()
        return None if turned_away is None else reply(turned_away)

    async def in_the_queue(request: Asking) -> Reply | None:
        turned_away = desk.turn_away() or desk.throttle()
        if turned_away is not None:
            return reply(turned_away)
        if request.method == "GET":  # what acts waits later, when its key is in use already
            await desk.dawdle()
        return None

    checkout = [register, show_payment, close_payment]
    shop = [make_refund, show_refund, find_refunds, *HOLD_ROUTES, statement]
    stage = [show_totals, show_faults, change_faults, show_clock, set_clock, settle]
    return Litestar(
        [
            Router("/", route_handlers=checkout, before_request=at_the_door),
            Router("/", route_handlers=shop, before_request=in_the_queue),
            Router("/", route_handlers=stage),
        ],
        dependencies={
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "holds": Provide(lambda: holds, sync_to_thread=False),
        },
        exception_handlers={msgspec.MsgspecError: _unreadable, HTTPException: _refuse, Exception: _break},
        lifespan=[lambda app: _at_work(app, desk, mail)],
        logging_config=None,
        openapi_config=None,
    )


@asynccontextmanager
async def _at_work(app: Litestar, desk: Desk, mail: Mail | None) -> AsyncIterator[None]:
    work = [asyncio.create_task(_watch_the_clock(desk))]
    if mail is not None:
        work.append(asyncio.create_task(mail.deliver()))
    for task in work:
        task.add_done_callback(app.state.server.end_with)
    try:
        yield
    finally:
        for task in work:
            task.cancel()


async def _watch_the_clock(desk: Desk) -> None:
    while True:
        await asyncio.sleep(TICK_S)
        desk.settle_due()


def _unreadable(_request: Asking, error: msgspec.MsgspecError) -> Reply:
    return reply(problem("unreadable", str(error)))


def _refuse(_request: Asking, error: HTTPException) -> Reply:
    code = "route_unknown" if error.status_code in _NOWHERE else "unreadable"
    parts = error.extra if isinstance(error.extra, list) else []
    found = [f"{part['key']}: {part['message']}" for part in parts]
    return reply(problem(code, "; ".join([error.detail, *found])))


def _break(_request: Asking, error: Exception) -> Reply:
    traceback.print_exception(error, file=sys.stderr)
    return reply(problem("internal", "The sandbox itself is at fault; its standard error says how."))


# --- what a checkout does ---------------------------------------------------------------------------------------------


@post("/payments", status_code=200)
async def register(request: Asking, desk: _Desk) -> Reply:
    """Register captured payments."""
    return reply(desk.register(_read_payments(await request.body()).payments))


@get("/payments/{payment:str}")
async def show_payment(payment: FromPath[str], desk: _Desk) -> Reply:
    """Give a payment."""
    return reply(desk.payment(payment))


@post("/payments/{payment:str}/close")
async def close_payment(payment: FromPath[str], desk: _Desk) -> Reply:
    """Close the account behind a payment."""
    return reply(desk.payment(payment, close=True))


# --- what a shop asks -------------------------------------------------------------------------------------------------


@post("/refunds")
async def make_refund(
    request: Asking,
    desk: _Desk,
    key: Annotated[str, HeaderParameter(name="Idempotency-Key")] = "",
) -> Reply:
    """Make a refund, once for a key."""
    return await reply_or_hang_up(request, await desk.make_refund(_read_refund(await request.body()), key))


@get("/refunds/{refund:str}")
async def show_refund(refund: FromPath[str], desk: _Desk) -> Reply:
    """Give a refund."""
    return reply(desk.refund(refund))


@get("/refunds")
async def find_refunds(
    desk: _Desk,
    payment: FromQuery[str | None] = None,
    settlement: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 100,
) -> Reply:
    """Give a page of refunds."""
    return reply(desk.find_refunds(payment=payment, settlement=settlement, after=after, limit=limit))


@get("/statement")
async def statement(day: FromQuery[date], desk: _Desk) -> Reply:
    """Give what succeeded on a day in UTC."""
    return reply(desk.statement(day))


# --- the stage: never at fault ----------------------------------------------------------------------------------------


@get("/totals")
async def show_totals(desk: _Desk) -> Reply:
    """Give the sums over all."""
    return reply(desk.totals())


@get("/faults")
async def show_faults(desk: _Desk) -> Reply:
    """Give what goes wrong."""
    return reply(desk.change_faults({}))


@post("/faults")
async def change_faults(request: Asking, desk: _Desk) -> Reply:
    """Change what goes wrong."""
    return reply(desk.change_faults(_read_changes(await request.body())))


@get("/clock")
async def show_clock(desk: _Desk) -> Reply:
    """Give the time."""
    return reply(desk.time())


@post("/clock")
async def set_clock(request: Asking, desk: _Desk) -> Reply:
    """Set the time."""
    return reply(desk.set_clock(_read_clock(await request.body()).now))


@post("/settle")
async def settle(desk: _Desk) -> Reply:
    """Bring every refund that has a next state into it."""
    return reply(desk.settle())
