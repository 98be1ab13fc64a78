// <time data-relative datetime="…">3 hours ago</time>: kept right while the page stays open, exact local time on hover.
const STEPS = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86400, "hour", 3600],
  [604800, "day", 86400],
  [2629800, "week", 604800],
  [31557600, "month", 2629800],
  [Infinity, "year", 31557600],
];

export function times(root) {
  const language = document.documentElement.lang;
  const relative = new Intl.RelativeTimeFormat(language);
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
  const refresh = () => {
    root.querySelectorAll("time[data-relative]").forEach((element) => show(element, relative, exact));
  };
  refresh();
  setInterval(refresh, 20000);
  document.body.addEventListener("htmx:afterSwap", refresh);
}

function show(element, relative, exact) {
  const then = new Date(element.dateTime);
  if (Number.isNaN(then.getTime())) return;
  const seconds = (then - Date.now()) / 1000;
  const [, unit, size] = STEPS.find(([limit]) => Math.abs(seconds) < limit);
  const text = relative.format(Math.round(seconds / size), unit);
  if (element.textContent !== text) element.textContent = text;
  element.title = exact.format(then);
}
