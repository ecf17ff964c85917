import assert from "node:assert/strict";
import { test } from "node:test";

import {
  MARGIN,
  MAX_ZOOM,
  Viewport,
  around,
  between,
  extentOf,
  freeShape,
} from "#map_view/viewport.js";

import { randomNumbers, SEEDS } from "./random.js";

const SIZE = { width: 900, height: 600 };
const BOUNDS = [-1.5, -0.8, 2.5, 1.2];

function shown({ bounds = BOUNDS, size = SIZE } = {}) {
  const viewport = new Viewport();
  viewport.showAll(bounds, size);
  return viewport;
}

function assertClose(actual, expected, tolerance = 1e-9) {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => {
    const message = `${actual} is not ${expected}`;
    assert.ok(Math.abs(value - expected[i]) <= tolerance * Math.max(1, Math.abs(value)), message);
  });
}

/** A box on the canvas as [left, top, right, bottom]. */
function onScreen(viewport, [left, bottom, right, top]) {
  return [...viewport.toScreen(left, top), ...viewport.toScreen(right, bottom)];
}

test("a viewport is ready once it has shown something", () => {
  assert.equal(new Viewport().isReady, false);
  assert.equal(shown().isReady, true);
});

test("up on the map is up on the screen", () => {
  const viewport = shown();
  const [left, top] = viewport.toScreen(0, 0);
  assert.ok(viewport.toScreen(1, 0)[0] > left);
  assert.ok(viewport.toScreen(0, 1)[1] < top);
});

test("from the screen to the map and back leads to the same place", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const viewport = shown();
    for (let i = 0; i < 50; i++) {
      viewport.zoomBy(0.5 + 1.5 * random(), random() * SIZE.width, random() * SIZE.height);
      viewport.panBy(random() * 100 - 50, random() * 100 - 50);
      const place = [random() * SIZE.width, random() * SIZE.height];
      assertClose(viewport.toScreen(...viewport.toWorld(...place)), place, 1e-7);
    }
  }
});

test("all is seen, in the middle, with a margin for names", () => {
  const viewport = shown();
  const [left, top, right, bottom] = onScreen(viewport, BOUNDS);
  assertClose([left + right, top + bottom], [SIZE.width, SIZE.height]);
  assert.ok(Math.min(left, top) >= MARGIN - 1e-9);
  // One pair of edges touches the margin: the map is as large as it can be.
  assertClose([Math.min(left, top)], [MARGIN]);
  assertClose([viewport.zoom], [1]);
  assert.ok(viewport.showsAll);
});

test("on a narrow canvas the margin is smaller, but large enough for the pictures", () => {
  const size = { width: 300, height: 700 };
  const marginWith = (more) => onScreen(shown({ size: { ...size, ...more } }), BOUNDS)[0];
  assert.ok(marginWith({}) < MARGIN);
  assertClose([marginWith({ leastMargin: 54 })], [54]);
  assertClose([marginWith({ leastMargin: 54, margin: 12 })], [12]);
});

test("what floats over the sides covers no points", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    for (let i = 0; i < 50; i++) {
      const [width, height] = [400 + 900 * random(), 400 + 900 * random()];
      const covered = { top: 60 * random(), right: 150 * random(), left: 50 * random() };
      const viewport = shown({ size: { width, height, ...covered } });
      const [left, top, right, bottom] = onScreen(viewport, BOUNDS);
      assert.ok(left > covered.left && top > covered.top);
      assert.ok(right < width - covered.right && bottom < height);
      assertClose([left + right], [width + covered.left - covered.right], 1e-6);
      assertClose([top + bottom], [height + covered.top], 1e-6);
    }
  }
});

test("what would leave less than half of a side is not avoided", () => {
  const size = { width: 400, height: 800 };
  assert.deepEqual(
    shown({ size: { ...size, left: 48, right: 352 } }).overview,
    shown({ size }).overview,
  );
});

test("on a small canvas the margin leaves room for the map", () => {
  const viewport = shown({ size: { width: 60, height: 60 } });
  const [left, , right] = onScreen(viewport, BOUNDS);
  assertClose([left, right], [60 / 14, 60 - 60 / 14]);
});

