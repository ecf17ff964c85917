/**
 * The map: a canvas of points that turn into pictures, to move about in, pick from and
 * draw a lasso on.
 *
 * Streamlit calls the default export again whenever the data or the theme changes, on the
 * same DOM. What must outlive a call is kept per canvas. Moving about asks Python for
 * nothing: it is told of what was opened or selected, and then of the view as well.
 *
 * Drawn with a 2D canvas and not with WebGL: at 1,600 points and in software, that draws 60
 * frames a second where Plotly's WebGL scatter draws 15 (`python -m benchmarks.map`).
 */

const DWELL = 100; // ms on a point before its card shows
const REACH = 13; // px from a point that count as on it
const MARGIN = 48; // px around the points when all are seen: landmarks and their names need them
const GAP = 16; // px between the pointer and the card
const CLOSEST = 400; // times that the map can be enlarged
const DISCS = 6000; // points in view that are drawn round; more are drawn as squares, faster
const FEW = 200; // a map of no more points shows pictures from the start
const PICTURES_FROM = 1.5; // enlargement from which points turn into pictures
const WALL_FROM = 10; // px a cell of the grid must have for pictures
const WALL_MOST = 5000; // points of a grid that is drawn as one picture
const LOADED_FROM = 26; // px a picture of the grid must have to be drawn on its own, and sharper
const LOADED_MOST = 900; // such pictures in view
const LANDMARK = 46; // px
const LABELS_UNTIL = 5; // enlargement up to which landmarks and names of clusters are drawn
const KEPT = 1500; // pictures kept in memory: 1,500 of 160 x 160 pixels are 150 MB decoded
const CORNERS = 48; // corners of a lasso, at most
const PRECISION = 10_000; // a place is told in steps of 1 / 10,000
const GLIDE = 260; // ms that a change of view takes
const NONE = 255; // the group of a point that has none

const maps = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const canvas = parentElement.querySelector("canvas");
  const map = maps.get(canvas) ?? new MapView(parentElement, canvas);
  maps.set(canvas, map);
  map.update(data, (event) => setTriggerValue("pressed", event));

  // Streamlit may call an outdated call's clean-up after a newer call.
  const call = (map.lastCall = Symbol());
  return () => {
    if (map.lastCall !== call) return;
    map.close();
    maps.delete(canvas);
  };
}

/** Which part of the map is seen: a place (x, y) is drawn at (tx + k x, ty - k y). */
class Camera {
  constructor() {
    this.k = 0;
  }

  get ready() {
    return this.k > 0;
  }

  across(x) {
    return this.tx + this.k * x;
  }

  down(y) {
    return this.ty - this.k * y;
  }

  place(left, top) {
    return [(left - this.tx) / this.k, (this.ty - top) / this.k];
  }

  /** How many times larger than when all is seen. */
  get zoom() {
    return this.k / this.whole.k;
  }

  get now() {
    return { k: this.k, tx: this.tx, ty: this.ty };
  }

  set({ k, tx, ty }) {
    Object.assign(this, { k, tx, ty });
  }

  /** The view in which a box of the map, [left, bottom, right, top], fills the window. */
  over([left, bottom, right, top], { width, height }) {
    const room = Math.min(MARGIN, width / 6, height / 6);
    const k = Math.min(
      (width - 2 * room) / Math.max(right - left, 1e-6),
      (height - 2 * room) / Math.max(top - bottom, 1e-6),
    );
    const most = this.whole ? this.whole.k * CLOSEST : k;
    return around((left + right) / 2, (bottom + top) / 2, Math.min(k, most), { width, height });
  }

  zoomBy(factor, left, top) {
    const k = clamp(this.k * factor, this.whole.k * 0.6, this.whole.k * CLOSEST);
    const by = k / this.k;
    this.set({ k, tx: left - (left - this.tx) * by, ty: top - (top - this.ty) * by });
  }

  moveBy(right, down) {
    this.tx += right;
    this.ty += down;
  }
}

