"""A rules file: what admins write, and how it is read. All sections are optional; files are merged in order."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import yaml
from pydantic import Field, ValidationError

from ingestd.errors import ConfigError
from ingestd.model import PriorityLevel
from ingestd.routing.rules import DepartmentRule, Words
from ingestd.settings import Settings


class NegationWords(Settings):
    """What turns a word down, and what only looks so. See the shipped negation.yaml."""

    want: Words = ()
    state: Words = ()
    bare: Words = ()
    touching: Words = ()
    refusals: Words = ()
    protect: Words = ()
    after: Words = ()
    breaks: Words = ()
    turns: Words = ()
    resumes: Words = ()
    rhetorical: Words = ()


class Level(Settings):
    """One line of the priority table: the level, and the inputs that must all be present."""

    level: PriorityLevel
    when: tuple[str, ...] = Field(min_length=1)


class PriorityWords(Settings):
    """The inputs with their words, and the table of levels. A table replaces the one before it."""

    inputs: dict[str, Words] = Field(default_factory=dict)
    levels: tuple[Level, ...] = ()


class EmotionWords(Settings):
    """Words of feeling. See the shipped emotion.yaml."""

    angry: Words = ()
    upset: Words = ()
    anxious: Words = ()
    mock: Words = ()
    blame: Words = ()
    service: Words = ()
    masks: Words = ()


class RulesFile(Settings):
    """One file of rules. Rules stay as written until ``compile_rules`` looks at all files together."""

    departments: tuple[DepartmentRule, ...] = ()
    rules: tuple[dict[str, Any], ...] = ()
    masks: Words = ()
    negation: NegationWords = NegationWords()
    priority: PriorityWords = PriorityWords()
    emotion: EmotionWords = EmotionWords()
    required: dict[str, tuple[str, ...]] = Field(default_factory=dict)


def parse_rules(text: str, name: str) -> RulesFile:
    """Read YAML into a RulesFile; ``name`` is how messages call the file. Raise ConfigError with all problems."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        content = yaml.load(text, Loader=yaml.CSafeLoader)
        return RulesFile.model_validate(_with_origins(content or {}, node, name))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError((f"{name}:{line}: this is not YAML ({error.problem}); correct the line",)) from None
    except (yaml.YAMLError, RecursionError):
        raise ConfigError((f"{name}: this is not YAML; save the file as plain UTF-8 text",)) from None
    except ValidationError as error:
        raise ConfigError(tuple(f"{name}: {sentence}" for sentence in sentences(error))) from None


def sentences(error: ValidationError) -> list[str]:
    """Put a pydantic error into sentences: the key and what is wrong with it."""
    return [_sentence(problem["loc"], problem["msg"]) for problem in error.errors()]


def _sentence(place: tuple[int | str, ...], message: str) -> str:
    key = ".".join(str(part) for part in place) or "the file"
    if message.startswith("Extra inputs"):
        return f"{key} is not a known key; remove it or correct its spelling"
    return f"{key}: {message[0].lower()}{message[1:]}"


def _with_origins(content: object, node: yaml.Node | None, name: str) -> object:
    """Note beside each rule the file and line it stands on."""
    if not isinstance(content, dict) or not isinstance(content.get("rules"), list):
        return content
    rules = [
        {**rule, "origin": f"{name}:{line}"} if isinstance(rule, dict) else rule
        for rule, line in zip_longest(content["rules"], _rule_lines(node), fillvalue=1)
    ]
    return {**content, "rules": rules}


def _rule_lines(node: yaml.Node | None) -> list[int]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    # The last of two equal keys is the one that counts, as in the loader.
    rules = next((value for key, value in reversed(pairs) if key.value == "rules"), None)
    return [one.start_mark.line + 1 for one in rules.value] if isinstance(rules, yaml.SequenceNode) else []
