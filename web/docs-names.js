// What the viewer leaves without a name gets one, for screen readers: its fields, its tables, what opens and what scrolls.

const FIELDS = "select:not([aria-label]), input:not([aria-label]), textarea:not([aria-label])";
// Parts outside its main, which are places of their own then.
const PLACES = { ".information-container": "About the API", ".scheme-container": "Where the API is" };
// Of headings, below the title, which is the first; the viewer leaves levels out.
const LEVELS = { ".opblock-tag": 2, ".models > h4": 2, ".opblock-title": 3 };
const TABLES = { ".parameters": "Parameters", ".live-responses-table": "The answer", ".responses-table": "Answers that there may be", ".headers": "Headers" };

/** What stands beside a field and says what it is. */
function findWords(field) {
  if (field.id === "servers") return "Server";
  if (field.closest(".opblock-section-request-body")) return field.matches("select") ? "Content type of the request" : "Body of the request";
  const name = field.closest("tr")?.querySelector(".parameter__name")?.firstChild?.textContent;
  return name ?? (field.closest(".responses-wrapper") ? "What the example shows" : "Value");
}

/** Call what is found, each that has not been. */
function mend(root, selector, change) {
  for (const found of root.querySelectorAll(`${selector}:not([data-named])`)) {
    found.dataset.named = "";
    change(found);
  }
}

/** Where several have one name, each is named with what it is of: its answer's status. */
function nameByStatus(control) {
  const status = control.closest("tr.response")?.dataset.code;
  if (status) control.ariaLabel = `${control.ariaLabel ?? control.textContent} of ${status}`;
}

function nameAll(root) {
  for (const field of root.querySelectorAll(FIELDS)) field.ariaLabel = findWords(field);
  for (const code of root.querySelectorAll("pre.microlight:not([tabindex])")) code.tabIndex = 0;
  for (const [selector, words] of Object.entries(PLACES)) mend(root, selector, (place) => Object.assign(place, { role: "region", ariaLabel: words }));
  for (const [selector, words] of Object.entries(TABLES)) mend(root, `table${selector}`, (table) => (table.ariaLabel = words));
  mend(root, "tr.response select", nameByStatus);
  mend(root, "tr.response .tablinks", nameByStatus);
  for (const [selector, level] of Object.entries(LEVELS)) mend(root, selector, (heading) => (heading.ariaLevel = level));
  mend(root, ".opblock-tag button", (button) => (button.ariaLabel = `Requests of ${button.closest("[data-tag]").dataset.tag}`));
  mend(root, ".opblock-control-arrow", (arrow) => (arrow.ariaHidden = "true")); // the line beside it is a button that does the same
  mend(root, ".copy-to-clipboard button", (button) => button.removeAttribute("title")); // it says the name again
  mend(root, ".svg-assets", (drawings) => (drawings.ariaHidden = "true"));
}

/** Name what is there and what comes. */
export function nameFields(root) {
  new MutationObserver(() => nameAll(root)).observe(root, { childList: true, subtree: true });
  nameAll(root);
}
