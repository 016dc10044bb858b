// The contract's Markdown as elements: paragraphs, code and links, which are all that it has. No text becomes HTML.

const PART = /`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** "see `GET /model`" → ["see ", {code: "GET /model"}]; a link is {text, href}. */
export function parseInline(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(PART)) {
    if (match.index > from) parts.push(text.slice(from, match.index));
    const [all, code, words, href] = match;
    parts.push(code === undefined ? { text: words, href } : { code });
    from = match.index + all.length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** A plugin of Swagger UI in place of its Markdown. */
export function Markdown({ React }) {
  const element = React.createElement;
  const inline = (part, key) => {
    if (typeof part === "string") return part;
    if (part.code !== undefined) return element("code", { key }, part.code);
    // A path leads to a file of the checkout, which is not served here.
    return /^https?:/.test(part.href) ? element("a", { key, href: part.href, rel: "noreferrer" }, part.text) : part.text;
  };
  const Paragraphs = ({ source, className = "" }) => {
    const paragraphs = String(source ?? "").split(/\n+/).filter((text) => text.trim());
    return paragraphs.length ? element("div", { className: `markdown ${className}` }, paragraphs.map((text, key) => element("p", { key }, parseInline(text).map(inline)))) : null;
  };
  return { wrapComponents: { Markdown: () => Paragraphs } };
}
