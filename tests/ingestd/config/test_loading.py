"""From a file to a config: where it is looked for, what comes out, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd import config
from ingestd.config import loading
from ingestd.errors import ConfigError

CHANNEL = """\
channels:
  - kind: smtp
    name: support
    recipients: [support@example.com]
"""


def write(folder: Path, text: str) -> Path:
    """Write a config and return its path."""
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(path: Path) -> tuple[str, ...]:
    """Return the sentences a config is refused with."""
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    return caught.value.problems


def test_the_named_config_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option beats the variable."""
    named = write(tmp_path, "")
    monkeypatch.setenv("INGESTD_CONFIG", str(tmp_path / "other.yaml"))
    assert config.find(named) == named


def test_the_variable_goes_before_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """$INGESTD_CONFIG beats ./config.yaml."""
    write(tmp_path, "")
    other = tmp_path / "other.yaml"
    other.touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INGESTD_CONFIG", str(other))
    assert config.find() == other


def test_the_folder_goes_before_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """./config.yaml is found when nothing is named."""
    write(tmp_path, "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INGESTD_CONFIG", raising=False)
    assert config.find() == Path("config.yaml")


def test_a_config_that_is_nowhere_is_told_with_its_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says where was looked, and what to do."""
    monkeypatch.setattr(loading, "PLACES", (tmp_path / "a.yaml", tmp_path / "b.yaml"))
    monkeypatch.delenv("INGESTD_CONFIG", raising=False)
    with pytest.raises(ConfigError, match=r"a\.yaml and .*b\.yaml; name one with --config"):
        config.find()


def test_a_named_config_that_is_not_there_is_not_replaced_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who names a config means that one."""
    write(tmp_path, "")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="nowhere"):
        config.find(tmp_path / "nowhere.yaml")


def test_paths_start_at_the_folder_of_the_config(tmp_path: Path) -> None:
    """Wherever the daemon is started from."""
    loaded = config.load(write(tmp_path, "service:\n  state_dir: var\n" + CHANNEL))
    assert loaded.folder == tmp_path
    assert loaded.state_dir == tmp_path / "var"


def test_an_absolute_state_dir_stays(tmp_path: Path) -> None:
    """An absolute path is nobody's relative."""
    loaded = config.load(write(tmp_path, "service:\n  state_dir: /srv/mail\n" + CHANNEL))
    assert loaded.state_dir == Path("/srv/mail")


@pytest.mark.parametrize("text", ["", "service:\nstore:\nchannels:\ndepartments:\nwindows:\nlimits:\n"])
def test_empty_sections_are_defaults(tmp_path: Path, text: str) -> None:
    """A section whose keys are all commented out is no mistake."""
    assert config.load(write(tmp_path, text)).config == config.Config()


def test_a_file_that_begins_with_a_mark_is_read(tmp_path: Path) -> None:
    """Editors on Windows put a byte order mark before the first key."""
    file = tmp_path / "config.yaml"
    file.write_bytes(b"\xef\xbb\xbfservice: {name: Help}\r\n")
    assert config.load(file).config.service.name == "Help"


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """GBK is common here, and would be guessed wrong."""
    file = tmp_path / "config.yaml"
    file.write_bytes("service: {name: 客服}".encode("gbk"))
    assert refusal(file) == (f"{file}: the config is not UTF-8 text; save it as UTF-8",)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """The sentence names the file and the system's reason."""
    assert "cannot be read (Is a directory)" in refusal(tmp_path)[0]


def test_sentences_come_in_the_order_of_the_lines(tmp_path: Path) -> None:
    """One reads them beside the file."""
    text = "log: {level: loud}\nweb: {listen: x}\nlog: {level: info}\nlimits: {max_tries: x}\n"
    assert [int(sentence.split(":")[1]) for sentence in refusal(write(tmp_path, text))] == [2, 3, 4]


def test_warnings_do_not_refuse(tmp_path: Path) -> None:
    """What is allowed and doubtful is told with its line, and the daemon starts."""
    loaded = config.load(write(tmp_path, "store:\n  durability: relaxed\nprofile: quick\n" + CHANNEL))
    assert [warning.split(" ")[1] for warning in loaded.warnings] == ["windows.promise", "store.durability"]
    assert loaded.warnings[1].startswith(f"{tmp_path}/config.yaml:2: ")


def test_a_profile_sets_the_windows(tmp_path: Path) -> None:
    """``windows`` changes single values of the chosen profile, down to one priority."""
    text = "windows: {ack: {P0: 4m}, csat_floor: 90}\nprofile: hotline\n"
    windows = config.load(write(tmp_path, text)).config.windows
    assert (windows.ack.P0.total_seconds(), windows.ack.P1.total_seconds()) == (240, 900)
    assert windows.csat_floor == 90
    assert windows.response.P0.total_seconds() == 24 * 3600


SECRETS = "outbound:\n  username: me\n  password: {credential: smtp}\nservice:\n  signing_key: {file: key}\n" + CHANNEL


def test_secrets_are_read_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values come from files beside the config or from systemd, and are shown by no repr (P33)."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "smtp").write_text("hunter2\n")
    (tmp_path / "key").write_text("a key of 32 characters, more or less")
    loaded = config.load(write(tmp_path, SECRETS))
    secrets = config.secrets(loaded)
    assert secrets.get("outbound.password") == "hunter2"
    assert secrets.get("service.signing_key") == "a key of 32 characters, more or less"
    assert secrets.get("store.password") is None
    assert "hunter2" not in f"{secrets!r} {loaded!r}"


def test_every_missing_secret_is_told(tmp_path: Path) -> None:
    """Loading does not look at secrets; reading them tells of all that are missing."""
    loaded = config.load(write(tmp_path, SECRETS))
    with pytest.raises(ConfigError) as caught:
        config.secrets(loaded)
    assert [problem.split(" ")[1] for problem in caught.value.problems] == ["outbound.password", "service.signing_key"]
    assert caught.value.problems == config.problems(tmp_path / "config.yaml")


def test_missing_secrets_are_told_beside_other_problems(tmp_path: Path) -> None:
    """``check`` shows a misspelt key and a missing secret in one go."""
    found = config.problems(write(tmp_path, SECRETS + "log: {levl: info}\n"))
    assert len(found) == 3
