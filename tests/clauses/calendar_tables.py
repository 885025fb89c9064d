"""The headers of the tables of `docs/clauses/calendars.md`."""

IS = ("case", "calendar", "day", "is")
REACHES = ("case", "calendar", "from", "working days", "reaches")
COUNTED = ("case", "calendar", "from", "until", "working days")
RESTS_ON = ("case", "calendar", "from", "to", "rests on")
NEVER_LATER = ("case", "given", "worked out anew", "stands")
CARRIES = ("case", "document", "carrier", "region", "does", "from", "days", "reaches")
ADDS = ("case", "document", "carrier", "region", "day", "adds")
LUNAR = ("case", "day", "in Chinese", "in English", "days from New Year")
OF_CALENDARS = {IS, REACHES, COUNTED, RESTS_ON, NEVER_LATER, CARRIES, ADDS, LUNAR}
