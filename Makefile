# The commands of this repository; `make` alone lists them. Needs Node.js >= 20, Python >= 3.10, git.

STACK ?= dev
HYBRID = node bin/hybrid.js
SOURCES = $(shell find provider compile control stacks cli local test bench scripts -name '*.ts' -not -name '*.d.ts')

.DEFAULT_GOAL := help
.PHONY: help setup build local-up local-down lint test test-unit test-db test-e2e clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: build ## install everything, start nothing
	@$(HYBRID) local setup

build: dist/.built ## compile TypeScript to dist/

local-up: setup ## start Superset and PostgreSQL, apply stack dev, print a dashboard's address and login
	@$(HYBRID) local up --env $(STACK) > /dev/null
	@sh scripts/apply.sh $(STACK)
	@echo
	@$(HYBRID) local status --env $(STACK)

local-down: build ## stop the local servers; their data stay
	@$(HYBRID) local down

lint: build ## types, code rules and import boundaries
	@npm run --silent lint

test: setup lint ## every test: types and code rules, unit, against PostgreSQL, against Superset and Pulumi
	@node scripts/test.mjs unit db e2e

test-unit: build ## unit tests only, no servers
	@node scripts/test.mjs unit

test-db: setup ## tests against PostgreSQL
	@node scripts/test.mjs db

test-e2e: setup ## tests against Superset and the Pulumi CLI
	@node scripts/test.mjs e2e

clean: ## stop the local servers; remove them with their data, and what was built
	@if [ -f dist/cli/main.js ]; then $(HYBRID) local reset --all --yes; fi
	rm -rf dist bundles coverage

dist/.built: node_modules/.package-lock.json package.json tsconfig.json $(SOURCES)
	@echo "Compiling"
	@npm run --silent build
	@touch $@

# npm writes this file last: an interrupted installation is repeated. Nothing we depend on needs its install scripts.
node_modules/.package-lock.json: package-lock.json
	@sh scripts/check-tools.sh
	@echo "Installing npm packages"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@
