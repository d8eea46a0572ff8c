#!/bin/sh
# What was edited in an environment's Superset, as the one pull request of that environment; none where nothing was:
#   sh scripts/ci/export.sh prod
cd "$(dirname "$0")/../.." || exit 1
. scripts/ci/common.sh
hybrid export-to-pr "${1:?"which environment? sh scripts/ci/export.sh <environment>"}"
