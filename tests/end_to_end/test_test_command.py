"""Flow tests over the API and the command, on a server that runs."""

from typer.testing import CliRunner

from app.cli.main import cli

FLOW = """
id: tested
namespace: company.tests
tasks:
  - {id: call, type: io.kestra.plugin.core.http.Request, uri: "http://127.0.0.1:1/none"}
  - {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.call.body }}!"}
"""
SUITE = """
id: suite
namespace: company.tests
flowId: tested
testCases:
  - id: says-it
    type: io.kestra.core.tests.flow.UnitTest
    fixtures: {tasks: [{id: call, outputs: {body: hello}}]}
    assertions: [{value: "{{ outputs.say.value }}", equalTo: "hello!"}]
"""


def test_the_command_runs_a_suite_and_tells_a_failure_by_its_exit_code(server, tmp_path):
    server.flow(FLOW)
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(SUITE)
    bad.write_text(SUITE.replace("hello!", "bye"))
    options = ["--server", server.url, "--user", "admin@example.org:correct horse"]

    passed = CliRunner().invoke(cli, [*options, "test", "run", str(good)])
    failed = CliRunner().invoke(cli, [*options, "test", "run", str(bad)])

    assert (passed.exit_code, failed.exit_code) == (0, 1), passed.output + failed.output
    assert "SUCCESS  says-it" in passed.output
    assert "but was 'hello!'" in failed.output
    kept = server.client.get("/tests/company.tests/suite/results").json()["results"]
    assert [item["state"] for item in kept] == ["FAILED", "SUCCESS"]
    assert server.client.get("/tests/search").json()["total"] == 1
