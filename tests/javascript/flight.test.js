import assert from "node:assert/strict";
import { test } from "node:test";

import { eased, Flight } from "#map_view/flight.js";

test("a flight begins and ends slowly, and never turns back", () => {
  const steps = Array.from({ length: 101 }, (_, i) => eased(i / 100));
  assert.deepEqual([steps[0], steps[50], steps[100]], [0, 0.5, 1]);
  assert.ok(steps.every((step, i) => i === 0 || step > steps[i - 1]));
  assert.ok(steps[5] < 0.01 && steps[95] > 0.99);
});

test("points leave where they were and arrive where they are", () => {
  const flight = new Flight(Float32Array.of(10, 20, -30, 40), 2);
  const places = () => [flight.leftOf(1, 100), flight.topOf(1, -60), flight.radiusTo(6)];
  flight.moveTo(0);
  assert.deepEqual(places(), [-30, 40, 2]);
  flight.moveTo(0.5);
  assert.deepEqual(places(), [35, -10, 4]);
  flight.moveTo(1);
  assert.deepEqual(places(), [100, -60, 6]);
});
