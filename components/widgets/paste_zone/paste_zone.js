/** Takes a picture that is pasted or dropped anywhere on the page, or chosen. */

import { component, find } from "../mount.js";

/**
 * What Python passes.
 *
 * @typedef {object} Data
 * @property {number | null} heard the number of the picture that Python has answered
 * @property {string} trouble what was wrong with it
 * @property {number} most_bytes the largest file that can be sent
 */

/** @typedef {{ base64: string, number: number }} Picture */

const LONGEST_SIDE = 1600; // pixels: far more than the network looks at

// Python answers a picture by its number. One count for the page's lifetime
// stays distinct when a zone is mounted anew, and makes a picture that is
// pasted twice two different events.
let pictures = 0;

export default component(
  ".zone",
  "given",
  /** @type {(element: HTMLElement, data: Data) => Zone} */
  (element) => new Zone(element),
);

class Zone {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.button = find(element, "button", HTMLButtonElement);
    this.input = find(element, "input", HTMLInputElement);
    this.message = find(element, "[role=status]", HTMLElement);
    this.mostBytes = Infinity;
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
      this.input.value = ""; // else choosing the same file again is no change
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
    this.mostBytes = data.most_bytes;
    if (this.awaited !== null && data.heard === this.awaited) {
      this.awaited = null;
      this.show("", data.trouble);
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
    // Another widget has taken it, such as a file uploader with the focus.
    if (event.defaultPrevented) return;
    const clipboard = event.clipboardData;
    const picture = [...(clipboard?.files ?? [])].find((file) => file.type.startsWith("image/"));
    const typing = isEditable(event.composedPath()[0]);
    if (picture) {
      // Spreadsheets and word processors copy text with a picture of it:
      // who is typing means the text.
      if (typing && clipboard?.types.includes("text/plain")) return;
      event.preventDefault();
      this.submit(picture);
    } else if (!typing) {
      this.show("", "There is no picture on the clipboard.");
    }
  }

  /** @param {DragEvent} event */
  onDragOver(event) {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // or the browser would open the file
    event.dataTransfer.dropEffect = "copy";
    if (this.element.dataset.state !== "over") this.show("over", "");
    // Browsers disagree on how a drag that leaves the window is told, but all
    // repeat dragover while it lasts, at the slowest every 550 ms.
    clearTimeout(this.dragTimer);
    this.dragTimer = setTimeout(() => this.endDrag(), 600);
  }

  endDrag() {
    clearTimeout(this.dragTimer);
    if (this.element.dataset.state !== "over") return;
    const busy = this.awaited !== null;
    this.show(busy ? "busy" : "", busy ? "Looking…" : "");
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
    // A type that the browser does not know is empty: Python will tell.
    if (file.type && !file.type.startsWith("image/")) {
      this.show("", "That file is not a picture.");
      return;
    }
    const number = (this.awaited = ++pictures);
    this.show("busy", "Looking…");
    try {
      const blob = await shrink(file);
      if (number !== this.awaited) return; // a newer picture has been given
      if (blob.size > this.mostBytes) {
        const most = Math.floor(this.mostBytes / 1e6);
        this.refuse(`That picture is larger than ${most} MB. Use a smaller one.`);
        return;
      }
      const base64 = await toBase64(blob);
      if (number === this.awaited) this.send({ base64, number });
    } catch {
      // Such as a file that was deleted after it was chosen.
      if (number === this.awaited) this.refuse("That file could not be read. Try again.");
    }
  }

  /** @param {string} sentence */
  refuse(sentence) {
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
    return file; // not for this browser (TIFF, HEIC, SVG); Python may know it
  }
  const { width, height } = bitmap;
  const scale = LONGEST_SIDE / Math.max(width, height);
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
  // PNG keeps transparency and every pixel; a JPEG has neither to keep.
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
