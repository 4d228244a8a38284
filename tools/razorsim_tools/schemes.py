# SPDX-License-Identifier: Apache-2.0
"""Scheme names: which format each operand of the network has.

A name is an alias (sdr4 int8 int16x8 int4 mxfp4 nvfp4 fp16 fp32) or W<bits>A<bits>[KV<bits>[Q4P4]],
followed by settings after colons:

    g<n>                      group size of every razored operand (16)
    gw<n>  ga<n>              that of weights, K and V / of activations, query, softmax output
    base8                     activations (and query, softmax output) razored from base 8, not 16
    static  dynamic           when the activation scale is chosen
    half_even  truncate       rounding of the razor (half_away)
    saturate                  overflow of the razor (floor)
    head_dim                  V razored along head_dim instead of along tokens
"""

import re
from dataclasses import dataclass, replace

from .errors import UsageProblem

ALIASES = {
    "sdr4": "W4A4KV4:g16",
    "int8": "W8A8",
    "int16x8": "W8A16",
}
# Names that are no W..A.. pattern: weights and activations share one format.
SAME_FORMAT = ("int4", "mxfp4", "nvfp4", "fp16")


class SchemeError(UsageProblem):
    """A scheme name that means nothing."""


@dataclass(frozen=True)
class Format:
    """One operand. `name`: fp32, fp16, sdr, int, mxfp4, nvfp4, int_fp16 (INT4, FP16 group scale)."""

    name: str = "fp32"
    bits: int = 16  # of the base integers
    magnitude_bits: int = 3
    group: int = 16
    rounding: str = "half_away"
    overflow: str = "floor"
    dynamic: bool = False

    def rules(self) -> dict:
        """Keyword arguments of `reference.razor.razor` beyond bits and group."""
        return {
            "magnitude_bits": self.magnitude_bits,
            "rounding": self.rounding,
            "overflow": self.overflow,
        }


@dataclass(frozen=True)
class Scheme:
    name: str
    weights: Format = Format()
    activations: Format = Format()
    query: Format = Format()
    key: Format = Format()
    value: Format = Format()
    softmax: Format = Format()
    value_axis: str = "tokens"

    @property
    def quantises_attention(self) -> bool:
        """Attention stays FP32 in an evaluation unless the scheme names KV."""
        return self.key.name != "fp32"


def parse(name: str) -> Scheme:
    """The scheme a name stands for; raises SchemeError saying what is wrong."""
    head, *settings = name.split(":")
    if head in ALIASES:
        head, *defaults = ALIASES[head].split(":")
        settings = [*defaults, *settings]
    if head == "fp32":
        if settings:
            raise SchemeError(f"{name}: fp32 has no settings")
        return Scheme(name)
    if head in SAME_FORMAT:
        return _same_format(name, head, settings)
    match = re.fullmatch(r"W(4|8(?!A4))A(4|8|16)(?:KV(4|8)(Q4P4)?)?", head)
    if not match:
        raise SchemeError(f"{name}: not a scheme (W4A4:g16, W8A16, sdr4, int4:g64, mxfp4, ...)")
    weight_bits, activation_bits = int(match[1]), int(match[2])
    scheme = Scheme(
        name,
        weights=Format("sdr", bits=8) if weight_bits == 4 else Format("int", bits=8),
        activations=_activations(weight_bits, activation_bits),
    )
    if match[3]:
        cache = Format("sdr", bits=8) if match[3] == "4" else Format("int", bits=8)
        scheme = replace(scheme, key=cache, value=cache)
        if match[4]:
            query = softmax = Format("sdr", bits=16)
        elif match[1] + match[2] == "88":  # all INT8: per token, and softmax output at 1/127
            query, softmax = scheme.activations, Format("int", bits=8)
        else:
            query = softmax = Format("int", bits=16)
        scheme = replace(scheme, query=query, softmax=softmax)
    for setting in settings:
        scheme = _with_setting(scheme, setting, name)
    return scheme


def _activations(weight_bits: int, bits: int) -> Format:
    if bits == 4:
        return Format("sdr", bits=16)
    if bits == 16:
        return Format("int", bits=16)
    if weight_bits == 4:
        return Format("sdr", bits=16, magnitude_bits=7)
    return Format("int", bits=8, dynamic=True)  # per token


def _same_format(name: str, head: str, settings: list[str]) -> Scheme:
    if head != "int4":
        if settings:
            raise SchemeError(f"{name}: {head} has no settings")
        return Scheme(name, weights=Format(head), activations=Format(head, dynamic=head == "mxfp4"))
    if not settings:
        return Scheme(
            name, weights=Format("int", bits=4), activations=Format("int", 4, dynamic=True)
        )
    if len(settings) == 1 and re.fullmatch(r"g[1-9]\d*", settings[0]):
        grouped = Format("int_fp16", bits=4, group=int(settings[0][1:]))
        return Scheme(name, weights=grouped, activations=replace(grouped, dynamic=True))
    raise SchemeError(f"{name}: int4 takes a group only (int4:g64)")


def _with_setting(scheme: Scheme, setting: str, name: str) -> Scheme:
    right = ("weights", "key", "value")
    left = ("activations", "query", "softmax")

    def change(which, **values):
        formats = {o: replace(getattr(scheme, o), **values) for o in which}
        return replace(scheme, **formats)

    match = re.fullmatch(r"g([wa]?)([1-9]\d*)", setting)
    if match:
        which = {"": left + right, "w": right, "a": left}[match[1]]
        return change(which, group=int(match[2]))
    if setting == "base8":
        return change([o for o in left if getattr(scheme, o).name == "sdr"], bits=8)
    if setting in ("static", "dynamic"):
        # The query follows where it has the format of the activations.
        which = ("activations", "query") if scheme.query == scheme.activations else ("activations",)
        return change(which, dynamic=setting == "dynamic")
    if setting in ("half_even", "truncate"):
        return change(left + right, rounding=setting)
    if setting == "saturate":
        return change(left + right, overflow="saturate")
    if setting == "head_dim":
        return replace(scheme, value_axis="head_dim")
    raise SchemeError(f"{name}: unknown setting {setting!r}")
