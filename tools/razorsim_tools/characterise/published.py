# SPDX-License-Identifier: Apache-2.0
"""What a technology table takes from others as it is: FP32 operations, SRAM, DRAM's spread and its pins."""

import csv
import math

from .sources import HOROWITZ, NODE_NM, ROOT, bounds

SRAM_CSV = ROOT / "configs/technology/sram/cacti7.csv"

# power_func.h of harvard-acc/ALADDIN, single precision, three stages: dynamic power at 1 ns, mW times ns, since a
# pipelined unit starts an operation a cycle.
ALADDIN_FP32 = "Aladdin's FP32 units for a clock of 1 ns (Shao et al., ISCA 2014, power_func.h), 40 nm"
ALADDIN_ADD_PJ, ALADDIN_MULTIPLY_PJ = 5.559602, 11.7734
RELAXED_LANE_UM2 = 2063.594 + 4889.35  # for a clock of 6 ns


def vector_unit() -> dict:
    add, mul, small = 0.9, 3.7, 0.1
    newton_divide = lambda steps: steps * (2 * mul + add) + mul
    newton_root = lambda steps: steps * (3 * mul + add) + mul
    polynomial = lambda degree: (degree + 2) * (mul + add)
    lane = 4361.094 + 8967.113
    node = (NODE_NM / 40) ** 2
    return {
        "node_nm": NODE_NM,
        "add_pj": bounds(add, add, ALADDIN_ADD_PJ),
        "multiply_pj": bounds(mul, mul, ALADDIN_MULTIPLY_PJ),
        "compare_pj": bounds(small, small, add),
        "divide_pj": bounds(newton_divide(1), newton_divide(2), 26.3),
        "square_root_pj": bounds(newton_root(1), newton_root(2), newton_root(3)),
        "exponential_pj": bounds(polynomial(2), polynomial(6), polynomial(8)),
        "convert_pj": bounds(0.4, add, ALADDIN_ADD_PJ),
        "lane_area_um2": bounds(RELAXED_LANE_UM2 * node, lane * node, lane * node),
        "source": f"FP32 addition 0.9 and multiplication 3.7 pJ: {HOROWITZ}; high: {ALADDIN_FP32}. Comparison: its "
                  "32-bit integer adder, at most an FP32 addition. Conversion: an FP32 addition (align and "
                  "normalise), at least FP16's 0.4. Division and root: Newton steps of those, two (one; three), "
                  "a division at most 26.3 (PMC8934428, table 3); exponential: polynomial of degree 6 (2; 8) "
                  f"with range reduction. Lane: adder and multiplier of {ALADDIN_FP32}, 4361 and 8967 um2, low: those "
                  "for 6 ns, 2064 and 4889; all times (45/40)^2",
    }


def sram(cell: str, node_nm: int = NODE_NM) -> dict:
    points = []
    with open(SRAM_CSV, newline="") as f:
        for row in csv.DictReader(f):
            if round(float(row["node_um"]) * 1000) != node_nm or row["cell_type"] != cell or float(row["size_KiB"]) < 2:
                continue
            height, width = (float(x) for x in row["height_x_width_mm"].split(" x "))
            points.append({
                "size_kib": float(row["size_KiB"]), "port_bits": int(row["port_bits"]), "node_nm": node_nm,
                "read_pj": round(float(row["read_nJ"]) * 1000, 6),
                "write_pj": round(float(row["write_nJ"]) * 1000, 6),
                "leakage_mw": float(row["leakage_mW"]), "access_ns": float(row["access_ns"]),
                "area_um2": round(height * width * 1e6, 1),
            })
    return {
        "cell_type": cell,
        # Horowitz's SRAM against these points at 64 bits: 8 KiB 10 / 3.16, 32 KiB 20 / 7.23, 1 MiB 100 / 41.8.
        "spread": bounds(1.0, 1.0, 2.75),
        "points": points,
        "source": "our runs of CACTI 7 (HewlettPackard/cacti): ram, one read-write port, 350 K, no ECC, "
                  "conservative wires; configs/technology/sram/cacti7.csv. Spread: high is the geometric mean of "
                  f"the SRAM figures of {HOROWITZ} over ours at 8 KiB, 32 KiB and 1 MiB; no source of ours is lower",
    }


# Kim et al., IEEE TCAS-II 65(12), 2018: a controller's LPDDR4 transceiver in 65 nm.
TRANSCEIVER_READ_PJ, TRANSCEIVER_WRITE_PJ = 1.83, 5.68