/** Where the points lie, in one layout, and which of them are near a place. */
class Layout {
  constructor(places) {
    this.n = places.length / 2;
    this.x = new Float32Array(this.n);
    this.y = new Float32Array(this.n);
    let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < this.n; i++) {
      const x = (this.x[i] = places[2 * i]);
      const y = (this.y[i] = places[2 * i + 1]);
      left = Math.min(left, x);
      right = Math.max(right, x);
      bottom = Math.min(bottom, y);
      top = Math.max(top, y);
    }
    this.box = this.n ? [left, bottom, right, top] : [-1, -1, 1, 1];
    this.side = Math.max(right - left, top - bottom, 1e-6);
    this.cells = new Map();
    this.cell = this.side / Math.max(8, Math.sqrt(this.n));
    for (let i = 0; i < this.n; i++) {
      const key = this.key(this.x[i], this.y[i]);
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(i);
    }
    this.chosen = new Map();
  }

  key(x, y, right = 0, up = 0) {
    return (Math.floor(x / this.cell) + right) * 1e6 + Math.floor(y / this.cell) + up;
  }

  /** The nearest point to a place within a distance, or -1. */
  nearest(x, y, distance) {
    const reach = Math.min(64, Math.ceil(distance / this.cell));
    let best = -1;
    let least = distance * distance;
    for (let right = -reach; right <= reach; right++) {
      for (let up = -reach; up <= reach; up++) {
        for (const i of this.cells.get(this.key(x, y, right, up)) ?? []) {
          const square = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
          if (square <= least) [best, least] = [i, square];
        }
      }
    }
    return best;
  }

  /** The nearest neighbour to a point in a direction (1, 0 is right), or -1. */
  nextTo(from, right, up) {
    let best = -1;
    let least = Infinity;
    for (let i = 0; i < this.n; i++) {
      const [dx, dy] = [this.x[i] - this.x[from], this.y[i] - this.y[from]];
      const ahead = dx * right + dy * up;
      const aside = Math.abs(dx * up - dy * right);
      if (ahead <= 0 || aside > ahead || i === from) continue;
      if (ahead + 2 * aside < least) [best, least] = [i, ahead + 2 * aside];
    }
    return best;
  }

  /**
   * Points no two of which are closer than a distance, those first in `order` first. Which
   * they are hangs on the enlargement alone: a picture does not come and go while one moves.
   */
  apart(distance, order, allowed) {
    // Steps of a fifth, so that a turn of the wheel changes little.
    const step = Math.round(Math.log(distance) / Math.log(1.2));
    if (this.chosen.has(step)) return this.chosen.get(step);
    const far = 1.2 ** step;
    const taken = new Map();
    const chosen = [];
    const at = (i, right, up) =>
      (Math.floor(this.x[i] / far) + right) * 1e6 + Math.floor(this.y[i] / far) + up;
    const isFree = (i) => {
      for (let right = -1; right <= 1; right++) {
        for (let up = -1; up <= 1; up++) {
          for (const j of taken.get(at(i, right, up)) ?? []) {
            const near = Math.max(Math.abs(this.x[i] - this.x[j]), Math.abs(this.y[i] - this.y[j]));
            if (near < far) return false;
          }
        }
      }
      return true;
    };
    for (const i of order) {
      if (!allowed(i) || !isFree(i)) continue;
      const key = at(i, 0, 0);
      if (!taken.has(key)) taken.set(key, []);
      taken.get(key).push(i);
      chosen.push(i);
    }
    this.chosen.set(step, chosen);
    return chosen;
  }
}

/** Pictures by address, loaded when first wanted; those long unused are let go. */
class Pictures {
  constructor(onLoad) {
    this.onLoad = onLoad;
    this.loaded = new Map();
  }

  /** The picture, or null until it has loaded, and where it cannot be had. */
  get(address) {
    let picture = this.loaded.get(address);
    if (picture) {
      this.loaded.delete(address);
    } else {
      picture = new Image();
      picture.src = address;
      picture.decode().then(
        () => {
          picture.drawable = true;
          this.onLoad();
        },
        () => {},
      );
    }
    // A map remembers in which order its keys came: the first is the longest unused.
    this.loaded.set(address, picture);
    if (this.loaded.size > KEPT) this.loaded.delete(this.loaded.keys().next().value);
    return picture.drawable ? picture : null;
  }
}

/** All pictures, small, in one that is loaded at once. */
class Atlas {
  constructor(onLoad) {
    this.onLoad = onLoad;
    this.places = [];
  }

  async load(address, points) {
    if (!address || this.address === address) return;
    this.address = address;
    try {
      const answer = await fetch(address);
      const { side, columns, tiles, picture } = await answer.json();
      const image = new Image();
      image.src = picture;
      await image.decode();
      const numbers = new Map(tiles.map((name, number) => [name, number]));
      this.places = points.ids.map((id, point) => numbers.get(`${id}.${points.versions[point]}`));
      Object.assign(this, { image, side, columns });
      this.onLoad();
    } catch {
      this.address = null; // The map does without: pictures come one by one.
    }
  }

  has(point) {
    return this.places[point] !== undefined;
  }

  /** Draw a point's picture, if it is there. */
  draw(pen, point, left, top, width) {
    const { side, columns } = this;
    const across = (this.places[point] % columns) * side;
    const down = Math.floor(this.places[point] / columns) * side;
    pen.drawImage(this.image, across, down, side, side, left, top, width, width);
  }
}

/** The picture and the name of a point, beside it. */
class HoverCard {
  constructor(element) {
    this.element = element;
    this.image = element.querySelector("img");
    this.image.onload = () => this.image.classList.add("loaded");
  }

  show({ src, name, detail }, left, top) {
    if (this.image.getAttribute("src") !== src) {
      this.image.classList.remove("loaded");
      this.image.src = src;
    }
    this.element.querySelector(".name").textContent = name;
    this.element.querySelector(".detail").textContent = detail;
    this.element.showPopover();
    const { width, height } = this.element.getBoundingClientRect();
    const fits = left + GAP + width < window.innerWidth;
    const x = fits ? left + GAP : left - GAP - width;
    this.element.style.left = `${clamp(x, 8, window.innerWidth - width - 8)}px`;
    this.element.style.top = `${clamp(top - GAP - height, 8, window.innerHeight - height - 8)}px`;
  }

