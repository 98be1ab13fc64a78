// <input data-narrows="id of a list">: shows only the items that hold what is typed.
export function narrowing(root) {
  root.addEventListener("input", (event) => {
    const list = document.getElementById(event.target.dataset?.narrows ?? "");
    if (!list) return;
    const wanted = event.target.value.trim().toLowerCase();
    for (const item of list.children) item.hidden = !item.textContent.toLowerCase().includes(wanted);
  });
}
