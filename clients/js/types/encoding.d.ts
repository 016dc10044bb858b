export function base64url(bytes: Uint8Array): string;
export function randomToken(): string;