def terminated_pj(volts: float, driver_ohm: float, termination_ohm: float, gbit_s: float, pf: float,
                  strobe_pairs_per_byte: int) -> float:
    """A data bit on a line terminated to one rail: half the bits draw current; strobes always do."""
    ohms = driver_ohm + termination_ohm
    current_pj = volts**2 / ohms / gbit_s * 1000
    swing = volts * termination_ohm / ohms
    return current_pj * (0.5 + strobe_pairs_per_byte / 8) + 0.25 * volts * swing * pf


def interfaces() -> list[dict]:
    circuits = ("low: that alone; nominal and high add a controller's transceiver, 1.83 pJ/bit reading and 5.68 "
                "writing (Kim et al., TCAS-II 65(12), 2018, LPDDR4, 65 nm)")
    ddr4 = terminated_pj(1.2, 34, 48, 3.2, 3.0, 1)
    lpddr5 = terminated_pj(0.5, 40, 40, 6.4, 2.0, 2)
    ddr5 = terminated_pj(1.1, 34, 48, 4.8, 3.0, 1)
    lpddr4x = terminated_pj(0.6, 40, 40, 4.266, 2.0, 1)
    gddr6 = terminated_pj(1.35, 40, 60, 14.0, 1.5, 1)
    hbm = lambda volts, pf: 0.25 * volts**2 * pf
    hbm_bounds = bounds(hbm(1.2, 1.8), hbm(1.2, 2.5), hbm(1.2, 4.0))
    with_transceiver = lambda pj: bounds(pj, pj + TRANSCEIVER_READ_PJ, pj + TRANSCEIVER_WRITE_PJ)
    return [
        {"name": "DDR4", "io_pj_per_bit": with_transceiver(ddr4),
         "source": "closed form: 1.2 V, pseudo open drain, 34 ohm driver against 48 ohm, 3.2 Gbit/s, one strobe "
                   "pair a byte (JESD79-4), 3 pF of pins and trace (chosen); " + circuits},
        {"name": "DDR5", "io_pj_per_bit": with_transceiver(ddr5),
         "source": "closed form: 1.1 V, pseudo open drain, 34 ohm driver against 48 ohm, 4.8 Gbit/s, one strobe "
                   "pair a byte (JESD79-5), 3 pF (chosen); " + circuits},
        {"name": "LPDDR4X", "io_pj_per_bit": with_transceiver(lpddr4x),
         "source": "closed form: 0.6 V, 40 ohm driver against 40 ohm to ground, 4.266 Gbit/s, one strobe pair a "
                   "byte (JESD209-4-1), 2 pF (chosen); " + circuits},
        {"name": "LPDDR5", "io_pj_per_bit": with_transceiver(lpddr5),
         "source": "closed form: 0.5 V, 40 ohm driver against 40 ohm to ground, 6.4 Gbit/s, two strobe pairs a "
                   "byte (JESD209-5), 2 pF (chosen); " + circuits},
        {"name": "GDDR6", "io_pj_per_bit": with_transceiver(gddr6),
         "source": "closed form: 1.35 V, pseudo open drain, 40 ohm driver against 60 ohm, 14 Gbit/s, one clock "
                   "pair a byte (JESD250), 1.5 pF (chosen); " + circuits},
        {"name": "HBM2", "io_pj_per_bit": hbm_bounds,
         "source": "closed form: 1.2 V, unterminated, a quarter of C V^2 a bit; 1.8, 2.5 and 4 pF of pins and "
                   "interposer (chosen)"},
        {"name": "HBM2E", "io_pj_per_bit": hbm_bounds, "source": "as HBM2: the same pins and supply (JESD235D)"},
        {"name": "HBM3", "io_pj_per_bit": bounds(hbm(0.4, 1.8), hbm(0.4, 2.5), hbm(1.1, 4.0)),
         "source": "closed form: drivers at 0.4 V, unterminated, a quarter of C V^2 a bit, 1.8 and 2.5 pF; high: "
                   "the whole swing of 1.1 V (JESD238), 4 pF (chosen)"},
    ]


# Measured on DDR3L modules of three vendors: VAMPIRE 1.1.0 (dramSpec.cpp), the model of Ghose et al., SIGMETRICS 2018.
# pJ: an activate or precharge; a clock of standby with a row open, and with none.
VENDORS_PJ = ((1114.961, 739.2047, 812.3848), (129.3598, 161.6844, 112.6297), (119.0111, 181.3352, 122.75881))


def hungriest_to_least() -> float:
    """Datasheet currents are those of the hungriest device sold (Ghose et al.), so they bound from above; the least
    hungry vendor's measured energy over the hungriest one's says how far below a device may be. Geometric mean."""
    return math.prod(min(each) / max(each) for each in VENDORS_PJ) ** (1 / len(VENDORS_PJ))
