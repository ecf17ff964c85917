/** The pointer, the wheel, the keyboard and the tool buttons of the map. */

import { corners, distance } from "./geometry.js";

/** @import { Point } from "./geometry.js" */
/** @import { Renderer } from "./renderer.js" */
/** @import { Scene } from "./scene.js" */
/** @import { Viewport } from "./viewport.js" */

/**
 * What a person can do with the map. Points are numbers; -1 is none.
 *
 * @typedef {object} Actions
 * @property {(point: number, event?: PointerEvent) => void} hover
 * @property {(point: number) => void} announce show a point's card, and name it to screen readers
 * @property {(point: number, isElsewhere: boolean) => void} open in this tab or in a new one
 * @property {(point: number) => void} choose show a point's card, or open it if it is shown
 * @property {() => void} closeCard
 * @property {(polygon: Point[]) => void} select the points in a polygon of the canvas
 * @property {() => void} clearSelection
 * @property {() => void} focusFinder
 * @property {() => void} showAll
 * @property {() => void} startTour
 * @property {() => void} stopAnimation
 * @property {() => void} viewChanged
 */

const DRAG_THRESHOLD = 4; // px that a pointer moves before it drags
const ZOOM_STEP = 1.6; // of the buttons and keys
const EDGE = 40; // px: the keyboard pans the map when a point is this close to the edge
/** Tools that stay selected until another is. */
const MODES = ["pan", "lasso", "box"];

/** @type {Record<string, [number, number] | undefined>} */
const ARROWS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** @type {Record<string, string | undefined>} */
const KEYS = {
  "+": "in",
  "=": "in",
  "-": "out",
  0: "fit",
  m: "pan",
  l: "lasso",
  b: "box",
  t: "tour",
};

