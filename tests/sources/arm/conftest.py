"""Templates in tests: only what matters to a test is written out."""

import json

import pytest

from koban.sources.arm.files import ARM
from koban.sources.arm.reader import read_found
from koban.sources.files import Found

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


@pytest.fixture
def read():
    """``read({"resources": [...]}, x=1)``: the template read, with values for its parameters."""

    def run(template, **given):
        if isinstance(template, dict):
            template = json.dumps(
                {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": [], **template}, indent=1
            )
        data = template if isinstance(template, bytes) else template.encode()
        (made,) = read_found([Found("t.json", "t.json", data, named=True, dialect=ARM.name)], given, None)
        return made

    return run


@pytest.fixture
def value(read):
    """``value("[add(1, 2)]", parameters={...})``: what an expression comes to in a template without faults."""

    def run(expression, given=None, **template):
        resource = {"type": "A.B/c", "name": "x", "properties": {"v": expression}}
        made = read({**template, "resources": [resource]}, **(given or {}))
        assert made.problems == []
        return made.resources[-1].document["properties"]["v"]

    return run


@pytest.fixture
def fault(read):
    """``fault("[no()]")``: why a template with this expression cannot be read, and on which line it stands."""

    def run(expression, **template):
        resource = {"type": "A.B/c", "name": "x", "properties": {"v": expression}}
        return [(one.line, one.why) for one in read({**template, "resources": [resource]}).problems]

    return run
