"""What agents put into their prompts to handle a refund: the whole history, searches, or shared memory. Prints JSON.

    python benchmarks/shared_memory.py path/to/locomo_dev.json

The story of examples/refund.py takes place in the history of each conversation of the file, as if it were that of a
customer. An intake, a refund and a delivery agent, and a session later, have nine turns between them. Each turn needs
some of what was said before: its evidence, a few words and values. Tokens a turn, a token being four characters:

  whole history       everything said so far, by whomever
  repeated searches   the agents share transcripts only: each searches them by BM25 at every turn
  shared memory       the first asks `context` once and appends what matters to a stream of the namespace; the others
                      read the stream, and ask `context` only for what is not in it

Searches and contexts have one budget for all turns of all conversations: the smallest of a ladder with which the
evidence is whole at every turn. `by_budget` has what they take with each, and how many turns are short of evidence.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import remanence
from remanence.surfaces.datasets import Turn, read_all, with_stable_ids
from remanence.surfaces.evaluation import Bm25
from remanence.surfaces.evaluation.metrics import token_count
from remanence.surfaces.storing import store_turn

LADDER = (32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096)
DAY_NS = 86_400 * 10**9

BOUGHT = Turn("I bought the glass teapot, order 4711, for 39 euros, and paid by card.", "Customer", "user", id="bought")

ORDER, PRICE, CARD, LID = ("4711",), ("39",), ("card",), ("lid",)  # any of these words will do
ASKED, PAID, ARRIVED = ("money back", "requested"), ("on its way", "paid"), ("arrived", "delivered")


class Step(NamedTuple):
    """One turn of an agent.

    Attributes:
        asks: what it must find out.
        needs: its evidence.
        says, entry: what is said when the turn is over, and what is appended to the stream.
    """

    agent: str
    asks: str
    needs: tuple[tuple[str, ...], ...]
    says: str = ""
    entry: dict[str, Any] | None = None


STORY = (
    Step(
        "intake",
        "Which teapot did the customer buy, and how was it paid?",
        (ORDER, PRICE, CARD),
        "The teapot came with a cracked lid, I want my money back please.",
        {"order": 4711, "euros": 39, "by": "card", "why": "cracked lid", "state": "requested"},
    ),
    Step("intake", "What is wrong with the teapot?", (LID,), "I am sorry. I have asked for a refund of 39 euros."),
    Step("refund", "Has the customer asked for money back for the teapot, and what for?", (ASKED, LID)),
    Step("refund", "Which order was the teapot, and how much is the refund?", (ORDER, PRICE)),
    Step("refund", "How was the teapot paid?", (CARD,), "The refund is on its way to the card.", {"state": "paid"}),
    Step("delivery", "Is the refund for the teapot on its way?", (PAID,)),
    Step(
        "delivery", "What was wrong with the teapot?", (LID,), "The refund arrived at the bank.", {"state": "delivered"}
    ),
    Step("later", "What became of the refund for the teapot?", (ARRIVED,)),
    Step("later", "How much was the refund for the teapot, and what was wrong with it?", (PRICE, LID)),
)


class Taken(NamedTuple):
    """What one turn's prompt took, and whether its evidence was in it."""

    tokens: int
    whole: bool


def whole_history(history: list[Turn], budget: int) -> Iterator[Taken]:
    """Yield what each turn takes with everything said so far."""
    for step, before in _turns(history):
        yield _taken(step, "\n".join(turn.labelled for turn in before))


def repeated_searches(history: list[Turn], budget: int) -> Iterator[Taken]:
    """Yield what each turn takes where the agent searches the transcripts."""
    for step, before in _turns(history):
        system = Bm25()
        system.index(before)
        yield _taken(step, system.context(step.asks, budget, own_counter=False).text)


def shared_memory(history: list[Turn], budget: int) -> Iterator[Taken]:
    """Yield what each turn takes where the agents share a namespace."""
    with remanence.open() as store:
        memory, written = store.memory("shop/customer"), 0
        case = memory.stream("refund")
        for step, before in _turns(history):
            for turn in before[written:]:
                store_turn(memory, turn)
            written = len(before)
            text = "\n".join(json.dumps(entry.value) for entry in case)
            if not _taken(step, text).whole:
                found = memory.context(step.asks, budget_tokens=budget, counter=token_count, threshold=0).text
                text = "\n".join(part for part in (text, found) if part)
            yield _taken(step, text)
            if step.entry:
                case.append(step.entry)


def _taken(step: Step, text: str) -> Taken:
    return Taken(token_count(text), all(any(word in text for word in words) for words in step.needs))


def _turns(history: list[Turn]) -> Iterator[tuple[Step, list[Turn]]]:
    """Yield each step with all that was said before it; the purchase lies in the middle of the history."""
    middle, last_ns = len(history) // 2, max(turn.at_ns or 0 for turn in history)
    said = [*history[:middle], BOUGHT, *history[middle:]]
    for n, step in enumerate(STORY):
        yield step, list(said)
        if step.says:
            speaker, role = ("Customer", "user") if "I want" in step.says else (step.agent, "assistant")
            said.append(Turn(step.says, speaker, role, last_ns + (n + 1) * DAY_NS, step.agent, f"step-{n}"))


WAYS = {"repeated searches": repeated_searches, "shared memory": shared_memory}


def measured(path: str) -> dict[str, Any]:
    """Return the tokens a turn of each way, over all conversations of a file."""
    histories = [list(with_stable_ids(c.turns)) for reading in read_all([path]) for c in reading.conversations]
    ways: dict[str, Any] = {"whole history": _told(taken for h in histories for taken in whole_history(h, 0))}
    for name, way in WAYS.items():
        by_budget = {budget: _told(taken for h in histories for taken in way(h, budget)) for budget in LADDER}
        enough = next((budget for budget, told in by_budget.items() if not told["turns_short"]), None)
        at_it = {} if enough is None else {"budget": enough, **by_budget[enough]}
        ways[name] = {**at_it, "by_budget": by_budget}
    return {"conversations": len(histories), "turns_each": len(STORY), "ways": ways}


def _told(all_taken: Iterable[Taken]) -> dict[str, Any]:
    taken = list(all_taken)
    return {
        "tokens_a_turn": round(statistics.mean(each.tokens for each in taken), 1),
        "turns_short": sum(not each.whole for each in taken),
    }


def main() -> None:
    """Print the figures of a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="conversations to stand in for histories, in any format of `remanence eval`")
    print(json.dumps(measured(parser.parse_args().file), indent=1))


if __name__ == "__main__":
    main()
