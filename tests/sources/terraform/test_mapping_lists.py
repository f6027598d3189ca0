"""Lists that several arguments or resources make together."""

from koban.model.unknown import Maybe, OpenList, Unknown
from koban.sources.terraform.mapping import ABSENT, blocks, elements, entry, listed, merge_elements, split, together

GAP = Unknown("var.x", "it has no default")
BOTH = together(blocks("root", Size="size"), blocks("more", Size="size"), listed("one"))


def read(body, note=None):
    return BOTH.read(body, (), ("Disks",), note)


def test_the_lists_follow_one_another():
    assert read({"root": [{"size": 1}], "more": [{"size": 2}, {"size": 3}]}) == [{"Size": 1}, {"Size": 2}, {"Size": 3}]
    assert read({"more": [{"size": 2}], "one": "x"}) == [{"Size": 2}, "x"]
    assert read({}) is ABSENT


def test_one_that_is_not_known_makes_the_whole_unknown():
    assert read({"root": [{"size": 1}], "more": GAP}) is GAP


def test_elements_that_may_not_be_there_stay_so():
    found = read({"root": [{"size": 1}], "more": OpenList([Maybe("more", "why", ({"size": 2},))])})
    assert isinstance(found, OpenList)
    assert found[0] == {"Size": 1}
    assert found[1]._values == ({"Size": 2},)


def test_each_property_notes_its_own_element():
    notes = {}
    read(
        {"root": [{"size": 1}], "more": [{"size": 2}, {"size": 3}]}, lambda here, at, there: notes.setdefault(here, at)
    )
    assert notes["Disks", 0, "Size"] == ("root", 0, "size")
    assert notes["Disks", 1, "Size"] == ("more", 0, "size")
    assert notes["Disks", 2, "Size"] == ("more", 1, "size")


def test_the_properties_inside_are_those_of_all():
    assert together(blocks("a", X="x"), blocks("b", Y="y")).properties().keys() == {"X", "Y"}
    assert together(blocks("a", X="x"), entry("b")).properties() is None


def test_elements_and_split():
    assert elements(None) == []
    assert elements(["a", None, GAP]) == ["a", GAP]
    assert elements(GAP) == [GAP]
    assert list(split("to")({"from": 1, "to": ["a", "b"]})) == [{"from": 1, "to": "a"}, {"from": 1, "to": "b"}]
    assert list(split("to")({"from": 1})) == []
    (body,) = split("to")({"to": GAP})
    assert body["to"] is GAP


def test_pieces_meet_the_elements_of_the_same_value():
    there = [{"Port": 443, "Protocol": "HTTPS"}, {"Port": 80}]
    made = merge_elements(there, [{"Port": "443", "Names": ["p"]}, {"Port": 99, "Names": ["q"]}], "Port")
    assert made == [{"Port": 443, "Protocol": "HTTPS", "Names": ["p"]}, {"Port": 80}]
    assert there[0] == {"Port": 443, "Protocol": "HTTPS"}, "what was there is not changed"


def test_pieces_of_one_element_add_up():
    pieces = [{"Port": 443, "Names": ["p"]}, {"Port": 443, "Names": ["q"]}]
    assert merge_elements([{"Port": 443}], pieces, "Port") == [{"Port": 443, "Names": ["p", "q"]}]


def test_a_piece_for_nobody_knows_which_element_leaves_all_open():
    made = merge_elements([{"Port": 443}, GAP], [{"Port": GAP, "Names": ["p"]}], "Port")
    assert isinstance(made[0]["Names"], Unknown)
    assert made[0]["Names"]._root is GAP
    assert made[1] is GAP
    (one,) = merge_elements([{"Port": GAP}], [{"Port": 443, "Names": ["p"]}], "Port")
    assert isinstance(one["Names"], Unknown)
