"""The headers of the tables of `docs/clauses/calendars.md`."""

IS = ("case", "calendar", "day", "is")
REACHES = ("case", "calendar", "from", "working days", "reaches")
RESTS_ON = ("case", "calendar", "from", "to", "rests on")
CARRIES = ("case", "document", "carrier", "region", "does", "from", "days", "reaches")
ADDS = ("case", "document", "carrier", "region", "day", "adds")
LUNAR = ("case", "day", "in Chinese", "in English")
OF_CALENDARS = {IS, REACHES, RESTS_ON, CARRIES, ADDS, LUNAR}
