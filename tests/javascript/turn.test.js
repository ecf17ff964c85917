import assert from "node:assert/strict";
import { test } from "node:test";

import { isBetterTurned, turned, turnedAll, turnedBack, turnedBox } from "#map_view/turn.js";

const WIDE = [-1, -0.7, 1, 0.7];

test("a wide map is turned in a canvas that is clearly higher than wide", () => {
  assert.ok(isBetterTurned(WIDE, { width: 390, height: 844 }));
  assert.ok(!isBetterTurned(WIDE, { width: 1280, height: 720 }));
  assert.ok(!isBetterTurned(WIDE, { width: 700, height: 720 }));
  assert.ok(!isBetterTurned([-0.7, -1, 0.7, 1], { width: 390, height: 844 }));
});

test("what is at the left is at the top of the turned map", () => {
  assert.deepEqual(turned([-1, 0]), [0, 1]);
  assert.deepEqual(turned([0, 0.7]), [0.7, 0]);
  assert.deepEqual(turnedBack(turned([0.3, -0.2])), [0.3, -0.2]);
});

test("boxes and points are turned alike", () => {
  assert.deepEqual(turnedBox([0.25, 0.5, 0.75, 1]), [0.5, -0.75, 1, -0.25]);
  assert.deepEqual([...turnedAll(Float32Array.of(0.25, 0.5, 0.75, 1))], [0.5, -0.25, 1, -0.75]);
});
