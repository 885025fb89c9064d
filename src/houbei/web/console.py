"""What the pages of the console share: the store, the shop's name, the clock, the templates."""

import hashlib
from collections.abc import Callable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from houbei.errors import HoubeiError
from houbei.runs.clock import Clock
from houbei.store.database import reading
from houbei.web.addresses import turned
from houbei.web.frame import Frame, bare_values, frame_values, open_frame
from houbei.web.speech import LANGUAGES

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""What goes with every page: nothing of anybody else, and nobody's frame around it."""
COOKIE_S = 31_536_000
_Asked = Request[Any, Any, Any]
_Page = Response[str]


class Console:
    """One store's console.

    Args:
        database: The store; it is only read.
        shop: The shop's name.
        clock: What time it is; figures that are old against it say so.
    """

    def __init__(self, database: Engine, *, shop: str, clock: Clock) -> None:
        self._database = database
        self._shop = shop
        self._clock = clock
        self._templates = Environment(
            loader=PackageLoader("houbei.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["turned"] = turned

    def show(self, request: _Asked, template: str, tell: Callable[[Frame], dict[str, Any] | None]) -> _Page:
        """Show a page: read one state of the store, work out what is said, write it.

        Args:
            request: What was asked for.
            template: The page's template.
            tell: Works out its values; None where there is nothing at the address.

        Raises:
            NotFoundException: there is nothing at the address.
        """
        language = str(request.path_params["lang"])
        if language not in LANGUAGES:
            raise NotFoundException
        with reading(self._database) as connection:
            values = tell(self._frame(connection, request, language))
        if values is None:
            raise NotFoundException
        return self._written(template, values, language=language, status=200)

    def trouble(self, request: _Asked, kind: str, *, status: int, reference: str = "") -> _Page:
        """Show what is said where something is wrong: `lost`, `fault` or `storage`; with the frame, where the store can be read."""
        first = request.url.path.lstrip("/").partition("/")[0]
        language = first if first in LANGUAGES else str(request.cookies.get("lang", "en"))
        language = language if language in LANGUAGES else "en"
        try:
            with reading(self._database) as connection:
                frame = self._frame(connection, request, language)
                values = frame_values(frame, here="", title=frame.speech.say(f"{kind}_title"))
        except (DatabaseError, HoubeiError):
            values = bare_values(language, shop=self._shop, kind=kind)
        page = values | {"kind": kind, "reference": reference, "path": f"/{language}/", "query": ""}
        return self._written("trouble.html", page, language=language, status=status)

    def reference(self, request: _Asked, error: Exception) -> str:
        """Name a fault, so that what the reader saw is found in the log: derived from what was asked, what broke and when."""
        named = f"{request.url.path} {error!r} {self._clock()}"
        digest = hashlib.sha256(named.encode()).hexdigest().upper()
        return f"{digest[:4]}-{digest[4:6]}"

    def _frame(self, connection: Any, request: _Asked, language: str) -> Frame:
        return open_frame(
            connection,
            language=language,
            shop=self._shop,
            path=request.url.path,
            query=request.url.query,
            now_us=self._clock(),
        )

    def _written(self, template: str, values: dict[str, Any], *, language: str, status: int) -> _Page:
        return Response(
            self._templates.get_template(template).render(values),
            status_code=status,
            media_type=MediaType.HTML,
            cookies=[Cookie("lang", value=language, path="/", max_age=COOKIE_S, samesite="lax", httponly=True)],
            headers=HEADERS | {"Cache-Control": "no-store"},
        )
