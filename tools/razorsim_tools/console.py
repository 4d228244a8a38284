# SPDX-License-Identifier: Apache-2.0
"""What the commands share: text and ids in, whole files out, progress and lines on standard error."""

import json
import sys
from pathlib import Path

from .errors import FileProblem


def progress_bar(description: str, total: int):
    """A rich progress bar on a terminal, silent when standard error is piped."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    task = bar.add_task(description, total=total)
    return bar, lambda: bar.advance(task)


def report_line(text: str) -> None:
    """One line of ours on standard error."""
    print(f"razorsim-tools: {text}", file=sys.stderr)


def write_whole(path: Path, text: str) -> None:
    """The file appears whole or not at all."""
    temporary = path.with_name(path.name + ".partial")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def emit(text: str, out: Path | None) -> None:
    if out is None:
        print(text)
    else:
        write_whole(out, text + "\n")


def read_text(path: Path | str) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FileProblem(
            f"{path}: not UTF-8 text ({error.reason} at byte {error.start})"
        ) from error


def read_ids(path: Path | str) -> list[int]:
    """A JSON list of token ids."""
    try:
        ids = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise FileProblem(f"{path}: not JSON ({error})") from error
    if not isinstance(ids, list) or not all(type(i) is int and i >= 0 for i in ids):
        raise FileProblem(f"{path}: not a list of token ids")
    return ids
