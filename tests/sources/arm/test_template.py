"""What a template comes to: resources, loops, conditions, nested deployments."""

import json

import pytest

from koban.model.unknown import Partial, Unknown

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
STORAGE = "Microsoft.Storage/storageAccounts"
INNER = {"expressionEvaluationOptions": {"scope": "inner"}}
FLAG = {"flag": {"type": "bool"}, "count": {"type": "int"}}


def resource(name="x", type="A.B/c", **more):
    return {"type": type, "apiVersion": "2024-01-01", "name": name, **more}


def nested(name, template, parameters=None, options=INNER, **more):
    properties = {"mode": "Incremental", **options, "template": {"resources": [], **template}}
    if parameters is not None:
        properties["parameters"] = parameters
    return resource(name, "Microsoft.Resources/deployments", properties=properties, **more)


def addresses(made):
    return [one.address for one in made.resources]


def properties(made, position=-1):
    return made.resources[position].document.get("properties")


def test_a_resource_is_its_document_with_lines(read):
    made = read(
        """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "variables": {
    "rules": {
      "bypass": "None"
    }
  },
  "resources": [
    {
      "Type": "microsoft.Storage/storageAccounts", "name": "data", "apiVersion": "2023-01-01",
      "location": "westeurope", "dependsOn": ["x"], "comments": "c", "condition": true,
      "sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "tags": {"a": "b"},
      "properties": {
        "supportsHttpsTrafficOnly": "[not(false())]",
        "networkAcls": "[variables('rules')]"
      }
    }
  ],
  "outputs": {"x": {"type": "string", "value": "[nothing()]"}}
}"""
    )
    (one,) = made.resources
    assert made.problems == []
    assert one.document == {
        "type": STORAGE,
        "name": "data",
        "apiVersion": "2023-01-01",
        "location": "westeurope",
        "sku": {"name": "Standard_LRS"},
        "kind": "StorageV2",
        "tags": {"a": "b"},
        "properties": {"supportsHttpsTrafficOnly": True, "networkAcls": {"bypass": "None"}},
    }
    assert (one.type_name, one.address, one.uid) == (STORAGE, f"{STORAGE}/data", f"t.json#{STORAGE}/data")
    assert (one.file, one.line) == ("t.json", 10)
    lines = {
        (): 10,
        ("type",): 11,
        ("sku", "name"): 13,
        ("properties",): 14,
        ("properties", "supportsHttpsTrafficOnly"): 15,
        ("properties", "networkAcls"): 16,
        ("properties", "networkAcls", "bypass"): 6,
        ("properties", "gone"): 14,
    }
    assert {path: one.line_of(path) for path in lines} == lines


def test_children_have_the_types_and_names_of_their_parents(read):
    child = resource("default", "blobServices", resources=[resource("logs", "containers")])
    extension = resource("audit", "Microsoft.Insights/diagnosticSettings")
    lock = resource("Microsoft.Authorization/keep", "providers/locks")
    whole = resource("data/default", f"{STORAGE}/queueServices")
    short = resource("default", f"{STORAGE}/tableServices")
    made = read({"resources": [resource("data", STORAGE, resources=[child, extension, lock, whole, short])]})
    assert addresses(made) == [
        f"{STORAGE}/data",
        f"{STORAGE}/blobServices/data/default",
        f"{STORAGE}/blobServices/containers/data/default/logs",
        "Microsoft.Insights/diagnosticSettings/audit",
        "Microsoft.Authorization/locks/keep",
        f"{STORAGE}/queueServices/data/default",
        f"{STORAGE}/tableServices/data/default",
    ]
    assert made.resources[4].document["scope"] == f"{STORAGE}/data"
    assert made.resources[0].document.keys() == {"type", "apiVersion", "name"}


def test_an_extension_named_by_what_it_is_about(read):
    name = "[concat(parameters('site'), '/Microsoft.Authorization/lock')]"
    made = read(
        {
            "parameters": {"site": {"type": "string"}},
            "resources": [resource(name, "Microsoft.Web/sites/providers/locks")],
        }
    )
    (one,) = made.resources
    assert (one.type_name, one.document["name"]) == ("Microsoft.Authorization/locks", "lock")
    assert one.document["scope"]._pieces[0] == "Microsoft.Web/sites/"


def test_copies_of_a_resource(read):
    loop = {"name": "loop", "count": "[length(variables('names'))]"}
    one = resource("[concat(variables('names')[copyIndex()], copyIndex(1), copyIndex('LOOP', 5))]", copy=loop)
    made = read({"variables": {"names": ["a", "b"]}, "resources": [one]})
    assert addresses(made) == ["A.B/c/a15", "A.B/c/b26"]
    assert read({"resources": [resource(copy={"name": "l", "count": 0})]}).resources == []


