"""From a file to a config: found, read, validated, checked; every problem at once, each with its line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingestd.config import checks, lines, salvage, shapes
from ingestd.config.problems import KeyPath, Problem, written
from ingestd.config.sections import Config
from ingestd.errors import ConfigError

PLACES = (Path("config.yaml"), Path("/etc/ingestd/config.yaml"))
"""Where a config is looked for when neither an option nor $INGESTD_CONFIG names one."""


@dataclass(frozen=True)
class Loaded:
    """A config that may be used. ``folder`` is where its relative paths start; ``warnings`` are sentences."""

    config: Config
    folder: Path
    warnings: tuple[str, ...]
    source: Path
    document: lines.Document

    @property
    def state_dir(self) -> Path:
        """The folder of the installation's state."""
        return self.folder / self.config.service.state_dir


@dataclass(frozen=True)
class Secrets:
    """The secrets' values by key path (``"outbound.password"``). They are shown by no repr."""

    values: Mapping[str, str] = field(repr=False)

    def get(self, key: str) -> str | None:
        """Return the secret a key refers to; None when the key is not set."""
        return self.values.get(key)


def find(path: Path | None = None) -> Path:
    """Return the config to use: the one named, else $INGESTD_CONFIG, ./config.yaml or /etc/ingestd/config.yaml.

    Raise ConfigError when none of them is there.
    """
    named = path or Path(os.environ.get("INGESTD_CONFIG") or "")
    candidates = PLACES if named == Path() else (named,)
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    listed = " and ".join(map(str, candidates))
    raise ConfigError((f"there is no config at {listed}; name one with --config, or write one with ingestd init",))


def load(path: Path) -> Loaded:
    """Read and check a config. Raise ConfigError with every problem; secrets are not looked at."""
    examined = _examine(path, checks.CHECKS)
    if examined.problems or examined.config is None:
        raise ConfigError(examined.sentences)
    subject = checks.Subject(examined.config, path.parent)
    warnings = _sentences(path, examined.document, checks.run(checks.WARNINGS, subject))
    return Loaded(examined.config, path.parent, warnings, path, examined.document)


def problems(path: Path) -> tuple[str, ...]:
    """Return every problem of a config, its secrets included: what ``check`` prints. Empty when it may be used."""
    return _examine(path, (*checks.CHECKS, checks.secrets_can_be_read)).sentences


def secrets(loaded: Loaded) -> Secrets:
    """Read every secret the config refers to. Raise ConfigError with a sentence for each that cannot be read."""
    subject = checks.Subject(loaded.config, loaded.folder)
    if missing := checks.run((checks.secrets_can_be_read,), subject):
        raise ConfigError(_sentences(loaded.source, loaded.document, missing))
    found = shapes.secrets_in(loaded.config)
    return Secrets({written(path): secret.read(loaded.folder) for path, secret in found})


@dataclass(frozen=True)
class _Examined:
    path: Path
    document: lines.Document
    problems: tuple[Problem, ...]
    config: Config | None

    @property
    def sentences(self) -> tuple[str, ...]:
        return _sentences(self.path, self.document, self.problems)


def _examine(path: Path, wanted: tuple[checks.Check, ...]) -> _Examined:
    document = lines.read(_text(path))
    if document.data is None:
        return _Examined(path, document, document.problems, None)
    result = salvage.validate(document.data)
    found = checks.run(wanted, checks.Subject(result.config, path.parent)) if result.config else []
    news = [problem for problem in (_in_the_file(problem, result) for problem in found) if _is_news(problem, result)]
    return _Examined(path, document, (*document.problems, *result.problems, *news), result.config)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            (f"{path}: the config cannot be read ({error.strerror}); correct the path or its rights",)
        ) from None
    except UnicodeError:
        raise ConfigError((f"{path}: the config is not UTF-8 text; save it as UTF-8",)) from None


def _in_the_file(problem: Problem, result: salvage.Salvaged) -> Problem:
    return replace(problem, path=salvage.original(problem.path, result.left_out))


def _is_news(problem: Problem, result: salvage.Salvaged) -> bool:
    """Say whether a check's finding is more than the consequence of a part that was left out."""
    return not any(_is_within(problem.path, path) or _is_within(path, problem.path) for path in result.blamed)


def _is_within(path: KeyPath, other: KeyPath) -> bool:
    return path[: len(other)] == other


def _sentences(path: Path, document: lines.Document, found: Iterable[Problem]) -> tuple[str, ...]:
    """Put file and line before each problem, in the order of the lines."""
    placed = [(problem.line or document.line_of(problem.path), problem.sentence) for problem in found]
    return tuple(f"{path}:{line}: {sentence}" for line, sentence in sorted(placed))
