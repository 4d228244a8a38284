# SPDX-License-Identifier: Apache-2.0
"""Buffers of a technology table from a CACTI 7 of your own.

    razorsim-tools cacti TECHNOLOGY.json --program DIR/cacti --sizes-kib 2,8,32 --ports 64,128 --out NEW.json
    razorsim-tools cacti TECHNOLOGY.json --read A.txt B.txt .. --out NEW.json

The first form runs the program in its folder, each time on its own `cache.cfg` with size, port, node and
cells of ours: ram, one read-write port, 350 K, no ECC. The second reads what such runs printed. Either way
the table gets these points in place of its own; sizes times ports must be a full grid, of the table's node.
"""

import json
import re
import subprocess
import tempfile
from pathlib import Path

from ..errors import FileProblem, UsageProblem

NUMBER = r"\s*:\s*([-+0-9.eE]+)"
PRINTED = {
    "size_bytes": r"Total cache size \(bytes\)" + NUMBER,
    "block_bytes": r"Block size \(bytes\)" + NUMBER,
    "node_nm": r"Technology size \(nm\)" + NUMBER,
    "read_nj": r"Total dynamic read energy per access \(nJ\)" + NUMBER,
    "write_nj": r"Total dynamic write energy per access \(nJ\)" + NUMBER,
    "leakage_mw": r"Total leakage power of a bank \(mW\)" + NUMBER,
    "access_ns": r"Access time \(ns\)" + NUMBER,
    "height_mm": r"Cache height x width \(mm\)" + NUMBER,
    "width_mm": r"Cache height x width \(mm\)\s*:\s*[-+0-9.eE]+ x ([-+0-9.eE]+)",
}


def point_of(text: str, name: str) -> dict:
    """The point of a technology table that one output of CACTI is."""
    found = {}
    for key, pattern in PRINTED.items():
        match = re.search(pattern, text)
        if match is None:
            raise FileProblem(f"{name}: no output of CACTI 7 (without '{pattern.split(NUMBER)[0]}')".replace("\\", ""))
        found[key] = float(match[1])
    return {
        "size_kib": found["size_bytes"] / 1024,
        "port_bits": round(8 * found["block_bytes"]),
        "node_nm": found["node_nm"],
        "read_pj": round(found["read_nj"] * 1000, 6),
        "write_pj": round(found["write_nj"] * 1000, 6),
        "leakage_mw": found["leakage_mw"],
        "access_ns": found["access_ns"],
        "area_um2": round(found["height_mm"] * found["width_mm"] * 1e6, 1),
    }


def settings(size_kib: float, port_bits: int, node_nm: float, cells: str) -> dict[str, str]:
    """Keys of CACTI's configuration and what stands behind them."""
    return {
        "-size (bytes)": f"{round(size_kib * 1024)}",
        "-block size (bytes)": f"{port_bits // 8}",
        "-associativity": "1",
        "-read-write port": "1",
        "-exclusive read port": "0",
        "-exclusive write port": "0",
        "-UCA bank count": "1",
        "-technology (u)": f"{node_nm / 1000:.3f}",
        "-Data array cell type -": f'"itrs-{cells}"',
        "-Data array peripheral type -": f'"itrs-{cells}"',
        "-Tag array cell type -": f'"itrs-{cells}"',
        "-Tag array peripheral type -": f'"itrs-{cells}"',
        "-output/input bus width": f"{port_bits}",
        "-operating temperature (K)": "350",
        "-cache type": '"ram"',
        "-Add ECC -": '"false"',
        "-Print level (DETAILED, CONCISE) -": '"CONCISE"',
    }


def configured(template: str, wanted: dict[str, str], name: str) -> str:
    lines = []
    missing = dict(wanted)
    for line in template.splitlines():
        key = next((k for k in wanted if line.startswith(k + " ")), None)
        if key is None:
            lines.append(line)
        elif missing.pop(key, None) is not None:  # the template may offer a choice of lines
            lines.append(f"{key} {wanted[key]}")
    if missing:
        raise FileProblem(f"{name}: has no line '{next(iter(missing))}'; CACTI 7's own cache.cfg is needed")
    return "\n".join(lines) + "\n"


def run_program(program: Path, sizes: list[float], ports: list[int], node_nm: float, cells: str) -> list[dict]:
    template = program.parent / "cache.cfg"
    text = template.read_text()
    points = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            for port in ports:
                config = Path(folder, "cache.cfg")
                config.write_text(configured(text, settings(size, port, node_nm, cells), str(template)))
                done = subprocess.run([program.resolve(), "-infile", config], cwd=program.resolve().parent,
                                      capture_output=True, text=True, timeout=600)
                what = f"{program}: {size:g} KiB, {port} bit"
                if done.returncode != 0:
                    raise FileProblem(f"{what}: ended with code {done.returncode}")
                points.append(point_of(done.stdout, what))
    return points


def with_points(table: dict, points: list[dict], source: str, name: str) -> dict:
    points = sorted(points, key=lambda p: (p["size_kib"], p["port_bits"]))
    grid = {(p["size_kib"], p["port_bits"]) for p in points}
    sizes, ports = {s for s, _ in grid}, {p for _, p in grid}
    if len(grid) != len(points) or len(grid) != len(sizes) * len(ports):
        raise UsageProblem(f"{len(points)} points of {len(sizes)} sizes and {len(ports)} ports: not a full grid")
    for point in points:
        if point["node_nm"] != table["node_nm"]:
            raise UsageProblem(f"a point is of {point['node_nm']:g} nm, the table of {table['node_nm']:g} nm; "
                               "a total never mixes nodes")
    sram = table["sram"] | {"points": points, "source": source}
    return table | {"name": name, "sram": sram}


def run(technology: Path, program: Path | None, read: list[Path], sizes: list[float], ports: list[int], cells: str,
        out: Path) -> None:
    from .table import text_of

    table = json.loads(technology.read_text())
    if program is not None:
        points = run_program(program, sizes, ports, table["node_nm"], cells)
        source = f"CACTI 7, {program}: ram, one read-write port, 350 K, no ECC, {cells} cells"
        table["sram"]["cell_type"] = cells
    else:
        points = [point_of(path.read_text(), str(path)) for path in read]
        source = f"CACTI 7, read from {', '.join(path.name for path in read)}"
    out.write_text(text_of(with_points(table, points, source, out.stem)) + "\n")
