"""Read Java properties files, in which Sweet Home 3D describes what a library has."""

import re


def parse_properties(text: str) -> dict[str, str]:
    """Return the keys and values of a Java properties file.

    It follows `java.util.Properties.load`: `#` and `!` start comments, a backslash at the end of
    a line continues it without the indent of the next, the key ends at the first `=`, `:` or
    blank without a backslash before it, and `\\uXXXX` is a UTF-16 unit.
    """
    properties = {}
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for line in re.findall(r"^[ \t\f]*(?![#!\s])((?:\\[\s\S]|[^\\\n])+)", text, re.MULTILINE):
        joined = re.sub(r"\\(?:\n[ \t\f]*|(.))", lambda m: m[0] if m[1] else "", line)
        pair = re.match(r"((?:\\.|[^\\ \t\f=:])*)[ \t\f]*[=:]?[ \t\f]*(.*)", joined)
        if pair and joined:
            properties[_unescaped(pair[1])] = _unescaped(pair[2])
    return properties


def _unescaped(text: str) -> str:
    """Return a key or a value of a properties file without its escapes."""
    controls = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
    text = re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|(.))",
        lambda match: chr(int(match[1], 16)) if match[1] else controls.get(match[2], match[2]),
        text,
    )
    # Two \u escapes can be a surrogate pair.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
