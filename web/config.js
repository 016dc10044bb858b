// config.json is written beside this page by the deployment: where the API is and how to sign in.

import { Problem } from "./problem.js";

const ADVICE = "The deployment writes config.json beside the page: run `make up`, or `cdk deploy` again.";
const INPUTS = ["pictures", "photos", "numbers"]; // pictures can be drawn here, photos cannot
const SIGN_IN = ["userPoolId", "clientId", "domain"];

const createProblem = (detail) => new Problem("This page is not connected", detail, ADVICE, { code: "config" });

/** Where push comes from, or null: without it, or with a signature that browsers cannot make, the page polls. */
function checkEvents(events) {
  if (!events || events.auth?.kind === "iam") return null;
  for (const [key, protocol] of [["url", /^https?:$/], ["realtimeUrl", /^wss?:$/]]) {
    if (!URL.canParse(events[key]) || !protocol.test(new URL(events[key]).protocol)) throw createProblem(`events.${key} in config.json is not an address to connect to: ${events[key]}`);
  }
  const { kind, apiKey } = events.auth ?? {};
  if (kind !== "jwt" && !(kind === "apiKey" && apiKey)) throw createProblem(`events.auth in config.json is ${JSON.stringify(events.auth)}, not {"kind": "jwt"} or an apiKey.`);
  return events;
}

/** Return a checked configuration, or throw a Problem that says what is wrong with it. */
export function checkConfig(config, base) {
  if (config === null || typeof config !== "object") throw createProblem("config.json does not hold an object.");
  let apiUrl;
  try {
    if (!config.apiUrl) throw new TypeError("no apiUrl");
    apiUrl = new URL(config.apiUrl, base);
  } catch {
    throw createProblem("config.json does not name an apiUrl.");
  }
  if (!/^https?:$/.test(apiUrl.protocol)) throw createProblem(`apiUrl in config.json is not a web address: ${config.apiUrl}`);
  const auth = config.auth ?? { kind: "none" };
  if (auth.kind === "iam") {
    const problem = new Problem("This page cannot ask this API", "The API takes requests signed with IAM credentials, which browsers have none of.", "Deploy with -c auth=jwt to sign in here.", { code: "config" });
    throw Object.assign(problem, { config: { apiUrl: apiUrl.href.replace(/\/+$/, ""), auth } }); // programs can ask it
  }
  if (auth.kind !== "none" && auth.kind !== "jwt") throw createProblem(`auth.kind in config.json is ${JSON.stringify(auth.kind)}, not "none" or "jwt".`);
  const missing = auth.kind === "jwt" ? SIGN_IN.filter((key) => !auth[key]) : [];
  if (missing.length) throw createProblem(`auth in config.json lacks ${missing.join(", ")}.`);
  const events = checkEvents(config.events);
  return {
    apiUrl: apiUrl.href.replace(/\/+$/, ""),
    auth,
    recipe: config.recipe ?? "digits",
    recipes: config.recipes ?? [],
    input: INPUTS.includes(config.input) ? config.input : INPUTS[0],
    live: config.live === true,
    stage: config.stage ?? "",
    limits: config.limits ?? [],
    maxUploadBytes: config.maxUploadBytes ?? Infinity, // the API has the last word
    ...(events ? { events } : {}),
  };
}

/** Whether the deployment is another by now than when `known` was read; false where nobody can tell. */
export async function hasChanged(known, fetcher = fetch, base = document.baseURI) {
  try {
    return JSON.stringify(await readConfig(fetcher, base)) !== JSON.stringify(known);
  } catch (error) {
    return Boolean(error.config); // one that no page can ask
  }
}

/** Fetch and check config.json. */
export async function readConfig(fetcher = fetch, base = document.baseURI) {
  let response;
  try {
    response = await fetcher(new URL("config.json", base));
  } catch {
    throw createProblem("config.json could not be fetched.");
  }
  if (!response.ok) throw createProblem(`The file config.json is missing (status ${response.status}).`);
  let config;
  try {
    config = await response.json();
  } catch {
    throw createProblem("config.json is not JSON.");
  }
  return checkConfig(config, base);
}
