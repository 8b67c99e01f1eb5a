# make demo    build the demo's ledgers from seeds/, verify them, look at them
# make unit    the quick tests of all below sync: no process, no demo, no hundreds of examples
# make test    the tests that need nothing but Python
# make check   formatting, lint, types, layers, and all of `make test`; coverage of the pure core by
#              the quick tests that lie beside it
# make types   every public name is typed in full, by a second type checker (a Node.js package)
# make arrivals  the demo's chains in any order, and with parts missing
# make docs    write what the code says into the docs: what commands print, the graph of packages
# make words   compile the catalogues of words
# make crash   kill and fault injection (needs strace)
# make hostile  how the cost of hostile input grows with its size: at most as its size does
# make stand-ins  a pipe, a device, a loop or a hole in the place of each file that is read
# make smoke   the built wheel, installed alone, runs the demo
# make bench   ratios to the raw primitives and to a hand-made SQLite table
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo

# Python keeps what pytest makes of a test file, and the next run starts in a third of the time.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := $(BIN)/python -m pytest -q
BOTH := -n 2 --dist worksteal
UNIT := $(addprefix tests/,format events store verifier custody audit ledger index)

.PHONY: demo unit test check types arrivals docs words crash hostile stand-ins bench wheel smoke clean

CATALOGUES := $(wildcard chainlog/export/words/locale/*/LC_MESSAGES/*.po)

# An editable install compiles the catalogues too.
$(VENV)/.stamp: pyproject.toml hatch_build.py $(CATALOGUES)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,fast]'
	touch $@

demo: $(VENV)/.stamp
	rm -rf $(DEMO)
	$(BIN)/chainlog demo $(DEMO)

unit: $(VENV)/.stamp
	$(PYTEST) $(BOTH) -m "not (process or demo or slow)" $(UNIT)

test: $(VENV)/.stamp
	$(PYTEST) $(BOTH)

check: $(VENV)/.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) $(BOTH) --cov --cov-report=term-missing:skip-covered --cov-fail-under=100

types: $(VENV)/.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pyright[nodejs]>=1.1.400'
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/pyright --verifytypes chainlog --ignoreexternal

arrivals: $(VENV)/.stamp
	$(PYTEST) $(BOTH) tests/arrivals

docs: $(VENV)/.stamp
	PYTHONPATH=tests $(BIN)/python -m support.docs_console docs/questions.md
	$(BIN)/python tests/support/docs_graph.py docs/design.md
	PYTHONPATH=tests $(BIN)/python -m support.docs_tables
	PYTHONPATH=tests $(BIN)/python -m support.docs_verbs docs/verbs.md

words: $(VENV)/.stamp
	$(BIN)/python hatch_build.py

crash: $(VENV)/.stamp
	$(PYTEST) $(BOTH) tests/crash

hostile: $(VENV)/.stamp
	$(BIN)/python tests/hostile/growth.py

stand-ins: $(VENV)/.stamp
	$(BIN)/python tests/hostile/stand_ins.py

bench: $(VENV)/.stamp
	$(BIN)/python tests/bench/bench.py
	$(BIN)/python tests/bench/custody.py
	$(BIN)/python tests/bench/proving.py

wheel: $(VENV)/.stamp
	rm -rf dist
	$(BIN)/python -m build --no-isolation --wheel --outdir dist .

# The built wheel, installed alone, builds and verifies the demo.
smoke: wheel
	rm -rf build/smoke && $(PYTHON) -m venv build/smoke
	build/smoke/bin/python -m pip install --quiet --disable-pip-version-check dist/chainlog_provenance-*.whl
	cd build && smoke/bin/chainlog demo --json smoke/demo
	cd build && CHAINLOG_LANG=uk smoke/bin/chainlog --ledger . status 2>&1 | grep -q 'помилка: '

clean:
	rm -rf $(VENV) build dist $(DEMO) .hypothesis .mypy_cache .ruff_cache .coverage*
