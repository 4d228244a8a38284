# SPDX-License-Identifier: Apache-2.0
"""The built razorsim, through its command line: $RAZORSIM_PROGRAM, or a build of a preset in build/."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILDS = [ROOT / "build" / preset / "razorsim" for preset in ("release", "dev")]
PLACES = [os.environ.get("RAZORSIM_PROGRAM"), *BUILDS]
PROGRAM = next((p for p in PLACES if p and Path(p).is_file()), None)

needs_program = pytest.mark.skipif(PROGRAM is None, reason="no razorsim program is built")


def run(*arguments, text=""):
    """The JSON it prints; whoever wants any gives --json."""
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
