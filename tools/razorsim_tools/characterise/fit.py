# SPDX-License-Identifier: Apache-2.0
"""Fits how a unit's energy depends on its operands, on some layers, and tests it on the others.

Features are what the simulator knows of an operand: zero codes and the Hamming distance between
neighbours along K, of codes as they are stored, and how often zeros leave a beat of a dot unit
anything to do. The energy is gate level's. Beside the layers run streams made for what layers leave
out: nearly all zero; Gaussian, which has no outliers and so few zeros, and shows what one constant a
product would be wrong by; and an operand that stays, as it does in other dataflows.
"""

import hashlib
import json
import multiprocessing
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import floating, flow, operands, power, simulate, synth, timing, units
from .operands import Rows
from .trace import evenly

# One of each arithmetic; dot units of other lanes are priced by the dot-16 unit's fit.
UNITS = ("fp16_dot16", "int4_group_dot16", "int16x8_dot16", "nvfp4_dot16", "mxfp4_dot16", "int8_dot16",
         "sdr4a8_base16_dot16", "sdr4_base16_dot16", "sdr4_base8_dot16", "int4_dot16", "sdr4_base16_lean",
         "sdr4_base16_full", "sdr4_base8_lean", "sdr4_base8_full", "int16x8_pe", "int8_pe", "int4_pe")
FEATURES = ("constant", "toggle_activation", "toggle_weight", "zero_activation", "zero_weight", "any_activation")


@dataclass(frozen=True)
class Codes:
    """Codes of both operands as memory holds them, unsigned bit patterns, and where they are zero."""

    activations: np.ndarray
    weights: np.ndarray
    zero_activations: np.ndarray
    zero_weights: np.ndarray


def patterns(codes: np.ndarray, bits: int, sign_magnitude: bool) -> np.ndarray:
    codes = np.asarray(codes, dtype=np.int64)
    return np.where(codes < 0, (1 << (bits - 1)) | -codes, codes) if sign_magnitude else codes & ((1 << bits) - 1)


def integer_codes(a: np.ndarray, w: np.ndarray, bits_a: int, bits_w: int, sign_magnitude: bool) -> Codes:
    return Codes(patterns(a, bits_a, sign_magnitude), patterns(w, bits_w, sign_magnitude), a == 0, w == 0)


def codes_of(unit: units.Unit, rows: Rows) -> Codes:
    if unit.name.startswith("sdr4"):
        base = int(unit.name.split("base")[1].split("_")[0])
        magnitude = unit.parameters.get("A", 3)
        a, w = operands.razored(rows, base, unit.facts["group"], magnitude)
        return integer_codes(a.mantissas, w.mantissas, magnitude + 1, 4, True)
    if unit.module == "fp16_dot":
        a, w = floating.fp16_codes(rows)
        return Codes(a, w, a & 0x7FFF == 0, w & 0x7FFF == 0)
    if unit.module in ("fp4_dot", "int4_group_dot"):
        name = unit.name.rpartition("_")[0]
        a, w = floating.block_operands(name, rows, unit.facts["group"])
        if name == "int4_group":
            return integer_codes(a.codes, w.codes, 4, 4, False)
        return Codes(patterns(a.codes, 4, False), patterns(w.codes, 4, False), a.codes & 7 == 0, w.codes & 7 == 0)
    bits_a, bits_w = unit.parameters["A"], unit.parameters["B"]
    a, w = operands.integers(rows, bits_a, bits_w)
    return integer_codes(a, w, bits_a, bits_w, False)


def hamming(stored: np.ndarray) -> float:
    """Mean bits that differ between neighbours along K, a code."""
    changed = stored[:, 1:] ^ stored[:, :-1]
    return sum(int((changed >> b & 1).sum()) for b in range(16)) / stored.size


def features(unit: units.Unit, rows: Rows) -> list[float]:
    c = codes_of(unit, rows)
    zeros = float(c.zero_activations.mean())
    return [1.0, hamming(c.activations), hamming(c.weights), zeros, float(c.zero_weights.mean()),
            any_share(zeros, unit.facts["lanes"])]


