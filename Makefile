# The project's commands; `make` alone lists them. Each sets up what it needs first.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
TRANSLATIONS := admin_app/translations
CATALOGS := $(patsubst %.po,%.mo,$(wildcard $(TRANSLATIONS)/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test check bench format translations clean system

help: ## list these commands
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: $(VENV)/.ready-run $(CATALOGS) ## serve the demo on 127.0.0.1:$PORT (8000 by default)
	@DEMO=1 exec $(PY) run.py serve

test: system $(VENV)/.ready-dev $(CATALOGS) ## run every test; ARGS="-k confirm" picks some
	$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

check: $(VENV)/.ready-dev ## formatter, linter and types
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy admin_app seed run.py

bench: $(VENV)/.ready-dev $(CATALOGS) ## run the benchmarks and print their table
	$(PY) -m tests.bench

format: $(VENV)/.ready-dev ## format the code and fix what the linter can
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

translations: $(VENV)/.ready-run ## bring the Thai catalog up to the code's texts and compile it
	$(PY) -m babel.messages.frontend extract -F pyproject.toml -k N_ -k lazy -k lazy_gettext \
		--no-wrap --add-location=file --omit-header -o $(TRANSLATIONS)/messages.pot \
		admin_app seed/demo_accounts.py
	$(PY) -m babel.messages.frontend update -i $(TRANSLATIONS)/messages.pot -d $(TRANSLATIONS) \
		-D messages -l th --init-missing --no-wrap --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date
	$(PY) -m babel.messages.frontend compile -d $(TRANSLATIONS) -D messages

clean: ## remove what can be made again; databases stay
	rm -rf $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache $(CATALOGS) $(TRANSLATIONS)/*.pot
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

system: ## see to the system packages that the tests need
	@tools/system-packages

$(VENV)/.ready-run: requirements.txt
	@tools/create-venv $(PYTHON) $(VENV)
	@echo "Installing $< ..."
	@$(PIP) -r $<
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt $(VENV)/.ready-run
	@echo "Installing $< ..."
	@$(PIP) -r $<
	@touch $@

$(CATALOGS): %.mo: %.po | $(VENV)/.ready-run
	@$(PY) -m babel.messages.frontend --quiet compile -i $< -o $@