  get open() {
    return this.element.matches(":popover-open");
  }

  hide() {
    if (this.open) this.element.hidePopover();
  }
}

class MapView {
  constructor(root, canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.said = root.querySelector(".said");
    this.message = root.querySelector(".message");
    this.card = new HoverCard(root.querySelector(".card"));
    this.pictures = new Pictures(() => this.ask());
    this.atlas = new Atlas(() => {
      this.selectedAnew();
      this.ask();
    });
    this.camera = new Camera();
    this.layouts = {};
    this.over = -1;
    this.tool = "pan";
    this.pointers = new Map();
    this.frames = 0;

    this.buttons = [...root.querySelectorAll(".tools button")];
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.use(button.name));
    }
    canvas.addEventListener("pointerdown", (event) => this.onDown(event));
    canvas.addEventListener("pointermove", (event) => this.onMove(event));
    canvas.addEventListener("pointerup", (event) => this.onUp(event));
    canvas.addEventListener("pointercancel", (event) => this.onUp(event));
    canvas.addEventListener("pointerleave", () => this.point(-1));
    canvas.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.onKey(event));
    canvas.addEventListener("blur", () => this.point(-1));

    this.closing = new AbortController();
    const hide = () => this.point(-1);
    const options = { signal: this.closing.signal, capture: true, passive: true };
    window.addEventListener("blur", hide, options);
    window.addEventListener("scroll", hide, options);
    // Back and Forward bring back the view of their address.
    window.addEventListener("popstate", () => this.look(viewInAddress()), options);
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(canvas);
    this.use("pan");
  }

  close() {
    this.closing.abort();
    this.resizing.disconnect();
    this.card.hide();
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.gliding);
    clearTimeout(this.dwelling);
    // The address is another page's now.
    clearTimeout(this.telling);
  }

  // -- what Python says ----------------------------------------------------

  update(data, send) {
    const before = this.data;
    this.data = data;
    this.send = (event) => send({ ...event, view: this.view() });
    this.canvas.setAttribute("aria-label", data.label);
    this.groups = bytes(data.groups);
    this.faded = bytes(data.faded);
    this.selected = data.selected ? bytes(data.selected) : null;
    this.shape = null;
    this.selectedAnew();
    if (before?.points !== data.points) this.fetch(data.points);
    else if (before?.layout !== data.layout) this.arrange();
    else this.settle();
    this.theme();
    this.ask();
  }

  /** Choose anew which points become pictures: that hangs on which are looked at. */
  selectedAnew() {
    for (const layout of Object.values(this.layouts)) layout.chosen.clear();
    this.wall = null;
  }

  async fetch(address) {
    this.message.hidden = true;
    try {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(String(answer.status));
      this.points = await answer.json();
    } catch {
      if (this.data.points !== address) return;
      this.message.textContent = "The points could not be loaded. Load the page again.";
      this.message.hidden = false;
      return;
    }
    if (this.data.points !== address) return;
    this.kinds = new Uint16Array(bytes(this.points.kind).buffer);
    this.layouts = Object.fromEntries(
      Object.entries(this.points.layouts).map(([name, places]) => [
        name,
        new Layout(new Float32Array(bytes(places).buffer)),
      ]),
    );
    this.order = shuffled(this.points.ids.length);
    this.atlas.places = [];
    this.atlas.address = null;
    this.arrange();
    this.atlas.load(this.data.atlas, this.points);
  }

  /** Show another layout: all of it, or what the address says. */
  arrange() {
    this.layout = this.layouts[this.data.layout];
    if (!this.layout) return;
    this.over = -1;
    this.card.hide();
    const hadView = this.camera.ready;
    this.camera.whole = null;
    this.measure();
    this.camera.set(this.camera.whole);
    const { frame, view } = this.data;
    if (!hadView && view) this.look(view);
    else if (frame) this.camera.set(this.overBox(frame.box));
    this.framed = frame?.tag;
    this.changedView();
    this.ask();
  }

  /** Follow a wish to see a part that was not there before; else stay where one is. */
  settle() {
    if (!this.layout) return;
    const { frame } = this.data;
    if (frame?.follow && frame.tag !== this.framed) this.glide(this.overBox(frame.box));
    this.framed = frame?.tag;
    // What Python puts into the address has the view that it was last told.
    this.changedView();
  }

  theme() {
    const style = getComputedStyle(this.canvas);
    const named = (name) => style.getPropertyValue(`--st-${name}`).trim();
    this.ink = named("text-color") || "#222";
    this.paper = named("secondary-background-color") || "#eee";
    this.accent = named("primary-color") || "#3451b2";
    this.font = named("font") || "sans-serif";
  }

  // -- the view ------------------------------------------------------------

  get size() {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  /** Learn how all is seen. */
  measure() {
    this.camera.whole = this.camera.over(this.layout.box, this.size);
  }

  resize() {
    if (!this.layout || !this.size.width) return;
    if (!this.camera.ready) return this.arrange();
    const { width, height } = this.canvas;
    const scale = this.scale;
    const middle = this.camera.place(width / scale / 2, height / scale / 2);
    const zoom = this.camera.zoom;
    this.camera.whole = null;
    this.measure();
    this.camera.set(around(...middle, this.camera.whole.k * zoom, this.size));
    this.ask();
  }

  overBox(box) {
    // A box of one point, or of few that lie together, is seen with what is around it.
    const least = this.layout.side / 30;
    const [left, bottom, right, top] = box;
    const across = Math.max(0, least - (right - left)) / 2;
    const down = Math.max(0, least - (top - bottom)) / 2;
    const grown = [left - across, bottom - down, right + across, top + down];
    return this.camera.over(grown, this.size);
  }

  /** Go to another view, at once for those who want no motion. */
  glide(to) {
    cancelAnimationFrame(this.gliding);
    this.point(-1);
    const from = this.camera.now;
    const began = performance.now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = (now) => {
      const share = still ? 1 : Math.min(1, (now - began) / GLIDE);
      const eased = 1 - (1 - share) ** 3;
      const between = (a, b) => a + (b - a) * eased;
      this.camera.set({
        k: between(from.k, to.k),
        tx: between(from.tx, to.tx),
        ty: between(from.ty, to.ty),
      });
      this.ask();
      if (share < 1) this.gliding = requestAnimationFrame(step);
      else this.changedView();
    };
    step(began);
  }

  /** The view as the address has it: the middle, and the enlargement. */
  view() {
    if (!this.layout || !this.camera.ready) return "";
    const { width, height } = this.size;
    const whole = this.camera.whole;
    const [x, y] = this.camera.place(width / 2, height / 2);
    const isWhole =
      Math.abs(this.camera.zoom - 1) < 0.01 &&
      Math.abs(this.camera.tx - whole.tx) < 4 &&
      Math.abs(this.camera.ty - whole.ty) < 4;
    return isWhole ? "" : [x.toFixed(3), y.toFixed(3), this.camera.zoom.toFixed(2)].join("_");
  }

  /** Look where a view in the address says; all is seen where it says nothing that holds. */
  look(view) {
    if (!this.layout || !this.size.width) return;
    const [x, y, zoom] = (view ?? "").split("_").map(Number);
    const holds = [x, y].every((each) => Math.abs(each) < 10) && zoom > 0.5 && zoom <= CLOSEST;
    const { whole } = this.camera;
    this.camera.set(holds ? around(x, y, whole.k * zoom, this.size) : whole);
    this.ask();
  }

  /** Put the view into the address, without a step in the history that Back would undo. */
  changedView() {
    clearTimeout(this.telling);
    if (!this.data.keeps_view) return;
    this.telling = setTimeout(() => {
      const address = new URL(window.location.href);
      const view = this.view();
      if ((address.searchParams.get("view") ?? "") === view) return;
      if (view) address.searchParams.set("view", view);
      else address.searchParams.delete("view");
      window.history.replaceState(window.history.state, "", address);
    }, 300);
  }

  // -- tools ---------------------------------------------------------------

  use(tool) {
    const { width, height } = this.size;
    if (tool === "in") return this.zoomBy(1.6, width / 2, height / 2);
    if (tool === "out") return this.zoomBy(1 / 1.6, width / 2, height / 2);
    if (tool === "fit") return this.layout && this.glide(this.camera.whole);
    this.tool = tool;
    this.canvas.dataset.tool = tool;
    for (const button of this.buttons) {
      if (["pan", "lasso", "box"].includes(button.name)) {
        button.setAttribute("aria-pressed", String(button.name === tool));
      }
    }
  }

  zoomBy(factor, left, top) {
    if (!this.layout) return;
    this.camera.zoomBy(factor, left, top);
    this.point(-1);
    this.changedView();
    this.ask();
  }

  onDown(event) {
    if (!this.layout || event.button > 0) return;
    cancelAnimationFrame(this.gliding);
    this.canvas.setPointerCapture(event.pointerId);
    const at = [event.offsetX, event.offsetY];
    this.pointers.set(event.pointerId, at);
    this.moved = this.pointers.size > 1;
    this.shape = null;
    if (this.pointers.size === 1 && (this.tool !== "pan" || event.shiftKey)) this.shape = [at];
  }

  onMove(event) {
    if (!this.layout) return;
    const at = [event.offsetX, event.offsetY];
    const from = this.pointers.get(event.pointerId);
    if (!from) {
      this.point(this.pointAt(...at), event);
      return;
    }
    if (!this.moved && distance(at, from) < 4) return;
    this.moved = true;
    this.point(-1);
    if (this.shape) {
      const isBox = this.tool === "box";
      this.shape = isBox ? corners(this.shape[0], at) : [...this.shape, at];
    } else {
      const others = [...this.pointers].filter(([id]) => id !== event.pointerId);
      if (others.length) {
        const other = others[0][1];
        const by = distance(at, other) / Math.max(1, distance(from, other));
        const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
        const [was, is] = [middle(from, other), middle(at, other)];
        this.camera.zoomBy(by, ...was);
        this.camera.moveBy(is[0] - was[0], is[1] - was[1]);
      } else {
        this.camera.moveBy(at[0] - from[0], at[1] - from[1]);
        this.canvas.dataset.dragging = "true";
      }
      this.changedView();
    }
    this.pointers.set(event.pointerId, at);
    this.ask();
  }

  onUp(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    delete this.canvas.dataset.dragging;
    if (this.pointers.size) return;
    const isTap = !this.moved && event.type === "pointerup";
    if (this.shape && this.moved) this.select(this.shape);
    else if (isTap) this.tap(this.pointAt(event.offsetX, event.offsetY));
    if (!this.moved) this.shape = null;
    this.ask();
  }

  onWheel(event) {
    if (!this.layout) return;
    event.preventDefault();
    // A pinch on a touchpad comes as small turns with Ctrl.
    const speed = event.ctrlKey ? 0.01 : 0.0018;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    this.zoomBy(Math.exp(-event.deltaY * lines * speed), event.offsetX, event.offsetY);
  }

  onKey(event) {
    if (!this.layout || event.altKey || event.ctrlKey || event.metaKey) return;
    const arrows = {
      ArrowRight: [1, 0],
      ArrowLeft: [-1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    };
    const tools = { "+": "in", "=": "in", "-": "out", 0: "fit", m: "pan", l: "lasso", b: "box" };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (arrows[key]) this.step(...arrows[key]);
    else if (tools[key]) this.use(tools[key]);
    else if (key === "Enter" && this.over >= 0) this.tap(this.over);
    else if (key === "Escape" && this.selected) this.send({ kind: "clear" });
    else return;
    event.preventDefault();
  }

  /** Go to the next point in a direction, or first to the one in the middle. */
  step(right, up) {
    const { width, height } = this.size;
    const [x, y] = this.camera.place(width / 2, height / 2);
    const next =
      this.over >= 0
        ? this.layout.nextTo(this.over, right, up)
        : this.data.marked >= 0
          ? this.data.marked
          : this.layout.nearest(x, y, this.layout.side);
    if (next < 0) return;
    const [left, top] = this.onScreen(next);
    if (left < 40 || top < 40 || left > width - 40 || top > height - 40) {
      this.camera.moveBy(width / 2 - left, height / 2 - top);
      this.changedView();
    }
    this.point(next);
    this.showCard(next);
    this.said.textContent = [this.points.names[next], this.kindOf(next)].filter(Boolean).join(", ");
  }

  tap(point) {
    this.point(-1);
    if (point >= 0) this.send({ kind: "open", id: this.points.ids[point] });
    else if (this.selected) this.send({ kind: "clear" });
  }

  select(shape) {
    const places = thinned(shape).map(([left, top]) =>
      this.camera.place(left, top).map((each) => Math.round(each * PRECISION)),
    );
    const text = `${this.data.layout}:${places.flat().join(".")}`;
    // Shown at once; what Python answers is the same.
    this.selected = this.inside(places.map(([x, y]) => [x / PRECISION, y / PRECISION]));
    this.selectedAnew();
    const count = this.selected.reduce((sum, each) => sum + each, 0);
    this.said.textContent = `${count} selected`;
    this.send({ kind: "select", selection: text, rows: base64(this.selected) });
  }

  /** Which points lie inside a polygon: 1 or 0 for each. */
  inside(polygon) {
    const { x, y, n } = this.layout;
    const inside = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
      let last = polygon.at(-1);
      for (const corner of polygon) {
        const [ax, ay] = corner;
        const [bx, by] = last;
        const crosses = ay > y[i] !== by > y[i];
        if (crosses && x[i] < ((bx - ax) * (y[i] - ay)) / (by - ay) + ax) inside[i] ^= 1;
        last = corner;
      }
    }
    return inside;
  }

  // -- points --------------------------------------------------------------

  onScreen(point) {
    return [this.camera.across(this.layout.x[point]), this.camera.down(this.layout.y[point])];
  }

  address(point) {
    // A map in one file brings its pictures along.
    if (this.points.pictures) return this.points.pictures[point];
    return this.data.pictures
      .replaceAll("{id}", () => encodeURIComponent(this.points.ids[point]))
      .replaceAll("{version}", () => encodeURIComponent(this.points.versions[point]));
  }

  kindOf(point) {
    return this.points.kinds[this.kinds[point]];
  }

  colourOf(point) {
    return this.data.colours[this.groups[point]] ?? this.data.other;
  }

  /** The point or picture at a place of the canvas, or -1. What was drawn last lies on top. */
  pointAt(left, top) {
    for (const { point, x, y, half } of this.tiles?.toReversed() ?? []) {
      if (Math.abs(left - x) <= half && Math.abs(top - y) <= half) return point;
    }
    const [x, y] = this.camera.place(left, top);
    const inCell = this.data.layout === "grid" ? this.data.cell * 0.7 : 0;
    return this.layout.nearest(x, y, Math.max(inCell, REACH / this.camera.k));
  }

  /** Let the pointer rest on a point; -1 is none. */
  point(point, event) {
    if (point === this.over) return;
    this.over = point;
    if (point >= 0) this.canvas.dataset.over = "point";
    else delete this.canvas.dataset.over;
    clearTimeout(this.dwelling);
    if (point < 0 || !this.data?.shown.cards) {
      this.card.hide();
    } else if (event) {
      const show = () => this.showCard(point, event);
      if (this.card.open) show();
      else this.dwelling = setTimeout(show, DWELL);
    }
    this.ask();
  }

  showCard(point, event) {
    const box = this.canvas.getBoundingClientRect();
    const [left, top] = this.onScreen(point);
    this.card.show(
      { src: this.address(point), name: this.points.names[point], detail: this.kindOf(point) },
      event?.clientX ?? box.left + left,
      event?.clientY ?? box.top + top,
    );
  }

  // -- drawing -------------------------------------------------------------

  ask() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  get scale() {
    return Math.min(window.devicePixelRatio || 1, 2);
  }

  draw() {
    const { width, height } = this.size;
    if (!this.layout || !width) return;
    if (!this.camera.ready) this.arrange();
    const scale = this.scale;
    if (this.canvas.width !== Math.round(width * scale)) {
      this.canvas.width = Math.round(width * scale);
    }
    if (this.canvas.height !== Math.round(height * scale)) {
      this.canvas.height = Math.round(height * scale);
    }
    this.pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.pen.clearRect(0, 0, width, height);
    this.tiles = [];
    this.drawLinks();
    this.drawPoints(width, height);
    this.drawPictures(width, height);
    this.drawLandmarks();
    this.drawMarks();
    this.drawShape();
    // For tests and benchmarks: what has been drawn, and where places lie.
    const { k, tx, ty } = this.camera;
    Object.assign(this.canvas.dataset, {
      frames: ++this.frames,
      pictures: this.tiles.length,
      camera: [k, tx, ty].join(" "),
    });
  }

  /** Whether a point is one of those that are looked at: it matches, and is selected. */
  counts(point) {
    return !this.faded[point] && (!this.selected || this.selected[point] === 1);
  }

  drawPoints(width, height) {
    const { x, y, n } = this.layout;
    const { zoom } = this.camera;
    const radius = clamp(
      Math.sqrt((width * height) / Math.max(n, 1)) * 0.16 * zoom ** 0.45,
      1.6,
      this.data.layout === "grid" ? 40 : 8,
    );
    const margin = radius + 1;
    // A wall of pictures needs no points below them.
    const isWall = this.gridAs(width, height) === "wall";
    const byColour = new Map();
    let seen = 0;
    for (let i = 0; i < n; i++) {
      const left = this.camera.tx + this.camera.k * x[i];
      const top = this.camera.ty - this.camera.k * y[i];
      if (left < -margin || top < -margin || left > width + margin || top > height + margin) {
        continue;
      }
      seen++;
      const colour = this.counts(i) ? this.groups[i] : -1;
      if (isWall && colour !== -1 && this.atlas.has(i)) continue;
      let places = byColour.get(colour);
      if (!places) byColour.set(colour, (places = []));
      places.push(left, top);
    }
    const paint = (places, colour, alpha, size) => {
      if (!places) return;
      this.pen.globalAlpha = alpha;
      this.pen.fillStyle = colour;
      if (seen > DISCS) squares(this.pen, places, 1.8 * size);
      else discs(this.pen, places, size);
    };
    // What is not looked at lies below the rest; those of no group next.
    paint(byColour.get(-1), this.data.other, 0.22, radius * 0.85);
    paint(byColour.get(NONE), this.data.other, 0.75, radius);
    for (const [colour, places] of byColour) {
      if (colour !== -1 && colour !== NONE) {
        paint(places, this.data.colours[colour] ?? this.data.other, 0.88, radius);
      }
    }
    this.pen.globalAlpha = 1;
  }

  /** How the grid is drawn: as "points", as one "wall" of small pictures, or as "tiles". */
  gridAs(width, height) {
    const side = this.data.cell * this.camera.k;
    if (this.data.layout !== "grid" || !this.data.shown.pictures || side < WALL_FROM) {
      return "points";
    }
    const inView = Math.min(this.layout.n, (width * height) / side ** 2);
    if (side >= LOADED_FROM && inView <= LOADED_MOST) return "tiles";
    return this.atlas.image && this.layout.n <= WALL_MOST ? "wall" : "points";
  }

  /** Points as pictures, in place, as many as do not hide each other. */
  drawPictures(width, height) {
    if (!this.data.shown.pictures) return;
    const { n } = this.layout;
    const { k, zoom } = this.camera;
    let wanted;
    let side;
    if (this.data.layout === "grid") {
      const as = this.gridAs(width, height);
      if (as === "wall") this.drawWall(this.data.cell * k);
      if (as !== "tiles") return;
      side = this.data.cell * k * 0.94;
      wanted = this.order.filter((i) => this.counts(i));
    } else {
      if (zoom < PICTURES_FROM && n > FEW) return;
      side = clamp(34 * zoom ** 0.4, 34, 96);
      const order = [...this.data.landmarks.map(({ point }) => point), ...this.order];
      const allowed = (i) => this.counts(i);
      wanted = this.layout.apart((side * 1.06) / k, order, allowed);
    }
    const inView = wanted.filter((point) => {
      const [left, top] = this.onScreen(point);
      return left > -side && top > -side && left < width + side && top < height + side;
    });
    for (const point of inView) this.drawTile(point, side);
  }

  /** The grid from afar: pictures from the atlas, drawn once and then shown as one. */
  drawWall(side) {
    this.wall ??= this.builtWall();
    const [left, bottom, right, top] = this.layout.box;
    const half = side / 2;
    const { camera } = this;
    const [x, y] = [camera.across(left) - half, camera.down(top) - half];
    const width = camera.k * (right - left) + side;
    this.pen.drawImage(this.wall, x, y, width, camera.k * (top - bottom) + side);
  }

  builtWall() {
    const { cell } = this.data;
    const { side } = this.atlas;
    const [left, bottom, right, top] = this.layout.box;
    const cells = (length) => Math.round(length / cell) + 1;
    const wall = document.createElement("canvas");
    wall.width = cells(right - left) * side;
    wall.height = cells(top - bottom) * side;
    const pen = wall.getContext("2d");
    for (let point = 0; point < this.layout.n; point++) {
      if (!this.counts(point) || !this.atlas.has(point)) continue;
      const x = Math.round((this.layout.x[point] - left) / cell) * side;
      const y = Math.round((top - this.layout.y[point]) / cell) * side;
      pen.fillStyle = this.colourOf(point);
      pen.fillRect(x + 1, y + 1, side - 2, side - 2);
      this.atlas.draw(pen, point, x + 3, y + 3, side - 6);
    }
    return wall;
  }

  /** A point's picture on white, framed in its colour. */
  drawTile(point, side, { line = 2 } = {}) {
    const [x, y] = this.onScreen(point);
    const picture = this.pictures.get(this.address(point));
    // Until it is loaded, the small one stands for it.
    if (!picture && !this.atlas.has(point)) return;
    const half = side / 2;
    const [left, top] = [x - half, y - half];
    this.pen.globalAlpha = this.counts(point) ? 1 : 0.3;
    this.pen.fillStyle = "#fff";
    this.pen.strokeStyle = this.colourOf(point);
    this.pen.lineWidth = line;
    this.pen.beginPath();
    this.pen.roundRect(left, top, side, side, side / 8);
    this.pen.fill();
    const inner = side - 2 * line;
    if (picture) this.pen.drawImage(picture, left + line, top + line, inner, inner);
    else this.atlas.draw(this.pen, point, left + line, top + line, inner);
    this.pen.stroke();
    this.pen.globalAlpha = 1;
    this.tiles.push({ point, x, y, half });
  }

  /** The most central picture of each cluster, and the cluster's name below it. */
  drawLandmarks() {
    if (!this.data.shown.landmarks || this.camera.zoom > LABELS_UNTIL) return;
    const boxes = [];
    const drawn = new Map(this.tiles.map(({ point, half }) => [point, half]));
    this.pen.font = `600 12px ${this.font}`;
    this.pen.textAlign = "center";
    this.pen.textBaseline = "top";
    const isClose = this.camera.zoom > PICTURES_FROM;
    for (const { point, name } of this.data.landmarks) {
      if (isClose && !this.counts(point)) continue;
      const [x, y] = this.onScreen(point);
      const label = shortened(name, 30);
      const half = drawn.get(point) ?? LANDMARK / 2;
      const wide = Math.max(2 * half, label ? this.pen.measureText(label).width + 8 : 0);
      const box = [x - wide / 2, y - half, x + wide / 2, y + half + 18];
      // Where two would lie on each other, that of the larger cluster stands: they come first.
      if (boxes.some((other) => overlap(box, other))) continue;
      boxes.push(box);
      if (!drawn.has(point)) this.drawTile(point, LANDMARK, { line: 3 });
      if (!label) continue;
      this.pen.globalAlpha = this.counts(point) ? 1 : 0.4;
      this.pen.lineWidth = 4;
      this.pen.lineJoin = "round";
      this.pen.strokeStyle = this.paper;
      // At the edge a name moves inwards, rather than being cut.
      const inside = clamp(x, wide / 2, this.size.width - wide / 2);
      const at = x > 0 && x < this.size.width ? inside : x;
      this.pen.strokeText(label, at, y + half + 4);
      this.pen.fillStyle = this.ink;
      this.pen.fillText(label, at, y + half + 4);
      this.pen.globalAlpha = 1;
    }
  }

  /** Lines from what is looked at to its neighbours. */
  drawLinks() {
    const from = this.markedAt();
    if (!from) return;
    this.pen.strokeStyle = this.accent;
    this.pen.lineWidth = 1.5;
    this.pen.globalAlpha = 0.75;
    this.pen.beginPath();
    for (const point of this.data.linked) {
      this.pen.moveTo(...from);
      this.pen.lineTo(...this.onScreen(point));
    }
    this.pen.stroke();
    this.pen.globalAlpha = 1;
  }

  markedAt() {
    const { visitor, marked } = this.data;
    if (visitor) {
      const place = visitor.places[this.data.layout];
      return [this.camera.across(place[0]), this.camera.down(place[1])];
    }
    return marked >= 0 ? this.onScreen(marked) : null;
  }

  /** What is looked at and its neighbours, as pictures; and a ring where the pointer rests. */
  drawMarks() {
    const from = this.markedAt();
    if (from) {
      const { visitor, marked, linked } = this.data;
      for (const point of linked.toReversed()) this.drawTile(point, LANDMARK);
      if (!visitor) this.drawTile(marked, LANDMARK * 1.3, { line: 3 });
      const half = LANDMARK * 0.65;
      this.pen.strokeStyle = this.accent;
      this.pen.lineWidth = 4;
      this.pen.beginPath();
      this.pen.roundRect(from[0] - half - 3, from[1] - half - 3, 2 * half + 6, 2 * half + 6, 10);
      if (visitor) {
        this.pen.fillStyle = "#fff";
        this.pen.fill();
        const picture = this.pictures.get(visitor.src);
        if (picture) {
          this.pen.drawImage(picture, from[0] - half, from[1] - half, 2 * half, 2 * half);
        }
      }
      this.pen.stroke();
    }
    if (this.over >= 0) {
      const tile = this.tiles.findLast(({ point }) => point === this.over);
      const [x, y] = this.onScreen(this.over);
      const half = tile ? tile.half : 8;
      this.pen.strokeStyle = this.ink;
      this.pen.lineWidth = 2.5;
      this.pen.beginPath();
      this.pen.roundRect(x - half, y - half, 2 * half, 2 * half, tile ? half / 4 : half);
      this.pen.stroke();
    }
  }

  /** The lasso or box while it is drawn. */
  drawShape() {
    if (!this.shape || this.shape.length < 2) return;
    this.pen.setLineDash([6, 4]);
    this.pen.lineWidth = 2;
    this.pen.strokeStyle = this.accent;
    this.pen.beginPath();
    this.pen.moveTo(...this.shape[0]);
    for (const corner of this.shape.slice(1)) this.pen.lineTo(...corner);
    this.pen.closePath();
    this.pen.stroke();
    this.pen.globalAlpha = 0.08;
    this.pen.fillStyle = this.accent;
    this.pen.fill();
    this.pen.globalAlpha = 1;
    this.pen.setLineDash([]);
  }
}

