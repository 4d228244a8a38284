# SPDX-License-Identifier: Apache-2.0
"""Laws and hand-computed examples of stage 1 and stage 2 of SDR."""

import itertools

import numpy as np
import pytest
from razorsim_tools.reference import quantise, razor
from razorsim_tools.reference.razor import OVERFLOWS, ROUNDINGS

RULES = list(itertools.product((3, 7), ROUNDINGS, OVERFLOWS))


def base(bits, shape, seed=0):
    """Base integers whose groups meet every razoring point."""
    rng = np.random.default_rng(seed)
    limit = quantise.largest_integer(bits)
    return rng.integers(-limit, limit + 1, shape) >> rng.integers(0, bits - 1, (*shape[:-1], 1))


def razor_by_the_book(q, group, m, rounding, overflow):
    """SDR one element at a time in Python integers and fractions: slow, and no numpy."""
    from fractions import Fraction

    mantissas, flags = [], []
    for start in range(0, len(q), group):
        chunk = [int(v) for v in q[start : start + group]]
        ored = 0
        for v in chunk:
            ored |= abs(v)
        flag = max(0, ored.bit_length() - 1 - (m - 1)) if ored else 0
        flags.append(flag)
        for v in chunk:
            exact = Fraction(abs(v), 1 << flag)
            t = int(exact)
            rest = exact - t
            half = Fraction(1, 2)
            if rounding == "half_away":
                t += rest >= half
            elif rounding == "half_even":
                t += rest > half or (rest == half and t % 2 == 1)
            signed = -t if v < 0 else t
            if overflow == "floor":
                signed = max(-(2**m - 1), min(2**m - 1, signed))
            else:
                signed = max(-(2**m), min(2**m - 1, signed))
            mantissas.append(signed)
    return mantissas, flags


@pytest.mark.parametrize("bits,group", list(itertools.product((8, 16), (1, 5, 8, 16, 128))))
@pytest.mark.parametrize("m,rounding,overflow", RULES)
def test_agrees_with_exact_fractions(bits, group, m, rounding, overflow):
    for row in base(bits, (12, 37), seed=group):
        got = razor.razor(row, bits, group, m, rounding, overflow)
        mantissas, flags = razor_by_the_book(row, group, m, rounding, overflow)
        assert got.mantissas.tolist() == mantissas
        assert got.flags.tolist() == flags


def test_hand_computed_group_in_base_8():
    # or = 0b1010101 | ... = 0b1111111, point 6, flag 4.
    # 85 = 5*16 + 5 -> 5; -40 = -(2*16 + 8): the first bit cut off is set -> -3; 127 = 7*16 + 15
    # would round to 8 -> 7; -7 -> 0 without a sign; 8 -> 1.
    got = razor.razor([85, -40, 127, -7, 8], 8, 16)
    assert got.flags.tolist() == [4]
    assert got.mantissas.tolist() == [5, -3, 7, 0, 1]
    assert got.values().tolist() == [80, -48, 112, 0, 16]


def test_rounding_rules_differ_only_at_ties():
    row = [64, 40, 24, 56, 41, 39, -40, -24]  # flag 4: 4, 2.5, 1.5, 3.5, 2.56, 2.44
    codes = {r: razor.razor(row, 8, 8, 3, r).mantissas.tolist() for r in ROUNDINGS}
    assert codes["half_away"] == [4, 3, 2, 4, 3, 2, -3, -2]
    assert codes["half_even"] == [4, 2, 2, 4, 3, 2, -2, -2]
    assert codes["truncate"] == [4, 2, 1, 3, 2, 2, -2, -1]


def test_overflow_rules():
    row = [127, -127, 120, -120, 119, -119]  # flag 4: 7.94, 7.5 (a tie: 7 is odd, so up), 7.44
    for rounding in ("half_away", "half_even"):
        assert razor.razor(row, 8, 8, 3, rounding, "floor").mantissas.tolist() == [7, -7] * 3
        saturated = razor.razor(row, 8, 8, 3, rounding, "saturate").mantissas.tolist()
        assert saturated == [7, -8, 7, -8, 7, -7]
    for overflow in OVERFLOWS:
        assert razor.razor(row, 8, 8, 3, "truncate", overflow).mantissas.tolist() == [7, -7] * 3


def test_no_bit_is_cut_off_a_small_group():
    row = [0, 1, -1, 7, -7, 4, -4, 3]
    for _, rounding, overflow in RULES:
        got = razor.razor(row, 16, 8, 3, rounding, overflow)
        assert got.flags.tolist() == [0] and got.mantissas.tolist() == row


def test_group_of_zeros_has_flag_zero_and_positive_sign():
    got = razor.razor([0] * 5, 16, 8)
    assert got.flags.tolist() == [0] and got.mantissas.tolist() == [0] * 5
    words = razor.code_words(razor.razor([4096, -1], 16, 8), 3)
    assert words.tolist() == [4, 0]  # -1 rounds to zero and loses its sign


