import assert from "node:assert/strict";
import { test } from "node:test";

import { Positions } from "#widgets/page_history/positions.js";

function storage() {
  const stored = new Map();
  return {
    stored,
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => stored.set(key, value),
    removeItem: (key) => stored.delete(key),
  };
}

test("each entry has a position of its own, and 0 until it has one", () => {
  const positions = new Positions(storage());
  positions.put("a", 312.4);
  positions.put("b", 20);
  assert.deepEqual(
    ["a", "b", "c", undefined].map((key) => positions.at(key)),
    [312, 20, 0, 0],
  );
});

test("an entry that was left at its top is forgotten", () => {
  const { stored, ...methods } = storage();
  const positions = new Positions(methods);
  positions.put("a", 312);
  positions.put("a", 0);
  assert.equal(positions.at("a"), 0);
  assert.equal(stored.size, 0);
});

test("what is stored need not be a position", () => {
  const { stored, ...methods } = storage();
  const positions = new Positions(methods);
  positions.put("a", 5);
  const [key] = stored.keys();
  for (const value of ["", "x", "-3", "Infinity"]) {
    stored.set(key, value);
    assert.equal(positions.at("a"), 0);
  }
});

test("a full storage loses the position and nothing else", () => {
  const full = { ...storage(), setItem: () => assert.fail("full") };
  new Positions(full).put("a", 5);
  assert.equal(new Positions(full).at("a"), 0);
});
