// LangChain's chat model for OpenAI.
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { answerSchema, calculate, calculateParameters, finishParameters, noParameters, tooLong } from "./shared.mjs";

const modelOf = ({ baseURL, model }, more = {}) =>
    new ChatOpenAI({ model, apiKey: "any", configuration: { baseURL }, temperature: 0, maxRetries: 0, ...more });

const toolOf = (name, parameters) => ({ type: "function", function: { name, parameters } });

const joined = async stream => {
    let whole;
    for await (const chunk of stream) {
        whole = whole ? whole.concat(chunk) : chunk;
    }
    return whole;
};

const callsOf = message => message.tool_calls.map(call => [call.name, call.args]);

export default async (chat, agent) => {
    const said = {};
    const plain = modelOf(chat, { maxTokens: 12 });
    const whole = await plain.invoke("Hello?");
    said.whole = whole.content;
    said.finish = whole.response_metadata.finish_reason;
    const streamed = await joined(await plain.stream("Hello?"));
    said.streamed = streamed.content;
    said.outputTokens = streamed.usage_metadata.output_tokens;

    const working = modelOf(agent).bindTools([toolOf("calculate", calculateParameters), toolOf("finish", finishParameters)]);
    const messages = [new HumanMessage("6-2?")];
    const first = await working.invoke(messages);
    messages.push(first, ...first.tool_calls.map(call => new ToolMessage({ content: calculate(call.args), tool_call_id: call.id })));
    said.calls = [...callsOf(first), ...callsOf(await working.invoke(messages))];
    said.parallel = callsOf(await joined(await working.stream("6-2, 3-2?")));

    const time = toolOf("time", noParameters);
    said.none = callsOf(await joined(
        await modelOf(agent).bindTools([time], { tool_choice: "required", parallel_tool_calls: false }).stream("Hello?")));
    said.named = callsOf(await modelOf(agent).bindTools([time, toolOf("calculate", calculateParameters)], { tool_choice: "time" }).invoke("Hello?"));

    said.parsed = await modelOf(chat).withStructuredOutput(answerSchema, { method: "jsonSchema", name: "answer" }).invoke("Hello?");
    said.parsedByCall = await modelOf(chat).withStructuredOutput(answerSchema, { method: "functionCalling", name: "answer" }).invoke("Hello?");

    try {
        await plain.invoke(tooLong);
    } catch (error) {
        said.error = { status: error.status, code: error.code, message: error.message };
    }

    const stop = new AbortController();
    try {
        for await (const _ of await modelOf(chat, { modelKwargs: { ignore_eos: true } }).stream("Hello?", { signal: stop.signal })) {
            stop.abort();
        }
    } catch (error) {
        said.aborted = error.name === "AbortError";
    }
    return said;
};
