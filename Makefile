# The commands of this repository; `make` alone lists them. Needs Node.js >= 20, Python >= 3.10, git.

HYBRID = node bin/hybrid.js
READY = dist/.built
SOURCES = $(shell find provider compile control stacks cli local test bench scripts -name '*.ts' -not -name '*.d.ts')

include scripts/workspace.mk

.PHONY: build lint test test-unit test-db test-e2e bench clean

build: dist/.built ## compile TypeScript to dist/

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

bench: setup ## speed beside superset-cli and dbmate
	@npm run --silent bench:superset
	@npm run --silent bench:migrations

clean: ## stop the local servers; remove them with their data, and what was built
	@if [ -f dist/cli/main.js ]; then $(HYBRID) local reset --all --yes; fi
	rm -rf dist bundles coverage

dist/.built: node_modules/.package-lock.json package.json tsconfig.json $(SOURCES)
	@echo "Compiling"
	@npm run --silent build
	@touch $@
