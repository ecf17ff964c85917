"""The tables of a catalogue's database, and the upgrades from earlier versions.

A new catalogue runs every upgrade too, so that its schema is the same as an upgraded one's.
"""

SCHEMA_VERSION = 10

FIRST_SCHEMA = """
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE items (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    source_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    tags TEXT NOT NULL,
    creator TEXT NOT NULL,
    licence TEXT NOT NULL,
    page_url TEXT NOT NULL,
    embed_url TEXT NOT NULL,
    digest TEXT NOT NULL,
    extension TEXT NOT NULL,
    downscaled INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
);
CREATE VIRTUAL TABLE words USING fts5 (
    name, tags, category, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    finished TEXT NOT NULL,
    added INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    failed INTEGER NOT NULL
);
CREATE TABLE failures (
    stage TEXT NOT NULL,
    source_id TEXT NOT NULL,
    name TEXT NOT NULL,
    reason TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (stage, source_id)
);
CREATE TABLE fits (descriptor TEXT PRIMARY KEY, identity TEXT NOT NULL, file TEXT NOT NULL);
CREATE TABLE segments (
    id INTEGER PRIMARY KEY,
    descriptor TEXT NOT NULL,
    identity TEXT NOT NULL,
    file TEXT NOT NULL UNIQUE,
    rows INTEGER NOT NULL
);
CREATE TABLE vectors (
    descriptor TEXT NOT NULL,
    item_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    segment INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    row INTEGER NOT NULL,
    PRIMARY KEY (descriptor, item_id)
) WITHOUT ROWID;
CREATE INDEX vectors_by_segment ON vectors (segment);
CREATE TABLE maps (id INTEGER PRIMARY KEY, identity TEXT NOT NULL, file TEXT NOT NULL);
"""

# For each version, the statements that upgrade the schema from the version before.
UPGRADES = {
    2: """
DROP INDEX IF EXISTS items_by_category;
ALTER TABLE items ADD COLUMN hidden_for TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN present INTEGER AS (NOT removed AND hidden_for = '') VIRTUAL;
CREATE INDEX items_by_category ON items (category) WHERE present;
CREATE TABLE collections (name TEXT PRIMARY KEY COLLATE NOCASE) WITHOUT ROWID;
CREATE TABLE collected (
    collection TEXT NOT NULL COLLATE NOCASE
        REFERENCES collections (name) ON DELETE CASCADE ON UPDATE CASCADE,
    item_id TEXT NOT NULL,
    PRIMARY KEY (collection, item_id)
) WITHOUT ROWID;
CREATE INDEX collected_by_item ON collected (item_id);
DELETE FROM maps;
""",
    3: """
DROP INDEX items_by_category;
ALTER TABLE items DROP COLUMN present;
ALTER TABLE items ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN sides TEXT NOT NULL DEFAULT '[]';
ALTER TABLE items ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN present INTEGER
    AS (NOT removed AND hidden_for = '' AND (kept OR NOT gone)) VIRTUAL;
CREATE INDEX items_by_category ON items (category) WHERE present;
UPDATE items SET version = digest;
ALTER TABLE runs ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
CREATE TABLE sources (
    location TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    options TEXT NOT NULL DEFAULT '{}',
    bookmark TEXT NOT NULL DEFAULT ''
);
INSERT OR IGNORE INTO sources (location, kind) SELECT source, kind FROM runs ORDER BY id DESC;
""",
    # Names of the glossary, and a revision for each store instead of one generation for all.
    4: """
ALTER TABLE items RENAME COLUMN sides TO viewpoints;
ALTER TABLE items RENAME COLUMN origin TO source;
ALTER TABLE items RENAME COLUMN gone TO missing;
ALTER TABLE items RENAME COLUMN kept TO restored;
ALTER TABLE runs RENAME COLUMN gone TO missing;
ALTER TABLE failures RENAME COLUMN origin TO source;
ALTER TABLE sources RENAME COLUMN bookmark TO resume_point;
ALTER TABLE fits RENAME COLUMN identity TO fingerprint;
ALTER TABLE segments RENAME COLUMN identity TO fingerprint;
ALTER TABLE maps RENAME COLUMN identity TO fingerprint;
UPDATE sources SET options = replace(options, '"sides":', '"viewpoints":');
INSERT INTO settings
    SELECT 'revision ' || value, (SELECT value FROM settings WHERE key = 'generation')
    FROM json_each('["items", "pictures", "vectors", "map", "imports", "collections"]');
DELETE FROM settings WHERE key = 'generation';
UPDATE settings SET key = 'note ' || substr(key, 7) WHERE key LIKE 'found %';
""",
    # What is compared of each picture, and what people corrected.
    5: """
CREATE TABLE masks (
    digest TEXT PRIMARY KEY,
    basis TEXT NOT NULL,
    confidence REAL NOT NULL,
    png BLOB
) WITHOUT ROWID;
CREATE TABLE compared (item_id TEXT PRIMARY KEY, choice TEXT NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO settings
    SELECT 'revision masks', value FROM settings WHERE key = 'revision vectors';
""",
    # The names that people gave clusters, by the number of the cluster on the current map.
    6: """
CREATE TABLE cluster_names (cluster INTEGER PRIMARY KEY, name TEXT NOT NULL);
""",
    # What became of the files of a source that are no items, and what is missing in items.
    7: """
ALTER TABLE runs ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN passed_over INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN passed_over_kinds TEXT NOT NULL DEFAULT '[]';
ALTER TABLE runs ADD COLUMN remarks TEXT NOT NULL DEFAULT '[]';
ALTER TABLE items ADD COLUMN missing_textures TEXT NOT NULL DEFAULT '[]';
ALTER TABLE items ADD COLUMN remark TEXT NOT NULL DEFAULT '';
""",
    # Which way is up in 3D files, and what people chose for it. The versions of items that were
    # rendered from files list these; until then, STL and PLY had z up, and others y.
    8: """
ALTER TABLE items ADD COLUMN up TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN up_basis TEXT NOT NULL DEFAULT '';
CREATE TABLE up_choices (item_id TEXT PRIMARY KEY, choice TEXT NOT NULL) WITHOUT ROWID;
UPDATE items SET
    up = CASE WHEN lower(source_id) GLOB '*.stl' OR lower(source_id) GLOB '*.ply'
        THEN 'z' ELSE 'y' END,
    up_basis = CASE WHEN lower(source_id) GLOB '*.glb' OR lower(source_id) GLOB '*.gltf'
        THEN 'format' ELSE 'usual' END
    WHERE version GLOB '[0-9]* {*';
""",
    # Whether there is nothing to see in a picture; NULL until it is looked at.
    9: """
ALTER TABLE items ADD COLUMN blank INTEGER;
ALTER TABLE items ADD COLUMN comparable INTEGER AS (present AND NOT ifnull(blank, 0)) VIRTUAL;
""",
    # What tells damaged files: their size and CRC-32, which earlier versions did not store. And
    # what a cluster is found again by whose map is damaged: the id of its landmark.
    10: """
ALTER TABLE segments ADD COLUMN bytes INTEGER;
ALTER TABLE segments ADD COLUMN crc32 INTEGER;
CREATE TABLE picture_files (
    name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, crc32 INTEGER NOT NULL
) WITHOUT ROWID;
ALTER TABLE cluster_names ADD COLUMN landmark TEXT NOT NULL DEFAULT '';
""",
}
