# SPDX-License-Identifier: Apache-2.0
"""The decompression-free dot product is exact; planes and narrow accumulators."""

import numpy as np
import pytest
from razorsim_tools.reference import dot, planes, quantise, razor, value_cache


def base(rng, bits, shape):
    limit = quantise.largest_integer(bits)
    return rng.integers(-limit, limit + 1, shape) >> rng.integers(0, bits - 1, shape)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize("rounding", razor.ROUNDINGS)
@pytest.mark.parametrize("overflow", razor.OVERFLOWS)
@pytest.mark.parametrize("ga,gw", ((8, 8), (16, 16), (8, 32), (64, 16), (128, 128)))
def test_equals_the_integer_product_of_the_razored_values(rng, ga, gw, rounding, overflow):
    for length in (1, 16, 37, 200):
        a = razor.razor(base(rng, 16, (4, length)), 16, ga, 3, rounding, overflow)
        w = razor.razor(base(rng, 8, (5, length)), 8, gw, 3, rounding, overflow)
        assert (dot.razored_dot(a, w) == dot.integer_dot(a.values(), w.values())).all()


def test_hand_computed_product():
    # flags 4 and 0: (5*2 - 3*7 + 7*1) << 4 = -4 * 16.
    a, w = razor.razor([[85, -40, 127]], 8, 16), razor.razor([[2, 7, 1]], 8, 16)
    terms = dot.group_terms(a, w)
    assert terms.sums.tolist() == [[[-4]]] and terms.shifts.tolist() == [[[4]]]
    assert terms.accumulators().tolist() == [[-64]]


def test_any_order_of_groups_gives_the_same(rng):
    terms = dot.group_terms(
        razor.razor(base(rng, 16, (2, 160)), 16, 16), razor.razor(base(rng, 8, (2, 160)), 8, 16)
    )
    order = rng.permutation(terms.sums.shape[-1])
    shuffled = dot.GroupTerms(terms.sums[..., order], terms.shifts[..., order])
    assert (shuffled.accumulators() == terms.accumulators()).all()


def test_bounds_are_kept_and_attained():
    for group, length in ((16, 16), (16, 37)):
        a = razor.razor(np.full((1, length), 32767), 16, group)
        w = razor.razor(np.full((1, length), -127), 8, group)
        terms = dot.group_terms(a, w)
        assert np.abs(terms.sums).max() == 49 * min(group, length)
        assert terms.shifts.max() == 16
        assert dot.razored_dot(a, w)[0, 0] == -dot.magnitude_bound(length, 16)
    # With two's complement codes the product of two negatives reaches 64.
    a = razor.razor(np.full((1, 16), -32767), 16, 16, overflow="saturate")
    w = razor.razor(np.full((1, 16), -127), 8, 16, overflow="saturate")
    assert dot.razored_dot(a, w)[0, 0] == dot.magnitude_bound(16, 16, 64)


@pytest.mark.parametrize(
    "length,shift,bits",
    # Widths stated for LLaMA shapes by a prototype; recomputed from the bound here.
    [
        (576, 16, 32),
        (1536, 16, 34),
        (4096, 16, 35),
        (11008, 16, 37),
        (576, 8, 24),
        (11008, 8, 29),
        (11008, 24, 45),
    ],
)
def test_accumulator_width(length, shift, bits):
    assert dot.accumulator_bits(length, shift) == bits
    assert (1 << (bits - 1)) - 1 >= dot.magnitude_bound(length, shift) > (1 << (bits - 2)) - 1


def test_products_through_double_precision_are_exact(rng):
    a, w = base(rng, 16, (5, 300)), base(rng, 16, (4, 300))
    assert (dot.integer_dot_blas(a, w) == dot.integer_dot(a, w)).all()


@pytest.mark.parametrize("bits,flags", ((8, [4, 1, 0]), (16, [12, 9, 6, 3, 0])))
def test_planes_are_exact(rng, bits, flags):
    q = base(rng, bits, (3, 45))
    cut = planes.base_planes(q, bits, 16)
    assert planes.plane_flags(bits - 1) == flags == [int(p.flags.max()) for p in cut]
    assert all(np.abs(p.mantissas).max() <= 7 for p in cut)
    assert (sum(p.values() for p in cut) == q).all()


