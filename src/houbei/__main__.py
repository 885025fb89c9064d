"""`python -m houbei`."""

from houbei.cli import main

main()
