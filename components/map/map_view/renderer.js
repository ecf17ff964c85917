/**
 * Draws the map.
 *
 * It uses a 2D canvas, not WebGL: at 1,600 points and in software, that draws 60 frames a second
 * where Plotly's WebGL scatter draws 15 (`python -m benchmarks.map`).
 */

import { clamp, overlap } from "./geometry.js";
import { freeShape } from "./viewport.js";

/** @import { Box } from "./geometry.js" */
/** @import { Flight } from "./flight.js" */
/** @import { Atlas, Pictures } from "./pictures.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Viewport } from "./viewport.js" */

/** @typedef {{ point: number, x: number, y: number, half: number }} Thumbnail as drawn */
/** @typedef {"points" | "sprite" | "thumbnails"} CellMode */

const HIT_RADIUS = 13; // px around a point that count as on it
const MAX_DISCS = 6000; // points in view that are drawn round; more are drawn as squares, faster
const MIN_SIDE = 24; // px of a picture where points are dense
const MAX_SIDE = 96; // px of a picture when zoomed in
const ROUNDED_FROM = 30; // px from which pictures have round corners, which take longer to draw
const SPRITE_FROM_SIDE = 4; // px a cell must have for pictures
const MAX_SPRITE_POINTS = 30_000; // points in cells that are drawn as one picture
const THUMBNAILS_FROM_SIDE = 26; // px a cell must have for thumbnails, which are sharper
const MAX_GRID_THUMBNAILS = 900; // such thumbnails in view
const LANDMARK_SIDE = 46; // px
const LANDMARKS_UNTIL_ZOOM = 5; // zoom up to which landmarks and names of clusters are drawn
const MAX_NAME = 200; // px of a cluster's name
const CELL_MARGIN = 12; // px around the cells when all are shown
const MAX_CELL = 168; // px of a cell when all are shown: thumbnails are not larger
const BLOCK_NAME = 19; // px above a block, for its name
const MIN_BLOCK_NAME = 26; // px that a block must be wide to have a name
const NO_GROUP = 255; // the group of a point that has none
const INACTIVE = -1; // points that are not active are drawn as a group of their own

