# `make run` opens Lookalike on a demo catalogue; `make help` lists what else there is.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
HOST ?= 127.0.0.1
# How many tests run at once, and the order of `make test-random`. Three on two cores: those in the
# browser wait as long as they compute.
WORKERS ?= 3
SEED ?= $(shell date +%s)

PYTEST := $(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder
# npm and node come from the virtual environment, whatever the machine has.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm

.DEFAULT_GOAL := help
.PHONY: help run format check check-python check-js test-fast test-browser test-js test-random test test-python screenshots benchmarks clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Open the app on a demo catalogue
	$(BIN)/python -m core demo
	$(BIN)/python -m streamlit run app.py --server.address=$(HOST) --server.port=$(PORT)

format: $(VENV)/.test node_modules/.installed ## Format all files, and apply the linter's safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(NPM) run --silent format

check: check-python check-js ## Check format, lint and types, in seconds; a commit runs it, see .pre-commit-config.yaml

check-python: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m devtools.package_diagram --check
	$(BIN)/python -m devtools.stable_collection

check-js: node_modules/.installed
	$(NPM) run --silent check

test-fast: $(VENV)/.test ## Run the tests that need no browser and are not slow, in under two minutes
	$(PYTEST) -m "not browser and not slow"

test-browser: $(VENV)/.test node_modules/.installed ## Run the tests in a real browser
	sh tests/browser/install_chromium.sh
	$(PYTEST) -m browser

test-js: node_modules/.installed ## Run the tests of the JavaScript
	$(NPM) test --silent

test-random: $(VENV)/.test node_modules/.installed ## Run every test in a random order, property tests with other examples; SEED=… repeats one
	sh tests/browser/install_chromium.sh
	$(PYTEST) -p randomly --randomly-seed=$(SEED) --hypothesis-profile=random --hypothesis-seed=$(SEED)

test: check test-js test-python ## Run every check and every test

test-python: $(VENV)/.test node_modules/.installed
	sh tests/browser/install_chromium.sh
	$(PYTEST)

screenshots: $(VENV)/.test ## Update the pictures of the README
	$(BIN)/python -m benchmarks.screenshots

benchmarks: $(VENV)/.test ## Measure embedding, clicks, queries and the map
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

clean: ## Remove the environment and all caches
	rm -rf $(VENV) node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
