/** The file of a 3D model: a binary glTF. */

export const NO_MODEL =
  "The 3D model cannot be shown: its file is missing, damaged or of an unsupported kind. " +
  "Import the model again, or open its file in another program.";
// Extensions of glTF that need a decoder.
const COMPRESSED = /draco|meshopt|basisu/i;

/**
 * Fetch a model, and return a URL of what was fetched.
 *
 * @param {string} url
 * @param {AbortSignal} signal
 */
export async function fetchModel(url, signal) {
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(String(response.status));
    const file = await response.arrayBuffer();
    // Without the decoder, model-viewer would wait forever.
    if (needsDecoder(file)) throw new Error("compressed");
    return URL.createObjectURL(new Blob([file]));
  } catch {
    throw new Error(NO_MODEL);
  }
}

/**
 * Whether a model is compressed in a way that needs a decoder, which Lookalike does not have.
 *
 * @param {ArrayBuffer} file
 */
export function needsDecoder(file) {
  const { extensionsUsed = [] } = readHeader(file);
  return extensionsUsed.some((name) => COMPRESSED.test(name));
}

/**
 * The first chunk of a binary glTF, which is JSON.
 *
 * @param {ArrayBuffer} file
 * @returns {{ extensionsUsed?: string[] }}
 */
function readHeader(file) {
  const length = new DataView(file).getUint32(12, true);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(file, 20, length)));
}
