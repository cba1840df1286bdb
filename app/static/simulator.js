// The published curves, worked out in the browser: moving a slider sends nothing anywhere.
// A curve is straight in ln(1 + x) between its knots and flat beyond the last, as in model/curve.py.

const LANGUAGE = document.documentElement.lang;

/** Points for an input in common units; a missing one earns none. */
function pointsOf(curve, x) {
  if (x === null) return 0;
  const piece = curve.knots.findIndex((knot) => knot > x) - 1;
  if (piece < 0) return curve.points.at(-1);
  const [a, b] = [curve.knots[piece], curve.knots[piece + 1]];
  const [p, q] = [curve.points[piece], curve.points[piece + 1]];
  return p + ((q - p) * (Math.log1p(x) - Math.log1p(a))) / (Math.log1p(b) - Math.log1p(a));
}

function say(number, digits = 0) {
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(LANGUAGE, form).format(number);
}

function fill(sentence, facts) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
}

/** One criterion: its input, which starts at the person's own, and the slider that moves it. */
class Slider {
  constructor(place, curve, changed) {
    Object.assign(this, { place, curve, changed, said: place.dataset });
    this.input = place.querySelector("input");
    this.digits = Number(this.said.digits);
    this.step = 10 ** -this.digits;
    this.end = Number(this.said.end);
    this.input.addEventListener("input", () => this.take(this.at(Number(this.input.value))));
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.reset();
  }

  get points() {
    return pointsOf(this.curve, this.x);
  }

  reset() {
    this.x = this.said.given === undefined ? null : Number(this.said.given);
    this.input.value = this.share(this.x ?? 0);
  }

  share(x) {
    return "linear" in this.said ? x / this.end : Math.log1p(x) / Math.log1p(this.end);
  }

  at(share) {
    return "linear" in this.said ? share * this.end : Math.expm1(share * Math.log1p(this.end));
  }

  take(x) {
    const whole = Math.round(x / this.step) * this.step;
    this.x = Number(Math.min(Math.max(whole, 0), this.end).toFixed(this.digits));
    this.changed();
  }

  /** Arrows move by a fiftieth, at least by one; page up and down double and halve. */
  press(event) {
    const x = this.x ?? 0;
    const little = "linear" in this.said ? this.step : Math.max(this.step, x / 50);
    const wanted = {
      ArrowRight: x + little,
      ArrowUp: x + little,
      ArrowLeft: x - little,
      ArrowDown: x - little,
      PageUp: 2 * x + 1,
      PageDown: (x - 1) / 2,
      Home: 0,
      End: this.end,
    }[event.key];
    if (wanted === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.take(wanted);
    this.input.value = this.share(this.x);
  }

  show(words) {
    const value = say(this.x ?? 0, this.digits);
    const points = say(this.points, 1);
    const counts = this.x === 1 ? this.said.countsOne : this.said.counts;
    const facts = { value, points, counts, maximum: this.said.maximum };
    this.place.querySelector("[data-say=points]").textContent = fill(words.points, facts);
    this.place.querySelector("[data-say=value]").textContent = `${value} ${counts}`;
    this.input.setAttribute("aria-valuetext", fill(words.says, facts));
    this.place.dataset.x = this.x ?? "";
    this.place.dataset.earned = this.points;
  }
}

function simulate(section) {
  const words = section.dataset;
  const card = JSON.parse(words.card);
  const output = section.querySelector("output");
  const exactly = () => sliders.reduce((sum, slider) => sum + slider.points, card.base);
  const shown = (exact) => Math.min(100, Math.max(1, Math.floor(exact + 0.5)));

  function show() {
    const exact = exactly();
    const more = shown(exact) - now;
    const sentence = more === 0 ? words.same : more > 0 ? words.more : words.less;
    for (const slider of sliders) slider.show(words);
    output.textContent = `${shown(exact)} (${fill(sentence, { points: Math.abs(more) })})`;
    section.querySelector("#simulated-exact").textContent = fill(words.exact, { exact: say(exact, 1) });
    section.dataset.sum = exact;
  }

  const sliders = [...section.querySelectorAll(".slider")].map(
    (place) => new Slider(place, card.curves[place.dataset.criterion], show)
  );
  const now = shown(exactly());
  section.querySelector("button").addEventListener("click", () => {
    for (const slider of sliders) slider.reset();
    show();
  });
  show();
  section.hidden = false;
}

for (const section of document.querySelectorAll("section.simulator")) simulate(section);
