"""What goes wrong, as exceptions.

Executed in the names of the extension's module, with those of the other files beside it; the extension's own functions
start with `_native_`.
"""

import asyncio as _asyncio

_package = __name__.rpartition(".")[0] or "gangplank"


class GangplankError(Exception):
    """An error of a module, or of Gangplank itself. `__cause__` is what was below it, if the module said."""


class BadArgumentError(GangplankError, ValueError):
    """A value was refused by the module, or came back malformed."""


class ClosedError(GangplankError):
    """The object is closed."""


class DeadlineError(GangplankError, TimeoutError):
    """The call took longer than it might."""


class ForkedError(GangplankError):
    """The process was forked after its first use of the module: a child may call it after exec only."""


class HostFunctionError(GangplankError):
    """A function that the module asks its host for is not registered, or has failed."""


class LimitError(GangplankError):
    """More than a limit allows."""


class LoadError(GangplankError, ImportError):
    """The module cannot be loaded. The text says where it was looked for."""


class MismatchError(GangplankError):
    """The module is not the one that the package was generated for. The text has both shapes."""


class PanicError(GangplankError):
    """The module panicked; it stays usable."""

    def __init__(self, message="", location=""):
        super().__init__(message)
        self.message = message
        self.location = location

    def __str__(self):
        return f"{self.message} ({self.location})" if self.location else self.message


class PeerLostError(GangplankError):
    """The process that the module runs in has ended."""


class StuckError(GangplankError):
    """A close gave up waiting for calls that run."""


# A call that somebody else has cancelled: in asyncio's own word.
_CancelledError = _asyncio.CancelledError
