/**
 * Lets Streamlit's uploader keep the sub-folders of a folder that is dropped on it, and gives it a
 * role that screen readers announce with its label.
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
    // Another uploader takes the place of one when its options change.
    this.changing = new MutationObserver(() => this.mendRoles());
    this.changing.observe(document.body, { childList: true, subtree: true });
  }

  /** @param {Data} data */
  update({ zone, max_files: maxFiles }) {
    this.zone = zone;
    this.maxFiles = maxFiles;
    this.mendRoles();
  }

  close() {
    this.closing.abort();
    this.changing.disconnect();
  }

  /** Make a zone what its label says; Streamlit says that it is only presentation. */
  mendRoles() {
    if (!this.zone) return;
    for (const zone of document.querySelectorAll(`${this.zone}[role="presentation"]`)) {
      zone.setAttribute("role", "group");
    }
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
