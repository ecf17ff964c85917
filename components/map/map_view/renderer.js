/**
 * Draws the map, layer by layer.
 *
 * It uses a 2D canvas, not WebGL: at 1,600 points and in software, that draws 60 frames a second
 * where Plotly's WebGL scatter draws 15 (`python -m benchmarks.map`).
 */

import { cellMode, Sprite } from "./cells.js";
import { Labels } from "./labels.js";
import { Marks } from "./marks.js";
import { PointLayer, radiusOf } from "./point_layer.js";
import { Surface } from "./surface.js";
import { ThumbnailLayer } from "./thumbnail_layer.js";
import { freeShape } from "./viewport.js";

/** @import { Flight } from "./flight.js" */
/** @import { Atlas, Pictures } from "./pictures.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Size, Viewport } from "./viewport.js" */

const HIT_RADIUS = 13; // px around a point that count as on it
const CELL_MARGIN = 12; // px around the cells when all are shown
const PICTURE_MARGIN = 6; // px around the pictures of the map when all are shown
const MAX_CELL = 168; // px of a cell when all are shown: thumbnails are not larger

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
    this.scene = scene;
    this.viewport = viewport;
    this.atlas = atlas;
    this.surface = new Surface(canvas);
    this.points = new PointLayer(this.surface, scene, viewport);
    this.sprite = new Sprite(this.surface, scene, viewport, atlas);
    this.thumbnails = new ThumbnailLayer(this.surface, scene, viewport, pictures, atlas);
    this.labels = new Labels(this.surface, scene, viewport, this.thumbnails);
    this.marks = new Marks(this.surface, scene, viewport, pictures, this.thumbnails);
    /** @type {Flight | null} of the points to where they are, if they are still on their way */
    this.flight = null;
    this.frame = 0;
    this.framesDrawn = 0;
  }

  close() {
    cancelAnimationFrame(this.frame);
  }

  readTheme() {
    this.surface.readTheme();
  }

  get size() {
    return this.surface.size;
  }

  get drawnSize() {
    return this.surface.drawnSize;
  }

  /** The size, what floats over the sides, and what stays free around cells or pictures. */
  get room() {
    const { cell } = this.scene;
    const leastMargin = this.thumbnails.largestSide(this.size) / 2 + PICTURE_MARGIN;
    return {
      ...this.surface.room,
      ...(cell ? { margin: CELL_MARGIN, maxK: MAX_CELL / cell } : { leastMargin }),
    };
  }

  /** The shape that cells are to have: their width for each unit of their height. */
  get shape() {
    return freeShape({ ...this.surface.room, margin: CELL_MARGIN });
  }

  /** Left and top of each point, in turn, where it was drawn last. */
  get drawnPlaces() {
    return this.points.places(this.flight);
  }

  /** The radius of a point. */
  get radius() {
    return radiusOf(this.scene, this.viewport, this.size);
  }

  /** @param {number} point */
  onScreen(point) {
    return this.points.onScreen(point);
  }

  /**
   * The point whose thumbnail or disc is at a place of the canvas, or -1.
   *
   * @param {number} left
   * @param {number} top
   */
  pointAt(left, top) {
    const point = this.thumbnails.pointAt(left, top);
    if (point >= 0) return point;
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
    const { size } = this;
    if (!this.scene.isLoaded || !size.width || !this.viewport.isReady) return;
    this.surface.clear();
    this.thumbnails.clear();
    // Pictures come when the points have arrived.
    if (this.flight) this.points.draw(size, { flight: this.flight, isHidden: null });
    else this.#drawAll(size);
    // For tests and benchmarks: what has been drawn, and where points are.
    const { k, tx, ty } = this.viewport;
    Object.assign(this.canvas.dataset, {
      frames: ++this.framesDrawn,
      pictures: this.thumbnails.drawn.length,
      transform: [k, tx, ty].join(" "),
      layout: this.scene.shownName,
      turned: this.scene.isTurned,
      flying: this.flight !== null,
    });
  }

  /** @param {Size} size */
  #drawAll(size) {
    const { scene } = this;
    const { shown } = scene.data;
    const mode = this.#cellMode(size);
    this.marks.drawLinks();
    /** @type {(point: number) => boolean} */
    const isInSprite = (point) => this.atlas.has(point);
    // No points are needed below a grid of pictures.
    this.points.draw(size, { flight: null, isHidden: mode === "sprite" ? isInSprite : null });
    if (mode === "sprite") this.sprite.draw();
    if (mode === "thumbnails") this.thumbnails.drawCells(size);
    if (shown.pictures && !scene.cell) this.thumbnails.drawSquares(size);
    if (shown.landmarks) this.labels.drawLandmarks(size);
    this.labels.drawBlockNames(size);
    this.marks.drawFocus();
    this.marks.drawRings();
    this.marks.drawShape();
  }

  /**
   * How the cells are drawn; on the map, which has none, and without pictures, as points.
   *
   * @param {Size} size
   */
  #cellMode(size) {
    const { data, cell, index } = this.scene;
    if (!data.shown.pictures) return "points";
    return cellMode(cell * this.viewport.k, index.n, size, this.atlas.image !== null);
  }
}
