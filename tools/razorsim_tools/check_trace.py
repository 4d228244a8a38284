# SPDX-License-Identifier: Apache-2.0
"""Checks a trace file against the reference, bit for bit, without the program that made it.

The file is an uncompressed safetensors file (see docs/trace-format.md). Checked, for what it holds:

    hashes       of every tensor, and of the header with its own field blanked
    scales       of weights: one a row from the row's absolute maximum, or where the trace says that
                 they were searched, a candidate of the search that no other beats; of activations:
                 from the static maximum stored beside them
    base         base integers from the FP32 numbers (weights: from the checkpoint's own encoding)
                 and the scales
    codes, flags razored from the base integers along the dimension their product reduces
    products     accumulators of every linear operation by the decompression-free dot over the
                 codes and flags of the file, against the integer product of razored base integers

With the model at hand, the FP32 tensors too: against the numpy LLaMA on the trace's own tokens.
There a tolerance is right, because the two add in different orders.
"""

import hashlib
import json
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .diff import first_difference
from .errors import FileProblem
from .reference import dot, quantise, razor, row_scales

GROUP = 16  # of the razored codes a trace holds
# Largest |difference| of an FP32 tensor, as a share of its absolute maximum.
FP32_TOLERANCE = 1e-4
DTYPES = {"F32": "<f4", "I8": "i1", "I16": "<i2", "U8": "u1"}


class TraceError(FileProblem):
    """A file that is no trace, or a corrupt one."""


@dataclass
class Findings:
    """How many elements were compared, and what differed (first element of each tensor)."""

    compared: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    largest_fp32_error: float = 0.0  # share of a tensor's absolute maximum

    def compare(self, what: str, name: str, expected, found) -> None:
        expected, found = np.asarray(expected), np.asarray(found)
        self.compared[what] = self.compared.get(what, 0) + found.size
        what = first_difference(found, expected.astype(found.dtype))
        if what:
            self.differences.append(f"{name}, in the file and by the reference: {what}")


class TraceFile:
    """Metadata and tensors of a trace; every hash is verified on opening."""

    def __init__(self, path: Path):
        try:
            data = path.read_bytes()
            (length,) = struct.unpack_from("<Q", data)
            if length > len(data) - 8:
                raise TraceError(f"{path}: truncated")
            text = data[8 : 8 + length]
            header = json.loads(text)
            self.metadata = header.pop("__metadata__")
            body = memoryview(data)[8 + length :]
            self.tensors = {n: self.tensor_of(t, body) for n, t in header.items()}
            self.verify(text, {n: body[slice(*t["data_offsets"])] for n, t in header.items()})
            self.operations = json.loads(self.metadata["operations"])
            self.encodings = json.loads(self.metadata["encodings"])
        except TraceError:
            raise
        except OSError as error:
            raise TraceError(f"{path}: {error.strerror}") from error
        except (struct.error, KeyError, TypeError, AttributeError, ValueError) as error:
            raise TraceError(f"{path}: not a trace file ({error})") from error

    @staticmethod
    def tensor_of(entry, body) -> np.ndarray:
        raw = body[slice(*entry["data_offsets"])]
        return np.frombuffer(raw, dtype=DTYPES[entry["dtype"]]).reshape(entry["shape"])

    def verify(self, text: bytes, parts) -> None:
        own = self.metadata["header_sha256"]
        # Spaces pad the header to its alignment and are part of what is hashed.
        blanked = text.replace(own.encode(), b"0" * 64, 1)
        if hashlib.sha256(blanked).hexdigest() != own:
            raise TraceError("corrupt: the header does not match its hash")
        hashes = json.loads(self.metadata["tensor_sha256"])
        if set(hashes) != set(parts):
            raise TraceError("corrupt: hashes and tensors do not name the same")
        for name, part in parts.items():
            if hashlib.sha256(part).hexdigest() != hashes[name]:
                raise TraceError(f"corrupt: tensor {name} does not match its hash")

    def has(self, *names: str) -> bool:
        return all(name in self.tensors for name in names)


def unpack_codes(packed, length: int) -> np.ndarray:
    """Signed codes [rows, length] from two 4-bit two's complement codes a byte, low half first."""
    nibbles = np.stack([packed & 15, packed >> 4], axis=-1).reshape(packed.shape[0], -1)
    return (nibbles[:, :length].astype(np.int64) ^ 8) - 8


def razored_in_file(trace: TraceFile, name: str, length: int) -> razor.Razored:
    """Codes and flags of a tensor as the file has them, rows along the reduction of `length`."""
    codes = unpack_codes(trace.tensors[f"{name}.sdr4.codes"], length)
    return razor.Razored(codes, trace.tensors[f"{name}.sdr4.flags"].astype(np.int64), GROUP)


def real_numbers(trace: TraceFile, name: str) -> np.ndarray | None:
    """FP32 numbers of an edge, or of a weight from the checkpoint's bytes; None without either."""
    if trace.has(name):
        return trace.tensors[name]
    if not trace.has(f"{name}.source"):
        return None
    import gguf

    source = np.ascontiguousarray(trace.tensors[f"{name}.source"])
    kind = gguf.GGMLQuantizationType[trace.encodings[name]]
    return gguf.quants.dequantize(source, kind).astype(np.float32)


