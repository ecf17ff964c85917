import assert from "node:assert/strict";
import { test } from "node:test";

import { ThumbnailLayer } from "#map_view/thumbnail_layer.js";

const SIZE = { width: 1000, height: 600 };

/** Points in a row, 100 px from each other; the last one is inactive. `asked` are URLs of pictures. */
function layer({ isLoading = false, tiles = [] } = {}) {
  const asked = [];
  const nothing = () => {};
  const context = { beginPath: nothing, roundRect: nothing, fill: nothing, stroke: nothing };
  Object.assign(context, { fillRect: nothing, strokeRect: nothing, drawImage: nothing });
  const scene = {
    cell: 100,
    order: [0, 1, 2, 3],
    isActive: (point) => point !== 3,
    colourOf: () => "#000",
    positionOf: (point) => [100 * point, 0],
    thumbnailUrl: (point) => `${point}.webp`,
  };
  const viewport = { k: 1, toScreen: (x, y) => [x + 50, 300 - y] };
  const pictures = { get: (url) => asked.push(url) };
  const atlas = { side: 48, isLoading, has: (point) => tiles.includes(point), draw: nothing };
  const made = new ThumbnailLayer({ context, pixelRatio: 1 }, scene, viewport, pictures, atlas);
  return { made, asked };
}

test("the picture that was drawn last is on top", () => {
  const { made } = layer();
  made.draw(0, 150);
  made.draw(1, 150);
  assert.deepEqual(
    [60, 100, 150, 240].map((left) => made.pointAt(left, 300)),
    [0, 1, 1, -1],
  );
  made.clear();
  assert.equal(made.pointAt(100, 300), -1);
});

test("the cells in view have the pictures of their active points", () => {
  const { made, asked } = layer();
  made.drawCells({ ...SIZE, width: 100 });
  assert.deepEqual(asked, ["0.webp", "1.webp"]);
  made.drawCells(SIZE);
  assert.deepEqual(asked.slice(2), ["0.webp", "1.webp", "2.webp"]);
});

test("a thumbnail is asked for only where a tile of the atlas is too small", () => {
  const { made, asked } = layer({ tiles: [0, 1] });
  made.draw(0, 40);
  assert.deepEqual(asked, []);
  made.draw(1, 90);
  made.draw(2, 40);
  assert.deepEqual(asked, ["1.webp", "2.webp"]);
});

test("no thumbnail is asked for while the first atlas is on its way", () => {
  const { made, asked } = layer({ isLoading: true });
  made.drawCells(SIZE);
  assert.deepEqual([asked, made.drawn], [[], []]);
});

test("the pictures of a few models are as large as they can be while each has one", () => {
  const largest = ({ count, room = Infinity }) => {
    const { made } = layer();
    let given = 0;
    const squares = (_, side) => {
      given = side;
      return new Array(side > room ? count - 1 : count).fill({ point: 0, side: 1 });
    };
    const isActive = () => true;
    const order = new Array(count).fill(0);
    Object.assign(made.scene, { data: { landmarks: [] }, order, isActive, index: { squares } });
    made.viewport.zoom = 1;
    made.drawSquares(SIZE);
    return Math.round(given);
  };
  assert.equal(largest({ count: 4 }), 96);
  assert.equal(largest({ count: 20 }), 55);
  assert.equal(largest({ count: 20, room: 50 }), 47);
  assert.equal(largest({ count: 20, room: 30 }), 29);
  assert.equal(largest({ count: 20, room: 10 }), 24);
  assert.equal(largest({ count: 2000, room: 10 }), 46);
});
