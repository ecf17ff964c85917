/**
 * A 3D model to turn: Google's model-viewer, with a picture until it is there.
 *
 * Streamlit calls the default export again whenever the data or the theme changes, on the same
 * DOM. What must outlive a call is kept per viewer. All viewers of the page share one context of
 * WebGL, which model-viewer sees to; what it holds of a model goes soon after the element has.
 */

const START = "30deg 70deg auto"; // to the right, from above, and from where all is seen
const TURN = 20; // degrees a second that it turns by itself
const KEYS = { "+": 4, "=": 4, "-": -4, _: -4 }; // what zooms, and how far
// Extensions of glTF that need a decoder, which is not here.
const PACKED = /draco|meshopt|basisu/i;
const INPUT = {
  role: "application",
  "aria-roledescription": "3D model",
  "aria-description": "The arrow keys turn it, + and - zoom, 0 starts over.",
  "aria-keyshortcuts": "ArrowLeft ArrowRight ArrowUp ArrowDown Plus Minus 0",
};

const LOADING = "Loading the 3D model…";
const NO_WEBGL =
  "This browser does not draw in 3D: it has no WebGL, or it is switched off. " +
  "Switch on hardware acceleration in its settings, or try another browser.";
const NO_LIBRARY = "The 3D viewer could not be loaded. Reload the page.";
const NO_MODEL =
  "The 3D model cannot be shown: its file is missing, damaged or of a rare kind. " +
  "Import it again, or open it elsewhere.";
const LOST = "The browser has stopped drawing in 3D. Reload the page.";

const viewers = new WeakMap();

export default function ({ data, parentElement }) {
  const element = parentElement.querySelector(".viewer");
  const viewer = viewers.get(element) ?? new Viewer(element);
  viewers.set(element, viewer);
  viewer.update(data);

  // Streamlit may call an outdated call's clean-up after a newer call.
  const call = (viewer.lastCall = Symbol());
  return () => {
    if (viewer.lastCall !== call) return;
    viewer.close();
    viewers.delete(element);
  };
}

class Viewer {
  constructor(element) {
    this.element = element;
    for (const name of ["stage", "poster", "words"]) {
      this[name] = element.querySelector(`.${name}`);
    }
    this.model = null;
    this.timer = null;
    this.poster.onerror = () => this.poster.classList.add("broken");
    element.onkeydown = (event) => this.onKeyDown(event);
    this.stage.ondblclick = () => this.reset();
    // A ring for who uses the keys; the element that has the focus lies in model-viewer.
    this.stage.addEventListener("focusin", () => this.showFocus());
    this.stage.addEventListener("focusout", () => delete element.dataset.focus);
  }

  close() {
    this.discard();
  }

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

  async show({ url, library }) {
    this.enter("loading", LOADING);
    this.discard();
    this.download = new AbortController();
    const { signal } = this.download;
    let address = null;
    try {
      if (!canDraw()) throw new Error(NO_WEBGL);
      [address] = await Promise.all([downloaded(url, signal), loaded(library)]);
    } catch (error) {
      if (!signal.aborted) this.fail(error.message);
      return;
    }
    // Meanwhile another may have been asked for, or none.
    if (signal.aborted) return URL.revokeObjectURL(address);
    this.model = this.created(address);
    this.stage.append(this.model);
    suit(this.model);
  }

  /** Let go of the model, and of what is under way. */
  discard() {
    clearTimeout(this.timer);
    this.download?.abort();
    if (!this.model) return;
    // An element of its own for each: what is left of the last one's view would stay.
    this.model.remove();
    URL.revokeObjectURL(this.model.src);
    this.model = null;
  }

  created(url) {
    const model = document.createElement("model-viewer");
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
    model.addEventListener("load", () => this.open());
    model.addEventListener("error", ({ detail }) => {
      this.fail(detail.type === "webglcontextlost" ? LOST : NO_MODEL);
    });
    model.addEventListener("camera-change", ({ detail }) => {
      if (detail.source === "user-interaction") this.heed();
    });
    return model;
  }

