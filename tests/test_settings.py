"""Settings: where they come from, and their page."""

from pathlib import Path

import pytest

from app.errors import Invalid
from app.settings import Settings, load_settings, settings_page

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"


def test_the_page_of_settings_is_current():
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "trunkline docs settings"


def test_every_setting_says_what_it_means_or_stands_below_one_that_does():
    described = [bool(field.description) for field in Settings.model_fields.values()]

    assert described[0]
    assert sum(described) > 0.8 * len(described)


def test_the_environment_wins_over_the_file_and_a_file_may_hold_a_secret(tmp_path):
    config, secret = tmp_path / "config.yaml", tmp_path / "key"
    config.write_text("lease-s: 20\nworker: {concurrency: 3}\n")
    secret.write_text("a-secret\n")

    settings = load_settings(
        {
            "TRUNKLINE_CONFIG": str(config),
            "TRUNKLINE_LEASE_S": "30",
            "TRUNKLINE_ADMIN_PASSWORD_FILE": str(secret),
        }
    )

    assert (settings.lease_s, settings.worker_concurrency) == (30, 3)
    assert settings.admin_password == "a-secret"


def test_an_older_name_is_taken_with_a_warning_and_the_newer_one_wins(tmp_path, caplog):
    config = tmp_path / "config.yaml"
    config.write_text("kestra: {tasks: {scripts: {docker: {volume-enabled: true}}}}\n")
    older = load_settings({"TRUNKLINE_CONFIG": str(config)})
    config.write_text(config.read_text() + "docker: {volume-enabled: false}\n")

    assert older.docker_volume_enabled is True
    assert "docker_volume_enabled" in caplog.text
    assert load_settings({"TRUNKLINE_CONFIG": str(config)}).docker_volume_enabled is False


def test_a_wrong_setting_is_refused_by_name(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("no_such_thing: 1\nlease_s: soon\n")

    with pytest.raises(Invalid) as refused:
        load_settings({"TRUNKLINE_CONFIG": str(config)})

    assert {violation.path for violation in refused.value.violations} == {
        "no_such_thing",
        "lease_s",
    }


def test_a_mistyped_way_to_sign_on_is_refused_by_its_place(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(
        "oidc:\n"
        "- {id: corp, name: Corp, issuer: 'https://a', client_id: x, client_secret: c4n4ry,\n"
        "   roles: {night: [{rol: admin}]}}\n"
    )

    with pytest.raises(Invalid) as refused:
        load_settings({"TRUNKLINE_CONFIG": str(config)})

    places = {violation.path for violation in refused.value.violations}
    assert places == {"oidc.0.roles.night.0.role", "oidc.0.roles.night.0.rol"}
    assert "c4n4ry" not in str(refused.value.violations)


def test_no_secret_shows_when_settings_are_printed():
    settings = load_settings(
        {"TRUNKLINE_ADMIN_PASSWORD": "c4n4ry-1", "TRUNKLINE_ENCRYPTION_KEY": "c4n4ry-2"}
    )

    assert "c4n4ry" not in repr(settings)
