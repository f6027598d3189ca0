"""Flows and lookups: beacons, scans, volume, names made by chance, tunnels."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from tests.engines.behaviour.events import Event, alerts, at, flow, lookup

from koban.engines.behaviour.detections.dga_domains import Dga
from koban.engines.behaviour.letters import WORDS, score
from koban.model.alert import Entity

HOST, OUT = "10.0.0.5", "203.0.113.50"


def clock(
    make: Callable[[float, random.Random], Event], interval: float, jitter: float, contacts: int = 66, seed: int = 1
) -> list[Event]:
    chance, seconds, made = random.Random(seed), 3600.0, []
    for _ in range(contacts):
        made.append(make(seconds, chance))
        seconds += interval * (1 + chance.uniform(-jitter, jitter))
    return made


def beat(seconds: float, chance: random.Random) -> Event:
    return flow(at(seconds=seconds), HOST, OUT, 443, src_endpoint_port=chance.randrange(32768, 61000))


def ask(seconds: float, chance: random.Random) -> Event:
    return lookup(at(20, seconds=seconds), HOST, f"{chance.choice('abc')}.evil-news.test")


@pytest.mark.parametrize(("interval", "jitter"), [(60, 0), (300, 0.1), (90, 0.3), (1200, 0.2)])
def test_a_beacon_in_flows(interval: float, jitter: float) -> None:
    [alert] = alerts("beaconing-flows", clock(beat, interval, jitter))
    assert alert.entities == (Entity("host", HOST), Entity("ip", OUT))
    assert abs(float(alert.details["interval_seconds"]) - interval) < interval * 0.1
    assert "66 times" in alert.why
    assert alert.count == 66


def poisson(mean: float, seed: int) -> list[Event]:
    chance, seconds, made = random.Random(seed), 0.0, []
    while seconds < 80000:
        seconds += chance.expovariate(1 / mean)
        made.append(beat(seconds, chance))
    return made


def test_contacts_by_chance_are_no_beacon() -> None:
    assert [s for s in range(40) if alerts("beaconing-flows", poisson(400, s))] == []


@pytest.mark.parametrize(
    "events",
    [
        clock(beat, 60, 0, contacts=20),  # too few
        clock(beat, 2, 0),  # one program at work
        clock(beat, 60, 0.9),  # no rhythm
        [e | {"src_endpoint_port": 50000} for e in clock(beat, 60, 0)],  # one connection, reported every minute
        [e | {"dst_endpoint_port": 123} for e in clock(beat, 300, 0)],  # clocks
        [e | {"dst_endpoint_ip": "10.0.0.9"} for e in clock(beat, 300, 0)],  # inside
        [e | {"src_endpoint_port": 443, "dst_endpoint_port": 50000 + n} for n, e in enumerate(clock(beat, 60, 0))],
        [e | {"src_endpoint_ip": f"10.0.0.{h}"} for h in range(5, 10) for e in clock(beat, 300, 0)],  # common
    ],
)
def test_what_is_no_beacon_in_flows(events: list[Event]) -> None:
    assert alerts("beaconing-flows", events) == []


def old_domain(name: str) -> list[Event]:
    return [lookup(at(d, 9), "10.0.0.6", name) for d in range(15)]


def test_a_beacon_in_lookups_of_a_new_domain() -> None:
    [alert] = alerts("beaconing-dns", [*old_domain("www.example.com"), *clock(ask, 300, 0.1)])
    assert alert.entities == (Entity("host", HOST), Entity("domain", "evil-news.test"))
    assert "Nobody looked that domain up before the last 7 days; lookups are known since 2026-03-01" in alert.why
    assert alerts("beaconing-dns", [*old_domain("x.evil-news.test"), *clock(ask, 300, 0.1)]) == []
    [alert] = alerts("beaconing-dns", clock(ask, 300, 0.1))
    assert "whether the domain is new is not known" in alert.why
    assert alerts("beaconing-dns", clock(ask, 300, 0.95)) == []


def scan(ports: range, packets: int = 1, source: str = HOST) -> list[Event]:
    return [
        flow(at(0, 9, seconds=n), source, "10.0.1.1", port, packets=packets, src_endpoint_port=55555)
        for n, port in enumerate(ports)
    ]


def sweep(hosts: int, **fields: int) -> list[Event]:
    return [flow(at(0, 9, seconds=n), HOST, f"10.0.1.{n}", 22, **fields) for n in range(hosts)]


def test_many_ports_of_one_host() -> None:
    [alert] = alerts("port-scan-vertical", scan(range(1, 101)))
    assert alert.entities == (Entity("ip", HOST), Entity("host", "10.0.1.1"))
    assert "tried 100 ports" in alert.why
    assert alert.level == "high"
    [alert] = alerts("port-scan-vertical", scan(range(1, 101), source="203.0.113.77"))
    assert alert.level == "low"
    assert alerts("port-scan-vertical", scan(range(1, 101), source="203.0.113.77"), outside=False) == []
    refused = [e | {"status_id": 2, "traffic_packets": 50} for e in scan(range(1, 101))]
    assert len(alerts("port-scan-vertical", refused)) == 1


@pytest.mark.parametrize(
    "events",
    [
        scan(range(1, 50)),  # too few
        scan(range(1, 101), packets=20),  # all of them answered
        [e | {"src_endpoint_port": 443, "dst_endpoint_port": 20000 + n} for n, e in enumerate(scan(range(1, 101)))],
        scan(range(40000, 40100)),  # ports of clients: the far side of connections that the host began
        [flow(at(0, h), HOST, "10.0.1.1", p, packets=1) for h in range(10) for p in range(h * 10, h * 10 + 10)],
    ],
)
def test_what_is_no_scan_of_ports(events: list[Event]) -> None:
    assert alerts("port-scan-vertical", events) == []


def test_one_port_of_many_hosts() -> None:
    [alert] = alerts("port-scan-horizontal", sweep(80, packets=2))
    assert "tried port 22 of 80 hosts" in alert.why
    assert alert.details["in_vain"] == "80"
    assert alerts("port-scan-horizontal", sweep(40, packets=2)) == []
    assert alerts("port-scan-horizontal", sweep(80, packets=20)) == []


def test_more_out_than_ever() -> None:
    usual = [flow(at(d, h), HOST, OUT, 443, bytes=5_000_000 + 100_000 * h) for d in range(9) for h in range(8, 18)]
    much = [flow(at(9, 3, n), HOST, "203.0.113.99", 443, bytes=50_000_000) for n in range(20)]
    [alert] = alerts("exfiltration-network", [*usual, *much])
    assert "sent 1.0 GB" in alert.why
    assert "203.0.113.99 (1.0 GB)" in alert.why
    assert alert.entities == (Entity("host", HOST), Entity("ip", "203.0.113.99"))
    inside = [e | {"dst_endpoint_ip": "10.9.9.9"} for e in much]
    assert alerts("exfiltration-network", [*usual, *inside]) == []
    assert alerts("exfiltration-network", [*usual, *[e | {"status_id": 2} for e in much]]) == []
    assert alerts("exfiltration-network", [*usual, *much[:3]]) == []
    # every night it is that much
    nights = [flow(at(d, 3, n), HOST, OUT, 443, bytes=50_000_000) for d in range(9) for n in range(20)]
    assert alerts("exfiltration-network", [*usual, *nights, *much]) == []


def letters(chance: random.Random) -> str:
    return "".join(chance.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(chance.randint(10, 18)))


def hexadecimal(chance: random.Random) -> str:
    return f"{chance.getrandbits(64):016x}"


def mixed(chance: random.Random) -> str:
    return "".join(chance.choice("bcdfghjklmnpqrstvwxz0123456789") for _ in range(chance.randint(10, 16)))


# words that are not in our table
OTHERS = """
acorn almond anvil basil beetle blossom breeze canvas carrot cedar chestnut clover cobalt comet cottage coyote crater
dolphin ember falcon fern fiddle fossil garlic ginger glacier granite harp hazel heron ivory jasmine juniper kettle
lantern lavender lichen lobster magnet mango maple meteor nectar nutmeg oak onyx otter oyster pebble pepper pigeon
plum pumpkin quartz quill raven reef saffron sapling scarlet sparrow spruce thistle thorn tulip turnip walnut willow
bookkeeper translate wholesale plumbing insurance dentistry logistics brewery carpenter accounting consulting
""".split()


def chosen(chance: random.Random) -> str:
    made = "".join(chance.sample(OTHERS, 2))
    return made + chance.choice(["", "", "24", "-online", "hq"])


def pronounceable(chance: random.Random) -> str:
    return "".join(chance.choice("bcdfgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(4, 7)))


def share(make: Callable[[random.Random], str]) -> float:
    chance = random.Random(7)
    names = [n for n in (make(chance) for _ in range(4000)) if len(n) >= 8]
    return sum(score(n) < Dga().score_max for n in names) / len(names)


def test_the_score_tells_chance_from_words() -> None:
    """The figures that docs/behaviour.md states."""
    assert not set(OTHERS) & set(WORDS)
    rates = {f.__name__: round(share(f), 3) for f in (letters, hexadecimal, mixed, chosen, pronounceable)}
    assert rates["letters"] > 0.9
    assert rates["hexadecimal"] > 0.99
    assert rates["mixed"] > 0.99
    assert rates["chosen"] < 0.005
    assert rates["pronounceable"] < 0.05  # made to sound like words: not found by this


def names(make: Callable[[random.Random], str], count: int, rcode: str | None, seed: int = 3) -> list[Event]:
    chance = random.Random(seed)
    return [lookup(at(0, 9, seconds=n), HOST, f"{make(chance)}.com", rcode=rcode) for n in range(count)]


@pytest.mark.parametrize("make", [letters, hexadecimal, mixed])
def test_a_host_that_tries_names_made_by_chance(make: Callable[[random.Random], str]) -> None:
    [alert] = alerts("dga-domains", names(make, 30, "NXDOMAIN"))
    assert alert.entities[0] == Entity("host", HOST)
    assert int(alert.details["missing"]) >= 10
    assert len(alerts("dga-domains", names(make, 60, None))) == 1
    assert alerts("dga-domains", names(make, 60, "NOERROR")) == []
    assert alerts("dga-domains", names(make, 9, "NXDOMAIN")) == []


def test_hosts_that_look_words_up_are_left_alone() -> None:
    for seed in range(20):
        assert alerts("dga-domains", names(chosen, 200, "NXDOMAIN", seed)) == []


def test_the_query_scores_as_the_function_does() -> None:
    from tests.engines.behaviour.events import connection

    alerts("dga-domains", names(letters, 60, "NXDOMAIN"))
    for parent, found in connection().execute("SELECT parent, score FROM strange").fetchall():
        assert found == pytest.approx(score(parent.split(".")[0]))


def tunnel(count: int, length: int = 40, kind: str = "A", seed: int = 5) -> list[Event]:
    chance = random.Random(seed)
    return [
        lookup(
            at(0, 9, seconds=n),
            HOST,
            "".join(chance.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(length)) + ".t.example.net",
            kind,
        )
        for n in range(count)
    ]


def test_data_in_names() -> None:
    [alert] = alerts("dns-tunnel", tunnel(300))
    assert alert.entities == (Entity("host", HOST), Entity("domain", "example.net"))
    assert "300 different names below example.net" in alert.why
    assert "12.6 kB" in alert.why
    [alert] = alerts("dns-tunnel", tunnel(80, 60, "TXT"))
    assert alert.details["carrying_share"] == "1.00"


@pytest.mark.parametrize(
    "events",
    [
        tunnel(80),  # too few for addresses
        tunnel(300, length=8),  # short names
        [e | {"src_endpoint_ip": f"10.0.{n}.1"} for n, e in enumerate(tunnel(250))],  # many hosts, a name each
        [e for e in tunnel(100) for _ in range(3)],  # asked again and again
        [lookup(at(0, 9, seconds=n), HOST, f"{n % 250}.0.0.10.in-addr.arpa", "PTR") for n in range(900)],
        [e | {"query_hostname": f"{'0' * 30}{n:04}.example.net"} for n, e in enumerate(tunnel(300))],  # a counter
    ],
)
def test_names_that_carry_nothing(events: list[Event]) -> None:
    assert alerts("dns-tunnel", events) == []


def test_domains_that_are_known_to_carry_data() -> None:
    assert alerts("dns-tunnel", tunnel(300), domains_ignored=("example.net",)) == []


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("a.b.example.com.", "example.com"),
        ("x.shop.co.uk", "shop.co.uk"),
        ("example.io", "example.io"),
        ("local", None),
    ],
)
def test_the_registered_part_of_a_name(name: str, parent: str | None) -> None:
    from tests.engines.behaviour.events import connection

    alerts("dga-domains", names(letters, 1, None))
    assert connection().execute("SELECT parent_domain(?)", [name]).fetchall() == [(parent,)]
