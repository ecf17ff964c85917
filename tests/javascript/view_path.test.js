import assert from "node:assert/strict";
import { test } from "node:test";

import { viewPath } from "#map_view/view_path.js";

import { randomNumbers, SEEDS } from "./random.js";

/** @param {{ x: number, y: number, width: number }} a @param {typeof a} b */
function assertClose(a, b) {
  for (const key of ["x", "y", "width"]) assert.ok(Math.abs(a[key] - b[key]) < 1e-6, key);
}

test("a way leads from one view to the other", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const view = () => ({ x: 2 * random() - 1, y: 2 * random() - 1, width: 0.01 + 2 * random() });
    for (let i = 0; i < 100; i++) {
      const [from, to] = [view(), view()];
      const path = viewPath(from, to);
      assertClose(path.at(0), from);
      assertClose(path.at(1), to);
      assert.ok(path.length > 0 && path.length < 20);
    }
  }
});

test("a long way zooms out in the middle, and a view that stays only zooms", () => {
  const far = viewPath({ x: 0, y: 0, width: 0.1 }, { x: 2, y: 0, width: 0.1 });
  assert.ok(far.at(0.5).width > 1);
  assert.ok(Math.abs(far.at(0.5).x - 1) < 1e-9);
  const near = viewPath({ x: 1, y: 1, width: 2 }, { x: 1, y: 1, width: 0.5 });
  assertClose(near.at(0.5), { x: 1, y: 1, width: 1 });
  assert.ok(far.length > near.length);
});

test("a way to where one is has no length", () => {
  const view = { x: 0.5, y: 0.5, width: 1 };
  assert.equal(viewPath(view, { ...view }).length, 0);
  assertClose(viewPath(view, { ...view }).at(0.3), view);
});
