#!/usr/bin/env bash
# Fills the corpus with the bundled scenarios and the fixtures with mistakes. A fixture's further files, which a line
# `#--- PATH` begins, follow a zero byte, as the target takes them.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p fuzz/corpus/scenario
find scenarios tests/fixtures/mistakes -name '*.toml' | while read -r file; do
    sed 's/^#--- /\x00/' "$file" >"fuzz/corpus/scenario/$(tr '/' '_' <<<"$file")"
done
