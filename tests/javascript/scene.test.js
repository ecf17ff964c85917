import assert from "node:assert/strict";
import { test } from "node:test";

import { encodeBytes } from "#map_view/codec.js";
import { Scene, shuffled } from "#map_view/scene.js";

const IDS = ["ship", "car $&", "boat/2"];

/** @param {number[]} values */
const packed = (...values) => encodeBytes(Uint8Array.from(values));
const floats = (...values) => encodeBytes(new Uint8Array(Float32Array.from(values).buffer));
const shorts = (...values) => encodeBytes(new Uint8Array(Uint16Array.from(values).buffer));

/** @type {(name: string, shape: number, ...steps: number[]) => object} */
const arranged = (name, shape, ...steps) => ({
  name,
  shape,
  cell: 1,
  box: [-1, -0.5, 1, 0.5],
  blocks: [],
  positions: shorts(...steps),
});
const GRIDS = [
  arranged("grid-50", 0.5, 0, 0, 32768, 0, 65535, 0),
  arranged("grid-200", 2, 0, 65535, 32768, 65535, 65535, 65535),
];

/** Canvases of which all is free. */
const WIDE = { shape: 1.6, size: { width: 1600, height: 1000 } };
const HIGH = { shape: 0.5, size: { width: 500, height: 1000 } };

function loaded(changes = {}, arrangements = [], canvas = WIDE) {
  const data = {
    layout: "map",
    pictures: "thumbnails/{id}.webp?v={version}",
    groups: packed(0, 1, 255),
    colours: ["#f00", "#00f"],
    other: "#888",
    faded: packed(0, 0, 0),
    selected: "",
    marked: -1,
    query: null,
    ...changes,
  };
  const scene = new Scene(data);
  scene.setData(data);
  scene.setPoints(
    {
      ids: IDS,
      names: ["Ship", "Car", "Boat"],
      versions: ["v1", "v2", "v3"],
      categories: ["Land", "Water"],
      category: shorts(1, 0, 1),
      layouts: { map: floats(0, 0, 1, 1, 2, 0) },
      clusters: shorts(0, 65535, 0),
    },
    arrangements,
  );
  scene.showLayout(canvas);
  return { scene, data };
}

test("points are read as Python packed them", () => {
  const { scene } = loaded();
  assert.ok(scene.isLoaded);
  assert.deepEqual(scene.positionOf(1), [1, 1]);
  assert.deepEqual(
    [0, 1, 2].map((point) => scene.categoryOf(point)),
    ["Water", "Land", "Water"],
  );
  assert.deepEqual(
    [0, 1, 2].map((point) => scene.colourOf(point)),
    ["#f00", "#00f", "#888"],
  );
});

test("another layout puts the points elsewhere, and one that is not there shows none", () => {
  const { scene } = loaded({ layout: "grid" }, GRIDS);
  assert.deepEqual(scene.positionOf(0), [-1, 1]);
  assert.equal(scene.shownName, "grid-200");
  assert.deepEqual([scene.cell, scene.bounds], [1, [-1, -0.5, 1, 0.5]]);
  assert.equal(loaded({ layout: "toString" }).scene.isLoaded, false);
  assert.equal(loaded({ layout: "grid" }).scene.isLoaded, false);
});

test("the arrangement is the one whose shape is nearest to that of the canvas", () => {
  const { scene } = loaded({ layout: "grid" }, GRIDS);
  assert.deepEqual(
    [0.1, 0.9, 1.1, 7].map((shape) => scene.arrangementFor(shape).name),
    ["grid-50", "grid-50", "grid-200", "grid-200"],
  );
  assert.equal(loaded().scene.arrangementFor(1), null);
});

test("the map has no cells, and is shown again after a grid", () => {
  const { scene, data } = loaded({ layout: "grid" }, GRIDS);
  scene.setData({ ...data, layout: "map" });
  scene.setArrangements([]);
  scene.showLayout(WIDE);
  assert.deepEqual(scene.positionOf(1), [1, 1]);
  assert.deepEqual([scene.shownName, scene.cell, scene.bounds], ["map", 0, [0, 0, 2, 1]]);
});

test("in a high canvas the map is turned, and back in a wide one", () => {
  const query = { src: "data:,", places: { map: [0.5, 0.25] } };
  const { scene } = loaded({ query }, [], HIGH);
  // The point at the left is at the top, and the one above the others at the right.
  assert.deepEqual(
    [0, 1, 2].map((point) => scene.positionOf(point)),
    [
      [0, 0],
      [1, -1],
      [0, -2],
    ],
  );
  assert.deepEqual([scene.shownName, scene.bounds], ["map", [0, -2, 1, 0]]);
  assert.deepEqual(scene.focus, [0.25, -0.5]);
  assert.equal(scene.index.nextInDirection(0, 0, -1), 2);
  scene.showLayout(WIDE);
  assert.deepEqual(
    [scene.positionOf(1), scene.focus],
    [
      [1, 1],
      [0.5, 0.25],
    ],
  );
});