def test_as_many_copies_as_nobody_knows_are_one_that_stands_for_each(read):
    inner = {"copy": [{"name": "list", "count": "[parameters('count')]", "input": 1}], "fixed": True}
    one = resource("[concat('x', copyIndex())]", copy={"name": "l", "count": "[parameters('count')]"}, properties=inner)
    made = read({"parameters": FLAG, "resources": [one]})
    assert addresses(made) == ["A.B/c/x<copyIndex('l')>"]
    assert properties(made)["fixed"] is True
    assert isinstance(properties(made)["list"], Unknown)
    assert made.problems == []


@pytest.mark.parametrize("count", [801, -1, "many", None, 1.5])
def test_a_count_that_is_none_is_a_problem(read, count):
    made = read({"resources": [resource(copy={"name": "l", "count": count})]})
    assert [one.why for one in made.problems] == ["the count of copy l is no number from 0 to 800"]
    assert len(made.resources) == 1
    assert [one.why for one in read({"resources": [resource(copy={"name": "l"})]}).problems] == ["copy l says no count"]


def test_copies_of_properties_and_variables(read):
    ports = {"name": "ports", "count": 2, "input": {"port": "[add(80, copyIndex('ports'))]", "at": "[copyIndex()]"}}
    body = resource(
        "[string(copyIndex())]",
        copy={"name": "outer", "count": 2},
        properties={"copy": [ports], "names": "[variables('names')]", "deep": "[variables('deep').inner]"},
    )
    names = {"name": "names", "count": 2, "input": "[concat('n', copyIndex('names'))]"}
    deep = {"copy": [{**names, "name": "inner", "input": 7}]}
    template = {"$schema": SCHEMA, "variables": {"copy": [names], "deep": deep}, "resources": [body]}
    text = json.dumps(template, indent=1)
    made = read(text)
    assert made.problems == []
    assert properties(made, 0) == {
        "ports": [{"port": 80, "at": 0}, {"port": 81, "at": 0}],
        "names": ["n0", "n1"],
        "deep": [7, 7],
    }
    assert properties(made, 1)["ports"] == [{"port": 80, "at": 1}, {"port": 81, "at": 1}]
    (line,) = [number for number, one in enumerate(text.splitlines(), 1) if '"port":' in one]
    assert made.resources[0].line_of(("properties", "ports", 1, "port")) == line


def test_a_property_that_is_called_copy_is_one(read):
    made = read({"resources": [resource(properties={"copy": {"count": 1}, "copies": [{"copy": ["a"]}]})]})
    assert properties(made) == {"copy": {"count": 1}, "copies": [{"copy": ["a"]}]}


def test_conditions(read):
    child = resource("kid", "d")
    made = read(
        {
            "parameters": FLAG,
            "resources": [
                resource("yes", condition=True),
                resource("no", condition="[not(true())]", properties={"x": "[nothing()]"}),
                resource("open", condition="[parameters('flag')]"),
                resource("gone", condition=False, resources=[child]),
                resource("wrong", condition="maybe"),
            ],
        }
    )
    # A condition is not handed down: the child is made wherever its parent comes from.
    assert addresses(made) == ["A.B/c/yes", "A.B/c/open", "A.B/c/d/gone/kid", "A.B/c/wrong"]
    assert [one.why for one in made.problems] == ["condition: a truth value is needed, and this is a text"]


def test_what_would_be_wrong_with_a_resource_that_may_not_be_made_is_no_problem(read):
    one = resource(condition="[parameters('flag')]", properties={"x": "[variables('gone')]", "y": 1})
    made = read({"parameters": FLAG, "resources": [one]})
    assert made.problems == []
    assert properties(made)["y"] == 1
    assert isinstance(properties(made)["x"], Unknown)


def test_two_of_one_name_have_two_addresses_and_no_reference_leads_to_either(read):
    two = [resource("x", condition=f"[equals(parameters('flag'), {one})]") for one in ("true()", "false()")]
    user = resource("user", properties={"id": "[resourceId('A.B/c', 'x')]"})
    made = read({"parameters": FLAG, "resources": [*two, user]})
    assert addresses(made) == ["A.B/c/x", "A.B/c/x#2", "A.B/c/user"]
    assert properties(made)["id"]._target == ""


