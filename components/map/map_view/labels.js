/** The names on the map: of clusters, below their landmarks, and of categories, above their blocks. */

import { clamp, overlap } from "./geometry.js";
import { LANDMARK_SIDE, Layer } from "./layer.js";

/** @import { Box } from "./geometry.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Surface } from "./surface.js" */
/** @import { ThumbnailLayer } from "./thumbnail_layer.js" */
/** @import { Size, Viewport } from "./viewport.js" */

/**
 * A landmark on the canvas: the middle of its picture and half of its side, and its name.
 *
 * @typedef {{ x: number, y: number, half: number, name: string }} PlacedLandmark
 */

/** @typedef {{ text: string, left: number, top: number, width: number }} Label */

/** @typedef {Label & { number: string, numberLeft: number }} BlockLabel `number` "" has no place */

const LANDMARKS_UNTIL_ZOOM = 5; // zoom up to which landmarks and names of clusters are drawn
const MAX_NAME = 200; // px of a cluster's name
const NAME = 17; // px that the name of a cluster is high
const BLOCK_NAME = 19; // px above a block, for its name
const MIN_BLOCK_NAME = 26; // px that a block must be wide to have a name
const EDGE = 4; // px between the edge of the canvas and the name of a block that begins beside it

export class Labels extends Layer {
  /**
   * @param {Surface} surface
   * @param {Scene} scene
   * @param {Viewport} viewport
   * @param {ThumbnailLayer} thumbnails
   */
  constructor(surface, scene, viewport, thumbnails) {
    super(surface, scene, viewport);
    this.thumbnails = thumbnails;
  }

  /**
   * Draw the most central picture of each cluster, and the cluster's name below it.
   *
   * @param {Size} size
   */
  drawLandmarks({ width }) {
    const { context, surface, thumbnails } = this;
    if (this.viewport.zoom > LANDMARKS_UNTIL_ZOOM) return;
    const drawn = new Map(thumbnails.drawn.map(({ point, half }) => [point, half]));
    // Those of inactive points would hide pictures of active ones.
    const landmarks = this.scene.data.landmarks.filter(({ point }) => this.scene.isActive(point));
    const placed = landmarks.map(({ point, name }) => {
      const [x, y] = this.onScreen(point);
      return { x, y, half: Math.max(drawn.get(point) ?? 0, LANDMARK_SIDE / 2), name };
    });
    context.font = `600 12px ${surface.theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "top";
    const labels = landmarkLabels(placed, width, (text) => context.measureText(text).width);
    for (const [number, label] of labels.entries()) {
      if (!label) continue;
      const { point } = landmarks[number];
      if ((drawn.get(point) ?? 0) < placed[number].half) thumbnails.draw(point, LANDMARK_SIDE, 3);
      if (!label.text) continue;
      this.#drawGround(label.left, label.top, label.width, NAME, 5);
      context.fillText(label.text, label.left + label.width / 2, label.top + 2);
    }
  }

  /**
   * Draw the name of each block above it; where that is beside the canvas, at its edge.
   *
   * @param {Size} size
   */
  drawBlockNames(size) {
    const { context, viewport } = this;
    const { font } = this.surface.theme;
    const [bold, plain] = [`600 13px ${font}`, `13px ${font}`];
    /** @type {(text: string, isBold: boolean) => number} */
    const widthOf = (text, isBold) => {
      context.font = isBold ? bold : plain;
      return context.measureText(text).width;
    };
    context.textAlign = "left";
    context.textBaseline = "middle";
    for (const { name, count, box } of this.scene.arrangement?.blocks ?? []) {
      const [left, bottom] = viewport.toScreen(box[0], box[1]);
      const [right, top] = viewport.toScreen(box[2], box[3]);
      const label = blockLabel(name, count, [left, top, right, bottom], size, widthOf);
      if (!label) continue;
      this.#drawGround(label.left, label.top, label.width, BLOCK_NAME - 2, 4);
      const middle = label.top + BLOCK_NAME / 2 - 1;
      context.font = plain;
      if (label.number) context.fillText(label.number, label.numberLeft, middle);
      context.font = bold;
      context.fillText(label.text, label.left + 3, middle);
    }
  }

  /**
   * Draw what a name is written on.
   *
   * @param {number} left
   * @param {number} top
   * @param {number} width
   * @param {number} height
   * @param {number} radius
   */
  #drawGround(left, top, width, height, radius) {
    const { context } = this;
    const { background, text } = this.surface.theme;
    context.fillStyle = background;
    context.beginPath();
    context.roundRect(left, top, width, height, radius);
    context.fill();
    context.fillStyle = text;
  }
}

/**
 * The names of landmarks; null for a landmark that is not drawn. Where two would overlap, the larger
 * cluster's is drawn: larger clusters come first.
 *
 * @param {PlacedLandmark[]} landmarks
 * @param {number} width of the canvas
 * @param {(text: string) => number} widthOf
 * @returns {(Label | null)[]}
 */
export function landmarkLabels(landmarks, width, widthOf) {
  /** @type {Box[]} */
  const boxes = [];
  return landmarks.map(({ x, y, half, name }) => {
    const text = fitting(name, MAX_NAME, widthOf);
    const labelWidth = text ? widthOf(text) + 8 : 0;
    const halfWidth = Math.max(half, labelWidth / 2);
    /** @type {Box} */
    const box = [x - halfWidth, y - half, x + halfWidth, y + half + NAME + 1];
    if (boxes.some((other) => overlap(box, other))) return null;
    boxes.push(box);
    // At the edge a name moves inwards, so that it is not cut off.
    const isInside = x > 0 && x < width;
    const middle = isInside ? clamp(x, halfWidth, width - halfWidth) : x;
    return { text, left: middle - labelWidth / 2, top: y + half + 1, width: labelWidth };
  });
}

/**
 * The name of a block, and how many points it has, if there is room for that too; null for a block
 * that is not in view, or too narrow for a name.
 *
 * @param {string} name
 * @param {number} count
 * @param {Box} box of the block on the canvas
 * @param {Size} size
 * @param {(text: string, isBold: boolean) => number} widthOf
 * @returns {BlockLabel | null}
 */
export function blockLabel(name, count, [left, top, right, bottom], { width, height }, widthOf) {
  if (left > width || right < 0 || top > height + BLOCK_NAME || bottom < BLOCK_NAME) return null;
  const x = Math.max(left, EDGE);
  const room = right - x - 6;
  if (room < MIN_BLOCK_NAME) return null;
  const text = fitting(name, room, (part) => widthOf(part, true));
  const textWidth = widthOf(text, true);
  const number = ` ${count.toLocaleString("en")}`;
  const numberWidth = widthOf(number, false);
  const hasNumber = text === name && textWidth + numberWidth <= room;
  return {
    text,
    left: x,
    top: Math.max(top - BLOCK_NAME, EDGE),
    width: textWidth + (hasNumber ? numberWidth : 0) + 6,
    number: hasNumber ? number : "",
    numberLeft: x + 3 + textWidth,
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
