"""Settings come from five places, and every value knows which."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import configuration
from adapters.configuration import from_wire, is_secret, known_settings, load, to_wire, without_password
from adapters.settings import Settings
from events.errors import ConfigurationError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(text: str) -> Path:
    path = Path("my.toml")
    path.write_text(text)
    return path


def test_the_documented_defaults_are_the_real_ones() -> None:
    assert load(environment={}).settings == Settings()


def test_every_setting_that_is_no_secret_is_documented() -> None:
    plain = tomllib.loads(files("conf").joinpath("lorestream.toml").read_text("utf-8"))
    documented = {
        f"{name}.{key}" if isinstance(value, dict) else name
        for name, value in plain.items()
        for key in (value if isinstance(value, dict) else [""])
    }
    assert documented == {key for key in known_settings() if not is_secret(key)}


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default() -> None:
    file = written('realm = "of-file"\ngateway = "of-file"\n[http]\nport = 1001\n')
    environment = {"LORESTREAM_GATEWAY": "of-environment", "LORESTREAM_HTTP_PORT": "1002"}
    found = load({"http.port": 1003}, file=file, environment=environment)
    assert (found.settings.realm, found.settings.gateway, found.settings.http.port) == (
        "of-file",
        "of-environment",
        1003,
    )
    assert found.origins["realm"] == "my.toml"
    assert found.origins["gateway"] == "LORESTREAM_GATEWAY"
    assert found.origins["http.port"] == "command line"
    assert found.origins["zmq.endpoint"] == "default"


def test_the_running_platform_wins_over_the_file_but_not_over_the_environment() -> None:
    file = written('realm = "of-file"\ngateway = "of-file"\n')
    running = {"realm": "running", "gateway": "running"}
    found = load(file=file, environment={"LORESTREAM_GATEWAY": "mine"}, running=running).settings
    assert (found.realm, found.gateway) == ("running", "mine")


def test_a_file_named_lorestream_toml_in_the_working_directory_is_read() -> None:
    Path("lorestream.toml").write_text('realm = "here"\n')
    assert load(environment={}).settings.realm == "here"


def test_a_flag_that_was_not_given_changes_nothing() -> None:
    assert load({"realm": None}, environment={}).settings.realm == "midgard"


def test_a_list_in_the_environment_is_split_at_commas_and_spaces() -> None:
    found = load(environment={"LORESTREAM_ZMQ_ALLOWED_CLIENTS": "one, two three"})
    assert found.settings.zmq.allowed_clients == ("one", "two", "three")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("relm = 'x'", ["my.toml", "relm", "Did you mean realm?"]),
        ("[zmq]\nendpont = 'x'", ["my.toml", "zmq.endpont", "Did you mean zmq.endpoint?"]),
        ("[natz]\nurl = ''", ["my.toml", "natz", "Did you mean nats?"]),
        ("zmq = 5", ["my.toml", "zmq", "[zmq]"]),
        ("[http]\nport = 99999", ["my.toml", "http.port", "65535", "default is 8000"]),
        ("[http]\nport = 'many'", ["my.toml", "http.port", "default is 8000"]),
        ("[nats]\ndurability = 'maybe'", ["my.toml", "nats.durability", "'durable'"]),
        ("realm = 'Über Welt'", ["my.toml", "realm", "lower-case"]),
        ("realm = ", ["my.toml", "is not TOML"]),
        ("[nats]\npassword = 'hunter2'", ["my.toml", "nats.password", "LORESTREAM_NATS_PASSWORD"]),
        ("[nats]\npassword_file = 'gone'", ["my.toml", "nats.password_file", "'gone'"]),
        ("[database]\nurl = 'oracle://x'", ["my.toml", "database.url"]),
    ],
)
def test_an_error_names_file_key_and_remedy(text: str, named: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(file=written(text), environment={})
    assert all(part in str(caught.value) for part in named)
    assert "hunter2" not in str(caught.value)


def test_a_misspelt_variable_is_an_error_with_the_closest_one() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean LORESTREAM_ZMQ_ENDPOINT"):
        load(environment={"LORESTREAM_ZMQ_ENPOINT": "tcp://*:1"})


def test_a_missing_file_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        load(file=Path("gone.toml"), environment={})


def test_a_secret_comes_from_the_environment_or_a_file_and_is_never_printed() -> None:
    Path("secret").write_text("hunter2\n")
    direct = load(environment={"LORESTREAM_NATS_PASSWORD": "hunter2"})
    variable = load(environment={"LORESTREAM_NATS_PASSWORD_FILE": "secret"})
    named = load(file=written('[nats]\npassword_file = "secret"'), environment={})
    for found in (direct, variable, named):
        assert found.settings.nats.password.get_secret_value() == "hunter2"
        assert "hunter2" not in repr(list(found.items())) + repr(found.settings)
        assert ("nats.password", "********") in [(key, value) for key, value, _ in found.items()]


def test_settings_survive_the_way_to_a_child_with_their_secrets() -> None:
    settings = load({"http.port": 1}, environment={"LORESTREAM_HTTP_API_KEY": "hunter2"}).settings
    assert from_wire(to_wire(settings)) == settings
    assert "\n" not in to_wire(settings)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://lore:hunter2@db/lore", "postgresql+psycopg://lore:***@db/lore"),
        ("nats://lore:a:b@h:4222", "nats://lore:***@h:4222"),
        ("nats://token@h:4222", "nats://token@h:4222"),
        ("sqlite:////tmp/a@b.sqlite3", "sqlite:////tmp/a@b.sqlite3"),
        ("", ""),
    ],
)
def test_a_printed_url_hides_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


@given(key=st.sampled_from(sorted(known_settings())), text=st.text(max_size=40))
def test_any_text_in_a_variable_is_taken_or_refused_with_its_name(key: str, text: str) -> None:
    name = configuration.variable(key)
    try:
        found = load(environment={name: text})
    except ConfigurationError as error:
        assert name in str(error)
    else:
        assert found.origins[key] == name
