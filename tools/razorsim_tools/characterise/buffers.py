# SPDX-License-Identifier: Apache-2.0
"""Buffers where a cell drives more than its Liberty `max_capacitance`.

abc buffers what is between flops, not what a flop drives: a select line of a few hundred multiplexers
would take most of a period, in a table that isn't made for such a load.
"""

from .liberty import Library
from .synth import Instance, Netlist


def buffered(netlist: Netlist, library: Library, wire_pf: float = 0.0) -> Netlist:
    """`netlist` with trees of the library's smallest buffer; nets of input ports stay as they are.

    `wire_pf`: wire to each pin in pF. Throws LibertyError when a buffer is needed and there is none."""
    instances = [Instance(i.name, i.cell, dict(i.pins)) for i in netlist.instances]
    sinks: dict[str, list[tuple[Instance, str]]] = {}
    for instance in instances:
        for name, net in instance.pins.items():
            if library.cells[instance.cell].pins[name].direction == "input":
                sinks.setdefault(net, []).append((instance, name))
    added: list[Instance] = []
    for instance in instances:
        for output in library.cells[instance.cell].outputs:
            net = instance.pins.get(output.name)
            if net is not None and output.max_capacitance is not None:
                added += tree(net, sinks.get(net, []), output.max_capacitance, library, wire_pf)
    return Netlist(instances + added, netlist.inputs, netlist.outputs)


def tree(net: str, sinks: list[tuple[Instance, str]], limit_pf: float, library: Library,
         wire_pf: float) -> list[Instance]:
    """Buffers between `net` and its sinks, layer by layer until the driver's limit is met."""
    added: list[Instance] = []
    load = lambda sink: library.cells[sink[0].cell].pins[sink[1]].capacitance + wire_pf
    while sum(map(load, sinks)) > limit_pf:
        cell, pin_in, pin_out = library.buffer()
        most = cell.pins[pin_out].max_capacitance or limit_pf
        layer, held = [], 0.0
        for sink in sinks:
            if not layer or held + load(sink) > most:
                name = f"{net}_b{len(added) + len(layer)}"
                layer.append(Instance(f"buffer.{name}", cell.name, {pin_in: net, pin_out: name}))
                held = 0.0
            sink[0].pins[sink[1]] = layer[-1].pins[pin_out]
            held += load(sink)
        if len(layer) >= len(sinks):
            break  # a buffer a sink lightens nothing: pins heavier than the buffer can drive
        added += layer
        sinks = [(buffer, pin_in) for buffer in layer]
    return added
