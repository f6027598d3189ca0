from __future__ import annotations

import pytest
import yaml

from koban.model.plain_yaml import loader


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "y", "n", "On", "YES", "No", "OFF"])
def test_words_stay_words(word: str) -> None:
    assert yaml.load(f"{word}: {word}", loader()) == {word: word}


@pytest.mark.parametrize(("text", "value"), [("true", True), ("False", False), ("~", None), ("1", 1), ("1.5", 1.5)])
def test_everything_else_is_as_it_was(text: str, value: object) -> None:
    assert yaml.load(text, loader()) == value == yaml.safe_load(text)
