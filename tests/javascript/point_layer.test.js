import assert from "node:assert/strict";
import { test } from "node:test";

import { Flight } from "#map_view/flight.js";
import { INACTIVE, placesByGroup, PointLayer, radiusOf } from "#map_view/point_layer.js";
import { PointIndex } from "#map_view/point_index.js";

const SIZE = { width: 200, height: 100 };
// One unit of the map is a pixel, and its zero the lower left corner of the canvas.
const VIEWPORT = { k: 1, tx: 0, ty: 100 };
const OPTIONS = { flight: null, isHidden: null, margin: 5 };

/** A scene of points, each with its group; those of group 9 are inactive. */
function scene(positions, groups) {
  return {
    index: new PointIndex(positions),
    groups: Uint8Array.from(groups),
    isActive: (point) => groups[point] !== 9,
    cell: 0,
  };
}

test("points in view are drawn by their groups, and inactive ones apart", () => {
  const shown = scene([10, 10, 20, 20, 30, 30, 40, 40], [0, 1, 0, 9]);
  const { byGroup, count } = placesByGroup(shown, VIEWPORT, SIZE, OPTIONS);
  assert.equal(count, 4);
  assert.deepEqual(byGroup.get(0), [10, 90, 30, 70]);
  assert.deepEqual(byGroup.get(1), [20, 80]);
  assert.deepEqual(byGroup.get(INACTIVE), [40, 60]);
});

test("a point beside the canvas is drawn as long as a part of it is in view", () => {
  const shown = scene([-5, 50, -6, 50, 205, 50, 206, 50, 50, 105, 50, -6], [0, 0, 0, 0, 0, 0]);
  const { byGroup, count } = placesByGroup(shown, VIEWPORT, SIZE, OPTIONS);
  assert.equal(count, 3);
  assert.deepEqual(byGroup.get(0), [-5, 50, 205, 50, 50, -5]);
});

test("points below their pictures are not drawn, but inactive ones have none", () => {
  const shown = scene([10, 10, 20, 20, 30, 30], [0, 0, 9]);
  const isHidden = (point) => point !== 1;
  const { byGroup, count } = placesByGroup(shown, VIEWPORT, SIZE, { ...OPTIONS, isHidden });
  assert.equal(count, 3);
  assert.deepEqual(byGroup.get(0), [20, 80]);
  assert.deepEqual(byGroup.get(INACTIVE), [30, 70]);
});

test("points on their way are drawn where they are by now", () => {
  const shown = scene([10, 10, 20, 20], [0, 0]);
  const flight = new Flight(Float32Array.of(110, 90, 20, 180), 2);
  flight.moveTo(0.5);
  const { byGroup } = placesByGroup(shown, VIEWPORT, SIZE, { ...OPTIONS, flight });
  assert.deepEqual(byGroup.get(0), [60, 90]); // the other one is still below the canvas
  const layer = new PointLayer({}, shown, VIEWPORT);
  assert.deepEqual([...layer.places(flight)], [60, 90, 20, 130]);
  assert.deepEqual([...layer.places(null)], [10, 90, 20, 80]);
});

test("points are smaller the more there are, and grow when one zooms in", () => {
  const few = { cell: 0, index: { n: 100 } };
  const many = { cell: 0, index: { n: 25_000 } };
  const size = { width: 1440, height: 900 };
  const radii = [radiusOf(many, { zoom: 1 }, size), radiusOf(many, { zoom: 50 }, size)];
  assert.ok(radii[0] < radii[1] && radii[0] < radiusOf(few, { zoom: 1 }, size));
  assert.ok(radii[0] >= 1.6 && radiusOf(few, { zoom: 400 }, size) <= 8);
});

test("a point fills most of its cell", () => {
  assert.equal(radiusOf({ cell: 2, index: { n: 9 } }, { k: 10, zoom: 1 }, SIZE), 8.4);
});
