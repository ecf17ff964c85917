/** A sketch pad with pen, eraser, colours, undo and redo, over a faded picture to trace if there is one. */

import { component, copyOf, find } from "../mount.js";
import { Steps } from "./steps.js";
import { SIDE, drawStroke, placesOf } from "./strokes.js";

/** @typedef {import("./strokes.js").Place} Place */
/** @typedef {import("./strokes.js").Stroke} Stroke */

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {string} drawing the URL of what is on the pad at first, or ""
 * @property {string} traced the URL of a picture, or ""
 * @property {boolean} large whether the pad is what the page is about
 * @property {Ghost[]} ghosts
 */

/** @typedef {{ name: string, strokes: string[] }} Ghost a drawing that one click puts on the pad */
/** @typedef {{ drawing: string }} Drawing a data URL, or "" if the pad is blank */
/** @typedef {{ picture: HTMLImageElement }} Restored */

const PAUSE = 200; // ms without a stroke before the drawing is sent
const PEN = 6; // px, the width of the strokes of ghosts, as that of the pen at first
const BLACK = "#000000";
const ERASER_SCALE = 3; // how much wider than the pen the eraser is
const MOVE = 240; // ms that the pad takes to its new place

export default component(
  ".pad",
  "drawn",
  /** @type {(element: HTMLElement, data: Data) => SketchPad} */
  (element, data) => new SketchPad(element, data.drawing),
);

class SketchPad {
  /**
   * @param {HTMLElement} element
   * @param {string} drawing
   */
  constructor(element, drawing) {
    this.canvas = find(element, "canvas", HTMLCanvasElement);
    this.hint = find(element, ".hint", HTMLElement);
    this.traced = find(element, ".traced", HTMLImageElement);
    this.width = find(element, "input", HTMLInputElement);
    this.buttons = [...element.querySelectorAll("button")];
    this.colours = this.buttons.flatMap(({ dataset }) => dataset.colour ?? []);
    this.element = element;
    this.ghosts = find(element, ".ghosts", HTMLElement);
    this.ghostTemplate = find(element, "template", HTMLTemplateElement);
    this.isLarge = false;
    /** @type {HTMLElement | null} what the page's style sheet sees of the pad */
    this.host = null;
    this.context = prepare(this.canvas);
    // The finished strokes: only the current one is drawn again as it grows.
    this.finished = prepare(document.createElement("canvas"));

    /** @type {Steps<Stroke | Restored>} */
    this.steps = new Steps();
    /** @type {Stroke | null} that is being drawn */
    this.stroke = null;
    this.tool = "pen";
    this.colour = BLACK;
    this.frame = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {(drawing: Drawing) => void} */
    this.send = () => {};

    this.canvas.onpointerdown = (event) => this.onPointerDown(event);
    this.canvas.onpointermove = (event) => this.onPointerMove(event);
    this.canvas.onpointerup = () => this.onPointerUp();
    this.canvas.onpointercancel = () => this.onPointerUp();
    element.onkeydown = (event) => this.onKeyDown(event);
    for (const button of this.buttons) {
      button.onclick = () => this.onButton(button);
    }
    this.showTools();
    if (drawing) this.restore(drawing);
  }

