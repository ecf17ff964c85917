"""Lets `st.file_uploader` keep the sub-folders of a folder that is dropped on it."""

from components.widgets.assets import register

_mount = register(__file__)


# The part of an uploader on which files are dropped.
_ZONE = '[data-testid="stFileUploaderDropzone"]'


def folder_drop(*, key: str, max_files: int) -> None:
    """Give the files of dropped folders the names that files of chosen folders have.

    Without it, a file in a dropped folder comes without the names of its folders. A folder is not
    read further when one file more than `max_files` is found. Screen readers also learn what the
    uploader is. Hide the widget by its `key`: it shows nothing.
    """
    _mount(key=key, data={"zone": _ZONE, "max_files": max_files})
