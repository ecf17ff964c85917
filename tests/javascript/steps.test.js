import assert from "node:assert/strict";
import { test } from "node:test";

import { Steps } from "#widgets/sketch_pad/steps.js";

/** @param {...string} names */
function drawn(...names) {
  const steps = new Steps();
  for (const name of names) steps.add(name);
  return steps;
}

test("steps are undone and done again in turn, as far as there are any", () => {
  const steps = drawn("a", "b");
  assert.ok(steps.undo() && steps.undo());
  assert.equal(steps.undo(), false);
  assert.ok(steps.redo());
  assert.deepEqual(steps.shown, ["a"]);
  assert.ok(steps.canUndo && steps.canRedo);
});

test("after something new there is nothing to redo", () => {
  const steps = drawn("a", "b");
  steps.undo();
  steps.add("c");
  assert.equal(steps.redo(), false);
  assert.deepEqual(steps.shown, ["a", "c"]);
});

test("a pad that was cleared is blank, until that is undone or something is drawn", () => {
  const steps = drawn("a", "clear");
  assert.ok(steps.isBlank && steps.canUndo);
  steps.undo();
  assert.deepEqual(steps.shown, ["a"]);
  steps.redo();
  steps.add("b");
  assert.deepEqual(steps.shown, ["b"]);
});

test("a drawing from before lies below what has been drawn meanwhile", () => {
  const steps = drawn("a");
  steps.addFirst("before");
  assert.deepEqual(steps.shown, ["before", "a"]);
  assert.equal(new Steps().isBlank, true);
});
