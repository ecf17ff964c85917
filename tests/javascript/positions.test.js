import assert from "node:assert/strict";
import { test } from "node:test";

import { Positions } from "#widgets/page_history/positions.js";
import { MemoryStorage } from "#widgets/storage.js";

const TOP = { top: 0, rows: {} };

test("each entry has a position of its own, and the top until it has one", () => {
  const positions = new Positions(new MemoryStorage());
  positions.put("a", { top: 312.4, rows: { Ships: 80.2 } });
  positions.put("b", { top: 0, rows: { Ships: 5 } });
  assert.deepEqual(
    ["a", "b", "c", undefined].map((key) => positions.at(key)),
    [{ top: 312, rows: { Ships: 80 } }, { top: 0, rows: { Ships: 5 } }, TOP, TOP],
  );
});

test("an entry that was left at its top is forgotten", () => {
  const storage = new MemoryStorage();
  const positions = new Positions(storage);
  positions.put("a", { top: 312, rows: {} });
  positions.put("a", TOP);
  assert.deepEqual(positions.at("a"), TOP);
  assert.equal(storage.texts.size, 0);
});

test("what is stored need not be a position", () => {
  const storage = new MemoryStorage();
  const positions = new Positions(storage);
  positions.put("a", { top: 5, rows: {} });
  const [key] = storage.texts.keys();
  for (const value of ["", "x", "null", "5", '{"top": -3}', '{"top": "5", "rows": {"a": "x"}}']) {
    storage.setItem(key, value);
    assert.deepEqual(positions.at("a"), TOP);
  }
});

test("a full storage loses the position and nothing else", () => {
  const full = new MemoryStorage();
  full.setItem = () => assert.fail("full");
  new Positions(full).put("a", { top: 5, rows: {} });
  assert.deepEqual(new Positions(full).at("a"), TOP);
});
