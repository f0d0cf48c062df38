"""TLS of RabbitMQ in the words of an address; tests/faults/test_tls.py has a real node."""

import ssl

import pytest

from app.dispatch.celery_app import make_celery
from app.dispatch.tls import without_tls
from app.errors import Invalid
from app.settings import Settings


def test_the_certificate_is_checked_whatever_is_said_and_against_the_name():
    url, tls = without_tls("amqps://eve:pw@broker.example.org:5671//?ssl_ca_certs=/etc/ca.pem")

    assert url == "amqps://eve:pw@broker.example.org:5671//"
    assert tls == {
        "ca_certs": "/etc/ca.pem",
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": "broker.example.org",
    }
    assert without_tls("amqps://h//")[1] == {
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": "h",
    }


@pytest.mark.parametrize("url", ["amqp://h//", "redis://h/0", "rediss://h/0?ssl_ca_certs=/ca"])
def test_other_addresses_stay_as_they_are(url):
    assert without_tls(url) == (url, None)


@pytest.mark.parametrize(
    ("query", "named"), [("ssl_cert_reqs=none", "ssl_cert_reqs"), ("cafile=/ca.pem", "cafile")]
)
def test_what_would_weaken_it_or_is_not_known_is_refused_by_name(query, named):
    settings = Settings(broker_url=f"amqps://eve:secret@h//?{query}")

    with pytest.raises(Invalid, match=named) as raised:
        make_celery(settings)
    assert "secret" not in str(raised.value)
