"""Every kind of alert by the name of its outbox rows."""

from __future__ import annotations

from collections.abc import Mapping

from nurture.alerts import account, confirm, day, note, sales, sla, surge, turned_down, verdicts
from nurture.alerts.kind import Kind

KINDS: Mapping[str, Kind] = {
    sales.SALES_ALERT: sales.KIND,
    day.DAY_ALERT: day.KIND,
    surge.SURGE_ALERT: surge.KIND,
    sla.SLA_ALERT: sla.KIND,
    verdicts.VERDICT_ALERT: verdicts.KIND,
    note.NOTE_ALERT: note.KIND,
    confirm.CONFIRM_MAIL: confirm.KIND,
    account.ACCOUNT_ALERT: account.KIND,
    turned_down.TURNED_DOWN_ALERT: turned_down.KIND,
}