def test_references_lead_to_the_resources_of_the_template(read):
    made = read(
        {
            "parameters": {"name": {"type": "string"}},
            "variables": {"id": "[resourceId('a.b/C', parameters('name'))]"},
            "resources": [
                resource("[parameters('name')]"),
                resource("plain"),
                resource(
                    "[guid(variables('id'))]",
                    properties={
                        "id": "[variables('id')]",
                        "read": "[reference(variables('id'), '2020-01-01').a.b]",
                        "named": "[reference('plain').x]",
                        "keys": "[listKeys(resourceId('A.B/c', 'plain'), '2020-01-01').keys[0]]",
                        "other": "[resourceId('group', 'A.B/c', 'plain')]",
                        "gone": "[resourceId('A.B/c', 'gone')]",
                    },
                ),
            ],
        }
    )
    found = properties(made)
    first, second = addresses(made)[:2]
    targets = {key: one._target for key, one in found.items()}
    assert targets == {"id": first, "read": first, "named": second, "keys": second, "other": "", "gone": ""}
    assert isinstance(found["id"], Partial)
    assert found["read"]._why == f"{first} tells it only when it is deployed"
    assert found["read"]._path == f"reference({first}).a.b"


def test_keys_that_are_expressions(read):
    made = read(
        {
            "parameters": {"open": {"type": "string"}},
            "resources": [
                resource(
                    properties={
                        "known": {"[concat('a', 'b')]": 1},
                        "id": {"[resourceId('A.B/c', parameters('open'))]": {}},
                        "any": {"[parameters('open')]": 1, "b": 2},
                        "wrong": {"[nothing()]": 1},
                    }
                )
            ],
        }
    )
    found = properties(made)
    assert found["known"] == {"ab": 1}
    assert len(found["id"]) == 1
    assert isinstance(found["any"], Unknown)
    assert isinstance(found["wrong"], Unknown)
    assert [one.why for one in made.problems] == ["there is no function nothing"]


SYMBOLIC = {
    "languageVersion": "2.0",
    "metadata": {"_generator": {"name": "bicep", "version": "0.30.0", "templateHash": "1"}},
    "resources": {
        "vault": resource("secrets", "Microsoft.KeyVault/vaults", existing=True),
        "site": resource(
            "web", properties={"info": "[resourceInfo('site').name]", "at": "[reference('vault').vaultUri]"}
        ),
        "many": resource("[concat('m', copyIndex())]", copy={"name": "many", "count": 2}),
        "user": resource(
            "u",
            properties={
                "one": "[reference('site').state]",
                "loop": "[reference(format('many[{0}]', 1)).state]",
                "full": "[reference('site', '2024-01-01', 'full').identity.principalId]",
                "all": "[references('many', 'full')]",
                "id": "[resourceInfo('site').id]",
            },
        ),
        "graph": {"extension": "graph", "type": "Microsoft.Graph/groups@v1.0", "properties": {"displayName": "x"}},
        "pod": {"import": "kubernetes", "type": "core/Pod@v1", "properties": {}},
    },
}


def test_symbolic_names(read):
    made = read(SYMBOLIC)
    assert made.problems == []
    assert addresses(made) == ["site", "many[0]", "many[1]", "user"]
    assert made.resources[0].document["properties"]["info"] == "web"
    assert {key: one._target for key, one in properties(made).items()} == {
        "one": "site",
        "loop": "many[1]",
        "full": "site",
        "all": "",
        "id": "site",
    }
    assert made.resources[0].document["properties"]["at"]._target == ""
    assert made.notes == [
        f"t.json: {one} is not judged: an extension makes it, and not Azure itself" for one in ("graph", "pod")
    ]


def test_a_nested_deployment_with_its_own_parameters(read):
    template = {
        "parameters": {
            "name": {"type": "string"},
            "secret": {"type": "string"},
            "fallback": {"type": "string", "defaultValue": "own"},
            "open": {"type": "string"},
        },
        "variables": {"v": "inner"},
        "resources": [
            resource(
                "[parameters('name')]",
                properties={
                    "v": "[variables('v')]",
                    "s": "[parameters('secret')]",
                    "f": "[parameters('fallback')]",
                    "o": "[parameters('open')]",
                    "group": "[resourceGroup().name]",
                    "deployment": "[deployment().name]",
                },
            )
        ],
        "outputs": {"id": {"type": "string", "value": "[resourceId('A.B/c', parameters('name'))]"}},
    }
    given = {
        "name": {"value": "[concat(variables('v'), '1')]"},
        "secret": {"reference": {"keyVault": {"id": "k"}, "secretName": "s"}},
        "fallback": {"value": "[null()]"},
    }
    deployment = "resourceId('other', 'Microsoft.Resources/deployments', 'mod')"
    made = read(
        {
            "variables": {"v": "outer"},
            "resources": [
                nested("mod", template, given, resourceGroup="other"),
                resource(
                    "user",
                    properties={"id": f"[reference({deployment}).outputs.id.value]",
                                "wrong": "[reference('mod').outputs.gone.value]"},
                ),
            ],
        }
    )  # fmt: skip
    assert addresses(made) == ["Microsoft.Resources/deployments/mod", "mod.A.B/c/outer1", "A.B/c/user"]
    assert made.resources[0].document["properties"] == {"mode": "Incremental", **INNER}
    found = properties(made, 1)
    assert (found["v"], found["f"], found["group"], found["deployment"]) == ("inner", "own", "other", "mod")
    assert (found["s"]._path, found["s"]._why) == (
        "mod.parameters('secret')",
        "parameter secret is read from a key vault",
    )
    assert (found["o"]._path, found["o"]._why) == ("mod.parameters('open')", "parameter open has no default")
    assert [one.why for one in made.problems] == ["the nested template has no output gone"]


