// The same call from a shell, for those who build on the API.

/** A curl command for this API. */
export function curl(apiUrl, authKind) {
  const token = authKind === "jwt" ? ` -H "authorization: Bearer $TOKEN"` : "";
  return `curl '${apiUrl}/predictions' -H 'content-type: image/png'${token} --data-binary @digit.png`;
}

/** Wire a button that copies what `text()` returns and says so. */
export function wireCopy(button, code, say) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
      say("Copied");
    } catch {
      getSelection().selectAllChildren(code); // no clipboard here: selected, so that one keystroke copies it
      button.textContent = "Selected";
      say("Selected; copy it with your keyboard");
    }
    setTimeout(() => (button.textContent = label), 1600);
  });
}
