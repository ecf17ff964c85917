/**
 * Paper to draw on: pen, eraser, undo and redo, over a faded picture if there is one.
 *
 * Streamlit calls the default export again whenever the data or the theme
 * changes, on the same DOM. What must outlive a call is kept per pad.
 */

const SIDE = 448; // pixels of the drawing: twice what the network looks at
const PAUSE = 200; // ms without a stroke before the drawing is sent
const ERASER = 3; // how much wider than the pen

const pads = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".pad");
  const pad = pads.get(element) ?? new Pad(element, data.drawing);
  pads.set(element, pad);
  pad.update(data, (drawing) => setTriggerValue("drawn", drawing));

  // Streamlit may call an outdated call's clean-up after a newer call.
  const call = (pad.lastCall = Symbol());
  return () => {
    if (pad.lastCall !== call) return;
    pad.close();
    pads.delete(element);
  };
}

class Pad {
  constructor(element, drawing) {
    this.paper = element.querySelector("canvas");
    this.hint = element.querySelector(".hint");
    this.traced = element.querySelector(".traced");
    this.width = element.querySelector("input");
    this.buttons = [...element.querySelectorAll("button")];
    this.context = prepare(this.paper);
    // What is finished: only the stroke under way is drawn anew as it grows.
    this.finished = prepare(document.createElement("canvas"));

    this.steps = []; // strokes, and "clear"
    this.undone = [];
    this.stroke = null;
    this.tool = "pen";
    this.frame = 0;
    this.timer = null;

    this.paper.onpointerdown = (event) => this.begin(event);
    this.paper.onpointermove = (event) => this.go(event);
    this.paper.onpointerup = () => this.end();
    this.paper.onpointercancel = () => this.end();
    element.onkeydown = (event) => this.onKeyDown(event);
    for (const button of this.buttons) {
      button.onclick = () => this.press(button);
    }
    this.showTools();
    if (drawing) this.restore(drawing);
  }

  close() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
  }

  update(data, send) {
    this.send = send;
    this.traced.hidden = !data.traced;
    if (data.traced && this.traced.getAttribute("src") !== data.traced) {
      this.traced.src = data.traced;
    }
    this.paintSoon();
  }

  /** Bring back a drawing from before the page was left: it is the first step. */
  restore(drawing) {
    const picture = new Image();
    picture.onload = () => {
      this.steps.unshift({ picture });
      this.repaint();
    };
    picture.src = drawing;
  }

  begin(event) {
    if (event.button !== 0 || this.stroke) return;
    event.preventDefault();
    // The keys are for the paper now; a ring around it would only distract.
    this.paper.focus({ preventScroll: true, focusVisible: false });
    this.paper.setPointerCapture(event.pointerId);
    clearTimeout(this.timer);
    const erases = this.tool === "eraser";
    this.stroke = {
      erases,
      width: Number(this.width.value) * (erases ? ERASER : 1),
      points: [this.place(event)],
    };
    this.paintSoon();
  }

  go(event) {
    if (!this.stroke) return;
    // A fast pen is told in several events at once.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      this.stroke.points.push(this.place(each));
    }
    this.paintSoon();
  }

  end() {
    if (!this.stroke) return;
    const stroke = this.stroke;
    this.stroke = null;
    this.take(stroke);
  }

  place(event) {
    const box = this.paper.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * SIDE,
      y: ((event.clientY - box.top) / box.height) * SIDE,
    };
  }

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
      this.choose(key === "p" ? "pen" : "eraser");
    } else if (key === "[" || key === "]") {
      this.width.value = Number(this.width.value) + (key === "]" ? 2 : -2);
    } else {
      return;
    }
    // Streamlit has keys of its own, such as C and R.
    event.stopPropagation();
  }

  press(button) {
    const { tool, action } = button.dataset;
    if (tool) this.choose(tool);
    else if (button.getAttribute("aria-disabled") !== "true") this[action]();
  }

  choose(tool) {
    this.tool = tool;
    this.showTools();
  }

  undo() {
    if (this.steps.length === 0) return;
    this.undone.push(this.steps.pop());
    this.change();
  }

  redo() {
    if (this.undone.length === 0) return;
    this.steps.push(this.undone.pop());
    this.change();
  }

  clear() {
    this.take("clear");
  }

  take(step) {
    this.steps.push(step);
    this.undone = [];
    this.change();
  }

  change() {
    this.repaint();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), PAUSE);
  }

  /** Whether anything has been drawn since the paper was last cleared. */
  get blank() {
    return this.steps.length === 0 || this.steps.at(-1) === "clear";
  }

  repaint() {
    this.finished.clearRect(0, 0, SIDE, SIDE);
    for (const step of this.steps.slice(this.steps.lastIndexOf("clear") + 1)) {
      draw(this.finished, step);
    }
    this.showTools();
    this.paintSoon();
  }

  paintSoon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      this.context.clearRect(0, 0, SIDE, SIDE);
      this.context.drawImage(this.finished.canvas, 0, 0);
      if (this.stroke) draw(this.context, this.stroke);
      this.hint.hidden = !this.blank || this.stroke !== null || !this.traced.hidden;
    });
  }

  showTools() {
    const idle = {
      undo: this.steps.length === 0,
      redo: this.undone.length === 0,
      clear: this.blank,
    };
    for (const button of this.buttons) {
      const { tool, action } = button.dataset;
      if (tool) button.setAttribute("aria-pressed", tool === this.tool);
      else button.setAttribute("aria-disabled", idle[action]);
    }
  }

  /** Send the drawing on white, or nothing where the paper is blank. */
  tell() {
    if (this.blank) {
      this.send({ drawing: "" });
      return;
    }
    const sheet = prepare(document.createElement("canvas"));
    sheet.fillStyle = "#fff";
    sheet.fillRect(0, 0, SIDE, SIDE);
    sheet.drawImage(this.finished.canvas, 0, 0);
    this.send({ drawing: sheet.canvas.toDataURL("image/png") });
  }
}

/** Give a canvas its size, and return its context with a round black pen. */
function prepare(canvas) {
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext("2d");
  context.lineCap = context.lineJoin = "round";
  return context;
}

/** Draw a stroke through the middles between its points, which rounds its corners. */
function draw(context, { picture, points, width, erases }) {
  if (picture) {
    context.drawImage(picture, 0, 0, SIDE, SIDE);
    return;
  }
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
