/**
 * What a text says as JSON, or null where it is none.
 * @param {string} text
 */
export function parseJson(text: string): any;
export function base64url(bytes: Uint8Array): string;
export function randomToken(): string;
