"""The rooms of 2.x only: outputs, metrics, plug-ins, the caller, tenants, configuration, audit."""

from ground import NS, USER, T, client, connect, executions, get, newer, ran, refused, rows

PUBLISH = """{id: out, type: io.kestra.plugin.core.metric.Publish, metrics: [
  {type: counter, name: rows, value: 3}, {type: timer, name: took, value: PT2S}]}"""
RETURN = "{id: out, type: io.kestra.plugin.core.debug.Return, format: hi}"
OUTPUTS = 'outputs: [{id: told, type: STRING, value: "{{ outputs.out.value }}"}]\n'
LOG = "io.kestra.plugin.core.log.Log"

if newer:
    outputs, metrics, plugins, misc = client.outputs, client.metrics, client.plugins, client.misc

    def check_outputs():
        found = ran("outputs", RETURN, OUTPUTS)
        assert outputs.execution_outputs(found, T) == {"told": "hi"}
        [row] = outputs.task_outputs_information(found, T)
        assert get(row, "taskId" if isinstance(row, dict) else "task_id") == "out"
        run = executions.execution(found, T).task_run_list[0].id
        assert outputs.task_run_outputs(found, run, T) == {"value": "hi"}

    def check_metrics():
        found = ran("metrics", PUBLISH)
        found_rows = rows(metrics.execution_metrics(found, T))
        seen = {get(one, "name"): get(one, "value") for one in found_rows}
        assert seen == {"rows": 3, "took": 2000}
        assert set(metrics.flow_metric_names(NS, "metrics", T)) == {"rows", "took"}
        assert set(metrics.task_metric_names(NS, "metrics", "out", T)) == {"rows", "took"}
        assert metrics.tasks_with_metrics(NS, "metrics", T) == ["out"]
        whole = metrics.aggregate_flow_metric(NS, "metrics", "rows", T, aggregation="sum")
        assert sum(get(one, "value") or 0 for one in get(whole, "aggregations")) == 3
        part = metrics.aggregate_task_metric(NS, "metrics", "out", "rows", T, aggregation="max")
        assert max(get(one, "value") or 0 for one in get(part, "aggregations")) == 3

    def check_plugins():
        assert LOG in str(plugins.list_plugins(page=1, size=10000))
        assert plugins.list_plugins_by_subgroups()
        shown = plugins.plugin_documentation(LOG, all_properties=True)
        assert "message" in get(shown, "markdown")
        versions = plugins.plugin_versions(LOG)
        version = get(versions, "versions")[0]
        assert "message" in get(plugins.plugin_documentation_for_version(LOG, version), "markdown")
        assert LOG in plugins.plugin_icons()
        assert plugins.plugin_group_icons()
        svg = plugins.plugin_icon_svg(LOG)
        assert "<svg" in (svg if isinstance(svg, str) else svg.decode())
        assert "STRING" in str(plugins.plugin_input_types())
        assert plugins.plugin_input_schema("STRING")
        assert "definitions" in plugins.plugin_schema("FLOW")
        assert plugins.plugin_properties("FLOW")
        assert plugins.plugin_triggers()
        refused(404, lambda: plugins.plugin_documentation("no.such.Type"))

    def check_configuration():
        assert misc.configuration().version.startswith("2.")
        assert misc.login_configuration()
        assert misc.setup_configuration()
        refused(405, lambda: misc.setup_kestra({"username": "x@y.org", "password": "Long horse 1"}))
        credentials = {"uid": "x", "username": "x@y.org", "password": "Long horse 1"}
        refused(401, lambda: misc.create_basic_auth(T, credentials))
        assert isinstance(misc.basic_auth_validation_errors(), list)
        assert "upper" in misc.pebble_filters()
        assert misc.pebble_functions()

    def check_the_caller():
        me = client.me
        assert USER in str(me.current_user())
        made = me.create_api_token({"name": "mine", "maxAge": "PT1H"})
        token = get(made, "full_token")
        assert get(made, "id") in {get(one, "id") for one in rows(me.list_api_tokens())}
        assert connect(None, None, token=token).flows.list_distinct_namespaces(T) is not None
        me.delete_api_token(get(made, "id"))
        refused(401, lambda: connect(None, None, token=token).flows.list_distinct_namespaces(T))

    def check_tenants():
        assert [one.id for one in rows(client.tenants.search_tenants())] == ["main"]
        assert client.tenants.tenant("main").id == "main"
        refused(404, lambda: client.tenants.tenant("other"))
        other = {"id": "other", "name": "Other", "deleted": False}
        refused(409, lambda: client.tenants.create_tenant(other))
        refused(409, lambda: client.tenants.update_tenant("main", other))
        refused(409, lambda: client.tenants.delete_tenant("main"))

    def check_audit_log():
        ran("audited")
        here = rows(client.auditlogs.search_audit_logs(T, page=1, size=50))
        everywhere = rows(client.auditlogs.search_all_audit_logs(page=1, size=50))
        assert NS in str(here)
        assert NS in str(everywhere)

    def check_services():
        assert client.instance.active_services()
        assert rows(client.instance.search_services(page=1, size=50))
