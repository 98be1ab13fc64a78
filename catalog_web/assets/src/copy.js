// <button data-copy="id of the element whose text is copied" data-copied="Copied">
export function copyButtons(root) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    if (await write(textOf(document.getElementById(button.dataset.copy)))) confirm(button);
  });
}

// The text alone: buttons may stand in it, and whoever copies one part of what is folded wants all of it.
function textOf(element) {
  const copy = element?.cloneNode(true);
  copy?.querySelectorAll("button").forEach((button) => button.remove());
  return copy?.textContent ?? "";
}

// A README's blocks of code get the button that other code has; its words stand at the article.
export function copyReadmeCode(root) {
  root.querySelectorAll("[data-copy-blocks] pre").forEach((pre, number) => {
    const { copyBlocks, copied } = pre.closest("[data-copy-blocks]").dataset;
    const code = pre.querySelector("code") ?? pre;
    code.id ||= `code-${number}`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.dataset.copy = code.id;
    button.dataset.copied = copied;
    button.textContent = copyBlocks;
    const holder = document.createElement("div");
    holder.className = "code";
    pre.tabIndex = 0;
    pre.replaceWith(holder);
    holder.append(pre, button);
  });
}

// The clipboard API exists on https and localhost only; elsewhere the old command still works.
export async function write(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // fall through: a browser may refuse by policy
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

export function confirm(button) {
  const label = button.querySelector("[data-label]") ?? button;
  const before = button.dataset.before ?? label.textContent;
  button.dataset.before = before;
  label.textContent = button.dataset.copied;
  clearTimeout(button.copyTimer);
  button.copyTimer = setTimeout(() => {
    label.textContent = before;
  }, 2000);
}
