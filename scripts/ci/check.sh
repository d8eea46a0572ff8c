#!/bin/sh
# What needs no server: every environment compiles, its templates have no problem, and what is generated and committed is up to date.
#   sh scripts/ci/check.sh [environment ...]
cd "$(dirname "$0")/../.." || exit 1
. scripts/ci/common.sh
failed=
for environment in $(environments "$@"); do
  echo "== $environment"
  # All environments are told about, not only the first with a problem.
  hybrid validate --env "$environment" && hybrid compile --env "$environment" || failed="$failed $environment"
done
if [ -n "$failed" ]; then
  echo "not well:$failed" >&2
  exit 1
fi
# Where it is committed. It needs no server; the warehouse's document does.
if git ls-files --error-unmatch docs/bi/ASSETS.md >/dev/null 2>&1; then
  hybrid docs --check --only assets
fi
changed=$(git status --porcelain)
if [ -n "$changed" ]; then
  echo "generated files differ from what is committed; commit them:" >&2
  echo "$changed" >&2
  git diff >&2
  exit 2
fi
