/**
 * Lets Streamlit's uploader keep the sub-folders of a folder that is dropped on it.
 *
 * The uploader sends `webkitRelativePath` as the name of a file. Browsers set it for a folder that
 * is chosen, and leave it empty for one that is dropped, although they know the path. So a drop
 * with folders is held back, the folders are read here, and the uploader gets a drop of their
 * files.
 */

import { component } from "../mount.js";
import { filesIn } from "./dropped_files.js";

/** @typedef {{ zone: string, max_files: number }} Data; a selector of what takes files */

export default component(
  ".folder-drop",
  "dropped",
  /** @type {() => FolderDrop} */
  () => new FolderDrop(),
);

class FolderDrop {
  constructor() {
    this.zone = "";
    this.maxFiles = 0;
    this.closing = new AbortController();
    const options = { capture: true, signal: this.closing.signal };
    document.addEventListener("drop", (event) => void this.onDrop(event), options);
  }

  /** @param {Data} data */
  update({ zone, max_files: maxFiles }) {
    this.zone = zone;
    this.maxFiles = maxFiles;
  }

  close() {
    this.closing.abort();
  }

  /** @param {DragEvent} event */
  async onDrop(event) {
    const { target, dataTransfer } = event;
    // An event that was made by a script is the one that is sent below.
    if (!event.isTrusted || !dataTransfer || !(target instanceof Element)) return;
    if (!target.closest(this.zone)) return;
    // They are gone once this function waits for something.
    const entries = [...dataTransfer.items].map((item) => item.webkitGetAsEntry());
    if (!entries.some((entry) => entry?.isDirectory)) return;
    event.preventDefault();
    event.stopImmediatePropagation();

    const files = await filesIn(entries, this.maxFiles + 1);
    const items = files.map((file) => ({
      kind: "file",
      type: file.type,
      getAsFile: () => file,
    }));
    const drop = new Event("drop", { bubbles: true, cancelable: true });
    Object.defineProperty(drop, "dataTransfer", { value: { types: ["Files"], items, files } });
    target.dispatchEvent(drop);
  }
}
