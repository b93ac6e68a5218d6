// llama.cpp behind OpenAI's chat protocol, plain and streamed, one answer at a time: a server to ask Rebound's agents against.
// usage: node server.mjs MODEL.gguf PORT [THREADS] [CONTEXT]
import {createServer} from "node:http";
import {getLlama, LlamaChat} from "node-llama-cpp";

const [, , modelPath, port, threads = "2", contextSize = "2048"] = process.argv;
const llama = await getLlama({gpu: false, build: "never", progressLogs: false, maxThreads: Number(threads)});
const model = await llama.loadModel({modelPath, gpuLayers: 0});
const context = await model.createContext({contextSize: Number(contextSize), threads: Number(threads)});
const sequence = context.getSequence();
const chat = new LlamaChat({contextSequence: sequence});
const types = {system: "system", user: "user", tool: "user"};
const text = (content) => typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("");
const turn = ({role, content}) => types[role] ? {type: types[role], text: text(content)} : {type: "model", response: [text(content)]};

async function answer(request, write) {
  const before = sequence.tokenMeter.getState();
  const history = [...request.messages.map(turn), {type: "model", response: []}];
  const {response, metadata} = await chat.generateResponse(history, {
    maxTokens: request.max_tokens ?? request.max_completion_tokens,
    temperature: request.temperature,
    topP: request.top_p,
    topK: request.top_k,
    seed: request.seed,
    customStopTriggers: [request.stop ?? []].flat(),
    onTextChunk: write,
  });
  const {usedInputTokens, usedOutputTokens} = sequence.tokenMeter.diff(before);
  const usage = {prompt_tokens: usedInputTokens, completion_tokens: usedOutputTokens, total_tokens: usedInputTokens + usedOutputTokens};
  return {response, usage, finish: metadata.stopReason === "maxTokens" ? "length" : "stop"};
}

async function serve(request, reply) {
  const frame = {id: "llama", created: Math.floor(Date.now() / 1000), model: request.model};
  const event = (object) => reply.write(`data: ${JSON.stringify(object)}\n\n`);
  const piece = (delta, finish = null) => event({...frame, object: "chat.completion.chunk", choices: [{index: 0, delta, finish_reason: finish}]});
  if (!request.stream) {
    const {response, usage, finish} = await answer(request);
    const choice = {index: 0, message: {role: "assistant", content: response}, finish_reason: finish};
    return reply.setHeader("Content-Type", "application/json").end(JSON.stringify({...frame, object: "chat.completion", choices: [choice], usage}));
  }
  reply.setHeader("Content-Type", "text/event-stream");
  piece({role: "assistant"});
  const {usage, finish} = await answer(request, (content) => piece({content}));
  piece({}, finish);
  event({...frame, object: "chat.completion.chunk", choices: [], usage});
  reply.end("data: [DONE]\n\n");
}

function fail(reply, error) {
  const body = JSON.stringify({error: {message: error.message, type: error.name}});
  return reply.headersSent ? reply.end(`data: ${body}\n\n`) : reply.writeHead(400, {"Content-Type": "application/json"}).end(body);
}

let last = Promise.resolve();
createServer(async (incoming, reply) => {
  let body = "";
  for await (const part of incoming) body += part;
  last = last.then(() => serve(JSON.parse(body), reply)).catch((error) => fail(reply, error));
}).listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/v1`));
