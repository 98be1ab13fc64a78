// Completion and help in the editor, from what the server tells of the chart's keys:
// {"keys": {"image.tag": {"help": "…", "default": "…", "values": ["…"], "more": true}}}, lists as "hosts[]".
import { yamlLanguage } from "@codemirror/lang-yaml";
import { hoverTooltip } from "@codemirror/view";

const KEY = /^(\s*(?:-\s+)*)("[^"]*"|'[^']*'|[^\s#:'"{[][^:#]*?)\s*:(?=\s|$)/;

export function knowing(address) {
  if (!address) return [];
  const known = fetch(address)
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((told) => new Map(Object.entries(told?.keys ?? {})))
    .catch(() => new Map());
  return [
    yamlLanguage.data.of({ autocomplete: async (context) => completed(context, await known) }),
    hoverTooltip(async (view, position) => helped(view, position, await known)),
  ];
}

// -- completion

function completed(context, known) {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const value = before.match(/^(\s*(?:-\s+)*)([\w.-]+):\s+([\w.-]*)$/);
  if (value) return valuesOf(context, known.get(pathOf(context.state.doc, line, value[2])), value[3]);
  const key = before.match(/^(\s*(?:-\s+)*)([\w.-]*)$/);
  if (!key || (!key[2] && !context.explicit)) return null;
  return keysBelow(context, known, parentOf(context.state.doc, line, key[1].length), key[2]);
}

function valuesOf(context, about, typed) {
  if (!about?.values?.length) return null;
  return { from: context.pos - typed.length, options: about.values.map((label) => ({ label, type: "constant" })) };
}

function keysBelow(context, known, parent, typed) {
  const start = parent ? `${parent}.` : "";
  const options = [];
  for (const [path, about] of known) {
    const rest = path.startsWith(start) ? path.slice(start.length) : "";
    if (rest && !/[.[]/.test(rest)) {
      options.push({ label: rest, apply: `${rest}: `, detail: about.default || "", info: about.help || undefined });
    }
  }
  return options.length ? { from: context.pos - typed.length, options } : null;
}

// -- help

function helped(view, position, known) {
  const line = view.state.doc.lineAt(position);
  const key = line.text.match(KEY);
  if (!key || position - line.from > key[0].length) return null;
  const path = pathOf(view.state.doc, line, bare(key[2]));
  const about = known.get(path);
  if (!about) return null;
  return { pos: line.from + key[1].length, end: line.from + key[0].length, above: true, create: () => ({ dom: box(path, about) }) };
}

function box(path, about) {
  const dom = document.createElement("div");
  dom.className = "help";
  const title = document.createElement("b");
  title.textContent = path;
  dom.append(title, [about.help, about.default && `= ${about.default}`].filter(Boolean).join("\n"));
  return dom;
}

// -- paths

function pathOf(doc, line, key) {
  const lead = line.text.match(/^\s*(?:-\s+)*/)[0];
  const parent = parentOf(doc, line, lead.length);
  return parent ? `${parent}.${key}` : key;
}

// The path of the mapping whose keys stand in column ``column`` of ``line``: upwards, key by key further out.
function parentOf(doc, line, column) {
  const steps = [];
  let open = column;
  if (/^\s*-\s/.test(line.text)) ({ open } = intoItem(steps, line.text));
  for (let number = line.number - 1; number > 0 && (open > 0 || steps[0] === "[]"); number--) {
    const text = doc.line(number).text;
    const indent = text.length - text.trimStart().length;
    if (!text.trim() || text.trim().startsWith("#") || indent > open) continue;
    const key = text.match(KEY);
    if (key && key[1].length < open) {
      steps.unshift(bare(key[2]));
      open = key[1].length;
      if (/^\s*-\s/.test(text)) ({ open } = intoItem(steps, text));
    } else if (/^\s*-\s/.test(text) && key && key[1].length === open) {
      ({ open } = intoItem(steps, text));
    } else if (key && indent === open && steps[0] === "[]") {
      steps.unshift(bare(key[2])); // a list may stand in the column of its key
    }
  }
  return steps.reduce((path, step) => (step === "[]" ? `${path}[]` : path ? `${path}.${step}` : step), "");
}

function intoItem(steps, text) {
  steps.unshift("[]");
  return { open: text.length - text.trimStart().length };
}

const bare = (key) => key.replace(/^(["'])(.*)\1$/, "$2");
