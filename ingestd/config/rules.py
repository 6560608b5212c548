"""Reads the rules files the config names, as routing itself touches no disk, and gathers the departments."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingestd.errors import ConfigError
from ingestd.model import Department
from ingestd.routing import RoutingSettings, RuleSet, RulesFile, compile_rules, load_shipped, parse_rules
from ingestd.service_settings import DepartmentSettings


def read_rules(path: Path) -> RulesFile:
    """Read one rules file. Raise ConfigError with all its problems."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError((f"{path} cannot be read ({error.strerror}); put it there or correct the path",)) from None
    except UnicodeError:
        raise ConfigError((f"{path} is not UTF-8 text; save it as UTF-8",)) from None
    return parse_rules(text, str(path))


def load_rules(settings: RoutingSettings, folder: Path) -> RuleSet:
    """Read the shipped rules, unless they are switched off, then the admin's own; compile them. Raise ConfigError."""
    shipped = load_shipped() if settings.shipped else ()
    return compile_rules((*shipped, *(read_rules(folder / path) for path in settings.rules)), settings)


def department_ids(settings: RoutingSettings, folder: Path) -> tuple[str, ...]:
    """Return the ids of all departments the rules name; a file that cannot be used is left out."""
    found = [*(load_shipped() if settings.shipped else ())]
    for path in settings.rules:
        try:
            found.append(read_rules(folder / path))
        except ConfigError:
            continue  # its problems are told by their own check
    return tuple(department.id for file in found for department in file.departments)


def departments(named: Mapping[str, DepartmentSettings], rules: RuleSet) -> dict[str, Department]:
    """Return every department by id: those of the rules, with what the config says of them, then the config's own."""
    found: dict[str, Department] = {}
    for identity in (*rules.departments, *(name for name in named if name not in rules.departments)):
        ruled, said = rules.departments.get(identity), named.get(identity, DepartmentSettings())
        name = said.name or (ruled.name if ruled else identity)
        name_en = said.name_en or (ruled.name_en if ruled else name)
        found[identity] = Department(identity, name, name_en, said.supervisor, said.notify)
    return found
