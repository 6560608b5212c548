"""The labelled messages: what every customer's sentence in the samples folder must lead to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestd.model import Routing
from ingestd.routing import RuleSet, compile_rules, decide, load_shipped
from parsers.record import IntakeRecord

SAMPLES = Path(__file__).parents[2] / "samples" / "routing"
RULES = compile_rules(load_shipped())


def labelled() -> list[Any]:
    """Every sample as a test parameter, named by its file and its own text."""
    return [
        pytest.param(sample, id=f"{file.stem}-{index}")
        for file in sorted(SAMPLES.glob("*.yaml"))
        for index, sample in enumerate(yaml.safe_load(file.read_text(encoding="utf-8")), 1)
    ]


def judged(sample: dict[str, Any], rules: RuleSet) -> Routing:
    """Decide about a sample's message."""
    subject = sample.get("subject", "")
    return decide(IntakeRecord(subject=subject, subject_base=subject, own_text=sample["text"]), rules)


def differences(sample: dict[str, Any], routing: Routing) -> list[str]:
    """Name everything in which the decision differs from the label."""
    negated = {word for hit in routing.route.rules for word in hit.negated}
    wrong = [
        f"{name}: wanted {sample[name]}, got {got}"
        for name, got in {
            "department": routing.route.department,
            "category": routing.route.category_l1,
            "priority": routing.priority.level,
            "emotion": routing.emotion.value,
        }.items()
        if name in sample and sample[name] != got
    ]
    for name, got in {"co": routing.route.co_queues, "negated": negated, "inputs": routing.priority.inputs}.items():
        if not set(sample.get(name, ())) <= set(got):
            wrong.append(f"{name}: wanted {sample[name]}, got {sorted(got)}")
    return wrong


@pytest.mark.parametrize("sample", labelled())
def test_a_labelled_message_is_decided_as_labelled(sample: dict[str, Any]) -> None:
    """A department, a co-queue, a class, a level and a feeling that a person would choose are chosen."""
    routing = judged(sample, RULES)
    assert not differences(sample, routing), (sample, routing)


def test_there_are_enough_labelled_messages_in_both_languages() -> None:
    """The set cannot shrink to where it proves nothing."""
    texts = [param.values[0]["text"] for param in labelled()]
    assert len(texts) >= 200
    assert sum(text.isascii() for text in texts) >= 40
