// Runs a channel namespace's onSubscribe: node run_handler.mjs <its source in base64> <ctx as JSON>. Status 0 lets the subscription in.
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

const [, , source, ctx] = process.argv;
const { onSubscribe } = await import(`data:text/javascript;base64,${source}`);
try {
  onSubscribe?.(JSON.parse(ctx));
} catch (error) {
  console.log(error.message);
  process.exit(1);
}
