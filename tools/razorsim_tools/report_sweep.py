# SPDX-License-Identifier: Apache-2.0
"""The page of a sweep: which points of a design space nothing beats, from DIR/results.csv.

Of the metrics, those a design is judged by are its goals: cycles, time, energy, power and area are
better small, SQNR and tokens a second large. A point is beaten by one that is no worse in any goal
and better in one; those that none beats are the front. The other metrics are shown, but say how a
point gets there, not how good it is.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from .errors import FileProblem
from .report_page import COLOURS, figures, grid, layout, page, paragraph, section

FILE = "sweep.json"
RESULTS = "results.csv"

# Last part of a metric's path, and whether less of it is better.
GOALS = {
    "cycles": True,
    "time_ns": True,
    "time_to_first_token_ns": True,
    "time_per_output_token_ns": True,
    "energy_pj": True,
    "energy_per_output_token_pj": True,
    "power_w": True,
    "area_um2": True,
    "perplexity": True,
    "sqnr_db": False,
    "worst_sqnr_db": False,
    "output_tokens_per_s": False,
}


@dataclass
class Sweep:
    """The columns of results.csv. Axes are text as they stood on the command line."""

    axes: list[str]
    metrics: list[str]
    rows: list[dict]

    def goals(self) -> dict[str, bool]:
        """Metrics that points are judged by and differ in, and whether less is better."""
        known = {m: GOALS.get(m.rpartition(".")[2]) for m in self.metrics}
        return {
            m: less
            for m, less in known.items()
            if less is not None
            and len({row[m] for row in self.rows}) > 1
            and all(is_number(row[m]) for row in self.rows)
        }


def short(metric: str) -> str:
    """The totals of a run are what most metrics are of."""
    return metric.removeprefix("totals.")


def is_number(text: str) -> bool:
    return not isinstance(value_of(text), str)


def load(folder: Path) -> Sweep:
    path = folder / FILE
    try:
        columns = json.loads(path.read_text(encoding="utf-8"))
        with (folder / RESULTS).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        sweep = Sweep(list(columns["axes"]), list(columns["metrics"]), rows)
        if any(row.get(column) is None for row in rows for column in sweep.axes + sweep.metrics):
            raise FileProblem(f"{folder / RESULTS}: lacks a column that {FILE} names")
        return sweep
    except OSError as error:
        raise FileProblem(f"{error.filename}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise FileProblem(f"{path}: not the columns of a sweep ({error!r})") from error


def beaten_by(rows: list[dict], goals: dict[str, bool]) -> list[int | None]:
    """Of each point, the first one of the front that beats it; None for those of the front."""
    costs = [[float(row[m]) * (1 if less else -1) for m, less in goals.items()] for row in rows]

    def beats(a: list[float], b: list[float]) -> bool:
        return a != b and all(x <= y for x, y in zip(a, b, strict=True))

    front = [i for i, mine in enumerate(costs) if not any(beats(other, mine) for other in costs)]
    return [
        None if i in front else next(j for j in front if beats(costs[j], mine))
        for i, mine in enumerate(costs)
    ]


def value_of(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def lines_of(sweep: Sweep) -> list[list]:
    """Of each point its number, from 1, its choices as they stand and its metrics."""
    return [
        [i + 1, *(row[a] for a in sweep.axes), *(value_of(row[m]) for m in sweep.metrics)]
        for i, row in enumerate(sweep.rows)
    ]


def name_of(sweep: Sweep, row: dict) -> str:
    choices = ", ".join(f"{axis} {row[axis]}" for axis in sweep.axes)
    return f"{sweep.rows.index(row) + 1}: {choices}"


def front_figure(sweep: Sweep, goals: dict[str, bool], beaten: list[int | None]) -> dict:
    """The first two goals of each point, coloured by the first axis; hollow where beaten."""
    across, up = list(goals)[:2]
    axis = sweep.axes[0] if sweep.axes else None
    values = list(dict.fromkeys(row[axis] for row in sweep.rows)) if axis else [""]
    data = []
    for index, value in enumerate(values):
        mine = [i for i, row in enumerate(sweep.rows) if axis is None or row[axis] == value]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"{axis} {value}",
                "x": [float(sweep.rows[i][across]) for i in mine],
                "y": [float(sweep.rows[i][up]) for i in mine],
                "text": [name_of(sweep, sweep.rows[i]) for i in mine],
                "marker": {
                    "size": 11,
                    "color": COLOURS[index % len(COLOURS)],
                    "symbol": ["circle" if beaten[i] is None else "circle-open" for i in mine],
                },
                "hovertemplate": "%{text}<br>%{x:.6g}<br>%{y:.6g}<extra></extra>",
            }
        )
    return {"data": data, "layout": layout("Points; hollow ones are beaten", short(across), short(up))}


def lines_figure(sweep: Sweep, goals: dict[str, bool]) -> dict:
    """A line a point through all axes and metrics; a reader brushes an axis to see who is left."""
    dimensions = []
    for column in sweep.axes + sweep.metrics:
        texts = [row[column] for row in sweep.rows]
        if column in sweep.metrics and all(is_number(t) for t in texts):
            dimensions.append({"label": short(column), "values": [float(t) for t in texts]})
            continue
        kinds = list(dict.fromkeys(texts))
        dimensions.append(
            {
                "label": short(column),
                "values": [kinds.index(t) for t in texts],
                "tickvals": list(range(len(kinds))),
                "ticktext": kinds,
            }
        )
    colour = [float(row[next(iter(goals))]) for row in sweep.rows]
    line = {"color": colour, "colorscale": "Viridis"}
    shape = layout("Each point a line through its choices and its results", "", "")
    shape["margin"] = {"t": 110, "l": 90}
    return {
        "data": [{"type": "parcoords", "dimensions": dimensions, "line": line}],
        "layout": shape,
    }


def html(folder: Path) -> str:
    sweep = load(folder)
    goals = sweep.goals()
    columns = ["point", *sweep.axes, *map(short, sweep.metrics)]
    every = lines_of(sweep)
    title = f"RazorSim: {len(sweep.rows)} points of {folder.resolve().name}"
    if len(goals) < 2:
        said = f"Fewer than two of the metrics are goals in which points differ: {', '.join(GOALS)}."
        return page(title, [paragraph(said), section("Points", grid(columns, every))])
    beaten = beaten_by(sweep.rows, goals)
    best = [line for line, by in zip(every, beaten, strict=True) if by is None]
    others = [
        [line[0], by + 1, *line[1:]]
        for line, by in zip(every, beaten, strict=True)
        if by is not None
    ]
    said = [f"{'less' if less else 'more'} {short(goal)}" for goal, less in goals.items()]
    return page(
        title,
        [
            paragraph(f"Better is {', '.join(said)}. Nothing beats {len(best)} of the points."),
            figures(
                {
                    "front": front_figure(sweep, goals, beaten),
                    "lines": lines_figure(sweep, goals),
                },
                "sweep",
            ),
            section("Beaten by none", grid(columns, best)),
            section("Beaten", grid(["point", "beaten by", *columns[1:]], others)),
        ],
    )
