"""stub"""

from pathlib import Path


def serve_console(store: Path, *, shop: str, port: int, opens: bool) -> None: ...
