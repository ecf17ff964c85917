# `make run` opens Lookalike on a demo catalogue; `make test` runs every check.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
HOST ?= 127.0.0.1

# npm and node come from the virtual environment, whatever the machine has.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm

.PHONY: run test check-js format-js test-js screenshots benchmarks clean

run: $(VENV)/.run
	$(BIN)/python -m core demo
	$(BIN)/python -m streamlit run app.py --server.address=$(HOST) --server.port=$(PORT)

test: $(VENV)/.test check-js test-js
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m devtools.stable_collection
	sh tests/browser/install_chromium.sh
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile

check-js: node_modules/.installed
	$(NPM) run --silent check

format-js: node_modules/.installed
	$(NPM) run --silent format

test-js: node_modules/.installed
	$(NPM) test --silent

screenshots: $(VENV)/.test
	$(BIN)/python -m benchmarks.screenshots

benchmarks: $(VENV)/.test
	$(BIN)/python -m benchmarks.embed
	$(BIN)/python -m benchmarks.clicks
	$(BIN)/python -m benchmarks.queries
	$(BIN)/python -m benchmarks.map

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lookalike needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.test: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.run

node_modules/.installed: package.json package-lock.json $(VENV)/.test
	$(NPM) ci --loglevel=error
	touch $@

clean:
	rm -rf $(VENV) node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
