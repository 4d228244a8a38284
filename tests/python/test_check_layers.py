# SPDX-License-Identifier: Apache-2.0
"""tools/check_layers.py: each kind of violation, planted in an otherwise sound tree, is caught."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "check_layers.py"

SOUND = {
    "models/base/units.h": "#pragma once\n#include <cstdint>\n",
    "models/formats/sdr.h": '#include "models/base/units.h"\n',
    "models/hardware/dram.h": '#include <systemc>\n#include "models/formats/sdr.h"\n',
    "traces/io/reader.cpp": '#include <nlohmann/json.hpp>\n#include "models/base/units.h"\n',
    "sim/config/json.cpp": '#include <nlohmann/json.hpp>\n#include "traces/io/reader.h"\n',
    "sim/app/main.cpp": "#include <boost/program_options.hpp>\n#include <tlm.h>\n",
}


def run(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True)


def test_sound_tree_passes(tmp_path):
    result = run(tmp_path, SOUND)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "planted, message",
    [
        ({"models/base/x.h": '#include "models/formats/sdr.h"\n'},
         "models/base/x.h:1: models/base may not include models/formats"),
        ({"models/energy/x.cpp": '\n#include "sim/config/json.h"\n'},
         "models/energy/x.cpp:2: models/energy may not include sim/config"),
        ({"models/formats/x.cpp": '#  include "traces/io/reader.h"\n'},
         "models/formats may not include traces/io"),
        ({"traces/io/x.cpp": '#include "models/hardware/dram.h"\n'},
         "traces/io may not include models/hardware"),
        ({"sim/config/x.cpp": '#include "sim/app/run.h"\n'}, "sim/config may not include sim/app"),
        ({"models/mapping/x.cpp": "#include <systemc>\n"}, "SystemC belongs to"),
        ({"sim/config/x.cpp": "#include <tlm_utils/simple_target_socket.h>\n"},
         "SystemC belongs to"),
        ({"models/base/x.cpp": "#include <nlohmann/json.hpp>\n"}, "nlohmann/json belongs to"),
        ({"sim/config/second.cpp": "#include <nlohmann/json.hpp>\n"},
         "sim/config: nlohmann/json in 2 sources"),
        ({"sim/result/json.h": "#include <nlohmann/json_fwd.hpp>\n"}, "not a header"),
        ({"sim/eval/x.cpp": "#include <boost/program_options.hpp>\n"},
         "Boost.Program_options belongs to sim/app only"),
        ({"models/base/x.cpp": "#include <iostream>\n"}, "print nothing"),
        ({"models/base/x.h": '#include "units.h"\n'}, "from the root"),
        ({"models/extras/x.h": "\n"}, "no such folder in the house"),
        ({"models/base/x.h": '#include "models/base/y.h"\n',
          "models/base/y.h": '#include "models/base/x.h"\n'},
         "include cycle of files: models/base/x.h -> models/base/y.h -> models/base/x.h"),
        ({"sim/values/x.h": '#include "sim/result/y.h"\n',
          "sim/result/z.h": '#include "sim/values/w.h"\n'},
         "include cycle of folders: sim/result -> sim/values -> sim/result"),
        ({"sim/eval/long.cpp": "//\n" * 401}, "sim/eval/long.cpp: 401 lines"),
    ],
)
def test_planted_violation_is_caught(tmp_path, planted, message):
    result = run(tmp_path, SOUND | planted)
    assert result.returncode == 1
    assert message in result.stderr


def test_400_lines_are_allowed_and_a_long_test_only_warns(tmp_path):
    result = run(tmp_path, SOUND | {"sim/eval/x.cpp": "//\n" * 400,
                                    "tests/formats/x_test.cpp": "//\n" * 401})
    assert result.returncode == 0, result.stderr
    assert "tests/formats/x_test.cpp: 401 lines" in result.stdout
