# Every target is one subcommand of `python3 -m scripts`; see `make help`.
PYTHON ?= python3
RUN = @$(PYTHON) -B -m scripts

.PHONY: help setup demo serve test test-oca test-odoo-suites lint format i18n bench stories screenshots postgres stop clean lock
.DEFAULT_GOAL := help

help setup demo serve test test-oca test-odoo-suites lint format i18n bench stories screenshots postgres stop clean lock:
	$(RUN) $@
