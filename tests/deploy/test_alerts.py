"""The alert rules by Prometheus' own promtool: each fires for what it is about, and no other."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy.tools import tool

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "alerts.yml"
UP = {"trunkline_database_up": "1x120", "trunkline_broker_up": "1x120"}
#: name of an alert: the series (a value for each minute) for which it has to fire
FIRES = {
    "TrunklineDatabaseDown": {**UP, "trunkline_database_up": "0x120"},
    "TrunklineBrokerDown": {**UP, "trunkline_broker_up": "0x120"},
    "TrunklineSilent": {},
    "TrunklineExecutionsStranded": {"trunkline_executions_stranded": "1x120"},
    "TrunklineQueueStuck": {'trunkline_queue_oldest_seconds{queue="script"}': "301x120"},
    "TrunklineTimersLate": {"trunkline_timers_late_seconds": "31x120"},
    "TrunklineSchedulesLate": {"trunkline_triggers_late_seconds": "61x120"},
    "TrunklineLeasesLost": {"trunkline_leases_lost_total": "0+1x120"},
    "TrunklineLeasesExpired": {"trunkline_leases_expired": "1x120"},
    "TrunklineCommitsSlow": {
        'trunkline_commit_seconds_bucket{le="0.1"}': "0x120",
        'trunkline_commit_seconds_bucket{le="0.25"}': "0+60x120",
        'trunkline_commit_seconds_bucket{le="+Inf"}': "0+60x120",
    },
    "TrunklineJobsSentAgain": {"trunkline_jobs_republished_total": "0+90x120"},
    "TrunklineExecutionsFailing": {
        'trunkline_executions_ended_total{state="FAILED"}': "0+6x120",
        'trunkline_executions_ended_total{state="SUCCESS"}': "0+4x120",
    },
    "TrunklineGitBehind": {'gitops_behind_seconds{source="s"}': "901x120"},
    "TrunklineGitFailing": {'gitops_failures{source="s"}': "5x120"},
    "TrunklineGitSlow": {
        'gitops_lag_seconds_bucket{le="300"}': "0x120",
        'gitops_lag_seconds_bucket{le="1800"}': "0+1x120",
        'gitops_lag_seconds_bucket{le="+Inf"}': "0+1x120",
    },
    "TrunklineWebhooksRefused": {
        'gitops_webhook_total{provider="github",verdict="BadSignature"}': "0+1x120"
    },
}
#: what a busy installation shows on a good day
WELL = {
    **UP,
    "trunkline_executions_stranded": "0x120",
    'trunkline_queue_oldest_seconds{queue="script"}': "20x120",
    'trunkline_queue_oldest_seconds{queue="docker"}': "900x120",
    'trunkline_queue_paused{queue="docker"}': "1x120",
    "trunkline_timers_late_seconds": "2x120",
    "trunkline_triggers_late_seconds": "2x120",
    "trunkline_leases_lost_total": "0x60 1x60",
    "trunkline_leases_expired": "0x120",
    'trunkline_commit_seconds_bucket{le="0.1"}': "0+60x120",
    'trunkline_commit_seconds_bucket{le="+Inf"}': "0+60x120",
    "trunkline_jobs_republished_total": "0+1x120",
    'trunkline_executions_ended_total{state="FAILED"}': "0+4x120",
    'trunkline_executions_ended_total{state="SUCCESS"}': "0+6x120",
    'gitops_behind_seconds{source="s"}': "100x120",
    'gitops_failures{source="s"}': "1x120",
    'gitops_webhook_total{provider="github",verdict="accepted"}': "0+9x120",
    'trunkline_webhook_total{verdict="refused"}': "0+9x120",
}


def rules():
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def check(folder, series, *names):
    """Whether exactly these alerts fire after two hours of the series; what promtool says."""
    expected = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in names]
    asked = {
        "expr": 'group by (alertname) (ALERTS{alertstate="firing"})',
        "eval_time": "110m",
        "exp_samples": expected,
    }
    values = [{"series": name, "values": value} for name, value in series.items()]
    one = {"interval": "1m", "input_series": values, "promql_expr_test": [asked]}
    text = yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [one]})
    (folder / "test.yml").write_text(text, encoding="utf-8")
    command = [tool("promtool"), "test", "rules", str(folder / "test.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_its_series_here():
    assert {rule["alert"] for rule in rules()} == set(FIRES)


@pytest.mark.parametrize("name", FIRES)
def test_an_alert_fires_for_what_it_is_about_and_no_other_does(name, tmp_path):
    series = FIRES[name]
    if name != "TrunklineSilent":
        series = {**UP, **series}

    fires, told = check(tmp_path, series, name)

    assert fires, told


def test_nothing_fires_while_all_is_well(tmp_path):
    is_quiet, told = check(tmp_path, WELL)

    assert is_quiet, told