@pytest.mark.parametrize("bits,largest", ((8, 4), (16, 12)))
def test_range_of_flags(bits, largest):
    limit = quantise.largest_integer(bits)
    assert razor.largest_flag(bits, 3) == largest
    flags = {int(razor.razor([1 << b], bits, 16).flags[0]) for b in range(bits - 1)}
    assert flags == set(range(largest + 1))
    assert razor.razor([limit], bits, 16).flags.tolist() == [largest]


@pytest.mark.parametrize("m,rounding,overflow", RULES)
@pytest.mark.parametrize("bits", (8, 16))
def test_error_bound_and_code_range(bits, m, rounding, overflow):
    q = base(bits, (200, 48))
    got = razor.razor(q, bits, 16, m, rounding, overflow)
    top = (1 << m) - 1
    assert got.mantissas.max() <= top
    assert got.mantissas.min() >= -top - (overflow == "saturate")
    unit = 1 << got.flags_per_element()
    error = np.abs(got.values() - q)
    assert (error < unit).all()
    if rounding != "truncate":
        # Within half a unit except where rounding would have overflowed.
        clipped = np.abs(q) > top * unit
        assert (2 * error[~clipped] <= unit[~clipped]).all()


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("bits,group", list(itertools.product((8, 16), (8, 16, 64))))
def test_idempotent_on_values_with_floor(bits, group, rounding):
    q = base(bits, (100, 70))
    once = razor.razor(q, bits, group, 3, rounding)
    twice = razor.razor(once.values(), bits, group, 3, rounding)
    assert (once.values() == twice.values()).all()
    assert (once.flags == twice.flags).all()


def test_saturation_loses_idempotence():
    once = razor.razor([-31, 1], 16, 8, 3, "half_away", "saturate")
    assert once.values().tolist() == [-32, 0]
    assert razor.razor(once.values(), 16, 8, 3, "half_away", "saturate").flags != once.flags


def test_monotone_in_a_group():
    q = np.sort(base(16, (50, 16)), axis=-1)
    for _, rounding, overflow in RULES:
        values = razor.razor(q, 16, 16, 3, rounding, overflow).values()
        assert (np.diff(values, axis=-1) >= 0).all()


def test_zero_padding_changes_nothing():
    q = base(16, (20, 37))
    padded = razor.razor(np.pad(q, ((0, 0), (0, 11))), 16, 16)
    bare = razor.razor(q, 16, 16)
    assert (padded.flags == bare.flags).all()
    assert (padded.mantissas[:, :37] == bare.mantissas).all()


def test_the_most_negative_integer_is_refused():
    for bits in (8, 16):
        with pytest.raises(ValueError, match="are allowed"):
            razor.razor([-(1 << (bits - 1))], bits, 16)


def test_effective_bits():
    assert razor.effective_bits(4096, 16, 3) == 4.25
    assert razor.effective_bits(4096, 16, 3, flag_bits=3) == 4.1875
    assert razor.effective_bits(17, 16, 3) == (17 * 4 + 2 * 4) / 17


def test_quantise_rounds_ties_to_even_and_clamps():
    x = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 126.5, 1000, -1000], np.float32)
    assert quantise.quantise(x, 1.0, 8).tolist() == [0, 2, 2, 0, -2, 126, 127, -127]


def test_quantise_error_is_half_a_unit():
    x = np.random.default_rng(1).standard_normal((40, 64)).astype(np.float32)
    for bits in (4, 8, 16):
        scale = quantise.scale_per_row(x, bits)[:, None]
        q = quantise.quantise(x, scale, bits)
        assert np.abs(q).max() == quantise.largest_integer(bits)
        # Half a unit, and the rounding of the FP32 quotient itself: 2^-24 of its magnitude.
        error = np.abs(q * scale.astype(np.float64) - x) / scale
        assert (error <= 0.5 + (np.abs(q) + 1) * 2.0**-23).all()


def test_quantise_divides_instead_of_multiplying_by_a_reciprocal():
    # Such pairs exist: the reciprocal is itself rounded. Division in float64 rounded once to FP32
    # is the correctly rounded quotient (53 >= 2 * 24 + 2), an oracle independent of numpy's FP32.
    rng = np.random.default_rng(2)
    x = rng.uniform(1, 2, 20000).astype(np.float32)
    scale = np.float32(0.0137)
    exact = (x.astype(np.float64) / np.float64(scale)).astype(np.float32)
    assert (x * (np.float32(1) / scale) != exact).any()
    assert (quantise.quantise(x, scale, 16) == np.rint(exact)).all()


def test_zeros_and_tiny_numbers_quantise_to_zero():
    assert (
        quantise.quantise(np.zeros(4), quantise.scale_per_tensor(np.zeros(4), 16), 16).tolist()
        == [0] * 4
    )
    with pytest.raises(ValueError, match="not finite"):
        quantise.scale_per_tensor([1.0, np.nan], 8)
