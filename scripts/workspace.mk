# The commands of a workspace; `make` alone lists them. Needs Node.js >= 20, Python >= 3.10, git.
# A repository of one's own has this file as its Makefile; the repository of the package includes it in its own.

STACK ?= dev
HYBRID ?= node_modules/.bin/hybrid
READY ?= node_modules/.package-lock.json
ENVIRONMENTS = $(filter-out %.deploy,$(patsubst Pulumi.%.yaml,%,$(wildcard Pulumi.*.yaml)))

.DEFAULT_GOAL := help
.PHONY: help ready setup local-up local-down check drift docs $(ENVIRONMENTS:%=sync-%) $(ENVIRONMENTS:%=export-%)

help: ## this list
	@awk -F '(:.*)?## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2} /^# make .* ## /{printf "  make %-14s %s\n", substr($$1, 8), $$2}' $(MAKEFILE_LIST)

ready: $(READY)

setup: ready ## install everything, start nothing
	@$(HYBRID) local setup

local-up: setup ## start Superset and PostgreSQL, apply stack dev, print a dashboard's address and login
	@$(HYBRID) local up --env $(STACK) > /dev/null
	@$(HYBRID) apply --env $(STACK)
	@echo
	@$(HYBRID) local status --env $(STACK)

local-down: ready ## stop the local servers; their data stay
	@$(HYBRID) local down

check: ready ## every environment compiles, and what is generated is committed
	@sh scripts/ci/check.sh

# make sync-<env> ## the whole way of an environment: migrations, assets, checks; make sync-dev
$(ENVIRONMENTS:%=sync-%): sync-%: setup
	@$(HYBRID) sync $*

# make export-<env> ## what an environment's Superset holds, to ui_exports/; make export-dev
$(ENVIRONMENTS:%=export-%): export-%: ready
	@$(HYBRID) export --env $* --out ui_exports/$*

drift: setup ## what was changed behind Git's back, in Superset and in the warehouse's schema; STACK=prod
	@assets=0; $(HYBRID) drift-plan --env $(STACK) || assets=$$?; . scripts/ci/common.sh; if has_migrations; then $(HYBRID) db drift --env $(STACK); fi; exit $$assets

docs: ready ## the documentation of warehouse and assets, below docs/
	@$(HYBRID) docs

# npm writes this file last: an interrupted installation is repeated. Nothing that is needed needs its install scripts.
node_modules/.package-lock.json: package.json $(wildcard package-lock.json)
	@sh scripts/ci/check-tools.sh
	@echo "Installing npm packages"
	@if [ -f package-lock.json ]; then npm ci --ignore-scripts --no-audit --no-fund --loglevel error; else npm install --ignore-scripts --no-audit --no-fund --loglevel error; fi
	@touch $@
