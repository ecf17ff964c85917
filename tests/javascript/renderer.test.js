import assert from "node:assert/strict";
import { test } from "node:test";

import { fitting } from "#map_view/renderer.js";

test("a name is as long as there is room", () => {
  /** @param {string} text */
  const widthOf = (text) => 10 * [...text].length;
  assert.equal(fitting("Chairs", 60, widthOf), "Chairs");
  assert.equal(fitting("Chairs", 59, widthOf), "Chai…");
  assert.equal(fitting("A chair", 35, widthOf), "A…");
  assert.equal(fitting("🪑🪑🪑", 25, widthOf), "🪑…");
  assert.equal(fitting("Chairs", 1, widthOf), "…");
});
