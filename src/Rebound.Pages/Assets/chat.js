// The chat: questions, their answers by one or two models, and what a person does with them.

import { answer } from "./answering.js";
import { keep, kept, whenDuplicate } from "./keeping.js";
import { Settings } from "./settings.js";
import { Teaching } from "./teaching.js";
import { AnswerView, keepingEnd, make } from "./view.js";

const log = document.getElementById("log");
const composer = document.getElementById("composer");
const field = document.getElementById("question");
const stopper = document.getElementById("stop");
const status = document.getElementById("status");
const settings = new Settings(document.getElementById("settings"));

let exchanges = [];
let teaching = new Teaching(say);
let running = null;
let number = 0;

composer.addEventListener("submit", event => {
  event.preventDefault();
  const text = field.value.trim();
  if (text && !running && settings.check()) {
    field.value = "";
    ask(text);
  }
});
field.addEventListener("keydown", submitOnEnter);
stopper.addEventListener("click", stop);
document.addEventListener("keydown", event => {
  if (event.key === "Escape" && running) {
    event.preventDefault();
    stop();
  }
});
document.getElementById("new").addEventListener("click", () => {
  stop();
  removeFrom(0);
  teaching = new Teaching(say);
  say("");
  remember();
  field.focus();
});
document.getElementById("show-settings").addEventListener("click", event => {
  event.currentTarget.setAttribute("aria-expanded", `${settings.form.classList.toggle("open")}`);
});
addEventListener("pagehide", remember);
// A page that comes out of the browser's memory knows nothing of what was kept since.
addEventListener("pageshow", event => event.persisted && location.reload());
restore(kept());
whenDuplicate(() => {
  teaching = new Teaching(say);
  exchanges.forEach(exchange => exchange.answers.forEach(showVerdicts));
  remember();
  say("This is a copy of another tab's conversation: what is judged here is saved apart from what is judged there.");
});
composer.querySelectorAll(":disabled").forEach(element => element.disabled = element === stopper);
field.focus();

function say(text) {
  status.textContent = text;
}

function stop() {
  running?.abort();
}

function submitOnEnter(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.currentTarget.form.requestSubmit();
  }
}

/** Keeps what there is for when this page is loaded again; false where it is too much. */
function remember() {
  return keep({
    number,
    draft: field.value,
    settings: settings.values,
    teaching: teaching.state,
    exchanges: exchanges.map(({ text, answers }) => ({ text, answers: answers.map(({ id, lane, view, messages, row }) => ({ id, lane, view, messages, row })) })),
  });
}

/** Shows what was kept. */
function restore(state) {
  if (!state) {
    return;
  }

  field.value = state.draft;
  settings.values = state.settings;
  teaching.state = state.teaching;
  for (const { text, answers } of state.exchanges) {
    const exchange = place(text);
    for (const { view, ...answer } of answers) {
      const begun = begin(exchange, answer.lane);
      Object.assign(begun, answer);
      begun.view.restore(view);
      if (!view.isOver) {
        dropOpenCalls(begun);
      }

      setTeachable(begun);
      showVerdicts(begun);
    }
  }

  number = state.number;
  log.scrollTop = log.scrollHeight;
}

/** Asks a question of all models that are chosen. */
async function ask(text) {
  const exchange = place(text);
  log.scrollTop = log.scrollHeight;
  await run(exchange, settings.lanes.map(lane => begin(exchange, lane)));
}

/** A question's place at the end of the conversation. */
function place(text) {
  const element = make("exchange");
  element.querySelector(".asked").textContent = text;
  const exchange = { text, element, answers: [] };
  element.querySelector(".edit").addEventListener("click", () => edit(exchange));
  keepingEnd(log, () => {
    log.append(element);
    exchanges.push(exchange);
  });
  return exchange;
}

/** Begins an answer: its place is there before its first word. */
function begin(exchange, lane, before = null) {
  const view = new AnswerView(lane);
  const begun = { id: ++number, lane, view, messages: [], row: null };
  const places = exchange.element.querySelector(".answers");
  if (before) {
    exchange.answers[exchange.answers.indexOf(before)] = begun;
    before.view.element.replaceWith(view.element);
  } else {
    exchange.answers.push(begun);
    places.append(view.element);
  }

  places.classList.toggle("pair", exchange.answers.length > 1);
  view.element.querySelector(".retry").addEventListener("click", () => retry(exchange, begun));
  for (const good of [true, false]) {
    view.element.querySelector(good ? ".good" : ".bad")?.addEventListener("click", () => judge(begun, good, false));
    view.element.querySelector(good ? ".good-whole" : ".bad-whole")?.addEventListener("click", () => judge(begun, good, true));
  }

  return begun;
}

