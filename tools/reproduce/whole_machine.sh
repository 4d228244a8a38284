#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes docs/figures/whole_machine.csv by running the comparisons it names, then from that file alone the
# figure beside it and the table in docs/energy.md.
#
# usage: tools/reproduce/whole_machine.sh [RAZORSIM]     (default build/release/razorsim)
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
razorsim="${1:-$root/build/release/razorsim}"
schemes=int8,sdr4,sdr4:base8,W4A8:g16,int16x8
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

compare() { # NAME OPTION...
  echo "comparing: $1" >&2
  "$razorsim" compare --schemes "$schemes" --out "$work/$1" --quiet "${@:2}"
}

# "layer": one of the network's equal layers; else all of them, final norm and head.
compare smollm2-135m-prefill-128 --network smollm2-135m --phase prefill --prompt 128
compare smollm2-135m-layer-prefill-128 --network smollm2-135m --phase prefill --prompt 128 --layers 0-0
compare smollm2-135m-decode-512 --network smollm2-135m --phase decode --context 512
compare smollm2-135m-layer-decode-512 --network smollm2-135m --phase decode --context 512 --layers 0-0
compare llama-2-7b-prefill-128 --network llama-2-7b --phase prefill --prompt 128
compare llama-2-7b-decode-512 --network llama-2-7b --phase decode --context 512

python3 "$root/tools/reproduce/whole_machine.py" "$root" "$work"
