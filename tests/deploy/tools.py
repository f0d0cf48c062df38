"""Programs that check what is shipped."""

import os
import shutil

import pytest


def tool(name: str) -> str:
    """A program that CI installs; elsewhere its tests may be skipped."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("TRUNKLINE_REQUIRE_SERVICES"):
            pytest.fail(f"{name} is required here and is not installed")
        pytest.skip(f"{name} is not installed")
    return found
