/**
 * A picture and a box on it, which is drawn, moved and resized with the pointer or the keys.
 *
 * No box (null) stands for the whole picture.
 */

import { component, find } from "../mount.js";
import { drawn, inWords, isSmall, moved, resized } from "./boxes.js";

/** @import { Box } from "./boxes.js" */

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {string} src
 * @property {string} alt
 * @property {Box | null} region
 * @property {number | null} answered the number of the change that Python has answered
 */

/** @typedef {{ box: Box | null, number: number }} Change */

/**
 * Where a pointer is: in pixels, and in shares of the picture.
 *
 * @typedef {{ left: number, top: number, x: number, y: number }} Place
 */

/**
 * What a pointer is doing.
 *
 * @typedef {object} Gesture
 * @property {number} pointer its id
 * @property {string} kind "draw", "move", or the edges that are dragged
 * @property {Box | null} before
 * @property {Place} from
 * @property {boolean} isDrag whether the pointer has moved far enough to drag
 */

const DRAG_THRESHOLD = 4; // px that a pointer moves before it drags
const PAUSE = 250; // ms without a key before the box is sent
/** @type {Box} */
const KEYBOARD_BOX = [0.25, 0.25, 0.75, 0.75]; // the box that the keyboard starts with
/** @type {Record<string, [number, number] | undefined>} */
const STEPS = {
  ArrowLeft: [-0.01, 0],
  ArrowRight: [0.01, 0],
  ArrowUp: [0, -0.01],
  ArrowDown: [0, 0.01],
};

// Python answers a box by its number. The count is never reset, so that numbers stay unique when a
// picture is mounted again.
let changes = 0;

export default component(
  ".region",
  "changed",
  /** @type {(element: HTMLElement, data: Data) => RegionBox} */
  (element, data) => new RegionBox(element, data),
);

class RegionBox {
  /**
   * @param {HTMLElement} element
   * @param {Data} data
   */
  constructor(element, data) {
    this.element = element;
    this.frame = find(element, ".frame", HTMLElement);
    this.surface = find(element, ".surface", HTMLElement);
    this.veil = find(element, ".veil", HTMLElement);
    this.box = find(element, ".box", HTMLElement);
    this.clear = find(element, ".clear", HTMLElement);
    this.description = find(element, ".description", HTMLElement);
    this.image = find(element, "img", HTMLImageElement);
    this.standIn = find(element, ".stand-in", HTMLElement);

    this.data = data;
    /** @type {Box | null} */
    this.region = null;
    /** @type {Gesture | null} */
    this.gesture = null;
    /** @type {number | null} the change that Python has yet to answer */
    this.awaited = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {(change: Change) => void} */
    this.send = () => {};

    this.image.onload = () => this.onLoad();
    this.image.onerror = () => this.setState("broken");
    this.frame.onpointerdown = (event) => this.onPointerDown(event);
    this.frame.onpointermove = (event) => this.onPointerMove(event);
    this.frame.onpointerup = (event) => this.onPointerUp(event);
    this.frame.onpointercancel = (event) => {
      if (event.pointerId === this.gesture?.pointer) this.cancelGesture();
    };
    this.frame.onkeydown = (event) => this.onKeyDown(event);
    this.clear.onclick = () => this.setRegion(null);
    this.surface.onclick = (event) => {
      // Clicks by Enter and Space have no mouse button.
      if (event.detail === 0) this.setRegion(KEYBOARD_BOX);
    };
  }

  close() {
    clearTimeout(this.timer);
  }

  /**
   * @param {Data} data
   * @param {(change: Change) => void} send
   */
  update(data, send) {
    this.send = send;
    this.data = data;
    this.image.alt = this.standIn.textContent = data.alt;
    if (this.image.getAttribute("src") !== data.src) {
      // A gesture that has begun was meant for the earlier picture.
      this.resetGesture();
      this.awaited = null;
      this.setState("loading");
      this.image.src = data.src;
    }
    this.followData();
  }

  /** Show the picture once it is loaded. */
  onLoad() {
    const { naturalWidth, naturalHeight } = this.image;
    this.frame.style.setProperty("--ratio", String(naturalWidth / naturalHeight));
    this.setState("ready");
  }

  /** @param {"loading" | "ready" | "broken"} state */
  setState(state) {
    this.element.dataset.state = state;
    this.render();
  }

  /** Show the box that Python has sent, but not while the person is ahead of it. */
  followData() {
    const outdated = this.awaited !== null && this.data.answered !== this.awaited;
    if (this.gesture || this.timer !== undefined || outdated) return;
    this.awaited = null;
    this.region = this.data.region;
    this.render();
    this.describe();
  }