test("a grid is not turned: it has the shape of the canvas", () => {
  const { scene } = loaded({ layout: "grid" }, GRIDS, HIGH);
  assert.deepEqual([scene.shownName, scene.isTurned], ["grid-50", false]);
  assert.deepEqual(scene.toStored([0.5, 0.25]), [0.5, 0.25]);
});

test("a point is active if it matches and is selected, if anything is", () => {
  const active = (changes) => {
    const { scene } = loaded(changes);
    return [0, 1, 2].filter((point) => scene.isActive(point));
  };
  assert.deepEqual(active({}), [0, 1, 2]);
  assert.deepEqual(active({ faded: packed(1, 0, 0) }), [1, 2]);
  assert.deepEqual(active({ selected: packed(1, 1, 0) }), [0, 1]);
  assert.deepEqual(active({ faded: packed(1, 0, 0), selected: packed(1, 1, 0) }), [1]);
});

test("on a tour the points of one cluster are active", () => {
  const { scene } = loaded({ faded: packed(1, 0, 0) });
  const active = () => [0, 1, 2].filter((point) => scene.isActive(point));
  scene.setToured(0);
  assert.deepEqual(active(), [0, 2]);
  scene.setToured(-1);
  assert.deepEqual(active(), [1, 2]);
});

test("a new selection changes which points become pictures", () => {
  const { scene } = loaded();
  const pictures = () =>
    scene.index
      .squares(0.1, 0.1, scene.order, (point) => scene.isActive(point))
      .map(({ point }) => point);
  assert.deepEqual(pictures().toSorted(), [0, 1, 2]);
  const { revision } = scene;
  scene.setSelected(Uint8Array.of(0, 0, 1));
  assert.deepEqual(pictures(), [2]);
  assert.notEqual(scene.revision, revision);
});

test("data that says the same of the points leaves their pictures as they were chosen", () => {
  const { scene, data } = loaded();
  const { revision } = scene;
  scene.setData({ ...data, marked: 1 });
  assert.equal(scene.revision, revision);
  scene.setData({ ...data, colours: ["#0f0", "#00f"] });
  assert.notEqual(scene.revision, revision);
  // A lasso is shown before Python knows of it, which may clear it with the same data as before.
  scene.setSelected(Uint8Array.of(0, 0, 1));
  scene.setData({ ...data, colours: ["#0f0", "#00f"] });
  assert.equal(scene.isActive(0), true);
});

test("a point is shown by its picture, its name and its category", () => {
  const { scene } = loaded();
  assert.deepEqual(scene.contentOf(0), {
    src: "thumbnails/ship.webp?v=v1",
    name: "Ship",
    detail: "Water",
  });
});

test("a thumbnail's URL holds any id", () => {
  const { scene } = loaded();
  assert.equal(scene.thumbnailUrl(0), "thumbnails/ship.webp?v=v1");
  assert.equal(scene.thumbnailUrl(1), "thumbnails/car%20%24%26.webp?v=v2");
  assert.equal(scene.thumbnailUrl(2), "thumbnails/boat%2F2.webp?v=v3");
});

test("a point whose picture is cut out has the URL of that, and others keep theirs", () => {
  const template = "cut-outs/{id}.{version}.{mask}.webp?v={version}";
  const masks = encodeBytes(new Uint8Array(Uint32Array.of(0xfedcba98, 0, 0xab).buffer));
  const { scene, data } = loaded({ cut_outs: { template, masks } });
  assert.equal(scene.thumbnailUrl(0), "cut-outs/ship.v1.fedcba98.webp?v=v1");
  assert.equal(scene.thumbnailUrl(1), "thumbnails/car%20%24%26.webp?v=v2");
  assert.equal(scene.thumbnailUrl(2), "cut-outs/boat%2F2.v3.000000ab.webp?v=v3");
  scene.setData({ ...data, cut_outs: null });
  assert.equal(scene.thumbnailUrl(0), "thumbnails/ship.webp?v=v1");
});

test("the focus is the query, or else the marked point", () => {
  assert.equal(loaded().scene.focus, null);
  assert.deepEqual(loaded({ marked: 2 }).scene.focus, [2, 0]);
  const query = { src: "data:,", places: { map: [0.5, 0.25] } };
  assert.deepEqual(loaded({ marked: 2, query }).scene.focus, [0.5, 0.25]);
  assert.equal(loaded({ layout: "grid", query }, GRIDS).scene.focus, null);
});

test("new data ends a lasso that is being drawn", () => {
  const { scene, data } = loaded();
  scene.shape = [[1, 2]];
  scene.setData(data);
  assert.equal(scene.shape, null);
});

test("a shuffled order has each number once, and is always the same", () => {
  for (const n of [0, 1, 2, 1000]) {
    const order = shuffled(n);
    assert.deepEqual(
      order.toSorted((a, b) => a - b),
      Array.from({ length: n }, (_, i) => i),
    );
    assert.deepEqual(shuffled(n), order);
  }
  // Far from the order in which models were imported: neighbours come from all over.
  const steps = shuffled(1000).map((each, i, order) => Math.abs(each - (order[i + 1] ?? each)));
  assert.ok(steps.reduce((sum, step) => sum + step, 0) / 1000 > 250);
});