  close() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    // Streamlit may show another widget in the same element.
    delete this.host?.dataset.large;
  }

  /**
   * @param {Data} data
   * @param {(drawing: Drawing) => void} send
   */
  update(data, send) {
    this.send = send;
    this.traced.hidden = !data.traced;
    if (data.traced && this.traced.getAttribute("src") !== data.traced) {
      this.traced.src = data.traced;
    }
    this.offerGhosts(data.ghosts);
    this.isLarge = data.large;
    this.showSize();
    this.requestPaint();
  }

  /** @param {Ghost[]} ghosts */
  offerGhosts(ghosts) {
    if (this.ghosts.querySelector("button")) return;
    for (const { name, strokes } of ghosts) {
      const button = copyOf(this.ghostTemplate);
      button.title = button.ariaLabel = `Draw ${name}`;
      const lines = strokes.map((points) => {
        const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
        line.setAttribute("points", points);
        return line;
      });
      find(button, "svg", SVGSVGElement).replaceChildren(...lines);
      button.onclick = () => this.drawGhost(strokes);
      this.ghosts.append(button);
    }
  }

  /** @param {string[]} strokes */
  drawGhost(strokes) {
    // The button is gone with the next answer: the focus stays on the pad.
    this.canvas.focus({ preventScroll: true, focusVisible: false });
    for (const points of strokes) {
      this.steps.add({ points: placesOf(points), width: PEN, colour: BLACK, erases: false });
    }
    this.repaint();
    this.sendDrawing();
  }

  /**
   * Tell the page's style sheet how large the pad is: it gives it its place. Not under the pen: what
   * is being drawn is finished first.
   */
  showSize() {
    const root = /** @type {ShadowRoot} */ (this.element.getRootNode());
    const host = (this.host = /** @type {HTMLElement} */ (root.host));
    const size = String(this.isLarge);
    if (this.stroke || host.dataset.large === size) return;
    const isShown = host.dataset.large !== undefined;
    const before = this.canvas.getBoundingClientRect();
    host.dataset.large = size;
    this.ghosts.hidden = !this.isLarge;
    const after = this.canvas.getBoundingClientRect();
    if (!isShown || !after.width || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const [x, y] = [before.left - after.left, before.top - after.top];
    const transform = `translate(${x}px, ${y}px) scale(${before.width / after.width})`;
    this.element.style.transformOrigin = "0 0";
    this.element.animate([{ transform }, {}], { duration: MOVE, easing: "ease-out" });
  }

  /**
   * Restore a drawing from before the page was left; it becomes the first step.
   *
   * @param {string} drawing
   */
  restore(drawing) {
    const picture = new Image();
    picture.onload = () => {
      this.steps.addFirst({ picture });
      this.repaint();
    };
    picture.src = drawing;
  }

  /** @param {PointerEvent} event */
  onPointerDown(event) {
    if (event.button !== 0 || this.stroke) return;
    event.preventDefault();
    // From now on the keys are for the pad; a focus ring around it would only distract.
    this.canvas.focus({ preventScroll: true, focusVisible: false });
    this.canvas.setPointerCapture(event.pointerId);
    clearTimeout(this.timer);
    const erases = this.tool === "eraser";
    this.stroke = {
      erases,
      colour: this.colour,
      width: Number(this.width.value) * (erases ? ERASER_SCALE : 1),
      points: [this.placeOf(event)],
    };
    this.requestPaint();
  }

  /** @param {PointerEvent} event */
  onPointerMove(event) {
    if (!this.stroke) return;
    // The browser combines the events of a fast pen.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      this.stroke.points.push(this.placeOf(each));
    }
    this.requestPaint();
  }

  onPointerUp() {
    if (!this.stroke) return;
    const stroke = this.stroke;
    this.stroke = null;
    this.addStep(stroke);
    this.showSize();
  }

  /**
   * @param {PointerEvent} event
   * @returns {Place}
   */
  placeOf(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * SIDE,
      y: ((event.clientY - box.top) / box.height) * SIDE,
    };
  }

  /** @param {KeyboardEvent} event */
  onKeyDown(event) {
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) this.redo();
      else this.undo();
      return;
    }
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (key === "p" || key === "e") {
      this.selectTool(key === "p" ? "pen" : "eraser");
    } else if (this.colours[Number(key) - 1]) {
      this.selectColour(this.colours[Number(key) - 1]);
    } else if (key === "[" || key === "]") {
      this.width.value = String(Number(this.width.value) + (key === "]" ? 2 : -2));
    } else {
      return;
    }
    // Streamlit has keys of its own, such as C and R.
    event.stopPropagation();
  }

  /** @param {HTMLButtonElement} button */
  onButton(button) {
    const { tool, action, colour } = button.dataset;
    if (tool) this.selectTool(tool);
    else if (colour) this.selectColour(colour);
    else if (button.getAttribute("aria-disabled") === "true") return;
    else if (action === "undo") this.undo();
    else if (action === "redo") this.redo();
    else this.addStep("clear");
  }

  /** @param {string} tool */
  selectTool(tool) {
    this.tool = tool;
    this.showTools();
  }

  /** @param {string} colour */
  selectColour(colour) {
    this.colour = colour;
    this.selectTool("pen");
  }

  undo() {
    if (this.steps.undo()) this.onChange();
  }

  redo() {
    if (this.steps.redo()) this.onChange();
  }

  /** @param {Stroke | "clear"} step */
  addStep(step) {
    this.steps.add(step);
    this.onChange();
  }

  onChange() {
    this.repaint();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sendDrawing(), PAUSE);
  }

  repaint() {
    this.finished.clearRect(0, 0, SIDE, SIDE);
    for (const step of this.steps.shown) draw(this.finished, step);
    this.showTools();
    this.requestPaint();
  }

  requestPaint() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      this.context.clearRect(0, 0, SIDE, SIDE);
      this.context.drawImage(this.finished.canvas, 0, 0);
      if (this.stroke) draw(this.context, this.stroke);
      this.hint.hidden = !this.steps.isBlank || this.stroke !== null || !this.traced.hidden;
    });
  }

  showTools() {
    /** @type {Record<string, boolean>} */
    const isDisabled = {
      undo: !this.steps.canUndo,
      redo: !this.steps.canRedo,
      clear: this.steps.isBlank,
    };
    for (const button of this.buttons) {
      const { tool, action, colour } = button.dataset;
      if (tool) button.ariaPressed = String(tool === this.tool);
      else if (colour) button.ariaPressed = String(colour === this.colour);
      else if (action) button.setAttribute("aria-disabled", String(isDisabled[action]));
    }
  }

  /** Send the drawing on white, or an empty text if the pad is blank. */
  sendDrawing() {
    if (this.steps.isBlank) {
      this.send({ drawing: "" });
      return;
    }
    const opaque = prepare(document.createElement("canvas"));
    opaque.fillStyle = "#fff";
    opaque.fillRect(0, 0, SIDE, SIDE);
    opaque.drawImage(this.finished.canvas, 0, 0);
    this.send({ drawing: opaque.canvas.toDataURL("image/png") });
  }
}

/**
 * Give a canvas its size, and return its context with a round black pen.
 *
 * @param {HTMLCanvasElement} canvas
 */
function prepare(canvas) {
  canvas.width = canvas.height = SIDE;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.lineCap = context.lineJoin = "round";
  return context;
}

/**
 * Draw a picture, or a stroke.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke | Restored} step
 */
function draw(context, step) {
  if ("picture" in step) context.drawImage(step.picture, 0, 0, SIDE, SIDE);
  else drawStroke(context, step);
}
