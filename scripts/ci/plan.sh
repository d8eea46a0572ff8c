#!/bin/sh
# What an apply would do to an environment, in the summary of the job and, with a number, as a comment of that pull request:
#   sh scripts/ci/plan.sh prod [12]
cd "$(dirname "$0")/../.." || exit 1
. scripts/ci/common.sh
environment=${1:?"which environment? sh scripts/ci/plan.sh <environment> [pull request]"}
text=$(mktemp)
trap 'rm -f "$text"' EXIT
hybrid plan --env "$environment" --markdown >"$text"
cat "$text"
summary <"$text"
if [ -n "${2:-}" ]; then
  hybrid comment "$2" --id "plan-$environment" --file "$text"
fi
