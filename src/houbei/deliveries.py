"""Promises of arrival put to facts: the lines they cover, what was shown, what was scanned; `owed.delivery` decides."""
