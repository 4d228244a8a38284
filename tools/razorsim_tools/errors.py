# SPDX-License-Identifier: Apache-2.0
"""The two kinds of fault that are not ours; each ends in one line and an exit code of its own."""


class FileProblem(ValueError):
    """A trace, model, vocabulary or result file that cannot be used: exit code 3."""


class UsageProblem(ValueError):
    """Arguments or a specification that mean nothing: exit code 2."""
