/**
 * A 3D model that can be rotated: Google's model-viewer, with a picture until it is loaded.
 *
 * All viewers of a page share one WebGL context, which model-viewer manages; it frees the memory of
 * a model soon after its element is removed.
 */

import { markBrokenPictures } from "../broken_pictures.js";
import { component, find } from "../mount.js";
import { Hint } from "./hint.js";
import { loadLibrary } from "./library.js";
import { fetchModel, NO_MODEL } from "./model_file.js";

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {string} url of the model, a binary glTF
 * @property {string} poster the URL of a picture of it
 * @property {string} label
 * @property {string} library the URL of model-viewer
 */

/**
 * The members that are used here of the element that model-viewer defines.
 *
 * @typedef {HTMLElement & {
 *   alt: string,
 *   src: string,
 *   autoRotate: boolean,
 *   zoom: (steps: number) => void,
 *   resetTurntableRotation: (theta: number) => void,
 *   requestUpdate: (property: string) => void,
 * }} ModelViewer
 */

const START = "30deg 70deg auto"; // from the right, from above, at a distance that shows all of it
const ROTATION_SPEED = 20; // degrees a second, of the model's first turn
/** @type {Record<string, number | undefined>} */
const ZOOM_KEYS = { "+": 4, "=": 4, "-": -4, _: -4 }; // in steps of model-viewer
const INPUT = {
  role: "application",
  "aria-roledescription": "3D model",
  "aria-description": "The arrow keys rotate it, + and - zoom, 0 resets the view.",
  "aria-keyshortcuts": "ArrowLeft ArrowRight ArrowUp ArrowDown Plus Minus 0",
};

const LOADING = "Loading the 3D model…";
const NO_WEBGL = "A picture, because 3D needs WebGL, which is off in this browser.";
const LOST = "The browser has stopped rendering 3D. Reload the page.";

export default component(
  ".viewer",
  "no_webgl", // the only message to Python
  /** @type {(element: HTMLElement, data: Data) => Viewer} */
  (element, data) => new Viewer(element, data),
);

class Viewer {
  /**
   * @param {HTMLElement} element
   * @param {Data} data
   */
  constructor(element, data) {
    this.element = element;
    this.stage = find(element, ".stage", HTMLElement);
    this.poster = find(element, ".poster", HTMLImageElement);
    this.status = find(element, ".status", HTMLElement);
    this.hint = new Hint(this.stage, find(element, ".hint", HTMLElement));
    this.label = data.label;
    this.url = "";
    this.download = new AbortController();
    /** @type {ModelViewer | null} */
    this.model = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    markBrokenPictures(this.stage);
    element.onkeydown = (event) => this.onKeyDown(event);
    this.stage.ondblclick = () => this.reset();
    // A focus ring for keyboard users; the focused element is inside model-viewer.
    this.stage.addEventListener("focusin", () => this.showFocus());
    this.stage.addEventListener("focusout", () => delete element.dataset.focus);
  }

  close() {
    this.discardModel();
  }

  /**
   * @param {Data} data
   * @param {(hasNone: true) => void} send
   */
  update(data, send) {
    if (this.poster.getAttribute("src") !== data.poster) this.poster.src = data.poster;
    this.poster.alt = data.label;
    this.label = data.label;
    if (this.model) this.model.alt = data.label;
    if (this.url === data.url) return;
    this.url = data.url;
    // Nothing is wrong with the model: its picture is what this browser shows.
    if (canDraw()) {
      this.show(data);
    } else {
      this.setState("still", NO_WEBGL);
      send(true);
    }
  }

  /** @param {Data} data */
  async show({ url, library }) {
    this.discardModel();
    this.setState("loading", LOADING);
    this.download = new AbortController();
    const { signal } = this.download;
    let modelUrl;
    try {
      [modelUrl] = await Promise.all([fetchModel(url, signal), loadLibrary(library)]);
    } catch (error) {
      if (!signal.aborted) this.fail(/** @type {Error} */ (error).message);
      return;
    }
    // Meanwhile another model may have been requested, or the viewer closed.
    if (signal.aborted) return URL.revokeObjectURL(modelUrl);
    this.model = this.createModel(modelUrl);
    this.stage.append(this.model);
    adapt(this.model);
  }

