// MB/s (10^6 octets of both bodies a second of processor time) of a JSON diff tool of node over two texts in memory, parsing included.
//   node peer.mjs TOOL PRIMARY OTHER SECONDS     prints one line of JSON
import { readFileSync } from "node:fs";
import jsonpatch from "fast-json-patch";
import * as jsondiffpatch from "jsondiffpatch";

const tools = {
  jsondiffpatch: (primary, other) => jsondiffpatch.diff(JSON.parse(primary), JSON.parse(other)) !== undefined,
  "fast-json-patch": (primary, other) => jsonpatch.compare(JSON.parse(primary), JSON.parse(other)).length > 0,
};

const [tool, primaryPath, otherPath, seconds] = process.argv.slice(2);
const primary = readFileSync(primaryPath, "utf8");
const other = readFileSync(otherPath, "utf8");
const octets = Buffer.byteLength(primary) + Buffer.byteLength(other);
const differ = primary !== other;

const spent = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const measure = (calls) => {
  const before = spent();
  for (let i = 0; i < calls; ++i) {
    if (tools[tool](primary, other) !== differ) throw new Error(`${tool} is wrong`);
  }
  return spent() - before;
};

// Calls of 20 ms make a slice; the first half of the time is for the compiler to warm up.
let calls = 1;
while (measure(calls) < 0.02) calls *= 2;
const slices = [];
const start = spent();
while (spent() - start < Number(seconds) || slices.length < 2) slices.push(measure(calls) / calls);
const warm = slices.slice(Math.floor(slices.length / 2)).sort((a, b) => a - b);
console.log(JSON.stringify({ [tool]: octets / warm[Math.floor(warm.length / 2)] / 1e6 }));
