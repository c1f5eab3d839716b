"""Holds the key in use, and for a limited time the former key. Prints no key.

One thread looks at the source on each poll and on each event. A refused call causes one more look.
"""

import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Callable, Optional

# A key that stays refused must not make each call of the application a call to the vault.
LOOK_AFTER_REFUSAL_EVERY = 1.0
# The built-in minimum overlap of the service. For so long the former key is valid.
KEEP_FORMER_FOR = 25 * 3600.0


@dataclass(frozen=True)
class Key:
    value: str = field(repr=False)
    version: Optional[str] = None  # Key Vault's; None if the source does not tell it


class RotatedKey:
    def __init__(
        self,
        read: Callable[[], Key],
        poll_every: Optional[float] = 60.0,
        acknowledge: Optional[Callable[[str], None]] = None,
    ):
        """Raises the source's error if there is no first key. poll_every=None: only events and refusals cause looks."""
        self._read = read
        self._poll_every = poll_every
        self._acknowledge = acknowledge
        self._acknowledged: Optional[str] = None
        self._event = threading.Event()
        self._looking = threading.Lock()
        self._looked_after_refusal = float("-inf")
        self._former: Optional[Key] = None
        self._former_since = 0.0
        self._in_use = read()
        threading.Thread(target=self._follow, daemon=True).start()

    def notify(self) -> None:
        """An event is only a hint: the look reads the truth."""
        self._event.set()

    def call(self, use):
        """Calls use(key), which returns a response. After a 401 it calls once more, with another key."""
        first = self._in_use
        response = use(first.value)
        second = self._after_refusal(first) if response.status_code == 401 else None
        if second is None:
            return response
        response = use(second.value)
        if response.status_code == 401:
            with self._looking:
                self._drop_former(second)
        return response

    def _after_refusal(self, refused: Key) -> Optional[Key]:
        """The newer key if there is one. Else the former key: a gateway node may learn of a new key late."""
        with self._looking:
            now = time.monotonic()
            if self._in_use.value == refused.value and now - self._looked_after_refusal >= LOOK_AFTER_REFUSAL_EVERY:
                self._looked_after_refusal = now
                self._look()
            self._drop_former(refused)
            if self._in_use.value != refused.value:
                return self._in_use
            if time.monotonic() - self._former_since >= KEEP_FORMER_FOR:
                self._former = None
            return self._former

    def _drop_former(self, refused: Key) -> None:
        """A former key that is refused may have been compromised: it must not live on here."""
        former = self._former
        if former is not None and former.value == refused.value:
            self._former = None

    def _look(self) -> None:
        try:
            key = self._read()
        except Exception as error:  # the present key stays in use
            warn("The key could not be read", error)
            return
        if key.value != self._in_use.value:
            self._former, self._former_since = self._in_use, time.monotonic()
        self._in_use = key

    def _follow(self) -> None:
        while True:
            self._acknowledge_in_use()
            self._event.wait(self._poll_every)
            self._event.clear()
            with self._looking:
                self._look()

    def _acknowledge_in_use(self) -> None:
        """Sends the version that is in use, again after each look until the service has received it."""
        version = self._in_use.version
        if self._acknowledge is None or version is None or version == self._acknowledged:
            return
        try:
            self._acknowledge(version)
            self._acknowledged = version
        except Exception as error:
            warn("The version could not be acknowledged", error)


def warn(sentence: str, error: Exception) -> None:
    """The error's name says enough: its text may be long, and may hold what should not be printed."""
    print(f"{sentence}: {type(error).__name__}.", file=sys.stderr)
