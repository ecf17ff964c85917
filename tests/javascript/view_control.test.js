import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { encodeBytes } from "#map_view/codec.js";
import { Scene } from "#map_view/scene.js";
import { ViewControl } from "#map_view/view_control.js";
import { Viewport } from "#map_view/viewport.js";

const SIZE = { width: 800, height: 600 };
const HIGH_SIZE = { width: 600, height: 800 };
const WIDE = arranged("grid-200", 2);
const HIGH = arranged("grid-50", 0.5);

/** @param {number[]} values */
function floats(...values) {
  return encodeBytes(new Uint8Array(Float32Array.from(values).buffer));
}

function arranged(name, shape) {
  const positions = encodeBytes(new Uint8Array(12));
  return { name, shape, cell: 0.1, box: [-1, -1, 1, 1], blocks: [], positions };
}

/** A view control over a map twice as wide as high; people want reduced motion, so that all ends at once. */
function over({ data = {}, arrangements = [], shape = 4 / 3 } = {}) {
  const map = floats(-2, -1, 2, 1, 0.5, 0.25);
  const scene = new Scene({ layout: "map", frame: null, view: "", ...data });
  scene.setPoints(
    { ids: ["a", "b", "c"], versions: [], category: "", layouts: { map } },
    arrangements,
  );
  const viewport = new Viewport();
  const renderer = { size: SIZE, room: SIZE, drawnSize: SIZE, shape, flight: null, framesDrawn: 0 };
  renderer.requestDraw = () => {};
  let rests = 0;
  const actions = { onMove: () => {}, onRest: () => rests++ };
  const control = new ViewControl(scene, viewport, renderer, actions);
  control.showLayout(true);
  return { control, scene, viewport, renderer, rests: () => rests };
}

/** What is in the middle of the canvas, and the zoom. */
function shown(viewport) {
  const [x, y] = viewport.toWorld(SIZE.width / 2, SIZE.height / 2);
  return [x, y, viewport.zoom].map((each) => Math.round(each * 100) / 100);
}

beforeEach(() => {
  globalThis.matchMedia = () => ({ matches: true });
  globalThis.cancelAnimationFrame = () => {};
});

test("all of the map is shown at first, which the URL need not say", () => {
  const { control, viewport } = over();
  assert.deepEqual(shown(viewport), [0, 0, 1]);
  assert.equal(control.view, "");
});

test("the view goes to the URL and comes back", () => {
  const { control, viewport } = over();
  control.moveToPoint(2);
  const { view } = control;
  assert.deepEqual(shown(viewport).slice(0, 2), [0.5, 0.25]);
  control.showAll();
  assert.equal(control.view, "");
  control.applyView(view);
  assert.deepEqual(shown(viewport).slice(0, 2), [0.5, 0.25]);
  assert.equal(control.view, view);
});

test("a view that makes no sense, or is one of another layout, shows all", () => {
  const { control, viewport } = over();
  for (const text of ["", "one_two_3", "0.5_0.5_3.00_grid-200", "99_0_2"]) {
    control.moveToPoint(2);
    control.applyView(text);
    assert.deepEqual(shown(viewport), [0, 0, 1], text);
  }
});

test("at first the view of the URL counts, else the frame", () => {
  const frame = { tag: "a", boxes: { map: [0.2, 0.2, 0.6, 0.6] }, follow: true };
  assert.deepEqual(shown(over({ data: { frame } }).viewport).slice(0, 2), [0.4, 0.4]);
  const { viewport } = over({ data: { frame, view: "-0.500_0.500_4.00" } });
  assert.deepEqual(shown(viewport), [-0.5, 0.5, 4]);
});

test("a new frame is followed, if it is to be, and the same one only once", () => {
  const { control, scene, viewport } = over();
  const boxes = { map: [0.2, 0.2, 0.6, 0.6] };
  scene.data.frame = { tag: "a", boxes, follow: false };
  control.followFrame();
  assert.deepEqual(shown(viewport), [0, 0, 1]);
  scene.data.frame = { tag: "b", boxes, follow: true };
  control.followFrame();
  assert.deepEqual(shown(viewport).slice(0, 2), [0.4, 0.4]);
  control.showAll();
  control.followFrame();
  assert.deepEqual(shown(viewport), [0, 0, 1]);
});

test("the tour arrives where its stop is in the room above the caption", () => {
  const { control, viewport } = over();
  let arrivals = 0;
  control.flyTo([0.2, 0.2, 0.6, 0.6], 200, () => arrivals++);
  const [left, bottom] = viewport.toScreen(0.2, 0.2);
  const [right, top] = viewport.toScreen(0.6, 0.6);
  assert.equal(Math.round(left + right), SIZE.width);
  assert.equal(Math.round(top + bottom), SIZE.height - 200);
  assert.equal(arrivals, 1);
});

test("a canvas of another shape gets the arrangement that fits it, unless one has zoomed in", () => {
  const { control, scene, viewport, renderer } = over({ arrangements: [WIDE, HIGH] });
  assert.equal(scene.shownName, "grid-200");
  control.moveToPoint(2);
  renderer.shape = 0.5;
  control.resize();
  assert.equal(scene.shownName, "grid-200");
  viewport.set(viewport.overview);
  control.resize();
  assert.equal(scene.shownName, "grid-50");
});

test("the map is turned in a high canvas, and the URL says the same of the view", () => {
  const { control, scene, viewport, renderer } = over();
  control.moveToPoint(2);
  const { view } = control;
  /** @param {object} size */
  const resize = (size) => {
    Object.assign(renderer, { size, room: size, shape: size.width / size.height });
    control.resize();
    renderer.drawnSize = size;
    // The point is in the middle still.
    const middle = [size.width / 2, size.height / 2];
    const place = viewport.toScreen(...scene.positionOf(2));
    assert.deepEqual(place.map(Math.round), middle);
    assert.equal(control.view, view);
  };
  resize(HIGH_SIZE);
  assert.deepEqual([scene.isTurned, scene.positionOf(2)], [true, [0.25, -0.5]]);
  control.showAll();
  control.applyView(view);
  resize(HIGH_SIZE);
  resize(SIZE);
  assert.deepEqual([scene.isTurned, scene.positionOf(2)], [false, [0.5, 0.25]]);
});

test("in a high canvas the tour arrives at its stop, and a frame is around what it names", () => {
  const frame = { tag: "a", boxes: { map: [0.4, 0.2, 0.6, 0.3] }, follow: true };
  const { control, scene, viewport, renderer } = over({ data: { frame } });
  Object.assign(renderer, { size: HIGH_SIZE, room: HIGH_SIZE, shape: 0.75 });
  const centre = () => viewport.toScreen(...scene.positionOf(2)).map(Math.round);
  control.showLayout(false);
  assert.ok(scene.isTurned);
  assert.deepEqual(centre(), [300, 400]);
  control.showAll();
  control.flyTo(frame.boxes.map, 0, () => {});
  assert.deepEqual(centre(), [300, 400]);
});

test("showing all takes the arrangement that fits by now", () => {
  const { control, scene, renderer } = over({ arrangements: [WIDE, HIGH] });
  control.moveToPoint(2);
  renderer.shape = 0.5;
  control.showAll();
  assert.equal(scene.shownName, "grid-50");
  assert.equal(control.view, "");
});

test("the map hears of each view that stays", () => {
  const { control, rests } = over();
  const before = rests();
  control.moveToPoint(2);
  control.showAll();
  assert.equal(rests(), before + 2);
});
