// A link to something folded unfolds it; the address may name it from the beginning.
export function folds(root) {
  const unfold = () => {
    const part = root.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = part?.closest("details.fold:not([open])");
    if (!fold) return;
    fold.open = true;
    part.scrollIntoView();
  };
  window.addEventListener("hashchange", unfold);
  unfold();
}
