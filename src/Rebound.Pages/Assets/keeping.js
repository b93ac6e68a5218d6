// Keeps this tab's conversation in the browser, so that loading the page again does not lose it.

const KEY = "rebound-chat";

/** Of what is kept: another version's is not read. */
const VERSION = 1;

/** Keeps a state in the place of the one before; false where the browser has no room for it. */
export function keep(state) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ version: VERSION, ...state }));
    return true;
  } catch {
    return false;
  }
}

/** The state that was kept; null for none. */
export function kept() {
  try {
    const state = JSON.parse(sessionStorage.getItem(KEY));
    return state?.version === VERSION ? state : null;
  } catch {
    return null;
  }
}
