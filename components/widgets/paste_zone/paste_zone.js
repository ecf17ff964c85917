/** Takes a picture that is pasted or dropped anywhere on the page, or chosen. */

import { component, find } from "../mount.js";

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {number | null} answered the number of the picture that Python has answered
 * @property {string} problem what was wrong with it, or ""
 * @property {number} max_bytes the size of the largest file that can be sent
 */

/** @typedef {{ base64: string, number: number }} Picture */

const MAX_SIDE = 1600; // px: far more than the network needs

// Python answers a picture by its number. The count is never reset, so that numbers stay unique when
// a zone is mounted again; and a picture that is pasted twice is two events.
let pictures = 0;

export default component(
  ".zone",
  "given",
  /** @type {(element: HTMLElement, data: Data) => PasteZone} */
  (element) => new PasteZone(element),
);

class PasteZone {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.button = find(element, "button", HTMLButtonElement);
    this.input = find(element, "input", HTMLInputElement);
    this.message = find(element, "[role=status]", HTMLElement);
    this.maxBytes = Infinity;
    /** @type {number | null} the picture that Python has yet to answer */
    this.awaited = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.dragTimer = undefined;
    /** @type {(picture: Picture) => void} */
    this.send = () => {};

    if (/Mac|iPhone|iPad/.test(navigator.platform)) {
      find(element, "kbd", HTMLElement).textContent = "⌘V";
    }
    this.button.onclick = () => this.input.click();
    this.input.onchange = () => {
      const file = this.input.files?.[0];
      this.input.value = ""; // otherwise choosing the same file again is no change
      if (file) this.submit(file);
    };

    this.closing = new AbortController();
    const { signal } = this.closing;
    document.addEventListener("paste", (event) => this.onPaste(event), { signal });
    document.addEventListener("dragover", (event) => this.onDragOver(event), { signal });
    document.addEventListener("drop", (event) => this.onDrop(event), { signal });
  }

  close() {
    this.closing.abort();
    clearTimeout(this.dragTimer);
  }

  /**
   * @param {Data} data
   * @param {(picture: Picture) => void} send
   */
  update(data, send) {
    this.send = send;
    this.maxBytes = data.max_bytes;
    if (this.awaited !== null && data.answered === this.awaited) {
      this.awaited = null;
      this.show("", data.problem);
    }
  }

  /**
   * @param {"" | "over" | "busy"} state
   * @param {string} text
   */
  show(state, text) {
    this.element.dataset.state = state;
    this.message.textContent = text;
  }

  /** @param {ClipboardEvent} event */
  onPaste(event) {
    // Another widget has handled it, such as a file uploader with the focus.
    if (event.defaultPrevented) return;
    const clipboard = event.clipboardData;
    const picture = [...(clipboard?.files ?? [])].find((file) => file.type.startsWith("image/"));
    const isTyping = isEditable(event.composedPath()[0]);
    if (picture) {
      // Spreadsheets and word processors copy text together with a picture of it. A person who is
      // typing wants the text.
      if (isTyping && clipboard?.types.includes("text/plain")) return;
      event.preventDefault();
      this.submit(picture);
    } else if (!isTyping) {
      this.show("", "There is no picture on the clipboard.");
    }
  }

  /** @param {DragEvent} event */
  onDragOver(event) {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // otherwise the browser would open the file
    event.dataTransfer.dropEffect = "copy";
    if (this.element.dataset.state !== "over") this.show("over", "");
    // Browsers differ in the events of a drag that leaves the window, but all repeat dragover while
    // it lasts, at least every 550 ms.
    clearTimeout(this.dragTimer);
    this.dragTimer = setTimeout(() => this.endDrag(), 600);
  }

  endDrag() {
    clearTimeout(this.dragTimer);
    if (this.element.dataset.state !== "over") return;
    const busy = this.awaited !== null;
    this.show(busy ? "busy" : "", busy ? "Searching…" : "");
  }

  /** @param {DragEvent} event */
  onDrop(event) {
    this.endDrag();
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    const file = files.find((each) => each.type.startsWith("image/")) ?? files[0];
    if (file) this.submit(file);
  }

  /**
   * Send a file to Python, or say why not.
   *
   * @param {File} file
   */
  async submit(file) {
    // A type that the browser does not know is empty: Python will check the file.
    if (file.type && !file.type.startsWith("image/")) {
      this.show("", "That file is not a picture.");
      return;
    }
    const number = (this.awaited = ++pictures);
    this.show("busy", "Searching…");
    try {
      const blob = await shrink(file);
      if (number !== this.awaited) return; // a newer picture has been given
      if (blob.size > this.maxBytes) {
        const megabytes = Math.floor(this.maxBytes / 1e6);
        this.reject(`That picture is larger than ${megabytes} MB. Use a smaller one.`);
        return;
      }
      const base64 = await toBase64(blob);
      if (number === this.awaited) this.send({ base64, number });
    } catch {
      // Such as a file that was deleted after it was chosen.
      if (number === this.awaited) this.reject("That file could not be read. Try again.");
    }
  }

  /** @param {string} sentence */
  reject(sentence) {
    this.awaited = null;
    this.show("", sentence);
  }
}

/**
 * A large picture made smaller; any other file as it is.
 *
 * @param {File} file
 * @returns {Promise<Blob>}
 */
async function shrink(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return file; // the browser cannot decode it (TIFF, HEIC, SVG); Python may
  }
  const { width, height } = bitmap;
  const scale = MAX_SIDE / Math.max(width, height);
  if (scale >= 1) {
    bitmap.close();
    return file;
  }
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  // PNG is lossless and keeps transparency; a JPEG has neither to lose.
  const type = file.type === "image/jpeg" ? "image/jpeg" : "image/png";
  return new Promise((resolve) => {
    canvas.toBlob((blob) => resolve(blob ?? file), type, 0.95);
  });
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
function toBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = /** @type {string} */ (reader.result);
      resolve(url.slice(url.indexOf(",") + 1));
    };
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

const FIELDS =
  "textarea, input:not([type=button], [type=checkbox], [type=file], [type=radio], [type=range])";

/**
 * Whether typing into an element writes text.
 *
 * @param {EventTarget} target
 */
function isEditable(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(FIELDS));
}
