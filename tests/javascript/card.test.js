import assert from "node:assert/strict";
import { test } from "node:test";

import { positionOfPart } from "#widgets/gallery/card.js";

test("a file of several pictures side by side shows the one that its URL names", () => {
  const positions = [0, 1, 4].map((number) => positionOfPart(`views.webp?v=1#${number}/5`));
  assert.deepEqual(positions, ["0%", "25%", "100%"]);
  assert.equal(positionOfPart("views.webp#0/1"), "0%");
});

test("any other file is shown whole", () => {
  assert.equal(positionOfPart("ship.webp?v=1"), "");
  assert.equal(positionOfPart("ship.webp#part"), "");
});
