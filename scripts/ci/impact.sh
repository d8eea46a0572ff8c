#!/bin/sh
# What the migrations since a commit break, from the migration to the dashboard, tried out in a scratch database; no environment is asked:
#   sh scripts/ci/impact.sh origin/main [environment ...]
cd "$(dirname "$0")/../.." || exit 1
. scripts/ci/common.sh
commit=${1:?"since which commit? sh scripts/ci/impact.sh <commit> [environment ...]"}
shift
if ! has_migrations; then
  echo "policy.yaml runs no migrations"
  exit 0
fi
text=$(mktemp)
trap 'rm -f "$text"' EXIT
ended=0
for environment in $(environments "$@"); do
  hybrid validate --env "$environment" --db --since "$commit" --markdown >"$text" || ended=$?
  cat "$text"
  summary <"$text"
done
exit "$ended"
