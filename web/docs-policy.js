// Before the viewer: a library in it would make a policy for HTML, which the page's own policy forbids and reports. Without the browser's
// object it makes none, and the browser forbids HTML all the same: the viewer needs none, see docs-markdown.js.

Object.defineProperty(globalThis, "trustedTypes", { value: undefined });
