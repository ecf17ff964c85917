import assert from "node:assert/strict";
import { test } from "node:test";

import { blockLabel, fitting, landmarkLabels } from "#map_view/labels.js";

/** @param {string} text */
const widthOf = (text) => 10 * [...text].length;
const SIZE = { width: 1000, height: 600 };

test("a name is as long as there is room", () => {
  assert.equal(fitting("Chairs", 60, widthOf), "Chairs");
  assert.equal(fitting("Chairs", 59, widthOf), "Chai…");
  assert.equal(fitting("A chair", 35, widthOf), "A…");
  assert.equal(fitting("🪑🪑🪑", 25, widthOf), "🪑…");
  assert.equal(fitting("Chairs", 1, widthOf), "…");
});

test("the name of a cluster is below its picture, in the middle", () => {
  const [label] = landmarkLabels([{ x: 500, y: 300, half: 20, name: "Chairs" }], 1000, widthOf);
  assert.equal(label.text, "Chairs");
  assert.equal(label.left + label.width / 2, 500);
  assert.ok(label.top > 320);
});

test("of two landmarks that would overlap only the larger cluster's is drawn", () => {
  const landmarks = [
    { x: 500, y: 300, half: 20, name: "Chairs" },
    { x: 550, y: 310, half: 20, name: "Tables" },
    { x: 700, y: 300, half: 20, name: "Lamps" },
  ];
  const texts = landmarkLabels(landmarks, 1000, widthOf).map((label) => label?.text);
  assert.deepEqual(texts, ["Chairs", undefined, "Lamps"]);
});

test("a name at the edge is not cut off, and moves out with its picture", () => {
  /** @param {number} x */
  const leftAt = (x) =>
    landmarkLabels([{ x, y: 300, half: 20, name: "Armchairs" }], 1000, widthOf)[0].left;
  assert.equal(leftAt(5), 0);
  assert.ok(leftAt(995) + 98 <= 1000);
  assert.ok(leftAt(-1) < -40);
});

test("a landmark without a name has no label, but its place", () => {
  const landmarks = [
    { x: 500, y: 300, half: 20, name: "" },
    { x: 510, y: 300, half: 20, name: "Tables" },
  ];
  const [first, second] = landmarkLabels(landmarks, 1000, widthOf);
  assert.equal(first.text, "");
  assert.equal(second, null);
});

test("a block has its name and its number above it", () => {
  const label = blockLabel("Chairs", 1234, [100, 200, 400, 500], SIZE, widthOf);
  assert.deepEqual([label.text, label.number], ["Chairs", " 1,234"]);
  assert.ok(label.left === 100 && label.top < 200);
  assert.ok(label.numberLeft >= label.left + 60 && label.width <= 300);
});

test("a narrow block has no number, then a shorter name, then none", () => {
  /** @param {number} width */
  const texts = (width) => {
    const label = blockLabel("Chairs", 12, [100, 200, 100 + width, 500], SIZE, widthOf);
    return label && [label.text, label.number];
  };
  assert.deepEqual(texts(96), ["Chairs", " 12"]);
  assert.deepEqual(texts(95), ["Chairs", ""]);
  assert.deepEqual(texts(65), ["Chai…", ""]);
  assert.equal(texts(31), null);
});

test("the name of a block that begins beside the canvas is at its edge", () => {
  const label = blockLabel("Chairs", 12, [-300, -200, 400, 500], SIZE, widthOf);
  assert.deepEqual([label.left, label.top], [4, 4]);
});

test("a block that is not in view has no name", () => {
  for (const box of [
    [1001, 200, 1300, 500],
    [-300, 200, -1, 500],
    [100, 620, 400, 800],
    [100, -300, 400, 18],
  ]) {
    assert.equal(blockLabel("Chairs", 12, box, SIZE, widthOf), null);
  }
});
