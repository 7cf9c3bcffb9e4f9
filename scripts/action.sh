#!/usr/bin/env bash
# What action.yml runs: `infralint check` with the action's inputs, which come as variables of the environment.
set -euo pipefail

arguments=(check --format github --fail-on "${INPUT_FAIL_ON:-warning}")
base=${INPUT_DIFF_BASE:-}
if [ "$base" = auto ]; then
    # GitHub sets the name of the branch that a pull request is made for, and nothing elsewhere.
    base=${GITHUB_BASE_REF:+origin/$GITHUB_BASE_REF}
fi
if [ -n "$base" ]; then
    arguments+=("--diff-base=$base")
fi
if [ -n "${INPUT_BASELINE:-}" ]; then
    arguments+=("--baseline=$INPUT_BASELINE")
fi
if [ -n "${SARIF:-}" ]; then
    arguments+=("--output-file=sarif=$SARIF")
fi
while IFS= read -r path; do
    if [ -n "$path" ]; then
        arguments+=("./${path#./}")
    fi
done <<<"${INPUT_PATHS:-}"
exec "${INFRALINT:-infralint}" "${arguments[@]}"
