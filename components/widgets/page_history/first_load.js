/**
 * Notes on the document when all of its first page is there to be shown, and when it has come to
 * rest; until then `app.css` keeps what is not there yet from moving what is.
 */

// ms without a placeholder and without a running script after which the page is at rest.
const REST = 400;
// ms between two looks.
const INTERVAL = 50;

export class FirstLoad {
  constructor() {
    this.quiet = 0;
    this.timer = setInterval(() => this.look(), INTERVAL);
  }

  look() {
    this.quiet = isLoading() ? 0 : this.quiet + INTERVAL;
    if (this.quiet > 0) document.documentElement.dataset.shown = "";
    if (this.quiet >= REST) this.end();
  }

  /** What happens from now on is no first load any more. */
  end() {
    clearInterval(this.timer);
    document.documentElement.dataset.shown = "";
    document.documentElement.dataset.loaded = "";
  }
}

/** Whether the script of a page runs, or the page has a place for what has not come yet. */
export function isLoading() {
  const app = document.querySelector('[data-testid="stApp"]');
  const isRunning = app?.getAttribute("data-test-script-state") === "running";
  return isRunning || document.querySelector('[data-testid="stSkeleton"]') !== null;
}
