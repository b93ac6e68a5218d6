// Asks one model, and tells a view of its answer what comes, part by part.

import { streamed } from "./events.js";

/** How an observation is told to a model that writes its actions as text. */
const OBSERVATION = "Observation: ";

/** The tool by which agents give their answer. */
const FINISH = "finish";

/**
 * An answer as far as it has come.
 * @typedef {object} Answer
 * @property {object[]} messages The model's turns and observations, in OpenAI's form.
 * @property {object | null} row What is learned from it, as a conversation with its tools; null while it is not whole.
 */

/**
 * Lets a model answer the last of some messages.
 * @param {object} lane Which model, and how it is asked.
 * @param {object[]} messages The conversation, whose last message is the question.
 * @param {object} view Is told of every part: begin(kind), add(text), end(), and so on.
 * @param {Answer} answer Is filled as it comes, so that what there is stays when it is stopped.
 */
export function answer(lane, messages, view, answer, signal) {
  return lane.agent ? work(lane, messages, view, answer, signal) : chat(lane, messages, view, answer, signal);
}

/** An agent works on the server, where its tools run. */
async function work(lane, messages, view, answer, signal) {
  const path = `/v1/agents/${encodeURIComponent(lane.name)}/run`;
  const body = { messages, tools: lane.tools, guidance: lane.guidance, return_token_ids: true, ...lane.sampling };
  let parts = [];
  for await (const event of streamed(path, body, signal)) {
    const delta = /^turn\.(\w+)\.delta$/.exec(event.type);
    if (delta) {
      const kind = { thought: "thought", reasoning: "thought", action: "call" }[delta[1]] ?? "text";
      if (parts.at(-1)?.kind !== kind) {
        parts.push(view.begin(kind));
      }

      parts.at(-1).add(event.delta);
      continue;
    }

    switch (event.type) {
      case "turn.created":
        parts = [];
        break;
      case "turn.reasoning":
        parts.forEach(part => part.become("thought"));
        break;
      case "turn.completed":
        answer.messages.push(event.message);
        parts = showCalls(view, parts, event.calls);
        break;
      case "observation":
        if (event.name !== FINISH) {
          view.begin("observation", event.name).add(event.content);
        }

        answer.messages.push(event.call_id
          ? { role: "tool", tool_call_id: event.call_id, name: event.name, content: event.content }
          : { role: "user", content: OBSERVATION + event.content });
        break;
      case "run.completed":
        finish(event.run, view, parts, answer);
        break;
    }
  }
}

/** Puts the calls of a turn in the place of the text that they were read from. */
function showCalls(view, parts, calls) {
  if (calls.length === 0) {
    return parts;
  }

  parts.filter(part => part.kind === "call").forEach(part => part.remove());
  return [...parts.filter(part => part.kind !== "call"), ...calls.map(call => {
    const part = view.begin("call", call.name);
    part.add(call.arguments);
    return part;
  })];
}

/** The end of an agent's work: its last call, which finishes, is its answer. */
function finish(run, view, parts, answer) {
  const row = run.trajectory;
  answer.row = { conversation: row.conversations, tools: row.tools, model: run.model, condition: run.condition, temperature: row.source };
  answer.messages = row.conversations.slice(row.conversations.length - answer.messages.length);
  const last = parts.at(-1);
  if (run.answer !== null && last?.kind === "call" && last.name === FINISH) {
    last.remove();
    view.begin("final").add(run.answer);
  }

  if (run.cause) {
    view.begin("problem").add(`The agent came to no answer (${run.cause})${run.detail ? `: ${run.detail}` : "."}`);
  }

  view.facts(run.usage.completion_tokens, run.seconds, row.conversations.filter(turn => turn.role === "assistant" && turn.loss).length);
}

/** A model without tools of the server's answers in one turn. */
async function chat(lane, messages, view, answer, signal) {
  const body = {
    model: lane.name, messages, guidance: lane.guidance, tool_choice: lane.offersTools ? undefined : "none",
    stream_options: { include_usage: true }, ...lane.sampling,
  };
  const said = { role: "assistant", content: "" };
  const calls = [];
  const began = performance.now();
  let part = null;
  const show = (kind, text) => {
    if (part?.kind !== kind) {
      part = view.begin(kind);
    }

    part.add(text);
  };
  for await (const { choices, usage } of streamed("/v1/chat/completions", body, signal)) {
    const delta = choices[0]?.delta ?? {};
    if (delta.reasoning_content) {
      said.reasoning_content = (said.reasoning_content ?? "") + delta.reasoning_content;
      show("thought", delta.reasoning_content);
    }

    if (delta.content) {
      said.content += delta.content;
      show("text", delta.content);
    }

    for (const piece of delta.tool_calls ?? []) {
      const call = calls[piece.index];
      if (call) {
        call.function.arguments += piece.function.arguments ?? "";
      } else {
        calls[piece.index] = { id: piece.id, type: "function", function: { arguments: "", ...piece.function } };
        said.tool_calls = calls;
        part = view.begin("call", piece.function.name);
      }

      part.add(piece.function.arguments ?? "");
    }

    answer.messages = [said];
    if (choices[0]?.finish_reason === "length") {
      view.begin("problem").add("The answer was cut off: it has as many tokens as it may have.");
    }

    if (usage) {
      view.facts(usage.completion_tokens, (performance.now() - began) / 1000, 1);
    }
  }

  answer.row = {
    conversation: [...messages.map(message => ({ ...message, loss: false })), { ...said, loss: true }],
    tools: lane.offersTools ? lane.learnedTools : null,
    model: lane.name,
    condition: lane.condition,
    temperature: lane.sampling.temperature === undefined ? null : `${lane.sampling.temperature}`,
  };
}
