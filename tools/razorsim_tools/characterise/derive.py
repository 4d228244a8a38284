# SPDX-License-Identifier: Apache-2.0
"""Arithmetic units at 45 nm from published integer figures, by the rule of docs/energy.md.

Energies in pJ at 0.9 V, areas in NAND2 equivalents. The rule counts partial-product bits, adder
bits, multiplexers and register bits; it reproduces the anchors it is not built from (see `checks`).
Everything it yields is labelled `derived`.
"""

# Horowitz, ISSCC 2014, 45 nm, 0.9 V.
MULTIPLY_8X8_PJ = 0.2
ADD_32_PJ = 0.1
# Aladdin's 40 nm tables (Shao et al., ISCA 2014): a register bit 0.009 pJ a cycle, taken unscaled;
# shifter 0.417 against adder 0.21 for 32 bits, so a ratio that Horowitz's adder makes absolute.
REGISTER_BIT_PJ = 0.009
SHIFTER_32_PJ = ADD_32_PJ * 0.417 / 0.21
# Cell areas relative to a NAND2, as in Oklahoma State's standard cells (osu018).
FULL_ADDER, HALF_ADDER, FLIP_FLOP, MUX, XOR, AND = 120 / 24, 80 / 24, 96 / 24, 48 / 24, 56 / 24, 32 / 24
# What sources differ by: Horowitz's multiplier and adder alone (0.30 pJ, no registers) against the
# nominal 0.40 of an INT8 MAC in a dot-16 unit, and 0.87 pJ at 1.1 V = 0.58 at 0.9 V at gate level
# with Nangate's 45 nm cells, clock included.
ENERGY_LOW, ENERGY_HIGH = 0.75, 1.45


def adder_pj(bits: float) -> float:
    return ADD_32_PJ / 32 * bits


def mux_pj(count: float) -> float:
    return SHIFTER_32_PJ / (32 * 5) * count


def multiplier(a: int, b: int) -> tuple[float, float]:
    """Array multiplier of a by b bits: (pJ, NAND2)."""
    return MULTIPLY_8X8_PJ / 64 * a * b, a * b * AND + (a - 1) * b * FULL_ADDER


def registers(bits: float) -> tuple[float, float]:
    return REGISTER_BIT_PJ * bits, FLIP_FLOP * bits


def adder(bits: float) -> tuple[float, float]:
    return adder_pj(bits), FULL_ADDER * bits


def total(*parts: tuple[float, float]) -> tuple[float, float]:
    return sum(p[0] for p in parts), sum(p[1] for p in parts)


def tree_bits(lanes: int, product_bits: int) -> float:
    """Adder bits of a tree over `lanes` products, a lane; each level is a bit wider."""
    bits, width, count = 0.0, product_bits, lanes
    while count > 1:
        width += 1
        bits += count / 2 * width
        count /= 2
    return bits / lanes


def shifter_muxes(width: int, distance: int, limit: int) -> int:
    """Multiplexers of a left shifter of 0..distance places from `width` bits, at most `limit` wide."""
    muxes, step = 0, 1
    while step <= distance:
        width = min(width + step, limit)
        muxes += width
        step *= 2
    return muxes


def unit(name, structure, lanes, group, accumulator, multiply, add, shift, accumulate) -> dict:
    return {
        "name": name, "structure": structure, "lanes": lanes, "group": group,
        "accumulator_bits": accumulator,
        "multiply": multiply, "add": add, "shift": shift, "accumulate": accumulate,
    }


def sdr_multiply(magnitude: int) -> tuple[float, float]:
    # Magnitudes times 3 bits, sign, and a conditional negation that the tree's carry inputs complete.
    product = multiplier(magnitude, 3)
    negate = (mux_pj(magnitude + 4), (magnitude + 5) * XOR)
    return total(product, negate, registers(magnitude + 5))


def sdr(structure: str, lanes: int, group: int, accumulator: int, distance: int, magnitude: int = 3) -> dict:
    sum_bits = 1 + (7 * ((1 << magnitude) - 1) * group).bit_length()
    tree = adder(tree_bits(lanes, magnitude + 4))
    if structure != "dot":
        tree = total(adder(sum_bits), registers(sum_bits))
    muxes = shifter_muxes(sum_bits, distance, min(sum_bits + distance, accumulator))
    shift = total((mux_pj(muxes), MUX * muxes), adder(5), registers(8))
    accumulate = total(adder(accumulator), registers(accumulator))
    name = f"sdr_{structure}" if magnitude == 3 else "sdr_w4a8"
    return unit(name, structure, lanes, group, accumulator, sdr_multiply(magnitude), tree, shift, accumulate)


def integer(name: str, bits_a: int, bits_w: int, lanes: int, accumulator: int) -> dict:
    multiply = total(multiplier(bits_a, bits_w), registers(bits_a + bits_w))
    tree = adder(tree_bits(lanes, bits_a + bits_w))
    accumulate = total(adder(accumulator), registers(accumulator))
    return unit(name, "dot" if lanes > 1 else "full", lanes, 1, accumulator, multiply, tree,
                (0.0, 0.0), accumulate)


FP32_ADD_PJ = 0.9  # Horowitz
FP16_MULTIPLY_PJ = 1.1
SIGNIFICAND, EXPONENT = 24, 8  # of FP32


def leading_zeros(bits: int) -> tuple[float, float]:
    return mux_pj(bits), 4 * bits * AND


def fp32_adder() -> tuple[float, float]:
    """Energy published; area: compare and subtract exponents, align, add, normalise, round."""
    muxes = 2 * 5 * (SIGNIFICAND + 3)
    nand2 = (MUX * muxes + FULL_ADDER * (SIGNIFICAND + 4) + HALF_ADDER * SIGNIFICAND
             + FULL_ADDER * 3 * EXPONENT + leading_zeros(SIGNIFICAND + 4)[1])
    return FP32_ADD_PJ, nand2


