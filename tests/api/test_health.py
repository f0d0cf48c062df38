"""What probes are told."""

from pathlib import Path


def with_broker(api, life):
    settings = api.driver.rt.settings.model_copy(update={"broker_url": "redis://127.0.0.1:1"})
    object.__setattr__(api.driver.rt, "settings", settings)
    api.driver.publisher.life = life


def test_the_api_is_ready_while_the_broker_is_away_and_says_so(lite):
    with_broker(lite, None)

    for path in ("/health", "/health/readiness"):
        answer = lite.client.get(path)
        assert (answer.status_code, answer.json["status"]) == (200, "UP")
        assert answer.json["details"]["broker"] == {"status": "DOWN"}
        assert answer.json["details"]["database"] == {"status": "UP"}


def test_a_start_is_accepted_while_the_broker_is_away(lite):
    lite.flow("f")
    with_broker(lite, None)

    assert lite.send("POST", "/executions/team.a/f")["state"]["current"] == "CREATED"


def test_without_its_database_the_api_is_alive_and_not_ready(lite):
    with_broker(lite, "a life")
    lite.driver.rt.database.close()
    path = Path(lite.driver.rt.database.url.removeprefix("sqlite:///"))
    path.unlink()
    path.mkdir()

    ready, alive = lite.client.get("/health/readiness"), lite.client.get("/health/liveness")

    assert (ready.status_code, ready.json["status"]) == (503, "DOWN")
    assert ready.json["details"]["database"] == {"status": "DOWN"}
    assert alive.status_code == 200
