// What a reader has opened or folded stays so when the part of the page around it is exchanged.
export function folds(body) {
  let kept = new Map();
  body.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    kept = new Map([...target.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
  });
  body.addEventListener("htmx:afterSwap", () => {
    for (const [id, open] of kept) {
      const one = document.getElementById(id);
      // what the server opens, it opens for a reason: a mistake, or something found
      if (one && open) one.open = true;
    }
    kept.clear();
  });
}
