import assert from "node:assert/strict";
import { test } from "node:test";

import { shortened } from "#map_view/renderer.js";

test("a long name is cut and ends with an ellipsis", () => {
  assert.equal(shortened("Chair", 5), "Chair");
  assert.equal(shortened("Chairs", 5), "Chai…");
});
