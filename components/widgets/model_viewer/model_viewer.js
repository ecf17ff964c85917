/**
 * A 3D model to turn: Google's model-viewer, with a picture until it is there.
 *
 * All viewers of the page share one context of WebGL, which model-viewer sees to; what it holds
 * of a model goes soon after the element has.
 */

import { component, find } from "../mount.js";

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
 * The element that model-viewer defines, as far as it is used here.
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

/**
 * Its class, as far as it is used here.
 *
 * @typedef {object} ModelViewerClass
 * @property {string} dracoDecoderLocation
 * @property {string} ktx2TranscoderLocation
 * @property {string} lottieLoaderLocation
 * @property {(map: (url: string) => string) => void} mapURLs
 */

const START = "30deg 70deg auto"; // to the right, from above, and from where all is seen
const TURN = 20; // degrees a second that it turns by itself
/** @type {Record<string, number | undefined>} */
const KEYS = { "+": 4, "=": 4, "-": -4, _: -4 }; // what zooms, and how far
// Extensions of glTF that need a decoder, which is not here.
const PACKED = /draco|meshopt|basisu/i;
const INPUT = {
  role: "application",
  "aria-roledescription": "3D model",
  "aria-description": "The arrow keys rotate it, + and - zoom, 0 resets the view.",
  "aria-keyshortcuts": "ArrowLeft ArrowRight ArrowUp ArrowDown Plus Minus 0",
};

const LOADING = "Loading the 3D model…";
const NO_WEBGL =
  "This browser cannot show 3D: WebGL is missing or switched off. " +
  "Turn on hardware acceleration in its settings, or try another browser.";
const NO_LIBRARY = "The 3D viewer could not be loaded. Reload the page.";
const NO_MODEL =
  "The 3D model cannot be shown: its file is missing, damaged or of an unsupported kind. " +
  "Import the model again, or open its file in another program.";
const LOST = "The browser has stopped rendering 3D. Reload the page.";

export default component(
  ".viewer",
  "", // Python hears of nothing.
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
    this.words = find(element, ".words", HTMLElement);
    this.label = data.label;
    this.url = "";
    this.download = new AbortController();
    /** @type {ModelViewer | null} */
    this.model = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.poster.onerror = () => this.poster.classList.add("broken");
    element.onkeydown = (event) => this.onKeyDown(event);
    this.stage.ondblclick = () => this.reset();
    // A ring for who uses the keys; the element that has the focus lies in model-viewer.
    this.stage.addEventListener("focusin", () => this.showFocus());
    this.stage.addEventListener("focusout", () => delete element.dataset.focus);
  }

  close() {
    this.discardModel();
  }

  /** @param {Data} data */
  update(data) {
    if (this.poster.getAttribute("src") !== data.poster) {
      this.poster.classList.remove("broken");
      this.poster.src = data.poster;
    }
    this.poster.alt = data.label;
    this.label = data.label;
    if (this.model) this.model.alt = data.label;
    if (this.url === data.url) return;
    this.url = data.url;
    this.show(data);
  }

  /** @param {Data} data */
  async show({ url, library }) {
    this.setState("loading", LOADING);
    this.discardModel();
    this.download = new AbortController();
    const { signal } = this.download;
    let modelUrl;
    try {
      if (!canDraw()) throw new Error(NO_WEBGL);
      [modelUrl] = await Promise.all([fetchModel(url, signal), loadLibrary(library)]);
    } catch (error) {
      if (!signal.aborted) this.fail(/** @type {Error} */ (error).message);
      return;
    }
    // Meanwhile another may have been asked for, or none.
    if (signal.aborted) return URL.revokeObjectURL(modelUrl);
    this.model = this.createModel(modelUrl);
    this.stage.append(this.model);
    adapt(this.model);
  }

  /** Let go of the model, and of what is under way. */
  discardModel() {
    clearTimeout(this.timer);
    this.download.abort();
    if (!this.model) return;
    // An element of its own for each: what is left of the last one's view would stay.
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
      // Of its two rooms this one has darker sides: in the other, what is white has no edges.
      environmentImage: "legacy",
      exposure: 0.5,
      shadowIntensity: 0.7,
      // A finger that goes up or down scrolls the page.
      touchAction: "pan-y",
      rotationPerSecond: `${TURN}deg`,
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
      if (detail.source === "user-interaction") this.stopTurning();
    });
    return model;
  }

  /** The model is there. */
  onLoad() {
    const touched = matchMedia("(any-hover: none)").matches;
    this.setState(
      "ready",
      touched
        ? "Drag sideways to rotate, pinch to zoom, double-tap to reset."
        : "Drag to rotate, scroll to zoom, double-click to reset.",
    );
    const { model } = this;
    if (!model || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    // Once around, so that it is seen to be a model; it stops where it is touched.
    model.autoRotate = true;
    this.timer = setTimeout(() => (model.autoRotate = false), (360 / TURN) * 1000);
  }

  /** Stop turning: the person has taken over. */
  stopTurning() {
    clearTimeout(this.timer);
    if (this.model) this.model.autoRotate = false;
  }

  /** @param {string} sentence */
  fail(sentence) {
    this.setState("failed", sentence);
    this.discardModel();
  }

  /**
   * @param {"loading" | "ready" | "failed"} state
   * @param {string} words
   */
  setState(state, words) {
    this.element.dataset.state = state;
    this.words.textContent = words;
  }

  /** Bring the first view back. */
  reset() {
    const { model } = this;
    if (!model || this.element.dataset.state !== "ready") return;
    this.stopTurning();
    model.resetTurntableRotation(0);
    // They are what they were; that the person has left them is not noticed.
    for (const name of ["cameraOrbit", "fieldOfView"]) model.requestUpdate(name);
  }

  /** @param {KeyboardEvent} event */
  onKeyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (this.element.dataset.state !== "ready") return;
    const steps = KEYS[event.key];
    if (steps) {
      this.stopTurning();
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

/**
 * Fetch a model, and return a URL of what was fetched.
 *
 * @param {string} url
 * @param {AbortSignal} signal
 */
async function fetchModel(url, signal) {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(String(response.status));
    const file = await response.arrayBuffer();
    const extensions = documentOf(file).extensionsUsed ?? [];
    // Without its decoder, model-viewer would wait for ever.
    if (extensions.some((name) => PACKED.test(name))) throw new Error("packed");
    return URL.createObjectURL(new Blob([file]));
  } catch {
    throw new Error(NO_MODEL);
  }
}

/**
 * What a binary glTF says of itself: its first chunk, which is JSON.
 *
 * @param {ArrayBuffer} file
 * @returns {{ extensionsUsed?: string[] }}
 */
function documentOf(file) {
  const length = new DataView(file).getUint32(12, true);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(file, 20, length)));
}

