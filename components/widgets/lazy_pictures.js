/**
 * Loads pictures when they come near the window.
 *
 * With `loading="lazy"` Chromium loads what is within 1,250 px, and within three windows' widths of
 * a row that scrolls sideways: most of what a page shows, although few people scroll that far.
 */

// How far from the window, and from the edge of a row: a row of pictures, and one picture.
const MARGIN = "200px 150px";

/** @type {WeakMap<Element, string>} */
const sources = new WeakMap();

/** @type {IntersectionObserver | undefined} */
let observer;

/**
 * Load a picture once it is near the window; what it shows stays until then.
 *
 * @param {HTMLImageElement} image
 * @param {string} src
 */
export function loadWhenNear(image, src) {
  // The page is scrolled by an element, to which `rootMargin` does not apply.
  observer ??= new IntersectionObserver(load, /** @type {any} */ ({ scrollMargin: MARGIN }));
  sources.set(image, src);
  // Tells whether it is near already.
  observer.unobserve(image);
  observer.observe(image);
}

/**
 * The URL of the picture that an image shows or is going to show.
 *
 * @param {HTMLImageElement} image
 */
export function sourceOf(image) {
  return sources.get(image);
}

/**
 * @param {IntersectionObserverEntry[]} entries
 * @param {IntersectionObserver} observing
 */
function load(entries, observing) {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    observing.unobserve(target);
    /** @type {HTMLImageElement} */ (target).src = sources.get(target) ?? "";
  }
}
