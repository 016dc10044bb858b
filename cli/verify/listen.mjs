// Subscribes to one channel of an AppSync Event API: reads {url, protocols, subscribe, limitMs} as a line of stdin, prints each frame as a line.
import { createInterface } from "node:readline";

const [line] = await new Promise((resolve) => createInterface({ input: process.stdin }).once("line", (text) => resolve([text])));
const { url, protocols, subscribe, limitMs } = JSON.parse(line);
const socket = new WebSocket(url, protocols);
socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
socket.onmessage = ({ data }) => {
  console.log(data);
  if (JSON.parse(data).type === "connection_ack") socket.send(JSON.stringify(subscribe));
};
socket.onclose = ({ code, reason }) => {
  console.log(JSON.stringify({ type: "closed", code, reason }));
  process.exit(0);
};
setTimeout(() => process.exit(0), limitMs);
