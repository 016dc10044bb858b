// What stands around the answer: the request and the answer as JSON, what was asked before, and what is known of the model.

import { History } from "./history.js";
import { HistoryView, makeThumbnail } from "./history-view.js";
import { wireCopy } from "./copy.js";
import { buildCard } from "./model-card.js";
import { describeRequest, formatJson } from "./raw-json.js";
import { isOf } from "./recipes.js";

const SETTLED_MS = 1000; // a guess at a drawing that goes on is not kept

const element = (id) => document.getElementById(id);

export class Around {
  #ready;
  #history = null;
  #view;
  #settling = null;

  /** `ready` gives {config} when the page knows it; again(entry) asks an entry of the history again; say(text) tells screen readers. */
  constructor({ ready, again, say }) {
    this.#ready = ready;
    const parts = { list: element("asked-list"), words: element("asked-words"), clear: element("asked-clear"), count: element("asked-count") };
    this.#view = new HistoryView(parts, again, async () => {
      await this.forget();
      say("The history is empty");
    });
    for (const id of ["request", "response"]) wireCopy(element(`copy-${id}`), element(`raw-${id}`), say);
  }

  /** Show what `owner` asked before. */
  async showHistory(owner) {
    const { config } = await this.#ready;
    this.#history = new History(owner, { recipe: config.recipe, isShown: (kept) => isOf(config, kept) });
    await this.#refresh();
  }

  /** Show the manifest of the model that answers. */
  async showModel(manifest) {
    element("model-card").replaceChildren(...buildCard(manifest, (await this.#ready).config));
    element("about-name").textContent = manifest.name ?? "";
    element("about").hidden = false;
  }

  /** An answer has come, to what was sent; of a picture of several digits, the `page` that holds all of them counts. */
  async show({ answer: first, sent, shown, asked = "", page = null }) {
    const { apiUrl, auth, base } = (await this.#ready).config;
    const answer = page?.answer ?? first;
    const query = page ? "?digits=all" : shown && `?include=${shown}`;
    element("raw-request").textContent = await describeRequest({ url: `${apiUrl}${base}/predictions${query}`, body: sent, hasToken: auth.kind === "jwt" });
    element("raw-response").textContent = formatJson(answer);
    element("raw").hidden = false;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#keep(answer.predictions, sent, asked), SETTLED_MS);
  }

  /** Forget what was asked: somebody wants it, or signs out. */
  async forget() {
    clearTimeout(this.#settling);
    await this.#history?.clear();
    await this.#refresh();
  }

  async #keep(predictions, body, asked) {
    if (!this.#history) return;
    const [{ label, value, verdict }] = predictions;
    const digits = predictions.length > 1 ? predictions.map((each) => each.label) : undefined;
    const thumbnail = await makeThumbnail(body).catch(() => null);
    await this.#history.add({ at: new Date().toISOString(), body, asked, answer: { label, value, verdict, digits }, thumbnail });
    await this.#refresh();
  }

  async #refresh() {
    if (this.#history) this.#view.show(await this.#history.list(), await this.#history.isKept());
  }
}
