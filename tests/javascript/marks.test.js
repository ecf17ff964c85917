import assert from "node:assert/strict";
import { test } from "node:test";

import { Marks } from "#map_view/marks.js";

const NOTHING = () => {};

/** The sides of the pictures that are drawn, by point, and of the ring around the first. */
function drawn({ sides, query = null }) {
  const pictures = {};
  const rings = [];
  const thumbnails = {
    sideOf: (point) => sides[point],
    draw: (point, side) => (pictures[point] = side),
  };
  const context = { beginPath: NOTHING, fill: NOTHING, stroke: NOTHING };
  context.roundRect = (_left, _top, width) => rings.push(width);
  const data = { query, marked: 0, linked: [1, 2] };
  const viewport = { toScreen: (x, y) => [x, y] };
  const surface = { context, theme: {} };
  new Marks(surface, { data, focus: [0, 0] }, viewport, { get: NOTHING }, thumbnails).drawFocus();
  return { pictures, ring: rings[0] };
}

test("the marked point and its neighbours hide the pictures that are drawn of them", () => {
  const { pictures, ring } = drawn({ sides: [90, 90, 0] });
  assert.deepEqual(pictures, { 0: 90, 1: 90, 2: 46 });
  assert.equal(ring, 96);
});

test("the marked point and its neighbours are never small", () => {
  const { pictures, ring } = drawn({ sides: [24, 24, 0] });
  assert.deepEqual([pictures[1], pictures[2]], [46, 46]);
  assert.ok(pictures[0] > 46);
  assert.equal(ring, pictures[0] + 6);
});

test("a query is as large beside large pictures as beside small ones", () => {
  const query = { src: "query.webp" };
  const { pictures, ring } = drawn({ sides: [90, 90, 90], query });
  assert.deepEqual(pictures, { 1: 90, 2: 90 });
  assert.equal(ring, drawn({ sides: [0, 0, 0], query }).ring);
});
