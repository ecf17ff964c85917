import assert from "node:assert/strict";
import { test } from "node:test";

import {
  MAX_CORNERS,
  clamp,
  corners,
  distance,
  isInside,
  overlap,
  padded,
  pointsInside,
  thinned,
  wayToFree,
} from "#map_view/geometry.js";

import { randomNumbers, SEEDS } from "./random.js";

const SQUARE = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
];

/** How often a polygon goes around a point, from the angles under which its edges are seen. */
function windingNumber(polygon, x, y) {
  let angle = 0;
  polygon.forEach(([ax, ay], i) => {
    const [bx, by] = polygon[(i + 1) % polygon.length];
    const turn = Math.atan2(by - y, bx - x) - Math.atan2(ay - y, ax - x);
    angle += turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI));
  });
  return Math.round(angle / (2 * Math.PI));
}

test("numbers are held between two others", () => {
  assert.deepEqual(
    [-2, 0.5, 9].map((value) => clamp(value, 0, 1)),
    [0, 0.5, 1],
  );
});

test("distances are those of Pythagoras", () => {
  assert.equal(distance([1, 2], [4, 6]), 5);
});

test("boxes overlap where they have whole units in common", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const box = () => {
      const [left, top] = [Math.floor(random() * 8), Math.floor(random() * 8)];
      return [left, top, left + 1 + Math.floor(random() * 4), top + 1 + Math.floor(random() * 4)];
    };
    for (let i = 0; i < 200; i++) {
      const [a, b] = [box(), box()];
      const covers = ([left, top, right, bottom], x, y) =>
        left <= x && x < right && top <= y && y < bottom;
      let isShared = false;
      for (let x = 0; x < 12; x++) {
        for (let y = 0; y < 12; y++) isShared ||= covers(a, x, y) && covers(b, x, y);
      }
      assert.equal(overlap(a, b), isShared, `${a} and ${b}`);
    }
  }
});

test("a small box gets as much space around it as it needs, and any box its edge", () => {
  assert.deepEqual(padded([1, 1, 1, 1], 0, 4), [-1, -1, 3, 3]);
  assert.deepEqual(padded([0, 0, 8, 2], 0, 4), [0, -1, 8, 3]);
  assert.deepEqual(padded([0, 0, 8, 2], 0.5, 4), [-0.5, -1, 8.5, 3]);
});

test("a box has its four corners in turn, wherever it was begun", () => {
  for (const [from, to] of [
    [
      [0, 0],
      [4, 3],
    ],
    [
      [4, 3],
      [0, 0],
    ],
    [
      [4, 0],
      [0, 3],
    ],
  ]) {
    const found = corners(from, to);
    assert.deepEqual(found[0], from);
    assert.deepEqual(found[2], to);
    assert.equal(new Set(found.map(String)).size, 4);
    // Neighbouring corners share a side: one coordinate is the same.
    found.forEach(([x, y], i) => {
      const [nextX, nextY] = found[(i + 1) % 4];
      assert.equal(Number(x === nextX) + Number(y === nextY), 1);
    });
  }
});

test("a polygon that the URL can hold is left as it is", () => {
  const polygon = Array.from({ length: MAX_CORNERS }, (_, i) => [i, i * i]);
  assert.equal(thinned(polygon), polygon);
});

test("a longer polygon keeps corners of its own, in order and evenly", () => {
  for (const length of [49, 100, 1000, 4321]) {
    const polygon = Array.from({ length }, (_, i) => [i, -i]);
    const found = thinned(polygon);
    assert.equal(found.length, MAX_CORNERS);
    const numbers = found.map(([x]) => x);
    assert.equal(numbers[0], 0);
    numbers.forEach((number, i) => {
      assert.deepEqual(found[i], polygon[number]);
      const gap = (numbers[i + 1] ?? length) - number;
      assert.ok(gap >= Math.floor(length / MAX_CORNERS) && gap <= Math.ceil(length / MAX_CORNERS));
    });
  }
});

test("a thinned lasso selects almost the same points", () => {
  const circle = Array.from({ length: 600 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 600;
    return [Math.cos(angle), Math.sin(angle)];
  });
  const random = randomNumbers(1);
  const xs = Array.from({ length: 2000 }, () => random() * 3 - 1.5);
  const ys = Array.from({ length: 2000 }, () => random() * 3 - 1.5);
  const whole = pointsInside(circle, xs, ys);
  const few = pointsInside(thinned(circle), xs, ys);
  const different = whole.filter((each, i) => each !== few[i]).length;
  assert.ok(different < 0.01 * xs.length, `${different} of ${xs.length}`);
});

test("points are inside a square, and not beside it", () => {
  const xs = [2, -1, 5, 2, 2, 3.999];
  const ys = [2, 2, 2, -1, 5, 0.001];
  assert.deepEqual([...pointsInside(SQUARE, xs, ys)], [1, 0, 0, 0, 0, 1]);
});

test("a polygon has the same inside in both directions", () => {
  const random = randomNumbers(3);
  const polygon = Array.from({ length: 9 }, () => [random(), random()]);
  const xs = Array.from({ length: 500 }, random);
  const ys = Array.from({ length: 500 }, random);
  assert.deepEqual(pointsInside(polygon.toReversed(), xs, ys), pointsInside(polygon, xs, ys));
});

test("points inside are those that a polygon goes around an odd number of times", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    // Corners in any order: edges cross each other.
    const polygon = Array.from({ length: 3 + seed * 4 }, () => [random(), random()]);
    const xs = Float32Array.from({ length: 1000 }, () => random() * 1.2 - 0.1);
    const ys = Float32Array.from({ length: 1000 }, () => random() * 1.2 - 0.1);
    const found = pointsInside(polygon, xs, ys);
    const expected = Array.from(xs, (x, i) => Math.abs(windingNumber(polygon, x, ys[i])) % 2);
    assert.deepEqual([...found], expected);
    assert.ok(found.includes(1) && found.includes(0));
  }
});

test("a place that is covered is led out by the shortest way that stays within the room", () => {
  const room = [0, 0, 100, 60];
  const card = [-5, 20, 40, 65];
  assert.deepEqual(wayToFree([10, 30], room, [card]), [0, -10]);
  assert.deepEqual(wayToFree([35, 52], room, [card]), [5, 0]);
  assert.deepEqual(wayToFree([10, 30], [0, 25, 100, 60], [card]), [30, 0]);
  assert.deepEqual(wayToFree([10, 30], room, [card, [-5, -5, 40, 22], [38, -5, 70, 40]]), [30, 10]);
  assert.deepEqual(wayToFree([-50, 90], room, [card]), [50, -70]);
  assert.equal(wayToFree([10, 30], [0, 25, 30, 60], [card]), null);
});

test("a place at the edge of a box is not in it", () => {
  assert.equal(isInside([1, 1], [0, 0, 2, 2]), true);
  assert.equal(isInside([0, 1], [0, 0, 2, 2]), false);
});