def row_scale_of(trace: TraceFile, key: str, real: np.ndarray, bits: int) -> np.ndarray:
    """What the scales of a weight's rows must be. Of a searched one the file's own, where it is a
    candidate that none beats by more than the order of a float64 sum can."""
    scheme = json.loads(trace.metadata.get("scheme", "{}"))
    provenance = json.loads(trace.metadata.get("provenance", "{}"))
    if not provenance.get("calibration", "").endswith("row scales searched"):
        return quantise.scale_per_row(real, bits)
    best = row_scales.search(real, bits, scheme["weights"])
    found = trace.tensors[f"{key}.scale"]
    if found.shape != best.shape or not (np.isfinite(found) & (found > 0)).all():
        return best
    is_candidate = (row_scales.candidates(real, bits) == found).any(axis=0)
    errors = [row_scales.squared_error(real, s, bits, scheme["weights"]) for s in (found, best)]
    return np.where(is_candidate & (errors[0] <= errors[1] * (1 + 1e-9)), found, best)


def check_integers(trace: TraceFile, name: str, findings: Findings) -> None:
    """Scales and base integers of one tensor."""
    real = real_numbers(trace, name)
    for bits in (8, 16):
        key = f"{name}.base{bits}"
        if not trace.has(key) or real is None:
            continue
        if trace.has(f"{name}.absmax"):
            scale = quantise.scale_of_absmax(trace.tensors[f"{name}.absmax"], bits)
            column = scale
        else:
            scale = row_scale_of(trace, key, real, bits)
            column = scale[:, None]
        findings.compare("scales", f"{key}.scale", scale, trace.tensors[f"{key}.scale"])
        findings.compare("base", key, quantise.quantise(real, column, bits), trace.tensors[key])


def reductions(trace: TraceFile) -> dict[str, tuple[int, bool]]:
    """Length of the reduction of each operand of a product, and whether it runs down its columns
    (V, which P x V reduces over tokens)."""
    found = {}
    for op in trace.operations:
        if op["kind"] == "linear":
            found[op["inputs"][0]] = found[op["weight"]] = (op["k"], False)
        elif op["kind"] in ("scores", "context"):
            found[op["inputs"][0]] = (op["k"], False)
            value = op["kind"] == "context"
            found[op["inputs"][1]] = (op["m"] if value else op["k"], value)
    return found


def base_rows(trace: TraceFile, name: str, length: int, down: bool):
    """Base integers of a tensor as rows along its reduction, and their bits."""
    bits = 16 if trace.has(f"{name}.base16") else 8
    base = trace.tensors[f"{name}.base{bits}"]
    return (base.T if down else base.reshape(-1, length)), bits


def check_codes(trace: TraceFile, name: str, length: int, down: bool, findings: Findings) -> None:
    rows, bits = base_rows(trace, name, length, down)
    expected = razor.razor(rows, bits, GROUP)
    found = razored_in_file(trace, name, length)
    findings.compare("codes", f"{name}.sdr4.codes", expected.mantissas, found.mantissas)
    findings.compare("flags", f"{name}.sdr4.flags", expected.flags, found.flags)


def check_products(trace: TraceFile, findings: Findings) -> None:
    for op in trace.operations:
        if op["kind"] != "linear":
            continue
        operands = [op["inputs"][0], op["weight"]]
        if not trace.has(*(f"{n}.sdr4.{part}" for n in operands for part in ("codes", "flags"))):
            continue
        a, w = (razored_in_file(trace, n, op["k"]) for n in operands)
        rows = [base_rows(trace, n, op["k"], False) for n in operands]
        values = [razor.razor(q, bits, GROUP).values() for q, bits in rows]
        findings.compare(
            "accumulators", op["name"], dot.integer_dot_blas(*values), dot.razored_dot(a, w)
        )


def check_reference(trace: TraceFile, model_path: Path, findings: Findings, progress=None) -> None:
    """FP32 edges of the decoder layers against `llama_reference`."""
    from . import llama_reference

    model = llama_reference.open_model(model_path)
    tokens = np.array(json.loads(trace.metadata["tokens"]), dtype=np.int64)
    taps = llama_reference.Recorder()
    layers = max((op["layer"] for op in trace.operations), default=-1) + 1
    llama_reference.run_layers(model, tokens[None], taps, layers=layers, progress=progress)
    for name, expected in taps.edges.items():
        if not trace.has(name):
            continue
        found = trace.tensors[name]
        findings.compared["fp32"] = findings.compared.get("fp32", 0) + found.size
        error = float(np.abs(found - expected.reshape(found.shape)).max() / np.abs(expected).max())
        findings.largest_fp32_error = max(findings.largest_fp32_error, error)
        if not error <= FP32_TOLERANCE:
            findings.differences.append(f"{name}: off by {error:.2g} of its absolute maximum")


def check(path: Path, model: Path | None = None, progress=None) -> Findings:
    """All checks over one file; TraceError when it is no intact trace."""
    trace, findings = TraceFile(path), Findings()
    try:
        bases = {n.rpartition(".")[0] for n in trace.tensors if re.search(r"\.base(8|16)$", n)}
        for name in sorted(bases):
            check_integers(trace, name, findings)
        for name, (length, down) in sorted(reductions(trace).items()):
            if trace.has(f"{name}.sdr4.codes", f"{name}.sdr4.flags"):
                check_codes(trace, name, length, down, findings)
        check_products(trace, findings)
    except (KeyError, TypeError, ValueError) as error:
        raise TraceError(
            f"{path}: operations and tensors contradict each other ({error})"
        ) from error
    if model is not None:
        check_reference(trace, model, findings, progress)
    return findings
