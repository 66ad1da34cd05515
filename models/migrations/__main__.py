"""`python -m models.migrations "what changes"` writes the next revision: from the last one to `models.tables`."""

from __future__ import annotations

import sys

from alembic import command
from alembic.script import ScriptDirectory

from models.database import Database
from models.migrate import config_for


def main(message: str) -> None:
    with Database("sqlite://").transaction("add revision") as connection:
        config = config_for(connection)
        command.upgrade(config, "head")
        last = int(ScriptDirectory.from_config(config).get_current_head() or 0)
        command.revision(config, message, autogenerate=True, rev_id=f"{last + 1:04d}")


if __name__ == "__main__":
    main(sys.argv[1])
