/** A map in one file: the app's own map, and beside it what was clicked or selected. */

const read = (id) => document.getElementById(id).textContent;
const asAddress = (text, type) => URL.createObjectURL(new Blob([text], { type }));

const points = JSON.parse(read("points"));
const settings = JSON.parse(read("settings"));
const { default: show } = await import(asAddress(read("map-view"), "text/javascript"));
const aside = document.querySelector("aside");
const root = document.getElementById("map");
const data = { ...settings, points: asAddress(read("points"), "application/json") };

/** What Python does in the app: show what was opened or selected. */
function hear(_, event) {
  if (event.kind === "open") return tell(points.ids.indexOf(event.id));
  data.selected = event.kind === "select" ? event.rows : "";
  show({ data: { ...data }, parentElement: root, setTriggerValue: hear });
  if (event.kind === "select") return list(event.rows);
  return legend();
}

function tell(point) {
  const link = points.pages[point];
  aside.replaceChildren(
    picture(point),
    element("h2", points.names[point]),
    element("p", points.kinds[kind(point)]),
    element("p", points.credits[point]),
  );
  if (/^https?:/.test(link)) {
    const anchor = element("a", "Open its page");
    Object.assign(anchor, { href: link, target: "_blank", rel: "noopener noreferrer" });
    aside.append(anchor);
  }
  back();
}

function list(rows) {
  const chosen = [...atob(rows)].flatMap((sign, point) => (sign === "\u0001" ? [point] : []));
  const items = chosen.slice(0, 300).map((point) => {
    const item = element("li");
    item.append(picture(point), element("span", points.names[point]));
    return item;
  });
  const named = element("ul");
  named.append(...items);
  aside.replaceChildren(element("h2", `${chosen.length.toLocaleString("en")} selected`), named);
  if (chosen.length > items.length) aside.append(element("p", `The first ${items.length} of them.`));
  back();
}

function legend() {
  const groups = element("ul");
  for (const { name, count, colour } of settings.legend) {
    const item = element("li");
    const dot = element("i");
    dot.style.background = colour;
    item.append(dot, element("span", name), element("span", count.toLocaleString("en")));
    groups.append(item);
  }
  aside.replaceChildren(groups);
}

function back() {
  const button = element("button", "Back to the legend");
  button.onclick = legend;
  if (settings.legend.length) aside.append(button);
}

function kind(point) {
  const numbers = Uint8Array.from(atob(points.kind), (sign) => sign.charCodeAt(0));
  return numbers[2 * point] + 256 * numbers[2 * point + 1];
}

function picture(point) {
  return Object.assign(element("img"), { src: points.pictures[point], alt: "" });
}

function element(tag, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

legend();
show({ data: { ...data }, parentElement: root, setTriggerValue: hear });
