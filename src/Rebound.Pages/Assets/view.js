// The conversation as the page shows it. All that a model or a tool said is text.

const KINDS = { thought: "Thought", call: "Call", observation: "Observation", final: "Answer", problem: "Problem" };

/** An element made of the page's template with that id. */
export function make(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

/** One answer of a model, part by part. */
export class AnswerView {
  constructor(lane) {
    this.element = make("answer");
    this.element.setAttribute("aria-label", `Answer of ${lane.title}`);
    this.element.querySelector(".lane").textContent = lane.title;
    this.parts = this.element.querySelector(".parts");
    this.shown = [];
    this.isOver = false;
    this.element.setAttribute("aria-busy", "true");
  }

  /** Begins a part. */
  begin(kind, name = null) {
    this.settle();
    return new PartView(this, kind, name);
  }

  /** What it took. */
  facts(tokens, seconds, turns) {
    const parts = [`${tokens} token${tokens === 1 ? "" : "s"}`, turns > 1 ? `${turns} turns` : null, `${seconds.toFixed(1)} s`];
    this.element.querySelector(".facts").textContent = parts.filter(Boolean).join(" · ");
  }

  /** Nothing more comes. */
  end(state) {
    this.settle();
    this.isOver = true;
    this.element.setAttribute("aria-busy", "false");
    if (state) {
      this.element.querySelector(".facts").textContent = state;
    }
  }

  /** What is shown, to be kept. */
  toJSON() {
    const parts = this.shown.map(({ kind, name, text }) => ({ kind, name, text: text.data }));
    return { parts, facts: this.element.querySelector(".facts").textContent, isOver: this.isOver };
  }

  /** Shows what was kept; an answer that was not over is not gone on with. */
  restore({ parts, facts, isOver }) {
    parts.forEach(({ kind, name, text }) => this.begin(kind, name).add(text));
    this.end(isOver ? facts : "Stopped");
  }

  /** Takes the mark away that says that the model has not begun. */
  settle() {
    this.element.classList.remove("waiting");
  }
}

/** A thought, a call, an observation, or text. */
class PartView {
  constructor(answer, kind, name) {
    this.element = make("part");
    this.name = name;
    this.text = document.createTextNode("");
    this.element.querySelector(".said").append(this.text);
    this.become(kind);
    if (name) {
      this.element.querySelector(".name").textContent = name;
    }

    this.answer = answer;
    answer.parts.append(this.element);
    answer.shown.push(this);
  }

  become(kind) {
    this.kind = kind;
    this.element.className = `part ${kind}`;
    this.element.querySelector(".kind").textContent = KINDS[kind] ?? "";
  }

  add(text) {
    this.text.appendData(text);
  }

  remove() {
    this.element.remove();
    this.answer.shown.splice(this.answer.shown.indexOf(this), 1);
  }
}

/** Keeps the end in sight where it was in sight before something changes. */
export function keepingEnd(log, change) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  change();
  if (atEnd) {
    log.scrollTop = log.scrollHeight;
  }
}
