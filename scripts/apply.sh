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
# The engine would download the plugins of @pulumi/postgresql and @pulumi/command, which only warehouse:provision and deploy.hooks use.
PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=${PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION:-true}
export PULUMI_SKIP_UPDATE_CHECK PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION
echo "Applying stack $stack"
node_modules/.bin/pulumi stack select --create "$stack" >/dev/null
exec node_modules/.bin/pulumi up --yes --skip-preview --stack "$stack"
