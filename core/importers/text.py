"""Clean up text from untrusted files so that it can be stored and shown."""

import codecs
import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

from core.errors import LookalikeError

# Control characters, unpaired surrogates, and the characters that change the direction of all
# the text after them.
UNSTORABLE = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+",
)

# UTF-8, with or without a mark at its beginning.
UTF_8 = "utf-8-sig"
# The code pages in which programs of various countries save text that is not Unicode, with what
# people call them.
CODE_PAGES: Mapping[str, str] = {
    "cp1252": "Western European",
    "cp1250": "Central European",
    "cp1251": "Cyrillic, Windows",
    "koi8_r": "Cyrillic, KOI8-R",
    "cp866": "Cyrillic, DOS",
    "cp1253": "Greek",
    "cp1254": "Turkish",
    "cp1255": "Hebrew",
    "cp1256": "Arabic",
    "cp1257": "Baltic",
    "cp874": "Thai",
    "cp932": "Japanese, Shift JIS",
    "gb18030": "Chinese, simplified",
    "big5": "Chinese, traditional",
    "cp949": "Korean",
}


def one_line(text: str) -> str:
    """Return `text` on one line, so that it can be stored and shown. It is not shortened.

    Runs of whitespace and control characters become one space. Accents are composed, because the
    file names of a Mac have them as separate characters.
    """
    return unicodedata.normalize("NFC", UNSTORABLE.sub(" ", text).strip())


def readable(path: str) -> str:
    """Return a name made from a picture's path: `chairs/Red_arm-chair.png` is `Red arm chair`."""
    stem = PurePosixPath(path).stem
    return one_line(re.sub("[_-]", " ", stem)) or stem


def storable(path: str) -> str:
    r"""Return a path that UTF-8 can encode: a byte that is not text becomes `\xe9`.

    So does half a character, as JSON may contain it. Different names stay different, which a
    replacement character would not guarantee.
    """
    try:
        return os.fsencode(path).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return path.encode("utf-8", "backslashreplace").decode()


def guess_code_page(data: bytes, *, usual: str) -> str:
    """Return the code page of a text that is not UTF-8, guessed from its letters.

    The usual one is taken if another is not better: of a few words none can be sure.
    """
    # Imported here: it takes 0.1 s, which hardly any text needs.
    from charset_normalizer import from_bytes

    pages = sorted({*CODE_PAGES, usual})
    found = list(from_bytes(data, cp_isolation=pages, preemptive_behaviour=False))
    if not found:
        return usual
    best = found[0]
    is_usual = any(
        usual in each.could_be_from_charset
        and each.chaos <= best.chaos
        and each.coherence >= best.coherence
        for each in found
    )
    return usual if is_usual else best.encoding


def encoding_named(name: str) -> str:
    """Return the name by which Python knows an encoding; raises `LookalikeError`."""
    try:
        found = codecs.lookup(name.strip())
        "".encode(found.name)
    except (LookupError, ValueError) as error:
        raise LookalikeError(
            f'There is no encoding "{one_line(name)[:40]}". Give utf-8, utf-16, or a code page: '
            f"{', '.join(CODE_PAGES)}."
        ) from error
    if found.name == "utf-8":
        return UTF_8
    return next((page for page in CODE_PAGES if codecs.lookup(page).name == found.name), found.name)


def path_key(path: str) -> str:
    """Return what paths share that some file systems do not distinguish."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def os_error_reason(error: Exception) -> str:
    """Return the reason that the operating system gives for an error."""
    return (isinstance(error, OSError) and error.strerror) or str(error)
