# SPDX-License-Identifier: Apache-2.0
"""Lets pytest find razorsim_tools in the source tree, installed or not."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "python")]
