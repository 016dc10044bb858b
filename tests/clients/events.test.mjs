import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { createEvents, findRealtimeUrl, headerProtocol } from "../../clients/js/src/events.js";
import { chooseWaitMs } from "../../clients/js/src/waiting.js";

const KEY = { url: "https://push.example.com/event", realtimeUrl: "wss://push.example.com/event/realtime", auth: { kind: "apiKey", apiKey: "da2-any" } };
const JWT = { ...KEY, auth: { kind: "jwt" } };

let sockets;
let tokens;
let renewals;
const readToken = async (mustRenew = false) => {
  renewals.push(mustRenew);
  if (mustRenew) tokens.push(`renewed-${tokens.length}`);
  return { ok: true, value: tokens.at(-1) };
};
const settle = () => new Promise((resolve) => setImmediate(resolve));
const decode = (protocol) => JSON.parse(Buffer.from(protocol.replace("header-", ""), "base64url").toString());

globalThis.WebSocket = class FakeSocket {
  readyState = 0;
  sent = [];
  closed = false;
  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    sockets.push(this);
  }
  send = (text) => this.sent.push(JSON.parse(text));
  close = () => (this.closed = true);
  say = (frame) => this.onmessage({ data: JSON.stringify(frame) });
  frames = (type) => this.sent.filter((frame) => frame.type === type);
  async accept(more = {}) {
    this.readyState = 1;
    this.onopen();
    this.say({ type: "connection_ack", connectionTimeoutMs: 300_000, ...more });
    await settle();
    for (const { id } of this.frames("subscribe")) this.say({ type: "subscribe_success", id });
  }
};

const make = (settings = KEY) => createEvents(settings, readToken);
const ear = () => {
  const heard = [];
  return { heard, event: (data) => heard.push(data), live: (on) => heard.push(on) };
};

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  sockets = [];
  tokens = ["token-1"];
  renewals = [];
});

test("puts the authorization into a subprotocol as base64url without padding", () => {
  const protocol = headerProtocol({ host: "ü>?.example.com", "x-api-key": "k" });
  assert.match(protocol, /^header-[\w-]+$/);
  assert.deepEqual(decode(protocol), { host: "ü>?.example.com", "x-api-key": "k" });
});

test("greets, waits for the ack, then subscribes with the same authorization", async () => {
  make().subscribe("/jobs/me/1", ear());
  await settle();
  const [socket] = sockets;
  assert.equal(socket.url, KEY.realtimeUrl);
  assert.equal(socket.protocols[0], "aws-appsync-event-ws");
  assert.deepEqual(decode(socket.protocols[1]), { host: "push.example.com", "x-api-key": "da2-any" });
  socket.readyState = 1;
  socket.onopen();
  assert.deepEqual(socket.sent, [{ type: "connection_init" }]);
  socket.say({ type: "connection_ack", connectionTimeoutMs: 300_000 });
  await settle();
  const [{ id, ...rest }] = socket.frames("subscribe");
  assert.match(id, /^[\w-]{1,128}$/);
  assert.deepEqual(rest, { type: "subscribe", channel: "/jobs/me/1", authorization: { host: "push.example.com", "x-api-key": "da2-any" } });
});

test("sends the access token where people sign in", async () => {
  make(JWT).subscribe("/jobs/me/1", ear());
  await settle();
  assert.deepEqual(decode(sockets[0].protocols[1]), { host: "push.example.com", Authorization: "token-1" });
});

test("carries every channel on one connection and tells events apart", async () => {
  const [events, one, two] = [make(), ear(), ear()];
  events.subscribe("/jobs/me/1", one);
  events.subscribe("/jobs/me/2", two);
  await settle();
  await sockets[0].accept();
  assert.equal(sockets.length, 1);
  const [first, second] = sockets[0].frames("subscribe");
  sockets[0].say({ type: "data", id: second.id, event: '{"rows_done":5}' });
  sockets[0].say({ type: "data", id: first.id, event: ['{"rows_done":6}'] });
  assert.deepEqual([one.heard, two.heard], [[true, { rows_done: 6 }], [true, { rows_done: 5 }]]);
});

test("subscribes at once when the connection already stands, and lets go of what nobody wants", async () => {
  const events = make();
  const stop = events.subscribe("/jobs/me/1", ear());
  await settle();
  await sockets[0].accept();
  events.subscribe("/jobs/me/2", ear());
  await settle();
  assert.deepEqual(sockets[0].frames("subscribe").map(({ channel }) => channel), ["/jobs/me/1", "/jobs/me/2"]);
  stop();
  assert.deepEqual(sockets[0].frames("unsubscribe"), [{ type: "unsubscribe", id: sockets[0].frames("subscribe")[0].id }]);
});

test("ignores what it cannot read", async () => {
  const listener = ear();
  make().subscribe("/jobs/me/1", listener);
  await settle();
  await sockets[0].accept();
  const { id } = sockets[0].frames("subscribe")[0];
  sockets[0].onmessage({ data: "<html>" });
  for (const frame of [null, 7, { type: "ka" }, { type: "unknown" }, { type: "data", id: "foreign", event: "{}" }, { type: "data", id, event: "{" }]) sockets[0].say(frame);
  assert.deepEqual(listener.heard, [true]);
});

test("connects again, later and later, and subscribes anew", async () => {
  const listener = ear();
  make().subscribe("/jobs/me/1", listener);
  await settle();
  await sockets[0].accept();
  sockets[0].onclose();
  assert.deepEqual(listener.heard, [true, false]);
  for (const limit of [1000, 2000, 4000]) {
    const before = sockets.length;
    mock.timers.tick(limit / 2 - 1);
    await settle();
    assert.equal(sockets.length, before);
    mock.timers.tick(limit / 2 + 1);
    await settle();
    assert.equal(sockets.length, before + 1);
    if (limit < 4000) sockets.at(-1).onclose();
  }
  await sockets.at(-1).accept();
  assert.deepEqual(listener.heard, [true, false, true]);
  sockets[0].onclose(); // a word of a connection given up long ago
  assert.deepEqual(listener.heard, [true, false, true]);
});

