// Push: one WebSocket to AppSync Events carries every channel this page listens to. It comes back by itself; those who listen poll meanwhile.

import { base64url, randomToken } from "./encoding.js";

/** @import { JobEvent, PushSettings, Result } from "./types.js" */
/** @typedef {{ event: (data: JobEvent) => void, live: (on: boolean) => void }} Listener */
/** @typedef {{ type?: string, id?: string, event?: unknown, connectionTimeoutMs?: number, errors?: unknown, payload?: unknown }} Frame */
/** @typedef {{ channel: string, listener: Listener, live: boolean }} Subscription */

const PROTOCOL = "aws-appsync-event-ws";
const ACK_LIMIT_MS = 10_000;
const USUAL_SILENCE_MS = 300_000; // until the server says how long it may be silent; it sends "ka" every minute
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const RENEWAL_MS = 600_000; // a channel that stays refused is not this token's age, and must not bring the others down again and again
const STEADY_MS = 30_000; // a connection that lived this long starts counting its failures anew

/**
 * A browser cannot set headers on a WebSocket: AppSync reads them from a subprotocol.
 * @param {Record<string, string>} authorization
 */
export function headerProtocol(authorization) {
  return `header-${base64url(new TextEncoder().encode(JSON.stringify(authorization)))}`;
}

/**
 * How long to wait before another attempt: doubling, with jitter so that clients do not all return at the same moment.
 * @param {number} attempt
 */
export function waitMs(attempt, random = Math.random()) {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + random / 2);
}

/** @param {string} text */
const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null; // nothing this protocol says
  }
};
/** @param {Frame} frame */
const isUnauthorized = (frame) => /unauthori[sz]ed|forbidden|accessdenied/i.test(JSON.stringify(frame.errors ?? frame.payload ?? ""));

/**
 * Where the socket of an Event API is: beside its `url`, which AWS calls by another host.
 * @param {string} url
 */
export const findRealtimeUrl = (url) => `${url.replace(/^http/, "ws").replace(".appsync-api.", ".appsync-realtime-api.")}/realtime`;

export class Events {
  #settings;
  #token;
  #open;
  /** @type {Map<string, Subscription>} */
  #subscriptions = new Map();
  /** @type {WebSocket | null} */
  #socket = null;
  #connecting = false;
  /** @type {number | null} */
  #steadySince = null;
  #silenceMs = USUAL_SILENCE_MS;
  #attempt = 0;
  #renewedAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #retry = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #watchdog;

  /**
   * @param {PushSettings} settings
   * @param {(forceRefresh?: boolean) => Promise<Result<string | null>>} token
   */
  constructor(settings, token, open = (/** @type {string} */ url, /** @type {string[]} */ protocols) => new WebSocket(url, protocols)) {
    this.#settings = settings;
    this.#token = token;
    this.#open = open;
  }

  /**
   * Listen to a channel: `event(data)` for each event, `live(on)` when events begin or cease to arrive. Returns what ends it.
   * @param {string} channel
   * @param {Listener} listener
   */
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

  /** @param {string} id */
  #unsubscribe(id) {
    const subscription = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    if (subscription?.live) this.#send({ type: "unsubscribe", id });
  }

  async #connect() {
    clearTimeout(this.#retry ?? undefined);
    this.#retry = null;
    if (this.#socket || this.#connecting || !this.#subscriptions.size) return;
    this.#connecting = true;
    const authorization = await this.#authorize();
    try {
      if (!authorization) throw new TypeError("not signed in");
      this.#listen(this.#open(this.#settings.realtimeUrl ?? findRealtimeUrl(this.#settings.url), [PROTOCOL, headerProtocol(authorization)]));
    } catch {
      this.#plan(); // not signed in, or an address the browser refuses: polling tells what there is to tell
    } finally {
      this.#connecting = false;
    }
  }

  /** @param {WebSocket} socket */
  #listen(socket) {
    this.#socket = socket;
    socket.onopen = () => this.#send({ type: "connection_init" });
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(parse(data) ?? {});
    };
    socket.onclose = () => this.#lose(socket); // an error is always followed by a close
    this.#expect(ACK_LIMIT_MS);
  }

  /**
   * Give the connection up unless something arrives in time: a network may die without a word.
   * @param {number} limitMs
   */
  #expect(limitMs) {
    const socket = this.#socket;
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lose(socket), limitMs);
  }

  /** @param {Frame} frame */
  #receive(frame) {
    if (this.#steadySince !== null) this.#expect(this.#silenceMs);
    const subscription = this.#subscriptions.get(frame.id ?? "");
    switch (frame.type) {
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
        else if (frame.type === "connection_error") this.#lose(this.#socket);
        break; // a channel that is refused stays quiet until the next connection, and is polled
    }
  }

  /** A token may have run out while the page was open: get a new one and connect with it. */
  #mayRenew() {
    return this.#settings.auth.kind === "jwt" && Date.now() - this.#renewedAt > RENEWAL_MS;
  }

  /** @param {WebSocket | null} socket */
  async #renew(socket) {
    this.#renewedAt = Date.now();
    if ((await this.#token(true)).ok) this.#attempt = 0;
    this.#lose(socket);
  }

  /** @param {string} id */
  async #ask(id) {
    const socket = this.#socket;
    const authorization = await this.#authorize(); // null when signed out: polling says so
    const subscription = this.#subscriptions.get(id);
    if (authorization && socket === this.#socket && subscription) this.#send({ type: "subscribe", id, channel: subscription.channel, authorization });
  }

  /** @param {WebSocket | null} socket */
  #lose(socket) {
    if (!socket || socket !== this.#socket) return;
    const lived = this.#steadySince === null ? 0 : Date.now() - this.#steadySince;
    this.#attempt = lived > STEADY_MS ? 0 : this.#attempt;
    this.#socket = this.#steadySince = null;
    clearTimeout(this.#watchdog);
    socket.close();
    for (const subscription of this.#subscriptions.values()) this.#setLive(subscription, false);
    this.#plan();
  }

  #plan() {
    if (this.#retry !== null || !this.#subscriptions.size) return;
    this.#retry = setTimeout(() => this.#connect(), waitMs(this.#attempt++));
  }

  /**
   * @param {Subscription} subscription
   * @param {boolean} live
   */
  #setLive(subscription, live) {
    if (subscription.live === live) return;
    subscription.live = live;
    subscription.listener.live(live);
  }

  /** @param {object} frame */
  #send(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  /**
   * Who listens, as AppSync wants to read it; null when nobody is signed in.
   * @returns {Promise<Record<string, string> | null>}
   */
  async #authorize() {
    const { url, auth } = this.#settings;
    const { host } = new URL(url);
    if (auth.kind === "apiKey") return { host, "x-api-key": auth.apiKey ?? "" };
    const token = await this.#token();
    return token.ok && token.value ? { host, Authorization: token.value } : null;
  }
}