def to_fp32(bits: int, rounds: bool) -> tuple[float, float]:
    """An integer of `bits` normalised to FP32, its exponent found."""
    muxes = bits * bits.bit_length()
    parts = [(mux_pj(muxes), MUX * muxes), leading_zeros(bits), adder(EXPONENT + 2), registers(32 + bits)]
    return total(*parts, *([adder(SIGNIFICAND)] if rounds else []))


def floating(name: str, lanes: int, group: int) -> dict:
    """Dot units with a real scale a group, or FP16's exponents: `shift` is what turns a group's exact
    sum into FP32, `accumulate` the FP32 adder with its register."""
    accumulate = total(fp32_adder(), registers(32))
    if name == "fp16":
        width = 23  # a product and its guard bit
        align = (mux_pj(5 * width), MUX * 5 * width)
        nand2 = total(multiplier(11, 11), adder(6), adder(6), align)[1] + width * XOR + registers(32)[1]
        multiply = (FP16_MULTIPLY_PJ + align[0], nand2)
        return unit(name, "dot", lanes, 1, 32, multiply, adder(tree_bits(lanes, width + 1)),
                    to_fp32(width + lanes.bit_length(), True), accumulate)
    if name == "int4_group":
        multiply = total(multiplier(4, 4), registers(8))
        sum_bits = 8 + (group - 1).bit_length()
        scale = total(multiplier(11, 11), multiplier(22, sum_bits), to_fp32(22 + sum_bits, True))
    else:
        decode = (mux_pj(6), 12 * AND)
        negate = (mux_pj(9), 10 * XOR)
        multiply = total(multiplier(4, 4), decode, negate, registers(8))
        sum_bits = 9 + (group - 1).bit_length()
        factors = total(multiplier(4, 4), multiplier(8, sum_bits)) if name == "nvfp4" else (0.0, 0.0)
        scale = total(factors, to_fp32(sum_bits + (8 if name == "nvfp4" else 0), False))
    return unit(name, "dot", lanes, group, 32, multiply, adder(tree_bits(lanes, 9)), scale, accumulate)


def razor(group: int, bits: int = 16) -> tuple[float, float]:
    """Razor unit for `group` integers of `bits`: (pJ a group, NAND2)."""
    magnitude = (adder_pj(bits) * group, group * (bits * XOR + (bits - 1) * HALF_ADDER))
    gates = (bits - 1) * (group - 1)
    or_tree = (gates * mux_pj(1) / 2, gates * AND)  # an OR counts half a multiplexer
    leading_one = (mux_pj(bits), 4 * bits * AND)
    muxes = sum(shifter_muxes(4, 12, 16) for _ in range(group))
    shift = (mux_pj(muxes), MUX * muxes)
    round_up = (adder_pj(3) * group, group * (3 * HALF_ADDER + 3 * AND))
    return total(magnitude, or_tree, leading_one, shift, round_up,
                 registers(group * (bits + 4) + 4))


def units() -> list[dict]:
    """Every derived unit, costs as (pJ, NAND2)."""
    rows = []
    for lanes in (8, 16, 32, 64):
        rows.append(sdr("dot", lanes, lanes, 32, 8))
        rows.append(sdr("dot", lanes, lanes, 40, 16))
    rows.append(sdr("dot", 16, 16, 40, 12, magnitude=7))
    for accumulator, distance in ((32, 8), (40, 16)):
        rows += [sdr("lean", 1, 16, accumulator, distance), sdr("full", 1, 16, accumulator, distance)]
    for lanes in (1, 8, 16, 32, 64):
        rows.append(integer("int8", 8, 8, lanes, 32))
        rows.append(integer("int16x8", 16, 8, lanes, 40))
        rows.append(integer("int4", 4, 4, lanes, 32))
    rows += [floating("mxfp4", 16, 32), floating("nvfp4", 16, 16), floating("int4_group", 16, 64),
             floating("fp16", 16, 1)]
    return rows


def uses(row: dict) -> int:
    """MACs that share one shift and one accumulation."""
    return max(row["lanes"], row["group"])


def per_mac(row: dict) -> tuple[float, float]:
    """A dot unit's (pJ, NAND2) a MAC with every lane at work."""
    return total(row["multiply"], row["add"],
                 *((row[k][0] / uses(row), row[k][1] / row["lanes"]) for k in ("shift", "accumulate")))


def checks() -> dict:
    """Figures the rule does not use, beside what it says: {what: (rule, published)}."""
    by = {(r["name"], r["lanes"], r["accumulator_bits"]): per_mac(r) for r in units()}
    int8, sdr8 = by["int8", 16, 32], by["sdr_dot", 16, 32]
    return {
        "32-bit multiplier, pJ (Horowitz)": (multiplier(32, 32)[0], 3.1),
        "8-bit adder, pJ (Horowitz)": (adder_pj(8), 0.03),
        "INT8 dot-16, NAND2 (gate level, osu018)": (16 * int8[1], 8455),
        "SDR base 8 saving, area (gate level)": (1 - sdr8[1] / int8[1], 0.68),
        "SDR base 8 saving, energy (gate level)": (1 - sdr8[0] / int8[0], 0.60),
    }


if __name__ == "__main__":
    for what, (rule, published) in checks().items():
        print(f"{what}: {rule:.4g} against {published:.4g}")
    for row in units():
        pj, nand2 = per_mac(row)
        print(f"{row['name']:9} lanes {row['lanes']:2} acc {row['accumulator_bits']}: {pj:.3f} pJ/MAC {nand2 * row['lanes']:.0f} NAND2")
    print("razor g16", razor(16), "g32", razor(32))
