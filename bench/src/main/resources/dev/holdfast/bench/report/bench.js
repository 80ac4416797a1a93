'use strict';
// Draws the plots from the report that stands in the page; docs/BENCH.md says what its fields mean.
(() => {
  const report = JSON.parse(document.getElementById('report').textContent);
  const SVG = 'http://www.w3.org/2000/svg';
  const AXIS = 24;

  function svg(parent, name, className, attributes, title) {
    const made = parent.appendChild(document.createElementNS(SVG, name));
    if (className) made.setAttribute('class', className);
    for (const [key, value] of Object.entries(attributes)) {
      made.setAttribute(key, typeof value === 'number' ? Math.round(value * 100) / 100 : value);
    }
    if (title) svg(made, 'title', '', {}).textContent = title;
    return made;
  }
  const line = (parent, className, x1, y1, x2, y2, title) => svg(parent, 'line', className, { x1, y1, x2, y2 }, title);
  const box = (parent, className, x, y, width, height, title) =>
    svg(parent, 'rect', className, { x, y, width: Math.max(0, width), height }, title);
  function label(parent, className, x, y, text, anchor = 'start') {
    svg(parent, 'text', className, { x, y, 'text-anchor': anchor, 'dominant-baseline': 'central' }).textContent = text;
  }

  function digits(value) {
    const size = Math.abs(value);
    return value.toFixed(size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2).replace(/\.0+$/, '');
  }
  function scaled(value, names) {
    let [left, i] = [value, 0];
    while (Math.abs(left) >= 999.5 && i < names.length - 1) { left /= 1000; i++; }
    return `${digits(left)} ${names[i]}`;
  }
  function figure(unit, value) {
    if (unit === 'NANOS') return scaled(value, ['ns', 'µs', 'ms', 's']);
    if (unit === 'BYTES') return scaled(value, ['B', 'KB', 'MB', 'GB']);
    return scaled(value, ['', 'k', 'M']).trim() + (unit === 'PER_SECOND' ? '/s' : '');
  }
  const times = (value) => (value < 0.095 ? '1/' + digits(1 / value) : digits(value)) + '×';

  /** A logarithmic scale, and round values on it as far apart as their labels need. */
  function logarithmic(low, high, from, to) {
    const [a, b] = [Math.log10(low), Math.log10(high)];
    const at = (value) => from + (Math.log10(value) - a) / Math.max(1e-9, b - a) * (to - from);
    const most = Math.max(2, Math.abs(to - from) / 70);
    const sets = [[1, 1.05, 1.1, 1.2, 1.3, 1.5, 1.7, 2, 2.5, 3, 4, 5, 6, 8, 9], [1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]];
    const inside = (set, step) => {
      const all = [];
      for (let power = Math.floor(a); power <= Math.ceil(b); power += 1) {
        if (power % step === 0) all.push(...set.map((each) => each * 10 ** power).filter((each) => each >= low * 0.999 && each <= high * 1.001));
      }
      return all;
    };
    const choices = [...sets.map((set) => inside(set, 1)), inside([1], 2), inside([1], 3)];
    return { at, ticks: choices.find((each) => each.length <= most) ?? [low, high] };
  }

  function canvas(parent, width, height, name) {
    return svg(parent, 'svg', '', { width, height, role: 'img', 'aria-label': name });
  }
  function heading(parent, text) {
    const made = parent.appendChild(document.createElement('h3'));
    made.textContent = text;
  }

  const named = (measure) => `${measure.row}${measure.figure ? ', ' + measure.figure : ''}`;

  /** Each ratio with its interval; the side of the goal is shaded. */
  function ratios(parent, width) {
    const all = report.measures.filter((each) => each.backend === parent.dataset.backend && each.ratio && each.ratio.value > 0);
    if (!all.length) return;
    heading(parent, 'ours ÷ theirs, with 95 % intervals; the shaded side is where the goal is');
    const wide = width > 620;
    const left = wide ? Math.min(440, width * 0.44) : 8;
    const step = wide ? 24 : 42;
    const height = all.length * step + AXIS;
    const root = canvas(parent, width, height, 'ratios of ours to theirs');
    const values = all.flatMap((each) => [each.ratio.low, each.ratio.high, ...(each.goal && each.goal.of === 'RATIO' ? [each.goal.bound] : [])]);
    // What is further off stands at the edge, with its value: one of it would make all others look alike.
    const low = Math.max(0.2, Math.min(0.9, ...values.filter((each) => each > 0)) / 1.05);
    const high = Math.min(8, Math.max(1.1, ...values) * 1.05);
    const within = (value) => Math.min(high, Math.max(low, value));
    const { at, ticks } = logarithmic(low, high, left, width - 24);
    for (const tick of ticks) {
      line(root, 'grid', at(tick), 0, at(tick), height - AXIS);
      label(root, '', at(tick), height - AXIS / 2, times(tick), 'middle');
    }
    line(root, 'equal', at(1), 0, at(1), height - AXIS);
    all.forEach((each, i) => {
      const top = i * step;
      const y = wide ? top + step / 2 : top + 30;
      const verdict = each.verdict.toLowerCase();
      const theirs = each.theirs ? ` vs ${each.theirs.name}` : '';
      const title = `${named(each)}${theirs}: ${times(each.ratio.value)} (${times(each.ratio.low)} to ${times(each.ratio.high)})`;
      if (each.goal && each.goal.of === 'RATIO') {
        const x = at(within(each.goal.bound));
        if (each.goal.atMost) box(root, 'good', left, y - 9, x - left, 18);
        else box(root, 'good', x, y - 9, width - 24 - x, 18);
        line(root, 'goal', x, y - 9, x, y + 9, `goal ${each.goal.text}`);
      }
      const text = named(each) + theirs;
      const most = Math.floor((wide ? left - 16 : width - 16) / 6.4);
      label(root, 'strong', wide ? 0 : 8, wide ? y : top + 11, text.length > most ? text.slice(0, most - 1) + '…' : text);
      const x = at(within(each.ratio.value));
      line(root, `whisker ${verdict}-mark`, at(within(each.ratio.low)), y, at(within(each.ratio.high)), y, title);
      if (within(each.ratio.value) === each.ratio.value) {
        svg(root, 'circle', `${verdict}-mark`, { cx: x, cy: y, r: 4.5 }, title);
      } else {
        const way = each.ratio.value < low ? -1 : 1;
        svg(root, 'path', `${verdict}-mark`, { d: `M${x} ${y - 5}l${7 * way} 5 ${-7 * way} 5z` }, title);
        label(root, 'strong', x - 6 * way, y, times(each.ratio.value), way < 0 ? 'start' : 'end');
      }
    });
  }

  /** The distributions that were compared: line from 5 to 95 %, box from 25 to 75 %, bar at the median. */
  function spreads(parent, width) {
    const of = report.measures.filter((each) => each.backend === parent.dataset.backend && each.unit === 'NANOS'
      && each.ours.quantiles.length && (each.figure === 'p50' || each.figure === 'median'));
    const seen = new Map();
    of.forEach((each) => { if (!seen.has(named(each))) seen.set(named(each), []); seen.get(named(each)).push(each); });
    if (!seen.size) return;
    heading(parent, 'how long it took: line 5–95 %, box 25–75 %, bar median; ours blue, theirs brown');
    const rows = [...seen.values()].map((group) => {
      const sides = [{ side: group[0].ours, className: 'ours' }];
      group.forEach((each) => { if (each.theirs && each.theirs.quantiles.length) sides.push({ side: each.theirs, className: 'theirs' }); });
      return { row: group[0].row, sides };
    });
    const wide = width > 620;
    const left = wide ? Math.min(440, width * 0.44) : 8;
    const bar = 16;
    const lineHeight = wide ? bar : bar + 14;
    // A title that would run into the name beside it stands above it.
    const above = rows.map(({ row, sides }) => wide && (row.length + sides[0].side.name.length) * 6.4 + 24 > left);
    const heights = rows.map((row, i) => row.sides.length * lineHeight + (wide ? (above[i] ? bar : 0) + 10 : 26));
    const height = heights.reduce((a, b) => a + b, 0) + AXIS;
    const root = canvas(parent, width, height, 'distributions of ours and theirs');
    const all = rows.flatMap((row) => row.sides.flatMap(({ side }) => [side.quantiles[1], side.quantiles[19]])).filter((each) => each > 0);
    const least = Math.min(...all) / 1.1;
    const { at: place, ticks } = logarithmic(least, Math.max(...all) * 1.1, left, width - 24);
    const at = (value) => place(Math.max(least, value)); // what came before its cause has no logarithm
    for (const tick of ticks) {
      line(root, 'grid', at(tick), 0, at(tick), height - AXIS);
      label(root, '', at(tick), height - AXIS / 2, figure('NANOS', tick), 'middle');
    }
    let y = 4;
    rows.forEach(({ row, sides }, i) => {
      label(root, 'strong', wide ? 0 : 8, wide ? y + bar / 2 : y + 8, row);
      sides.forEach(({ side, className }, n) => {
        const q = side.quantiles;
        const top = y + (wide ? (above[i] ? bar : 0) : 32) + n * lineHeight;
        const middle = top + bar / 2 - 2;
        const title = `${side.name}: median ${figure('NANOS', q[10])}, 5 % ${figure('NANOS', q[1])}, 95 % ${figure('NANOS', q[19])}, 99 % ${figure('NANOS', q[20])}, most ${figure('NANOS', q[21])}, ${side.samples} samples`;
        if (wide) label(root, '', left - 8, middle, side.name, 'end');
        else label(root, '', 8, top - 8, side.name);
        line(root, `range ${className}`, at(q[1]), middle, at(q[19]), middle, title);
        box(root, `box ${className}`, at(q[5]), middle - 5, at(q[15]) - at(q[5]), 10, title);
        line(root, `middle ${className}`, at(q[10]), middle - 6, at(q[10]), middle + 6, title);
      });
      y += heights[i];
    });
  }

  function growth(parent, width) {
    const each = report.growths.find((one) => one.id === parent.dataset.id);
    const height = 210;
    const root = canvas(parent, width, height, `${each.cost} by ${each.size}`);
    const sizes = each.points.map((point) => point.size);
    const costs = each.points.flatMap((point) => [point.cost.low, point.cost.high]).filter((cost) => cost > 0);
    // At least two decades high, so that what does not grow looks flat.
    const middle = Math.sqrt(Math.min(...costs) * Math.max(...costs));
    const half = Math.max(10, Math.sqrt(Math.max(...costs) / Math.min(...costs)) * 1.3);
    const x = logarithmic(Math.min(...sizes) / 1.3, Math.max(...sizes) * 1.3, 58, width - 24); // room for half a label
    const y = logarithmic(middle / half, middle * half, height - AXIS, 8);
    sizes.forEach((size) => {
      line(root, 'grid', x.at(size), 8, x.at(size), height - AXIS);
      label(root, '', x.at(size), height - AXIS / 2, each.size.includes('bytes') ? `${digits(size / 1024)} KiB` : figure('COUNT', size), 'middle');
    });
    y.ticks.forEach((tick) => {
      line(root, 'grid', 58, y.at(tick), width - 12, y.at(tick));
      label(root, '', 52, y.at(tick), figure(each.unit, tick), 'end');
    });
    const law = (size) => each.law.factor * size ** each.law.exponent.value;
    const [first, last] = [sizes[0], sizes[sizes.length - 1]];
    line(root, 'law', x.at(first), y.at(law(first)), x.at(last), y.at(law(last)), `fitted: exponent ${each.law.exponent.value.toFixed(2)}`);
    svg(root, 'path', 'curve', { d: 'M' + each.points.map((point) => `${x.at(point.size)} ${y.at(point.cost.value)}`).join('L') });
    each.points.forEach((point) => {
      const title = `${point.size.toLocaleString('en-US')}: ${figure(each.unit, point.cost.value)} (${figure(each.unit, point.cost.low)} to ${figure(each.unit, point.cost.high)})`;
      line(root, 'range ours', x.at(point.size), y.at(point.cost.low), x.at(point.size), y.at(point.cost.high), title);
      svg(root, 'circle', 'ours', { cx: x.at(point.size), cy: y.at(point.cost.value), r: 4 }, title);
    });
  }

  const kinds = { ratios, spreads, growth };
  function draw() {
    document.querySelectorAll('.plot').forEach((parent) => {
      const style = getComputedStyle(parent);
      const full = parent.clientWidth || parent.parentElement.clientWidth - 30;
      const kind = Object.keys(kinds).find((each) => parent.classList.contains(each));
      const width = full - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      parent.replaceChildren();
      kinds[kind](parent, Math.max(220, width));
    });
  }
  draw();
  let last = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth !== last) { last = innerWidth; draw(); }
  });
})();
