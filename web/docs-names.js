// What the viewer leaves without a name gets one, for screen readers: its fields, and what scrolls.

const FIELDS = "select:not([aria-label]), input:not([aria-label]), textarea:not([aria-label])";

/** What stands beside a field and says what it is. */
function findWords(field) {
  if (field.id === "servers") return "Server";
  if (field.closest(".opblock-section-request-body")) return field.matches("select") ? "Content type of the request" : "Body of the request";
  const name = field.closest("tr")?.querySelector(".parameter__name")?.firstChild?.textContent;
  return name ?? (field.closest(".responses-wrapper") ? "What the example shows" : "Value");
}

/** Name what is there and what comes. */
export function nameFields(root) {
  const name = () => {
    for (const field of root.querySelectorAll(FIELDS)) field.ariaLabel = findWords(field);
    for (const code of root.querySelectorAll("pre.microlight:not([tabindex])")) code.tabIndex = 0;
  };
  new MutationObserver(name).observe(root, { childList: true, subtree: true });
  name();
}
