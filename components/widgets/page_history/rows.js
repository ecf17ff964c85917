/** The rows of a page that are scrolled sideways: strips of pictures, in the widgets' shadow roots. */

/** The strips of the page, by the name that screen readers are told. */
function strips() {
  /** @type {Map<string, Element>} */
  const found = new Map();
  for (const host of document.querySelectorAll('[class*="st-key-"] *')) {
    for (const strip of host.shadowRoot?.querySelectorAll('[data-layout="strip"]') ?? []) {
      found.set(strip.getAttribute("aria-label") ?? "", strip);
    }
  }
  return found;
}

/**
 * How far the strips that are scrolled are from their left, in px, by name.
 *
 * @returns {Record<string, number>}
 */
export function scrolledRows() {
  const scrolled = [...strips()].filter(([, strip]) => strip.scrollLeft > 0);
  return Object.fromEntries(scrolled.map(([name, strip]) => [name, strip.scrollLeft]));
}

/**
 * Scroll the strips that are there and have their pictures; return the others.
 *
 * @param {Record<string, number>} rows px from the left, by name
 */
export function scrollRows(rows) {
  const present = strips();
  const missing = Object.entries(rows).filter(([name, left]) => {
    const strip = present.get(name);
    if (!strip || strip.scrollWidth <= strip.clientWidth) return true;
    strip.scrollLeft = left;
    return false;
  });
  return Object.fromEntries(missing);
}
