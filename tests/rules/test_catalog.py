"""Rules are found where they lie: Koban's own, and a user's."""

import pytest

from koban.rules.catalog import RuleFileError, catalog

RULE = '''
from koban.model.aws.s3 import Bucket
from koban.model.rule import rule


@rule("low", Bucket)
def catalog_test_{name}(bucket: Bucket) -> bool:
    """It is {name}.

    Why: this shows that rules of a user's own are found.
    Fix: nothing needs to be done.
    """
    return False
'''


def test_a_users_rules_come_beside_our_own(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same.py").write_text(RULE.format(name=name))
    found = {rule.id for rule in catalog([tmp_path / "one", tmp_path / "two"])}
    assert {"catalog-test-one", "catalog-test-two", "s3-bucket-public"} <= found
    assert "catalog-test-one" not in {rule.id for rule in catalog()}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_like_it", "rules.py: ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("x = 1", "declares no rule: put a Python file with an @rule function there"),
        (RULE.format(name="three").replace("Why", "Y"), "rules.py: TypeError: rule catalog-test-three: the docstring"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, text, said):
    (tmp_path / "rules.py").write_text(text)
    with pytest.raises(RuleFileError, match=said.replace("'", ".")) as caught:
        catalog([tmp_path])
    assert str(tmp_path) in str(caught.value)


def test_a_directory_that_is_none_is_named(tmp_path):
    with pytest.raises(RuleFileError, match="is not a directory of rules"):
        catalog([tmp_path / "nowhere"])
