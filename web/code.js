// "From your own code": what it does, a tab for each language, its program, a button that copies it, the sample it asks about, and what was drawn.

import { wireCopy } from "./copy.js";
import { make } from "./dom.js";
import { chooseSample, LANGUAGES, writeSnippet } from "./snippet.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };
const EXTENSIONS = { "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif", "image/bmp": "bmp" };

export class Code {
  #say;
  #tabs;
  #panel = make("pre", { id: "code-panel", tabIndex: 0 }, make("code"));
  #foot = make("p", { className: "code-foot" });
  #chosen = LANGUAGES[0];
  #config = null;
  #instance = null;
  #isPhoto = false; // whether the model takes photos
  #digits;
  #isUpload = false;
  #ways;
  #own = make("span", { className: "code-own", hidden: true }, "The sample lets it run as it stands. ", make("a", { className: "code-sample", textContent: "Save your picture" }), " to ask about that.");

  /** Fill `root`; say(text) tells screen readers. `readToken()` gives the token of who is signed in, to copy it. */
  constructor(root, say, readToken) {
    this.#say = say;
    this.#tabs = LANGUAGES.map((language) => this.#createTab(language));
    const list = make("div", { className: "code-tabs", role: "tablist", ariaLabel: "Language" }, ...this.#tabs);
    list.addEventListener("keydown", (event) => this.#step(event));
    this.#panel.setAttribute("role", "tabpanel");
    const copy = this.#createCopy("Copy", this.#panel);
    this.#foot.append(copy, make("a", { className: "code-sample" }), this.#createCopy("Copy a token for $TOKEN", null, readToken));
    this.#ways = [["Ask at once", false], ["Upload a file", true]].map(([textContent, isUpload]) => this.#createWay(textContent, isUpload));
    root.append(make("div", { className: "code-ways", role: "group", ariaLabel: "What the program does" }, ...this.#ways), list, this.#panel, this.#foot, this.#own);
    this.#choose(this.#chosen);
  }

  /** The address and the sign-in of the API, and what the page asked about: a row of numbers, or a picture; of several digits with `digits` "all"; or whether it uploads. */
  show({ config = this.#config, instance = this.#instance, isPhoto = this.#isPhoto, digits, isUpload = false }) {
    this.#config = config;
    this.#instance = instance;
    this.#isPhoto = isPhoto;
    this.#digits = digits;
    this.#isUpload = isUpload;
    this.#choose(this.#chosen);
  }

  /** Offer the picture that was asked about as a file, beside the sample. */
  offer(picture) {
    const link = this.#own.children[0];
    URL.revokeObjectURL(link.href);
    const name = `mine.${EXTENSIONS[picture.type] ?? "png"}`;
    Object.assign(link, { href: URL.createObjectURL(picture), download: name });
    this.#own.hidden = false;
  }

  #createWay(textContent, isUpload) {
    const button = make("button", { type: "button", className: "quiet", textContent });
    button.addEventListener("click", () => this.show({ digits: this.#digits, isUpload }));
    return button;
  }

  #createTab(language) {
    const tab = make("button", { type: "button", id: `code-${language}`, role: "tab", textContent: language });
    tab.setAttribute("aria-controls", "code-panel");
    tab.addEventListener("click", () => this.#choose(language));
    return tab;
  }

  /** Arrows, Home and End go through the tabs, as in every tab list. */
  #step(event) {
    const at = LANGUAGES.indexOf(this.#chosen);
    const to = { Home: 0, End: LANGUAGES.length - 1 }[event.key] ?? (event.key in STEPS ? (at + STEPS[event.key] + LANGUAGES.length) % LANGUAGES.length : null);
    if (to === null) return;
    event.preventDefault();
    this.#choose(LANGUAGES[to]);
    this.#tabs[to].focus();
  }

  #choose(language) {
    this.#chosen = language;
    for (const tab of this.#tabs) {
      const isChosen = tab.textContent === language;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
    }
    this.#ways.forEach((way, i) => way.setAttribute("aria-pressed", String(Boolean(i) === this.#isUpload)));
    this.#panel.ariaLabel = `${language} program`;
    const pageUrl = new URL("./", location.href).href;
    this.#panel.firstChild.textContent = this.#config ? writeSnippet(language, this.#config, pageUrl, { instance: this.#instance, isPhoto: this.#isPhoto, digits: this.#digits, isUpload: this.#isUpload }) : "";
    const [, sample, token] = this.#foot.children;
    const { name } = chooseSample({ isPhoto: this.#isPhoto, digits: this.#digits, isUpload: this.#isUpload });
    Object.assign(sample, { href: name, download: name, textContent: `Sample: ${name}`, hidden: this.#instance !== null });
    token.hidden = this.#config?.auth.kind !== "jwt";
  }

  #createCopy(label, shown, read) {
    const button = make("button", { type: "button", className: "quiet", textContent: label });
    wireCopy(button, shown, this.#say, read);
    return button;
  }
}
