# SPDX-License-Identifier: Apache-2.0
"""`razorsim-tools`: the command line of the Python side.

Exit codes are those of razorsim: 0 done, 2 usage, 3 a trace or model file, 1 a defect of ours.
Results go to standard output or to a named file, progress and errors to standard error.
"""

import argparse
import json
import sys
from pathlib import Path

from .console import emit, progress_bar, read_ids, read_text, report_line, write_whole
from .errors import FileProblem, UsageProblem

USAGE, BAD_FILE = 2, 3


# Each command imports what it needs, so that `tokenize` does not wait for plotly.


def run_vectors(args) -> int:
    from . import vectors

    vectors.write(args.out, args.seed)
    return 0


def run_tokenize(args) -> int:
    from . import tokens

    vocabulary = tokens.load(args.model)
    if args.decode:
        emit(vocabulary.decode(read_ids(args.text)), args.out)
        return 0
    ids = vocabulary.encode(read_text(args.text), bos=args.bos, special=args.special)
    ids = ids[: args.max_tokens]
    emit(str(len(ids)) if args.count else json.dumps(ids, separators=(",", ":")), args.out)
    return 0


def run_check_trace(args) -> int:
    from .check_trace import check

    findings = check(args.trace, args.model)
    if args.json:
        print(json.dumps(vars(findings)))
    else:
        for what, count in findings.compared.items():
            print(f"{what:13} {count:>10} compared")
        for difference in findings.differences:
            print(f"differs: {difference}")
        if "fp32" in findings.compared:
            print(
                f"FP32 tensors: off by {findings.largest_fp32_error:.1e} of their maximum at most"
            )
        print("different" if findings.differences else "integers equal in every bit")
    return BAD_FILE if findings.differences else 0


def run_diff(args) -> int:
    from .diff import diff

    found = diff(args.a, args.b)
    for each in found:
        print(each)
    return 1 if found else 0


def ids_of(model: Path, text: Path, count: int | None) -> list[int]:
    """Token ids of a text, or of a JSON file of ids when it is called *.json."""
    if text.suffix == ".json":
        ids = read_ids(text)
    else:
        from . import tokens

        ids = tokens.load(model).encode(read_text(text))
    return ids[:count]


def run_reference_eval(args) -> int:
    from . import llama_reference, schemes

    chosen = [schemes.parse(name) for name in args.schemes.split(",")]
    model = llama_reference.open_model(args.model)
    ids = ids_of(args.model, args.text, args.max_tokens)
    if len(ids) < 2:
        raise UsageProblem(f"{args.text}: {len(ids)} tokens predict nothing")
    needs = [s for s in chosen if s != schemes.Scheme(s.name)]
    if needs and args.calibration is None:
        raise UsageProblem(f"--calibration is needed for {needs[0].name}")
    passes = len(llama_reference.cut_contexts(ids, args.context)) * (1 + len(needs))
    calibration = []
    if needs:
        calibration = ids_of(args.model, args.calibration, args.calibration_tokens)
        passes += len(llama_reference.cut_contexts(calibration, args.context))
    bar, advance = progress_bar("layers", passes * model.layers)
    with bar:
        absmax = llama_reference.calibrate(model, calibration, args.context, advance)
        results = list(llama_reference.evaluate(model, ids, args.context, chosen, absmax, advance))
    if args.json:
        emit(json.dumps({"schemes": results}, indent=1), args.out)
    else:
        rows = [f"{'scheme':24} {'perplexity':>11} {'KL':>9} {'top-1':>7}"]
        rows += [
            f"{r['scheme']:24} {r['perplexity']:11.3f} {r['kl']:9.5f} {r['top1']:7.4f}"
            for r in results
        ]
        emit("\n".join(rows), args.out)
    return 0


def run_reference_logits(args) -> int:
    import numpy as np

    from . import llama_reference

    model = llama_reference.open_model(args.model)
    logits = llama_reference.logits(model, ids_of(args.model, args.text, args.max_tokens))
    temporary = args.out.with_name(args.out.name + ".partial")
    with temporary.open("wb") as file:
        np.save(file, logits)
    temporary.replace(args.out)
    return 0


def run_reference_generate(args) -> int:
    from . import llama_reference, tokens

    vocabulary = tokens.load(args.model)
    model = llama_reference.open_model(args.model, hold=True)
    ids = vocabulary.encode(args.prompt)
    made = llama_reference.greedy(model, ids, args.count, vocabulary.eos)
    print(json.dumps(made) if args.json else vocabulary.decode([*ids, *made]))
    return 0


def run_report(args) -> int:
    from . import report

    out = args.out or args.run_dir / "report.html"
    write_whole(out, report.html(args.run_dir))
    print(out)
    return 0


def run_sweep(args) -> int:
    from . import sweep

    return sweep.run(args.spec, args.out, args.shard, args.jobs, args.razorsim)