  /** The model is there. */
  open() {
    const touched = matchMedia("(any-hover: none)").matches;
    this.enter(
      "ready",
      touched
        ? "Drag sideways to turn it, pinch to zoom, tap twice to start over."
        : "Drag to turn it, scroll to zoom, double-click to start over.",
    );
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    // Once around, so that it is seen to be a model; it stops where it is touched.
    this.model.autoRotate = true;
    this.timer = setTimeout(() => (this.model.autoRotate = false), (360 / TURN) * 1000);
  }

  /** The person has taken over. */
  heed() {
    clearTimeout(this.timer);
    this.model.autoRotate = false;
  }

  fail(sentence) {
    this.enter("failed", sentence);
    this.discard();
  }

  enter(state, words) {
    this.element.dataset.state = state;
    this.words.textContent = words;
  }

  /** Bring the first view back. */
  reset() {
    if (this.element.dataset.state !== "ready") return;
    this.heed();
    this.model.resetTurntableRotation(0);
    // They are what they were; that the person has left them is not noticed.
    for (const name of ["cameraOrbit", "fieldOfView"]) this.model.requestUpdate(name);
  }

  onKeyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (this.element.dataset.state !== "ready") return;
    if (event.key in KEYS) {
      this.heed();
      this.model.zoom(KEYS[event.key]);
    } else if (event.key === "0") {
      this.reset();
    } else {
      return;
    }
    event.preventDefault();
  }

  showFocus() {
    const focused = this.model?.shadowRoot.activeElement;
    if (focused?.matches(":focus-visible")) this.element.dataset.focus = "keys";
  }
}

/** Fetch a model, and return an address for what was fetched. */
async function downloaded(url, signal) {
  try {
    const answer = await fetch(url, { signal });
    if (!answer.ok) throw new Error(answer.status);
    const file = await answer.arrayBuffer();
    const extensions = documentOf(file).extensionsUsed ?? [];
    // Without its decoder, model-viewer would wait for ever.
    if (extensions.some((name) => PACKED.test(name))) throw new Error("packed");
    return URL.createObjectURL(new Blob([file]));
  } catch {
    throw new Error(NO_MODEL);
  }
}

/** What a binary glTF says of itself: its first chunk, which is JSON. */
function documentOf(file) {
  const length = new DataView(file).getUint32(12, true);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(file, 20, length)));
}

/** Define model-viewer, the first time that it is needed. */
async function loaded(address) {
  if (customElements.get("model-viewer")) return;
  const library = new URL(address, document.baseURI);
  try {
    await import(library.href);
  } catch {
    throw new Error(NO_LIBRARY);
  }
  const ModelViewer = customElements.get("model-viewer");
  // Out of the box it fetches decoders from Google and others; and a file may ask for anything.
  const nowhere = new URL("decoders/", library).href;
  ModelViewer.dracoDecoderLocation = nowhere;
  ModelViewer.ktx2TranscoderLocation = nowhere;
  ModelViewer.lottieLoaderLocation = nowhere;
  ModelViewer.mapURLs((asked) => (isOurs(asked) ? asked : "data:,"));
}

/** Whether an address is of this server, or of no server. */
function isOurs(address) {
  const { protocol, origin } = new URL(address, document.baseURI);
  return protocol === "data:" || origin === location.origin;
}

let drawing;

/** Whether the browser has WebGL. */
function canDraw() {
  if (drawing === undefined) {
    const context = document.createElement("canvas").getContext("webgl2");
    drawing = context !== null;
    // A page may have 16 contexts; this one has served.
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return drawing;
}

/** Mend what model-viewer gives no option for. */
function suit(model) {
  // A mark for moving sideways, which is switched off, cannot be seen, and lies in the way.
  model.shadowRoot.querySelector(".pan-target").style.display = "none";
  // To screen readers it is a picture, and pictures leave the keys to them.
  const input = model.shadowRoot.querySelector(".userInput");
  for (const [name, value] of Object.entries(INPUT)) input.setAttribute(name, value);
  input.style.outline = "none"; // there is a ring around all of it
}
