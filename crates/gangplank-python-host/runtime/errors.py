"""What goes wrong, as exceptions.

Executed in the names of the extension's module, with those of the other files beside it; the extension's own functions
start with `_native_`.
"""

import asyncio as _asyncio

_around = __name__.rpartition(".")[0]
# Where others import these classes from.
_package = _around or __name__


class GangplankError(Exception):
    """What a call ends with when it does not succeed: the library's own error, or one of those below. `__cause__` is what was
    below it, if the library said."""


class BadArgumentError(GangplankError, ValueError):
    """An argument is not what the library takes, or what came back is malformed."""


class ClosedError(GangplankError):
    """The object is closed."""


class DeadlineError(GangplankError, TimeoutError):
    """The deadline has passed."""


class ForkedError(GangplankError):
    """The process was forked after the library's first use: a child may call it after exec only."""


class HostFunctionError(GangplankError):
    """A function that the library asks this program for is not set, or has failed."""


class LimitError(GangplankError):
    """A limit is reached, such as the number of open objects."""


class LoadError(GangplankError, ImportError):
    """The library cannot be loaded. The text says where it was looked for."""


class MismatchError(GangplankError):
    """The library is not the one that this package was generated for. The text has both shapes."""


class PanicError(GangplankError):
    """The library has panicked; it stays usable. `backtrace` is the stack at the panic, if the library was built with
    `--debug-info`."""

    def __init__(self, message="", location="", backtrace=None):
        super().__init__(message)
        self.message = message
        self.location = location
        self.backtrace = backtrace

    def __str__(self):
        return f"{self.message} ({self.location})" if self.location else self.message


class PeerLostError(GangplankError):
    """The process that the library runs in has ended."""


class StuckError(GangplankError):
    """`close` gave up waiting for calls that run."""


# A call that somebody else has cancelled: in asyncio's own word.
_CancelledError = _asyncio.CancelledError
