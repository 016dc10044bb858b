/**
 * A browser cannot set headers on a WebSocket: AppSync reads them from a subprotocol.
 * @param {Record<string, string>} authorization
 */
export function headerProtocol(authorization: Record<string, string>): string;
/**
 * How long to wait before another attempt: doubling, with jitter so that clients do not all return at the same moment.
 * @param {number} attempt
 */
export function waitMs(attempt: number, random?: number): number;
export function findRealtimeUrl(url: string): string;
export class Events {
    /**
     * @param {PushSettings} settings
     * @param {(forceRefresh?: boolean) => Promise<Result<string | null>>} token
     */
    constructor(settings: PushSettings, token: (forceRefresh?: boolean) => Promise<Result<string | null>>, open?: (/** @type {string} */ url: string, /** @type {string[]} */ protocols: string[]) => WebSocket);
    /**
     * Listen to a channel: `event(data)` for each event, `live(on)` when events begin or cease to arrive. Returns what ends it.
     * @param {string} channel
     * @param {Listener} listener
     */
    subscribe(channel: string, listener: Listener): () => void;
    /** Try again at once: the network is back. */
    hurry(): void;
    #private;
}
export type Listener = {
    event: (data: JobEvent) => void;
    live: (on: boolean) => void;
};
export type Frame = {
    type?: string;
    id?: string;
    event?: unknown;
    connectionTimeoutMs?: number;
    errors?: unknown;
    payload?: unknown;
};
export type Subscription = {
    channel: string;
    listener: Listener;
    live: boolean;
};
import type { PushSettings } from "./types.js";
import type { Result } from "./types.js";
import type { JobEvent } from "./types.js";