  /** @param {PointerEvent} event */
  onPointerDown(event) {
    const ready = this.element.dataset.state === "ready";
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.button !== 0 || this.gesture || !ready || this.clear.contains(target)) return;
    event.preventDefault();
    if (this.timer !== undefined) this.sendRegion();
    this.frame.setPointerCapture(event.pointerId);
    this.frame.style.cursor = getComputedStyle(target).cursor;
    // From now on the keys move the box; a focus ring around it would only distract.
    const focused = this.region ? this.box : this.surface;
    focused.focus({ preventScroll: true, focusVisible: false });
    this.gesture = {
      pointer: event.pointerId,
      kind: target.dataset.edges ?? (target === this.box ? "move" : "draw"),
      before: this.region,
      from: this.placeOf(event),
      isDrag: false,
    };
  }

  /** @param {PointerEvent} event */
  onPointerMove(event) {
    const { gesture } = this;
    if (!gesture || event.pointerId !== gesture.pointer) return;
    const to = this.placeOf(event);
    const { from } = gesture;
    gesture.isDrag ||= Math.hypot(to.left - from.left, to.top - from.top) > DRAG_THRESHOLD;
    if (!gesture.isDrag) return;
    this.region = boxAfter(gesture, to);
    this.render();
  }

  /** @param {PointerEvent} event */
  onPointerUp(event) {
    const { gesture, region } = this;
    if (!gesture || event.pointerId !== gesture.pointer) return;
    const isUnchanged = String(region) === String(gesture.before);
    if (isUnchanged || (gesture.kind === "draw" && region && isSmall(region))) {
      this.cancelGesture();
    } else {
      this.setRegion(region);
    }
  }

  /** End the gesture as if it had never begun. */
  cancelGesture() {
    if (!this.gesture) return;
    this.region = this.gesture.before;
    this.resetGesture();
    this.render();
    this.followData(); // an update may have come in the meantime
  }

  /** End the gesture and the timer. */
  resetGesture() {
    this.gesture = null;
    this.frame.style.cursor = "";
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /**
   * @param {PointerEvent} event
   * @returns {Place}
   */
  placeOf(event) {
    const view = this.frame.getBoundingClientRect();
    const [left, top] = [event.clientX - view.left, event.clientY - view.top];
    return { left, top, x: left / view.width, y: top / view.height };
  }

  /** @param {KeyboardEvent} event */
  onKeyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { region } = this;
    const step = STEPS[event.key];
    if (event.key === "Escape" && this.gesture) {
      this.cancelGesture();
    } else if (event.key === "Escape" && region) {
      this.setRegion(null);
    } else if (step && region && event.target === this.box && !this.gesture) {
      this.region = event.shiftKey ? resized(region, "se", ...step) : moved(region, ...step);
      this.render();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.sendRegion(), PAUSE);
    } else {
      return;
    }
    // Arrows scroll the page, and Escape closes a dialog that the picture may be in.
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Box | null} region */
  setRegion(region) {
    this.region = region;
    this.sendRegion();
    this.render();
  }

  sendRegion() {
    this.resetGesture();
    this.describe();
    this.awaited = ++changes;
    this.send({ box: this.region, number: this.awaited });
  }

  render() {
    const { activeElement } = /** @type {Document | ShadowRoot} */ (this.element.getRootNode());
    const parts = [this.surface, this.box, this.clear];
    const focused = parts.find((part) => part === activeElement);
    const focusVisible = focused?.matches(":focus-visible") ?? false;
    const ready = this.element.dataset.state === "ready";
    const region = ready ? this.region : null;
    this.surface.hidden = !ready || region !== null;
    this.veil.hidden = this.box.hidden = this.clear.hidden = !region;
    if (region) place(this.frame, region);
    // The focused element may be hidden now: the focus stays on the picture.
    if (focused?.hidden) {
      (region ? this.box : this.surface).focus({ preventScroll: true, focusVisible });
    }
  }

  describe() {
    this.description.textContent = this.region ? inWords(this.region) : "Whole picture";
  }
}

/**
 * The box after a gesture that has reached a place.
 *
 * @param {Gesture} gesture
 * @param {Place} to
 */
function boxAfter({ kind, before, from }, to) {
  if (kind === "draw" || !before) return drawn(from, to);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return kind === "move" ? moved(before, dx, dy) : resized(before, kind, dx, dy);
}

/**
 * Pass the position of a box to the style sheet.
 *
 * @param {HTMLElement} element
 * @param {Box} box
 */
function place(element, [left, top, right, bottom]) {
  for (const [edge, share] of Object.entries({ left, top, right, bottom })) {
    element.style.setProperty(`--${edge}`, `${share * 100}%`);
  }
}
