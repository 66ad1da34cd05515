"""Leads to try mails on: every template is rendered for each of them before it is ever sent."""

from __future__ import annotations

from collections.abc import Mapping

from nurture.core.fields import LEAD_FIELDS

UNSUBSCRIBE_URL = "https://mail.example.com/u/SAMPLE"

#: what is known of every lead, however it came in
_ALWAYS: dict[str, object] = {
    "id": 1,
    "email": "lead@example.com",
    "stage": "iql",
    "funnel": "tofu",
    "is_customer": False,
    "fit": 0,
    "score": 0,
    "grade": "D4",
}


def _lead(**known: object) -> Mapping[str, object]:
    return dict.fromkeys(LEAD_FIELDS) | _ALWAYS | known


#: what the lead is like -> the lead
SAMPLE_LEADS: dict[str, Mapping[str, object]] = {
    "a lead of whom only the address is known": _lead(),
    "a lead of whom everything is known": _lead(
        first_name="Ingrid",
        last_name="Solheim",
        company="Nordvik Bakeri AS",
        title="Production manager",
        industry="food",
        employees=48,
        country="NO",
        language="nb",
        phone="+47 55 00 00 00",
        source="ebook",
        asset="checklist",
        stage="mql",
        funnel="mofu",
        owner="anna",
        fit=74,
        score=41,
        grade="A2",
    ),
    "a lead with letters from all over": _lead(
        first_name="Łucja-Åse",
        last_name="Ó Dubhthaigh",
        company="Größe & Œuvre 株式会社",
        country="IE",
        stage="sql",
        funnel="bofu",
    ),
    "a lead whose name looks like markup": _lead(
        first_name="<b>Bo</b>", last_name='"O\'Neil"', company="{{ brand.name }} & Sons <script>", country="US"
    ),
    "a lead with a very long company name": _lead(
        first_name="Maximiliana-Alexandrina",
        company="Vereinigte Metallverarbeitungs- und Oberflächentechnikgesellschaft mbH & Co. KG",
        country="DE",
        is_customer=True,
        stage="customer",
        funnel="loyalty",
    ),
}
