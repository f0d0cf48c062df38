"""Plugin defaults that change reach flows that are compiled already."""

from app.service import flow_cache, flows, namespaces

LOG = "io.kestra.plugin.core.log.Log"
FLOW = f"""
id: hello
namespace: company.team
tasks: [{{id: say, type: {LOG}, message: hi}}]
"""


def level(driver):
    saved = flows.get(driver.rt, "company.team", "hello")
    return flows.index(driver.rt, "company.team", "hello", saved.revision).tasks["say"].level


def set_default(driver, values):
    data = {"id": "company", "pluginDefaults": [{"type": LOG, "values": values}]}
    try:
        namespaces.replace(driver.rt, "company", data)
    except namespaces.NamespaceNotFound:
        namespaces.create(driver.rt, data)


def test_this_process_sees_a_change_at_once(driver):
    driver.save(FLOW)
    before = level(driver)
    set_default(driver, {"level": "WARN"})

    assert (before, level(driver)) == ("INFO", "WARN")


def test_another_process_sees_it_when_it_looks_again(driver, monkeypatch):
    driver.save(FLOW)
    set_default(driver, {"level": "WARN"})
    level(driver)
    monkeypatch.setattr(flow_cache, "forget", lambda: None)  # as if another process had written
    set_default(driver, {"level": "ERROR"})
    early = level(driver)
    monkeypatch.setattr(flow_cache, "DEFAULTS_FOR_S", 0)

    assert (early, level(driver)) == ("WARN", "ERROR")


def test_a_flow_that_runs_goes_on_when_defaults_make_it_invalid(driver):
    driver.save(FLOW)
    before = level(driver)
    slot = flow_cache.slot(driver.rt.database.url, "company.team", "hello", 1)
    slot.read_at = 0
    broken = [{"type": LOG, "values": {"nonsense": 1}}]
    with driver.rt.database.transaction() as tx:
        namespaces.rows.write(tx, "company", driver.rt.clock(), plugin_defaults=broken)

    assert (before, level(driver)) == ("INFO", "INFO")
