// The search box as a combobox (WAI-ARIA 1.2): suggestions while typing, arrows, Enter, Escape. In the empty box stand
// the searches of this browser and those that many have sent.
import { forget, recent, remember } from "./recent.js";

const WAIT = 60;

export function suggestions(form) {
  const input = form.querySelector("input[type=search]");
  const list = form.querySelector("[role=listbox]");
  const state = { timer: 0, request: null, chosen: -1 };

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  close();

  form.addEventListener("submit", () => remember(input.value.trim()));
  input.addEventListener("input", () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", onKey);
  input.addEventListener("click", () => {
    if (!input.value.trim() && list.hidden) ask();
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  // pointerdown, because the click would come after the box has lost its focus
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(event, option);
  });

  async function ask() {
    const text = input.value.trim();
    state.request?.abort();
    state.request = new AbortController();
    try {
      const url = `${form.dataset.suggest}?q=${encodeURIComponent(input.value.trimStart())}`;
      const answer = await fetch(url, { signal: state.request.signal, headers: { Accept: "text/html" } });
      if (answer.status === 204) close(); // there is no chart to search for
      else if (answer.ok && document.activeElement === input) show(await answer.text(), text ? [] : recent());
    } catch {
      // aborted by the next letter, or offline: the search itself still works
    }
  }

  function show(html, searched) {
    list.innerHTML = html;
    if (searched.length) {
      list.prepend(...searched.map(lately));
      list.append(clearing());
    }
    state.chosen = -1;
    const any = options().length > 0;
    list.hidden = !any;
    input.setAttribute("aria-expanded", String(any));
    input.removeAttribute("aria-activedescendant");
  }

  function lately(text, number) {
    const option = made("li", `${list.id}-lately-${number}`);
    option.dataset.href = `${form.action}?q=${encodeURIComponent(text)}`;
    option.append(name(text));
    if (number === 0) option.append(note(form.dataset.recent));
    return option;
  }

  function clearing() {
    const option = made("li", `${list.id}-forget`);
    option.dataset.forget = "";
    option.append(note(form.dataset.forget));
    return option;
  }

  function close() {
    clearTimeout(state.timer);
    state.request?.abort();
    list.hidden = true;
    state.chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function options() {
    return [...list.querySelectorAll("[role=option]")];
  }

  function onKey(event) {
    if (event.isComposing) return; // an input method has the keys: they choose characters, not suggestions
    if (event.key === "ArrowDown" && list.hidden && !input.value.trim()) return ask();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return move(event, event.key === "ArrowDown" ? 1 : -1);
    if (event.key === "Enter" && state.chosen >= 0 && !list.hidden) return go(event, options()[state.chosen]);
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // else the browser empties the box as well
      close();
    }
  }

  function move(event, step) {
    const all = options();
    if (list.hidden || !all.length) return;
    event.preventDefault();
    // one place more than there are options: the box itself, with nothing chosen
    state.chosen = ((state.chosen + 1 + step + all.length + 1) % (all.length + 1)) - 1;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === state.chosen)));
    const now = all[state.chosen];
    now?.scrollIntoView({ block: "nearest" });
    if (now) input.setAttribute("aria-activedescendant", now.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function go(event, option) {
    event.preventDefault();
    if (option.dataset.href) return window.location.assign(option.dataset.href);
    if ("forget" in option.dataset) {
      forget();
      return close();
    }
    input.value = option.dataset.fill;
    input.focus();
    ask();
  }
}

function made(tag, id) {
  const element = document.createElement(tag);
  element.id = id;
  element.setAttribute("role", "option");
  element.setAttribute("aria-selected", "false");
  return element;
}

function name(text) {
  const element = document.createElement("span");
  element.className = "name";
  element.textContent = text;
  return element;
}

function note(text) {
  const element = document.createElement("span");
  element.className = "muted small";
  element.textContent = text;
  return element;
}