def test_outputs_of_nested_deployments_lead_on(read):
    template = {
        "resources": [resource("inner")],
        "outputs": {
            "id": {"type": "string", "value": "[resourceId('A.B/c', 'inner')]"},
            "key": {"type": "securestring", "value": "hidden"},
            "self": {"type": "string", "value": "[reference('user').x]"},
        },
    }
    uses = {key: f"[reference('mod').outputs.{key}.value]" for key in ("id", "key", "self")}
    made = read({"languageVersion": "2.0", "resources": {
        "mod": nested("m", template),
        "user": resource("u", properties={**uses, "whole": "[reference('mod')]", "all": "[reference('mod').outputs]"}),
    }})  # fmt: skip
    assert addresses(made) == ["mod", "mod.A.B/c/inner", "user"]
    found = properties(made)
    assert found["id"]._target == "mod.A.B/c/inner"
    assert found["key"]._why == "output key is a secret"
    assert all(isinstance(one, Unknown) for one in found.values())
    assert made.problems == []


@pytest.mark.parametrize("options", [{}, {"expressionEvaluationOptions": {"scope": "Outer"}}])
def test_a_nested_deployment_that_speaks_of_what_is_around_it(read, options):
    template = {
        "variables": {"v": "inner"},
        "resources": [
            resource(
                "[concat(variables('v'), copyIndex('out'), copyIndex())]",
                copy={"name": "in", "count": 2},
                properties={"v": "[variables('v')]", "copy": [{"name": "p", "count": 1, "input": "[copyIndex('p')]"}]},
            )
        ],
    }
    loop = {"name": "out", "count": 2}
    made = read(
        {
            "variables": {"v": "outer"},
            "resources": [nested("[concat('d', copyIndex())]", template, options=options, copy=loop)],
        }
    )
    assert made.problems == []
    assert [one for one in addresses(made) if "deployments" not in one] == [
        f"d{i}.A.B/c/outer{i}{j}" for i in range(2) for j in range(2)
    ]
    assert properties(made) == {"v": "outer", "p": [0]}


def test_a_nested_template_in_a_template_with_symbolic_names_is_by_itself(read):
    inner = {"variables": {"v": "inner"}, "resources": [resource("[variables('v')]")]}
    made = read(
        {"languageVersion": "2.0", "variables": {"v": "outer"}, "resources": {"d": nested("n", inner, options={})}}
    )
    assert addresses(made) == ["d", "d.A.B/c/inner"]


def test_scopes_of_nested_deployments(read):
    schema = "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"
    here = {"resources": [resource(properties={"v": "[subscription().id]", "id": "[resourceId('A.B/c', 'x')]"})]}
    made = read(
        {
            "$schema": schema,
            "resources": [
                nested("group", here, resourceGroup="g"),
                nested("other", here, subscriptionId="11111111-1111-1111-1111-111111111111", resourceGroup="g"),
                nested("mg", {"$schema": schema.replace("subscriptionD", "managementGroupD"), "resources": [
                    resource(properties={"id": "[managementGroup().id]"})]},
                    scope="Microsoft.Management/managementGroups/top"),
                nested("tenant", {"resources": [resource(properties={"id": "[resourceId('A.B/c', 'y')]"})]}, scope="/"),
                resource("bad", properties={"v": "[resourceGroup().location]"}),
            ],
        }
    )  # fmt: skip
    found = {one.address.partition(".")[0]: one.document["properties"] for one in made.resources}
    assert found["group"]["id"]._pieces[2] == "/resourceGroups/g/providers/A.B/c/x"
    assert found["other"]["v"] == "/subscriptions/11111111-1111-1111-1111-111111111111"
    assert found["other"]["id"].endswith("/resourceGroups/g/providers/A.B/c/x")
    assert found["mg"]["id"] == "/providers/Microsoft.Management/managementGroups/top"
    assert found["tenant"]["id"] == "/providers/A.B/c/y"
    assert [one.why for one in made.problems] == [
        "resourceGroup() is only there where a deployment goes to a resource group"
    ]


