"""Which addresses may be called."""

import pytest

from app.plugin.outgoing import OutgoingPolicy, RefusedTarget

MINE = OutgoingPolicy(allow_private=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "fd12::1", "192.168.1.1"])
def test_loopback_and_private_addresses_need_the_setting(address):
    assert MINE.check(address) == address
    assert OutgoingPolicy.of(allow_private=False, allowed=address).check(address) == address
    with pytest.raises(RefusedTarget):
        OutgoingPolicy().check(address)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1"])
def test_what_is_no_server_is_refused_with_the_setting_too(address):
    with pytest.raises(RefusedTarget):
        MINE.check(address)
