"""Showing a page in the reader's own browser."""

import os
import sys

import click


def open_in_browser(address: str) -> None:
    """Show an address in the reader's browser, where there is somebody to see it; never a reason to fail."""
    watched = sys.stdout.isatty()
    drawn = not sys.platform.startswith("linux") or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    if watched and drawn:
        try:
            click.launch(address)
        except OSError:
            click.echo(f"No browser could be started; open {address} by hand.", err=True)
