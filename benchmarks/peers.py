"""One user's query among many users: Remanence and the alternatives, side by side, in JSON.

    python benchmarks/peers.py > peers.json              # every peer, each in a process of its own
    python benchmarks/peers.py --peer chromadb-filter    # one of them

100 users with 1,000 memories each, so 100,000 in all; a query concerns one user. Every system gets the
same texts and, from `remanence.embed.static`, the same vectors, and must return the ten best texts. The
peers are set up at their best (a collection or an index per user, where that is possible) and once the
way tutorials do it (everything together, filtered). What is measured, and why, is in README.md.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from peer_systems import PEERS, Peer

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data"
K = 10
PACE_S = 0.020  # a conversation: other work has had the caches in between
WARM_UP = 20


def make(users: int, memories: int, folder: Path) -> None:
    """Write texts, vectors and queries: each user gets questions, their answers and random sentences."""
    from remanence.embed.static import StaticEmbedder

    rng = random.Random(11)
    pairs = [json.loads(line) for line in (DATA / "train/pairs.jsonl").open(encoding="utf-8")]
    questions = [(p["a"], p["b"]) for p in pairs if p["kind"] == "qa" and p["src"] == "friendsq"]
    rng.shuffle(questions)
    noise = [line for line in (DATA / "train/sentences.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
    texts: list[list[str]] = []
    queries: list[tuple[int, str, int]] = []
    for user in range(users):
        asked = questions[user::users][: memories // 2]
        held = list(dict.fromkeys(answer for _, answer in asked))
        held += rng.sample([line for line in rng.sample(noise, 3 * memories) if line not in held], memories - len(held))
        rng.shuffle(held)
        row = {text: i for i, text in enumerate(held)}
        texts.append(held)
        queries += [(user, question, row[answer]) for question, answer in asked]
    rng.shuffle(queries)
    embedder = StaticEmbedder()
    vectors = np.stack([embedder.embed_batch(held) for held in texts])
    np.save(folder / "vectors.npy", vectors)
    np.save(folder / "queries.npy", np.stack([embedder.embed(q) for _, q, _ in queries]))
    (folder / "texts.json").write_text(json.dumps({"texts": texts, "queries": queries}))


def anonymous_bytes() -> int:
    """Return the resident bytes of this process that no file backs (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    return 0


def percentiles(micros: list[float]) -> dict[str, float]:
    return {
        "p50_us": round(float(np.percentile(micros, 50)), 1),
        "p99_us": round(float(np.percentile(micros, 99)), 1),
        "n": len(micros),
    }


def measure(name: str, folder: Path, n: int, seconds: float) -> dict[str, object]:
    """Fill one system and time it; this process holds nothing else."""
    from remanence.embed.static import StaticEmbedder

    held = json.loads((folder / "texts.json").read_text())
    texts: list[list[str]] = held["texts"]
    queries: list[tuple[int, str, int]] = held["queries"]
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    asked = np.load(folder / "queries.npy")
    embed = StaticEmbedder().embed
    for _, question, _ in queries:
        embed(question)

    before = anonymous_bytes()
    started = time.perf_counter()
    peer: Peer = PEERS[name](str(folder / f"store-{name}"), vectors.shape[-1], len(texts))
    for user, rows in enumerate(texts):
        peer.fill(user, rows, np.array(vectors[user]))
    peer.ready()
    filled = time.perf_counter() - started
    report: dict[str, object] = {
        "fill_us_per_memory": round(filled / sum(map(len, texts)) * 1e6, 1),
        "resident_mb": round((anonymous_bytes() - before) / 2**20, 1),
        "disk_mb": round(_size(folder / f"store-{name}") / 2**20, 1),
    }

    def given(i: int) -> list[str]:
        return peer.search(queries[i][0], asked[i], queries[i][1], K)

    def embedding(i: int) -> list[str]:
        user, question, _ = queries[i]
        return peer.search(user, embed(question), question, K)

    def one_user(i: int) -> list[str]:
        return peer.search(len(texts) // 2, asked[i], queries[i][1], K)

    once = embedding if peer.embeds else given
    spans = [("tight", once, 0.0), ("paced", once, PACE_S), ("tight_one_user", one_user, 0.0)]
    if not peer.embeds:
        spans += [("tight_with_embedding", embedding, 0.0), ("paced_with_embedding", embedding, PACE_S)]
    for label, call, pace in spans:
        report[label] = percentiles(_times(call, n, seconds, pace))
    if peer.embeds:  # the whole call is all there is: embedding cannot be taken out of it
        report["tight_with_embedding"], report["paced_with_embedding"] = report["tight"], report["paced"]

    found, judged, deadline = 0, 0, time.perf_counter() + 2 * seconds
    for i, (user, _, row) in enumerate(queries):
        found += texts[user][row] in once(i)
        judged += 1
        if time.perf_counter() > deadline:
            break
    report["recall_at_10"] = round(found / judged, 4)
    report["recall_n"] = judged

    adds: list[float] = []
    extra = np.asarray(asked[:200])
    deadline = time.perf_counter() + seconds
    for i, vector in enumerate(extra):
        start = time.perf_counter_ns()
        peer.add(i % len(texts), f"{queries[i][1]} noted as item {i}", vector)
        adds.append((time.perf_counter_ns() - start) / 1000)
        if time.perf_counter() > deadline:
            break
    report["add_one"] = percentiles(adds)
    peer.close()
    return report


def _times(call: Callable[[int], list[str]], n: int, seconds: float, pace: float) -> list[float]:
    """Return the microseconds of `n` calls, or of as many as `seconds` of calling allow; 20 at least."""
    for i in range(min(WARM_UP, n)):
        start = time.perf_counter()
        call(n - i - 1)
        if time.perf_counter() - start > 0.5:
            break
    micros: list[float] = []
    spent = 0.0
    for i in range(n):
        if pace:
            time.sleep(pace)
        start = time.perf_counter_ns()
        call(i)
        micros.append((time.perf_counter_ns() - start) / 1000)
        spent += micros[-1] / 1e6
        if spent > seconds and len(micros) >= 20:
            break
    return micros


def _size(path: Path) -> int:
    parent = path.parent
    files = [f for p in parent.glob(path.name + "*") for f in ([p] if p.is_file() else p.rglob("*"))]
    return sum(f.stat().st_size for f in files if f.is_file())


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def table(result: dict[str, Any]) -> str:
    """Return the table of benchmarks/README.md."""
    head = [
        "system",
        "recall@10",
        "tight p50",
        "p99",
        "paced p50",
        "p99",
        "× ours, tight",
        "× ours, paced",
        "fill",
        "add one",
        "MB",
    ]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, row in result["systems"].items():
        if "absent" in row:
            lines.append(f"| {name} | {row['absent']} |" + " |" * (len(head) - 2))
            continue
        tight, paced = row["tight_with_embedding"], row["paced_with_embedding"]
        few = f" (n = {row['recall_n']})" if row["recall_n"] < 1000 else ""
        cells = [name, f"{row['recall_at_10']:.3f}{few}"]
        cells += [_micros(span[p]) for span in (tight, paced) for p in ("p50_us", "p99_us")]
        cells += [_ratio(row.get(f"{way}_with_embedding_ratio")) for way in ("tight", "paced")]
        cells += [_micros(row["fill_us_per_memory"]), _micros(row["add_one"]["p50_us"]), f"{row['resident_mb']:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def _micros(micros: float) -> str:
    if micros < 1000:
        return f"{micros:.1f} µs" if micros < 10 else f"{micros:.0f} µs"
    return f"{micros / 1000:.1f} ms" if micros < 1e6 else f"{micros / 1e6:.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--memories", type=int, default=1000, help="per user")
    parser.add_argument("--queries", type=int, default=1000, help="timed in each way")
    parser.add_argument("--seconds", type=float, default=30, help="at most, for each figure of a slow peer")
    parser.add_argument("--peer", action="append", choices=list(PEERS), help="only these")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--table", type=Path, help="print the table of README.md from this result")
    args = parser.parse_args()
    if args.table:
        print(table(json.loads(args.table.read_text(encoding="utf-8"))))
        return
    if args.folder:  # the child: one system
        print(json.dumps(measure(args.peer[0], args.folder, args.queries, args.seconds)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        make(args.users, args.memories, Path(scratch))
        rows = {name: _child(name, args, Path(scratch)) for name in args.peer or PEERS}
    print(json.dumps(_report(args, rows), indent=1))


def _child(name: str, args: argparse.Namespace, folder: Path) -> dict[str, object]:
    package = PEERS[name].package
    if _version(package) is None:
        return {"absent": f"{package} is not installed"}
    command = [sys.executable, __file__, "--folder", str(folder), "--peer", name]
    command += ["--queries", str(args.queries), "--seconds", str(args.seconds)]
    print(name, file=sys.stderr, flush=True)
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | PEERS[name].environment
    )
    if done.returncode:
        return {"absent": f"failed: {done.stderr.strip().splitlines()[-1:]}", "version": _version(package)}
    return {"version": _version(package), "what": PEERS[name].__doc__, **json.loads(done.stdout.splitlines()[-1])}


def _report(args: argparse.Namespace, rows: dict[str, dict[str, object]]) -> dict[str, object]:
    ours = rows.get("remanence", {})
    for row in rows.values():
        for span in ("tight_with_embedding", "paced_with_embedding"):
            theirs, own = row.get(span), ours.get(span)
            if isinstance(theirs, dict) and isinstance(own, dict):
                row[f"{span}_ratio"] = round(theirs["p50_us"] / own["p50_us"], 2)
    commit = subprocess.run(
        ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    cpu = next((ln for ln in Path("/proc/cpuinfo").read_text().splitlines() if ln.startswith("model name")), ":")
    return {
        "commit": commit.stdout.strip(),
        "machine": {
            "cpu": cpu.split(":")[1].strip(),
            "cores": os.cpu_count(),
            "os": platform.platform(),
            "python": platform.python_version(),
        },
        "load_average": os.getloadavg(),
        "users": args.users,
        "memories_per_user": args.memories,
        "k": K,
        "pace_ms": PACE_S * 1000,
        "systems": rows,
    }


if __name__ == "__main__":
    main()
