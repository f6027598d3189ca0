"""How fast one service of one account and region is asked: never faster than allowed, slower when AWS says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

RATE = 20.0  # requests a second
BURST_SECONDS = 2.0  # what may be asked at once after a rest
RATE_MIN = 0.5
SLOWER = 0.6  # what is left of the rate after AWS throttled
FASTER_AFTER_SECONDS = 1.0
FASTER = 1.1
# Services whose own limits are far above the others'.
FACTORS = {"s3": 5.0, "ec2": 1.0, "s3control": 2.0}


class Limiter:
    """Spaces requests in time.  Safe to share among threads."""

    def __init__(
        self, rate: float, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.rate_max = self.rate = rate
        self.clock = clock
        self.sleep = sleep
        self._lock = threading.Lock()
        self._due = 0.0  # when the next request would go if all went evenly
        self._changed = 0.0

    def wait(self) -> None:
        """Return when one more request may go."""
        with self._lock:
            now = self.clock()
            if self.rate < self.rate_max and now - self._changed > FASTER_AFTER_SECONDS:
                self.rate, self._changed = min(self.rate_max, self.rate * FASTER), now
            burst = BURST_SECONDS if self.rate == self.rate_max else 0.0
            self._due = max(self._due, now - burst) + 1 / self.rate
            ahead = self._due - now
        if ahead > 0:
            self.sleep(ahead)

    def throttled(self) -> None:
        """AWS asked for fewer requests."""
        with self._lock:
            self.rate, self._changed = max(RATE_MIN, self.rate * SLOWER), self.clock()


class Limiters:
    """A limiter for each region and service of one account."""

    def __init__(self, rate: float = RATE) -> None:
        self.rate = rate
        self._made: dict[tuple[str, str], Limiter] = {}
        self._lock = threading.Lock()

    def of(self, service: str, region: str) -> Limiter:
        found = self._made.get((service, region))
        if found is None:
            with self._lock:
                made = Limiter(self.rate * FACTORS.get(service, 1.0))
                found = self._made.setdefault((service, region), made)
        return found
