# What a person or a build server does with this checkout. `make` alone prints the list.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PORT ?= 6543
DATA ?= var
WORKERS ?= logical
UPGRADE ?=
BIN := .venv/bin
OURS := ingest checks reports supervision
CATALOGUES := $(patsubst %.po,%.mo,$(shell find supervision -name '*.po' 2>/dev/null))

# Chinese file contents are read as UTF-8 whatever the locale of the machine says.
export PYTHONUTF8 := 1

.PHONY: help run test env env-test lint types contracts catalogues bench docs lock clean

help: ## this list
	@echo "Heat supervision portal. What you can make:"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)$$/  \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-14s %s\n' "$$name" "$$text"; done
	@echo "Settings: make run PORT=$(PORT) DATA=$(DATA); make test WORKERS=2; make lock UPGRADE=1"

# Pyramid and Deform import pkg_resources from the setuptools that is locked for them; the notice is not the reader's concern.
run: export PYTHONWARNINGS := ignore:pkg_resources is deprecated as an API:UserWarning
run: env catalogues ## install what is missing and start the portal with its demonstration (PORT, DATA)
	@exec $(BIN)/supervision start --port "$(PORT)" --data "$(DATA)"

test: env-test catalogues lint types contracts ## style, types, contracts, then the whole test suite
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal

env: ## install what running needs (system packages, .venv from requirements/runtime.txt)
	@tools/install runtime

env-test: ## install what testing needs besides (requirements/test.txt and scale.txt, Chromium)
	@tools/install test

lint: env-test ## style and layout of the code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: env-test ## static types
	@$(BIN)/mypy $(OURS)

contracts: env-test ## who may import whom
	@$(BIN)/lint-imports

catalogues: env $(CATALOGUES) ## compile the translations

%.mo: %.po
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

bench: env-test ## run every program of bench/ and print its figures
	@for program in bench/[!_]*.py; do \
	  [ -e "$$program" ] || { echo "bench/ has no programs."; break; }; \
	  echo "== $$program"; $(BIN)/python "$$program"; done

docs: env-test ## check that every file, target and heading the documentation points at is there
	@$(BIN)/pytest tests/installation/test_documentation.py

lock: ## write requirements/*.txt anew from setup.cfg (UPGRADE=1 takes newer versions)
	@tools/lock $(if $(UPGRADE),--upgrade)

clean: ## remove .venv and everything that was built; data stays
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis .pytest_cache
	@find $(OURS) tests bench alembic -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
	@find $(OURS) -name '*.mo' -delete
