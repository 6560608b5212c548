"""The rules files a config names are read from its folder; departments are gathered from rules and config."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd.config.rules import departments, load_rules, read_rules
from ingestd.errors import ConfigError
from ingestd.model import TRIAGE
from ingestd.routing import RoutingSettings
from ingestd.service_settings import DepartmentSettings

ZOO = "departments: [{id: zoo, name: 动物园, name_en: Zoo, category_l1: consult, priority: P2}]\n"


def test_own_rules_join_the_shipped_ones(tmp_path: Path) -> None:
    """A relative path starts at the config's folder."""
    (tmp_path / "own.yaml").write_text(ZOO, encoding="utf-8")
    rules = load_rules(RoutingSettings(rules=(Path("own.yaml"),)), tmp_path)
    assert {"zoo", "tech", TRIAGE} <= set(rules.departments)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "cannot be read"), (b"\xff\xfe", "not UTF-8"), (b"rules: [", "not YAML")]
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, content: bytes | None, words: str) -> None:
    """The sentence names the file and what to do."""
    file = tmp_path / "own.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        read_rules(file)
    assert str(file) in caught.value.problems[0]


def test_departments_are_those_of_rules_and_config() -> None:
    """A shipped name stays unless the config gives another; people come from the config only."""
    named = {
        "tech": DepartmentSettings(supervisor="lead@corp.example"),
        "sales": DepartmentSettings(name="销售", notify="sales@corp.example"),
        "museum": DepartmentSettings(name="博物馆"),
    }
    found = departments(named, load_rules(RoutingSettings(), Path(".")))
    assert (found["tech"].name, found["tech"].supervisor, found["tech"].notify) == (
        "技术支持部",
        "lead@corp.example",
        None,
    )
    assert (found["sales"].name, found["sales"].notify) == ("销售", "sales@corp.example")
    assert (found["museum"].name, found["museum"].name_en) == ("博物馆", "博物馆")
    assert len(found) == 18
    assert all(found[identity].id == identity for identity in found)
