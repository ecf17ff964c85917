import assert from "node:assert/strict";
import { test } from "node:test";

import { fitting, shortened } from "#map_view/renderer.js";

test("a long name is cut and ends with an ellipsis", () => {
  assert.equal(shortened("Chair", 5), "Chair");
  assert.equal(shortened("Chairs", 5), "Chai…");
});

test("a name of a block is as long as the block is wide", () => {
  /** @param {string} text */
  const widthOf = (text) => 10 * [...text].length;
  assert.equal(fitting("Chairs", 60, widthOf), "Chairs");
  assert.equal(fitting("Chairs", 59, widthOf), "Chai…");
  assert.equal(fitting("A chair", 35, widthOf), "A…");
  assert.equal(fitting("🪑🪑🪑", 25, widthOf), "🪑…");
  assert.equal(fitting("Chairs", 1, widthOf), "…");
});
