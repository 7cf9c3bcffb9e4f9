# make demo   the findings of the job-queue incident, on the replica under fixtures/
# make test   all tests
# make lint   ruff, mypy, and infralint on itself
# make index  writes rules/README.md anew from the pages
# make bench  measures infralint beside other linters and writes the tables of docs/benchmarks.md anew
# make vscode the VS Code extension: editors/vscode/dist/infralint.vsix, tested (Node.js 20.19 or newer)
# All of them make a virtual environment in .venv first; it is made anew when pyproject.toml changes.

PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?=
BENCH_ARGS ?= --output docs/benchmarks.md

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DEMO := fixtures/job-queue-renamed-column/project

.PHONY: demo test lint index bench vscode clean

demo: $(VENV)/.installed
	@# A copy outside of this repository, whose own settings leave fixtures/ out.
	@copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && cp -R $(DEMO)/. "$$copy" && \
		cd "$$copy" && $(abspath $(BIN))/infralint check --exit-zero

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/infralint check

index: $(VENV)/.installed
	$(BIN)/python scripts/rules_index.py

bench: $(VENV)/.installed-bench
	$(BIN)/python benchmarks/run.py $(BENCH_ARGS)

vscode: $(VENV)/.installed
	cd editors/vscode && npm ci --prefer-offline && npm run build && INFRALINT="$(abspath $(BIN))/infralint" npm test && npm run package

clean:
	rm -rf $(VENV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
		echo "infralint needs Python 3.10 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1)." >&2; \
		echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(PIP) --editable '.[test]'
	@# A second SQLAlchemy for the judges of models; it is imported by processes of its own.
	$(PIP) --upgrade --no-warn-conflicts --target $(VENV)/sqlalchemy-1.4 'sqlalchemy==1.4.54'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) --editable '.[dev]'
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	$(PIP) --editable '.[bench]'
	@# Fixit wants an older click than infralint does.
	$(BIN)/python -m venv $(VENV)/fixit
	$(VENV)/fixit/bin/python -m pip install --quiet --disable-pip-version-check 'fixit>=2.1'
	@touch $@
