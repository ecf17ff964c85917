/**
 * Takes a picture that is pasted or dropped anywhere on the page, or chosen.
 *
 * Streamlit calls the default export again whenever the data or the theme
 * changes, on the same DOM. What must outlive a call is kept per zone.
 */

const LONGEST_SIDE = 1600; // pixels: far more than the network looks at

const zones = new WeakMap();

// Python answers a picture by its number. One count for the page's lifetime
// stays distinct when a zone is mounted anew, and makes a picture that is
// pasted twice two different events.
let pictures = 0;

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".zone");
  const zone = zones.get(element) ?? new Zone(element);
  zones.set(element, zone);
  zone.update(data, (picture) => setTriggerValue("given", picture));

  // Streamlit may call an outdated call's clean-up after a newer call.
  const call = (zone.lastCall = Symbol());
  return () => {
    if (zone.lastCall !== call) return;
    zone.close();
    zones.delete(element);
  };
}

class Zone {
  constructor(element) {
    this.element = element;
    this.button = element.querySelector("button");
    this.input = element.querySelector("input");
    this.message = element.querySelector("[role=status]");
    this.awaited = null;
    this.dragTimer = null;

    if (/Mac|iPhone|iPad/.test(navigator.platform)) {
      element.querySelector("kbd").textContent = "⌘V";
    }
    this.button.onclick = () => this.input.click();
    this.input.onchange = () => {
      const [file] = this.input.files;
      this.input.value = ""; // else choosing the same file again is no change
      if (file) this.take(file);
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

  update(data, send) {
    this.send = send;
    this.mostBytes = data.most_bytes;
    if (this.awaited !== null && data.heard === this.awaited) {
      this.awaited = null;
      this.show("", data.trouble);
    }
  }

  show(state, text) {
    this.element.dataset.state = state;
    this.message.textContent = text;
  }

  onPaste(event) {
    // Another widget has taken it, such as a file uploader with the focus.
    if (event.defaultPrevented) return;
    const clipboard = event.clipboardData;
    const picture = [...(clipboard?.files ?? [])].find((file) => file.type.startsWith("image/"));
    const typing = isEditable(event.composedPath()[0]);
    if (picture) {
      // Spreadsheets and word processors copy text with a picture of it:
      // who is typing means the text.
      if (typing && clipboard.types.includes("text/plain")) return;
      event.preventDefault();
      this.take(picture);
    } else if (!typing) {
      this.show("", "The clipboard holds no picture.");
    }
  }

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

  onDrop(event) {
    this.endDrag();
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    const file = files.find((each) => each.type.startsWith("image/")) ?? files[0];
    if (file) this.take(file);
  }

  /** Send a file to Python, or say why not. */
  async take(file) {
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
        this.refuse(`That picture is larger than ${most} MB. Please give a smaller one.`);
        return;
      }
      const base64 = await toBase64(blob);
      if (number === this.awaited) this.send({ base64, number });
    } catch {
      // Such as a file that was deleted after it was chosen.
      if (number === this.awaited) this.refuse("That file could not be read. Please try again.");
    }
  }

  refuse(sentence) {
    this.awaited = null;
    this.show("", sentence);
  }
}

/** A large picture made smaller; any other file as it is. */
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
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  // PNG keeps transparency and every pixel; a JPEG has neither to keep.
  const type = file.type === "image/jpeg" ? "image/jpeg" : "image/png";
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, type, 0.95));
  return blob ?? file;
}

function toBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

const FIELDS =
  "textarea, input:not([type=button], [type=checkbox], [type=file], [type=radio], [type=range])";

/** Whether typing into the element writes text. */
function isEditable(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(FIELDS));
}