test("connects again at once when the network is back", async () => {
  const events = make();
  events.subscribe("/jobs/me/1", ear());
  await settle();
  sockets[0].onclose();
  events.hurry();
  await settle();
  assert.equal(sockets.length, 2);
});

test("closes the connection once nobody listens, so that a program can end, and opens one for the next", async () => {
  const events = make();
  const stops = [events.subscribe("/jobs/me/1", ear()), events.subscribe("/jobs/me/2", ear())];
  await settle();
  await sockets[0].accept();
  stops[0]();
  assert.equal(sockets[0].closed, false);
  stops[1]();
  assert.equal(sockets[0].closed, true);
  events.subscribe("/jobs/me/3", ear());
  await settle();
  await sockets[1].accept();
  assert.deepEqual(sockets[1].frames("subscribe").map(({ channel }) => channel), ["/jobs/me/3"]);
});

test("closes a connection whose last listener left before it was acknowledged, once it is", async () => {
  const stop = make().subscribe("/jobs/me/1", ear());
  await settle();
  stop();
  assert.equal(sockets[0].closed, false); // closing one that is not yet open is an error on a browser's console
  await sockets[0].accept();
  assert.equal(sockets[0].closed, true);
});

test("gives up a connection that fell silent, but not one that says it lives", async () => {
  const listener = ear();
  make().subscribe("/jobs/me/1", listener);
  await settle();
  await sockets[0].accept({ connectionTimeoutMs: 90_000 });
  mock.timers.tick(80_000);
  sockets[0].say({ type: "ka" });
  mock.timers.tick(80_000);
  assert.deepEqual(listener.heard, [true]);
  mock.timers.tick(10_000);
  assert.deepEqual(listener.heard, [true, false]);
  assert.equal(sockets[0].closed, true);
});

test("gives up a connection that is never acknowledged", async () => {
  make().subscribe("/jobs/me/1", ear());
  await settle();
  mock.timers.tick(11_000);
  await settle();
  assert.equal(sockets[0].closed, true);
  mock.timers.tick(1000);
  await settle();
  assert.equal(sockets.length, 2);
});

test("connects again after a refusal, with a token that is renewed once", async () => {
  make(JWT).subscribe("/jobs/me/1", ear());
  await settle();
  sockets[0].readyState = 1;
  sockets[0].onopen();
  sockets[0].say({ type: "connection_error", errors: [{ errorType: "UnauthorizedException", message: "any" }] });
  mock.timers.tick(1000);
  await settle();
  assert.deepEqual(decode(sockets[1].protocols[1]), { host: "push.example.com", Authorization: "renewed-1" });
  await sockets[1].accept();
  assert.deepEqual(renewals, [false, true, false]); // the new connection's channel is asked for with the token that there is now
});

test("asks again for a channel whose token had ended, with a renewed one, on the connection that stands", async () => {
  const [events, mine, late] = [make(JWT), ear(), ear()];
  events.subscribe("/jobs/me/1", mine);
  await settle();
  await sockets[0].accept();
  events.subscribe("/jobs/me/2", late);
  await settle();
  const [, { id }] = sockets[0].frames("subscribe");
  sockets[0].say({ type: "subscribe_error", id, errors: [{ errorType: "UnauthorizedException" }] });
  await settle();
  const again = sockets[0].frames("subscribe").at(-1);
  assert.deepEqual([again.id, again.authorization.Authorization], [id, "renewed-1"]);
  sockets[0].say({ type: "subscribe_success", id });
  assert.deepEqual([mine.heard, late.heard, sockets.length], [[true], [true], 1]);
});

test("leaves a refused channel quiet and keeps the others", async () => {
  const [events, mine, foreign] = [make(JWT), ear(), ear()];
  events.subscribe("/jobs/me/1", mine);
  events.subscribe("/jobs/other/1", foreign);
  await settle();
  const [socket] = sockets;
  socket.readyState = 1;
  socket.say({ type: "connection_ack" });
  await settle();
  const [{ id }, { id: refused }] = socket.frames("subscribe");
  socket.say({ type: "subscribe_success", id });
  for (let refusal = 0; refusal < 3; refusal++) {
    socket.say({ type: "subscribe_error", id: refused, errors: [{ errorType: "UnauthorizedException" }] });
    mock.timers.tick(1000);
    await settle();
  }
  assert.deepEqual([foreign.heard, sockets.length], [[], 1]);
  assert.equal(renewals.filter(Boolean).length, 1); // a renewed token may be what it needs, a second one is not
  assert.equal(mine.heard.at(-1), true);
});

test("waits between half and all of a time that doubles up to a minute", () => {
  assert.deepEqual([0, 1, 2, 20].map((attempt) => [chooseWaitMs(attempt, 0), chooseWaitMs(attempt, 1)]), [[500, 1000], [1000, 2000], [2000, 4000], [30_000, 60_000]]);
});

test("finds the socket beside the address, of AWS, of a domain of one's own, and of this machine", () => {
  assert.equal(findRealtimeUrl("https://abc.appsync-api.eu-west-1.amazonaws.com/event"), "wss://abc.appsync-realtime-api.eu-west-1.amazonaws.com/event/realtime");
  assert.equal(findRealtimeUrl("https://push.example.com/event"), "wss://push.example.com/event/realtime");
  assert.equal(findRealtimeUrl("http://127.0.0.1:4569/event"), "ws://127.0.0.1:4569/event/realtime");
});
