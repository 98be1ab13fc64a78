// A page that shows something once is the answer to a form: loaded again, the form would be sent again and make another.
export function shownOnce(root) {
  if (root.querySelector("[data-once]")) history.replaceState(history.state, "", location.href);
}
