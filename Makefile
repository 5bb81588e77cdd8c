SHELL := bash
BIN := .venv/bin
# Of the servers that tests start, each pytest worker has its own.
WORKERS ?= 2
PYTEST_ARGUMENTS ?=

.DEFAULT_GOAL := help
.PHONY: help run test bench bench-check bench-churn test-postgres cluster cluster-stop rolling faults check format lint types imports nginx-check web web-check install install-test clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: install web ## Install, build, migrate and start the server on http://localhost:3001
	@.ci/serve

test: install-test web ## Run every check and every test; installs what they need
	@.ci/system-packages
	@# The tests run even when a check has failed: one run tells everything.
	@$(MAKE) --no-print-directory --keep-going check; checks=$$?; \
	$(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGUMENTS) && exit $$checks

test-postgres: install-test ## Run every test that needs a database on PostgreSQL alone
	@.ci/system-packages
	$(BIN)/python -m pytest -n $(WORKERS) --databases=postgresql $(PYTEST_ARGUMENTS)

rolling: install-test web ## Restart a whole site under CLIENTS=2000 and steady writes; prints the figures
	@.ci/system-packages
	ROLLING_CLIENTS=$(or $(CLIENTS),2000) $(BIN)/python -m pytest -s -o faulthandler_timeout=0 -k fails_no_write \
		tests/cluster/test_rolling_restart.py $(PYTEST_ARGUMENTS)

faults: install-test ## Harm a whole cluster for SECONDS=600; SEED=7 repeats the faults of a run
	@.ci/system-packages
	FAULT_SECONDS=$(or $(SECONDS),600) $(if $(SEED),FAULT_SEED=$(SEED)) $(BIN)/python -m pytest -v tests/faults $(PYTEST_ARGUMENTS)

cluster: install web ## Start a whole site on this machine: nginx, four processes, Redis, PostgreSQL
	@.ci/system-packages redis-server postgresql nginx supervisor openssl
	@$(BIN)/python supervisor/private_cluster start

cluster-stop: ## Stop all of it; its data stays in ./var/cluster
	@[ -x $(BIN)/python ] || $(MAKE) --no-print-directory install
	@$(BIN)/python supervisor/private_cluster stop

bench: install-test ## Measure what the server costs, in a few minutes; wants a quiet machine
	@.ci/system-packages
	$(BIN)/python -m bench

bench-check: install-test ## Hold the ratios and counts of the measurements to bench/bounds.json
	@.ci/system-packages
	$(BIN)/python -m bench --check

bench-churn: install-test ## Let clients come and go for SECONDS=600; prints what they leave behind
	@.ci/system-packages
	$(BIN)/python -m bench --churn $(or $(SECONDS),600)

check: lint types imports nginx-check web-check ## Run the checks that start no server

format: install-test ## Format the Python code and mend what can be mended
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

lint: install-test ## Check style and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: install-test ## Check types
	$(BIN)/mypy
	@# A folder that is run, not a package: its files import each other by their bare names.
	$(BIN)/mypy supervisor/private_cluster/*.py

imports: install-test ## Check that imports go one way
	$(BIN)/lint-imports

nginx-check: install ## Have nginx check its configuration
	@.ci/system-packages nginx openssl
	@$(BIN)/python supervisor/private_cluster check

web: install ## Build the browser app into realtime_app/static
	@.ci/web build

web-check: install ## Check the browser app: types, style, tests
	@.ci/web check

install: ## Make .venv with what the server needs
	@.ci/install run

install-test: install ## Make .venv with what the checks and tests need
	@.ci/install test

clean: ## Remove all that was made, except ./var with the data
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist *.egg-info
	rm -rf web/node_modules realtime_app/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
