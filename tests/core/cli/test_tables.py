"""The results of commands as text for people."""

from core.cli import tables


def test_catalogues_are_listed_also_those_that_cannot_be_opened() -> None:
    whole = {"name": "a", "items": 1599, "failures": 2, "bytes": 23_000_000, "title": "Emoji"}
    broken = {"name": "b", "error": "It is damaged."}
    first, second = tables.format_list([whole, broken]).splitlines()
    assert " ".join(first.split()) == "a 1,599 models 2 failed 23 MB Emoji"
    assert " ".join(second.split()) == "b It is damaged."
    assert "python -m core demo" in tables.format_list([])


def test_measures_are_columns_as_wide_as_their_widest_cell() -> None:
    row = {"queries": 1200, "r1": 0.5, "r10": 0.75, "mrr": 0.6, "median_rank": 1.0}
    other = row | {"queries": 7, "same_category": 0.25}
    title, *lines = tables.format_evaluation({"descriptors": {"compact": row, "p": other}}).split(
        "\n"
    )
    assert title.split()[:3] == ["descriptor", "queries", "R@1"]
    assert [line.split()[:2] for line in lines] == [["compact", "1,200"], ["p", "7"]]
    assert [line.split()[-1] for line in lines] == ["–", "0.250"]
    assert len({len(line) for line in (title, *lines)}) == 1


def test_the_clusters_tell_which_were_renamed() -> None:
    renamed = {"name": "Paws", "automatic_name": "Hands", "models": 1200}
    own = {"name": "Cups", "automatic_name": "Cups", "models": 3}
    assert tables.format_clusters({"clusters": [renamed, own]}).split("\n") == [
        "   1,200  Paws  (automatic name: Hands)",
        "       3  Cups",
    ]
    assert tables.format_clusters({"clusters": []}) == "The map has no clusters."
