// What somebody drew, chose or typed, kept for this tab: after a reload, the API's page or the sign-in pages it is there again.

const KEY = "inferstack.input."; // and the recipe
const OWNER = "inferstack.owner";

let isForgotten = false;

/** Keep what `read()` gives, an array, whenever the page of a recipe is left; returns what was kept of it before, or null. `owner` is who is signed in, or "". */
export function keepInput(recipe, owner, read) {
  if (owner) attempt(() => claim(owner));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && !isForgotten) attempt(() => sessionStorage.setItem(KEY + recipe, JSON.stringify(read())));
  });
  return attempt(() => JSON.parse(sessionStorage.getItem(KEY + recipe)));
}

/** Forget it: somebody signs out. */
export function forgetInput() {
  isForgotten = true;
  attempt(removeAll);
}

/** Forget what somebody else left in this tab; what was drawn before anybody signed in stays. */
function claim(owner) {
  if (![null, owner].includes(sessionStorage.getItem(OWNER))) removeAll();
  sessionStorage.setItem(OWNER, owner);
}

function removeAll() {
  for (const key of Object.keys(sessionStorage)) if (key === OWNER || key.startsWith(KEY)) sessionStorage.removeItem(key);
}

/** A browser that lets pages keep nothing, or has no room, throws: the page works without. */
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
