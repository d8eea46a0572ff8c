#!/bin/sh
# Looks for drift of an environment's assets and of its warehouse's schema; keeps the issue `drift-<environment>` open as long as there is any.
#   sh scripts/ci/drift.sh prod
# Ends well in both cases: the issue tells people. Ends with an error where it could not look.
cd "$(dirname "$0")/../.." || exit 1
. scripts/ci/common.sh
environment=${1:?"which environment? sh scripts/ci/drift.sh <environment>"}
folder=$(mktemp -d)
text=$(mktemp)
trap 'rm -rf "$folder" "$text"' EXIT
found=

# Exit code 2 says that something was found.
look() {
  file=$1
  shift
  code=0
  hybrid "$@" >"$file" || code=$?
  cat "$file"
  case $code in
    0) ;;
    2) found=yes ;;
    *) exit "$code" ;;
  esac
}

look "$folder/assets" drift-plan --env "$environment"
if has_migrations; then
  look "$folder/schema" db drift --env "$environment"
fi

{
  echo "\`$environment\` is not what was last applied from Git."
  for part in "$folder"/*; do
    # Texts of dashboards may hold code blocks of their own: tildes, and many of them, end with none of those.
    printf '\n~~~~~~~~~~~~diff\n'
    cat "$part"
    printf '\n~~~~~~~~~~~~\n'
  done
  echo
  echo "Take the edits into Git (\`hybrid export-to-pr $environment\`), or write Git over them with the next deploy. This issue is kept up to date every night, and closes itself."
} >"$text"

if [ -n "$found" ]; then
  summary <"$text"
  hybrid issue --id "drift-$environment" --label drift --title "Drift in $environment" --file "$text"
else
  echo "No drift in \`$environment\`." | summary
  hybrid issue --id "drift-$environment" --label drift --close "No drift any more."
fi
