// Answers that a person called good or bad, saved as trajectories to train on.

import { post } from "./events.js";

/** The judged answers of a conversation. Each change saves them all, so that a judgement can be changed and taken back. */
export class Teaching {
  constructor(say) {
    this.say = say;
    this.judged = new Map();
    this.conversation = null;
    this.saving = Promise.resolve();
  }

  /** What is judged, to be kept. */
  get state() {
    return { conversation: this.conversation, judged: [...this.judged] };
  }

  set state({ conversation, judged }) {
    this.conversation = conversation;
    this.judged = new Map(judged);
  }

  verdictOf(key) {
    return this.judged.get(key)?.good;
  }

  /**
   * @param {string} key Of what is judged.
   * @param {boolean | null} good Null to take it back.
   * @param {object} row As answers have it.
   */
  judge(key, good, row) {
    if (good === null) {
      this.judged.delete(key);
    } else {
      this.judged.set(key, { good, ...row });
    }

    // One after the other: a later state is never overtaken by an earlier one.
    return this.saving = this.saving.then(() => this.save());
  }

  async save() {
    try {
      const rows = [...this.judged.values()];
      const response = await post("/chat/save", { conversation: this.conversation, rows });
      const saved = await response.json();
      this.conversation = saved.conversation;
      this.say(rows.length === 0 ? "Nothing of this conversation is saved." : `Saved in ${saved.file}: ${rows.length} to learn from.`);
    } catch (error) {
      this.say(`Not saved: ${error.message}`);
    }
  }
}
