# SPDX-License-Identifier: Apache-2.0
"""Python side of RazorSim: the independent numerical reference, vectors, reports and sweeps."""

__version__ = "0.1.0"
