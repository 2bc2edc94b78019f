"""Quotas, times to live and what is let go: refused before anything is written, and undone by `as_of`."""

from __future__ import annotations

import pytest

import remanence
from remanence.config import Quota
from remanence.core.forgetting import Weighted
from remanence.errors import InvalidInput, QuotaExceeded
from remanence.testing import FakeClock, HashingEmbedder


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def opened(clock, path=None, curve=None, **quota):
    config = remanence.Config(quotas={"": Quota(**quota)} if quota else {})
    return remanence.open(path, config=config, clock=clock, embedder=HashingEmbedder(), curve=curve)


def repeat(write, times):
    for _ in range(times):
        write()


class TestQuota:
    def test_items_are_memories_keys_and_entries_together(self, clock):
        memory = opened(clock, items=4)["a"]
        memory.add("one")
        memory.kv["two"] = 2
        memory.stream("three").append(3)
        memory.add("four", id="x")
        for write in (
            lambda: memory.add("five"),
            lambda: memory.kv.put("new", 1),
            lambda: memory.stream("three").append(4),
        ):
            with pytest.raises(QuotaExceeded) as refused:
                write()
            assert (refused.value.what, refused.value.limit, refused.value.used) == ("items", 4, 4)
            assert "namespace 'a' is at 4 items of 4" in str(refused.value)
        assert memory.head().seq == 4, "a refused write wrote something"

    def test_vectors_are_items(self, clock):
        memory = opened(clock, items=2)["a"]
        memory.add("one")
        memory.add_vector([1, 2], "two", id="v")
        memory.add_vector([2, 1], "two, again", id="v")
        with pytest.raises(QuotaExceeded):
            memory.add_vector([1, 1], "three")
        memory.fade("v")
        memory.add_vector([1, 1], "three")

    def test_another_version_or_value_is_no_item_more(self, clock):
        memory = opened(clock, items=2)["a"]
        memory.add("one", id="x")
        memory.kv["k"] = 1
        memory.add("one, again", id="x")
        memory.kv["k"] = 2
        assert memory.get("x").text == "one, again"

    def test_what_makes_room_is_taken_and_makes_room(self, clock):
        memory = opened(clock, items=1)["a"]
        memory.add("one")
        memory.fade("m1")
        memory.add("two")
        memory.fade("m3")
        memory.kv["k"] = 1
        del memory.kv["k"]
        memory.add("three")
        assert [item.text for item in memory.items()] == ["three"]

    def test_a_turn_that_does_not_fit_as_a_whole_is_refused_as_a_whole(self, clock):
        memory = opened(clock, items=1)["a"]
        with pytest.raises(QuotaExceeded):
            memory.add_turn(user="hello", assistant="hi")
        assert len(memory) == 0

    def test_bytes_are_those_of_the_log(self, clock):
        memory = opened(clock, bytes=400)["a"]
        while memory.stats().log_bytes < 400:
            memory.add("something worth some bytes")
        with pytest.raises(QuotaExceeded, match="bytes of 400") as refused:
            memory.add("one more")
        assert refused.value.used == memory.stats().log_bytes >= 400

    def test_writes_a_second_pass_with_the_second(self, clock):
        memory = opened(clock, writes_per_second=2)["a"]
        memory.add("one")
        memory.add("two")
        with pytest.raises(QuotaExceeded, match="try again in a moment"):
            memory.add("three")
        clock.advance(seconds=1.01)
        memory.add("three")

    def test_all_stores_of_a_file_keep_to_one_quota(self, clock, tmp_path):
        with (
            opened(clock, tmp_path / "m.db", writes_per_second=3) as one,
            opened(clock, tmp_path / "m.db", writes_per_second=3) as other,
        ):
            one["a"].add("one")
            other["a"].add("two")
            one["a"].add("three")
            with pytest.raises(QuotaExceeded):
                other["a"].add("four")

    def test_the_longest_prefix_counts(self, clock):
        quotas = {"": Quota(items=1), "acme/": Quota(items=2), "acme/vip/": Quota()}
        store = remanence.open(config=remanence.Config(quotas=quotas), clock=clock, embedder=HashingEmbedder())
        for name, fits in (("other", 1), ("acme/x", 2), ("acme/vip/x", 5)):
            for n in range(fits):
                store[name].add(f"memory {n}")
        for name in ("other", "acme/x"):
            with pytest.raises(QuotaExceeded):
                store[name].add("one more")

    @pytest.mark.parametrize("given", [{"items": 0}, {"bytes": -1}, {"writes_per_second": 1.5}, {"when_full": "drop"}])
    def test_what_cannot_be_a_quota_is_refused(self, given):
        with pytest.raises(InvalidInput, match=next(iter(given))):
            Quota(**given)

    def test_what_cannot_be_quotas_is_refused(self):
        with pytest.raises(InvalidInput, match="quotas"):
            remanence.Config(quotas={"a": 5})


