/** Notes which pictures cannot be loaded, in whose place `broken_pictures.css` shows a placeholder. */

/**
 * Mark the pictures of a document, or of an element of a widget, as long as they are broken.
 *
 * The events of a picture bubble nowhere and do not leave a widget, so that each has to look itself.
 *
 * @param {Document | HTMLElement} root
 * @param {AddEventListenerOptions} [options]
 */
export function markBrokenPictures(root, options) {
  for (const image of root.querySelectorAll("img")) {
    if (image.complete && image.naturalWidth === 0 && image.src) image.classList.add("broken");
  }
  for (const type of ["load", "error"]) {
    root.addEventListener(type, mark, { ...options, capture: true });
  }
}

/** @param {Event} event */
function mark({ target, type }) {
  if (target instanceof HTMLImageElement) target.classList.toggle("broken", type === "error");
}
