"""The expressions of templates: what each function comes to, known and not."""

import pytest

from koban.model.unknown import ANY_SHAPE, Maybe, OpenList, Partial, Unknown

OBJECT = "createObject('one', 'a', 'Two', createArray(1, 2))"
PARAMETERS = {
    "open": {"type": "string"},
    "any": {"type": "object"},
    "flag": {"type": "bool"},
    "number": {"type": "int"},
    "choice": {"type": "string", "allowedValues": ["Allow", "Deny"]},
    "list": {"type": "array"},
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # how texts are read
        ("plain", "plain"),
        ("[[not('an expression')]", "[not('an expression')]"),
        ("[half", "[half"),
        ("[[half", "[[half"),
        ("half]", "half]"),
        ("['it''s']", "it's"),
        ("[ concat( 'a' , 'b' ) ]", "ab"),
        ("[CONCAT('a', ToUpper('b'))]", "aB"),
        ("[concat('a',\n 'b')]", "ab"),
        # arrays and objects
        ("[array('a')]", ["a"]),
        ("[array(createArray(1))]", [1]),
        ("[createArray()]", []),
        ("[createArray(1, 'a', true(), null())]", [1, "a", True, None]),
        ("[concat('a', 1, true())]", "a1True"),
        ("[concat(createArray(1), createArray(2, 3))]", [1, 2, 3]),
        ("[contains('OneTwo', 'eT')]", True),
        ("[contains('OneTwo', 'et')]", False),
        (f"[contains({OBJECT}, 'ONE')]", True),
        (f"[contains({OBJECT}, 'three')]", False),
        ("[contains(createArray('a', 'b'), 'a')]", True),
        ("[contains(createArray('a', 'b'), 'A')]", False),
        ("[contains(createArray(1, 2), 2)]", True),
        ("[contains(createArray(createObject('a', 1)), createObject('a', 1))]", True),
        ("[empty('')]", True),
        ("[empty(createArray())]", True),
        ("[empty(createObject())]", True),
        ("[empty(null())]", True),
        ("[empty('a')]", False),
        ("[first('abc')]", "a"),
        ("[last('abc')]", "c"),
        ("[first(createArray(1, 2))]", 1),
        ("[last(createArray(1, 2))]", 2),
        ("[first(createArray())]", None),
        ("[length('abc')]", 3),
        ("[length(createArray(1, 2))]", 2),
        (f"[length({OBJECT})]", 2),
        ("[range(5, 3)]", [5, 6, 7]),
        ("[skip(createArray(1, 2, 3), 2)]", [3]),
        ("[skip('abc', 1)]", "bc"),
        ("[take('abc', 2)]", "ab"),
        ("[take(createArray(1, 2), 5)]", [1, 2]),
        ("[take('abc', -1)]", ""),
        ("[indexOf('test', 'T')]", 0),
        ("[lastIndexOf('test', 't')]", 3),
        ("[indexOf('abcdef', 'z')]", -1),
        ("[indexOf(createArray('a', 'b', 'a'), 'a')]", 0),
        ("[lastIndexOf(createArray('a', 'b', 'a'), 'a')]", 2),
        ("[indexFromEnd(createArray(1, 2, 3), 1)]", 3),
        ("[tryIndexFromEnd(createArray(1), 4)]", None),
        ("[flatten(createArray(createArray(1), createArray(2, 3)))]", [1, 2, 3]),
        ("[distinct(createArray(1, 'a', 1, 'a', 2))]", [1, "a", 2]),
        ("[union(createArray(1, 2), createArray(2, 3))]", [1, 2, 3]),
        (
            '[union(json(\'{"p": {"one": 1, "three": 2}, "n": [1]}\'), json(\'{"p": {"three": 3}, "n": [4]}\'))]',
            {"p": {"one": 1, "three": 3}, "n": [4]},
        ),
        ('[shallowMerge(createArray(json(\'{"a": {"b": 1}}\'), json(\'{"a": {"c": 2}}\')))]', {"a": {"c": 2}}),
        ("[intersection(createArray('a', 'b', 'c'), createArray('c', 'b'))]", ["b", "c"]),
        ('[intersection(json(\'{"a": 1, "b": 2}\'), json(\'{"a": 1, "b": 3}\'))]', {"a": 1}),
        (f"[items({OBJECT})]", [{"key": "one", "value": "a"}, {"key": "Two", "value": [1, 2]}]),
        (f"[objectKeys({OBJECT})]", ["one", "Two"]),
        (f"[{OBJECT}.two[1]]", 2),
        (f"[{OBJECT}['ONE']]", "a"),
        (f"[tryGet({OBJECT}, 'Two', 0)]", 1),
        (f"[tryGet({OBJECT}, 'gone', 'deeper')]", None),
        (f"[{OBJECT}.?gone]", None),
        ("[tryGet(createArray(1), 3)]", None),
        # comparison and logic
        ("[equals(1, 1)]", True),
        ("[equals('a', 'A')]", False),
        ("[equals(1, '1')]", False),
        ("[equals(true(), 1)]", False),
        ("[equals(createArray(1, 'a'), createArray(1, 'a'))]", True),
        ("[equals(createObject('a', 1), createObject('a', 2))]", False),
        ("[equals(null(), null())]", True),
        ("[less(1, 2)]", True),
        ("[lessOrEquals(2, 2)]", True),
        ("[greater('a', 'b')]", False),
        ("[greaterOrEquals(2, 3)]", False),
        ("[coalesce(null(), 'a', fail('never'))]", "a"),
        ("[coalesce(null())]", None),
        ("[and(true(), equals(1, 1), false())]", False),
        ("[or(false(), true(), fail('never'))]", True),
        ("[not(false())]", True),
        ("[if(true(), 'a', fail('never'))]", "a"),
        ("[if(false(), first('never', 2), 'b')]", "b"),
        ("[bool('true')]", True),
        ("[bool(0)]", False),
        # numbers
        ("[add(1, -2)]", -1),
        ("[sub(1, 2)]", -1),
        ("[mul(2, 3)]", 6),
        ("[div(8, 3)]", 2),
        ("[div(-8, 3)]", -2),
        ("[mod(7, 3)]", 1),
        ("[mod(-7, 3)]", -1),
        ("[int('42')]", 42),
        ("[min(3, 1, 2)]", 1),
        ("[max(createArray(3, 5, 2))]", 5),
        ("[float('1.5')]", 1.5),
        # texts
        ("[string(1)]", "1"),
        ("[string(true())]", "True"),
        ("[string(createArray('a', 1))]", '["a",1]'),
        ("[string(createObject('a', 1, 'b', null()))]", '{"a":1,"b":null}'),
        ("[json('{\"a\": [1, true, null]}').a]", [1, True, None]),
        ("[json('null')]", None),
        ("[format('{0}-{1}-{0}', 'a', 1)]", "a-1-a"),
        ("[format('{0:D3}|{1,4}|{2,-3}|{3:N0}', 7, 'a', 'b', 8175133)]", "007|   a|b  |8,175,133"),
        ("[format('{{{0}}}', 'a')]", "{a}"),
        ("[format('{0}', true())]", "True"),
        ("[join(createArray('a', 1), '-')]", "a-1"),
        ("[split('a,b;c', createArray(',', ';'))]", ["a", "b", "c"]),
        ("[split('a,b', ',')]", ["a", "b"]),
        ("[split('', ',')]", [""]),
        ("[replace('a-b-c', '-', '')]", "abc"),
        ("[substring('abcdef', 2, 3)]", "cde"),
        ("[substring('abcdef', 4)]", "ef"),
        ("[trim('  a ')]", "a"),
        ("[toLower('aB')]", "ab"),
        ("[padLeft('123', 5, '0')]", "00123"),
        ("[padLeft(7, 3)]", "  7"),
        ("[startsWith('Abc', 'aB')]", True),
        ("[endsWith('abC', 'bc')]", True),
        ("[like('storage1', 'STOR*1')]", True),
        ("[like('storage12', 'stor*1')]", False),
        ("[base64('one, two, three')]", "b25lLCB0d28sIHRocmVl"),
        ("[base64ToString('b25l')]", "one"),
        ("[base64ToJson(base64('{\"a\": 1}')).a]", 1),
        ("[dataUri('Hello')]", "data:text/plain;charset=utf8;base64,SGVsbG8="),
        ("[dataUriToString('data:text/plain;charset=utf8;base64,SGVsbG8=')]", "Hello"),
        ("[uri('http://contoso.org/firstpath/', 'myscript.sh')]", "http://contoso.org/firstpath/myscript.sh"),
        ("[uri('http://contoso.org/firstpath/azuredeploy.json', 'my.sh')]", "http://contoso.org/firstpath/my.sh"),
        ("[uriComponent('http://a b')]", "http%3A%2F%2Fa%20b"),
        ("[uriComponentToString('a%20b')]", "a b"),
        # dates and addresses
        ("[dateTimeAdd('2020-04-07T14:53:14Z', 'P3Y')]", "2023-04-07T14:53:14Z"),
        ("[dateTimeAdd('2020-01-31T00:00:00Z', 'P1M')]", "2020-02-29T00:00:00Z"),
        ("[dateTimeAdd('2020-04-07T14:53:14Z', '-P9D')]", "2020-03-29T14:53:14Z"),
        ("[dateTimeToEpoch('1970-01-02T00:00:00Z')]", 86400),
        ("[dateTimeFromEpoch(86400)]", "1970-01-02T00:00:00Z"),
        ("[cidrSubnet('10.144.0.0/20', 24, 1)]", "10.144.1.0/24"),
        ("[cidrHost('10.144.3.0/24', 0)]", "10.144.3.1"),
        ("[parseCidr('10.144.0.0/20').broadcast]", "10.144.15.255"),
        ("[parseCidr('10.144.0.0/20').firstUsable]", "10.144.0.1"),
        ("[parseCidr('10.144.0.0/20').cidr]", 20),
        # lambdas
        ("[map(createArray('a', 'b'), lambda('x', concat(lambdaVariables('x'), '!')))]", ["a!", "b!"]),
        ("[map(createArray('a'), lambda('x', 'i', concat(lambdaVariables('x'), lambdaVariables('i'))))]", ["a0"]),
        ("[filter(range(0, 10), lambda('i', equals(0, mod(lambdaVariables('i'), 4))))]", [0, 4, 8]),
        ("[reduce(range(1, 4), 0, lambda('a', 'b', add(lambdaVariables('a'), lambdaVariables('b'))))]", 10),
        ("[sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))]", [1, 2, 3]),
        ("[toObject(createArray('a'), lambda('x', lambdaVariables('x')), lambda('x', 1))]", {"a": 1}),
        (
            "[groupBy(createArray('ab', 'ac', 'b'), lambda('x', first(lambdaVariables('x'))))]",
            {"a": ["ab", "ac"], "b": ["b"]},
        ),
        ("[mapValues(createObject('a', 1), lambda('v', add(lambdaVariables('v'), 1)))]", {"a": 2}),
        (
            "[map(range(0, 2), lambda('x', map(range(0, 2), "
            "lambda('y', mul(lambdaVariables('x'), lambdaVariables('y'))))))]",
            [[0, 0], [0, 1]],
        ),
    ],
)
def test_what_is_known(value, expression, expected):
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[concat('a-', parameters('open'), '-b')]", "a-<parameters('open')>-b"),
        ("[format('{0}/{1}', 'x', parameters('open'))]", "x/<parameters('open')>"),
        ("[toLower(concat('A', parameters('open')))]", "a<toLower(parameters('open'))>"),
        ("[join(createArray('x', parameters('open')), '/')]", "x/<parameters('open')>"),
        ("[resourceId('A.B/c/d', 'x', parameters('open'))]",
         "/subscriptions/<subscription().subscriptionId>/resourceGroups/<resourceGroup().name>"
         "/providers/A.B/c/x/d/<parameters('open')>"),
        ("[resourceId('other', 'A.B/c', 'x')]",
         "/subscriptions/<subscription().subscriptionId>/resourceGroups/other/providers/A.B/c/x"),
        ("[subscriptionResourceId('A.B/c', 'x')]",
         "/subscriptions/<subscription().subscriptionId>/providers/A.B/c/x"),
        ("[extensionResourceId(resourceGroup().id, 'A.L/locks', 'l')]",
         "/subscriptions/<subscription().subscriptionId>/resourceGroups/<resourceGroup().name>/providers/A.L/locks/l"),
        ("[managementGroupResourceId('A.B/c', 'x')]",
         "/providers/Microsoft.Management/managementGroups/<managementGroup().name>/providers/A.B/c/x"),
        ("[subscription().id]", "/subscriptions/<subscription().subscriptionId>"),
    ],
)  # fmt: skip
def test_texts_of_which_pieces_are_known(value, expression, expected):
    found = value(expression, parameters=PARAMETERS)
    assert isinstance(found, Partial)
    assert "".join(one if isinstance(one, str) else f"<{one._path}>" for one in found._pieces) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[resourceId('11111111-1111-1111-1111-111111111111', 'g', 'A.B/c', 'x')]",
         "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/g/providers/A.B/c/x"),
        ("[tenantResourceId('Microsoft.Authorization/policyDefinitions', 'p')]",
         "/providers/Microsoft.Authorization/policyDefinitions/p"),
        ("[extensionResourceId('/a/b', 'A.L/locks', 'l')]", "/a/b/providers/A.L/locks/l"),
        ("[equals(parameters('choice'), 'Other')]", False),
        ("[equals(parameters('choice'), parameters('choice'))]", True),
        ("[equals(parameters('open'), 1)]", False),
        ("[and(parameters('flag'), false())]", False),
        ("[or(parameters('flag'), true())]", True),
        ("[if(parameters('flag'), 'a', 'a')]", "a"),
        ("[empty(concat('a', parameters('open')))]", False),
        ("[empty(parameters('choice'))]", False),
        ("[startsWith(concat('Abc', parameters('open')), 'ab')]", True),
        ("[startsWith(concat('Abc', parameters('open')), 'b')]", False),
        ("[endsWith(concat(parameters('open'), 'Abc'), 'bc')]", True),
        ("[contains(concat('abc', parameters('open')), 'bc')]", True),
        ("[contains(createArray(parameters('open'), 'x'), 'x')]", True),
        ("[contains(createArray(parameters('choice')), 'x')]", False),
        ("[length(createArray(parameters('open')))]", 1),
        ("[first(createArray('a', parameters('open')))]", "a"),
        ("[take(concat('abc', parameters('open')), 2)]", "ab"),
        ("[coalesce('a', parameters('any'))]", "a"),
        ("[createObject('a', 1, 'b', parameters('any')).a]", 1),
        ("[union(createObject('a', 1), createObject('b', parameters('any'))).a]", 1),
        ("[variables('by')[parameters('choice')].same]", 1),
        ("[if(parameters('flag'), createObject('same', 1, 'x', 2), createObject('same', 1)).same]", 1),
        ("[contains(if(parameters('flag'), createArray('a'), createArray()), 'b')]", False),
    ],
)  # fmt: skip
def test_what_is_certain_though_not_all_is_known(value, expression, expected):
    variables = {"by": {"allow": {"same": 1, "x": 1}, "Deny": {"same": 1, "x": 2}, "Other": {"same": 3}}}
    assert value(expression, parameters=PARAMETERS, variables=variables) == expected


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("[parameters('open')]", "parameter open has no default"),
        ("[parameters('any').a.b[0]]", "parameter any has no default"),
        ("[equals(parameters('open'), 'a')]", "parameter open has no default"),
        ("[equals(parameters('choice'), 'allow')]", "parameter choice has no default"),
        ("[not(parameters('flag'))]", "parameter flag has no default"),
        ("[and(parameters('flag'), true())]", "parameter flag has no default"),
        ("[if(parameters('flag'), 1, 2)]", "parameter flag has no default"),
        ("[if(parameters('flag'), true(), false())]", "parameter flag has no default"),
        ("[length(parameters('list'))]", "parameter list has no default"),
        ("[concat(createArray(1), parameters('list'))]", "parameter list has no default"),
        ("[union(createObject('a', 1), parameters('any'))]", "parameter any has no default"),
        ("[contains(createArray(parameters('open')), 'x')]", "parameter open has no default"),
        ("[empty(parameters('open'))]", "parameter open has no default"),
        ("[map(parameters('list'), lambda('x', 1))]", "parameter list has no default"),
        ("[add(parameters('number'), 1)]", "parameter number has no default"),
        ("[json(parameters('open'))]", "parameter open has no default"),
        ("[coalesce(parameters('any'), 'a')]", "parameter any has no default"),
        ("[split(parameters('open'), ',')[0]]", "parameter open has no default"),
        ("[uniqueString('a')]", "uniqueString is computed at deployment"),
        ("[resourceGroup().location]", "it is known only at deployment"),
        ("[environment().suffixes.storage]", "it is known only at deployment"),
        ("[deployment().name]", "it is known only at deployment"),
        ("[reference('x/y').z]", "a resource outside the template tells it only when it is deployed"),
        ("[listKeys('y', '2020-01-01').keys[0]]", "a resource outside the template tells it only when it is deployed"),
        ("[pickZones('A.B', 'c', 'westeurope')]", "pickZones is known only at deployment"),
        ("[union(createObject('a', 1), createObject('a', null())).a]",
         "whether null takes a value's place is decided at deployment"),
        # what the default values would make fail is no fault of the template
        ("[split('', '/')[2]]", "the array has no element 2"),
        ("[createObject('a', 1).b]", "the object has no b"),
        ("[int('x')]", "int: the text is no whole number"),
        ("[div(1, 0)]", "div: nothing is divided by 0"),
        ("[if('x', 1, 2)]", "a truth value is needed, and this is a text"),
        ("[fail('told you')]", "the template fails here on purpose"),
        ("[mul(9223372036854775807, 2)]", "mul: the number has more than 64 bits"),
        ("[range(0, 10001)]", "range: a count is 0 to 10,000"),
    ],
)  # fmt: skip
def test_what_is_not_known_says_why(value, expression, why):
    found = value(expression, parameters=PARAMETERS)
    assert isinstance(found, Unknown)
    assert found._why == why


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("[parameters('flag')]", False),
        ("[if(parameters('flag'), true(), false())]", False),
        ("[equals(parameters('open'), 'a')]", False),
        ("[add(parameters('number'), 1)]", False),
        ("[parameters('list')]", False),
        ("[if(parameters('flag'), 'a', 1)]", False),
        ("[coalesce(parameters('any'), 'a')]", False),
        ("[parameters('open')]", True),
        ("[string(parameters('flag'))]", True),
        ("[toLower(parameters('any'))]", True),
        ("[replace(parameters('open'), 'a', 'b')]", True),
        ("[if(parameters('flag'), 'a', 'b')]", True),
    ],
)
def test_only_what_surely_is_a_text_has_a_shape(value, expression, text):
    assert (value(expression, parameters=PARAMETERS)._shape != ANY_SHAPE) is text


