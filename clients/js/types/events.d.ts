/**
 * @param {PushSettings} settings
 * @param {(mustRenew?: boolean) => Promise<Result<string | null>>} readToken
 */
export function createEvents({ url, realtimeUrl, auth }: PushSettings, readToken: (mustRenew?: boolean) => Promise<Result<string | null>>): {
    subscribe: (channel: string, listener: Listener) => () => void;
    hurry: () => void;
};
export function headerProtocol(authorization: Record<string, string>): string;
export function findRealtimeUrl(url: string): string;
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
    isLive: boolean;
    isRefused?: boolean;
};
export type Events = ReturnType<typeof createEvents>;
import type { PushSettings } from "./types.js";
import type { Result } from "./types.js";
import type { JobEvent } from "./types.js";
