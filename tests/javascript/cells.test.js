import assert from "node:assert/strict";
import { test } from "node:test";

import { cellMode } from "#map_view/cells.js";

const SIZE = { width: 1440, height: 900 };

test("cells are points, then one picture, then thumbnails, the more one zooms in", () => {
  const modes = [2, 8, 25, 40, 120].map((side) => cellMode(side, 1600, SIZE, true));
  assert.deepEqual(modes, ["points", "sprite", "sprite", "thumbnails", "thumbnails"]);
});

test("many cells in view are not thumbnails, each of which takes its time", () => {
  assert.equal(cellMode(30, 800, SIZE, true), "thumbnails");
  assert.equal(cellMode(30, 5000, SIZE, true), "sprite");
});

test("cells are points where there is no picture of all, or it would be too large", () => {
  assert.equal(cellMode(10, 1600, SIZE, false), "points");
  assert.equal(cellMode(10, 40_000, SIZE, true), "points");
  assert.equal(cellMode(60, 40_000, SIZE, false), "thumbnails");
});

test("a map without cells has points", () => {
  assert.equal(cellMode(0, 1600, SIZE, true), "points");
});
