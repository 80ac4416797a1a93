// The picture of who was active when. What goes into it is text and numbers only, never markup.
const SVG = 'http://www.w3.org/2000/svg';
const ROW = 34, TOP = 8, AXIS = 22;
const STEPS = [1, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200].map(s => s * 1000);

const make = (name, attributes, text) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
};

/** One lane for each address that was ever active or is there now. */
export const lanesOf = status => [...new Set([...status.nodes, ...status.terms].map(one => one.api_address))].sort();

/** The times without an active between terms, and after the last one if there is none now. */
export const gapsOf = (terms, now) => terms.flatMap((term, i) => {
  const to = i + 1 < terms.length ? terms[i + 1].since : now;
  return term.until !== undefined && to > term.until ? [{ from: term.until, to }] : [];
});

/** Draws what lies between two moments; `label` shortens an address, `clock` writes a time. */
export function draw(svg, names, status, { from, to, first, label, clock }) {
  const lanes = lanesOf(status);
  if (names.childElementCount !== lanes.length || [...names.children].some((div, i) => div.title !== lanes[i])) {
    names.replaceChildren(...lanes.map(lane => Object.assign(document.createElement('div'), { textContent: label(lane), title: lane })));
  }
  const width = Math.max(svg.clientWidth, 60), height = TOP + lanes.length * ROW + AXIS;
  const x = at => (at - from) / (to - from) * width;
  const clip = at => Math.min(Math.max(x(at), 0), width);
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('height', height);
  const parts = [];
  if (first > from) parts.push(make('rect', { class: 'unseen', x: 0, y: 0, width: clip(first), height: height - AXIS }));
  const step = STEPS.find(s => (to - from) / s * 74 <= width) ?? 86400000;
  const shift = new Date(to).getTimezoneOffset() * 60000;
  for (let at = Math.ceil((from - shift) / step) * step + shift; at < to; at += step) {
    parts.push(make('line', { class: 'grid', x1: x(at), x2: x(at), y1: 0, y2: height - AXIS + 4 }));
    if (x(at) > 26 && x(at) < width - 26) parts.push(make('text', { x: x(at), y: height - 6, 'text-anchor': 'middle' }, clock(at, step)));
  }
  for (const gap of gapsOf(status.terms, to)) {
    if (gap.to < from) continue;
    // A short one is still to be seen.
    const at = clip(gap.from), wide = Math.max(clip(gap.to) - at, 2);
    parts.push(make('rect', { class: 'nobody', x: at, y: 0, width: wide, height: height - AXIS }));
  }
  for (const term of status.terms) {
    const until = term.until ?? to;
    if (until < from) continue;
    const at = clip(term.since), wide = Math.max(clip(until) - at, 2);
    const y = TOP + lanes.indexOf(term.api_address) * ROW + 7;
    const bar = make('rect', { class: 'held', x: at, y, width: wide, height: ROW - 14, rx: 3 });
    bar.append(make('title', {}, `${label(term.api_address)}, token ${term.token}`));
    parts.push(bar);
    const text = `#${term.token}`;
    if (wide > text.length * 7 + 10) parts.push(make('text', { class: 'token', x: at + 6, y: y + 14 }, text));
  }
  svg.replaceChildren(...parts);
}
