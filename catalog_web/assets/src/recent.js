// What was searched for lately, kept in this browser alone.
const KEY = "chartroom-searches";
const MOST = 6;

export function recent() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string").slice(0, MOST) : [];
  } catch {
    return []; // a browser may keep nothing
  }
}

export function remember(text) {
  if (!text) return;
  keep([text, ...recent().filter((one) => one !== text)].slice(0, MOST));
}

export function forget() {
  keep([]);
}

function keep(texts) {
  try {
    localStorage.setItem(KEY, JSON.stringify(texts));
  } catch {
    // full, or forbidden
  }
}
