import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { MapFiles } from "#map_view/map_files.js";

/** @type {string[]} */
let asked = [];

beforeEach(() => {
  asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    return { ok: !url.includes("missing"), status: 404, json: async () => ({ url }) };
  };
});

test("the map has its points, and a layout its arrangements too", async () => {
  const files = new MapFiles();
  assert.deepEqual(await files.load("p", ""), { points: { url: "p" }, arrangements: [] });
  const grid = await files.load("p", "grid");
  assert.deepEqual(grid, { points: { url: "p" }, arrangements: { url: "grid" } });
  assert.ok(files.areLatest("p", "grid") && !files.areLatest("p", ""));
});

test("a file is asked for once, and again if it was not there", async () => {
  const files = new MapFiles();
  const first = await files.load("p", "grid");
  const second = await files.load("p", "grid");
  assert.equal(second.points, first.points);
  assert.deepEqual(asked, ["p", "grid"]);
  await assert.rejects(files.load("p", "missing"));
  await assert.rejects(files.load("p", "missing"));
  assert.deepEqual(asked.slice(2), ["missing", "missing"]);
});

test("of two requests only the last one counts, even if the first cannot be answered", async () => {
  const files = new MapFiles();
  const early = files.load("p", "grid");
  const broken = files.load("p", "missing");
  const last = await files.load("p", "category");
  assert.deepEqual([await early, await broken], [null, null]);
  assert.deepEqual(last.arrangements, { url: "category" });
});

test("only a few files are kept", async () => {
  const files = new MapFiles();
  for (const points of ["a", "b", "c", "d", "e", "a"]) await files.load(points, "");
  assert.deepEqual(asked, ["a", "b", "c", "d", "e", "a"]);
  await files.load("e", "");
  assert.equal(asked.length, 6);
});
