#!/bin/sh
# Applies a stack of this repository: sh scripts/apply.sh [dev|staging|prod]
# The file backend encrypts secrets with a passphrase. The trial's stacks hold none, so an unset passphrase is an empty one;
# set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE before you put a secret into a stack file.
set -eu
cd "$(dirname "$0")/.."
stack=${1:-dev}
if [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then
  PULUMI_CONFIG_PASSPHRASE=${PULUMI_CONFIG_PASSPHRASE:-}
  export PULUMI_CONFIG_PASSPHRASE
fi
PULUMI_SKIP_UPDATE_CHECK=1
export PULUMI_SKIP_UPDATE_CHECK
echo "Applying stack $stack"
node_modules/.bin/pulumi stack select --create "$stack" >/dev/null
exec node_modules/.bin/pulumi up --yes --skip-preview --stack "$stack"
