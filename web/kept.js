// What somebody drew or typed, kept for this tab: after a reload, the API's page or the sign-in pages it is there again.

const KEY = "inferstack.input";

let isForgotten = false;

/** Keep what `read()` gives of a recipe whenever the page is left; returns what was kept of it before, or null. */
export function keepInput(recipe, read) {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && !isForgotten) attempt(() => sessionStorage.setItem(KEY, JSON.stringify({ recipe, input: read() })));
  });
  const before = attempt(() => JSON.parse(sessionStorage.getItem(KEY)));
  return before?.recipe === recipe ? before.input : null;
}

/** Forget it: somebody signs out. */
export function forgetInput() {
  isForgotten = true;
  attempt(() => sessionStorage.removeItem(KEY));
}

/** A browser that lets pages keep nothing, or has no room, throws: the page works without. */
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