/**
 * Define model-viewer, the first time that it is needed.
 *
 * @param {string} url
 */
async function loadLibrary(url) {
  if (customElements.get("model-viewer")) return;
  const library = new URL(url, document.baseURI);
  try {
    await import(library.href);
  } catch {
    throw new Error(NO_LIBRARY);
  }
  const defined = /** @type {unknown} */ (customElements.get("model-viewer"));
  const ModelViewer = /** @type {ModelViewerClass} */ (defined);
  // Out of the box it fetches decoders from Google and others; and a file may ask for anything.
  const nowhere = new URL("decoders/", library).href;
  ModelViewer.dracoDecoderLocation = nowhere;
  ModelViewer.ktx2TranscoderLocation = nowhere;
  ModelViewer.lottieLoaderLocation = nowhere;
  ModelViewer.mapURLs((asked) => (isOurs(asked) ? asked : "data:,"));
}

/**
 * Whether a URL is of this server, or of no server.
 *
 * @param {string} url
 */
function isOurs(url) {
  const { protocol, origin } = new URL(url, document.baseURI);
  return protocol === "data:" || origin === location.origin;
}

/** @type {boolean | undefined} */
let hasWebGl;

/** Whether the browser has WebGL. */
function canDraw() {
  if (hasWebGl === undefined) {
    const context = document.createElement("canvas").getContext("webgl2");
    hasWebGl = context !== null;
    // A page may have 16 contexts; this one has served.
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return hasWebGl;
}

/**
 * Change what model-viewer gives no option for.
 *
 * @param {ModelViewer} model
 */
function adapt(model) {
  const root = /** @type {ShadowRoot} */ (model.shadowRoot);
  // A mark for moving sideways, which is switched off, cannot be seen, and lies in the way.
  find(root, ".pan-target", HTMLElement).style.display = "none";
  // To screen readers it is a picture, and pictures leave the keys to them.
  const input = find(root, ".userInput", HTMLElement);
  for (const [name, value] of Object.entries(INPUT)) input.setAttribute(name, value);
  input.style.outline = "none"; // there is a ring around all of it
}