class TestLettingGo:
    def test_the_oldest_goes_and_comes_back_in_the_past(self, clock):
        memory = opened(clock, items=3, when_full="fade")["a"]
        for n in range(5):
            receipt = memory.add(f"memory {n}")
            assert receipt.ids == (receipt.id,)
            clock.advance(seconds=86_400)
        assert [item.text for item in memory.items()] == ["memory 2", "memory 3", "memory 4"]
        assert [hit.text for hit in memory.search("memory 0")].count("memory 0") == 0
        before = memory.as_of(remanence.Position(3))
        assert [item.text for item in before.items()] == ["memory 0", "memory 1", "memory 2"]

    def test_what_was_used_or_pinned_stays(self, clock):
        memory = opened(clock, items=3, when_full="fade")["a"]
        memory.add("pinned", pinned=True)
        memory.add("used")
        memory.add("neither")
        clock.advance(seconds=86_400)
        memory.reinforce("m2")
        memory.add("new")
        assert {item.text for item in memory.items()} == {"pinned", "used", "new"}

    def test_where_nothing_may_go_the_write_is_refused(self, clock):
        memory = opened(clock, items=1, when_full="fade")["a"]
        memory.add("pinned", pinned=True)
        with pytest.raises(QuotaExceeded):
            memory.add("new")

    def test_the_curve_chooses(self, clock):
        salient = Weighted(recency=0, frequency=0, salience=1)
        memory = opened(clock, items=2, when_full="fade", curve=salient)["a"]
        memory.add("matters", salience=5)
        memory.add("does not", salience=0.5)
        memory.add("new")
        assert {item.text for item in memory.items()} == {"matters", "new"}

    def test_use_in_answers_can_be_told_from_other_use(self, clock):
        answered = Weighted(recency=0, frequency=0, salience=0, answered=1)
        memory = opened(clock, items=2, when_full="fade", curve=answered)["a"]
        memory.add("reinforced")
        memory.add("answered with")
        for _ in range(3):
            memory.reinforce("m1")
        memory.used("t1", ["m2"])
        memory.add("new")
        assert {item.text for item in memory.items()} == {"answered with", "new"}

    def test_a_curve_that_is_none_is_refused(self):
        with pytest.raises(InvalidInput, match="curve"):
            remanence.open(curve=0.5)


class TestTimeToLive:
    def test_it_is_found_until_then(self, clock):
        memory = opened(clock)["a"]
        memory.add("the code is 4711", ttl=60)
        memory.add("the door is green")
        clock.advance(seconds=59)
        assert len(memory.search("code")) == 2
        clock.advance(seconds=1)
        assert [hit.text for hit in memory.search("code 4711")] == ["the door is green"]
        assert len(memory) == 1
        assert "m1" not in memory
        assert memory.get("m1").fidelity == 0

    @pytest.mark.parametrize("snapshot", [False, True])
    def test_a_reopened_store_knows(self, clock, tmp_path, snapshot):
        with opened(clock, tmp_path / "m.db") as store:
            store["a"].add("soon gone", ttl=60)
            store["a"].add("later gone", ttl=600)
            store["a"].add("stays")
            if snapshot:
                store.upkeep()
        clock.advance(seconds=61)
        with opened(clock, tmp_path / "m.db") as store:
            assert [item.text for item in store["a"].items()] == ["later gone", "stays"]
            clock.advance(seconds=600)
            assert [item.text for item in store["a"].items()] == ["stays"]

    def test_the_past_holds_what_lived_then(self, clock):
        memory = opened(clock)["a"]
        memory.add("soon gone", ttl=60)
        start = clock()
        clock.advance(seconds=100)
        assert len(memory) == 0
        at = remanence.types.datetime_of
        assert len(memory.as_of(at(start + 30 * 10**9))) == 1
        assert len(memory.as_of(at(start + 90 * 10**9))) == 0
        assert len(memory.as_of(memory.head())) == 1, "the position is the moment of its record"

    def test_said_again_it_lives_again(self, clock):
        memory = opened(clock)["a"]
        memory.add("the code is 4711", id="code", ttl=60)
        clock.advance(seconds=61)
        memory.add("the code is 4711", id="code", ttl=60)
        assert len(memory) == 1

    @pytest.mark.parametrize("ttl", [0, -1, "60", float("nan"), True])
    def test_what_cannot_be_a_time_to_live_is_refused(self, clock, ttl):
        with pytest.raises(InvalidInput, match="ttl"):
            opened(clock)["a"].add("x", ttl=ttl)


class TestLimits:
    def test_one_large_write_does_not_pass_the_limit_of_bytes(self, clock):
        memory = opened(clock, bytes=1_000)["a"]
        with pytest.raises(QuotaExceeded):
            memory.add("a long text " * 1_000)
        assert memory.stats().log_bytes == 0

    def test_what_changes_nothing_makes_no_room(self, clock):
        memory = opened(clock, bytes=400)["a"]
        while memory.stats().log_bytes < 360:
            memory.add("text")
        memory.fade("m1")
        for write in (lambda: memory.fade("m1"), lambda: memory.pin("m2")):
            with pytest.raises(QuotaExceeded):
                repeat(write, 20)

    def test_a_quota_lowered_below_what_is_held_lets_use_go_on(self, clock, tmp_path):
        with opened(clock, tmp_path / "m.db") as store:
            for n in range(5):
                store["a"].add(f"memory {n}")
        with opened(clock, tmp_path / "m.db", items=2, when_full="fade") as store:
            store["a"].reinforce("m1")
            assert len(store["a"]) == 5

    def test_what_is_let_go_counts_as_written(self, clock):
        memory = opened(clock, items=1, writes_per_second=2, when_full="fade")["a"]
        memory.add("one")
        with pytest.raises(QuotaExceeded, match="writes_per_second"):
            memory.add("two")

    def test_a_clock_set_back_locks_nobody_out(self, clock):
        memory = opened(clock, writes_per_second=2)["a"]
        memory.add("one")
        memory.add("two")
        clock.advance(seconds=-3_600)
        memory.add("three")

    def test_a_vector_that_is_gone_makes_no_room(self, clock):
        memory = opened(clock, bytes=400)["a"]
        memory.add_vector([1, 2], "v", id="v")
        while memory.stats().log_bytes < 360:
            memory.add("text")
        memory.fade("v")
        with pytest.raises(QuotaExceeded):
            repeat(lambda: memory.fade("v"), 20)
