// What is wrong with the values, at its line: what the page came with, then what the server says of what is typed.
import { lintGutter, linter } from "@codemirror/lint";

const PAUSE = 700; // milliseconds without typing before the server is asked

// <textarea data-problems='[{"line": 3, "message": "…"}]' data-lint="address that takes {"values_yaml": "…"}">
export function mistakes(area) {
  const address = area.dataset.lint;
  let known = { text: area.value, problems: JSON.parse(area.dataset.problems || "[]") };
  const source = async (view) => {
    const text = view.state.doc.toString();
    if (text !== known.text && address) known = { text, problems: await asked(address, text) };
    return known.problems.map((one) => diagnostic(view.state.doc, one));
  };
  return [lintGutter(), linter(source, { delay: PAUSE })];
}

async function asked(address, text) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ values_yaml: text }),
  }).catch(() => null);
  return answer?.ok ? (await answer.json()).problems : [];
}

// A problem without a line is about the whole text; it stands at its first line.
function diagnostic(doc, { line, message }) {
  const place = doc.line(Math.min(Math.max(line ?? 1, 1), doc.lines));
  const indent = place.text.length - place.text.trimStart().length;
  return { from: Math.min(place.from + indent, place.to), to: place.to, severity: "error", message };
}
