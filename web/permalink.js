// An address for each job: `#job=ID` opens it for its owner, after a reload and after signing in too, as `#status` does.

import { make } from "./dom.js";

const ADDRESS = "inferstack.address"; // where somebody was going who had to sign in first
const RECIPE = "inferstack.recipe"; // and the one that was asked there
const JOB = /^#job=([0-9a-hjkmnp-tv-z]{26})$/;

/** The job that an address' hash names, or null. */
export const readJob = (hash) => JOB.exec(hash)?.[1] ?? null;

/** The address of a job on this page. */
export const writeLink = (id, base = location.href) => new URL(`#job=${id}`, base).href;

/** The recipe that the address names, or null; back from the sign-in pages, the one that it named before. */
export function readRecipe(search = location.search) {
  const query = new URLSearchParams(search);
  return query.get("recipe") || ((query.has("code") || query.has("error")) && sessionStorage.getItem(RECIPE)) || null;
}

/** Before leaving for the sign-in pages, which give nothing of the address back. */
export function keepHash() {
  sessionStorage.setItem(ADDRESS, location.hash);
  sessionStorage.setItem(RECIPE, readRecipe() ?? "");
}

/** Back from them: the same address as before. */
export function restoreHash() {
  const hash = sessionStorage.getItem(ADDRESS) ?? "";
  sessionStorage.removeItem(ADDRESS);
  if (readJob(hash)) history.replaceState(null, "", hash);
  else if (hash === "#status") location.replace(hash); // what shows it waits for the change
}

/** Open the job that the address names, now and whenever it changes. */
export function followLinks(open) {
  const follow = () => readJob(location.hash) && open(readJob(location.hash));
  addEventListener("hashchange", follow);
  follow();
}

/** A button that copies a job's address; where the page may not, it shows the address, selected. */
export function makeLinkButton({ id, name }) {
  const words = ["Copy link", make("span", { className: "hidden", textContent: ` to ${name}` })];
  const button = make("button", { type: "button", className: "quiet", title: "Opens this job for you alone" }, ...words);
  button.addEventListener("click", async () => {
    const link = writeLink(id);
    try {
      await navigator.clipboard.writeText(link);
      button.textContent = "Copied";
      setTimeout(() => button.replaceChildren(...words), 1600);
    } catch {
      const field = make("input", { className: "job-link", readOnly: true, value: link, ariaLabel: "Link to this job" });
      button.replaceWith(field);
      field.select();
    }
  });
  return button;
}
