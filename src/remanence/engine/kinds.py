"""Ranked rows of all that a namespace holds: its texts, and what it holds beside them, each said once."""

from __future__ import annotations

from collections.abc import Collection

from remanence.engine.context import Source
from remanence.engine.history import Past
from remanence.engine.metadata import Where
from remanence.engine.namespace import Namespace
from remanence.engine.query import Query
from remanence.engine.recall import recall_distinct
from remanence.engine.worded import KIND, Worded

BESIDE_TEXTS = ("fact", "kv", "stream", "vector")
_SIZED_EVERY = 64  # changes of rows between two looks at how much a namespace takes
_WITH_METADATA = frozenset(("fact", "vector"))


def ranked_kinds(
    live: Namespace | Past, question: Query, kinds: Collection[str], *, limit: int, enough: int, where: Where | None
) -> list[Source]:
    """Return the best rows of one namespace, a source for its texts and one for the rest.

    A filter is over metadata, which keys and streams have none of: they pass no filter. A fact has that of the memory
    that states it.
    """
    state = live.state()
    if where:
        state.metadata.mask(where, 0)  # what is no filter is refused, whatever the kinds
    beside = [kind for kind in kinds if kind != "text" and (not where or kind in _WITH_METADATA)]
    sources: list[Source] = []
    if "text" in kinds:
        ranked = recall_distinct(state, question, limit=limit, where=where, enough=enough)
        sources.append(Source(live.name, state, ranked))
    worded = _leveled(live)
    condition = dict(where or {})
    if where or len(beside) < len(worded.kinds):
        condition[KIND] = {"$in": beside}
    ranked = recall_distinct(worded.rows, question, limit=limit, where=condition, enough=enough)
    sources.append(Source(live.name, worded.rows, ranked, worded=worded))
    return _each_once(sources)


def _leveled(live: Namespace | Past) -> Worded:
    """Return what a namespace holds beside its texts, made if need be, and level with it.

    All kinds, whichever are asked for: how rare a word is must not depend on what was asked before.
    """
    state = live.state()
    if live.worded is None or live.worded.of is not state:
        live.worded = Worded(state, live.records)
    before = live.worded.rows.seq
    valid_ns = live.valid_ns()
    now_ns = valid_ns if isinstance(live, Namespace) else live.around.clock()
    try:
        live.worded.level(BESIDE_TEXTS, now_ns, valid_ns)
    except BaseException:
        live.worded = None  # half done: the next query starts over
        raise
    if isinstance(live, Namespace) and live.worded.rows.seq // _SIZED_EVERY != before // _SIZED_EVERY:
        live.size = live.hot_bytes()
    return live.worded


def _each_once(sources: list[Source]) -> list[Source]:
    """Leave out facts and payloads that a ranked text says in full: the text stays, at the better score of the two.

    It says all they say, in the speaker's words, and with when it was said.
    """
    if len(sources) < 2:
        return sources
    texts, beside = sources
    assert beside.worded is not None
    place_of = {row: place for place, row in enumerate(texts.ranked.rows.tolist())}
    place_of_text: dict[str, int] | None = None
    scores = texts.ranked.scores.copy()
    kept: list[int] = []
    for i, told in enumerate(beside.worded.told(beside.ranked.rows)):
        place = None
        if told.kind == "fact":
            source = texts.state.row_of(told.id)
            place = None if source is None else place_of.get(source)
        elif told.kind == "vector":
            if place_of_text is None:
                listed = texts.state.columns.texts(texts.ranked.rows)
                place_of_text = {text: place for place, text in reversed(list(enumerate(listed)))}
            place = place_of_text.get(told.text())
        if place is None:
            kept.append(i)
        else:
            scores[place] = max(scores[place], beside.ranked.scores[i])
    if len(kept) == len(beside.ranked.rows):
        return sources
    ranked = texts.ranked._replace(scores=scores).take((-scores).argsort(kind="stable").tolist())
    return [texts._replace(ranked=ranked), beside._replace(ranked=beside.ranked.take(kept))]