def test_passes_equal_the_product_of_bases(rng):
    a, w = base(rng, 16, (3, 45)), base(rng, 8, (4, 45))
    wide_a, wide_w = planes.base_planes(a, 16, 16), planes.base_planes(w, 8, 16)
    assert (len(wide_a), len(wide_w)) == (5, 3)
    assert (planes.dot_in_passes(wide_a, wide_w) == dot.integer_dot(a, w)).all()
    razored = razor.razor(w, 8, 16)
    assert (planes.dot_in_passes(wide_a, [razored]) == dot.integer_dot(a, razored.values())).all()


def test_eight_bit_codes_in_passes(rng):
    a = razor.razor(base(rng, 16, (3, 45)), 16, 16, 7)
    w = razor.razor(base(rng, 8, (4, 45)), 8, 16)
    cut = planes.razored_planes(a, 7)
    assert len(cut) == 3
    assert (planes.dot_in_passes(cut, [w]) == dot.razored_dot(a, w)).all()


def test_narrow_accumulators(rng):
    terms = dot.GroupTerms(np.array([[[7, 7, -7, -7]]]), np.array([[[4, 4, 4, 4]]]))
    # In 8 bits: 112, then 224 leaves the range. Clamped: 127, 15, -97; wrapped: -32, 112, 0.
    assert [int(x) for x in np.ravel(dot.narrow_accumulate(terms, 8, "saturate")[0])] == [-97]
    assert dot.narrow_accumulate(terms, 8, "saturate")[1] == 1
    acc, overflows = dot.narrow_accumulate(terms, 8, "wrap")
    assert acc.tolist() == [[0]] and overflows == 2
    a, w = razor.razor(base(rng, 16, (3, 90)), 16, 16), razor.razor(base(rng, 8, (3, 90)), 8, 16)
    terms = dot.group_terms(a, w)
    for mode in ("saturate", "wrap"):
        acc, overflows = dot.narrow_accumulate(terms, dot.accumulator_bits(90, 16), mode)
        assert overflows == 0 and (acc == terms.accumulators()).all()


def test_rescale_multiplies_the_scales_first():
    a, w = np.float32(0.1), np.float32(0.7)
    assert dot.rescale(12345679, a, w) == np.float32(12345679) * (a * w)
    assert dot.rescale(12345679, a, w).dtype == np.float32


@pytest.mark.parametrize("group,tokens", ((8, 21), (16, 16), (16, 15), (4, 40)))
def test_decode_equals_prefill_of_the_value_cache(rng, group, tokens):
    v = base(rng, 8, (tokens, 6))
    p = np.tril(np.abs(base(rng, 16, (tokens, tokens))))
    prefill = value_cache.probabilities_times_values(p, v, 0, group)
    cache = value_cache.DecodedValues(group)
    for token in range(tokens):
        cache.append(v[token])
        assert (cache.attend(p[token, : token + 1]) == prefill[token]).all()


def test_a_query_never_sees_flags_of_later_tokens(rng):
    v = base(rng, 8, (20, 4))
    p = np.tril(np.abs(base(rng, 16, (20, 20))))
    changed = v.copy()
    changed[13:] = 127
    before = value_cache.probabilities_times_values(p, v, 0, 8)
    after = value_cache.probabilities_times_values(p, changed, 0, 8)
    assert (before[:13] == after[:13]).all() and (before[13:] != after[13:]).any()


def test_incomplete_groups_stay_at_the_base(rng):
    v = base(rng, 8, (15, 4))
    assert (value_cache.visible_values(v, 14, 16) == v).all()
    full = np.vstack([v, v[:1]])
    assert (value_cache.visible_values(full, 15, 16) == razor.razor(full.T, 8, 16).values().T).all()
    with pytest.raises(ValueError, match="later token"):
        value_cache.probabilities_times_values(np.ones((2, 2), int), full, 0, 16)
