import assert from "node:assert/strict";
import { test } from "node:test";

import { Kept } from "#widgets/tab_storage/kept.js";

const OPENED = { wasReopened: false };
const REOPENED = { wasReopened: true };

/** A storage with room for so many characters. */
function storage(room = Infinity) {
  const stored = new Map();
  return {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => {
      if (value.length > room) throw new Error("QuotaExceededError");
      stored.set(key, value);
    },
    removeItem: (key) => stored.delete(key),
  };
}

test("the document that wrote a text gets it back, and so does one that was reloaded", () => {
  const tab = storage();
  new Kept(tab, 1.5).write("search", "a picture");
  assert.equal(new Kept(tab, 1.5).read("search", OPENED), "a picture");
  assert.equal(new Kept(tab, 2.5).read("search", REOPENED), "a picture");
});

test("a page that was opened by a link gets no text of another", () => {
  const tab = storage();
  new Kept(tab, 1.5).write("search", "a picture");
  assert.equal(new Kept(tab, 2.5).read("search", OPENED), "");
});

test("nothing is read where nothing was written", () => {
  assert.equal(new Kept(storage(), 1.5).read("search", REOPENED), "");
});

test("the empty text replaces the one before", () => {
  const tab = storage();
  const kept = new Kept(tab, 1.5);
  kept.write("search", "a picture");
  assert.equal(kept.write("search", ""), true);
  assert.equal(new Kept(tab, 2.5).read("search", REOPENED), "");
});

test("a text that there is no room for is refused, and the one before does not come back", () => {
  const tab = storage(20);
  const kept = new Kept(tab, 1.5);
  assert.equal(kept.write("search", "small"), true);
  assert.equal(kept.write("search", "a picture of many pixels"), false);
  assert.equal(new Kept(tab, 2.5).read("search", REOPENED), "");
});

test("where the browser forbids storage, a text is refused", () => {
  const kept = new Kept(null, 1.5);
  assert.equal(kept.write("search", "a picture"), false);
  assert.equal(kept.write("search", ""), true);
  assert.equal(kept.read("search", REOPENED), "");
});
