// Vercel's AI SDK by its provider for servers that speak OpenAI's protocol.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, isStepCount, jsonSchema, Output, streamText, tool } from "ai";
import { answerSchema, calculate, calculateParameters, finishParameters, noParameters, tooLong } from "./shared.mjs";

const modelOf = ({ baseURL, model }) =>
    createOpenAICompatible({ name: "rebound", baseURL, apiKey: "any", includeUsage: true, supportsStructuredOutputs: true })(model);

export default async (chat, agent) => {
    const said = {};
    const plain = { model: modelOf(chat), temperature: 0, maxRetries: 0, prompt: "Hello?", maxOutputTokens: 12 };
    const whole = await generateText(plain);
    said.whole = whole.text;
    said.finish = whole.finishReason;
    const stream = streamText(plain);
    said.streamed = "";
    for await (const delta of stream.textStream) {
        said.streamed += delta;
    }
    said.outputTokens = (await stream.usage).outputTokens;

    const tools = {
        calculate: tool({ inputSchema: jsonSchema(calculateParameters), execute: async input => calculate(input) }),
        finish: tool({ inputSchema: jsonSchema(finishParameters) }),
    };
    const working = { model: modelOf(agent), temperature: 0, maxRetries: 0, tools, stopWhen: isStepCount(4) };
    const loop = await generateText({ ...working, prompt: "6-2?" });
    said.calls = loop.steps.flatMap(step => step.toolCalls.map(call => [call.toolName, call.input]));
    said.parallel = [];
    for await (const part of streamText({ ...working, prompt: "6-2, 3-2?" }).fullStream) {
        if (part.type === "tool-call") {
            said.parallel.push([part.toolName, part.input]);
        }
    }

    said.none = [];
    const required = streamText({
        ...working, tools: { time: tool({ inputSchema: jsonSchema(noParameters) }) }, toolChoice: "required", prompt: "Hello?",
        providerOptions: { rebound: { parallel_tool_calls: false } },
    });
    for await (const part of required.fullStream) {
        if (part.type === "tool-call") {
            said.none.push([part.toolName, part.input]);
        }
    }

    said.parsed = (await generateText({
        model: modelOf(chat), maxRetries: 0, prompt: "Hello?", output: Output.object({ schema: jsonSchema(answerSchema) }),
    })).output;

    try {
        await generateText({ ...plain, prompt: tooLong });
    } catch (error) {
        said.error = { status: error.statusCode, message: error.message };
    }

    const stop = new AbortController();
    const endless = streamText({
        model: modelOf(chat), prompt: "Hello?", abortSignal: stop.signal, providerOptions: { rebound: { ignore_eos: true } },
    });
    for await (const part of endless.fullStream) {
        if (part.type === "text-delta") {
            stop.abort();
        }
        said.aborted = part.type === "abort";
    }
    return said;
};
