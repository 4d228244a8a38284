# SPDX-License-Identifier: Apache-2.0
"""Logic figures of one node at another: Stillmaker and Baas, Scaling equations for the accurate prediction
of CMOS device performance from 180 nm to 7 nm, Integration 58, 2017.

A fit to simulated inverters of predictive models, so a rough guide: a table made with it says so in its
name and in every result. Buffers are not scaled, they are CACTI's at the node; DRAM has no node of ours.
"""

# Energy of a transition, a V^2 + b V + c, and area relative to 45 nm, by node in nm.
ENERGY = {
    130: (7.171, -6.709, 2.904), 90: (4.762, -4.781, 2.092), 65: (3.755, -4.398, 1.975),
    45: (1.103, -0.362, 0.2767), 32: (0.9559, -0.7823, 0.471), 20: (0.373, -0.1582, 0.04104),
    16: (0.2958, -0.1241, 0.03024), 14: (0.2363, -0.09675, 0.02239), 10: (0.2068, -0.09311, 0.02375),
    7: (0.1776, -0.09097, 0.02447),
}
AREA = {130: 6.4, 90: 2.8, 65: 1.5, 45: 1.0, 32: 0.46, 20: 0.21, 16: 0.19, 14: 0.17, 10: 0.1, 7: 0.059}


def between(table: dict[int, float], node: float) -> float:
    """Linear between the nodes of the paper (22 nm lies between 20 and 32)."""
    if node in table:
        return table[node]
    nodes = sorted(table)
    if not nodes[0] <= node <= nodes[-1]:
        raise ValueError(f"{node:g} nm lies outside {nodes[0]} to {nodes[-1]} nm")
    low = max(n for n in nodes if n < node)
    high = min(n for n in nodes if n > node)
    return table[low] + (table[high] - table[low]) * (node - low) / (high - low)


def energy_factor(source: float, target: float, volts: float) -> float:
    at = {node: a * volts**2 + b * volts + c for node, (a, b, c) in ENERGY.items()}
    return between(at, target) / between(at, source)


def area_factor(source: float, target: float) -> float:
    return between(AREA, target) / between(AREA, source)
