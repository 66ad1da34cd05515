"""The app's own description of itself, tried out by a fuzzer: what it names is answered, and never by a 5xx."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance, unsupported_method

from models import migrate
from nurture.web import create_app
from nurture.web.api import SiteKeys
from nurture.web.inbound import InboundKeys
from tests.mail.fake_sendgrid import FakeSendGrid
from tests.office import Office

#: of each route; the fuzzer goes through the coverage phase of its own besides
EXAMPLES = 12
CHECKS = [not_a_server_error, status_code_conformance, unsupported_method]
_ANYTHING: dict[str, Any] = {
    "application/json": {"schema": {}},
    "application/x-www-form-urlencoded": {"schema": {"type": "object", "additionalProperties": {"type": "string"}}},
    "text/plain": {"schema": {"type": "string"}},
}
_ANSWERS = {status: {"description": "told"} for status in ("2XX", "3XX", "4XX")}


@pytest.fixture
def schema(office: Office, sendgrid: FakeSendGrid, monkeypatch: pytest.MonkeyPatch) -> schemathesis.BaseSchema:
    """What the app says of itself. Routes that read the raw request are given any body; whatever is refused is fine,
    and 5xx is not."""
    office.add_lead()
    office.mail()
    monkeypatch.setattr(migrate, "current", lambda database: migrate.head())
    app = create_app(
        office.ports,
        webhook_keys=[sendgrid.public_key],
        drain=lambda: None,
        metrics_token="metrics-token",
        site_keys=SiteKeys(write="the-write-key", server="the-server-key"),
        inbound_keys=InboundKeys("the-secret-path", [sendgrid.public_key]),
    )
    with warnings.catch_warnings():
        # GET and HEAD of one route have one id; nobody is given this description, so no client is made from it
        warnings.filterwarnings("ignore", "Duplicate Operation ID")
        described = app.openapi()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            operation |= {"responses": _ANSWERS, "operationId": f"{method} {path}"}
            if method == "post":
                operation.setdefault("requestBody", {"content": _ANYTHING})
    loaded = schemathesis.openapi.from_dict(described)
    loaded.app = app
    return loaded


def test_the_fuzzer_finds_every_route_and_no_fault(schema: schemathesis.BaseSchema, office: Office) -> None:
    tried = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        tried.add(operation.path)
        _try(operation)
    assert {"/u/{token}", "/h/{token}/reject", "/f/{form}", "/v1/{call}", "/webhooks/sendgrid", "/metrics"} <= tried
    assert office.rows("SELECT 1 FROM address WHERE suppressed IS NOT NULL") == []


def _try(operation: schemathesis.APIOperation) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def probe(case: schemathesis.Case) -> None:
        shown = {"Authorization": "Bearer the-server-key"}
        case.validate_response(case.call(headers=shown), checks=CHECKS)

    probe()
