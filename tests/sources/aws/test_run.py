"""The runner: order, bounds, and every failure as data."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from koban.ledger.spool import Spool, SpoolError
from koban.model.resource import Resource
from koban.model.result import Gap
from koban.sources.aws import run as module
from koban.sources.aws.collector import Collector, there
from koban.sources.aws.reader import Failure, Reader
from koban.sources.aws.run import Opened, Progress, Run, Target

A, B = "111111111111", "222222222222"


class Box(Resource, type="Test::Run::Box", ids="Name"):
    """What the first collector reads."""


class Lid(Resource, type="Test::Run::Lid", ids="Name"):
    """What a collector reads that needs boxes."""


class Silent:
    """An API that no collector here asks."""

    calls = 0

    def call(self, service: str, operation: str, region: str, params: dict[str, Any]) -> dict[str, Any]:
        raise Failure(f"{service}:{operation}", "AccessDenied")

    def pages(self, service: str, operation: str, region: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield self.call(service, operation, region, params)


def collector(name: str, cls: type[Resource], read: Callable[[Reader], Any], **more: Any) -> Collector:
    made: dict[str, Any] = {"calls": ("test:List",), "provenance": {}, "scope": "region", "needs": (), **more}
    return Collector(name, name.partition(".")[0], (cls,), read=read, **made)


def boxes(aws: Reader) -> Iterator[dict[str, Any]]:
    yield {"Name": f"box-{aws.region}"}


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "one.sqlite")
    made.declare({Box.type: "region", Lid.type: "region"}, {})
    return made


def go(
    spool: Spool,
    *collectors: Collector,
    accounts: tuple[str, ...] = (A,),
    regions: tuple[str, ...] = ("eu-west-1",),
    progress: Any = None,
) -> None:
    opened = Opened(Silent(), regions, "us-east-1")
    Run(spool, list(collectors), [Target(one, lambda: opened) for one in accounts], progress)()


def failing(code: str, lasting: bool = True, after: int = 0) -> Callable[[Reader], Any]:
    def read(aws: Reader) -> Iterator[dict[str, Any]]:
        for number in range(after):
            yield {"Name": f"box-{number}"}
        raise Failure("test:List", code, lasting=lasting)

    return read


def names(spool: Spool) -> list[tuple[str, str, str | None]]:
    return [(one.account, one.region, one.name) for one in spool.stream()]


def test_every_account_and_region_is_read_once_and_global_things_once_an_account(spool: Spool) -> None:
    where = collector("c.everywhere", Lid, lambda aws: [{"Name": f"home {aws.region}"}], scope="global")
    go(spool, collector("a.boxes", Box, boxes), where, accounts=(A, B), regions=("eu-west-1", "us-east-1"))
    expected = [(account, r, f"box-{r}") for account in (A, B) for r in ("eu-west-1", "us-east-1")]
    assert names(spool) == [*expected, (A, "", "home us-east-1"), (B, "", "home us-east-1")]
    assert list(spool.all_gaps()) == []


def test_what_is_needed_is_read_before(spool: Spool) -> None:
    def slow(aws: Reader) -> Iterator[dict[str, Any]]:
        time.sleep(0.05)
        yield from boxes(aws)

    def lids(aws: Reader) -> Iterator[dict[str, Any]]:
        yield from ({"Name": f"lid of {box.name}"} for box in aws.read(Box))

    go(spool, collector("z.boxes", Box, slow), collector("a.lids", Lid, lids, needs=(Box,)))
    assert names(spool) == [(A, "eu-west-1", "box-eu-west-1"), (A, "eu-west-1", "lid of box-eu-west-1")]


def test_a_global_collector_sees_what_it_needs_of_all_regions(spool: Spool) -> None:
    def lids(aws: Reader) -> Iterator[dict[str, Any]]:
        yield {"Name": " ".join(sorted(str(box.name) for box in aws.read(Box)))}

    go(
        spool,
        collector("z.boxes", Box, boxes),
        collector("a.lids", Lid, lids, needs=(Box,), scope="global"),
        regions=("eu-west-1", "us-east-1"),
    )
    assert (A, "", "box-eu-west-1 box-us-east-1") in names(spool)


def test_a_failure_is_a_gap_of_what_it_left_out_and_of_what_needed_it(spool: Spool) -> None:
    lids = collector("a.lids", Lid, lambda aws: [{"Name": str(b.name)} for b in aws.read(Box)], needs=(Box,))
    go(spool, collector("z.boxes", Box, failing("AccessDenied", after=1)), lids)
    assert list(spool.gaps()) == [Gap(t.type, A, "eu-west-1", "AccessDenied test:List") for t in (Box, Lid)]
    assert names(spool) == [(A, "eu-west-1", "box-0"), (A, "eu-west-1", "box-0")]


def test_what_is_needed_and_not_there_spares_the_calls(spool: Spool) -> None:
    lids = collector("a.lids", Lid, failing("AccessDenied"), needs=(Box,), where=there(Box))
    go(spool, collector("z.boxes", Box, lambda aws: []), lids)
    assert list(spool.all_gaps()) == []
    assert names(spool) == []


@pytest.mark.parametrize("before", ["there", "denied", "not asked for"])
def test_what_is_there_or_may_be_spares_nothing(spool: Spool, before: str) -> None:
    lids = collector("a.lids", Lid, lambda aws: [{"Name": "lid"}], needs=(Box,), where=there(Box))
    makers = {"there": boxes, "denied": failing("AccessDenied")}
    go(spool, *(collector("z.boxes", Box, makers[one]) for one in makers if one == before), lids)
    assert (A, "eu-west-1", "lid") in names(spool)
    assert [gap.type for gap in spool.gaps()] == ([Box.type] if before == "denied" else [])


def test_a_crash_is_a_gap_that_names_the_collector(spool: Spool) -> None:
    def crash(aws: Reader) -> Any:
        return {}["missing"]

    go(spool, collector("a.crash", Box, crash), collector("b.lids", Lid, lambda aws: [{"Name": "lid"}]))
    (gap,) = spool.gaps()
    assert gap.why == "collector a.crash crashed: KeyError: 'missing'"
    assert names(spool) == [(A, "eu-west-1", "lid")]


def test_a_service_that_a_region_does_not_have_is_a_note_and_no_gap(spool: Spool) -> None:
    go(spool, collector("a.boxes", Box, failing("NotOfferedInRegion")))
    assert list(spool.all_gaps()) == []
    assert spool.notes() == ["test is not offered in eu-west-1"]


def test_a_fact_that_was_not_answered_is_told_and_leaves_the_resource(spool: Spool) -> None:
    go(spool, collector("a.boxes", Box, lambda aws: [{"Name": "box", "Fact": aws.ask("test:List", "Fact")}]))
    assert names(spool) == [(A, "eu-west-1", "box")]
    assert list(spool.gaps()) == []
    assert list(spool.all_gaps()) == [Gap(Box.type, A, "eu-west-1", "AccessDenied test:List")]


def test_an_account_that_lets_nobody_in_is_one_gap(spool: Spool) -> None:
    def denied() -> Opened:
        raise Failure("sts:AssumeRole", "AccessDenied")

    opened = Opened(Silent(), ("eu-west-1",), "us-east-1")
    Run(spool, [collector("a.boxes", Box, boxes)], [Target(A, denied), Target(B, lambda: opened)])()
    assert list(spool.gaps()) == [Gap("*", A, "", "AccessDenied sts:AssumeRole")]
    assert [account for account, *_ in names(spool)] == [B]


def test_a_resumed_run_asks_again_only_for_what_may_change(spool: Spool) -> None:
    asked: list[str] = []

    def counted(name: str, read: Callable[[Reader], Any]) -> Callable[[Reader], Any]:
        def ask(aws: Reader) -> Any:
            asked.append(name)
            return list(read(aws))

        return ask

    class Twin(Resource, type="Test::Run::Twin", ids="Name"):
        """A third type."""

    go(
        spool,
        collector("a.denied", Box, counted("denied", failing("AccessDenied"))),
        collector("b.timeout", Lid, counted("timeout", failing("ReadTimeoutError", lasting=False))),
        collector("c.fine", Twin, counted("fine", boxes)),
    )
    assert sorted(asked) == ["denied", "fine", "timeout"]
    asked.clear()
    spool.forget_run()
    go(
        spool,
        collector("a.denied", Box, counted("denied", boxes)),
        collector("b.timeout", Lid, counted("timeout", boxes)),
        collector("c.fine", Twin, counted("fine", boxes)),
    )
    assert asked == ["timeout"]
    assert [gap.type for gap in spool.gaps()] == [Box.type]
    assert len(names(spool)) == 2


def test_what_needed_something_lost_in_the_first_run_is_still_a_gap_when_resumed(spool: Spool) -> None:
    lids = collector("b.lids", Lid, failing("ReadTimeoutError", lasting=False), needs=(Box,))
    go(spool, collector("a.boxes", Box, failing("AccessDenied")), lids)
    spool.forget_run()
    lids = collector("b.lids", Lid, lambda aws: [], needs=(Box,))
    go(spool, collector("a.boxes", Box, boxes), lids)
    assert {(gap.type, gap.why) for gap in spool.gaps()} == {(t.type, "AccessDenied test:List") for t in (Box, Lid)}


def test_an_interrupt_ends_it_soon_and_leaves_the_rest_for_later(spool: Spool) -> None:
    def hang(aws: Reader) -> Iterator[dict[str, Any]]:
        time.sleep(30)
        yield {}

    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        go(spool, collector("a.boxes", Box, boxes), collector("b.hangs", Lid, hang), progress=interrupt)
    assert time.monotonic() - started < 10
    spool.close()
    again = Spool(spool.path)
    assert again.plan(A, []) == {("eu-west-1", "a.boxes")}
    assert len(names(again)) == 1


def test_a_keeper_that_cannot_keep_ends_the_run_with_its_own_error(spool: Spool) -> None:
    spool.db.execute("PRAGMA max_page_count = 60")
    many = collector("a.boxes", Box, lambda aws: ({"Name": f"b{n}", "Text": "x" * 5000} for n in range(500)))
    with pytest.raises(SpoolError, match="full"):
        go(spool, many)


def test_no_more_units_of_a_region_or_service_than_allowed_are_under_way(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IN_REGION_MAX", 2)
    monkeypatch.setattr(module, "IN_SERVICE_MAX", 3)
    busy: dict[str, int] = {}
    most: dict[str, int] = {}
    lock = threading.Lock()

    def unit(service: str) -> Callable[[Reader], Any]:
        def read(aws: Reader) -> list[dict[str, Any]]:
            keys = (f"region {aws.region}", f"service {service}")
            with lock:
                for key in keys:
                    busy[key] = busy.get(key, 0) + 1
                    most[key] = max(most.get(key, 0), busy[key])
            time.sleep(0.02)
            with lock:
                for key in keys:
                    busy[key] -= 1
            return [{"Name": service}]

        return read

    many = [collector(f"{s}.c{n}", Box, unit(s)) for s in ("a", "b") for n in range(4)]
    go(spool, *many, regions=("eu-west-1", "us-east-1", "sa-east-1"))
    assert {n for key, n in most.items() if key.startswith("region")} == {2}
    assert all(n <= 3 for key, n in most.items() if key.startswith("service"))
    assert spool.count() == 24


def test_progress_counts_every_unit(spool: Spool) -> None:
    seen: list[Progress] = []
    go(
        spool,
        collector("a.boxes", Box, boxes),
        accounts=(A, B),
        regions=("eu-west-1", "us-east-1"),
        progress=seen.append,
    )
    assert [one.done for one in seen] == [1, 2, 3, 4]
    assert (seen[-1].total, seen[-1].resources) == (4, 4)


def test_many_accounts_are_opened_a_few_at_a_time(spool: Spool) -> None:
    under_way: set[str] = set()
    most: list[int] = []

    def opens(account: str) -> Opened:
        under_way.add(account)
        most.append(len(under_way))
        return Opened(Silent(), ("eu-west-1",), "us-east-1")

    def read(aws: Reader) -> Iterator[dict[str, Any]]:
        time.sleep(0.005)
        under_way.discard(aws.account)
        yield {"Name": "box"}

    accounts = [f"{n:012d}" for n in range(30)]
    targets = [Target(one, lambda one=one: opens(one)) for one in accounts]  # type: ignore[misc]
    Run(spool, [collector("a.boxes", Box, read)], targets)()
    assert [account for account, *_ in names(spool)] == accounts
    assert max(most) <= module.ACCOUNTS_MAX