  /** Remove the model, and cancel what is still loading. */
  discardModel() {
    clearTimeout(this.timer);
    this.hint.hide();
    this.download.abort();
    if (!this.model) return;
    // Each model gets a new element: a reused one would keep the view of the last model.
    this.model.remove();
    URL.revokeObjectURL(this.model.src);
    this.model = null;
  }

  /** @param {string} url */
  createModel(url) {
    const model = /** @type {ModelViewer} */ (document.createElement("model-viewer"));
    Object.assign(model, {
      alt: this.label,
      src: url,
      cameraControls: true,
      cameraOrbit: START,
      minCameraOrbit: "auto 0deg auto",
      maxCameraOrbit: "auto 180deg auto",
      disablePan: true,
      disableTap: true,
      interactionPrompt: "none",
      loading: "eager",
      // Of the two built-in environments this has darker sides: in the other, white models have no
      // visible edges.
      environmentImage: "legacy",
      exposure: 0.5,
      shadowIntensity: 0.7,
      // Swiping up or down scrolls the page.
      touchAction: "pan-y",
      rotationPerSecond: `${ROTATION_SPEED}deg`,
      autoRotateDelay: 0,
    });
    model.addEventListener("load", () => this.onLoad());
    model.addEventListener("error", (event) => {
      const { detail } = /** @type {CustomEvent<{ type: string }>} */ (
        /** @type {Event} */ (event)
      );
      this.fail(detail.type === "webglcontextlost" ? LOST : NO_MODEL);
    });
    model.addEventListener("camera-change", (event) => {
      const { detail } = /** @type {CustomEvent<{ source: string }>} */ (event);
      if (detail.source === "user-interaction") this.stopRotating();
    });
    return model;
  }

  /** Show the model once it is loaded. */
  onLoad() {
    this.setState("ready", "");
    this.hint.show();
    const { model } = this;
    if (!model || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    // It turns once around, to show that it is a 3D model, and stops when a person touches it.
    model.autoRotate = true;
    this.timer = setTimeout(() => (model.autoRotate = false), (360 / ROTATION_SPEED) * 1000);
  }

  /** Stop the first turn: the person has taken over. */
  stopRotating() {
    clearTimeout(this.timer);
    if (this.model) this.model.autoRotate = false;
  }

  /** @param {string} sentence */
  fail(sentence) {
    this.setState("failed", sentence);
    this.discardModel();
  }

  /**
   * @param {"loading" | "ready" | "still" | "failed"} state
   * @param {string} text
   */
  setState(state, text) {
    this.element.dataset.state = state;
    this.status.textContent = text;
  }

  /** Go back to the first view. */
  reset() {
    const { model } = this;
    if (!model || this.element.dataset.state !== "ready") return;
    this.stopRotating();
    model.resetTurntableRotation(0);
    // The values of these properties have not changed, so model-viewer must be told to apply them.
    for (const name of ["cameraOrbit", "fieldOfView"]) model.requestUpdate(name);
  }

  /** @param {KeyboardEvent} event */
  onKeyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (this.element.dataset.state !== "ready") return;
    const steps = ZOOM_KEYS[event.key];
    if (steps) {
      this.stopRotating();
      this.model?.zoom(steps);
    } else if (event.key === "0") {
      this.reset();
    } else {
      return;
    }
    event.preventDefault();
  }

  showFocus() {
    const focused = this.model?.shadowRoot?.activeElement;
    if (focused?.matches(":focus-visible")) this.element.dataset.focus = "keys";
  }
}

/** @type {boolean | undefined} */
let hasWebGl;

/** Whether the browser has WebGL. */
function canDraw() {
  if (hasWebGl === undefined) {
    const context = document.createElement("canvas").getContext("webgl2");
    hasWebGl = context !== null;
    // A page may have 16 contexts; this one is no longer needed.
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return hasWebGl;
}

/**
 * Change what model-viewer has no option for.
 *
 * @param {ModelViewer} model
 */
function adapt(model) {
  const root = /** @type {ShadowRoot} */ (model.shadowRoot);
  // The invisible target for panning, which is switched off, would intercept clicks.
  find(root, ".pan-target", HTMLElement).style.display = "none";
  // Screen readers take it for a picture, and would keep the keys for themselves.
  const input = find(root, ".userInput", HTMLElement);
  for (const [name, value] of Object.entries(INPUT)) input.setAttribute(name, value);
  input.style.outline = "none"; // the whole stage has a focus ring
}
