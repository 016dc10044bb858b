import assert from "node:assert/strict";
import { test } from "node:test";
import { Markdown, parseInline } from "../../web/docs-markdown.js";

const React = { createElement: (type, properties, ...children) => ({ type, ...properties, children: children.flat() }) };
const render = (source) => Markdown({ React }).wrapComponents.Markdown()({ source });

test("finds code and links in a sentence", () => {
  assert.deepEqual(parseInline("see `GET /model` or [there](https://a.example)."), ["see ", { code: "GET /model" }, " or ", { text: "there", href: "https://a.example" }, "."]);
  assert.deepEqual(parseInline("`a`"), [{ code: "a" }]);
  assert.deepEqual(parseInline("<b>2 * 3</b>"), ["<b>2 * 3</b>"]);
});

test("makes a paragraph a line, and nothing of nothing", () => {
  assert.deepEqual(render("a\n\nb").children.map(({ type, children }) => [type, children]), [["p", ["a"]], ["p", ["b"]]]);
  assert.equal(render(undefined), null);
});

test("links to the web alone", () => {
  const [paragraph] = render("[a](https://a.example) [b](http-api.md) [c](javascript:alert(1))").children;
  assert.deepEqual(paragraph.children.map((part) => part.href ?? part), ["https://a.example", " ", "b", " ", "c", ")"]);
});
