"""Clean up text from untrusted files so that it can be stored and shown."""

import os
import re
import unicodedata
from pathlib import PurePosixPath

# Control characters, unpaired surrogates, and the characters that change the direction of all
# the text after them.
UNSTORABLE = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+",
)

# The code pages in which programs of various countries save text that is not Unicode.
CODE_PAGES = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874"),
    *("cp932", "gb18030", "big5", "cp949", "koi8_r", "cp866"),
)


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

    Different names stay different, which a replacement character would not guarantee.
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


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


def path_key(path: str) -> str:
    """Return what paths share that some file systems do not distinguish."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def os_error_reason(error: Exception) -> str:
    """Return the reason that the operating system gives for an error."""
    return (isinstance(error, OSError) and error.strerror) or str(error)
