// The little of Node that the program uses.
declare const process: { argv: string[] };
declare module "node:fs/promises" {
  export function readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
}
