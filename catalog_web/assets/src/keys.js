// "/" goes to the search box, "?" opens the list of keys.
export function keys(root) {
  const dialog = root.getElementById("keys");
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") search(event, root);
    if (event.key === "?" && dialog && !dialog.open) {
      event.preventDefault();
      dialog.showModal();
    }
  });
  root.querySelectorAll("[data-opens=keys]").forEach((button) => {
    button.addEventListener("click", () => dialog.showModal());
  });
  // A click on the backdrop closes it, as people expect.
  dialog?.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

function typing(element) {
  return element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName);
}

function search(event, root) {
  const box = [...root.querySelectorAll("input[type=search][name=q]")].find((input) => input.offsetParent !== null);
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
}