def shard(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if not (index.isdigit() and count.isdigit() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r}: write i/n with 1 <= i <= n")
    return int(index), int(count)


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive integer")
    return int(text)


def add_model(p, text_help: str | None) -> None:
    p.add_argument("--model", type=Path, required=True, help="GGUF file or Hugging Face folder")
    if text_help:
        p.add_argument("--text", type=Path, required=True, help=text_help)
    p.add_argument("--max-tokens", type=positive, help="use the first N tokens only")


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="razorsim-tools", description=__doc__.splitlines()[0])
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    p = commands.add_parser("vectors", help="write the reference's golden vectors")
    p.add_argument("--out", type=Path, required=True, help="JSON file to write")
    p.add_argument("--seed", type=int, default=1, help="random stream (default 1)")
    p.set_defaults(run=run_vectors)

    p = commands.add_parser("tokenize", help="token ids of a text, as a JSON list")
    p.add_argument(
        "--model",
        type=Path,
        required=True,
        help="GGUF file, Hugging Face folder, tokenizer.json or tokenizer.model",
    )
    p.add_argument("--text", default="-", help="file to read, - for standard input (default)")
    p.add_argument("--max-tokens", type=positive, help="the first N tokens only")
    p.add_argument("--bos", action="store_true", help="begin with the BOS token")
    p.add_argument(
        "--special", action="store_true", help="special tokens in the text count as such"
    )
    p.add_argument("--count", action="store_true", help="print how many there are instead")
    p.add_argument("--decode", action="store_true", help="the other way: from a JSON list to text")
    p.add_argument("--out", type=Path, help="file to write instead of standard output")
    p.set_defaults(run=run_tokenize)

    p = commands.add_parser("check-trace", help="recompute a trace by the reference, bit for bit")
    p.add_argument("trace", type=Path)
    p.add_argument("--model", type=Path, help="the model it was captured from: check FP32 too")
    p.add_argument("--json", action="store_true")
    p.set_defaults(run=run_check_trace)

    p = commands.add_parser(
        "diff", help="where two safetensors files or folders of them differ first, tensor by tensor"
    )
    p.add_argument("a", type=Path, help="file or folder, such as --dump-tensors of razorsim writes")
    p.add_argument("b", type=Path, help="the other; exit code 1 where they differ")
    p.set_defaults(run=run_diff)

    p = commands.add_parser("reference-eval", help="perplexity of schemes by the numpy reference")
    add_model(p, "text, or a .json file of token ids")
    p.add_argument("--calibration", type=Path, help="text or .json ids for the static scales")
    p.add_argument("--calibration-tokens", type=positive, default=2048)
    p.add_argument("--schemes", default="fp32", help="comma separated (default fp32)")
    p.add_argument("--context", type=positive, default=512, help="tokens a context (default 512)")
    p.add_argument("--json", action="store_true")
    p.add_argument("--out", type=Path, help="file to write instead of standard output")
    p.set_defaults(run=run_reference_eval)

    p = commands.add_parser("reference-logits", help="FP32 logits of one context, as .npy")
    add_model(p, "text, or a .json file of token ids")
    p.add_argument("--out", type=Path, required=True)
    p.set_defaults(run=run_reference_logits)

    p = commands.add_parser("reference-generate", help="greedy text in FP32")
    p.add_argument("--model", type=Path, required=True, help="GGUF file or Hugging Face folder")
    p.add_argument("--prompt", required=True)
    p.add_argument("--count", type=positive, default=32, help="tokens to make (default 32)")
    p.add_argument("--json", action="store_true", help="print the new ids instead of the text")
    p.set_defaults(run=run_reference_generate)

    p = commands.add_parser("report", help="self-contained HTML report of a run, a comparison or a sweep")
    p.add_argument("run_dir", type=Path, help="folder of a run, a comparison or a sweep")
    p.add_argument("--out", type=Path, help="HTML file (default RUN_DIR/report.html)")
    p.set_defaults(run=run_report)

    p = commands.add_parser("sweep", help="run a design space, resumable and cached")
    p.add_argument("spec", type=Path, help="JSON file; see razorsim_tools.sweep")
    p.add_argument("--out", type=Path, required=True, help="folder for results")
    p.add_argument("--shard", type=shard, default=(1, 1), help="i/n: this machine's share")
    p.add_argument("--jobs", type=positive, default=None, help="processes (default: processors)")
    p.add_argument("--razorsim", type=Path, default=None, help="the razorsim program")
    p.set_defaults(run=run_sweep)

    from .characterise import command

    command.add_commands(commands)
    return top


def main(argv=None) -> int:
    args = parser().parse_args(argv)
    try:
        return args.run(args)
    except FileProblem as problem:
        code, message = BAD_FILE, str(problem)
    except UsageProblem as problem:
        code, message = USAGE, str(problem)
    except BrokenPipeError:
        return 0
    except OSError as problem:
        code, message = USAGE, f"{problem.filename}: {problem.strerror}"
    except KeyboardInterrupt:
        code, message = 130, "interrupted"
    report_line(message)
    return code


if __name__ == "__main__":
    sys.exit(main())
