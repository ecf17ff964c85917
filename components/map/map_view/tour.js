/**
 * A tour of the clusters: the map flies from one to the next, and large letters say what each is.
 * It goes on by itself until a person does something else.
 */

import { find } from "../../widgets/mount.js";

/** @import { Box } from "./geometry.js" */

/** @typedef {{ cluster: number, name: string, count: number, box: Box }} Stop */

/**
 * What the tour asks the map for.
 *
 * @typedef {object} TourActions
 * @property {(stop: Stop, onArrival: () => void) => void} flyTo
 * @property {(hadFocus: boolean) => void} onEnd
 */

/** @typedef {"previous" | "next" | "pause" | "end"} Command */

const STAY = 4500; // ms at each stop
/** Keys that alone change nothing. */
const MODIFIERS = ["Shift", "Control", "Alt", "Meta", "Tab"];

/** @type {Record<string, Command | undefined>} */
const KEYS = {
  ArrowLeft: "previous",
  ArrowRight: "next",
  PageUp: "previous",
  PageDown: "next",
  " ": "pause",
  Escape: "end",
};

/**
 * What a key does while a tour is on; null if the tour stays as it is. Any other key ends it.
 *
 * @param {{ key: string, altKey?: boolean, ctrlKey?: boolean, metaKey?: boolean }} event
 * @param {boolean} isOnButton whether it presses a button of the tour
 * @returns {Command | null}
 */
export function commandOf({ key, altKey, ctrlKey, metaKey }, isOnButton) {
  if (MODIFIERS.includes(key)) return null;
  if (isOnButton && (key === " " || key === "Enter")) return null;
  const isPlain = !altKey && !ctrlKey && !metaKey;
  return (isPlain && Object.hasOwn(KEYS, key) && KEYS[key]) || "end";
}

/**
 * The number of the stop that is some steps further; the last is followed by the first.
 *
 * @param {number} number
 * @param {number} steps
 * @param {number} count of all stops
 */
export function stopAfter(number, steps, count) {
  return (((number + steps) % count) + count) % count;
}

/** @param {number} count of models */
export function inWords(count) {
  return `${count.toLocaleString("en")} ${count === 1 ? "model" : "models"}`;
}

export class Tour {
  /**
   * @param {HTMLElement} element
   * @param {TourActions} actions
   */
  constructor(element, actions) {
    this.element = element;
    this.actions = actions;
    this.name = find(element, ".name", HTMLElement);
    this.count = find(element, ".count", HTMLElement);
    this.place = find(element, ".place", HTMLElement);
    this.pauseButton = find(element, "button[name=pause]", HTMLButtonElement);
    /** @type {Stop[]} */
    this.stops = [];
    this.number = 0;
    this.isPaused = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** Removes what listens for other things that a person does; null while there is no tour. */
    this.listening = /** @type {AbortController | null} */ (null);
    for (const button of element.querySelectorAll("button")) {
      button.onclick = () => this.#do(/** @type {Command} */ (button.name));
    }
  }

  get isOn() {
    return this.listening !== null;
  }

  /** @param {Stop[]} stops at least one */
  begin(stops) {
    this.end();
    this.stops = stops;
    this.isPaused = false;
    this.listening = new AbortController();
    const options = { signal: this.listening.signal, capture: true };
    window.addEventListener("keydown", (event) => this.#onKeyDown(event), options);
    for (const type of ["pointerdown", "wheel"]) {
      window.addEventListener(type, (event) => this.#isOutside(event) && this.end(), options);
    }
    this.#show(true);
    this.#showPause();
    this.element.focus({ preventScroll: true });
    this.#goTo(0);
  }

  end() {
    clearTimeout(this.timer);
    if (!this.listening) return;
    this.listening.abort();
    this.listening = null;
    const hadFocus = this.element.matches(":focus-within");
    this.#show(false);
    this.actions.onEnd(hadFocus);
  }

  /**
   * Show the caption, and hide what else floats over the map; or the other way round.
   *
   * @param {boolean} isOn
   */
  #show(isOn) {
    this.element.hidden = !isOn;
    this.element.parentElement?.toggleAttribute("data-touring", isOn);
    // The style sheet of the app hides what is outside this component.
    const root = this.element.getRootNode();
    if (root instanceof ShadowRoot) root.host.toggleAttribute("data-touring", isOn);
  }

  /** @param {Command} command */
  #do(command) {
    if (command === "end") return this.end();
    if (command === "pause") {
      this.isPaused = !this.isPaused;
      this.#showPause();
      clearTimeout(this.timer);
      if (!this.isPaused) this.#goTo(stopAfter(this.number, 1, this.stops.length));
      return;
    }
    this.#goTo(stopAfter(this.number, command === "next" ? 1 : -1, this.stops.length));
  }

  /** @param {number} number */
  #goTo(number) {
    clearTimeout(this.timer);
    this.number = number;
    const stop = this.stops[number];
    const { name, count } = stop;
    this.name.textContent = name;
    this.count.textContent = inWords(count);
    this.place.textContent = `${number + 1} / ${this.stops.length}`;
    this.actions.flyTo(stop, () => {
      if (!this.isOn || this.isPaused || this.number !== number) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#goTo(stopAfter(number, 1, this.stops.length)), STAY);
    });
  }

  #showPause() {
    const label = this.isPaused ? "Continue" : "Pause";
    this.element.toggleAttribute("data-paused", this.isPaused);
    this.pauseButton.setAttribute("aria-label", label);
    this.pauseButton.title = `${label} (Space)`;
  }

  /** @param {KeyboardEvent} event */
  #onKeyDown(event) {
    const [target] = event.composedPath();
    const isOnButton = target instanceof HTMLButtonElement && this.element.contains(target);
    const command = commandOf(event, isOnButton);
    if (!command) return;
    // A key that is not of the tour ends it, and then does what it does.
    if (command !== "end" || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
    }
    this.#do(command);
  }

  /** @param {Event} event */
  #isOutside(event) {
    return !event.composedPath().includes(this.element);
  }
}
