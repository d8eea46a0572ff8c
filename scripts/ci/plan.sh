#!/bin/sh
# What an apply would do to an environment and what its migrations would break there, in the summary of the job and, with a number, as a comment of
# that pull request:
#   sh scripts/ci/plan.sh prod [12]
# Fails where something would break.
cd "$(dirname "$0")/../.." || exit 1
. scripts/ci/common.sh
environment=${1:?"which environment? sh scripts/ci/plan.sh <environment> [pull request]"}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

code=0
hybrid plan --env "$environment" --markdown >"$folder/text" || code=$?
case $code in
  # Something to do, or refused by the policy as it is: both are what the text is about.
  0 | 2 | 3) ;;
  *) exit "$code" ;;
esac
broken=0
if has_migrations; then
  hybrid validate --env "$environment" --db --markdown >"$folder/impact" || broken=$?
  {
    echo
    cat "$folder/impact"
  } >>"$folder/text"
fi

cat "$folder/text"
summary <"$folder/text"
if [ -n "${2:-}" ]; then
  hybrid comment "$2" --id "plan-$environment" --file "$folder/text"
fi
exit "$broken"
