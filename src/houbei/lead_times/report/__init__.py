"""The report on promises of arrival: a summary in, one HTML file out that opens offline, speaks zh and en, and prints on A4."""

from houbei.lead_times.report.page import render

__all__ = ["render"]
