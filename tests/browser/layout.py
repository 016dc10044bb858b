"""What a finger cannot hit, what stands on each other and what is cut off, measured in the page."""

# Links inside a sentence are as high as its line (WCAG 2.5.8 excepts them); the programs are focusable to be scrolled, not to be hit.
_TARGETS = """[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((e) => {
    if (e.matches("pre") || e.closest(".hidden") || !e.checkVisibility({ visibilityProperty: true })) return false;
    const hasWords = e.parentElement.textContent.trim() !== e.textContent.trim();
    const inSentence = e.matches("a") && getComputedStyle(e).display === "inline" && hasWords;
    return !inSentence && e.getClientRects().length > 0;
})"""
_AREA = """(e) => {
    const boxes = [e, ...(e.labels ?? [])].map((part) => part.getBoundingClientRect());
    return [Math.max(...boxes.map((b) => b.right)) - Math.min(...boxes.map((b) => b.left)), Math.max(...boxes.map((b) => b.height))];
}"""
_NAME = "(e) => e.ariaLabel || e.labels?.[0]?.textContent || e.textContent.trim().slice(0, 40) || e.id"
SMALL_TARGETS = f"""(() => {{
    const area = {_AREA}, name = {_NAME};
    return {_TARGETS}.map((e) => [name(e), ...area(e)]).filter(([, width, height]) => width < 43.9 || height < 43.9);
}})()"""
# Boxes of text, and of what can be used, that stand on each other.
OVERLAPS = f"""(() => {{
    const visible = {{ visibilityProperty: true, opacityProperty: true }};
    const shown = (e) => !e.closest(".hidden, [aria-hidden='true']") && e.checkVisibility(visible);
    const boxes = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {{
        const node = walker.currentNode;
        if (!node.textContent.trim() || !shown(node.parentElement)) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const box of range.getClientRects()) boxes.push([node, node.textContent.trim().slice(0, 40), box, node.parentElement]);
    }}
    for (const e of {_TARGETS}) if (!e.matches("input[type=file]")) boxes.push([e, ({_NAME})(e), e.getBoundingClientRect(), e]);
    const found = [];
    for (const [i, [a, aName, x, aIn]] of boxes.entries())
        for (const [b, bName, y, bIn] of boxes.slice(i + 1)) {{
            if (a === b || aIn.contains(bIn) || bIn.contains(aIn)) continue;
            if ([aIn, bIn].some((e) => e.closest("pre, .confusion, .digits"))) continue; // they scroll
            const wide = Math.min(x.right, y.right) - Math.max(x.left, y.left);
            const high = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
            const share = high / Math.min(x.height, y.height); // boxes of letters are higher than letters are
            if (wide > 2 && share > 0.25) found.push([aName, bName, Math.round(wide), Math.round(high)]);
        }}
    return found;
}})()"""
CUT = """[...document.querySelectorAll("body *")].filter((e) => {
    const { overflowX, overflowY } = getComputedStyle(e);
    if (e.closest(".hidden") || !e.checkVisibility() || e.matches("canvas, input")) return false;
    return (overflowX === "hidden" && e.scrollWidth > e.clientWidth + 1) || (overflowY === "hidden" && e.scrollHeight > e.clientHeight + 1);
}).map((e) => [e.className || e.id || e.tagName, e.textContent.trim().slice(0, 60), e.scrollWidth, e.clientWidth])"""
# What is wider than the window, innermost; nothing where the page does not scroll sideways.
BESIDE = """(() => {
    const isWide = (e) => !e.closest(".hidden, pre, .confusion") && e.getBoundingClientRect().right > innerWidth + 0.5;
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const wide = [...document.querySelectorAll("main *, header *")].filter(isWide);
    const innermost = wide.filter((e) => !wide.some((other) => other !== e && e.contains(other)));
    return innermost.map((e) => ["sideways", e.className || e.id || e.tagName, e.textContent.slice(0, 40)]);
})()"""
# In forced colours: shapes that were nothing but a background, and words on a filled ground, which browsers cover with a plate.
UNSEEN = """(() => {
    const { backgroundColor: ground, color: ink } = getComputedStyle(document.body);
    const isBare = (style) => [ground, "rgba(0, 0, 0, 0)"].includes(style.backgroundColor) && style.borderStyle === "none";
    const isShape = (e) => e.matches("i, span, div") && !e.firstChild && e.offsetWidth && e.offsetHeight;
    const isShown = (e) => !e.closest(".hidden, .progress") && e.checkVisibility({ visibilityProperty: true });
    return [...document.querySelectorAll("main *")].filter(isShown).filter((e) => {
        const style = getComputedStyle(e);
        const drawn = ["::before", "::after"].map((part) => getComputedStyle(e, part)).filter(({ content }) => content === '""');
        const isCovered = e.textContent.trim() && style.backgroundColor === ink && style.forcedColorAdjust !== "none";
        return isCovered || (isShape(e) && isBare(style)) || drawn.some(isBare);
    }).map((e) => e.className || e.id || e.outerHTML);
})()"""
