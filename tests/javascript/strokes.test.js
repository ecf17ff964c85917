/** The strokes of ready drawings are written as in an SVG polyline. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { SIDE, placesOf } from "#widgets/sketch_pad/strokes.js";

test("points are hundredths of the side", () => {
  assert.deepEqual(placesOf("0,50 100,25"), [
    { x: 0, y: SIDE / 2 },
    { x: SIDE, y: SIDE / 4 },
  ]);
});

test("all strokes of the drawings to try are on the pad", async () => {
  const ghosts = JSON.parse(await readFile("components/search/ghosts.json", "utf8"));
  assert.equal(ghosts.length, 4);
  for (const { x, y } of ghosts.flatMap((ghost) => ghost.strokes.flatMap(placesOf))) {
    assert.ok(x >= 0 && x <= SIDE && y >= 0 && y <= SIDE);
  }
});
