"""The one table of routes and permissions; a route that is not in it is refused to everybody.

Each endpoint asks for a permission, and says where to look for the namespace that it is asked in.
A caller who may everywhere passes at once; for others the namespace is found before the route runs.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask import request

from app.api.web import flag, json_body, runtime, text_body
from app.errors import Forbidden, Invalid
from app.gitops.layout import Kind
from app.gitops.plan import namespace_of
from app.language.document import read_documents
from app.model.access import Caller, Permission
from app.model.filter import Filter, Group, Operator
from app.model.ids import is_execution_id
from app.service import executions
from app.service.evaluation import namespace_of as namespace_of_scope
from app.service.gitops.changes import NewChange
from app.service.gitops.models import read

Namespaces = Callable[[], Iterable[str]]


def _of_path() -> Iterable[str]:
    """The namespace is part of the address."""
    return [str((request.view_args or {})["namespace"])]


def _of_execution() -> Iterable[str]:
    """The execution of the address has one."""
    return executions.namespaces_of(runtime(), [str((request.view_args or {})["execution_id"])])


def _of_ids() -> Iterable[str]:
    """The body is a list of execution ids, of flows or triggers, or holds one."""
    data = json_body()
    entries = data if isinstance(data, list) else [data]
    if isinstance(data, Mapping):  # every list counts: a decoy beside it must not hide the real one
        lists = (data.get(name) for name in ("executionsId", "triggers", "flows"))
        entries = [data, *(entry for found in lists if isinstance(found, list) for entry in found)]
    named = [str(e["namespace"]) for e in entries if isinstance(e, Mapping) and "namespace" in e]
    ids = [entry for entry in entries if isinstance(entry, str)]
    return [*named, *(executions.namespaces_of(runtime(), ids) if ids else [])]


def _of_source() -> Iterable[str]:
    """The body is YAML: flows, each with its namespace; and the address may name one.

    It is read so whatever its content type says, as the route itself does.
    """
    found = [str(value) for key, value in (request.view_args or {}).items() if key == "namespace"]
    for document in read_documents(text_body()):
        if isinstance(document.data, Mapping):
            found.append(str(document.data.get("namespace", "")))
    return found


def _of_bulk() -> Iterable[str]:
    """As `_of_source`; what the body leaves out goes, in the namespace of the query or anywhere."""
    place = request.args.get("namespace") or ""
    is_narrow = not place and not flag("delete", True)
    return [*_of_source(), *([] if is_narrow else [place])]


def _of_resource() -> Iterable[str]:
    """The query names a flow (`namespace/id`) or a file (`namespace:path`); others are all's.

    A kind that there is not is the route's to refuse.
    """
    if request.args.get("kind", Kind.FLOW) in [kind for kind in Kind if kind.is_global]:
        return [""]
    return [re.split("[/:]", request.args.get("key", ""), maxsplit=1)[0]]


def _of_query() -> Iterable[str]:
    """The query names the namespace."""
    return request.args.getlist("namespace")[:1]


def _of_edits() -> Iterable[str]:
    """The body names what is changed; a dashboard belongs to all, so it asks for everywhere."""
    try:
        edits = read(json_body(), NewChange).edits
    except Invalid:
        return []  # the route itself says what is wrong, and changes nothing
    return [namespace_of((edit.kind, edit.key)) for edit in edits]


def _of_scope() -> Iterable[str]:
    """The body has a flow whose secrets, keys and files its template may use; none: everywhere."""
    data = json_body()
    names = data.get("context") if isinstance(data, Mapping) else None
    return [namespace_of_scope(names if isinstance(names, Mapping) else {})]


def _nowhere() -> Iterable[str]:
    """No namespace is touched: the permission in any one is enough."""
    return []


#: the route only lists what filters leave, and `visible` is one of them
LISTED = _nowhere


@dataclass(frozen=True)
class Rule:
    """What an endpoint asks for; without `namespaces` it must be granted everywhere."""

    permission: Permission
    namespaces: Namespaces | None = None


def _rules(
    permission: Permission, namespaces: Namespaces | None, blueprint: str, names: str
) -> dict[str, Rule]:
    return {f"{blueprint}.{name}": Rule(permission, namespaces) for name in names.split()}


P = Permission
RULES: dict[str, Rule] = {
    **_rules(P.FLOW_READ, _of_path, "flows", "get list_namespace revisions history"),
    **_rules(P.FLOW_READ, _of_path, "flows", "task promotions"),
    **_rules(P.FLOW_READ, LISTED, "flows", "find find_in_source expressions"),
    **_rules(P.FLOW_READ, None, "flows", "namespaces deprecated limits"),
    **_rules(P.FLOW_READ, _nowhere, "flows", "validate validate_task validate_trigger"),
    **_rules(P.FLOW_READ, _of_ids, "flows", "hashes"),
    **_rules(P.FLOW_WRITE, _of_source, "flows", "create update put_namespace"),
    **_rules(P.FLOW_WRITE, _of_bulk, "flows", "put_bulk"),
    **_rules(P.FLOW_WRITE, _of_path, "flows", "delete forget_revisions set_limit"),
    **_rules(P.FLOW_WRITE, _of_ids, "flow_bulk", "disable_ids enable_ids delete_ids label_ids"),
    **_rules(
        P.FLOW_WRITE, LISTED, "flow_bulk", "disable_query enable_query delete_query label_query"
    ),
    **_rules(P.EXECUTION_RUN, _of_ids, "flow_bulk", "run_ids"),
    **_rules(P.EXECUTION_RUN, LISTED, "flow_bulk", "run_query"),
    **_rules(P.FLOW_READ, _of_ids, "flow_bulk", "export_ids"),
    **_rules(P.FLOW_READ, LISTED, "flow_bulk", "export_query export_csv"),
    **_rules(P.FLOW_WRITE, None, "flow_bulk", "import_ import_report"),
    **_rules(P.FLOW_READ, LISTED, "source_replace", "preview"),
    **_rules(P.FLOW_WRITE, _of_ids, "source_replace", "apply apply_line"),
    **_rules(P.TEST_WRITE, _of_source, "tests", "save"),
    **_rules(P.TEST_WRITE, _of_path, "tests", "delete"),
    **_rules(P.FLOW_READ, _nowhere, "tests", "validate"),
    **_rules(P.FLOW_READ, LISTED, "tests", "find"),
    **_rules(P.FLOW_READ, _of_path, "tests", "get results"),
    **_rules(P.TEST_RUN, _of_path, "tests", "run"),
    **_rules(P.FLOW_READ, _of_path, "graphs", "of_flow of_one of_namespace"),
    **_rules(P.FLOW_READ, _nowhere, "graphs", "of_source"),
    **_rules(P.FLOW_READ, None, "graphs", "of_all"),
    **_rules(P.EXECUTION_READ, _of_execution, "graphs", "of_execution of_executed"),
    **_rules(P.EXECUTION_RUN, _of_path, "executions", "start"),
    **_rules(P.EXECUTION_READ, _of_execution, "executions", "get"),
    **_rules(P.EXECUTION_READ, LISTED, "executions", "find histogram field_values export_csv"),
    **_rules(P.EXECUTION_READ, _of_query, "executions", "of_flow"),
    **_rules(P.EXECUTION_READ, _of_ids, "executions", "latest"),
    **_rules(P.EXECUTION_READ, _of_ids, "glances", "strips"),
    **_rules(P.EXECUTION_READ, LISTED, "glances", "failing"),
    **_rules(P.EXECUTION_RUN, _of_execution, "executions", "delete"),
    **_rules(
        P.EXECUTION_RUN, _of_execution, "execution_acts",
        "act_pause act_resume act_resume-from-breakpoint act_restart act_replay "
        "act_replay-with-inputs act_change-status act_state act_labels act_force-run act_unqueue "
        "kill",
    ),
    **_rules(
        P.EXECUTION_RUN, _of_ids, "execution_bulk",
        "pause_ids resume_ids restart_ids replay_ids force-run_ids unqueue_ids change-status_ids "
        "kill_ids labels_by_ids delete_by_ids",
    ),
    **_rules(
        P.EXECUTION_RUN, LISTED, "execution_bulk",
        "pause_query resume_query restart_query replay_query force-run_query unqueue_query "
        "change-status_query kill_query labels_by_query delete_by_query",
    ),
    **_rules(P.EXECUTION_EVAL, _of_execution, "execution_reads", "evaluate"),
    **_rules(P.EXECUTION_RUN, _of_path, "execution_reads", "validate"),
    **_rules(P.EXECUTION_RUN, _of_execution, "execution_reads", "validate_resume"),
    **_rules(
        P.EXECUTION_READ, _of_execution, "execution_reads",
        "file file_size preview flow_of task_runs waiting outputs outputs_of_tasks outputs_of_task "
        "outputs_as_before changes",
    ),
    **_rules(P.FLOW_READ, _of_path, "execution_reads", "flow_to_run flows_to_run average_duration"),
    **_rules(P.FLOW_READ, None, "execution_reads", "namespaces"),
    **_rules(
        P.EXECUTION_READ, _of_execution, "streams", "follow follow_logs follow_dependencies"
    ),
    **_rules(P.SELF, _nowhere, "streams", "events"),  # each topic asks for its own: TOPICS
    **_rules(P.EXECUTION_READ, LISTED, "logs", "find histogram"),
    **_rules(
        P.EXECUTION_READ, _of_execution, "logs", "of_execution download window summary matches"
    ),
    **_rules(P.EXECUTION_RUN, _of_execution, "logs", "delete"),
    **_rules(P.EXECUTION_RUN, _of_path, "logs", "delete_of_trigger"),
    **_rules(
        P.SELF, _nowhere, "instance",
        "configuration me tokens create_token revoke_token filters functions",
    ),
    **_rules(P.EXECUTION_EVAL, _of_scope, "instance", "evaluate"),
    **_rules(P.EXECUTION_EVAL, _nowhere, "instance", "render"),  # it looks for itself
    **_rules(
        P.SELF, _nowhere, "installation", "credential_problems get_preferences put_preferences"
    ),
    **_rules(P.INSTANCE_READ, None, "installation", "services active_services drained jobs"),
    **_rules(P.INSTANCE_READ, None, "queues", "find"),
    **_rules(P.WORKER_OPERATE, None, "queues", "pause resume"),
    **_rules(P.SELF, _nowhere, "installation", "tenants tenant"),
    **_rules(P.SELF, _nowhere, "management", "version"),
    **_rules(P.WORKER_OPERATE, None, "installation", "drain undrain"),
    **_rules(
        P.WORKER_OPERATE, None, "installation", "add_tenant replace_tenant delete_tenant"
    ),
    **_rules(P.INSTANCE_READ, None, "management", "info environment loggers"),
    **_rules(P.WORKER_OPERATE, None, "management", "set_level"),
    **_rules(P.SELF, _nowhere, "palette", "find"),
    **_rules(P.EXECUTION_READ, _of_path, "palette", "grid"),
    **_rules(P.SELF, _nowhere, "blueprints", "find tags get source graph"),
    **_rules(P.DASHBOARD_READ, None, "dashboards", "find get chart preview export"),
    **_rules(P.DASHBOARD_READ, _nowhere, "dashboards", "validate validate_chart"),
    **_rules(P.DASHBOARD_WRITE, None, "dashboards", "create replace delete"),
    **_rules(P.KV_READ, _of_path, "kv", "keys get inherited"),
    **_rules(P.KV_READ, LISTED, "kv", "all_keys"),
    **_rules(P.KV_WRITE, _of_path, "kv", "put delete delete_many"),
    **_rules(P.TRIGGER_READ, LISTED, "triggers", "find export_csv"),
    **_rules(P.TRIGGER_READ, _of_path, "triggers", "of_flow next_instants preview_backfill"),
    **_rules(P.TRIGGER_OPERATE, _of_path, "triggers", "unlock restart delete"),
    **_rules(
        P.TRIGGER_OPERATE, _of_ids, "triggers",
        "update set_disabled create_backfill pause_backfill unpause_backfill delete_backfill "
        "set_disabled_list backfill_pause_triggers backfill_unpause_triggers "
        "backfill_delete_triggers unlock_triggers delete_triggers",
    ),
    **_rules(
        P.TRIGGER_OPERATE, LISTED, "triggers",
        "set_disabled_query backfill_pause_query backfill_unpause_query backfill_delete_query "
        "unlock_query delete_query",
    ),
    **_rules(P.NAMESPACE_READ, LISTED, "namespaces", "find counts"),
    **_rules(P.NAMESPACE_READ, None, "namespaces", "autocomplete"),
    **_rules(
        P.NAMESPACE_READ, _of_path, "namespaces",
        "get inherited_variables inherited_defaults handed_down",
    ),
    **_rules(P.NAMESPACE_WRITE, _of_path, "namespaces", "replace delete"),
    **_rules(P.NAMESPACE_WRITE, None, "namespaces", "create"),
    **_rules(P.SECRET_LIST, LISTED, "namespaces", "secrets"),
    **_rules(P.SECRET_LIST, _of_path, "namespaces", "secrets_of inherited_secrets"),
    **_rules(P.SECRET_WRITE, _of_path, "namespaces", "put_secret patch_secret delete_secret"),
    **_rules(
        P.SELF, _nowhere, "plugins",
        "plugins search subgroups schema properties triggers icons group_icons icon inputs "
        "input_type documentation versions version",
    ),
    **_rules(P.SELF, _nowhere, "openapi", "as_json as_yaml page"),
    **_rules(P.EXECUTION_READ, _of_execution, "statistics", "metrics"),
    **_rules(P.EXECUTION_READ, _of_path, "statistics", "names tasks aggregates"),
    **_rules(
        P.EXECUTION_READ, LISTED, "statistics",
        "summary durations daily daily_by_flow by_namespace latest",
    ),
    **_rules(P.EXECUTION_READ, None, "statistics", "logs_daily usages"),
    **_rules(
        P.FILE_READ, _of_path, "namespace_files", "read stats children search revisions export"
    ),
    **_rules(P.FILE_WRITE, _of_path, "namespace_files", "create move delete make_folder"),
    **_rules(P.GIT_READ, None, "gitops", "list_sources get_source"),
    **_rules(P.GIT_SYNC, None, "gitops", "fetch"),
    **_rules(P.GIT_PROPOSE, None, "gitops", "branches"),
    **_rules(
        P.GIT_ADMIN, None, "gitops",
        "add_source delete_source change_source suspend add_binding list_endpoints open_endpoint "
        "close_endpoint rotate_endpoint deliveries get_delivery replay try_source",
    ),
    **_rules(
        P.GIT_READ, None, "gitops_bindings",
        "list_bindings get_binding diff resources history pulls get_sync",
    ),
    **_rules(P.GIT_SYNC, None, "gitops_bindings", "plan sync pin unpin take ignore unignore"),
    **_rules(P.GIT_APPROVE, None, "gitops_bindings", "approve"),
    **_rules(
        P.GIT_ADMIN, None, "gitops_bindings",
        "add_binding change_binding delete_binding suspend release",
    ),
    **_rules(
        P.GIT_READ, None, "gitops_moves",
        "plan_folder list_changes change_checks promotions promotion",
    ),
    **_rules(P.FLOW_READ, _of_resource, "gitops_moves", "origin"),
    **_rules(P.FLOW_READ, _of_ids, "gitops_moves", "origins_of_flows"),
    **_rules(P.GIT_SYNC, None, "gitops_moves", "apply_folder promote"),
    **_rules(P.GIT_PROPOSE, _of_edits, "gitops_moves", "propose"),
    **_rules(P.GIT_APPROVE, None, "gitops_moves", "approve"),
    **_rules(P.GIT_ADMIN, None, "gitops_records", "list_all add get change delete events"),
    **_rules(
        P.ACCESS_ADMIN, None, "access",
        "list_users create_user get_user change_user set_password delete_user "
        "list_service_accounts create_service_account get_service_account change_service_account "
        "delete_service_account list_tokens create_token revoke_token list_permissions",
    ),
    **_rules(
        P.ACCESS_ADMIN, None, "grants",
        "list_roles create_role get_role replace_role delete_role list_groups create_group "
        "get_group replace_group delete_group list_members add_member drop_member list_bindings "
        "create_binding get_binding delete_binding",
    ),
    **_rules(P.AUDIT_READ, None, "audits", "search export"),
    **_rules(P.INSTANCE_READ, None, "metrics", "text names one"),
}  # fmt: skip


#: what the topics of the one stream ask for; those of an execution, in its namespace
TOPICS: dict[str, Rule] = {
    "execution": Rule(P.EXECUTION_READ, _nowhere),
    "log": Rule(P.EXECUTION_READ, _nowhere),
    "list:executions": Rule(P.EXECUTION_READ, LISTED),
    "git": Rule(P.GIT_READ),
    "workers": Rule(P.INSTANCE_READ),
}
OF_ONE = ("execution", "log")  #: topics that name an execution after a colon


def check_topic(caller: Caller, topic: str) -> None:
    """Raises Forbidden unless the caller may follow a topic, Invalid for what is none.

    An execution that is not there answers like one that may not be read.
    """
    kind, _, execution_id = topic.partition(":")
    is_of_one = kind in OF_ONE
    rule = TOPICS.get(kind if is_of_one else topic)
    if rule is None or (is_of_one and not is_execution_id(execution_id)):
        raise Invalid(f"`topics`: {topic[:60]!r} is no topic")
    if caller.may(rule.permission):
        return
    if rule.namespaces is None or not caller.may_somewhere(rule.permission):
        raise Forbidden(f"{topic}: this needs the permission {rule.permission}")
    if is_of_one:
        for namespace in executions.namespaces_of(runtime(), [execution_id]) or [""]:
            require(caller, rule.permission, namespace)


def rule_of(endpoint: str) -> Rule | None:
    """The rule of an endpoint; None when nobody made one."""
    return RULES.get(endpoint.replace("_plain.", "."))


def check(caller: Caller, endpoint: str) -> None:
    """Raises Forbidden unless the caller may use the endpoint as it is asked here."""
    rule = rule_of(endpoint)
    if rule is None:
        raise Forbidden("this route is open to nobody")
    if caller.may(rule.permission):
        return
    if rule.namespaces is None or not caller.may_somewhere(rule.permission):
        raise Forbidden(f"this needs the permission {rule.permission}")
    for namespace in rule.namespaces():
        require(caller, rule.permission, namespace)


def require(caller: Caller, permission: Permission, namespace: str) -> None:
    """Raises Forbidden unless the caller has a permission in a namespace."""
    if not caller.may(permission, namespace):
        place = f"in {namespace!r}" if namespace else "everywhere"
        raise Forbidden(f"this needs the permission {permission} {place}")


def narrowed(caller: Caller, endpoint: str, group: Group) -> Group:
    """Filters of a list with what the caller may see as one more of them."""
    rule = rule_of(endpoint)
    visible = caller.visible(rule.permission) if rule is not None else ()
    if visible is None:
        return group
    if not visible:  # a group of no filters would hold for every row
        raise Forbidden("nothing of this may be seen")
    places = tuple(
        Filter(field="namespace", operator=Operator.PREFIX, value=name) for name in visible
    )
    return Group((group, Group(places, is_any=True)))
