"""The engine as it is to work now: an app that runs for months goes on with what is saved and what is applied."""

from __future__ import annotations

import logging
from threading import Lock

from nurture.content.load import CONFIG
from nurture.errors import NurtureError
from nurture.ports import Ports
from nurture.runtime import reread

log = logging.getLogger(__name__)


class Current:
    """The ports by the agreement in force. They are read anew when nurture.yaml has been saved since."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._saved = self._stamp()
        self._reading = Lock()

    def __call__(self) -> Ports:
        saved = self._stamp()
        if saved != self._saved and self._reading.acquire(blocking=False):  # others go on with what there is
            try:
                self._saved = saved
                self._ports = reread(self._ports)
            except NurtureError as error:
                log.error("the project cannot be read, so what was read before still holds: %s", error)  # noqa: TRY400
            finally:
                self._reading.release()
        return self._ports.in_force()

    def _stamp(self) -> tuple[int, int]:
        try:
            found = (self._ports.project.root / CONFIG).stat()
        except OSError:  # it is being replaced
            return 0, 0
        return found.st_mtime_ns, found.st_size
