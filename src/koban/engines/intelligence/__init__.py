"""Events matched with indicators of threats: sets against sets, in SQL."""

from koban.engines.intelligence.matching import Matches, match

__all__ = ["Matches", "match"]
