"""Writes `src/api/served.ts`: the nouns that the UI reads, as the served OpenAPI document has them.

`python ui/served.py` after a change of a shape; a test says when the file is behind. It is kept
with the sources, since a wheel is built where the server's packages are not installed.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

UI = Path(__file__).parent
FILE = UI / "src" / "api" / "served.ts"
NOUNS = (
    "Account", "Act", "BackfillPreview", "Durations", "Execution", "ExecutionChanges",
    "FailingFlow", "FlowOrigin", "FlowWithSource", "FlowsDone", "GitBinding", "GitChange",
    "GitDelivery", "GitDeliveryContent", "GitEndpoint", "GitPlanItem", "GitPull", "GitResource",
    "GitSource", "GitSync", "GitTried", "Group", "HandedDown", "ImportReport", "KVEntry", "Me",
    "Member", "Namespace", "NamespaceCounts", "NewTokenAnswer", "OpenedEndpoint", "Origin",
    "PermissionList", "Revision", "RoleBinding", "RoleSummary", "RotatedEndpoint", "RunStrip",
    "SecretMeta", "SourceMatch", "Token", "TriggerAndState", "Waiting", "WorkQueue",
    "WorkerJob",
)  # fmt: skip
_REFERENCE = re.compile(r'"#/components/schemas/(\w+)"')


def chosen(schemas: dict[str, Any]) -> dict[str, Any]:
    """The nouns and whatever they refer to. Unnamed fields are left out, or a typo would pass."""
    found: dict[str, Any] = {}
    wanted = list(NOUNS)
    while wanted:
        name = wanted.pop()
        if name not in found:
            text = json.dumps(schemas[name])
            found[name] = _closed(json.loads(text))
            wanted += _REFERENCE.findall(text)
    return dict(sorted(found.items()))


def _closed(schema: Any) -> Any:
    """Without titles, defaults, and leave for any other field of a shape with fields."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    left = {"title", "default"} if "$defs" not in schema else set()
    if "properties" in schema:
        left |= {"additionalProperties"}
        fields = {name: _closed(field) for name, field in schema["properties"].items()}
        return {**_closed({k: v for k, v in schema.items() if k != "properties" and k not in left}),
                "properties": fields}  # fmt: skip
    return {name: _closed(value) for name, value in schema.items() if name not in left}


def digest(schemas: dict[str, Any]) -> str:
    """A short name of what the file is made of; it stands in the file's head."""
    return hashlib.sha256(json.dumps(chosen(schemas), sort_keys=True).encode()).hexdigest()[:16]


def main() -> None:
    """Makes the file anew. Needs the server's packages and those of `package-lock.json`."""
    sys.path.insert(0, str(UI.parent))
    from app.api.openapi import schemas

    info = {"title": "Trunkline", "version": "0"}
    components = {"schemas": chosen(schemas())}
    text = json.dumps({"openapi": "3.1.0", "info": info, "paths": {}, "components": components})
    command = ["npx", "--no-install", "openapi-typescript"]
    done = subprocess.run(command, cwd=UI, input=text, capture_output=True, text=True, check=True)
    head = f"// Made by ui/served.py of the OpenAPI document, {digest(schemas())}: do not edit.\n\n"
    FILE.write_text(head + done.stdout[done.stdout.index("export interface components") :])
    subprocess.run(
        ["npx", "--no-install", "biome", "check", "--write", str(FILE)], cwd=UI, check=True
    )


if __name__ == "__main__":
    main()
