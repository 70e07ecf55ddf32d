// Runs decoders in Transformers.js for whoever writes to standard input. Frames both ways: a length in bytes, then so many;
// a request begins with the number of its verb. All numbers are little-endian.

import { readSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// Where `get` put it, and the threads of a session.
const [modules, threads] = process.argv.slice(1);
const path = createRequire(`${modules}/`).resolve("@huggingface/transformers");
const { AutoModelForCausalLM, Tensor, env } = await import(pathToFileURL(path));

// Nothing is downloaded, and nothing is on a disk: what the library wants to read is what was sent last.
let files = {};
env.allowRemoteModels = false;
env.useBrowserCache = false;
env.useFSCache = false;
env.useCustomCache = true;
env.customCache = {
  match: async (request) => {
    const name = Object.keys(files).find((name) => String(request).endsWith(name));
    return name && new Response(files[name]);
  },
  put: async () => {},
};

const models = [];

const verbs = [
  // nothing: what a call costs
  async () => new Uint8Array(0),
  // build: length of the config, config, ONNX; answers with the model's number
  async (body) => {
    const length = body.readUInt32LE(0);
    const config = body.subarray(4, 4 + length);
    files = { "config.json": config, "model.onnx": body.subarray(4 + length) };
    const options = { intraOpNumThreads: Number(threads), interOpNumThreads: 1, executionMode: "sequential" };
    const model = await AutoModelForCausalLM.from_pretrained("decoder", {
      device: "cpu",
      dtype: "fp32",
      session_options: options,
    });
    files = {};
    // Keys and values by the number of positions that they are of: what was remembered of later ones is still there.
    return number(models.push({ model, pasts: [null] }) - 1);
  },
  // forward: model, batch, past, last only, ids; answers with logits
  async (body) => {
    const [index, batch, past, last] = [0, 4, 8, 12].map((at) => body.readUInt32LE(at));
    const { model, pasts } = models[index];
    const count = (body.length - 16) / 4;
    const ids = BigInt64Array.from({ length: count }, (_, at) => BigInt(body.readUInt32LE(16 + 4 * at)));
    const [fresh, total] = [count / batch, past + count / batch];
    const ones = new BigInt64Array(batch * total).fill(1n);
    const inputs = {
      input_ids: new Tensor("int64", ids, [batch, fresh]),
      attention_mask: new Tensor("int64", ones, [batch, total]),
    };
    if (past > 0) inputs.past_key_values = pasts[past];
    const outputs = await model(inputs);
    const presents = Object.entries(outputs).filter(([name]) => name.startsWith("present"));
    pasts[total] = Object.fromEntries(presents.map(([name, of]) => [name.replace("present", "past_key_values"), of]));
    const all = outputs.logits.data;
    return bytes(last ? lastRows(all, batch, fresh) : all);
  },
  // forget: model
  async (body) => {
    const index = body.readUInt32LE(0);
    await models[index].model.dispose();
    models[index] = null;
    return new Uint8Array(0);
  },
];

function lastRows(all, batch, fresh) {
  const vocabulary = all.length / batch / fresh;
  const rows = Array.from({ length: batch }, (_, at) => ((at + 1) * fresh - 1) * vocabulary);
  const out = new Float32Array(batch * vocabulary);
  rows.forEach((from, at) => out.set(all.subarray(from, from + vocabulary), at * vocabulary));
  return out;
}

const bytes = (floats) => new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
const number = (value) => new Uint8Array(Uint32Array.of(value).buffer);

// Whoever asks waits, so there is nothing to do meanwhile: reading blocks.
function read(length) {
  const buffer = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const count = readSync(0, buffer, at, length - at, null);
    if (count === 0) process.exit(0);
    at += count;
  }
  return buffer;
}

function write(status, body) {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(status, 0);
  head.writeUInt32LE(body.length, 4);
  const frame = Buffer.concat([head, body]);
  for (let at = 0; at < frame.length; ) at += writeSync(1, frame, at);
}

for (;;) {
  const request = read(read(4).readUInt32LE(0));
  try {
    write(0, await verbs[request.readUInt32LE(0)](request.subarray(4)));
  } catch (error) {
    write(1, Buffer.from(String(error)));
  }
}
