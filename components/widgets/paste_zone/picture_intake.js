/** Takes a picture that is pasted, dropped or chosen, makes it small enough, and sends it. */

import { isField } from "../fields.js";

/** @typedef {{ base64: string, number: number }} Picture */

/**
 * What a widget that takes pictures does.
 *
 * @typedef {object} IntakeActions
 * @property {(state: "" | "over" | "busy", text: string) => void} show "over" while a file is
 *   dragged over the page, "busy" while a picture is on its way; the text is for people
 * @property {(picture: Picture) => void} send it to Python, whose answer goes to `answer`
 * @property {() => void} [missPicture] something without a picture was pasted outside of a field
 * @property {() => boolean} [accepts] whether pictures are taken now
 */

const MAX_SIDE = 1600; // px: far more than the network needs

// Python answers a picture by its number. The count is never reset, so that numbers stay unique when
// a widget is mounted again; and a picture that is pasted twice is two events.
let pictures = 0;

export class PictureIntake {
  /**
   * @param {EventTarget} target the document, or the window for a widget that takes what no other
   *   widget has taken
   * @param {IntakeActions} actions
   */
  constructor(target, actions) {
    this.actions = actions;
    this.maxBytes = Infinity;
    /** @type {number | null} the picture that Python has yet to answer */
    this.awaited = null;
    this.isOver = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.dragTimer = undefined;

    this.closing = new AbortController();
    const { signal } = this.closing;
    target.addEventListener(
      "paste",
      (event) => this.onPaste(/** @type {ClipboardEvent} */ (event)),
      { signal },
    );
    target.addEventListener(
      "dragover",
      (event) => this.onDragOver(/** @type {DragEvent} */ (event)),
      { signal },
    );
    target.addEventListener("drop", (event) => this.onDrop(/** @type {DragEvent} */ (event)), {
      signal,
    });
  }

  close() {
    this.closing.abort();
    clearTimeout(this.dragTimer);
  }

  /**
   * Note what Python has answered; return whether it is the picture that was awaited.
   *
   * @param {number | null} number of the picture
   * @param {string} problem what was wrong with it, or ""
   */
  answer(number, problem) {
    if (this.awaited === null || number !== this.awaited) return false;
    this.reject(problem);
    return true;
  }

  /** @param {Event} event */
  takes(event) {
    // Another widget may have handled it, such as a file uploader with the focus.
    return !event.defaultPrevented && (this.actions.accepts?.() ?? true);
  }

  /** @param {ClipboardEvent} event */
  onPaste(event) {
    if (!this.takes(event)) return;
    const clipboard = event.clipboardData;
    const picture = [...(clipboard?.files ?? [])].find((file) => file.type.startsWith("image/"));
    const isTyping = isField(event.composedPath()[0]);
    if (picture) {
      // Spreadsheets and word processors copy text together with a picture of it. A person who is
      // typing wants the text.
      if (isTyping && clipboard?.types.includes("text/plain")) return;
      event.preventDefault();
      this.submit(picture);
    } else if (!isTyping) {
      this.actions.missPicture?.();
    }
  }

  /** @param {DragEvent} event */
  onDragOver(event) {
    if (!this.takes(event) || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // otherwise the browser would open the file
    event.dataTransfer.dropEffect = "copy";
    if (!this.isOver) this.actions.show("over", "");
    this.isOver = true;
    // Browsers differ in the events of a drag that leaves the window, but all repeat dragover while
    // it lasts, at least every 550 ms.
    clearTimeout(this.dragTimer);
    this.dragTimer = setTimeout(() => this.endDrag(), 600);
  }

  endDrag() {
    clearTimeout(this.dragTimer);
    if (!this.isOver) return;
    this.isOver = false;
    const busy = this.awaited !== null;
    this.actions.show(busy ? "busy" : "", busy ? "Searching…" : "");
  }

  /** @param {DragEvent} event */
  onDrop(event) {
    this.endDrag();
    if (!this.takes(event) || !event.dataTransfer?.types.includes("Files")) return;
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
      this.actions.show("", "That file is not a picture.");
      return;
    }
    const number = (this.awaited = ++pictures);
    this.actions.show("busy", "Searching…");
    try {
      const blob = await shrink(file);
      if (number !== this.awaited) return; // a newer picture has been given
      if (blob.size > this.maxBytes) {
        const megabytes = Math.floor(this.maxBytes / 1e6);
        this.reject(`That picture is larger than ${megabytes} MB. Use a smaller one.`);
        return;
      }
      const base64 = await toBase64(blob);
      if (number === this.awaited) this.actions.send({ base64, number });
    } catch {
      // Such as a file that was deleted after it was chosen.
      if (number === this.awaited) this.reject("That file could not be read. Try again.");
    }
  }

  /** @param {string} sentence that says why the picture is not taken, or "" */
  reject(sentence) {
    this.awaited = null;
    this.actions.show("", sentence);
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
