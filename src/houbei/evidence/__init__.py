"""Why a line is owed what it is owed, or nothing: the conclusion, its clause, the facts that decided, the sum."""
