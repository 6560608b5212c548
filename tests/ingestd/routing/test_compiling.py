"""Rules files: what admins may write, how files are merged, and the sentences that problems get."""

from __future__ import annotations

from typing import Any

import pytest

from ingestd.errors import ConfigError
from ingestd.model import CategoryL1
from ingestd.routing import RoutingSettings, RulesFile, compile_rules, decide, load_shipped, parse_rules
from parsers.record import IntakeRecord

SHIPPED = load_shipped()


def department_of(text: str, *files: str, settings: RoutingSettings | None = None) -> str:
    """Where a text goes with the shipped rules and some YAML."""
    mine = (parse_rules(file, "mine.yaml") for file in files)
    return decide(IntakeRecord(own_text=text), compile_rules((*SHIPPED, *mine), settings)).route.department


def problems(*files: str) -> tuple[str, ...]:
    """The sentences about some YAML on top of the shipped rules."""
    with pytest.raises(ConfigError) as caught:
        compile_rules((*SHIPPED, *(parse_rules(file, "mine.yaml") for file in files)))
    return caught.value.problems


def test_the_seventeen_departments_are_shipped_with_both_names() -> None:
    """All departments exist, each with class and least priority."""
    departments = compile_rules(SHIPPED).departments
    assert len(departments) == 17
    assert (departments["legal"].name, departments["legal"].name_en) == ("法务合规部", "Legal and compliance")
    assert departments["emergency"].priority == "P0"
    assert {one.category_l1 for one in departments.values()} == set(CategoryL1.__args__)


def test_every_department_has_words_in_both_languages() -> None:
    """No department can only be reached by one half of the customers."""
    rules = compile_rules(SHIPPED)
    for department in rules.departments:
        mine = [rule for rule in rules.keyword.values() if rule.department == department]
        words = [word for rule in mine for word in (*rule.strong, *rule.words)]
        assert any(word.isascii() for word in words), department
        assert any(not word.isascii() for word in words), department


def test_a_rule_with_the_same_id_replaces() -> None:
    """An admin's invoice.request stands instead of the shipped one."""
    mine = "rules: [{id: invoice.request, type: keyword, department: sales, strong: [发票]}]"
    assert department_of("发票", mine) == "sales"


def test_a_disabled_rule_is_gone() -> None:
    """disabled: true needs nothing but the id."""
    assert department_of("报价", "rules: [{id: sales.all, disabled: true}]") == "triage"


def test_a_new_department_may_be_added() -> None:
    """Departments are data: a new one needs no code."""
    mine = """
departments: [{id: pets, name: 宠物部, name_en: Pets}]
rules: [{id: pets.all, type: keyword, department: pets, strong: [猫粮], words: [12306]}]
"""
    assert department_of("猫粮", mine) == "pets"


def test_words_of_an_admin_join_the_shipped_ones() -> None:
    """A product name that hides 发票 is one line."""
    assert department_of("发票大师连不上", "masks: [发票大师]") == "tech"


def test_threshold_and_share_are_settings() -> None:
    """A higher threshold sends weak messages to triage."""
    assert department_of("发票", settings=RoutingSettings(threshold=4)) == "triage"


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (
            "rules:\n- {id: x, type: regex, department: tech}",
            "mine.yaml:2: there is no rule type 'regex'; write one of sender, recipient, header, keyword",
        ),
        (
            "rules:\n\n- {id: x, type: keyword, department: tec, words: [a]}",
            "mine.yaml:3: rule 'x' names the unknown department 'tec'; write one of emergency, security,",
        ),
        (
            "rules: [{id: x, type: keyword, department: tech, words: ['']}]",
            "mine.yaml:1: rule 'x' has nothing in 'words'; write at least one entry",
        ),
        (
            "rules: [{id: x, type: sender, department: tech, senders: []}]",
            "mine.yaml:1: rule 'x' has nothing in 'senders'; write at least one entry",
        ),
        (
            "rules: [{id: x, type: recipient, department: tech, recipients: []}]",
            "mine.yaml:1: rule 'x' has nothing in 'recipients'; write at least one entry",
        ),
        (
            "rules: [{id: x, type: header, department: tech, header: a, contains: []}]",
            "mine.yaml:1: rule 'x' has nothing in 'contains'; write at least one entry",
        ),
        (
            "rules: [{id: x, type: keyword, department: tech, wrods: [a], words: [b]}]",
            "mine.yaml:1: wrods is not a known key; remove it or correct its spelling",
        ),
        ("rules: [{type: keyword, department: tech, words: [b]}]", "mine.yaml:1: id: field required"),
        (
            "rules:\n- &a {id: x, type: keyword, department: tech, words: [b]}\n- *a",
            "mine.yaml:2: the rule id 'x' is used twice in this file; rename one",
        ),
        (
            "departments: [&a {id: p, name: 甲, name_en: A}, *a]",
            "the department 'p' is listed twice; remove one",
        ),
        (
            "priority: {levels: [{level: P0, when: [moon]}]}",
            "priority.levels: 'moon' is unknown; write one of unusable,",
        ),
        ("rules: [{id: tceh, disabled: true}]", "mine.yaml:1: there is no rule 'tceh' to disable; correct the id"),
        ("required: {tehc: [phone]}", "required: 'tehc' is unknown; write one of emergency,"),
        ("required: {tech: [shoe]}", "required.tech: 'shoe' is unknown; write one of name,"),
    ],
)
def test_a_mistake_gets_a_sentence(file: str, sentence: str) -> None:
    """Each sentence says where, what, and what to write instead."""
    assert any(problem.startswith(sentence) for problem in problems(file)), problems(file)


def test_all_mistakes_are_reported_at_once() -> None:
    """Nobody corrects one mistake to be told of the next."""
    mine = "rules: [{id: a, type: x, department: tech}, {id: b, type: keyword, department: q}]"
    assert len(problems(mine)) == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rules: ]", "mine.yaml:1: this is not YAML"),
        ("rulez: []", "mine.yaml: rulez is not a known key"),
        ("- a", "mine.yaml: the file: input should be"),
        ("rules: [1]", "mine.yaml: rules.0: input should be"),
        ("masks: [yes]", "mine.yaml: masks.0: input should be a valid string"),
        ("a\x00b", "mine.yaml: this is not YAML"),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_sentence(text: str, sentence: str) -> None:
    """A broken file is named with its line where there is one."""
    with pytest.raises(ConfigError) as caught:
        parse_rules(text, "mine.yaml")
    assert caught.value.problems[0].startswith(sentence)


def test_an_empty_file_changes_nothing() -> None:
    """A file that only has comments is a file."""
    assert parse_rules("# nothing yet\n", "mine.yaml") == RulesFile()


def test_without_triage_nothing_compiles() -> None:
    """What nobody takes must go somewhere."""
    with pytest.raises(ConfigError, match="'triage' is missing"):
        compile_rules([])


@pytest.mark.parametrize(("settings", "files", "same"), [
    ({}, [], True),
    ({"threshold": 3.0}, [], False),
    ({}, [RulesFile(masks=("甲",))], False),
    ({}, [RulesFile()], True),
])  # fmt: skip
def test_the_version_changes_with_the_content_only(
    settings: dict[str, Any], files: list[RulesFile], same: bool
) -> None:
    """Equal rules have equal versions on every machine; any change of content shows."""
    before = compile_rules(SHIPPED).version
    after = compile_rules((*load_shipped(), *files), RoutingSettings(**settings)).version
    assert (before == after) is same


def test_every_setting_is_described() -> None:
    """The example configuration is written from the descriptions."""
    assert all(field.description for field in RoutingSettings.model_fields.values())
