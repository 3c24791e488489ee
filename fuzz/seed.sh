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
mkdir -p fuzz/corpus/wire
printf '\x07HELLO 1 phone\nPING 1\r\nACK 2\n\nPUB 3 phone 60 hello there\nALL 4 - hello\n' >fuzz/corpus/wire/client
printf '\x07WELCOME 1\nPUSH 1 hello there\nPING 2\nBYE idle gone\nDONE 3 4 1\nFAIL 5 full\n' >fuzz/corpus/wire/server
