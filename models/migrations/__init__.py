"""The history of the tables, one revision a change; `models.migrate` runs it."""
