// OpenAI's own client.
import OpenAI from "openai";
import { tooLong } from "./shared.mjs";

export default async ({ baseURL, model }) => {
    const client = new OpenAI({ baseURL, apiKey: "any", maxRetries: 0 });
    const messages = [{ role: "user", content: "Hello?" }];
    const plain = { model, messages, temperature: 0, max_completion_tokens: 12 };
    const said = {};

    const whole = await client.chat.completions.create(plain);
    said.whole = whole.choices[0].message.content;

    said.streamed = "";
    for await (const chunk of await client.chat.completions.create({ ...plain, stream: true, stream_options: { include_usage: true } })) {
        said.streamed += chunk.choices[0]?.delta.content ?? "";
        said.usage = chunk.usage ?? said.usage;
    }

    const tools = [{
        type: "function",
        function: {
            name: "weather",
            parameters: {
                type: "object", properties: { city: { enum: ["Paris", "Rome"] } }, required: ["city"], additionalProperties: false,
            },
        },
    }];
    const calling = { model, messages, tools, tool_choice: "required", parallel_tool_calls: false, temperature: 0 };
    said.call = (await client.chat.completions.create(calling)).choices[0].message.tool_calls[0].function;
    const runner = client.chat.completions.stream(calling);
    said.streamedCall = (await runner.finalChatCompletion()).choices[0].message.tool_calls[0].function.arguments;

    said.parsed = JSON.parse((await client.chat.completions.create({
        model, messages,
        response_format: {
            type: "json_schema",
            json_schema: {
                name: "answer", strict: true,
                schema: {
                    type: "object", properties: { answer: { enum: ["yes", "no"] } }, required: ["answer"], additionalProperties: false,
                },
            },
        },
    })).choices[0].message.content);

    const response = await client.responses.create({ model, input: "Hello?", temperature: 0, max_output_tokens: 12 });
    said.response = response.output_text;
    said.streamedResponse = "";
    for await (const event of await client.responses.create({ model, input: "Hello?", temperature: 0, max_output_tokens: 12, stream: true })) {
        said.streamedResponse += event.type === "response.output_text.delta" ? event.delta : "";
    }

    said.models = [];
    for await (const listed of client.models.list()) {
        said.models.push(listed.id);
    }

    try {
        await client.chat.completions.create({ model, messages: [{ role: "user", content: tooLong }] });
    } catch (error) {
        said.error = { status: error.status, code: error.code, message: error.message };
    }

    const endless = await client.chat.completions.create({ model, messages, stream: true, ignore_eos: true });
    for await (const _ of endless) {
        endless.controller.abort();
        break;
    }
    said.aborted = endless.controller.signal.aborted;

    return said;
};