def test_one_of_two_texts_is_no_third(value):
    found = value("[if(parameters('flag'), 'a', 'b')]", parameters=PARAMETERS)
    assert (found == "c") is False
    assert isinstance(found == "a", Unknown)


def test_different_values_that_are_not_known_have_different_paths(value):
    expressions = [
        f"[map(createArray('a', 'b'), lambda('x', concat(parameters('open'), lambdaVariables('x'))))[{i}]]"
        for i in range(2)
    ]
    expressions += ["[replace(parameters('open'), 'a', 'b')]", "[replace(parameters('open'), 'a', 'c')]"]
    expressions += [f"[map(parameters('list'), lambda('x', add(lambdaVariables('x'), {i})))]" for i in range(2)]
    expressions += [f"[union(parameters('any'), createObject('a', '{'x' * 90}{i}'))]" for i in range(2)]
    paths = [value(one, parameters=PARAMETERS)._path for one in expressions]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[if(parameters('flag'), createArray('a', 'b'), createArray())]", [("parameters('flag')", ("a", "b"))]),
        ("[if(parameters('flag'), createArray(), createArray('a'))]", [("not(parameters('flag'))", ("a",))]),
        ("[concat(createArray('x'), if(parameters('flag'), createArray('a'), createArray()))]",
         ["x", ("parameters('flag')", ("a",))]),
        ("[map(if(parameters('flag'), createArray(1), createArray()), lambda('x', add(lambdaVariables('x'), 1)))]",
         [("parameters('flag')", (2,))]),
        ("[filter(createArray('x', 'Allow'), lambda('y', equals(lambdaVariables('y'), parameters('choice'))))]",
         [("equals('Allow', parameters('choice'))", ("Allow",))]),
    ],
)  # fmt: skip
def test_elements_that_may_not_be_there(value, expression, expected):
    found = value(expression, parameters=PARAMETERS)
    assert type(found) is OpenList
    assert [(one._path, one._values) if isinstance(one, Maybe) else one for one in found] == expected


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("[nothing('a')]", "there is no function nothing"),
        ("[concat('a'", None),
        ("[concat('a' 'b')]", "[concat('a' 'b')]: a comma or a closing parenthesis is missing"),
        ("[concat('a)]", "[concat('a)]: a text in quotes has no end"),
        ("[concat]", "[concat]: concat is neither a text in quotes nor a call"),
        ("[]", "[]: the expression ends early"),
        ("[add(1, 2) 3]", "[add(1, 2) 3]: '3' follows the end of the expression"),
        ("[add(1; 2)]", "[add(1; 2)]: ';' means nothing in an expression"),
        ("[parameters('a').]", "[parameters('a').]: a dot is followed by a name"),
        ("[parameters('gone')]", "the template has no parameter gone"),
        ("[variables('gone')]", "the template has no variable gone"),
        ("[lambdaVariables('x')]", "there is no lambda variable x"),
        ("[copyIndex()]", "there is no copy loop around copyIndex"),
        ("[copyIndex('x')]", "there is no copy loop x around copyIndex"),
        ("[map(createArray(1), 2)]", "a lambda is expected here"),
        ("[add(1)]", "add takes 2 arguments, and is given 1"),
        ("[if(true(), 1)]", "if takes 3 arguments, and is given 2"),
        ("[concat('" + "x" * 25_000 + "')]", "the expression has more than 24,576 characters"),
        ("[" + "not(" * 70 + "true()" + ")" * 70 + "]", "its calls nest deeper than 60 levels"),
    ],
)
def test_faults_of_the_template_are_problems_with_their_line(fault, expression, why):
    found = fault(expression)
    if why is None:
        assert found == []  # without a closing bracket it is a text
    else:
        ((line, said),) = found
        assert line == 9
        assert said.endswith(why)


