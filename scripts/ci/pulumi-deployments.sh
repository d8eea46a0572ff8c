#!/bin/sh
# Makes Pulumi.<stack>.deploy.yaml what Pulumi Deployments does with the stack, its schedule of drift detection included:
#   sh scripts/ci/pulumi-deployments.sh prod
# Needs Pulumi Cloud: `pulumi login`, or PULUMI_ACCESS_TOKEN. May be run again.
cd "$(dirname "$0")/../.." || exit 1
. scripts/ci/common.sh
stack=${1:?"which stack? sh scripts/ci/pulumi-deployments.sh <stack>"}
file=Pulumi.$stack.deploy.yaml
if [ ! -f "$file" ]; then
  echo "there is no $file" >&2
  exit 1
fi

pulumi deployment settings push --stack "$stack" --yes --non-interactive

cron=$(sed -n 's/^driftDetection: *"\([^"]*\)".*/\1/p' "$file")
schedules=$(pulumi stack schedule list --stack "$stack" --output json --non-interactive)
known=$(echo "$schedules" | node -p 'const found = JSON.parse(require("fs").readFileSync(0, "utf8")).schedules.filter(({ type }) => type === "drift"); found.map(({ id }) => id).join(" ")')
# One schedule: what is over from before, or from Pulumi's own pages, would run besides.
for id in $known; do
  pulumi stack schedule remove "$id" --stack "$stack" --yes --non-interactive
done
if [ -n "$cron" ]; then
  pulumi stack schedule new --stack "$stack" --kind drift --cron "$cron" --yes --non-interactive
fi
