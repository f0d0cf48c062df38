"""TLS to RabbitMQ, told in the address by the same words as for Redis.

`amqps://user:password@host:5671//?ssl_ca_certs=/etc/ca.pem`. Celery hands the words of the query to
py-amqp as they are, which knows others; so they are translated here, and the address loses them.
"""

import ssl
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from app.errors import Invalid

_FILES = {"ssl_ca_certs": "ca_certs", "ssl_certfile": "certfile", "ssl_keyfile": "keyfile"}
_VERIFY = "ssl_cert_reqs"
_REQUIRED = ("required", "CERT_REQUIRED")


def without_tls(url: str) -> tuple[str, dict[str, object] | None]:
    """An `amqps://` address without its query, and what py-amqp wants to know; others as they are.

    The server's certificate is always checked, with its name: by the authority of `ssl_ca_certs`,
    or by those of the machine. Raises Invalid for words that are not known.
    """
    parts = urlsplit(url)
    if parts.scheme != "amqps":
        return url, None
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    required = given.pop(_VERIFY, "required")
    if required not in _REQUIRED:
        raise Invalid(f"broker_url: {_VERIFY} must be required, not {required!r}")
    if unknown := sorted(set(given) - set(_FILES)):
        raise Invalid(f"broker_url: {', '.join(unknown)} of amqps:// is not known")
    tls: dict[str, object] = {_FILES[name]: path for name, path in given.items()}
    tls |= {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname}
    return urlunsplit(parts._replace(query="")), tls
