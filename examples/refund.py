"""A refund, told by three agents in three processes, and audited: shared memory in place of repeated searches.

    python examples/refund.py            # in a store that is deleted afterwards
    python examples/refund.py memory.db  # in a file of yours

1. The intake agent hears the customer ask for a refund, and writes it down.
2. The refund agent, in another process, finds that in the same namespace instead of asking the customer again, claims
   the refund so that nobody pays it twice, and answers from what it knew.
3. The delivery agent appends that the money arrived, and when.
4. A new session recalls all of it.
5. An auditor reads what the refund agent knew when it answered.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import remanence

NAMESPACE = "shop/customer/ana"
QUESTION = "Has Ana asked for a refund, and for which order?"


def intake(store: remanence.Store) -> None:
    memory = store.memory(NAMESPACE, agent="intake")
    memory.add_turn(
        user="Order 4711 came with a cracked lid, I want my money back please.",
        assistant="I am sorry. I have asked for a refund of order 4711, 39 euros.",
        speaker="Ana",
        session="call-1",
    )
    memory.stream("refund/4711").append({"state": "requested", "euros": 39})


def refund(store: remanence.Store) -> None:
    memory = store.memory(NAMESPACE, agent="refund")
    known = memory.context(QUESTION, budget_tokens=200)
    requested, *_ = memory.stream("refund/4711")
    memory.kv.put("refund/4711/payer", "refund", if_version=0)  # raises Conflict where another agent was first
    memory.stream("refund/4711").append({"state": "paid", "euros": requested.value["euros"]})
    memory.add_turn(
        assistant="The refund of order 4711, 39 euros, is on its way.", trace_id=known.trace_id, session="refund-desk"
    )


def delivery(store: remanence.Store) -> None:
    memory = store.memory(NAMESPACE, agent="delivery")
    memory.stream("refund/4711").append({"state": "delivered"})
    memory.add_turn(assistant="The refund of order 4711 arrived at Ana's bank.", session="delivery-desk")


def later(store: remanence.Store) -> None:
    memory = store.memory(NAMESPACE)
    print("A new session asks what became of the refund of order 4711:")
    print(memory.context("What became of the refund of order 4711?").text)
    print("\nIts states:", " -> ".join(entry.value["state"] for entry in memory.stream("refund/4711")))


def audit(store: remanence.Store) -> None:
    memory = store.memory(NAMESPACE)
    (answer,) = memory.search("the refund is on its way", k=1)
    known = memory.lineage(answer.id)  # by the trace that the answer is tied to
    print(f"\nThe {known.agent} agent said: {answer.text}")
    print("It knew then:")
    for each in known.returned:
        print(f"  {each.text}")
    then = memory.as_of(known)
    print("States then:", " -> ".join(entry.value["state"] for entry in then.stream("refund/4711")))


AGENTS = {agent.__name__: agent for agent in (intake, refund, delivery, later, audit)}


def main() -> None:
    if len(sys.argv) == 3:  # one agent, in a process of its own
        with remanence.open(sys.argv[2]) as store:
            AGENTS[sys.argv[1]](store)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = sys.argv[1] if len(sys.argv) == 2 else str(Path(folder) / "memory.db")
        for name in AGENTS:
            subprocess.run([sys.executable, __file__, name, path], check=True)


if __name__ == "__main__":
    main()
