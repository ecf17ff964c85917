import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { ViewControl } from "#map_view/view_control.js";
import { PointIndex } from "#map_view/point_index.js";
import { Viewport } from "#map_view/viewport.js";

const SIZE = { width: 800, height: 600 };
const WIDE = { name: "grid-200", shape: 2 };
const HIGH = { name: "grid-50", shape: 0.5 };

/** A view control over a map from -1 to 1; people want reduced motion, so that all ends at once. */
function over({ data = {}, arrangements = [], shape = 4 / 3 } = {}) {
  const index = new PointIndex([-1, -1, 1, 1, 0.5, 0.25]);
  const scene = {
    data: { frame: null, view: "", ...data },
    arrangement: null,
    isLoaded: true,
    cell: 0,
    index,
    bounds: index.bounds,
    get shownName() {
      return this.arrangement?.name ?? "map";
    },
    arrangementFor: (wanted) => arrangements.find((each) => each.shape > 1 === wanted > 1) ?? null,
    showLayout(wanted) {
      this.arrangement = this.arrangementFor(wanted);
    },
    positionOf: (point) => [index.x[point], index.y[point]],
  };
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