test("zooming keeps the place under the pointer where it is", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const viewport = shown();
    for (let i = 0; i < 50; i++) {
      const pointer = [random() * SIZE.width, random() * SIZE.height];
      const before = viewport.toWorld(...pointer);
      viewport.zoomBy(0.25 + 3 * random(), ...pointer);
      assertClose(viewport.toWorld(...pointer), before, 1e-6);
    }
  }
});

test("zooming ends where there is nothing more to see", () => {
  const viewport = shown();
  for (let i = 0; i < 100; i++) viewport.zoomBy(2, 100, 100);
  assertClose([viewport.zoom], [MAX_ZOOM]);
  for (let i = 0; i < 100; i++) viewport.zoomBy(0.5, 100, 100);
  assertClose([viewport.zoom], [0.6]);
});

test("panning moves places by as many pixels", () => {
  const viewport = shown();
  const [left, top] = viewport.toScreen(0.5, 0.5);
  viewport.panBy(30, -20);
  assertClose(viewport.toScreen(0.5, 0.5), [left + 30, top - 20]);
  assert.equal(viewport.showsAll, false);
});

test("a box that is fitted lies whole and central on the canvas", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const viewport = shown();
    for (let i = 0; i < 50; i++) {
      const [x, y] = [random() * 2 - 1, random() * 2 - 1];
      const box = [x, y, x + 0.02 + random(), y + 0.02 + random()];
      const size = { width: 100 + 900 * random(), height: 100 + 900 * random() };
      viewport.set(viewport.fitBox(box, size));
      const [left, top, right, bottom] = onScreen(viewport, box);
      assert.ok(left >= 0 && top >= 0 && right <= size.width && bottom <= size.height);
      assertClose([left + right, top + bottom], [size.width, size.height], 1e-6);
    }
  }
});

test("a point is fitted no closer than zooming goes", () => {
  const viewport = shown();
  viewport.set(viewport.fitBox([0.3, 0.3, 0.3, 0.3], SIZE));
  assertClose([viewport.zoom], [MAX_ZOOM]);
  assertClose(viewport.toWorld(SIZE.width / 2, SIZE.height / 2), [0.3, 0.3]);
});

test("a canvas of another size shows the same middle at the same zoom", () => {
  const viewport = shown();
  viewport.set(around(0.7, -0.2, viewport.k * 5, SIZE));
  const size = { width: 500, height: 700 };
  viewport.resize(BOUNDS, SIZE, size);
  assertClose(viewport.toWorld(size.width / 2, size.height / 2), [0.7, -0.2]);
  assertClose([viewport.zoom], [5]);
  assert.deepEqual(viewport.overview, shown({ size }).overview);
});

test("a canvas of another size shows all of the map if all was shown", () => {
  const size = { width: 900, height: 400, right: 200 };
  const viewport = shown();
  viewport.resize(BOUNDS, SIZE, size);
  assert.deepEqual(viewport.transform, shown({ size }).overview);
});

test("points that all lie on one place can be shown", () => {
  const viewport = shown({ bounds: [1, 1, 1, 1] });
  assertClose(viewport.toScreen(1, 1), [SIZE.width / 2, SIZE.height / 2], 1e-6);
  assert.ok(Number.isFinite(viewport.k));
});

test("a transform between two others begins at the first and ends at the second", () => {
  const [from, to] = [
    { k: 1, tx: 0, ty: 50 },
    { k: 3, tx: -20, ty: 50 },
  ];
  assert.deepEqual(between(from, to, 0), from);
  assert.deepEqual(between(from, to, 0.5), { k: 2, tx: -10, ty: 50 });
  assert.deepEqual(between(from, to, 1), to);
});

test("a transform shows what it is around", () => {
  assert.deepEqual(extentOf(around(0.7, -0.2, 50, SIZE), SIZE), { x: 0.7, y: -0.2, width: 18 });
});

test("what is free of a canvas has a shape", () => {
  assert.equal(freeShape({ width: 400, height: 200, margin: 0 }), 2);
  assert.equal(
    freeShape({ width: 400, height: 250, top: 30, bottom: 20, right: 100, margin: 0 }),
    1.5,
  );
  assert.equal(freeShape({ width: 420, height: 220, margin: 10 }), 2);
});

test("a scale that shows all has a limit", () => {
  const viewport = new Viewport();
  viewport.showAll([-1, -1, 1, 1], { width: 800, height: 600, maxK: 50 });
  assert.deepEqual(viewport.transform, { k: 50, tx: 400, ty: 300 });
});
