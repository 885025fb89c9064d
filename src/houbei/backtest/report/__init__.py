"""The report of a backtest: findings in, one HTML file out that opens offline, speaks zh and en, and prints on A4.

`findings` reads what the backtest found; `titles` chooses the sentences; `plot_*` draw; `figures` puts a drawing, its title
and its numbers together; `page` writes the file. A `Tongue` holds one language: its words, its money, its dates.
"""

from houbei.backtest.report.page import render

__all__ = ["render"]
