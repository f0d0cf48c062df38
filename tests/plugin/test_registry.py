"""The registry loads what is asked for, and finds what is not listed."""

import subprocess
import sys

import pytest

from app.plugin.registry import INDEX, Installed, default_registry, write_index
from app.plugin.task import RunnableTask

PROGRAM = """
import sys
from app.plugin.registry import default_registry
cls = default_registry().find("io.kestra.core.tasks.log.log")
print(cls.type_name, "workers.core.log" in sys.modules, "workers.docker.run" in sys.modules)
"""


def test_the_list_of_types_names_every_type_of_ours():
    wanted = write_index(default_registry())

    assert INDEX.read_text(encoding="utf-8") == wanted, "run `trunkline docs types`"


def test_a_type_is_loaded_without_the_others():
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )

    assert found.stdout.split() == ["io.kestra.plugin.core.log.Log", "True", "False"]


def test_a_type_that_is_not_listed_is_found_all_the_same():
    registry = Installed()
    registry._modules.clear()

    cls = registry.find("IO.kestra.plugin.core.log.LOG")

    assert cls is not None
    assert cls.type_name == "io.kestra.plugin.core.log.Log"
    assert registry.find("io.kestra.plugin.core.log.Lag") is None


def test_an_alias_is_told_from_a_name():
    registry = Installed()

    assert registry.replacement("io.kestra.core.tasks.log.Log") == "io.kestra.plugin.core.log.Log"
    assert registry.replacement("io.kestra.plugin.core.log.Log") is None
    assert registry.replacement("nothing") is None


def test_the_command_starts_without_the_libraries_of_the_server():
    program = (
        "import sys, app.cli.main; "
        "print([n for n in ('sqlalchemy', 'celery', 'flask', 'prometheus_client', 'httpx', 'rich') "
        "if n in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "[]"


def test_a_type_that_needs_a_jvm_is_refused_with_that_reason():
    with pytest.raises(ValueError, match=r"Invalid type: .*FileTransform \(it runs within a JVM"):
        default_registry().find_class(RunnableTask, "io.kestra.plugin.scripts.jython.FileTransform")
