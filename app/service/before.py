"""What expressions see before there is an execution: of inputs, checks and triggers."""

from typing import Any

from app.model.flow import Flow
from app.model.input import InputType, flat
from app.model.property import has_expression
from app.service.runtime import Runtime
from app.service.scope import Deferred, namespace_variables, nested
from app.settings import envs_from


def scope_of(rt: Runtime, flow: Flow, **more: Any) -> dict[str, Any]:
    """The roots that every flow has, and `more`; `inputs` are the plain defaults, unless given."""
    return {
        "flow": {
            "id": flow.id,
            "namespace": flow.namespace,
            "revision": flow.revision,
            "tenantId": "main",
        },
        "inputs": Deferred(lambda: nested(_defaults(flow))),
        "vars": flow.variables or {},
        "namespace": namespace_variables(rt, flow.namespace),
        "envs": envs_from(rt.environ),
        "globals": rt.settings.globals,
        "kestra": {"environment": rt.settings.environment, "url": rt.settings.url},
        **more,
    }


def _defaults(flow: Flow) -> dict[str, Any]:
    return {
        item.id: item.defaults
        for item in flat(flow.inputs)
        if item.defaults is not None
        and item.type is not InputType.SECRET
        and not has_expression(item.defaults)
    }
