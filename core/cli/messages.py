"""Messages of the command line for errors that core reports as facts."""

from core.descriptors import NoLinesError
from core.search import NotIndexedError


def error_message(error: BaseException) -> str:
    """Return what went wrong and, where a command helps, which one."""
    if isinstance(error, NotIndexedError):
        if error.reason == "no models":
            command = f"import SOURCE --into {error.catalogue_name} --index"
            return f"{error} Run: python -m core {command}"
        if error.reason == "nothing to see":
            return str(error)
        return f"{error} Run: python -m core index {error.catalogue_name}"
    if isinstance(error, NoLinesError):
        return f"{error} Try --query-kind photo, or another picture."
    return str(error)
