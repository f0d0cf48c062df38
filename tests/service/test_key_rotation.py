"""Key rotation."""

import base64
import dataclasses

import pytest

from app.errors import Invalid
from app.service import key_rotation, secrets

NEW = base64.b64encode(b"n" * 32).decode()


def with_keys(rt, first, *old):
    changes = {"encryption_key": first, "encryption_keys_old": ",".join(old)}
    return dataclasses.replace(rt, settings=rt.settings.model_copy(update=changes))


def test_after_a_rotation_the_old_key_is_not_needed(driver):
    old = driver.rt.settings.encryption_key
    secrets.put(driver.rt, "a", "TOKEN", "value")

    done = key_rotation.rotate(with_keys(driver.rt, NEW, old))

    assert done.secrets == 1
    assert secrets.find(with_keys(driver.rt, NEW), "a", "TOKEN") == "value"


def test_a_second_rotation_changes_nothing(driver):
    old = driver.rt.settings.encryption_key
    secrets.put(driver.rt, "a", "TOKEN", "value")
    key_rotation.rotate(with_keys(driver.rt, NEW, old))

    assert key_rotation.rotate(with_keys(driver.rt, NEW, old)).secrets == 0


def test_without_the_old_key_nothing_is_touched(driver):
    secrets.put(driver.rt, "a", "ONE", "1")
    secrets.put(driver.rt, "a", "TWO", "2")

    with pytest.raises(Invalid):
        key_rotation.rotate(with_keys(driver.rt, NEW))

    assert secrets.find(driver.rt, "a", "ONE") == "1"
