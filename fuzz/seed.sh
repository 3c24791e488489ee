#!/usr/bin/env bash
# Fills the corpus with the bundled scenarios and the fixtures with mistakes. A fixture's further files, which a line
# `#--- PATH` begins, follow a zero byte, as the target takes them.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p fuzz/corpus/scenario
find scenarios tests/fixtures/mistakes -name '*.toml' | while read -r file; do
    sed 's/^#--- /\x00/' "$file" >"fuzz/corpus/scenario/$(tr '/' '_' <<<"$file")"
done

# Requests of the control API: the first byte chooses the route.
mkdir -p fuzz/corpus/control
for route in 0 1 2 3 4 5 6 7 8 9 a b c d e; do
    printf "\\x0${route}alice\\x0041\\x00limit=2&after=alice\\x00{\"payload\": \"x\", \"ttl\": \"10m\"}" >"fuzz/corpus/control/push-$route"
    printf "\\x0${route}alice\\x0041\\x00\\x00{\"how\": \"reset\", \"down_for\": \"30s\"}" >"fuzz/corpus/control/how-$route"
done
