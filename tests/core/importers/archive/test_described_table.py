"""The table that describes the pictures of a folder."""

from pathlib import Path

from core.importers import (
    archive,
)


def test_a_table_is_found_if_it_is_the_only_one_with_pictures(tmp_path: Path) -> None:
    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    (tmp_path / "pictures").mkdir()
    for name in ("a.png", "кресло.png"):
        (tmp_path / "pictures" / name).write_bytes(b"a")
    write("README.txt", "Pictures, as pictures/b.png was.\nSee /etc/a.png and ../x.png\n")
    write("other.csv", "name,size\nchair,3\n")
    assert archive.table_in(tmp_path) is None
    for text, name in [
        ('picture;name\n"pictures/a.png";A\n', "t.csv"),
        ("name\tpicture\nA\tpictures\\a.png\n", "t.tsv"),
        (
            '{"name": "A", "picture": "pictures/\\u043a\\u0440\\u0435\\u0441\\u043b\\u043e.png"}',
            "t.jsonl",
        ),
    ]:
        path = write(name, text)
        assert archive.table_in(tmp_path) == path
        path.unlink()
    (tmp_path / "wide.csv").write_text("picture\npictures/a.png\n", encoding="utf-16")
    assert archive.table_in(tmp_path) == tmp_path / "wide.csv"
    write("second.csv", "picture\npictures/a.png\n")
    assert archive.table_in(tmp_path) is None
