// Making elements. Text is always set as text: a file's name may look like HTML.

/** An element with properties, and with children that are elements or text; null children are left out. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Make `parent` hold these nodes in this order, without moving those already in place, so that a focused one keeps the focus. */
export function arrange(parent, nodes) {
  const kept = new Set(nodes);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  nodes.forEach((node, i) => parent.children[i] === node || parent.insertBefore(node, parent.children[i] ?? null));
}

/** Where the focus is in what is about to go, take it to what stays: else the keyboard would be thrown back to the page's start. */
export function moveFocus(from, to, isGoing = true) {
  if (isGoing && from.contains(document.activeElement)) to?.focus({ preventScroll: true });
}

/** Scroll as little as shows an element, and gently where people have nothing against it. */
export function bringIntoSight(target) {
  target.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

/** Call back once `element` is in sight, or nearly. */
export function whenInSight(element, call) {
  const see = (changes) => {
    if (!changes.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    call();
  };
  const observer = new IntersectionObserver(see, { rootMargin: "150%" }); // as far as browsers draw ahead
  observer.observe(element);
}

/** A table of bars with a value each; `rows` are [label, fraction of the longest, words]. */
export function barTable(caption, heads, rows, best = -1) {
  const body = rows.map(([label, fraction, words], i) => {
    const bar = make("span", { className: "bar" });
    bar.style.setProperty("--probability", fraction);
    const track = make("span", { className: "track" }, bar);
    track.setAttribute("aria-hidden", "true");
    const line = make("span", { className: "line" }, track, make("span", { className: "value", textContent: words }));
    return make("tr", { className: i === best ? "best" : fraction < 0.0005 ? "nothing" : "" }, make("th", { scope: "row", textContent: label }), make("td", {}, line));
  });
  return make(
    "table",
    { className: "bars" },
    make("caption", { className: "hidden", textContent: caption }),
    make("thead", { className: "hidden" }, make("tr", {}, ...heads.map((textContent) => make("th", { scope: "col", textContent })))),
    make("tbody", {}, ...body),
  );
}
