# SPDX-License-Identifier: Apache-2.0
"""Fits how a unit's energy depends on its operands, on some layers, and tests it on the others.

Features are what the simulator knows of an operand: zero codes and the Hamming distance between
neighbours along K, of codes as they are stored. The energy is gate level's. A control runs the same
shapes with Gaussian data, to show what one constant a product would be wrong by.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import flow, operands, power, simulate, synth, timing, units
from .operands import Rows
from .trace import evenly

FEATURES = ("constant", "toggle_activation", "toggle_weight", "zero_activation", "zero_weight")


@dataclass(frozen=True)
class Codes:
    """Signed codes of both operands as a unit sees them, and the stored bits of one."""

    activations: np.ndarray
    weights: np.ndarray
    bits_activation: int
    bits_weight: int
    sign_magnitude: bool


def codes_of(unit: units.Unit, rows: Rows) -> Codes:
    if unit.name.startswith("sdr4"):
        base = int(unit.name.split("base")[1].split("_")[0])
        magnitude = unit.parameters.get("A", 3)
        a, w = operands.razored(rows, base, unit.facts["group"], magnitude)
        return Codes(a.mantissas, w.mantissas, magnitude + 1, 4, True)
    bits_a, bits_w = unit.parameters["A"], unit.parameters["B"]
    a, w = operands.integers(rows, bits_a, bits_w)
    return Codes(a, w, bits_a, bits_w, False)


def hamming(codes: np.ndarray, bits: int, sign_magnitude: bool) -> float:
    """Mean bits that differ between neighbours along K."""
    stored = np.where(codes < 0, (1 << (bits - 1)) | -codes, codes) if sign_magnitude else codes & ((1 << bits) - 1)
    changed = stored[:, 1:] ^ stored[:, :-1]
    return sum(((changed >> b) & 1).sum() for b in range(bits)) / codes.size


def features(unit: units.Unit, rows: Rows) -> list[float]:
    c = codes_of(unit, rows)
    return [1.0, hamming(c.activations, c.bits_activation, c.sign_magnitude),
            hamming(c.weights, c.bits_weight, c.sign_magnitude),
            float((c.activations == 0).mean()), float((c.weights == 0).mean())]


@dataclass
class Bench:
    """A synthesised unit, ready for many streams."""

    unit: units.Unit
    job: flow.Job
    netlist: synth.Netlist
    timed: timing.Timing

    @classmethod
    def of(cls, unit: units.Unit, job: flow.Job) -> "Bench":
        folder = job.work / unit.name
        folder.mkdir(parents=True, exist_ok=True)
        netlist = synth.synthesise(unit.module, unit.parameters, unit.files(), job.library, job.period_ns, folder)
        return cls(unit, job, netlist, timing.analyse(netlist, job.library, flow.INPUT_SLEW_NS))

    def pj_per_mac(self, rows: Rows) -> tuple[float, float]:
        """(all, clock and leakage) of one stream; outputs are checked as always."""
        stimulus = self.unit.stimulus(rows)
        activity = simulate.simulate(self.netlist, self.job.library, self.timed, stimulus, self.job.period_ns,
                                     self.job.work / self.unit.name)
        spent = power.energy(self.netlist, self.job.library, self.timed, activity, self.job.period_ns,
                             self.netlist.inputs["clk"][0], flow.INPUT_SLEW_NS)
        return spent.total / self.unit.events, (spent.clock + spent.leakage) / self.unit.events


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


NEARLY_ZERO = ((5, 0.03), (9, 0.10))  # seed and share kept: the first is fitted, the second tested


def nearly_zero_streams() -> list[Rows]:
    return [nearly_zero(operands.reference_rows(), *each) for each in NEARLY_ZERO]


def predicted(coefficients: np.ndarray, x: np.ndarray, floor: float) -> np.ndarray:
    """The model; clock and leakage bound it from below."""
    return np.maximum(x @ coefficients, floor)


def fit(x: np.ndarray, y: np.ndarray, floor: float) -> np.ndarray:
    """Least squares of the relative error. Signs are physical (toggles cost, zeros save, the constant
    covers the clock), which keeps features that go together from cancelling each other; a little ridge."""
    low = np.array([floor, 0.0, 0.0, -np.inf, -np.inf])
    high = np.array([np.inf, np.inf, np.inf, 0.0, 0.0])
    weighted = x / y[:, None]
    matrix = weighted.T @ weighted + 1e-4 * np.diag([0.0, 1.0, 1.0, 1.0, 1.0])
    right = weighted.T @ np.ones(len(y))
    c = np.clip(np.zeros(len(low)), low, high)
    for _ in range(20000):  # coordinate descent: the problem is convex and has five unknowns
        for j in range(len(c)):
            c[j] = np.clip((right[j] - matrix[j] @ c) / matrix[j, j] + c[j], low[j], high[j])
    return c


def fit_unit(unit: units.Unit, job: flow.Job, layers: list[Rows], progress=lambda *_: None) -> dict:
    """Even layers and one nearly-zero stream are fitted, odd layers and another such stream tested.
    Coefficients are relative to the reference stimulus."""
    bench = Bench.of(unit, job)
    reference, clock = bench.pj_per_mac(operands.reference_rows())

    def measure(rows: Rows) -> float:
        return bench.pj_per_mac(rows)[0] / reference

    measured = []
    for i, rows in enumerate(layers):
        measured.append(measure(rows))
        progress(unit.name, i + 1, len(layers))
    control = [measure(gaussian_like(rows, i)) for i, rows in enumerate(layers[:2])]
    sparse = [(features(unit, rows), measure(rows)) for rows in nearly_zero_streams()]
    return {"unit": unit.name} | fitted(
        np.array([features(unit, rows) for rows in layers]), np.array(measured), [rows.name for rows in layers],
        sparse, control, clock / reference)


def fitted(x: np.ndarray, y: np.ndarray, names: list[str], sparse: list, control: list[float], floor: float) -> dict:
    """The fit and its errors, from features and energies of layers and of nearly-zero streams."""
    train, test = slice(0, None, 2), slice(1, None, 2)
    coefficients = fit(np.vstack([x[train], sparse[0][0]]), np.append(y[train], sparse[0][1]), floor)
    model = predicted(coefficients, x, floor)
    error = model / y - 1
    constant = y[train].mean() / y - 1
    zeros = predicted(coefficients, np.array([each[0] for each in sparse]), floor)
    return {
        **{name: round(float(c), 6) for name, c in zip(FEATURES, coefficients)},
        "floor": round(floor, 6),
        "largest_error": round(float(np.abs(error[test]).max()), 4),
        "total_error": round(float(model[test].sum() / y[test].sum() - 1), 4),
        "largest_error_of_a_constant": round(float(np.abs(constant[test]).max()), 4),
        "gaussian_control": round(float(np.mean(control)), 4),
        "nearly_zero": [{"zero_activations": round(each[0][3], 4), "measured": round(float(each[1]), 4),
                         "predicted": round(float(p), 4), "tested": bool(i)}
                        for i, (each, p) in enumerate(zip(sparse, zeros))],
        "layers": [{"name": name, "measured": round(float(m), 4), "predicted": round(float(p), 4),
                    "tested": bool(i % 2)} for i, (name, m, p) in enumerate(zip(names, y, model))],
    }


def shorter(rows: Rows) -> Rows:
    """As many columns as the widest unit's lanes divide, so that no group is cut."""
    length = rows.activations.shape[1] // 32 * 32
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
            # As many rows as a dot-16 run takes, so that the features are those of what was measured.
            count = max(1, min(operands.ROWS, units.CYCLES * 16 // a.shape[1]))
            rows = Rows(f"layers.{index}.{name}", a[evenly(len(a), count)], w[evenly(len(w), count)],
                        float(np.abs(a).max()))
            found.append(shorter(rows))
    return found


def run(liberty: Path, out: Path, model: Path, ids: list[int], names: list[str], every: int,
        work: Path | None = None) -> dict:
    """Fits `names` and writes `out`. Throws as characterise does."""
    library = flow.load(liberty)
    layers = layers_of_model(model, ids, every)
    folder = work or out.with_name(out.name + ".work")
    job = flow.Job(library, "", operands.reference_rows(), 10.0, 0.0, folder)
    known = units.all_units()
    fits = [fit_unit(known[name], job, layers, flow.show_step) for name in names]
    digest = lambda path: hashlib.sha256(Path(path).read_bytes()).hexdigest()
    result = {"schema_version": flow.SCHEMA_VERSION, "library": library.name, "library_sha256": digest(liberty),
              "model": model.name, "model_sha256": digest(model), "tokens": len(ids), "tools": synth.versions(),
              "fits": fits}
    part = out.with_name(out.name + ".part")
    part.write_text(json.dumps(result, indent=1) + "\n")
    part.replace(out)
    return result
