# Everything here sets itself up: a virtual environment in .venv, filled from the hashed locks in requirements/.
# It needs Python 3.11 or newer (with venv) and make; `make PYTHON=/path/to/python3.12 test` chooses another Python.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test browser lint format bench bench-live bench-cases bench-promising lock clean

help:
	@echo "make demo     live through a grocer's year, pay, audit, open the console (make demo DEMO=--no-serve: end there)"
	@echo "make test     run the tests"
	@echo "make browser  run the tests that drive a real browser (installs Chromium and a Chinese font where missing)"
	@echo "make lint     ruff, mypy, import-linter"
	@echo "make format   put the code in the shape that lint expects"
	@echo "make bench    time houbei against SQL engines on the same files"
	@echo "make bench-live  time the live loop against bare SQL on SQLite"
	@echo "make bench-cases  time the clock of 100,000 open cases"
	@echo "make bench-promising  time a million promises of arrival"
	@echo "make lock     choose the versions in requirements/*.lock anew"
	@echo "make clean    remove everything the commands above made"

# --- the environment -------------------------------------------------------------------------------------------------

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than Python 3.11; name another: make PYTHON=python3.12 ..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made requirements/demo.lock pyproject.toml
	$(PIP) --require-hashes --no-deps -r requirements/demo.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.made requirements/dev.lock pyproject.toml
	$(PIP) --require-hashes --no-deps -r requirements/dev.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

node_modules/.made: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

# --- what people run -------------------------------------------------------------------------------------------------

demo: $(VENV)/.demo
	$(BIN)/houbei demo $(DEMO)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not browser"

browser: $(VENV)/.dev node_modules/.made
	./tools/install-browser
	$(BIN)/python -m pytest -m browser

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.run $(BENCH)

bench-live: $(VENV)/.dev
	$(BIN)/python -m benchmarks.live --markdown docs/performance.md $(BENCH)

bench-cases: $(VENV)/.dev
	$(BIN)/python -m benchmarks.cases --markdown docs/performance.md $(BENCH)

bench-promising: $(VENV)/.dev
	$(BIN)/python -m benchmarks.promising --markdown docs/performance.md $(BENCH)

# --- upkeep ----------------------------------------------------------------------------------------------------------

# The locks hold for every Python from 3.11 on and name no package index: whichever one pip is set up with is asked.
# The demo's lock is the smaller one, constrained by the developers' lock, so that both agree.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml requirements/build.in

lock: $(VENV)/.made
	$(PIP) uv
	$(COMPILE) --extra dev --output-file requirements/dev.lock
	$(COMPILE) --extra demo --constraints requirements/dev.lock --output-file requirements/demo.lock

clean:
	rm -rf $(VENV) node_modules build dist out benchmarks/results
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
