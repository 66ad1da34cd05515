"""Every SELECT, by subject, as named constants.

Where a statement claims or locks rows it comes as a pair, by `Database.is_sqlite`: SQLite has one writer at a time
and needs no row locks. Locks are FOR NO KEY UPDATE, which let other transactions go on referring to the row.

Lock order everywhere: gate, address, lead, enrollment, message, attempt, event, outbox, quota.
"""
