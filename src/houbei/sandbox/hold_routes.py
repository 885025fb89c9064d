"""Holds on the web."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, HeaderParameter, QueryParameter

from houbei.sandbox.hold_desk import HoldDesk
from houbei.sandbox.hold_shapes import AskedCapture, AskedHold
from houbei.sandbox.replies import PAGE_MAX, Asking, Reply, reply, reply_or_hang_up

_Holds = NamedDependency[HoldDesk]
_Key = Annotated[str, HeaderParameter(name="Idempotency-Key")]
_read_hold = msgspec.json.Decoder(AskedHold).decode
_read_capture = msgspec.json.Decoder(AskedCapture).decode


@post("/holds")
async def authorise_hold(request: Asking, holds: _Holds, key: _Key = "") -> Reply:
    """Set an amount aside, once for a key."""
    return await reply_or_hang_up(request, await holds.authorise(_read_hold(await request.body()), key))


@post("/holds/{hold:str}/renew", status_code=200)
async def renew_hold(hold: FromPath[str], request: Asking, holds: _Holds, key: _Key = "") -> Reply:
    """Let a hold last anew."""
    return await reply_or_hang_up(request, await holds.renew(hold, key))


@post("/holds/{hold:str}/capture", status_code=200)
async def capture_hold(hold: FromPath[str], request: Asking, holds: _Holds, key: _Key = "") -> Reply:
    """Take a part of a hold, once."""
    asked = _read_capture(await request.body())
    return await reply_or_hang_up(request, await holds.capture(hold, asked.amount_minor, key))


@post("/holds/{hold:str}/release", status_code=200)
async def release_hold(hold: FromPath[str], request: Asking, holds: _Holds, key: _Key = "") -> Reply:
    """Let a hold go."""
    return await reply_or_hang_up(request, await holds.release(hold, key))


@get("/holds/{hold:str}")
async def show_hold(hold: FromPath[str], holds: _Holds) -> Reply:
    """Give a hold."""
    return reply(holds.hold(hold))


@get("/holds")
async def find_holds(
    holds: _Holds,
    payment: FromQuery[str | None] = None,
    settlement: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 100,
) -> Reply:
    """Give a page of holds."""
    return reply(holds.find_holds(payment=payment, settlement=settlement, after=after, limit=limit))


ROUTES = (authorise_hold, renew_hold, capture_hold, release_hold, show_hold, find_holds)
