// The chosen tab in sight: on a narrow screen it may lie beyond the edge of the bar.
export function tabs(root) {
  root.querySelectorAll(".tabs [aria-current]").forEach((tab) => {
    const bar = tab.parentElement;
    bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
  });
}
