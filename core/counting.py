"""How a count is written in a sentence."""


def counted(number: int, one: str, many: str = "") -> str:
    """Return “1 model” or “1,599 models”.

    Args:
        number: how many there are.
        one: what there is, in the singular.
        many: the plural, for words that take more than an s.
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
