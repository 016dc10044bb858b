// What somebody drew or typed, kept for this tab: after a reload, the API's page or the sign-in pages it is there again.

const KEY = "inferstack.input."; // and the recipe

let isForgotten = false;

/** Keep what `read()` gives, an array, whenever the page of a recipe is left; returns what was kept of it before, or null. */
export function keepInput(recipe, read) {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && !isForgotten) attempt(() => sessionStorage.setItem(KEY + recipe, JSON.stringify(read())));
  });
  return attempt(() => JSON.parse(sessionStorage.getItem(KEY + recipe)));
}

/** Forget it: somebody signs out. */
export function forgetInput() {
  isForgotten = true;
  attempt(() => Object.keys(sessionStorage).filter((key) => key.startsWith(KEY)).forEach((key) => sessionStorage.removeItem(key)));
}

/** A browser that lets pages keep nothing, or has no room, throws: the page works without. */
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
