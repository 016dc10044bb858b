// Who is here: signing in and out.

import { keepHash, readRecipe, restoreHash } from "./permalink.js";
import { createOlder, createSignedOut } from "./problem.js";

const element = (id) => document.getElementById(id);

export class Account {
  #predictor;
  #forget;
  #isOlder;

  /** Problems are the predictor's to show; forget() drops what was asked before; isOlder() tells whether the deployment has changed since. */
  constructor(predictor, forget, isOlder) {
    this.#predictor = predictor;
    this.#forget = forget;
    this.#isOlder = isOlder;
  }

  /** Leave for the sign-in pages; not for those of a deployment that is gone, which show an error of theirs. */
  async leave(auth) {
    if (await this.#isOlder()) return this.#predictor.refuse(createOlder());
    keepHash();
    auth.signIn().catch((error) => this.#predictor.refuse(error));
  }

  /** Offer to sign in, or out: a session may end while somebody draws. */
  offer(auth) {
    element("sign-in").hidden = auth.signedIn;
    element("sign-out").hidden = !auth.signedIn;
  }

  /** Wire the buttons, finish a sign-in that came back, and ask for one where there is none; true when the API will answer. `auth` is null where it asks nobody. */
  async enter(auth) {
    if (auth === null) return true;
    for (const id of ["sign-in", "problem-sign-in"]) element(id).addEventListener("click", () => this.leave(auth));
    element("sign-out").addEventListener("click", () => this.#forget().finally(() => this.#signOut(auth)));
    await this.#finish(auth);
    this.offer(auth);
    if (!auth.signedIn) this.#predictor.refuse(createSignedOut());
    return auth.signedIn;
  }

  async #signOut(auth) {
    if (!(await this.#isOlder())) return auth.signOut();
    auth.forget();
    location.reload();
  }

  async #finish(auth) {
    const query = new URLSearchParams(location.search);
    if (!query.has("code") && !query.has("error")) return;
    const recipe = readRecipe();
    history.replaceState(null, "", recipe ? `?recipe=${encodeURIComponent(recipe)}` : location.pathname); // a code works once: keep it out of reloads and bookmarks
    restoreHash();
    await auth.finish(query);
  }
}
