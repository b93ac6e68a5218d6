// OpenAI's Agents SDK, over chats and over responses.
import OpenAI from "openai";
import { Agent, OpenAIProvider, Runner, tool } from "@openai/agents";
import { answerSchema, calculate, calculateParameters, finishParameters, noParameters, tooLong } from "./shared.mjs";

const toolOf = (name, parameters, execute, strict = false) => tool({
    name, description: "", strict, parameters: { required: [], additionalProperties: true, ...parameters }, execute,
});

const runnerOf = ({ baseURL }, useResponses) => new Runner({
    modelProvider: new OpenAIProvider({ openAIClient: new OpenAI({ baseURL, apiKey: "any", maxRetries: 0 }), useResponses }),
    tracingDisabled: true,
});

const callsOf = result => result.newItems.filter(item => item.type === "tool_call_item")
    .map(item => [item.rawItem.name, JSON.parse(item.rawItem.arguments)]);

const ask = async (chat, agent, useResponses) => {
    const said = {};
    const [talking, working] = [runnerOf(chat, useResponses), runnerOf(agent, useResponses)];
    const settings = { temperature: 0 };
    if (!useResponses) {
        // Over responses this client takes an answer that ends at its limit for a failure.
        const plain = new Agent({ name: "plain", model: chat.model, modelSettings: { ...settings, maxTokens: 12 } });
        said.whole = (await talking.run(plain, "Hello?")).finalOutput;
        const stream = await talking.run(plain, "Hello?", { stream: true });
        said.streamed = "";
        for await (const delta of stream.toTextStream()) {
            said.streamed += delta;
        }
        await stream.completed;
    }

    const sums = new Agent({
        name: "sums", model: agent.model, modelSettings: settings, toolUseBehavior: { stopAtToolNames: ["finish"] },
        tools: [
            toolOf("calculate", calculateParameters, async input => calculate(input)),
            toolOf("finish", finishParameters, async input => input.answer),
        ],
    });
    const one = await working.run(sums, "6-2?");
    said.calls = callsOf(one);
    said.answer = one.finalOutput;
    const both = await working.run(sums, "6-2, 3-2?", { stream: true });
    for await (const _ of both) {
        // Its events are counted in what it comes to.
    }
    await both.completed;
    said.parallel = callsOf(both);

    said.none = callsOf(await working.run(new Agent({
        name: "clock", model: agent.model, modelSettings: { ...settings, toolChoice: "required", parallelToolCalls: false },
        tools: [toolOf("time", noParameters, async () => "noon", true)], toolUseBehavior: "stop_on_first_tool",
    }), "Hello?"));

    said.parsed = (await talking.run(new Agent({
        name: "parsed", model: chat.model, modelSettings: settings,
        outputType: { type: "json_schema", name: "answer", strict: true, schema: answerSchema },
    }), "Hello?")).finalOutput;

    try {
        await talking.run(new Agent({ name: "long", model: chat.model }), tooLong);
    } catch (error) {
        said.error = { status: error.status, code: error.code, message: error.message };
    }

    const stop = new AbortController();
    const endless = await talking.run(
        new Agent({ name: "endless", model: chat.model, modelSettings: { providerData: { ignore_eos: true } } }), "Hello?",
        { stream: true, signal: stop.signal });
    let events = 0;
    try {
        for await (const _ of endless) {
            events++;
            stop.abort();
        }
    } catch {
        // Whether it ends or throws is the client's matter.
    }
    said.aborted = events > 0 && stop.signal.aborted;
    return said;
};

export default async (chat, agent) => ({ chats: await ask(chat, agent, false), responses: await ask(chat, agent, true) });
