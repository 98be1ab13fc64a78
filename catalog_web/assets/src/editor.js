// Turns <textarea data-editor="yaml"> into CodeMirror. The textarea stays the form's field and holds the text always.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { mistakes } from "./editor_mistakes.js";
import { knowing } from "./editor_schema.js";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--yaml-key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--yaml-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--yaml-atom)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--yaml-comment)", fontStyle: "italic" },
  { tag: [tags.meta, tags.keyword, tags.typeName, tags.labelName], color: "var(--yaml-mark)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--code)", borderRadius: "var(--radius)", fontSize: "13px" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", minHeight: "320px", maxHeight: "60vh" },
  ".cm-content": { padding: "12px 0", caretColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--muted)", border: "none", paddingLeft: "4px" },
  ".cm-activeLine": { backgroundColor: "var(--line-soft)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selection) !important" },
  ".cm-placeholder": { color: "var(--muted)" },
  ".cm-panels": { backgroundColor: "var(--surface)", color: "var(--ink)" },
  ".cm-tooltip": {
    maxWidth: "min(480px, 90vw)",
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    border: "1px solid var(--line)",
    borderRadius: "var(--radius-small)",
    boxShadow: "var(--shadow-raised)",
  },
  ".cm-tooltip .help": { padding: "8px 12px", whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  ".cm-tooltip .help b": { display: "block", fontFamily: "var(--mono)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--wash)", color: "var(--accent)" },
  ".cm-diagnostic": { overflowWrap: "anywhere" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
});

function enhance(area) {
  area.dataset.ready = "";
  const nonce = document.querySelector("meta[name=csp-nonce]")?.content ?? "";
  const label = document.querySelector(`label[for="${area.id}"]`);
  const view = new EditorView({
    parent: area.parentElement,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        EditorView.cspNonce.of(nonce),
        mistakes(area),
        lineNumbers(),
        foldGutter(),
        history(),
        drawSelection(),
        bracketMatching(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        indentUnit.of("  "),
        EditorState.tabSize.of(2),
        yaml(),
        syntaxHighlighting(colours),
        autocompletion({ icons: false }),
        knowing(area.dataset.completions),
        look,
        placeholder(area.placeholder),
        // Tab leaves the editor after Escape (CodeMirror's own way out of the keyboard trap)
        keymap.of([
          ...completionKeymap,
          ...defaultKeymap,
          ...historyKeymap,
          ...searchKeymap,
          ...foldKeymap,
          ...lintKeymap,
          indentWithTab,
        ]),
        EditorView.contentAttributes.of({
          "aria-label": label?.textContent.trim() ?? "",
          "aria-describedby": area.getAttribute("aria-describedby") ?? "",
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) area.value = update.state.doc.toString();
        }),
      ],
    }),
  });
  area.hidden = true;
  label?.addEventListener("click", (event) => {
    event.preventDefault();
    view.focus();
  });
}

const enhanceAll = () => document.querySelectorAll("textarea[data-editor=yaml]:not([data-ready])").forEach(enhance);

enhanceAll();
// the editor comes back when a form's part is exchanged
document.body.addEventListener("htmx:afterSettle", enhanceAll);
