/**
 * What the components of this project share: mounting, and finding their elements.
 */

/**
 * What Streamlit passes to a component at every call.
 *
 * @template Data
 * @typedef {object} Call
 * @property {Data} data what Python passes
 * @property {ParentNode} parentElement the shadow root that holds the component's HTML
 * @property {(name: string, value: unknown) => void} setTriggerValue send a value to Python
 */

/**
 * @template Data
 * @template Message
 * @typedef {object} Widget
 * @property {(data: Data, send: (message: Message) => void) => void} update
 * @property {() => void} [close] remove what would outlive the elements, such as timers
 */

/**
 * Return the function that Streamlit calls to mount a component.
 *
 * Streamlit calls it again, on the same elements, whenever the data or the theme changes. What
 * must outlive a call is in the widget: one is created for each element that `selector` finds.
 *
 * @template Data
 * @template Message
 * @param {string} selector the element that the component consists of
 * @param {string} trigger the name of the trigger value that carries messages to Python
 * @param {(element: HTMLElement, data: Data, root: ParentNode) => Widget<Data, Message>} create
 * @returns {(call: Call<Data>) => (() => void) | undefined}
 */
export function component(selector, trigger, create) {
  /** @type {WeakMap<HTMLElement, { widget: Widget<Data, Message>, lastCall: symbol }>} */
  const mounted = new WeakMap();

  return ({ data, parentElement, setTriggerValue }) => {
    const element = find(parentElement, selector, HTMLElement);
    const widget = mounted.get(element)?.widget ?? create(element, data, parentElement);
    const thisCall = Symbol();
    mounted.set(element, { widget, lastCall: thisCall });
    widget.update(data, (message) => setTriggerValue(trigger, message));

    if (!widget.close) return undefined;
    return () => {
      // Streamlit may call an outdated call's clean-up after a newer call.
      if (mounted.get(element)?.lastCall !== thisCall) return;
      widget.close?.();
      mounted.delete(element);
    };
  };
}

/**
 * Return the first element that a selector finds; it must exist and be of the given type.
 *
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
export function find(root, selector, type) {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`There is no ${type.name} at "${selector}"`);
  return found;
}

/**
 * Return a new copy of a template's only element.
 *
 * @param {HTMLTemplateElement} template
 */
export function copyOf(template) {
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}