export class Interaction {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLButtonElement[]} buttons of the tools, named after them
   * @param {Scene} scene
   * @param {Viewport} viewport
   * @param {Renderer} renderer
   * @param {Actions} actions
   * @param {AbortSignal} signal removes the listeners
   */
  constructor(canvas, buttons, scene, viewport, renderer, actions, signal) {
    this.canvas = canvas;
    this.buttons = buttons;
    this.scene = scene;
    this.viewport = viewport;
    this.renderer = renderer;
    this.actions = actions;
    this.tool = "pan";
    /** @type {Map<number, Point>} where each pointer that is down was last */
    this.pointers = new Map();
    this.hasMoved = false;

    const options = { signal };
    for (const button of buttons) {
      button.addEventListener("click", () => this.selectTool(button.name), options);
    }
    canvas.addEventListener("pointerdown", (event) => this.#onPointerDown(event), options);
    canvas.addEventListener("pointermove", (event) => this.#onPointerMove(event), options);
    canvas.addEventListener("pointerup", (event) => this.#onPointerUp(event), options);
    canvas.addEventListener("pointercancel", (event) => this.#onPointerUp(event), options);
    canvas.addEventListener("pointerleave", () => actions.hover(-1), options);
    canvas.addEventListener("touchend", (event) => this.#onTouchEnd(event), { signal });
    canvas.addEventListener("auxclick", (event) => this.#onAuxClick(event), options);
    // With the middle button, the browser would begin to scroll the page.
    canvas.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault(), {
      signal,
    });
    canvas.addEventListener("wheel", (event) => this.#onWheel(event), { signal, passive: false });
    canvas.addEventListener("keydown", (event) => this.#onKeyDown(event), options);
    canvas.addEventListener("blur", () => actions.hover(-1), options);
    this.selectTool("pan");
  }

  /** @param {string} tool */
  selectTool(tool) {
    const { width, height } = this.renderer.size;
    if (tool === "in") return this.#zoomBy(ZOOM_STEP, width / 2, height / 2);
    if (tool === "out") return this.#zoomBy(1 / ZOOM_STEP, width / 2, height / 2);
    if (tool === "fit") return this.actions.showAll();
    if (tool === "tour") return this.actions.startTour();
    this.tool = tool;
    this.canvas.dataset.tool = tool;
    for (const button of this.buttons) {
      if (MODES.includes(button.name)) {
        button.setAttribute("aria-pressed", String(button.name === tool));
      }
    }
  }

  /**
   * @param {number} factor
   * @param {number} left
   * @param {number} top
   */
  #zoomBy(factor, left, top) {
    if (!this.scene.isLoaded) return;
    this.viewport.zoomBy(factor, left, top);
    this.actions.hover(-1);
    this.actions.viewChanged();
    this.renderer.requestDraw();
  }

  /** @param {PointerEvent} event */
  #onPointerDown(event) {
    if (!this.scene.isLoaded || event.button > 0) return;
    this.actions.stopAnimation();
    this.canvas.setPointerCapture(event.pointerId);
    /** @type {Point} */
    const at = [event.offsetX, event.offsetY];
    this.pointers.set(event.pointerId, at);
    const isFirst = this.pointers.size === 1;
    this.hasMoved = !isFirst;
    this.scene.shape = isFirst && (this.tool !== "pan" || event.shiftKey) ? [at] : null;
  }

  /** @param {PointerEvent} event */
  #onPointerMove(event) {
    if (!this.scene.isLoaded) return;
    /** @type {Point} */
    const at = [event.offsetX, event.offsetY];
    const from = this.pointers.get(event.pointerId);
    if (!from) {
      this.actions.hover(this.renderer.pointAt(...at), event);
      return;
    }
    if (!this.hasMoved && distance(at, from) < DRAG_THRESHOLD) return;
    this.hasMoved = true;
    this.actions.hover(-1);
    const { shape } = this.scene;
    if (shape) {
      this.scene.shape = this.tool === "box" ? corners(shape[0], at) : [...shape, at];
    } else {
      this.#moveView(event.pointerId, from, at);
      this.actions.viewChanged();
    }
    this.pointers.set(event.pointerId, at);
    this.renderer.requestDraw();
  }

  /**
   * Drag the map with one pointer, or pinch it with two.
   *
   * @param {number} id of the pointer that moves
   * @param {Point} from
   * @param {Point} to
   */
  #moveView(id, from, to) {
    const fixed = [...this.pointers].find(([other]) => other !== id)?.[1];
    if (!fixed) {
      this.viewport.panBy(to[0] - from[0], to[1] - from[1]);
      this.canvas.dataset.dragging = "true";
      return;
    }
    const factor = distance(to, fixed) / Math.max(1, distance(from, fixed));
    const [left, top] = [(from[0] + fixed[0]) / 2, (from[1] + fixed[1]) / 2];
    this.viewport.zoomBy(factor, left, top);
    this.viewport.panBy((to[0] - from[0]) / 2, (to[1] - from[1]) / 2);
  }

  /** @param {PointerEvent} event */
  #onPointerUp(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    delete this.canvas.dataset.dragging;
    if (this.pointers.size) return;
    const { shape } = this.scene;
    if (shape && this.hasMoved) this.actions.select(shape);
    else if (!this.hasMoved && event.type === "pointerup") {
      this.#tap(this.renderer.pointAt(event.offsetX, event.offsetY), event);
    }
    if (!this.hasMoved) this.scene.shape = null;
    this.renderer.requestDraw();
  }

  /**
   * Keep the browser from a click: it would be on what a tap has brought there, such as a button of
   * the card.
   *
   * @param {TouchEvent} event
   */
  #onTouchEnd(event) {
    event.preventDefault();
    this.canvas.focus({ preventScroll: true, focusVisible: false });
  }

  /**
   * @param {number} point
   * @param {PointerEvent} event
   */
  #tap(point, event) {
    const { chosen, selected } = this.scene;
    this.actions.hover(-1);
    if (point >= 0) {
      this.#press(point, event);
    } else if (chosen >= 0) {
      this.actions.closeCard();
    } else if (selected) {
      this.actions.clearSelection();
    }
  }

  /**
   * @param {number} point
   * @param {PointerEvent | KeyboardEvent} event
   */
  #press(point, event) {
    if (event.ctrlKey || event.metaKey) this.actions.open(point, true);
    else this.actions.choose(point);
  }

  /**
   * Open a point in a new tab with the middle button, as a link.
   *
   * @param {MouseEvent} event
   */
  #onAuxClick(event) {
    if (!this.scene.isLoaded || event.button !== 1) return;
    const point = this.renderer.pointAt(event.offsetX, event.offsetY);
    if (point >= 0) this.actions.open(point, true);
  }

  /** @param {WheelEvent} event */
  #onWheel(event) {
    if (!this.scene.isLoaded) return;
    event.preventDefault();
    // Browsers report a pinch on a touchpad as small turns of the wheel with Ctrl.
    const speed = event.ctrlKey ? 0.01 : 0.0018;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    this.#zoomBy(Math.exp(-event.deltaY * lines * speed), event.offsetX, event.offsetY);
  }

  /** @param {KeyboardEvent} event */
  #onKeyDown(event) {
    const { hovered, chosen } = this.scene;
    if (!this.scene.isLoaded || event.altKey) return;
    const point = hovered >= 0 ? hovered : chosen;
    if (event.key === "Enter" && point >= 0) {
      event.preventDefault();
      this.#press(point, event);
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const arrow = ARROWS[key];
    const tool = KEYS[key];
    if (arrow) this.#step(...arrow);
    else if (tool) this.selectTool(tool);
    else if (key === "/") this.actions.focusFinder();
    else if (key === "Escape" && this.scene.chosen >= 0) this.actions.closeCard();
    else if (key === "Escape" && this.scene.selected) this.actions.clearSelection();
    else return;
    event.preventDefault();
  }

  /**
   * Go to the next point in a direction; the first step goes to the point in the middle.
   *
   * @param {number} right
   * @param {number} up
   */
  #step(right, up) {
    const next = this.#nextPoint(right, up);
    if (next < 0) return;
    const { width, height } = this.renderer.size;
    const [left, top] = this.renderer.onScreen(next);
    if (left < EDGE || top < EDGE || left > width - EDGE || top > height - EDGE) {
      this.viewport.panBy(width / 2 - left, height / 2 - top);
      this.actions.viewChanged();
    }
    this.actions.hover(next);
    this.actions.announce(next);
  }

  /**
   * @param {number} right
   * @param {number} up
   */
  #nextPoint(right, up) {
    const { hovered, index, data } = this.scene;
    if (hovered >= 0) return index.nextInDirection(hovered, right, up);
    if (data.marked >= 0) return data.marked;
    const { width, height } = this.renderer.size;
    return index.nearest(...this.viewport.toWorld(width / 2, height / 2), Infinity);
  }
}
