# make demo    build the demo's ledgers from seeds/, verify them, look at them
# make test    the tests that need nothing but Python
# make check   formatting, lint, types, layers, coverage of the pure core
# make crash   kill and fault injection (needs strace)
# make bench   ratios to the raw primitives and to a hand-made SQLite table
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo

.PHONY: demo test check crash bench wheel clean

$(VENV)/.stamp: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,fast]'
	touch $@

demo: $(VENV)/.stamp
	rm -rf $(DEMO)
	$(BIN)/chainlog demo $(DEMO)

test: $(VENV)/.stamp
	$(BIN)/python -m pytest -q -n 2

check: $(VENV)/.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n 2 --cov=chainlog --cov-report=term-missing:skip-covered --cov-fail-under=100

crash: $(VENV)/.stamp
	$(BIN)/python -m pytest -q tests/crash

bench: $(VENV)/.stamp
	$(BIN)/python tests/bench/bench.py

wheel: $(VENV)/.stamp
	$(BIN)/python -m build --no-isolation --wheel --outdir dist .

clean:
	rm -rf $(VENV) build dist $(DEMO) .hypothesis .mypy_cache .ruff_cache .coverage*
