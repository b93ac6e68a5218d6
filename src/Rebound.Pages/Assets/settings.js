// The settings beside the conversation: which models answer, and how.

const NUMBERS = ["temperature", "top_p", "top_k", "min_p", "max_tokens", "seed"];

/** The form's state, as lanes that are asked. */
export class Settings {
  constructor(form) {
    this.form = form;
    this.models = JSON.parse(form.dataset.models);
    form.addEventListener("input", () => this.show());
    form.addEventListener("submit", event => event.preventDefault());
    this.show();
  }

  /** The models to ask: one, or two side by side. */
  get lanes() {
    return this.form.elements.compare.checked ? [this.lane("a"), this.lane("b")] : [this.lane("a")];
  }

  /** What is chosen and typed, to be kept. */
  get values() {
    return Object.fromEntries(this.fields.map(field => [keyOf(field), field.type === "checkbox" ? field.checked : field.value]));
  }

  set values(values) {
    // Twice, since some choices depend on others; what there is no more is left out.
    for (let time = 0; time < 2; time++) {
      for (const field of this.fields.filter(field => keyOf(field) in values)) {
        const value = values[keyOf(field)];
        if (field.type === "checkbox") {
          field.checked = value;
        } else if (!field.options || [...field.options].some(option => option.value === value)) {
          field.value = value;
        }
      }

      this.show();
    }

    // Nothing that is set is out of sight.
    for (const details of this.form.querySelectorAll("details")) {
      details.open ||= [...details.querySelectorAll("input")].some(input => input.value !== "");
    }
  }

  get fields() {
    return [...this.form.elements].filter(field => field.name && field.tagName !== "OUTPUT");
  }

  /** Whether all that was typed can be sent; the browser says what cannot. */
  check() {
    if (this.form.checkValidity()) {
      return true;
    }

    this.form.classList.add("open");
    this.form.querySelectorAll("details").forEach(details => details.open ||= details.querySelector(":invalid") !== null);
    return this.form.reportValidity();
  }

  lane(key) {
    const name = this.form.elements[`model-${key}`].value;
    const { model, condition } = this.find(name);
    const weight = Number(this.form.elements[`guidance-${key}`].value);
    const away = this.form.elements[`away-${key}`].value;
    const isRaw = condition === "raw";
    const offered = [...this.form.querySelectorAll(`[name=tool][data-model="${CSS.escape(model.name)}"]`)];
    const tools = offered.filter(tool => tool.checked).map(tool => tool.value);
    return {
      key,
      name,
      condition: condition ?? model.positive,
      title: weight > 0 && !isRaw && model.conditions.length > 1 ? `${name}, guided by ${weight} away from ${away}` : name,
      agent: model.agent && !isRaw,
      tools: tools.length < offered.length ? tools : undefined,
      offersTools: !isRaw && tools.length > 0,
      learnedTools: model.tools,
      guidance: weight > 0 && this.guides(model, condition) ? { weight, condition: away } : undefined,
      sampling: Object.fromEntries(NUMBERS.filter(field => this.form.elements[field].value !== "")
        .map(field => [field, Number(this.form.elements[field].value)])),
    };
  }

  find(name) {
    const model = this.models.find(model => name === model.name || model.names.includes(name));
    return { model, condition: name === model.name ? null : name.slice(model.name.length + 1) };
  }

  guides(model, condition) {
    return model.conditions.length > 1 && condition !== "raw";
  }

  /** Shows what there is to choose for the models that are chosen. */
  show() {
    const compares = this.form.elements.compare.checked;
    this.form.querySelector("#lane-b").hidden = !compares;
    const shown = new Set();
    for (const key of ["a", "b"]) {
      const { model, condition } = this.find(this.form.elements[`model-${key}`].value);
      const guides = this.guides(model, condition);
      const range = this.form.elements[`guidance-${key}`];
      const away = this.form.elements[`away-${key}`];
      range.closest("label").hidden = away.closest("label").hidden = !guides;
      this.form.elements[`weight-${key}`].value = Number(range.value) > 0 ? range.value : "off";
      const choices = guides ? model.conditions.filter(name => name !== (condition === "negative" ? model.negative : condition ?? model.positive)) : [];
      if ([...away.options].map(option => option.value).join() !== choices.join()) {
        away.replaceChildren(...choices.map(name => new Option(name, name, name === model.negative, name === model.negative)));
      }

      if (condition !== "raw" && (key === "a" || compares)) {
        shown.add(model.name);
      }
    }

    let any = false;
    for (const tool of this.form.querySelectorAll("[name=tool]")) {
      const isShown = shown.has(tool.dataset.model);
      tool.closest("label").hidden = !isShown;
      any ||= isShown;
    }

    this.form.querySelector("#no-tools").hidden = any;
  }
}

/** Tells a field from others: tools of several models share a name. */
function keyOf(field) {
  return field.name === "tool" ? `tool ${field.dataset.model} ${field.value}` : field.name;
}
