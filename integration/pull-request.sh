#!/usr/bin/env bash
# Writes one comment on a pull request on GitHub, which says what the change does. Later runs update it.
#
#   BASE        the base of the comparison, such as origin/main...
#   DENY        none, rollout, credential, blocked or data-loss
#   ALLOW       DEFINITION=LEVEL, separated by spaces; may be empty
#   PROJECT     the project's folder
#   REPOSITORY  owner/name
#   PULL        the pull request's number
#
# The exit code is that of `sitewright diff`: 4 if a change is riskier than DENY allows.
set -euo pipefail

marker='<!-- sitewright diff -->'
comment=$(mktemp)
trap 'rm -f "$comment"' EXIT

arguments=(-C "$PROJECT" diff --base "$BASE" --format markdown)
if [ "$DENY" != none ]; then
  arguments+=(--deny "$DENY")
  for allowance in $ALLOW; do
    arguments+=(--allow "$allowance")
  done
fi

code=0
{ echo "$marker"; sitewright "${arguments[@]}"; } >"$comment" || code=$?
case $code in
  0 | 3 | 4) ;;
  *) exit "$code" ;;
esac

comments="repos/$REPOSITORY/issues/$PULL/comments"
mine=$(gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$marker\")) | .id" | sed -n 1p)
if [ -n "$mine" ]; then
  gh api --method PATCH "repos/$REPOSITORY/issues/comments/$mine" --field "body=@$comment" --silent
else
  gh api --method POST "$comments" --field "body=@$comment" --silent
fi
exit "$code"
