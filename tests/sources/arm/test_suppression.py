"""Accepted findings in Azure's templates."""

from datetime import date

import pytest

TEMPLATE = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "resources": [
    // koban:ignore above because it is so
    // and goes on

    {
      "type": "A.B/c", // koban:ignore head until 2027-01-31 because
      "name": "x",
      "tags": {"koban:ignore": "tagged because", "url": "http://x // koban:ignore text no"},
      "metadata": {"koban:ignore": ["one because", "two"]},
      "properties": { /* koban:ignore whole because */
        "a": 1, // koban:ignore beside, other because
        /* koban:ignore
           not this
           koban:ignore alone because */
        "b": {
          "c": 2
        }
      }
    },
    {
      "type": "Microsoft.Resources/deployments", "name": "d",
      "properties": {"template": {"resources": [
        {
          "type": "A.B/d", "name": "y", // koban:ignore nested until soon because
          "properties": {}
        }
      ]}}
    }
  ]
}"""


def test_where_they_are_written_and_what_they_are_about(read):
    made = read(TEMPLATE)
    found = {",".join(one.rules): (one.line, one.about, one.reason) for one in made.suppressions if not one.wrong}
    assert found == {
        "above": (4, 7, "because it is so"),
        "head": (8, 7, "because"),
        "tagged": (10, 7, "because"),
        "one": (11, 7, "because"),
        "two": (11, 7, ""),
        "whole": (12, 7, "because"),
        "beside,other": (13, 13, "because"),
        "alone": (16, 17, "because"),
    }
    wrong = {one.line: (one.about, one.wrong) for one in made.suppressions if one.wrong}
    assert wrong == {14: (17, "it names no rule"), 26: (25, "'soon' is not a date like 2027-01-31")}


@pytest.mark.parametrize(("rule", "path", "covers"), [
    ("above", ("properties", "b", "c"), True),
    ("beside", ("properties", "a"), True),
    ("beside", ("properties", "b", "c"), False),
    ("alone", ("properties", "b", "c"), True),
    ("alone", ("properties", "a"), False),
])  # fmt: skip
def test_what_they_cover(read, rule, path, covers):
    made = read(TEMPLATE)
    one, (about,) = made.resources[0], [one for one in made.suppressions if rule in one.rules]
    assert about.covers(rule, one.line_of(path), one.lines) is covers
    assert about.holds(date(2027, 1, 1)) is True