def test_an_error_where_it_is_open_whether_it_is_evaluated_is_no_problem(fault, value):
    assert fault("[if(parameters('flag'), nothing(), 1)]", parameters=PARAMETERS) == []
    found = value("[if(parameters('flag'), nothing(), 1)]", parameters=PARAMETERS)
    assert isinstance(found, Unknown)


def test_functions_of_the_templates_own(value, fault):
    functions = [
        {
            "namespace": "own",
            "members": {
                "greet": {
                    "parameters": [{"name": "Who", "type": "string"}],
                    "output": {"type": "string", "value": "[concat('hello ', parameters('who'))]"},
                },
                "twice": {
                    "parameters": [{"name": "x", "type": "string"}],
                    "output": {"type": "string", "value": "[concat(own.greet(parameters('x')), '!')]"},
                },
                "forever": {"parameters": [], "output": {"type": "string", "value": "[own.forever()]"}},
            },
        }
    ]
    assert value("[Own.Greet('you')]", functions=functions) == "hello you"
    assert value("[own.twice('you')]", functions=functions) == "hello you!"
    assert value("[sys.concat('a', 'b')]", functions=functions) == "ab"
    assert fault("[own.gone()]", functions=functions) == [(9, "there is no function own.gone")]
    ((_, why),) = fault("[own.forever()]", functions=functions)
    assert why == "functions call one another through more than 30 levels"
