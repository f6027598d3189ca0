"""How much one may ask for: requests per address and caller, by buckets that fill up again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from koban.app.serve.settings import Rate, Rates

KEPT_MAX = 20_000  # buckets; the one unused for longest goes first


class Buckets:
    """One bucket for each key."""

    def __init__(self, rate: Rate, workers: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second = rate.per_second / workers
        self.burst = max(1, ceil(rate.burst / workers))
        self.clock = clock
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> int:
        """Take one; returns 0, or in how many seconds there will be one again."""
        now = self.clock()
        with self._lock:
            left, since = self._kept.pop(key, (float(self.burst), now))
            left = min(float(self.burst), left + (now - since) * self.per_second)
            enough = left >= 1
            self._kept[key] = (left - 1 if enough else left, now)
            if len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return 0 if enough else max(1, ceil((1 - left) / self.per_second))


class Limits:
    """The buckets of a server."""

    def __init__(self, rates: Rates, workers: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self.address = Buckets(rates.address, workers, clock)
        self.caller = Buckets(rates.caller, workers, clock)
        self.stranger = Buckets(rates.stranger, workers, clock)
        self.sign_in = Buckets(rates.sign_in, workers, clock)
