#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes traces/data/smollm2-135m-layer15.safetensors again and compares it with the one that is there.
# Needs a built razorsim ($1, default build/release/razorsim), and PyPI for the model.
# --update replaces the shipped trace.
set -euo pipefail

# shellcheck source=tools/setup
source "$(dirname "${BASH_SOURCE[0]}")/../setup"
update=no
if [[ "${1:-}" == --update ]]; then
  update=yes
  shift
fi
razorsim="${1:-$root/build/release/razorsim}"
data="$root/traces/data"
shipped="$data/smollm2-135m-layer15.safetensors"
setup_python
setup_model

made="$(mktemp -d)"
trap 'rm -r "$made"' EXIT
for text in pride-and-prejudice alice; do
  "$root/.venv/bin/razorsim-tools" tokenize --model "$model" --text "$data/$text.txt" --out "$made/$text.json"
  cmp "$made/$text.json" "$data/$text.tokens.json"
done
"$razorsim" capture --quiet --model "$model" --layers 15 --tokens 64 --scheme sdr4 \
  --text "$data/pride-and-prejudice.tokens.json" --calibration "$data/alice.tokens.json" --out "$made/trace"

if [[ "$update" == yes ]]; then
  mv "$made/trace" "$shipped"
else
  cmp "$made/trace" "$shipped"
  echo "byte for byte the shipped trace"
fi
