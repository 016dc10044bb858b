// The API's documentation: openapi.yaml, which the deployment wrote beside this page, in Swagger UI.

import { CognitoAuth } from "./auth.js";
import { readConfig } from "./config.js";
import { Markdown } from "./docs-markdown.js";
import { nameFields } from "./docs-names.js";

const words = document.getElementById("docs-words");

/** What the viewer asks is asked as this page asks it: with the token of who is signed in, and with no one else's. */
function sendToken(auth, apiUrl) {
  return async (request) => {
    const isToApi = !request.loadSpec && request.url.startsWith(`${apiUrl}/`);
    const token = isToApi ? await auth?.token() : null;
    if (token) request.headers.authorization = `Bearer ${token}`;
    return request;
  };
}

/** Who asks, in words, or why nobody can. */
function describeAccess(auth, config) {
  if (config === null) return "Requests cannot be tried from here: browsers have no IAM credentials to sign them with.";
  if (config.auth.kind === "none") return "“Try it out” asks this stack.";
  return auth.signedIn ? "“Try it out” asks this stack, as you are signed in." : "“Try it out” asks this stack. Sign in on the page first.";
}

/** The viewer without its sign-in, which is the page's; without a second link to the contract, and without links and a button inside of a line that is a button itself. */
const Plain = ({ React }) => ({
  wrapComponents: {
    authorizeBtn: () => () => null,
    CopyToClipboardBtn: () => () => null,
    InfoUrl: () => () => null, // openapi.yaml is linked above
    DeepLink: () => ({ text }) => React.createElement("span", null, text),
  },
});

async function show() {
  // A stage that takes signed requests alone has a contract too.
  const config = await readConfig().catch((error) => (error.title === "This page cannot ask this API" ? null : Promise.reject(error)));
  const auth = config?.auth.kind === "jwt" ? new CognitoAuth(config.auth, new URL("./", location.href).href) : null;
  if (!globalThis.SwaggerUIBundle) throw new Error("The viewer's file could not be fetched. The same is in openapi.yaml.");
  SwaggerUIBundle({
    url: "openapi.yaml",
    dom_id: "#docs",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    validatorUrl: null,
    syntaxHighlight: { theme: "tomorrow-night" }, // the usual theme's numbers are too pale to read
    supportedSubmitMethods: config ? ["get", "post"] : [],
    requestInterceptor: config ? sendToken(auth, config.apiUrl) : undefined,
    plugins: [Markdown, Plain],
    onComplete: () => (words.textContent = describeAccess(auth, config)),
  });
}

document.documentElement.classList.toggle("dark-mode", matchMedia("(prefers-color-scheme: dark)").matches);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => document.documentElement.classList.toggle("dark-mode", matches));
nameFields(document.getElementById("docs"));
show().catch((error) => (words.textContent = `${error.title ?? "The documentation cannot be shown"}. ${error.detail ?? error.message} ${error.advice ?? ""}`));
