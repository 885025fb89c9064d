"""Promises of arrival before they are given and while they are kept: networks, the date that can be promised, watching, festival plans."""
