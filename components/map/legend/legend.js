/** A list of groups, each a button with its colour, its picture, its name and its size. */

// Each press is another event, also of the group that was pressed last.
let presses = 0;

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".legend");
  const template = parentElement.querySelector("template");
  list.setAttribute("aria-label", data.label);
  while (list.childElementCount > data.entries.length) list.lastElementChild.remove();
  while (list.childElementCount < data.entries.length) {
    list.append(template.content.firstElementChild.cloneNode(true));
  }
  data.entries.forEach((entry, number) => {
    const button = list.children[number].querySelector("button");
    fill(button, entry, entry.key === data.chosen);
    button.onclick = () => {
      button.setAttribute("aria-busy", "true");
      setTriggerValue("pressed", { key: entry.key, number: ++presses });
    };
  });
}

function fill(button, { name, count, colour, src }, isChosen) {
  button.removeAttribute("aria-busy");
  button.setAttribute("aria-pressed", String(isChosen));
  button.title = name;
  button.querySelector(".name").textContent = name;
  button.querySelector(".count").textContent = count.toLocaleString("en");
  const mark = button.querySelector(".mark");
  mark.style.setProperty("--colour", colour);
  mark.classList.toggle("pictured", src !== "");
  const image = mark.querySelector("img");
  if (src && image.getAttribute("src") !== src) image.src = src;
}
