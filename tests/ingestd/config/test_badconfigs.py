"""Every folder of badconfigs holds a broken config and the sentences it must produce."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd import config
from ingestd.errors import ConfigError

FOLDERS = sorted((Path(__file__).parents[2] / "badconfigs").iterdir())
PLANTED = "hunter2"


def sentences(folder: Path) -> list[str]:
    """Return what ``check`` would print, paths relative to the folder."""
    return [sentence.replace(f"{folder}/", "") for sentence in config.problems(folder / "config.yaml")]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_broken_config_gets_its_sentences(folder: Path) -> None:
    """Each mistake is told with file, line, key and what to write instead, all at once."""
    assert sentences(folder) == (folder / "expected.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_broken_config_is_refused_or_lacks_only_secrets(folder: Path) -> None:
    """No broken config is ever loaded; missing secrets are found when they are read."""
    with pytest.raises(ConfigError):
        config.secrets(config.load(folder / "config.yaml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_sentence_repeats_a_planted_secret(folder: Path) -> None:
    """A secret in the wrong place does not reach the terminal (P33)."""
    assert PLANTED not in "\n".join(sentences(folder))


def test_there_are_many_bad_configs_and_some_hold_a_planted_secret() -> None:
    """The two tests above would pass on an empty folder; this one would not."""
    planted = [folder for folder in FOLDERS if PLANTED in (folder / "config.yaml").read_text(encoding="utf-8")]
    assert len(FOLDERS) >= 20
    assert len(planted) >= 3


def test_ten_mistakes_get_ten_sentences_with_ten_lines() -> None:
    """Nobody has to start ten times to find ten mistakes."""
    found = sentences(next(folder for folder in FOLDERS if "ten-mistakes" in folder.name))
    assert len({sentence.split(":")[1] for sentence in found}) == len(found) == 10
