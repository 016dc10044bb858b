// Runs a channel namespace's onSubscribe: stdin holds {code, context}. Status 0 lets the subscription in.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

const UTILS = `
class Refused extends Error {}
export const util = {
  unauthorized() { throw new Refused("You are not authorized to make this call."); },
  error(message) { throw new Refused(message); },
};`;
const asModule = (source) => `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;

registerHooks({
  resolve: (name, context, next) => (name === "@aws-appsync/utils" ? { url: asModule(UTILS), shortCircuit: true } : next(name, context)),
});

const { code, context } = JSON.parse(readFileSync(0, "utf8"));
const { onSubscribe } = await import(asModule(code));
try {
  onSubscribe?.(context);
} catch (error) {
  console.log(error.message);
  process.exit(1);
}
