"""Makes the secret files of docker-compose.yml that are not there yet; never changes one.

`python deploy/docker/make_secrets.py [FOLDER]`; the folder is deploy/docker/secrets by default.
The files are readable by the group and others of this machine only as far as the folder is (0700):
containers read them as users of their own.
"""

import base64
import secrets
import sys
from pathlib import Path


def make(folder: Path) -> list[str]:
    """The names of the files that were made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made: list[str] = []

    def put(name: str, text: str) -> str:
        path = folder / name
        if not path.exists():
            path.write_text(text, encoding="ascii")
            path.chmod(0o644)
            made.append(name)
        return path.read_text(encoding="ascii")

    database = put("database_password", secrets.token_urlsafe(24))
    broker = put("broker_password", secrets.token_urlsafe(24))
    rabbit = put("rabbitmq_password", secrets.token_urlsafe(24))
    put("database_url", f"postgresql://trunkline:{database}@database:5432/trunkline")
    put("valkey_url", f"redis://:{broker}@broker:6379/0")
    put("valkey.conf", f"requirepass {broker}\n")  # an argument would be seen by `ps`
    put("rabbitmq_url", f"amqp://trunkline:{rabbit}@rabbitmq:5672//")
    # by default RabbitMQ ends a consumer whose message is not acknowledged for 30 minutes, and a
    # step may take days: a lost one is known by its lease
    lines = f"default_user = trunkline\ndefault_pass = {rabbit}\nconsumer_timeout = 31536000000\n"
    lines += "vm_memory_high_watermark.absolute = 600MB\n"  # of a container that may have 1 GB
    put("rabbitmq.conf", lines)
    put("encryption_key", base64.b64encode(secrets.token_bytes(32)).decode())
    put("admin_password", secrets.token_urlsafe(12))
    put("flower_basic_auth", f"flower:{secrets.token_urlsafe(12)}")
    put("settings.yaml", "# any setting of docs/settings.md, such as: retention_days: 90\n")
    return made


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "secrets"
    print(f"made {', '.join(make(target)) or 'nothing: all are there'} in {target}")
