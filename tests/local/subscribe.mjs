// Subscribes to a channel with AWS's own client: node subscribe.mjs <url> <channel> <api key or ""> <token or "">. Prints what it is told, a line each.
import { Amplify } from "aws-amplify";
import { events } from "aws-amplify/data";

const [, , eventsUrl, channel, apiKey, token] = process.argv;
const endpoint = eventsUrl.replace(/^http:/, "ws:"); // as docs/front-end.md says: the client makes wss of http, and keeps ws
const mode = apiKey ? "apiKey" : "userPool";
Amplify.configure(
  { API: { Events: { endpoint, region: "us-east-1", defaultAuthMode: mode, apiKey: apiKey || undefined } } },
  token ? { Auth: { tokenProvider: { getTokens: async () => ({ accessToken: { toString: () => token, payload: {} } }) } } } : undefined,
);

const say = (what) => console.log(JSON.stringify(what));
// The client says nothing when its subscription is acknowledged, before which an event is lost.
globalThis.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => JSON.parse(data).type === "subscribe_success" && say({ subscribed: channel }));
  }
};
try {
  const connection = await events.connect(channel);
  connection.subscribe({ next: (data) => say({ data: data.event ?? data }), error: (error) => say({ error: String(error.message ?? error.errors?.[0]?.message ?? error) }) });
  say({ connected: channel });
} catch (error) {
  say({ error: String(error.message ?? error) });
}
setTimeout(() => process.exit(0), 60_000).unref?.();
process.stdin.on("end", () => process.exit(0)).resume();
