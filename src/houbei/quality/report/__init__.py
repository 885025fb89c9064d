"""The report on quality: a summary in, one HTML file out that opens offline, speaks zh and en, and prints on A4."""

from houbei.quality.report.page import render

__all__ = ["render"]
