# SPDX-License-Identifier: Apache-2.0
"""Lets pytest find razorsim_tools in the source tree, installed or not."""

import os
import sys
from pathlib import Path

# Matrices here are tiny: threads that wait for each other cost more than they compute, minutes of it
# on a busy machine. Read by numpy when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "python")]
