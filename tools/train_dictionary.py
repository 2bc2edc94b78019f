"""Train the zstd dictionary that the log ships: dialogue as it is stored, msgpack event bodies.

Usage: python tools/train_dictionary.py SENTENCES OUTPUT [--size BYTES]

SENTENCES is a UTF-8 file with one utterance a line. The same input gives the same dictionary. A published
dictionary is never retrained in place, since every store written with it needs it: a better one gets a
codec number of its own in `remanence.log.seal`.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import msgspec

from remanence.log.seal import zstd
from remanence.records import Utterance

_NAMES = ("Ana", "Ben", "Caroline", "David", "Joanna", "John", "Maria", "Melanie", "Sam")


def wrap(texts: list[str], rng: random.Random) -> list[bytes]:
    """Return each text as the body of an utterance, with the variety of envelopes that agents write."""
    encode = msgspec.msgpack.Encoder().encode
    bodies: list[bytes] = []
    for text in texts:
        role = rng.choice(("user", "assistant", ""))
        speaker = rng.choice(_NAMES) if not role or rng.random() < 0.5 else ""
        session = rng.choice(("", f"session_{rng.randrange(1, 30)}", f"call-{rng.randrange(1, 200)}"))
        bodies.append(encode(Utterance(text=text, speaker=speaker, role=role, session=session)))
    return bodies


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the log's zstd dictionary.")
    parser.add_argument("sentences", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--size", type=int, default=32 << 10, help="bytes of the dictionary")
    options = parser.parse_args()
    rng = random.Random(1)
    texts = [line for line in options.sentences.read_text("utf-8").splitlines() if line]
    rng.shuffle(texts)
    bodies = wrap(texts, rng)
    held_out, bodies = bodies[:2000], bodies[2000:]
    dictionary = zstd.train_dict(bodies, options.size)
    options.output.write_bytes(dictionary.dict_content)
    compressor = zstd.ZstdCompressor(zstd_dict=dictionary.as_digested_dict)
    packed = sum(len(compressor.compress(body, compressor.FLUSH_FRAME)) for body in held_out)
    print(
        f"{options.output}: {len(dictionary.dict_content):,} bytes; "
        f"held-out ratio {sum(map(len, held_out)) / packed:.2f}"
    )


if __name__ == "__main__":
    main()
