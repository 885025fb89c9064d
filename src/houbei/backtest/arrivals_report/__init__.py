"""The report of a backtest of a delivery promise: an answer in, one HTML file out that opens offline, speaks zh and en, and prints on A4."""

from houbei.backtest.arrivals_report.page import render

__all__ = ["render"]