// -- helpers -----------------------------------------------------------------

/** The view whose middle is a place. */
function around(x, y, k, { width, height }) {
  return { k, tx: width / 2 - k * x, ty: height / 2 + k * y };
}

function discs(pen, places, radius) {
  pen.beginPath();
  for (let i = 0; i < places.length; i += 2) {
    pen.moveTo(places[i] + radius, places[i + 1]);
    pen.arc(places[i], places[i + 1], radius, 0, 2 * Math.PI);
  }
  pen.fill();
}

/** Whole pixels: 25,000 squares take 4 ms so, and as many discs 60. */
function squares(pen, places, width) {
  const side = Math.max(2, Math.round(width));
  pen.beginPath();
  for (let i = 0; i < places.length; i += 2) {
    pen.rect(Math.round(places[i] - side / 2), Math.round(places[i + 1] - side / 2), side, side);
  }
  pen.fill();
}

function corners([left, top], [right, bottom]) {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

/** A lasso with no more corners than an address can hold, evenly along its line. */
function thinned(shape) {
  if (shape.length <= CORNERS) return shape;
  const step = shape.length / CORNERS;
  return Array.from({ length: CORNERS }, (_, i) => shape[Math.floor(i * step)]);
}

function viewInAddress() {
  return new URL(window.location.href).searchParams.get("view");
}

/** The numbers 0 to n - 1 in an order that looks random and is always the same. */
function shuffled(n) {
  const order = Array.from({ length: n }, (_, i) => i);
  let seed = 1;
  for (let i = n - 1; i > 0; i--) {
    seed = (seed * 48271) % 2147483647; // Park and Miller, 1988
    const j = seed % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

function base64(numbers) {
  return btoa(Array.from(numbers, (number) => String.fromCharCode(number)).join(""));
}

function shortened(words, longest) {
  return words.length > longest ? `${words.slice(0, longest - 1)}…` : words;
}

function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

function distance([ax, ay], [bx, by]) {
  return Math.hypot(ax - bx, ay - by);
}

function clamp(value, least, most) {
  return Math.max(least, Math.min(value, most));
}
