import assert from "node:assert/strict";
import { test } from "node:test";

import { actionAfter, cardAfter, columnCount } from "#widgets/gallery/roving_focus.js";

// Ten cards in rows of four: 0-3, 4-7 and 8-9.
/** @type {(key: string, from: number) => number | undefined} */
const after = (key, from) => cardAfter(key, from, 10, 4);

test("the arrow keys go from card to card, and stop at the ends", () => {
  assert.deepEqual(
    ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => after(key, 5)),
    [4, 6, 1, 9],
  );
  assert.deepEqual([after("ArrowLeft", 0), after("ArrowUp", 3)], [undefined, undefined]);
  assert.deepEqual([after("ArrowRight", 9), after("ArrowDown", 8)], [undefined, undefined]);
});

test("down from above a gap in the last row leads to the last card", () => {
  assert.equal(after("ArrowDown", 4), 8);
  assert.equal(after("ArrowDown", 7), 9);
});

test("Home and End lead to the first and the last card, and other keys to none", () => {
  assert.deepEqual([after("Home", 6), after("End", 6)], [0, 9]);
  assert.equal(after("x", 6), undefined);
});

test("in a row that scrolls, up and down lead nowhere", () => {
  assert.equal(cardAfter("ArrowDown", 3, 10, 10), undefined);
  assert.equal(cardAfter("ArrowUp", 3, 10, 10), undefined);
});

test("the cards of the first row are counted", () => {
  assert.equal(columnCount([80, 80, 80, 240, 240]), 3);
  assert.equal(columnCount([80, 80]), 2);
  assert.equal(columnCount([]), 0);
});

test("from an action one goes to those beside it, and back to the card", () => {
  assert.equal(actionAfter("ArrowRight", 0, 3), 1);
  assert.equal(actionAfter("ArrowLeft", 2, 3), 1);
  assert.equal(actionAfter("ArrowLeft", 0, 3), -1);
  assert.equal(actionAfter("Escape", 2, 3), -1);
});

test("after the last action come the other cards", () => {
  assert.equal(actionAfter("ArrowRight", 2, 3), undefined);
  assert.equal(actionAfter("ArrowDown", 1, 3), undefined);
});
