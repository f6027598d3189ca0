"""What the behavioural detections look at in events, found by many machines: the rest stays where it is.

Detections see the same rows that they would see in the lake, without those that none of them asks for and without the
columns that none of them reads; so they say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from koban.engines.behaviour.batch import CALLS, CALLS_SEEN, FLOWS, LOOKUPS, Observation
from koban.model.event import CLASSES, COLUMNS

UNSEEN = ("raw_data", "observables", "message")
"""Columns that no detection reads."""


def seen(observed: Iterable[Observation], classes: Sequence[str] = (*CALLS, *FLOWS, *LOOKUPS)) -> str:
    """The query of what of `{events}` detections see, of some classes; records only where an observation reads them."""
    reading = dict.fromkeys(f"({one.where})" for one in observed if one.reads_record)
    record = f"CASE WHEN {' OR '.join(reading)} THEN record END" if reading else "NULL::VARCHAR"
    columns = [
        f"NULL::{column.sql_type} AS {name}" if name in UNSEEN else f"{record} AS record" if name == "record" else name
        for name, column in COLUMNS.items()
    ]
    calls, others = (", ".join(str(CLASSES[c]) for c in some) for some in (CALLS, (*FLOWS, *LOOKUPS)))
    listed = ", ".join(str(CLASSES[c]) for c in classes)
    return (
        f"SELECT {', '.join(columns)} FROM {{events}} WHERE class_uid IN ({listed})"
        f" AND (class_uid IN ({others}) OR (class_uid IN ({calls}) AND {CALLS_SEEN}))"
    )
