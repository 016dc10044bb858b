// Push: one WebSocket to AppSync Events carries every channel this page listens to. It comes back by itself; those who listen poll meanwhile.

import { base64url, randomToken } from "./auth.js";

const PROTOCOL = "aws-appsync-event-ws";
const ACK_LIMIT_MS = 10_000;
const USUAL_SILENCE_MS = 300_000; // until the server says how long it may be silent; it sends "ka" every minute
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const RENEWAL_MS = 600_000; // a channel that stays refused is not this token's age, and must not bring the others down again and again
const STEADY_MS = 30_000; // a connection that lived this long starts counting its failures anew

/** A browser cannot set headers on a WebSocket: AppSync reads them from a subprotocol. */
export function headerProtocol(authorization) {
  return `header-${base64url(new TextEncoder().encode(JSON.stringify(authorization)))}`;
}

/** How long to wait before another attempt: doubling, with jitter so that clients do not all return at the same moment. */
export function waitMs(attempt, random = Math.random()) {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + random / 2);
}

const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null; // nothing this protocol says
  }
};
const isUnauthorized = (frame) => /unauthori[sz]ed|forbidden|accessdenied/i.test(JSON.stringify(frame.errors ?? frame.payload ?? ""));

export class Events {
  #config;
  #auth;
  #open;
  #subscriptions = new Map();
  #socket = null;
  #connecting = false;
  #steadySince = null;
  #silenceMs = USUAL_SILENCE_MS;
  #attempt = 0;
  #renewedAt = -Infinity;
  #retry = null;
  #watchdog = null;

  /** `config` is config.json's events, `auth` gives and renews the token, `open(url, protocols)` makes a WebSocket. */
  constructor(config, auth, open = (url, protocols) => new WebSocket(url, protocols)) {
    this.#config = config;
    this.#auth = auth;
    this.#open = open;
  }

  /** Listen to a channel: `event(data)` for each event, `live(on)` when events begin or cease to arrive. Returns what ends it. */
  subscribe(channel, listener) {
    const id = crypto.randomUUID?.() ?? randomToken(); // randomUUID is there only over https
    this.#subscriptions.set(id, { channel, listener, live: false });
    if (this.#steadySince !== null) this.#ask(id);
    else if (this.#retry === null) this.#connect();
    return () => this.#unsubscribe(id);
  }

  /** Try again at once: the network is back. */
  hurry() {
    if (this.#retry !== null) this.#connect();
  }

  #unsubscribe(id) {
    const subscription = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    if (subscription?.live) this.#send({ type: "unsubscribe", id });
  }

  async #connect() {
    clearTimeout(this.#retry);
    this.#retry = null;
    if (this.#socket || this.#connecting || !this.#subscriptions.size) return;
    this.#connecting = true;
    try {
      const protocols = [PROTOCOL, headerProtocol(await this.#authorization())];
      this.#listen(this.#open(this.#config.realtimeUrl, protocols));
    } catch {
      this.#later(); // not signed in, or an address the browser refuses: polling tells what there is to tell
    } finally {
      this.#connecting = false;
    }
  }

  #listen(socket) {
    this.#socket = socket;
    socket.onopen = () => this.#send({ type: "connection_init" });
    socket.onmessage = ({ data }) => socket === this.#socket && this.#receive(parse(data));
    socket.onclose = () => this.#lost(socket); // an error is always followed by a close
    this.#expect(ACK_LIMIT_MS);
  }

  /** Give the connection up unless something arrives in time: a network may die without a word. */
  #expect(limitMs) {
    const socket = this.#socket;
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lost(socket), limitMs);
  }

  #receive(frame) {
    if (this.#steadySince !== null) this.#expect(this.#silenceMs);
    const subscription = this.#subscriptions.get(frame?.id);
    switch (frame?.type) {
      case "connection_ack":
        this.#steadySince = Date.now();
        this.#silenceMs = frame.connectionTimeoutMs ?? USUAL_SILENCE_MS;
        this.#expect(this.#silenceMs);
        for (const id of this.#subscriptions.keys()) this.#ask(id);
        break;
      case "subscribe_success":
        if (subscription) this.#setLive(subscription, true);
        else this.#send({ type: "unsubscribe", id: frame.id }); // nobody wants it any more
        break;
      case "data":
        for (const event of [frame.event].flat()) {
          const data = typeof event === "string" ? parse(event) : event;
          if (subscription && data) subscription.listener.event(data);
        }
        break;
      case "connection_error":
      case "subscribe_error":
        if (isUnauthorized(frame) && this.#mayRenew()) this.#renew(this.#socket);
        else if (frame.type === "connection_error") this.#lost(this.#socket);
        break; // a channel that is refused stays quiet until the next connection, and is polled
    }
  }

  /** A token may have run out while the page was open: get a new one and connect with it. */
  #mayRenew() {
    return this.#config.auth.kind === "jwt" && Date.now() - this.#renewedAt > RENEWAL_MS;
  }

  async #renew(socket) {
    this.#renewedAt = Date.now();
    if (await this.#auth.refresh()) this.#attempt = 0;
    this.#lost(socket);
  }

  async #ask(id) {
    const socket = this.#socket;
    try {
      const authorization = await this.#authorization();
      const subscription = this.#subscriptions.get(id);
      if (socket === this.#socket && subscription) this.#send({ type: "subscribe", id, channel: subscription.channel, authorization });
    } catch {
      // signed out: polling says so
    }
  }

  #lost(socket) {
    if (socket !== this.#socket) return;
    const lived = this.#steadySince === null ? 0 : Date.now() - this.#steadySince;
    this.#attempt = lived > STEADY_MS ? 0 : this.#attempt;
    this.#socket = this.#steadySince = null;
    clearTimeout(this.#watchdog);
    socket.close();
    for (const subscription of this.#subscriptions.values()) this.#setLive(subscription, false);
    this.#later();
  }

  #later() {
    if (this.#retry !== null || !this.#subscriptions.size) return;
    this.#retry = setTimeout(() => this.#connect(), waitMs(this.#attempt++));
  }

  #setLive(subscription, live) {
    if (subscription.live === live) return;
    subscription.live = live;
    subscription.listener.live(live);
  }

  #send(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  async #authorization() {
    const { host } = new URL(this.#config.url);
    if (this.#config.auth.kind === "apiKey") return { host, "x-api-key": this.#config.auth.apiKey };
    const token = await this.#auth.token();
    if (!token) throw new TypeError("no token");
    return { host, Authorization: token };
  }
}
