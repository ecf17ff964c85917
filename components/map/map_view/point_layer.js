/** The points of the map, each a disc in the colour of its group. */

import { clamp } from "./geometry.js";
import { Layer } from "./layer.js";

/** @import { Flight } from "./flight.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Size, Viewport } from "./viewport.js" */

const MAX_DISCS = 6000; // points in view that are drawn round; more are drawn as squares, faster
const NO_GROUP = 255; // the group of a point that has none
/** The group of points that are not active. */
export const INACTIVE = -1;

/**
 * How points that are on their way to another layout are drawn, and which are not drawn.
 *
 * @typedef {object} PointOptions
 * @property {Flight | null} flight
 * @property {((point: number) => boolean) | null} isHidden
 */

export class PointLayer extends Layer {
  /**
   * @param {Size} size
   * @param {PointOptions} options
   */
  draw(size, { flight, isHidden }) {
    const { context, scene, viewport } = this;
    const ownRadius = radiusOf(scene, viewport, size);
    const radius = flight ? flight.radiusTo(ownRadius) : ownRadius;
    const { byGroup, count } = placesByGroup(scene, viewport, size, {
      flight,
      isHidden,
      margin: radius + 1,
    });
    /** @type {(places: number[], colour: string, alpha: number, discRadius: number) => void} */
    const paint = (places, colour, alpha, discRadius) => {
      context.globalAlpha = alpha;
      context.fillStyle = colour;
      if (count > MAX_DISCS) fillSquares(context, places, 1.8 * discRadius);
      else fillDiscs(context, places, discRadius);
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
    context.globalAlpha = 1;
  }

  /**
   * Left and top of each point, in turn.
   *
   * @param {Flight | null} flight
   */
  places(flight) {
    const { x, y, n } = this.scene.index;
    const { k, tx, ty } = this.viewport;
    const places = new Float32Array(2 * n);
    for (let i = 0; i < n; i++) {
      const [left, top] = [tx + k * x[i], ty - k * y[i]];
      places[2 * i] = flight ? flight.leftOf(i, left) : left;
      places[2 * i + 1] = flight ? flight.topOf(i, top) : top;
    }
    return places;
  }
}

/**
 * The radius of a point, in px: in a cell it fills most of it, and elsewhere it grows slowly.
 *
 * @param {Pick<Scene, "cell" | "index">} scene
 * @param {Pick<Viewport, "k" | "zoom">} viewport
 * @param {Size} size
 */
export function radiusOf({ cell, index }, { k, zoom }, { width, height }) {
  if (cell) return Math.min(40, cell * k * 0.42);
  const spread = Math.sqrt((width * height) / Math.max(index.n, 1));
  return clamp(spread * 0.16 * zoom ** 0.45, 1.6, 8);
}

/**
 * Where the points in view are, left and top in turn, by group; and how many are in view.
 *
 * @param {Scene} scene
 * @param {Viewport} viewport
 * @param {Size} size
 * @param {PointOptions & { margin: number }} options
 */
export function placesByGroup(scene, { k, tx, ty }, { width, height }, options) {
  const { flight, isHidden, margin } = options;
  const { x, y, n } = scene.index;
  /** @type {Map<number, number[]>} */
  const byGroup = new Map();
  let count = 0;
  for (let i = 0; i < n; i++) {
    let left = tx + k * x[i];
    let top = ty - k * y[i];
    if (flight) [left, top] = [flight.leftOf(i, left), flight.topOf(i, top)];
    if (left < -margin || top < -margin || left > width + margin || top > height + margin) {
      continue;
    }
    count++;
    const group = scene.isActive(i) ? scene.groups[i] : INACTIVE;
    if (group !== INACTIVE && isHidden?.(i)) continue;
    const places = byGroup.get(group);
    if (places) places.push(left, top);
    else byGroup.set(group, [left, top]);
  }
  return { byGroup, count };
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
