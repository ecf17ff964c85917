import assert from "node:assert/strict";
import { test } from "node:test";
import { URL } from "node:url";

import { textIn, withText, withoutText } from "#widgets/search_box/result_url.js";

const page = {
  url: "http://here.test/under/?catalogue=small",
  parameter: "q",
  resets: ["page", "first"],
};

test("a text leads to all that match it, whatever its characters", () => {
  for (const text of ["cat", "a&b=c#d", "кресло 🪑", "+ %20"]) {
    const url = withText(page, text);
    assert.equal(new URL(url).searchParams.get("catalogue"), "small");
    assert.equal(textIn(page, url), text);
  }
  assert.equal(withText(page, ""), page.url);
});

test("a URL of another page holds no text", () => {
  assert.equal(textIn(page, "http://here.test/under/map?catalogue=small&q=cat"), "");
  assert.equal(textIn(page, "http://here.test/under/?catalogue=other"), "");
});

test("without the text a URL stays what it is, but for what belongs to the text", () => {
  assert.equal(
    withoutText(page, "http://here.test/under/?catalogue=small&q=cat&category=A+B&page=2"),
    "http://here.test/under/?catalogue=small&category=A+B",
  );
});