def any_share(zeros: float, lanes: int) -> float:
    """Share of beats in which not all activations are zero, were zeros independent: what the simulator can
    tell from their share. Of one lane it is what `zero_activation` says, so no feature."""
    return 0.0 if lanes == 1 else 1 - zeros ** lanes


def walked(unit: units.Unit, rows: Rows) -> Rows:
    """As many rows as the unit's stream goes through, so that the features are those of what is measured."""
    lanes = unit.facts["lanes"]
    cycles = units.SCALAR_CYCLES if lanes == 1 else floating.FP16_CYCLES if unit.module == "fp16_dot" else units.CYCLES
    count = max(1, min(len(rows.activations), cycles * lanes // rows.activations.shape[1]))
    return Rows(rows.name, rows.activations[:count], rows.weights[:count], rows.absmax)


@dataclass
class Bench:
    """A synthesised unit, ready for many streams. What was measured stays in the job's folder."""

    unit: units.Unit
    job: flow.Job
    netlist: synth.Netlist
    timed: timing.Timing

    @classmethod
    def of(cls, unit: units.Unit, job: flow.Job) -> "Bench":
        folder = job.work / unit.name
        folder.mkdir(parents=True, exist_ok=True)
        netlist = flow.netlist_of(unit, job, folder)
        return cls(unit, job, netlist, timing.analyse(netlist, job.library, flow.INPUT_SLEW_NS))

    def pj_per_event(self, rows: Rows) -> tuple[float, float]:
        """(all, clock and leakage) of one stream; outputs are checked as always."""
        kept = self.job.work / self.unit.name / f"energy-{self.job.on(rows).key(self.unit)}.json"
        if kept.exists():
            return tuple(json.loads(kept.read_text()))
        stimulus = self.unit.stimulus(rows)
        activity = simulate.simulate(self.netlist, self.job.library, self.timed, stimulus, self.job.period_ns,
                                     self.job.work / self.unit.name)
        spent = power.energy(self.netlist, self.job.library, self.timed, activity, self.job.period_ns,
                             self.netlist.inputs["clk"][0], flow.INPUT_SLEW_NS)
        both = spent.total / self.unit.events, (spent.clock + spent.leakage) / self.unit.events
        kept.write_text(json.dumps(both))
        return both


class Whole:
    """A unit with its share of what it needs: a lean element adds to a column's foot once a group."""

    def __init__(self, unit: units.Unit, job: flow.Job):
        self.unit, self.own, self.column = unit, Bench.of(unit, job), None
        if unit.module == "sdr_lean":
            self.column = Bench.of(units.all_units()[unit.name.replace("lean", "column")], job)

    def pj_per_mac(self, rows: Rows) -> tuple[float, float]:
        total, clock = self.own.pj_per_event(walked(self.unit, rows))
        if self.column:
            foot = self.column.pj_per_event(rows)
            total, clock = (x + y / self.unit.facts["group"] for x, y in zip((total, clock), foot))
        return total, clock


def gaussian_like(rows: Rows, seed: int) -> Rows:
    """The control: the same shapes, Gaussian."""
    stream = np.random.RandomState(seed)
    return Rows(f"gaussian {seed}", stream.standard_normal(rows.activations.shape).astype(np.float32),
                stream.standard_normal(rows.weights.shape).astype(np.float32))


def nearly_zero(rows: Rows, seed: int, share: float) -> Rows:
    """Gaussian weights, activations of which all but `share` are zero: where fits to layers break."""
    like = gaussian_like(rows, seed)
    kept = np.random.RandomState(seed + 1).random_sample(like.activations.shape) < share
    return Rows("nearly zero", np.where(kept, like.activations, np.float32(0)), like.weights)


NEARLY_ZERO = ((7, 0.01), (9, 0.10), (5, 0.03))  # seed and share kept


def nearly_zero_streams() -> list[Rows]:
    return [nearly_zero(operands.reference_rows(), *each) for each in NEARLY_ZERO]


def held(rows: Rows, operand: str, lanes: int) -> Rows:
    """The first beat of a row's `operand` in every beat of the row: what a unit's multipliers keep. All
    groups of a row are then alike, so their codes stay too."""

    def kept(values: np.ndarray) -> np.ndarray:
        return np.tile(values[:, :lanes], (1, values.shape[1] // lanes))

    if operand == "weight":
        return Rows("held", rows.activations, kept(rows.weights), rows.absmax)
    return Rows("held", kept(rows.activations), rows.weights, rows.absmax)


@dataclass(frozen=True)
class Stream:
    """Made operands, what is known of them, and their energy relative to the reference's."""

    about: dict
    features: list[float]
    measured: float
    tested: bool


def predicted(coefficients: np.ndarray, x: np.ndarray, floor: float) -> np.ndarray:
    """The model; clock and leakage bound it from below."""
    return np.maximum(x @ coefficients, floor)


def fit(x: np.ndarray, y: np.ndarray, floor: float) -> np.ndarray:
    """Least squares of the relative error. Signs are physical (toggles and beats at work cost, zeros save, the
    constant covers the clock), which keeps features that go together from cancelling each other; a little ridge."""
    low = np.array([floor, 0.0, 0.0, -np.inf, -np.inf, 0.0])
    high = np.array([np.inf, np.inf, np.inf, 0.0, 0.0, np.inf])
    weighted = x / y[:, None]
    matrix = weighted.T @ weighted + 1e-4 * np.diag([0.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    right = weighted.T @ np.ones(len(y))
    c = np.clip(np.zeros(len(low)), low, high)
    for _ in range(20000):  # coordinate descent: the problem is convex and has six unknowns
        for j in range(len(c)):
            c[j] = np.clip((right[j] - matrix[j] @ c) / matrix[j, j] + c[j], low[j], high[j])
    return c


def fit_unit(unit: units.Unit, job: flow.Job, layers: list[Rows], progress=lambda *_: None) -> dict:
    """Even layers are fitted, odd ones tested; of each kind of made stream some are fitted and some tested.
    Coefficients are relative to the reference stimulus."""
    whole = Whole(unit, job)
    reference, clock = whole.pj_per_mac(operands.reference_rows())

    def measure(rows: Rows) -> float:
        return whole.pj_per_mac(rows)[0] / reference

    def stream(rows: Rows, tested: bool) -> Stream:
        known = features(unit, walked(unit, rows))
        return Stream({"zero_activations": round(known[3], 4)}, known, measure(rows), tested)

    def held_stream(rows: Rows, operand: str, tested: bool) -> Stream:
        still = held(rows, operand, unit.facts["lanes"])
        known = features(unit, walked(unit, still))
        known[FEATURES.index("toggle_" + operand)] = 0.0  # at its multiplier, which is what the simulator counts
        return Stream({"name": rows.name, "held": operand}, known, measure(still), tested)

    measured = []
    for i, rows in enumerate(layers):
        measured.append(measure(rows))
        progress(unit.name, i + 1, len(layers))
    made = {
        "nearly_zero": [stream(rows, i == 2) for i, rows in enumerate(nearly_zero_streams())],
        "gaussian": [stream(gaussian_like(rows, i), i == 1) for i, rows in enumerate(layers[:2])],
        "held": [],
    }
    if unit.facts["lanes"] > 1:  # an element would keep one number, and razor a group of it to its largest code
        for some, tested in ((layers[0::2][:2], False), (layers[1::2][-2:], True)):
            made["held"] += [held_stream(rows, operand, tested) for rows in some for operand in ("weight", "activation")]
    return {"unit": unit.name} | fitted(
        np.array([features(unit, walked(unit, rows)) for rows in layers]), np.array(measured),
        [rows.name for rows in layers], made, clock / reference)


def fitted(x: np.ndarray, y: np.ndarray, names: list[str], made: dict[str, list[Stream]], floor: float) -> dict:
    """The fit and its errors, from features and energies of layers and of made streams by kind."""
    train, test = slice(0, None, 2), slice(1, None, 2)
    too = [each for streams in made.values() for each in streams if not each.tested]
    coefficients = fit(np.vstack([x[train], *(each.features for each in too)]),
                       np.append(y[train], [each.measured for each in too]), floor)

    def compared(each: Stream) -> dict:
        model = predicted(coefficients, np.array(each.features), floor)
        return each.about | {"measured": round(float(each.measured), 4), "predicted": round(float(model), 4),
                             "tested": each.tested}

    model = predicted(coefficients, x, floor)
    error = model / y - 1
    constant = y[train].mean() / y - 1
    return {
        **{name: round(float(c), 6) for name, c in zip(FEATURES, coefficients)},
        "floor": round(floor, 6),
        "largest_error": round(float(np.abs(error[test]).max()), 4),
        "total_error": round(float(model[test].sum() / y[test].sum() - 1), 4),
        "largest_error_of_a_constant": round(float(np.abs(constant[test]).max()), 4),
        "gaussian_control": round(float(np.mean([each.measured for each in made["gaussian"]])), 4),
        **{kind: [compared(each) for each in streams] for kind, streams in made.items()},
        "layers": [{"name": name, "measured": round(float(m), 4), "predicted": round(float(p), 4),
                    "tested": bool(i % 2)} for i, (name, m, p) in enumerate(zip(names, y, model))],
    }


def shorter(rows: Rows) -> Rows:
    """As many columns as the longest group and the widest unit's lanes divide, so that no group is cut."""
    length = rows.activations.shape[1] // 64 * 64
    return Rows(rows.name, rows.activations[:, :length], rows.weights[:, :length], rows.absmax)


def layers_of_model(model_path: Path, ids: list[int], every: int) -> list[Rows]:
    """Linear operations of a GGUF model on a text, every `every`-th layer in turn."""
    from .. import llama_reference as reference

    model = reference.GgufModel(model_path)
    recorder = reference.Recorder()
    reference.run_layers(model, np.asarray(ids)[None], recorder)
    found = []
    names = list(reference.INPUT_OF)
    for index in range(model.layers):
        weights = model.layer(index)
        for n, name in enumerate(names):
            if (index * len(names) + n) % every:
                continue
            edge = f"layers.{index}.{recorder.NAMES[reference.INPUT_OF[name]]}"
            a, w = recorder.edges[edge], weights[name]
            # As many rows as a dot-16 run takes, evenly spread.
            count = max(1, min(operands.ROWS, units.CYCLES * 16 // a.shape[1]))
            rows = Rows(f"layers.{index}.{name}", a[evenly(len(a), count)], w[evenly(len(w), count)],
                        float(np.abs(a).max()))
            found.append(shorter(rows))
    return found


WORKERS: tuple = ()  # job and layers, inherited by the workers, which are forked


def work_on(name: str) -> dict:
    job, layers = WORKERS
    return fit_unit(units.all_units()[name], job, layers, flow.show_step)


def run(liberty: Path, out: Path, model: Path, ids: list[int], names: list[str], every: int,
        jobs: int = 2, work: Path | None = None) -> dict:
    """Fits `names` and writes `out`; an interrupted run goes on where it stopped. Throws as characterise does."""
    global WORKERS
    library = flow.load(liberty)
    folder = work or out.with_name(out.name + ".work")
    digest = lambda path: hashlib.sha256(Path(path).read_bytes()).hexdigest()
    job = flow.Job(library, digest(liberty), operands.reference_rows(), 10.0, 0.0, folder)
    WORKERS = (job, layers_of_model(model, ids, every))
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        fits = list(pool.map(work_on, names))
    result = {"schema_version": flow.SCHEMA_VERSION, "library": library.name, "library_sha256": digest(liberty),
              "model": model.name, "model_sha256": digest(model), "tokens": len(ids), "tools": synth.versions(),
              "fits": fits}
    part = out.with_name(out.name + ".part")
    part.write_text(json.dumps(result, indent=1) + "\n")
    part.replace(out)
    if work is None:
        shutil.rmtree(folder, ignore_errors=True)
    return result