def test_linked_templates_are_said_once(read):
    link = {"templateLink": {"uri": "https://x/y.json"}, "mode": "Incremental"}
    resources = [resource(f"l{i}", "Microsoft.Resources/deployments", properties=link) for i in range(5)]
    made = read({"resources": resources})
    assert made.notes == ["t.json: 5 linked templates are not read from here: l0, l1, l2 and more"]
    assert len(made.resources) == 5
    assert made.problems == []
    assert read({"resources": resources[:1]}).notes == ["t.json: a linked template is not read from here: l0"]
    bare = resource("bare", "Microsoft.Resources/deployments", properties={"mode": "Incremental"})
    assert [one.why for one in read({"resources": [bare]}).problems] == ["deployment bare has no template"]


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ({"variables": {"a": "[variables('b')]", "b": "[variables('a')]"}}, "variable a depends on itself"),
        (
            {"parameters": {"a": {"type": "string", "defaultValue": "[parameters('a')]"}}},
            "parameter a depends on itself",
        ),
    ],
)
def test_circles_are_said(read, template, why):
    name = "variables" if "variables" in template else "parameters"
    made = read({**template, "resources": [resource(properties={"x": f"[{name}('a')]"})]})
    assert [one.why for one in made.problems] == [why]
    assert properties(made)["x"]._why == why


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ({"resources": "x"}, "resources are a list or a mapping"),
        ({"resources": ["x"]}, "a resource is a mapping"),
        ({"resources": [{"name": "x"}]}, "a resource has no type that is known"),
        ({"resources": [{"type": "[parameters('open')]", "name": "x"}], "parameters": {"open": {"type": "string"}}},
         "a resource has no type that is known: parameter open has no default"),
        ({"resources": [{"type": "A.B/c"}]}, "a resource of type A.B/c has no name"),
    ],
)  # fmt: skip
def test_what_is_no_resource_is_said(read, template, why):
    assert [one.why for one in read(template).problems] == [why]


def test_limits(read, monkeypatch):
    from koban.sources.arm import template

    many = resource("[concat('x', copyIndex())]", copy={"name": "l", "count": 800})
    made = read({"resources": [many] * 13})
    assert [one.why for one in made.problems] == ["it makes more than 10,000 resources"]
    deep = nested("d", {"resources": [resource()]})
    for _ in range(21):
        deep = nested("d", {"resources": [deep]})
    assert [one.why for one in read({"resources": [deep]}).problems] == [
        "it nests more than 500 deployments, or deeper than 20 levels"
    ]
    monkeypatch.setattr(template, "STEPS_MAX", 1000)
    work = "[reduce(range(0, 1000), '', lambda('a', 'b', concat(lambdaVariables('a'), 'x')))]"
    made = read({"resources": [resource(properties={"x": work})]})
    assert [one.why for one in made.problems] == ["it comes to more than 1,000 steps"]


def test_texts_and_values_that_grow_end(value, read):
    doubled = "reduce(range(0, 100), 'xx', lambda('a', 'b', concat(lambdaVariables('a'), lambdaVariables('a'))))"
    assert value(f"[{doubled}]")._why == "concat: a text has more than 1,000,000 characters"
    grown = "[reduce(range(0, 300), createArray(), lambda('a', 'b', createArray(lambdaVariables('a'))))]"
    made = read({"resources": [resource(properties={"x": grown})]})
    assert [one.why for one in made.problems] == ["its values nest too deeply, or lead in a circle"]
    chain = {f"v{i}": f"[concat(variables('v{i + 1}'), 'x')]" for i in range(3000)}
    made = read({"variables": chain, "resources": [resource(properties={"x": "[variables('v0')]"}), resource("y")]})
    assert [one.why for one in made.problems] == ["its values nest too deeply, or lead in a circle"]
    assert addresses(made) == ["A.B/c/y"]


def test_types_are_spelled_as_their_classes_are(read):
    from koban.model import resource as resources

    class Thing(resources.Resource, type="Microsoft.Test/madeUpThings"):
        """A thing of this test alone."""

    try:
        (one,) = read({"resources": [resource("x", "MICROSOFT.test/madeupthings")]}).resources
        assert type(one) is Thing
        assert one.document["type"] == "Microsoft.Test/madeUpThings"
    finally:
        resources._classes.pop("Microsoft.Test/madeUpThings")
