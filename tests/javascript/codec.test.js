import assert from "node:assert/strict";
import { test } from "node:test";

import {
  PRECISION,
  decodeBytes,
  decodeView,
  encodeBytes,
  encodeLasso,
  encodeView,
  rounded,
} from "#map_view/codec.js";

import { randomNumbers, SEEDS } from "./random.js";

test("bytes come back from base64, all of them and any number", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const length of [0, 1, 2, 3, 255, 256]) {
    assert.deepEqual(decodeBytes(encodeBytes(all.subarray(0, length))), all.slice(0, length));
  }
});

test("base64 is the same as that of Node", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const bytes = Uint8Array.from({ length: 1000 }, () => random() * 256);
    assert.equal(encodeBytes(bytes), Buffer.from(bytes).toString("base64"));
  }
});

test("positions that Python packed as float32 are read as they were", () => {
  // base64.b64encode(np.array([0.25, -1.5], "<f4").tobytes())
  const positions = new Float32Array(decodeBytes("AACAPgAAwL8=").buffer);
  assert.deepEqual([...positions], [0.25, -1.5]);
});

test("a lasso is written as Python reads it: whole numbers, after the layout", () => {
  const lasso = encodeLasso("map", [
    [0, 0],
    [0.5, -0.25],
    [-0.00004, 1.23456],
  ]);
  assert.equal(lasso, "map:0.0.5000.-2500.0.12346");
});

test("what is selected at once is what the URL selects later", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const polygon = Array.from({ length: 48 }, () => [random() * 6 - 3, random() * 6 - 3]);
    const shown = rounded(polygon);
    const numbers = encodeLasso("map", shown).slice("map:".length).split(".").map(Number);
    // As `url_selection.py` does.
    const read = shown.map((_, i) => [numbers[2 * i] / PRECISION, numbers[2 * i + 1] / PRECISION]);
    read.flat().forEach((each, i) => assert.ok(each === shown.flat()[i]));
    const errors = polygon.flat().map((each, i) => Math.abs(each - shown.flat()[i]));
    assert.ok(Math.max(...errors) <= 0.5 / PRECISION + 1e-12);
  }
});

test("a view comes back from the URL, to three decimals", () => {
  assert.equal(encodeView([0.12345, -1], 2.5, ""), "0.123_-1.000_2.50");
  const view = { x: 0.123, y: -1, zoom: 2.5, arrangement: "" };
  assert.deepEqual(decodeView("0.123_-1.000_2.50"), view);
});

test("a view of the grid says which shape the grid has", () => {
  const text = encodeView([0.5, 0.25], 3, "grid-150");
  assert.equal(text, "0.500_0.250_3.00_grid-150");
  assert.deepEqual(decodeView(text), { x: 0.5, y: 0.25, zoom: 3, arrangement: "grid-150" });
});

test("a text that is no view is none", () => {
  for (const text of [
    null,
    "",
    "1",
    "1_2",
    "NaN_1e9_<b>",
    "x_y_z",
    "0_0_0",
    "0_0_0.5",
    "0_0_401",
    "0_0_-2",
    "10_0_2",
    "0_-10_2",
    "0_0_Infinity",
  ]) {
    assert.equal(decodeView(text), null, String(text));
  }
  assert.notEqual(decodeView("9.999_-9.999_400"), null);
});
