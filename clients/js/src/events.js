// Push: one WebSocket to AppSync Events carries every channel this page listens to. It comes back by itself; those who listen poll meanwhile.

import { base64url, parseJson, randomToken } from "./encoding.js";
import { chooseWaitMs } from "./waiting.js";

/** @import { JobEvent, PushSettings, Result } from "./types.js" */
/** @typedef {{ event: (data: JobEvent) => void, live: (on: boolean) => void }} Listener */
/** @typedef {{ type?: string, id?: string, event?: unknown, connectionTimeoutMs?: number, errors?: unknown, payload?: unknown }} Frame */
/** @typedef {{ channel: string, listener: Listener, isLive: boolean, isRefused?: boolean }} Subscription */
/** @typedef {ReturnType<typeof createEvents>} Events */

const PROTOCOL = "aws-appsync-event-ws";
const ACK_LIMIT_MS = 10_000;
const USUAL_SILENCE_MS = 300_000; // until the server says how long it may be silent; it sends "ka" every minute

/**
 * A browser cannot set headers on a WebSocket: AppSync reads them from a subprotocol.
 * @param {Record<string, string>} authorization
 */
export const headerProtocol = (authorization) => `header-${base64url(new TextEncoder().encode(JSON.stringify(authorization)))}`;

/**
 * Where the socket of an Event API is: beside its `url`, which AWS calls by another host.
 * @param {string} url
 */
export const findRealtimeUrl = (url) => `${url.replace(/^http/, "ws").replace(".appsync-api.", ".appsync-realtime-api.")}/realtime`;

/**
 * @param {PushSettings} settings
 * @param {(mustRenew?: boolean) => Promise<Result<string | null>>} readToken
 */
export function createEvents({ url, realtimeUrl = findRealtimeUrl(url), auth }, readToken) {
  /** @type {Map<string, Subscription>} */
  const subscriptions = new Map();
  /** @type {WebSocket | null} */
  let socket = null;
  let isConnecting = false;
  let isReady = false; // the server acknowledged the connection
  let isRefused = false; // the last connection: its token may have ended
  let silenceMs = ACK_LIMIT_MS;
  let attempt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let watchdog;
  return { subscribe, hurry };

  /**
   * Listen to a channel: `event(data)` for each event, `live(on)` when events begin or cease to arrive. Returns what ends it.
   * @param {string} channel
   * @param {Listener} listener
   */
  function subscribe(channel, listener) {
    const id = randomToken();
    subscriptions.set(id, { channel, listener, isLive: false });
    if (isReady) ask(id);
    else if (!retry) connect();
    return () => {
      if (subscriptions.get(id)?.isLive) send({ type: "unsubscribe", id });
      subscriptions.delete(id);
      rest();
    };
  }

  /** Try again at once: the network is back. */
  function hurry() {
    if (retry) connect();
  }

  /** Hold nothing open for nobody: a program could not end. One that is not yet open is closed once it is, for less is an error on a browser's console. */
  function rest() {
    if (subscriptions.size) return;
    clearTimeout(retry);
    retry = undefined;
    if (isReady) lose(socket);
  }

  async function connect() {
    clearTimeout(retry);
    retry = undefined;
    if (socket || isConnecting || !subscriptions.size) return;
    isConnecting = true;
    const authorization = await authorize(isRefused);
    isConnecting = isRefused = false;
    try {
      if (authorization) listen(new WebSocket(realtimeUrl, [PROTOCOL, headerProtocol(authorization)]));
      else plan(); // not signed in: polling tells what there is to tell
    } catch {
      plan(); // an address the browser refuses
    }
  }

  /** @param {WebSocket} opened */
  function listen(opened) {
    socket = opened;
    opened.onopen = () => send({ type: "connection_init" });
    opened.onmessage = ({ data }) => {
      if (opened === socket) receive(parseJson(data) ?? {});
    };
    opened.onclose = () => lose(opened); // an error is always followed by a close
    silenceMs = ACK_LIMIT_MS;
    expectWord();
  }

  /** Give the connection up unless something arrives in time: a network may die without a word. */
  function expectWord() {
    clearTimeout(watchdog);
    watchdog = setTimeout(lose, silenceMs, socket);
  }

  /** @param {Frame} frame */
  function receive({ type, id = "", ...frame }) {
    expectWord();
    const subscription = subscriptions.get(id);
    if (type === "ka") attempt = 0; // a connection that lived this long starts counting its failures anew
    else if (type === "connection_ack") {
      isReady = true;
      silenceMs = frame.connectionTimeoutMs ?? USUAL_SILENCE_MS;
      expectWord();
      for (const known of subscriptions.keys()) ask(known);
      rest();
    } else if (type === "subscribe_success") {
      if (subscription) setLive(subscription, true);
      else send({ type: "unsubscribe", id }); // nobody wants it any more
    } else if (type === "data") {
      for (const event of [frame.event].flat()) {
        const data = parseJson(String(event));
        if (data) subscription?.listener.event(data);
      }
    } else if (type === "subscribe_error" && subscription && !subscription.isRefused) {
      subscription.isRefused = true; // once: a channel that is refused again stays quiet, and is polled
      ask(id, true);
    } else if (type === "connection_error") {
      isRefused = true;
      lose(socket);
    }
  }

  /** @param {string} id */
  async function ask(id, mustRenew = false) {
    const asked = socket;
    const authorization = await authorize(mustRenew); // null when signed out: polling says so
    const subscription = subscriptions.get(id);
    if (authorization && asked === socket && subscription) send({ type: "subscribe", id, channel: subscription.channel, authorization });
  }

  /** @param {WebSocket | null} lost */
  function lose(lost) {
    if (lost !== socket) return;
    socket = null;
    isReady = false;
    clearTimeout(watchdog);
    lost?.close();
    for (const subscription of subscriptions.values()) setLive(subscription, false);
    plan();
  }

  function plan() {
    if (!retry && subscriptions.size) retry = setTimeout(connect, chooseWaitMs(attempt++));
  }

  /**
   * @param {Subscription} subscription
   * @param {boolean} isLive
   */
  function setLive(subscription, isLive) {
    if (subscription.isLive === isLive) return;
    subscription.isLive = isLive;
    subscription.listener.live(isLive);
  }

  /** @param {object} frame */
  function send(frame) {
    socket?.send(JSON.stringify(frame));
  }

  /**
   * Who listens, as AppSync wants to read it, with a new token where the last one was refused; null when nobody is signed in.
   * @returns {Promise<Record<string, string> | null>}
   */
  async function authorize(mustRenew = false) {
    const { host } = new URL(url);
    if (auth.kind === "apiKey") return { host, "x-api-key": auth.apiKey ?? "" };
    const token = await readToken(mustRenew);
    return token.ok && token.value ? { host, Authorization: token.value } : null;
  }
}
