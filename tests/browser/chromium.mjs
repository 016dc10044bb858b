// Unpack the Chromium that npm's @sparticuz/chromium carries, with the libraries and fonts it needs, and print the folder as JSON.
// Usage: node chromium.mjs CACHE_FOLDER → {"executable": …, "libraries": …, "fontconfig": …}. Unpacked once; later runs only print.

import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const require = createRequire(import.meta.url);
const packed = resolve(dirname(require.resolve("@sparticuz/chromium")), "..");
const { version } = JSON.parse(readFileSync(join(packed, "package.json"), "utf8"));
const { extract } = createRequire(require.resolve("@sparticuz/chromium"))("tar-fs");

const folder = resolve(process.argv[2], `chromium-${version}`);
const unpack = (name, target) => pipeline(createReadStream(join(packed, "bin", `${name}.br`)), createBrotliDecompress(), target);

if (!existsSync(folder)) {
  const partial = `${folder}.${process.pid}`; // renamed when complete, so that an interrupted run leaves no half a browser
  mkdirSync(partial, { recursive: true });
  await Promise.all([
    unpack("chromium", createWriteStream(join(partial, "chromium"), { mode: 0o755 })),
    unpack("al2023.tar", extract(partial)),
    unpack("fonts.tar", extract(partial)),
  ]);
  // The package's own file points at its folders on Lambda. With these fonts alone, a page looks the same on every machine.
  const dirs = `<dir>${join(folder, "fonts")}</dir><cachedir>${join(folder, "fonts-cache")}</cachedir>`;
  writeFileSync(join(partial, "fonts.conf"), `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${dirs}</fontconfig>`);
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(partial, { recursive: true }); // another run was first
  }
}

console.log(JSON.stringify({ executable: join(folder, "chromium"), libraries: join(folder, "lib"), fontconfig: join(folder, "fonts.conf") }));
