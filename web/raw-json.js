// The last request and its answer, as they went over the wire.

import { count } from "./words.js";

const LIST_OF_NUMBERS = /\[\s+(-?[\d.eE+-]+(?:,\s+-?[\d.eE+-]+)*)\s+\]/g;

/** JSON with two spaces; a list of numbers, as of probabilities or pixels, is one line. */
export function formatJson(value) {
  return JSON.stringify(value, null, 2).replace(LIST_OF_NUMBERS, (_, numbers) => `[${numbers.replace(/,\s+/g, ", ")}]`);
}

/** A request as people write it down. The token is not shown: it is as good as a password. */
export async function describeRequest({ url, body, hasToken }) {
  const content = body.type === "application/json" ? formatJson(JSON.parse(await body.text())) : `(${count(body.size)} bytes of ${body.type})`;
  return [`POST ${url}`, `content-type: ${body.type}`, ...(hasToken ? ["authorization: Bearer …"] : []), "", content].join("\n");
}
