# What the steps share; they begin with `. scripts/ci/common.sh` in the repository's root.
# shellcheck shell=sh
set -eu

hybrid() {
  npx --no hybrid "$@"
}

pulumi() {
  npx --no pulumi "$@"
}

# What people see of a run, besides its log.
summary() {
  cat >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
}

# Whether policy.yaml wants migrations to be run.
has_migrations() {
  grep -qs '^db:' policy.yaml && ! grep -qsE '^ +mode: *none' policy.yaml
}

# The environments of the repository: arguments, else HYBRID_ENVIRONMENTS (a JSON list, or names), else its stack files.
environments() {
  if [ $# -gt 0 ]; then
    echo "$@"
  elif [ -n "${HYBRID_ENVIRONMENTS:-}" ]; then
    echo "$HYBRID_ENVIRONMENTS" | tr '[]",' '    '
  else
    for file in Pulumi.*.yaml; do
      name=${file#Pulumi.}
      name=${name%.yaml}
      case $name in
        *.deploy) ;;
        *) printf '%s ' "$name" ;;
      esac
    done
    echo
  fi
}
