#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Thousands of random (shape, array, dataflow, unit, format) cases: the closed forms of `tile` against
# the registers of `pe`, the registers in vectors against those of each unit's own step, the whole
# machine at both fidelities, and the RTL of every dataflow against the registers in every cycle.
#   tools/reproduce/array_proof.sh [TIMES] [SEED]
# TIMES as many cases as the test suite has (default 5), from another SEED (default 1).
# Needs: tools/setup, and Verilator 5 for the RTL.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
build="$root/build/dev"
export RAZORSIM_RANDOM_TIMES="${1:-5}" RAZORSIM_RANDOM_SEED="${2:-1}" RAZORSIM_HOME="$root"

[[ -f "$build/build.ninja" ]] || (cd "$root" && cmake --preset dev)
cmake --build "$build" --target hardware_test system_test fidelity_test
reports="$(mktemp -d)"
trap 'rm -r "$reports"' EXIT

# Each test a process: SystemC elaborates once.
prove() {
  local program="$build/$1" filter="$2" test
  while read -r test; do
    "$program" --gtest_brief=1 --gtest_filter="$test" --gtest_output="json:$reports/$1.${test//\//_}.json"
  done < <("$program" --gtest_list_tests --gtest_filter="$filter" | awk '/^[^ ]/ {suite = $1} /^ / {print suite $1}')
}
prove hardware_test 'PeProduct.*'
prove fidelity_test '*RtlStationary.EqualsTheRegistersOnRandomOperands*'
prove system_test '*Fidelities.AgreeOnRandomProductsUnitsAndMachines*'

python3 - "$reports" <<'PYTHON'
import json
import pathlib
import sys

total = 0
for report in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    for suite in json.loads(report.read_text())["testsuites"]:
        for test in suite["testsuite"]:
            cases = int(test.get("random_cases", 0))
            total += cases
            if cases:
                print(f"{cases:7}  {suite['name']}.{test['name']}")
print(f"{total:7}  random cases, all equal")
PYTHON