async function run(exchange, answers) {
  const controller = running = new AbortController();
  setRunning(true);
  say("Answering…");
  const following = new MutationObserver(() => keepingEndOf(answers));
  answers.forEach(begun => following.observe(begun.view.parts, { childList: true, characterData: true, subtree: true }));
  const ends = await Promise.all(answers.map(begun => runOne(exchange, begun, controller.signal)));
  following.disconnect();
  if (running === controller) {
    running = null;
    setRunning(false);
    const state = ends.includes("stopped") ? "Stopped." : ends.includes("failed") ? "That failed." : "Answered.";
    say(remember() ? state : `${state} The conversation is too long by now to be kept when this page is loaded again.`);
  }
}

async function runOne(exchange, begun, signal) {
  const { view, lane } = begun;
  try {
    await answer(lane, [...history(exchange, lane.key), { role: "user", content: exchange.text }], view, begun, signal);
    view.end();
    setTeachable(begun);
    return "answered";
  } catch (error) {
    dropOpenCalls(begun);
    if (!signal.aborted) {
      view.begin("problem").add(error.message);
      view.end("Failed");
      return "failed";
    }

    view.end("Stopped");
    return "stopped";
  }
}

/** A call that nothing has answered cannot be gone on from. */
function dropOpenCalls(begun) {
  while (begun.messages.at(-1)?.tool_calls?.length) {
    begun.messages.pop();
  }
}

/** What the model of a lane has heard and said before a question. */
function history(exchange, key) {
  return exchanges.slice(0, exchanges.indexOf(exchange)).flatMap(earlier => {
    const own = earlier.answers.find(begun => begun.lane.key === key) ?? earlier.answers[0];
    return own.messages.length === 0 ? [] : [{ role: "user", content: earlier.text }, ...own.messages.map(({ loss, generated, ...message }) => message)];
  });
}

function setRunning(isRunning) {
  stopper.disabled = !isRunning;
  composer.querySelector("[type=submit]").disabled = isRunning;
  log.setAttribute("aria-busy", `${isRunning}`);
  log.classList.toggle("running", isRunning);
  log.querySelectorAll(".retry, .edit").forEach(button => button.disabled = isRunning);
}

let wasAtEnd = true;
log.addEventListener("scroll", () => wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60);
function keepingEndOf() {
  if (wasAtEnd) {
    log.scrollTop = log.scrollHeight;
  }
}

function removeFrom(index) {
  exchanges.splice(index).forEach(exchange => exchange.element.remove());
}

/** Answers once more, as the settings are now; what came after it goes. */
function retry(exchange, begun) {
  if (running || !settings.check()) {
    return;
  }

  removeFrom(exchanges.indexOf(exchange) + 1);
  const again = begin(exchange, settings.lanes.find(lane => lane.key === begun.lane.key) ?? begun.lane, begun);
  field.focus();
  run(exchange, [again]);
}

/** Lets the question be changed where it stands, and asked again; what came after it goes. */
function edit(exchange) {
  const asked = exchange.element.querySelector(".question");
  const form = make("editing");
  const input = form.querySelector("textarea");
  const close = () => {
    form.replaceWith(asked);
    asked.querySelector(".edit").focus();
  };
  input.value = exchange.text;
  input.addEventListener("keydown", submitOnEnter);
  form.addEventListener("keydown", event => {
    if (event.key === "Escape") {
      close();
    }
  });
  form.querySelector(".cancel").addEventListener("click", close);
  form.addEventListener("submit", event => {
    event.preventDefault();
    const text = input.value.trim();
    if (text && !running && settings.check()) {
      removeFrom(exchanges.indexOf(exchange));
      field.focus();
      ask(text);
    }
  });
  asked.replaceWith(form);
  input.focus();
}

/** Only a whole answer can be learned from. */
function setTeachable(begun) {
  begun.view.element.querySelectorAll(".teach button").forEach(button => button.disabled = begun.row === null);
}

/** What an answer, or the conversation up to it, is judged by. */
function keyOf(begun, isWhole) {
  return `${begun.id}${isWhole ? " whole" : ""}`;
}

async function judge(begun, good, isWhole) {
  const key = keyOf(begun, isWhole);
  const verdict = teaching.verdictOf(key) === good ? null : good;
  const row = isWhole
    ? { ...begun.row, conversation: begun.row.conversation.map(turn => ({ ...turn, loss: turn.role === "assistant" })) }
    : begun.row;
  const saved = teaching.judge(key, verdict, row);
  showVerdicts(begun);
  await saved;
  remember();
}

function showVerdicts(begun) {
  for (const [isWhole, suffix] of [[false, ""], [true, "-whole"]]) {
    const verdict = teaching.verdictOf(keyOf(begun, isWhole));
    begun.view.element.querySelector(`.good${suffix}`)?.setAttribute("aria-pressed", `${verdict === true}`);
    begun.view.element.querySelector(`.bad${suffix}`)?.setAttribute("aria-pressed", `${verdict === false}`);
  }
}
