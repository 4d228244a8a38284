# SPDX-License-Identifier: Apache-2.0
"""Energy and area of the arithmetic units: derived from published anchors, or measured on gates."""
