// The same call from a shell, for those who build on the API.

/** A curl command for this API: with a picture, or with as many numbers as the model has features. */
export function curl(apiUrl, authKind, features = 0) {
  const token = authKind === "jwt" ? ` -H "authorization: Bearer $TOKEN"` : "";
  const [type, body] = features ? ["application/json", `'{"instances": [[${Array(features).fill(1).join(", ")}]]}'`] : ["image/png", "@digit.png"];
  return `curl '${apiUrl}/predictions' -H 'content-type: ${type}'${token} --data-binary ${body}`;
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
