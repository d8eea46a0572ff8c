#!/bin/sh
# Brings an environment to what Git wants, by the steps and under the policy of policy.yaml:
#   sh scripts/ci/deploy.sh staging
cd "$(dirname "$0")/../.." || exit 1
. scripts/ci/common.sh
hybrid deploy "${1:?"which environment? sh scripts/ci/deploy.sh <environment>"}"
