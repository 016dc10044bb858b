// "Asked before": small pictures of what was asked, with what came of it. One click asks it again.

import { make } from "./dom.js";
import { formatValue } from "./numbers.js";
import { count, moment } from "./words.js";

const SIDE = 88; // px of a thumbnail, twice what is shown
const MOST_DIGITS = 6; // have room under it

/** A small picture of what was sent, or null of what is no picture. */
export async function makeThumbnail(body) {
  if (!body.type.startsWith("image/")) return null;
  const bitmap = await createImageBitmap(body);
  const scale = SIDE / Math.max(bitmap.width, bitmap.height);
  const canvas = make("canvas", { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob(resolve));
}

/** What an entry was, in a few words: "7, not certain", "4 2", "15 digits", "53,521.34 for 3.1 years", "Arrest for Vehicle search, Male". */
export function describeEntry({ answer: { label, value, verdict, digits }, asked }) {
  if (digits) return digits.length > MOST_DIGITS ? count(digits.length, "digit") : digits.join(" ");
  if (value !== undefined) return `${formatValue(value)}${asked ? ` for ${asked}` : ""}`;
  if (asked) return `${label} for ${asked}`;
  return verdict === undefined || verdict === "certain" ? String(label) : `${label}, ${verdict}`;
}

export class HistoryView {
  #list;
  #words;
  #clear;
  #count;
  #again;
  #urls = [];

  /** `parts`: the list, the words beside it, the button that clears and the count; again(entry) asks an entry again, clear() forgets all. */
  constructor({ list, words, clear, count }, again, forget) {
    this.#list = list;
    this.#words = words;
    this.#clear = clear;
    this.#count = count;
    this.#again = again;
    clear.addEventListener("click", () => {
      forget();
      words.focus(); // the button goes
    });
  }

  show(entries, isKept) {
    for (const url of this.#urls) URL.revokeObjectURL(url);
    this.#urls = [];
    const had = this.#list.contains(document.activeElement);
    this.#list.replaceChildren(...entries.map((entry) => make("li", {}, this.#button(entry))));
    if (had) (this.#list.querySelector("button") ?? this.#words).focus({ preventScroll: true }); // what was asked again is the newest
    this.#clear.hidden = !entries.length;
    this.#count.textContent = entries.length ? String(entries.length) : "";
    this.#words.textContent = !isKept ? "This browser keeps nothing for this page, as in a private window." : entries.length ? "Kept in this browser alone, and never sent. The oldest go when there are more than 50." : "Nothing yet. What you ask is kept here, in this browser alone.";
  }

  #button(entry) {
    const words = describeEntry(entry);
    const button = make("button", { type: "button", className: "asked", ariaLabel: `Ask again: ${words}, ${moment(entry.at)}` });
    if (entry.thumbnail) {
      const url = URL.createObjectURL(entry.thumbnail);
      this.#urls.push(url);
      button.append(make("img", { src: url, alt: "" }));
    }
    button.append(make("span", { textContent: words }));
    button.addEventListener("click", () => this.#again(entry));
    return button;
  }
}
