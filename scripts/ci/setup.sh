#!/bin/sh
# Installs what the other steps need: npm packages, and the Pulumi CLI.
#   sh scripts/ci/setup.sh [--database]   with --database also PostgreSQL of the local runtime, which migrations are tried out in
cd "$(dirname "$0")/../.." || exit 1
. scripts/ci/common.sh
if [ -f package-lock.json ]; then
  npm ci --ignore-scripts --no-audit --no-fund
else
  npm install --ignore-scripts --no-audit --no-fund
fi
# Only the repository of the package itself has anything to build.
npm run build --if-present
if [ "${1:-}" = --database ]; then
  hybrid local setup
else
  # Its first call downloads the CLI.
  pulumi version
fi
