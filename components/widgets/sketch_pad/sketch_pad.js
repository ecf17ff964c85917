/** A sketch pad with pen, eraser, undo and redo, over a faded picture to trace if there is one. */

import { component, find } from "../mount.js";

/** @typedef {{ drawing: string, traced: string }} Data two URLs of pictures, or "" */
/** @typedef {{ drawing: string }} Drawing a data URL, or "" if the pad is blank */
/** @typedef {{ x: number, y: number }} Place in pixels of the drawing */
/** @typedef {{ points: Place[], width: number, erases: boolean }} Stroke */
/** @typedef {{ picture: HTMLImageElement }} Restored */
/** @typedef {Stroke | Restored | "clear"} Step */

const SIDE = 448; // px, of the drawing: twice the side of the network's input
const PAUSE = 200; // ms without a stroke before the drawing is sent
const ERASER_SCALE = 3; // how much wider than the pen the eraser is

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
    this.context = prepare(this.canvas);
    // The finished strokes: only the current one is drawn again as it grows.
    this.finished = prepare(document.createElement("canvas"));

    /** @type {Step[]} */
    this.steps = [];
    /** @type {Step[]} */
    this.undone = [];
    /** @type {Stroke | null} that is being drawn */
    this.stroke = null;
    this.tool = "pen";
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
    this.requestPaint();
  }

  /**
   * Restore a drawing from before the page was left; it becomes the first step.
   *
   * @param {string} drawing
   */
  restore(drawing) {
    const picture = new Image();
    picture.onload = () => {
      this.steps.unshift({ picture });
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
    const { tool, action } = button.dataset;
    if (tool) this.selectTool(tool);
    else if (button.getAttribute("aria-disabled") === "true") return;
    else if (action === "undo") this.undo();
    else if (action === "redo") this.redo();
    else this.clear();
  }

  /** @param {string} tool */
  selectTool(tool) {
    this.tool = tool;
    this.showTools();
  }

  undo() {
    const step = this.steps.pop();
    if (!step) return;
    this.undone.push(step);
    this.onChange();
  }

  redo() {
    const step = this.undone.pop();
    if (!step) return;
    this.steps.push(step);
    this.onChange();
  }

  clear() {
    this.addStep("clear");
  }

  /** @param {Step} step */
  addStep(step) {
    this.steps.push(step);
    this.undone = [];
    this.onChange();
  }

  onChange() {
    this.repaint();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sendDrawing(), PAUSE);
  }

  /** Whether nothing has been drawn since the pad was last cleared. */
  get isBlank() {
    return this.steps.length === 0 || this.steps.at(-1) === "clear";
  }

  repaint() {
    this.finished.clearRect(0, 0, SIDE, SIDE);
    for (const step of this.steps.slice(this.steps.lastIndexOf("clear") + 1)) {
      if (step !== "clear") draw(this.finished, step);
    }
    this.showTools();
    this.requestPaint();
  }

  requestPaint() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      this.context.clearRect(0, 0, SIDE, SIDE);
      this.context.drawImage(this.finished.canvas, 0, 0);
      if (this.stroke) draw(this.context, this.stroke);
      this.hint.hidden = !this.isBlank || this.stroke !== null || !this.traced.hidden;
    });
  }

  showTools() {
    /** @type {Record<string, boolean>} */
    const isDisabled = {
      undo: this.steps.length === 0,
      redo: this.undone.length === 0,
      clear: this.isBlank,
    };
    for (const button of this.buttons) {
      const { tool, action } = button.dataset;
      if (tool) button.setAttribute("aria-pressed", String(tool === this.tool));
      else if (action) button.setAttribute("aria-disabled", String(isDisabled[action]));
    }
  }

  /** Send the drawing on white, or an empty text if the pad is blank. */
  sendDrawing() {
    if (this.isBlank) {
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
 * Draw a picture, or a stroke. A stroke goes through the midpoints between its points, which rounds
 * its corners.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke | Restored} step
 */
function draw(context, step) {
  if ("picture" in step) {
    context.drawImage(step.picture, 0, 0, SIDE, SIDE);
    return;
  }
  const { points, width, erases } = step;
  const [first, ...rest] = points;
  context.globalCompositeOperation = erases ? "destination-out" : "source-over";
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(first.x, first.y);
  rest.forEach((point, number) => {
    const next = rest[number + 1] ?? point;
    context.quadraticCurveTo(point.x, point.y, (point.x + next.x) / 2, (point.y + next.y) / 2);
  });
  // A tap leaves a dot.
  if (rest.length === 0) context.lineTo(first.x, first.y);
  context.stroke();
  context.globalCompositeOperation = "source-over";
}
