/** Google's model-viewer, as this server has it. */

/**
 * The members that are used here of its class.
 *
 * @typedef {object} ModelViewerClass
 * @property {string} dracoDecoderLocation
 * @property {string} ktx2TranscoderLocation
 * @property {string} lottieLoaderLocation
 * @property {(map: (url: string) => string) => void} mapURLs
 */

const NO_LIBRARY = "The 3D viewer could not be loaded. Reload the page.";

/**
 * Load and define model-viewer, when it is first needed.
 *
 * @param {string} url
 */
export async function loadLibrary(url) {
  if (customElements.get("model-viewer")) return;
  const library = new URL(url, document.baseURI);
  try {
    await import(library.href);
  } catch {
    throw new Error(NO_LIBRARY);
  }
  const defined = /** @type {unknown} */ (customElements.get("model-viewer"));
  const ModelViewer = /** @type {ModelViewerClass} */ (defined);
  // By default it loads decoders from Google and others, and a file may refer to any server.
  const nowhere = new URL("decoders/", library).href;
  ModelViewer.dracoDecoderLocation = nowhere;
  ModelViewer.ktx2TranscoderLocation = nowhere;
  ModelViewer.lottieLoaderLocation = nowhere;
  ModelViewer.mapURLs((requested) => (isLocal(requested) ? requested : "data:,"));
}

/**
 * Whether a URL is of this server, or holds its own data.
 *
 * @param {string} url
 */
function isLocal(url) {
  const { protocol, origin } = new URL(url, document.baseURI);
  return protocol === "data:" || origin === location.origin;
}
