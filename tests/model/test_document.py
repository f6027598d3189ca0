"""Fields that templates fill with texts."""

import pytest

from koban.engines.posture import judge
from koban.model.resource import Resource, field
from koban.model.rule import _registry, rule
from koban.model.unknown import Unknown


class Thing(Resource, type="Koban::Test::Switch"):
    """A thing with a switch and a number."""

    on: bool = field("On", False, "Whether it is on")
    days: int = field("Days", 0, "How long, in days")


@pytest.fixture
def verdict():
    """The verdict on a thing that is bad when it is off or kept for no time."""

    @rule("low", Thing)
    def thing_test_off(thing: Thing) -> bool:
        """It is off.

        Why: so.
        Fix: so.
        """
        return not thing.on or not thing.days

    yield lambda **document: judge(thing_test_off, Thing(document)).verdict
    _registry.pop("thing-test-off")


def test_a_text_that_may_say_false_or_0_is_not_true_for_being_no_empty_text(verdict):
    switch = Unknown("p", "parameter p has no default", shape="(?:true|false)")
    days = Unknown("d", "parameter d has no default", shape="[0-9]+")
    assert verdict(On=True, Days=1) == "pass"
    assert verdict(On=switch, Days=1) == "unknown"
    assert verdict(On=True, Days=days) == "unknown"
    assert verdict(On="false", Days=days) == "fail"
