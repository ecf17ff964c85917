import assert from "node:assert/strict";
import { test } from "node:test";

import { drawn, inWords, isSmall, moved, resized } from "#widgets/region_box/boxes.js";

const BOX = [0.2, 0.3, 0.6, 0.7];

/** Rounded, so that 0.1 + 0.2 is 0.3. */
const rounded = (box) => box.map((share) => Math.round(share * 1000) / 1000);

test("a box is drawn from any of its corners, and ends at the edge of the picture", () => {
  assert.deepEqual(drawn({ x: 0.2, y: 0.3 }, { x: 0.6, y: 0.7 }), BOX);
  assert.deepEqual(drawn({ x: 0.6, y: 0.3 }, { x: 0.2, y: 0.7 }), BOX);
  assert.deepEqual(drawn({ x: 0.5, y: 0.5 }, { x: 1.4, y: -0.2 }), [0.5, 0, 1, 0.5]);
});

test("a box that is moved keeps its size, and stays on the picture", () => {
  assert.deepEqual(rounded(moved(BOX, 0.1, -0.2)), [0.3, 0.1, 0.7, 0.5]);
  assert.deepEqual(rounded(moved(BOX, 9, 9)), [0.6, 0.6, 1, 1]);
  assert.deepEqual(rounded(moved(BOX, -9, -9)), [0, 0, 0.4, 0.4]);
});

test("only the edges that are dragged move, and no further than the picture", () => {
  assert.deepEqual(rounded(resized(BOX, "e", 0.1, 0.1)), [0.2, 0.3, 0.7, 0.7]);
  assert.deepEqual(rounded(resized(BOX, "nw", -0.1, 0.1)), [0.1, 0.4, 0.6, 0.7]);
  assert.deepEqual(rounded(resized(BOX, "se", 9, 9)), [0.2, 0.3, 1, 1]);
});

test("an edge does not pass the opposite one", () => {
  const [left, , right] = resized(BOX, "w", 9, 0);
  assert.ok(left < right && right === 0.6);
  assert.equal(isSmall(resized(BOX, "n", 0, 9)), false);
});

test("a click is no box", () => {
  assert.equal(isSmall(drawn({ x: 0.5, y: 0.5 }, { x: 0.51, y: 0.9 })), true);
  assert.equal(isSmall(BOX), false);
});

test("screen readers are told where a box is", () => {
  assert.equal(inWords(BOX), "20 to 60 % from the left, 30 to 70 % from the top");
});
