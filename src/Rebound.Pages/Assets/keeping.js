// Keeps this tab's conversation in the browser, so that loading the page again does not lose it.

const KEY = "rebound-chat";

/** Of what is kept: another version's is not read. */
const VERSION = 1;

const state = read();

/** A tab that is duplicated has what the first one kept, this name among it, until it is told. */
let tab = state?.tab ?? named();

/** Keeps a state in the place of the one before; false where the browser has no room for it. */
export function keep(next) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ version: VERSION, tab, ...next }));
    return true;
  } catch {
    return false;
  }
}

/** The state that was kept when the page was loaded; null for none. */
export function kept() {
  return state;
}

/** Calls back if the conversation is another tab's, of which this one is the duplicate: from then on it is one of its own. */
export function whenDuplicate(told) {
  const tabs = new BroadcastChannel(KEY);
  tabs.addEventListener("message", ({ data }) => {
    if (data.asked === tab) {
      tabs.postMessage({ taken: tab });
    } else if (data.taken === tab) {
      tab = named();
      told();
    }
  });
  addEventListener("pagehide", () => tabs.close());
  tabs.postMessage({ asked: tab });
}

function named() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), part => part.toString(36)).join("-");
}

function read() {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEY));
    return found?.version === VERSION ? found : null;
  } catch {
    return null;
  }
}
