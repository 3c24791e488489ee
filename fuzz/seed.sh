#!/usr/bin/env bash
# Fills the corpus with the bundled scenarios and the fixtures with mistakes. A fixture's further files, which a line
# `#--- PATH` begins, follow a zero byte, as the target takes them.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p fuzz/corpus/scenario
find scenarios tests/fixtures/mistakes -name '*.toml' | while read -r file; do
    sed 's/^#--- /\x00/' "$file" >"fuzz/corpus/scenario/$(tr '/' '_' <<<"$file")"
done
mkdir -p fuzz/corpus/wire
printf '\x07HELLO 1 phone\nPING 1\r\nACK 2\n\nPUB 3 phone 60 hello there\nALL 4 - hello\n' >fuzz/corpus/wire/client
printf '\x07WELCOME 1\nPUSH 1 hello there\nPING 2\nBYE idle gone\nDONE 3 4 1\nFAIL 5 full\n' >fuzz/corpus/wire/server
