#!/bin/sh
# Says what is missing before anything is installed.
set -eu
if ! command -v node >/dev/null 2>&1; then
  echo "Node.js 20 or later is needed and there is no 'node' on PATH: https://nodejs.org/en/download" >&2
  exit 1
fi
major=$(node -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 20 ]; then
  echo "Node.js 20 or later is needed; 'node' on PATH is $(node --version): https://nodejs.org/en/download" >&2
  exit 1
fi
for tool in npm git; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "'$tool' is needed and not on PATH." >&2
    exit 1
  fi
done