export class Renderer {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Scene} scene
   * @param {Viewport} viewport
   * @param {Pictures} pictures
   * @param {Atlas} atlas
   */
  constructor(canvas, scene, viewport, pictures, atlas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.scene = scene;
    this.viewport = viewport;
    this.pictures = pictures;
    this.atlas = atlas;
    /** @type {Thumbnail[]} in the order in which they were drawn */
    this.thumbnails = [];
    /** @type {{ canvas: HTMLCanvasElement, revision: number, index: object } | null} */
    this.sprite = null;
    /** @type {Flight | null} of the points to where they are, if they are still on their way */
    this.flight = null;
    this.frame = 0;
    this.framesDrawn = 0;
    this.theme = themeOf(canvas);
  }

  close() {
    cancelAnimationFrame(this.frame);
  }

  /** The theme may be another one now. */
  readTheme() {
    this.theme = themeOf(this.canvas);
  }

  /** In CSS pixels. */
  get size() {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  /** The size, and what floats over the sides: the style sheet around the map says how wide that is. */
  get room() {
    const style = getComputedStyle(this.canvas);
    /** @type {(side: string) => number} */
    const covered = (side) => parseFloat(style.getPropertyValue(`--covered-${side}`)) || 0;
    const { cell } = this.scene;
    return {
      ...this.size,
      top: covered("top"),
      right: covered("right"),
      bottom: covered("bottom"),
      left: covered("left"),
      ...(cell ? { margin: CELL_MARGIN, maxK: MAX_CELL / cell } : {}),
    };
  }

  /** The shape that cells are to have: their width for each unit of their height. */
  get shape() {
    return freeShape({ ...this.room, margin: CELL_MARGIN });
  }

  /** The size that was last drawn. */
  get drawnSize() {
    const { width, height } = this.canvas;
    return { width: width / this.pixelRatio, height: height / this.pixelRatio };
  }

  get pixelRatio() {
    return Math.min(window.devicePixelRatio || 1, 2);
  }

  /** Left and top of each point, in turn, where it was drawn last. */
  get drawnPlaces() {
    const { x, y, n } = this.scene.index;
    const { k, tx, ty } = this.viewport;
    const { flight } = this;
    const places = new Float32Array(2 * n);
    for (let i = 0; i < n; i++) {
      const [left, top] = [tx + k * x[i], ty - k * y[i]];
      places[2 * i] = flight ? flight.leftOf(i, left) : left;
      places[2 * i + 1] = flight ? flight.topOf(i, top) : top;
    }
    return places;
  }

  /** @param {number} point */
  onScreen(point) {
    return this.viewport.toScreen(...this.scene.positionOf(point));
  }

  /**
   * The point whose thumbnail or disc is at a place of the canvas, or -1. What was drawn last is
   * on top.
   *
   * @param {number} left
   * @param {number} top
   */
  pointAt(left, top) {
    const hit = this.thumbnails.findLast(
      ({ x, y, half }) => Math.abs(left - x) <= half && Math.abs(top - y) <= half,
    );
    if (hit) return hit.point;
    const [x, y] = this.viewport.toWorld(left, top);
    const inCell = this.scene.cell * 0.7;
    return this.scene.index.nearest(x, y, Math.max(inCell, HIT_RADIUS / this.viewport.k));
  }

  /** Draw with the browser's next frame. */
  requestDraw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    const { width, height } = this.size;
    if (!this.scene.isLoaded || !width || !this.viewport.isReady) return;
    this.#fitCanvas(width, height);
    this.context.clearRect(0, 0, width, height);
    this.thumbnails = [];
    if (!this.flight) this.#drawLinks();
    this.#drawPoints(width, height);
    // Pictures come when the points have arrived.
    if (!this.flight) this.#drawRest(width, height);
    // For tests and benchmarks: what has been drawn, and where points are.
    const { k, tx, ty } = this.viewport;
    Object.assign(this.canvas.dataset, {
      frames: ++this.framesDrawn,
      pictures: this.thumbnails.length,
      transform: [k, tx, ty].join(" "),
      layout: this.scene.shownName,
      flying: this.flight !== null,
    });
  }

  /**
   * Draw what there is besides the points.
   *
   * @param {number} width
   * @param {number} height
   */
  #drawRest(width, height) {
    const { shown } = this.scene.data;
    if (shown.pictures) this.#drawThumbnails(width, height);
    if (shown.landmarks) this.#drawLandmarks(width);
    this.#drawBlockNames(width, height);
    this.#drawFocus();
    this.#drawHovered();
    this.#drawShape();
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  #fitCanvas(width, height) {
    const ratio = this.pixelRatio;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== across) this.canvas.width = across;
    if (this.canvas.height !== down) this.canvas.height = down;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  #drawPoints(width, height) {
    const { scene, flight } = this;
    const { x, y, n } = scene.index;
    const { k, tx, ty } = this.viewport;
    const radius = flight ? flight.radiusTo(this.radius) : this.radius;
    const margin = radius + 1;
    // No points are needed below a grid of pictures.
    const isCovered = !flight && this.#cellMode(width, height) === "sprite";
    /** @type {Map<number, number[]>} left and top in turn, by group */
    const byGroup = new Map();
    let inView = 0;
    for (let i = 0; i < n; i++) {
      let left = tx + k * x[i];
      let top = ty - k * y[i];
      if (flight) [left, top] = [flight.leftOf(i, left), flight.topOf(i, top)];
      if (left < -margin || top < -margin || left > width + margin || top > height + margin) {
        continue;
      }
      inView++;
      const group = scene.isActive(i) ? scene.groups[i] : INACTIVE;
      if (isCovered && group !== INACTIVE && this.atlas.has(i)) continue;
      const places = byGroup.get(group);
      if (places) places.push(left, top);
      else byGroup.set(group, [left, top]);
    }
    /** @type {(places: number[], colour: string, alpha: number, size: number) => void} */
    const paint = (places, colour, alpha, size) => {
      this.context.globalAlpha = alpha;
      this.context.fillStyle = colour;
      if (inView > MAX_DISCS) fillSquares(this.context, places, 1.8 * size);
      else fillDiscs(this.context, places, size);
    };
    const { colours, other } = scene.data;
    // Inactive points are drawn first, below the others; then those of no group.
    paint(byGroup.get(INACTIVE) ?? [], other, 0.22, radius * 0.85);
    paint(byGroup.get(NO_GROUP) ?? [], other, 0.75, radius);
    for (const [group, places] of byGroup) {
      if (group !== INACTIVE && group !== NO_GROUP) {
        paint(places, colours[group] ?? other, 0.88, radius);
      }
    }
    this.context.globalAlpha = 1;
  }

  /** The radius of a point; in a cell it fills most of it. */
  get radius() {
    const { cell, index } = this.scene;
    const { k, zoom } = this.viewport;
    if (cell) return Math.min(40, cell * k * 0.42);
    const { width, height } = this.size;
    const spread = Math.sqrt((width * height) / Math.max(index.n, 1));
    return clamp(spread * 0.16 * zoom ** 0.45, 1.6, 8);
  }

  /**
   * How cells are drawn: as points, as one sprite of small pictures, or as thumbnails.
   *
   * @param {number} width
   * @param {number} height
   * @returns {CellMode}
   */
  #cellMode(width, height) {
    const { data, cell, index } = this.scene;
    const side = cell * this.viewport.k;
    if (!cell || !data.shown.pictures || side < SPRITE_FROM_SIDE) return "points";
    const inView = Math.min(index.n, (width * height) / side ** 2);
    if (side >= THUMBNAILS_FROM_SIDE && inView <= MAX_GRID_THUMBNAILS) return "thumbnails";
    return this.atlas.image && index.n <= MAX_SPRITE_POINTS ? "sprite" : "points";
  }

  /**
   * Draw points as pictures, as many as fit without overlap.
   *
   * @param {number} width
   * @param {number} height
   */
  #drawThumbnails(width, height) {
    const { data, index, cell, order } = this.scene;
    const { k, zoom } = this.viewport;
    /** @type {(point: number) => boolean} */
    const isActive = (point) => this.scene.isActive(point);
    /** @type {(point: number, side: number) => void} */
    const draw = (point, side) => {
      const [left, top] = this.onScreen(point);
      if (left > -side && top > -side && left < width + side && top < height + side) {
        this.#drawThumbnail(point, side);
      }
    };
    if (cell) {
      const mode = this.#cellMode(width, height);
      if (mode === "sprite") this.#drawSprite(cell * k);
      if (mode !== "thumbnails") return;
      for (const point of order.filter(isActive)) draw(point, cell * k * 0.94);
    } else {
      const largest = clamp(LANDMARK_SIDE * zoom ** 0.4, LANDMARK_SIDE, MAX_SIDE);
      const landmarksFirst = [...data.landmarks.map(({ point }) => point), ...order];
      const squares = index.squares(MIN_SIDE / k, largest / k, landmarksFirst, isActive);
      for (const { point, side } of squares) draw(point, side * k * 0.94);
    }
  }

  /**
   * Draw the cells when they are zoomed out: as one picture, built once from the tiles of the atlas.
   *
   * @param {number} side of a cell, in px
   */
  #drawSprite(side) {
    const { index, revision } = this.scene;
    if (this.sprite?.revision !== revision || this.sprite.index !== index) {
      this.sprite = { canvas: this.#builtSprite(), revision, index };
    }
    const [left, bottom, right, top] = index.bounds;
    const [x, y] = this.viewport.toScreen(left, top);
    const width = this.viewport.k * (right - left) + side;
    const height = this.viewport.k * (top - bottom) + side;
    this.context.drawImage(this.sprite.canvas, x - side / 2, y - side / 2, width, height);
  }

  #builtSprite() {
    const { cell, index } = this.scene;
    const { side } = this.atlas;
    const [left, bottom, right, top] = index.bounds;
    /** @type {(length: number) => number} */
    const pixels = (length) => Math.round((length / cell) * side);
    const sprite = document.createElement("canvas");
    sprite.width = pixels(right - left) + side;
    sprite.height = pixels(top - bottom) + side;
    const context = /** @type {CanvasRenderingContext2D} */ (sprite.getContext("2d"));
    for (let point = 0; point < index.n; point++) {
      if (!this.scene.isActive(point) || !this.atlas.has(point)) continue;
      const x = pixels(index.x[point] - left);
      const y = pixels(top - index.y[point]);
      context.fillStyle = this.scene.colourOf(point);
      context.fillRect(x + 1, y + 1, side - 2, side - 2);
      this.atlas.draw(context, point, x + 3, y + 3, side - 6);
    }
    return sprite;
  }

  /**
   * Draw a point's picture on white, framed in its colour.
   *
   * @param {number} point
   * @param {number} side
   * @param {number} border
   */
  #drawThumbnail(point, side, border = 2) {
    const { context } = this;
    const { atlas } = this;
    // A tile of the atlas is as good as a thumbnail where it is as large, and until that is loaded.
    const isTile = atlas.has(point) && side * this.pixelRatio <= 1.2 * atlas.side;
    // Nor are thumbnails asked for while it is not known which of them the atlas makes needless.
    const waits = isTile || atlas.isLoading;
    const picture = waits ? null : this.pictures.get(this.scene.thumbnailUrl(point));
    if (!picture && !atlas.has(point)) return;
    const [x, y] = this.onScreen(point);
    const half = side / 2;
    const [left, top] = [x - half, y - half];
    context.globalAlpha = this.scene.isActive(point) ? 1 : 0.3;
    context.fillStyle = "#fff";
    context.strokeStyle = this.scene.colourOf(point);
    context.lineWidth = border;
    const isRounded = side >= ROUNDED_FROM;
    if (isRounded) {
      context.beginPath();
      context.roundRect(left, top, side, side, side / 8);
      context.fill();
    } else {
      context.fillRect(left, top, side, side);
    }
    const inner = side - 2 * border;
    if (picture) context.drawImage(picture, left + border, top + border, inner, inner);
    else atlas.draw(context, point, left + border, top + border, inner);
    if (isRounded) context.stroke();
    else context.strokeRect(left, top, side, side);
    context.globalAlpha = 1;
    this.thumbnails.push({ point, x, y, half });
  }

  /**
   * Draw the most central picture of each cluster, and the cluster's name below it.
   *
   * @param {number} width
   */
  #drawLandmarks(width) {
    const { context } = this;
    const { zoom } = this.viewport;
    if (zoom > LANDMARKS_UNTIL_ZOOM) return;
    /** @type {Box[]} */
    const boxes = [];
    const drawn = new Map(this.thumbnails.map(({ point, half }) => [point, half]));
    context.font = `600 12px ${this.theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const { point, name } of this.scene.data.landmarks) {
      // Those of inactive points would hide pictures of active ones.
      if (!this.scene.isActive(point)) continue;
      const [x, y] = this.onScreen(point);
      const label = this.#fitting(name, MAX_NAME);
      const half = Math.max(drawn.get(point) ?? 0, LANDMARK_SIDE / 2);
      const labelWidth = label ? context.measureText(label).width + 8 : 0;
      const halfWidth = Math.max(half, labelWidth / 2);
      /** @type {Box} */
      const box = [x - halfWidth, y - half, x + halfWidth, y + half + 18];
      // Where two would overlap, the larger cluster's is drawn: larger clusters come first.
      if (boxes.some((other) => overlap(box, other))) continue;
      boxes.push(box);
      if ((drawn.get(point) ?? 0) < half) this.#drawThumbnail(point, LANDMARK_SIDE, 3);
      if (!label) continue;
      // At the edge a name moves inwards, so that it is not cut off.
      const isInside = x > 0 && x < width;
      const middle = isInside ? clamp(x, halfWidth, width - halfWidth) : x;
      context.fillStyle = this.theme.background;
      context.beginPath();
      context.roundRect(middle - labelWidth / 2, y + half + 1, labelWidth, 17, 5);
      context.fill();
      context.fillStyle = this.theme.text;
      context.fillText(label, middle, y + half + 3);
    }
  }

  /**
   * Draw the name of each block above it; where that is beside the canvas, at its edge.
   *
   * @param {number} width
   * @param {number} height
   */
  #drawBlockNames(width, height) {
    const { context, theme, viewport } = this;
    context.textAlign = "left";
    context.textBaseline = "middle";
    for (const { name, count, box } of this.scene.arrangement?.blocks ?? []) {
      const [left, bottom] = viewport.toScreen(box[0], box[1]);
      const [right, top] = viewport.toScreen(box[2], box[3]);
      if (left > width || right < 0 || top > height + BLOCK_NAME || bottom < BLOCK_NAME) continue;
      const x = Math.max(left, 4);
      const y = Math.max(top - BLOCK_NAME, 4);
      context.font = `600 13px ${theme.font}`;
      const room = right - x - 6;
      if (room < MIN_BLOCK_NAME) continue;
      const label = this.#fitting(name, room);
      const labelWidth = context.measureText(label).width;
      context.font = `13px ${theme.font}`;
      const number = ` ${count.toLocaleString("en")}`;
      const numberWidth = context.measureText(number).width;
      const hasNumber = label === name && labelWidth + numberWidth <= room;
      context.fillStyle = theme.background;
      context.beginPath();
      context.roundRect(x, y, labelWidth + (hasNumber ? numberWidth : 0) + 6, BLOCK_NAME - 2, 4);
      context.fill();
      context.fillStyle = theme.text;
      if (hasNumber) context.fillText(number, x + 3 + labelWidth, y + BLOCK_NAME / 2 - 1);
      context.font = `600 13px ${theme.font}`;
      context.fillText(label, x + 3, y + BLOCK_NAME / 2 - 1);
    }
  }

  /**
   * As much of a text as is no wider than `width` in the font of the context.
   *
   * @param {string} text
   * @param {number} width
   */
  #fitting(text, width) {
    return fitting(text, width, (part) => this.context.measureText(part).width);
  }

  /** Where the query or the marked point is on the canvas, if there is one. */
  get #focusOnScreen() {
    const { focus } = this.scene;
    return focus && this.viewport.toScreen(...focus);
  }

  /** Draw lines from the query or the marked point to the linked points. */
  #drawLinks() {
    const { context } = this;
    const from = this.#focusOnScreen;
    if (!from) return;
    context.strokeStyle = this.theme.accent;
    context.lineWidth = 1.5;
    context.globalAlpha = 0.75;
    context.beginPath();
    for (const point of this.scene.data.linked) {
      context.moveTo(...from);
      context.lineTo(...this.onScreen(point));
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  /** Draw the query or the marked point, and the linked points, as pictures. */
  #drawFocus() {
    const { context } = this;
    const { query, marked, linked } = this.scene.data;
    const centre = this.#focusOnScreen;
    if (!centre) return;
    for (const point of linked.toReversed()) this.#drawThumbnail(point, LANDMARK_SIDE);
    if (!query) this.#drawThumbnail(marked, LANDMARK_SIDE * 1.3, 3);
    const side = LANDMARK_SIDE * 1.3;
    const [left, top] = [centre[0] - side / 2, centre[1] - side / 2];
    context.strokeStyle = this.theme.accent;
    context.lineWidth = 4;
    context.beginPath();
    context.roundRect(left - 3, top - 3, side + 6, side + 6, 10);
    if (query) {
      context.fillStyle = "#fff";
      context.fill();
      const picture = this.pictures.get(query.src);
      if (picture) context.drawImage(picture, left, top, side, side);
    }
    context.stroke();
  }

  /** Draw a ring around the point that the pointer or the keyboard is on, and the chosen one. */
  #drawHovered() {
    const { hovered, chosen } = this.scene;
    for (const point of new Set([hovered, chosen])) {
      if (point >= 0) this.#drawRing(point);
    }
  }

  /** @param {number} point */
  #drawRing(point) {
    const { context } = this;
    const thumbnail = this.thumbnails.findLast((each) => each.point === point);
    const [x, y] = this.onScreen(point);
    const half = thumbnail ? thumbnail.half : 8;
    context.strokeStyle = this.theme.text;
    context.lineWidth = 2.5;
    context.beginPath();
    context.roundRect(x - half, y - half, 2 * half, 2 * half, thumbnail ? half / 4 : half);
    context.stroke();
  }

  /** Draw the lasso or box that is being drawn. */
  #drawShape() {
    const { context } = this;
    const { shape } = this.scene;
    if (!shape || shape.length < 2) return;
    context.setLineDash([6, 4]);
    context.lineWidth = 2;
    context.strokeStyle = this.theme.accent;
    context.beginPath();
    for (const corner of shape) context.lineTo(...corner);
    context.closePath();
    context.stroke();
    context.globalAlpha = 0.08;
    context.fillStyle = this.theme.accent;
    context.fill();
    context.globalAlpha = 1;
    context.setLineDash([]);
  }
}

/** @param {HTMLElement} element */
function themeOf(element) {
  const style = getComputedStyle(element);
  /** @type {(name: string) => string} */
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return {
    text: read("text-color"),
    background: read("secondary-background-color"),
    accent: read("primary-color"),
    font: read("font"),
  };
}

/**
 * The text, or as much of its beginning as is no wider than `width`, and an ellipsis.
 *
 * @param {string} text
 * @param {number} width
 * @param {(text: string) => number} widthOf
 */
export function fitting(text, width, widthOf) {
  if (widthOf(text) <= width) return text;
  const signs = [...text];
  let [fits, tooLong] = [0, signs.length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (widthOf(`${signs.slice(0, middle).join("")}…`) <= width) fits = middle;
    else tooLong = middle;
  }
  return `${signs.slice(0, fits).join("").trimEnd()}…`;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} places left and top in turn
 * @param {number} radius
 */
function fillDiscs(context, places, radius) {
  context.beginPath();
  for (let i = 0; i < places.length; i += 2) {
    context.moveTo(places[i] + radius, places[i + 1]);
    context.arc(places[i], places[i + 1], radius, 0, 2 * Math.PI);
  }
  context.fill();
}

/**
 * Aligned to whole pixels, 25,000 squares take 4 ms; as many discs take 60 ms.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} places left and top in turn
 * @param {number} width
 */
function fillSquares(context, places, width) {
  const side = Math.max(2, Math.round(width));
  context.beginPath();
  for (let i = 0; i < places.length; i += 2) {
    context.rect(
      Math.round(places[i] - side / 2),
      Math.round(places[i + 1] - side / 2),
      side,
      side,
    );
  }
  context.fill();
}
