import assert from "node:assert/strict";
import { test } from "node:test";

import { PointIndex } from "#map_view/point_index.js";

import { randomNumbers, SEEDS } from "./random.js";

const ALL = () => true;

/** Points in clumps and between them, some at the same place. */
function scattered(seed, n = 400) {
  const random = randomNumbers(seed);
  const positions = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const spread = i % 3 ? 0.1 : 4;
    positions[2 * i] = (i % 5) - 2 + spread * (random() - 0.5);
    positions[2 * i + 1] = (i % 7) - 3 + spread * (random() - 0.5);
  }
  positions.set(positions.subarray(0, 20), 20);
  return { random, index: new PointIndex(positions) };
}

test("the bounds hold all points", () => {
  const index = new PointIndex([0, 5, -3, 2, 4, -1]);
  assert.deepEqual(index.bounds, [-3, -1, 4, 5]);
  assert.equal(index.extent, 7);
});

test("a map without points has bounds and no neighbours", () => {
  const index = new PointIndex([]);
  assert.deepEqual(index.bounds, [-1, -1, 1, 1]);
  assert.equal(index.nearest(0, 0, 1), -1);
  assert.deepEqual(index.squares(0.1, 0.2, [], ALL), []);
});

test("the nearest point is the one that a search of all finds", () => {
  for (const seed of SEEDS) {
    const { random, index } = scattered(seed);
    for (let i = 0; i < 300; i++) {
      const [x, y] = [random() * 10 - 5, random() * 12 - 6];
      const reach = random() * 2;
      const distances = Array.from(index.x, (each, j) => Math.hypot(each - x, index.y[j] - y));
      const least = Math.min(...distances);
      const found = index.nearest(x, y, reach);
      if (least > reach) assert.equal(found, -1);
      else assert.equal(distances[found], least);
    }
  }
});

test("from any place, however far away, there is a nearest point", () => {
  const { index } = scattered(1);
  assert.notEqual(index.nearest(-1000, 1000, Infinity), -1);
  assert.equal(new PointIndex([3, 2]).nearest(0, 0, Infinity), 0, "one that is alone");
});

test("the next point in a direction lies ahead, and none that lies ahead is nearer", () => {
  const directions = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ];
  for (const seed of SEEDS) {
    const { index } = scattered(seed, 120);
    for (let from = 0; from < index.n; from++) {
      for (const [right, up] of directions) {
        const cost = (i) => {
          const [dx, dy] = [index.x[i] - index.x[from], index.y[i] - index.y[from]];
          const ahead = dx * right + dy * up;
          const aside = Math.abs(dx * up - dy * right);
          return ahead > 0 && aside <= ahead ? ahead + 2 * aside : Infinity;
        };
        const costs = Array.from({ length: index.n }, (_, i) => cost(i));
        const found = index.nextInDirection(from, right, up);
        if (Math.min(...costs) === Infinity) assert.equal(found, -1);
        else assert.equal(costs[found], Math.min(...costs));
      }
    }
  }
});

test("squares do not overlap, and nothing is left out that has room", () => {
  for (const seed of SEEDS) {
    const { random, index } = scattered(seed);
    const order = Array.from(index.x, (_, i) => i);
    for (const ratio of [1, 2, 4]) {
      const smallest = 0.05 + random();
      const isEven = (i) => i % 2 === 0;
      index.clearSquares();
      const chosen = index.squares(smallest, smallest * ratio, order, isEven);
      const gap = (i, j) =>
        Math.max(Math.abs(index.x[i] - index.x[j]), Math.abs(index.y[i] - index.y[j]));
      for (const { point, side } of chosen) {
        assert.ok(isEven(point));
        // Sizes are rounded to a step of a fifth, by a tenth at most.
        assert.ok(side >= smallest / 1.1 && side <= smallest * ratio * 1.1);
        for (const other of chosen) {
          if (other.point === point) continue;
          assert.ok(gap(point, other.point) >= ((side + other.side) / 2) * 0.9999);
        }
      }
      const points = new Set(chosen.map(({ point }) => point));
      for (const i of order.filter((each) => isEven(each) && !points.has(each))) {
        const far = smallest * ratio * 1.1;
        assert.ok(chosen.some(({ point, side }) => gap(i, point) <= (side + far) / 2));
      }
    }
  }
});

test("squares are smallest where points are dense", () => {
  const dense = Array.from({ length: 400 }, (_, i) => [(i % 20) / 100, Math.floor(i / 20) / 100]);
  const index = new PointIndex([...dense.flat(), 5, 5]);
  const chosen = index.squares(0.02, 1, [400, ...dense.keys()], ALL);
  const sideOf = new Map(chosen.map(({ point, side }) => [point, side]));
  const largest = Math.max(...chosen.map(({ side }) => side));
  assert.equal(sideOf.get(400), largest);
  assert.ok(chosen.every(({ point, side }) => point === 400 || side < largest));
});

test("what comes first in the order is chosen first", () => {
  const index = new PointIndex([0, 0, 0.01, 0, 5, 5]);
  const chosen = index.squares(1, 1, [1, 0, 2], ALL);
  assert.deepEqual(
    chosen.map(({ point }) => point),
    [1, 2],
  );
});

test("the choice stays while the size hardly changes, until it is cleared", () => {
  const index = new PointIndex([0, 0, 3, 3]);
  const before = index.squares(1, 2, [0, 1], ALL);
  assert.equal(
    index.squares(1.01, 2.02, [0, 1], () => false),
    before,
  );
  index.clearSquares();
  assert.deepEqual(
    index.squares(1.01, 2.02, [0, 1], () => false),
    [],
  );
});
