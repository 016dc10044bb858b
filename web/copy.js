// Buttons that copy.

const SAID_MS = 1600;

/** Wire a button that copies what `shown` holds, or what `read()` gives, and says so. */
export function wireCopy(button, shown, say, read = async () => shown.textContent) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const said = await copy(shown, read).catch(() => "Nothing to copy");
    button.textContent = said;
    say(said);
    setTimeout(() => (button.textContent = label), SAID_MS);
  });
}

async function copy(shown, read) {
  const text = await read();
  if (!text) return "Sign in first";
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    if (!shown) return "This browser lets no page copy";
    getSelection().selectAllChildren(shown); // no clipboard here: selected, so that one keystroke copies it
    return "Selected: copy it with your keyboard";
  }
}
