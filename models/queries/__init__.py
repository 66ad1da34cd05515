"""Every SELECT, by subject, as named constants.

Statements that claim or lock rows say so in PostgreSQL's words (FOR NO KEY UPDATE, which lets other transactions
go on referring to the row). SQLite has one writer at a time; `models.database` leaves the words out there.

Lock order everywhere: gate, address, lead, enrollment, live_sequence, message, attempt, event, outbox, quota.
"""
