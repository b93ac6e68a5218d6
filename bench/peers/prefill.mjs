// Prefill of a GGUF by llama.cpp: the peer of `Rebound.Bench prefill`.
// usage: node prefill.mjs MODEL.gguf TOKENS THREADS RUNS      Prints one JSON line.
import {getLlama} from "node-llama-cpp";

const [, , modelPath, tokenCount, threads, runs] = process.argv;
const n = Number(tokenCount);
const llama = await getLlama({gpu: false, build: "never", progressLogs: false, maxThreads: Number(threads)});
const model = await llama.loadModel({modelPath, gpuLayers: 0});
const context = await model.createContext({contextSize: n + 256, batchSize: n, threads: Number(threads)});
const sequence = context.getSequence();
const tokens = Array.from({length: n}, (_, i) => 100 + (i * 7919) % 40000);
const seconds = [];
for (let run = 0; run <= Number(runs); run++) {
  await sequence.clearHistory();
  const start = performance.now();
  await sequence.evaluateWithoutGeneratingNewTokens(tokens);
  if (run > 0) seconds.push((performance.now() - start) / 1000);
}
console.log(JSON.stringify({peer: "llama.cpp (node-llama-cpp)", seconds}));
process.exit(0);
