"""The report of a backtest on claims: an answer in, one HTML file out that opens offline, speaks zh and en, and prints on A4."""

from houbei.backtest.claims_report.page import render

__all__ = ["render"]
