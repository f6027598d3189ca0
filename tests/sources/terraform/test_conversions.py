from decimal import Decimal

import pytest

from koban.model.unknown import Maybe, OpenList, Unknown
from koban.sources.terraform.conversions import by_name, doubtful, filled, given, lower, texts
from koban.sources.terraform.mapping import ABSENT

NOT_KNOWN = Unknown("var.x", "it has no default")
PARAMETERS = by_name("parameter", "name", lambda block: block.get("value"))


@pytest.mark.parametrize("value", [NOT_KNOWN, "x", 0, False, [NOT_KNOWN], {"a": None}])
def test_what_is_set_is_given(value):
    assert given(value)


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_what_is_empty_is_not_given(value):
    assert not given(value)


def test_what_is_empty_leaves_the_word_to_the_next():
    assert filled("") is ABSENT
    assert filled("x") == "x"
    assert filled(0) == 0


def test_of_what_is_doubtful_nothing_is_sure():
    sure = Unknown("aws_kms_key.k.arn", "known after apply", shape="arn:.+", target="aws_kms_key.k")
    assert doubtful(sure)._target == ""
    assert doubtful(sure)._shape != sure._shape
    assert doubtful(sure)._root is sure


def test_only_texts_have_a_case():
    assert lower("Redis") == "redis"
    assert lower(5) == 5


def test_values_of_a_mapping_become_texts():
    assert texts({"a": True, "b": 7, "c": Decimal("1.5"), "d": "x"}) == {
        "a": "true",
        "b": "7",
        "c": "1.5",
        "d": "x",
    }
    assert texts({"a": NOT_KNOWN})["a"] is NOT_KNOWN
    assert texts("no mapping") == "no mapping"


def read(parameter):
    return PARAMETERS.read({"parameter": parameter}, (), ("Parameters",), None)


def test_blocks_become_a_mapping():
    assert read([{"name": "tls", "value": "enabled"}, {"name": "ttl", "value": NOT_KNOWN}]) == {
        "tls": "enabled",
        "ttl": NOT_KNOWN,
    }
    assert read([]) is ABSENT
    assert PARAMETERS.read({}, (), ("Parameters",), None) is ABSENT


def test_blocks_that_are_not_known_make_no_mapping_that_is():
    assert isinstance(read(NOT_KNOWN), Unknown)
    assert isinstance(read([NOT_KNOWN]), Unknown)
    assert isinstance(read([{"name": NOT_KNOWN, "value": "disabled"}]), Unknown)


def test_what_a_block_says_that_may_not_be_there_is_not_known():
    gap = Maybe("parameter", "var.strict has no default", ({"name": "tls", "value": "disabled"},))
    made = read(OpenList([{"name": "ttl", "value": "x"}, gap]))
    assert made["ttl"] == "x"
    assert isinstance(made["tls"], Unknown)
    assert made["tls"]._why == "var.strict has no default"
