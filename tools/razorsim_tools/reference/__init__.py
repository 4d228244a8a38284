# SPDX-License-Identifier: Apache-2.0
"""Independent numpy reference of every number format RazorSim simulates.

Written from the published definitions of the formats and never from the C++ sources: the two are
compared bit for bit by the tests, which proves something only while neither copies the other.
Clarity comes before speed here; each module is one topic.

    quantise        FP32 -> base integers (stage 1 of SDR) and the plain INT4/INT8/INT16 formats
    razor           base integers -> razored codes and flags (stage 2 of SDR), and back
    dot             the decompression-free dot product, exact integer products, narrow accumulators
    planes          a wide operand cut into 3-bit planes, each a razored operand of its own
    value_cache     P x V with V razored along tokens and the incomplete group at the INT8 base
    minifloat       FP16, E2M1, E4M3 and E8M0, one scalar at a time
    block_formats   MXFP4, NVFP4 and INT4 with an FP16 scale a group
"""
