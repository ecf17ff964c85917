import assert from "node:assert/strict";
import { test } from "node:test";

import { filesIn } from "#widgets/folder_drop/dropped_files.js";

function file(fullPath) {
  const found = { name: fullPath.split("/").pop(), webkitRelativePath: "" };
  return { isFile: true, isDirectory: false, fullPath, file: (done) => done(found) };
}

/** A folder whose reader returns two children at a time, as browsers return a hundred. */
function folder(...children) {
  const createReader = () => {
    const left = [...children];
    return { readEntries: (done) => done(left.splice(0, 2)) };
  };
  return { isFile: false, isDirectory: true, createReader };
}

function unreadable() {
  const refuse = (_, fail) => fail(new Error("not allowed"));
  return { isFile: true, isDirectory: false, fullPath: "/a/secret.png", file: refuse };
}

const paths = (files) => files.map((each) => each.webkitRelativePath || each.name);

test("files of dropped folders have their paths, in their order", async () => {
  const red = folder(file("/a/red/1.png"), file("/a/red/2.png"), file("/a/red/3.png"));
  const files = await filesIn([folder(red, file("/a/b.png")), file("/alone.png")], 100);
  assert.deepEqual(paths(files), [
    "a/red/1.png",
    "a/red/2.png",
    "a/red/3.png",
    "a/b.png",
    "alone.png",
  ]);
});

test("no more files are read than are taken", async () => {
  const many = Array.from({ length: 50 }, (_, i) => file(`/a/${i}.png`));
  assert.equal((await filesIn([folder(...many)], 11)).length, 11);
});

test("what cannot be read is left out, and what is no file", async () => {
  const broken = { isFile: false, isDirectory: true, createReader: unreadable };
  assert.deepEqual(paths(await filesIn([unreadable(), null, broken, file("/a.png")], 9)), [
    "a.png",
  ]);
});
