import assert from "node:assert/strict";
import { test } from "node:test";

import { needsDecoder } from "#widgets/model_viewer/model_file.js";

/** A binary glTF with this header, and something after it. */
function file(header) {
  const json = Buffer.from(JSON.stringify(header));
  const data = Buffer.alloc(20 + json.length + 8, 0xff);
  data.writeUInt32LE(json.length, 12);
  json.copy(data, 20);
  return Uint8Array.from(data).buffer;
}

test("a compressed model is told from one that can be shown", () => {
  assert.equal(needsDecoder(file({ asset: { version: "2.0" } })), false);
  assert.equal(needsDecoder(file({ extensionsUsed: ["KHR_materials_unlit"] })), false);
  for (const name of [
    "KHR_draco_mesh_compression",
    "EXT_meshopt_compression",
    "KHR_texture_basisu",
  ]) {
    assert.equal(needsDecoder(file({ extensionsUsed: ["KHR_materials_unlit", name] })), true);
  }
});

test("a file that is no model is not taken for one", () => {
  assert.throws(() => needsDecoder(new ArrayBuffer(8)));
  assert.throws(() => needsDecoder(Uint8Array.from(Buffer.alloc(64, "<html>")).buffer));
});
