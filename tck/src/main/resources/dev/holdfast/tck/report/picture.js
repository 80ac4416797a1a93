'use strict';
// Draws one window of a timeline, or the overview of it; tck/REPORT.md says what the fields of a timeline mean.
const picture = (() => {
  const SVG = 'http://www.w3.org/2000/svg';
  const MARGIN = 10;
  const FLAG = 22;
  const AXIS = 24;
  const words = { OVERLAP: 'overlap', LATE_LOSS: 'late loss' };

  function svg(parent, name, className, attributes, title) {
    const made = parent.appendChild(document.createElementNS(SVG, name));
    if (className) made.setAttribute('class', className);
    for (const [key, value] of Object.entries(attributes)) {
      made.setAttribute(key, typeof value === 'number' ? Math.round(value * 100) / 100 : value);
    }
    if (title) svg(made, 'title', '', {}).textContent = title;
    return made;
  }

  const box = (x, y, width, height) => ({ x, y, width: Math.max(0, width), height });

  function label(parent, className, x, y, text, anchor = 'start') {
    svg(parent, 'text', className, { x, y, 'text-anchor': anchor, 'dominant-baseline': 'central' }).textContent = text;
  }

  const textWidth = (text) => text.length * 7 + 9;

  function number(nanos, digits) {
    return (nanos / 1e6).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }
  const ms = (nanos) => number(nanos, 3) + ' ms';
  /** A time as exact as a window of this length needs it. */
  const rough = (nanos, within) => number(nanos, within >= 1e8 ? 0 : within >= 1e7 ? 1 : 3) + ' ms';
  const length = (nanos) => number(nanos, nanos < 1e7 ? 3 : nanos < 1e8 ? 1 : 0) + ' ms';

  /** Round times, as far apart as their labels need. */
  function ticks(from, to, width) {
    const least = (to - from) / Math.max(1, width / 95);
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= least);
    const digits = Math.max(0, Math.ceil(-Math.log10(step / 1e6) - 1e-9));
    const all = [];
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) all.push([at, number(at, digits)]);
    return all;
  }

  const touches = (from, to, window) => from <= window.to && to >= window.from;

  /** The times at which any of these stands. */
  function union(spans) {
    const all = [];
    for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
      const last = all[all.length - 1];
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else all.push([from, to]);
    }
    return all;
  }

  /** When it was over as far as anybody saw, or the end of the picture. */
  const end = (hold, timeline) =>
    Math.max(hold.until, Math.min(hold.lost ?? Infinity, hold.releasing ?? Infinity, hold.released ?? Infinity, timeline.to));

  function story(hold, lane) {
    return [`${lane.contender}: lock ${hold.lock}, token ${hold.token}`, `asked ${ms(hold.asked)}`,
      `acquired by ${ms(hold.from)}`, hold.until > hold.from ? `last seen held at ${ms(hold.until)}` : 'never seen held',
      hold.lost === undefined ? '' : `lost() seen complete at ${ms(hold.lost)}`,
      hold.releasing === undefined ? '' : `release() called at ${ms(hold.releasing)}`,
      hold.released === undefined ? '' : `released by ${ms(hold.released)}`].filter(Boolean).join('\n');
  }

  /** What a window shows, from top to bottom: violations, what was disturbed, and the lanes in which anything happens. */
  function rowsOf(timeline, window) {
    const inside = (each) => touches(each.from, each.to, window);
    const rows = [];
    const violations = timeline.violations.filter(inside);
    if (violations.length) {
      const name = [...new Set(violations.map((each) => words[each.kind]))].join(', ');
      rows.push({ kind: 'violation', name, of: violations, height: FLAG });
    }
    const faults = timeline.faults.filter(inside);
    for (const target of new Set(faults.map((each) => each.target))) {
      rows.push({ kind: 'fault', name: target, of: faults.filter((each) => each.target === target), height: FLAG });
    }
    const whole = window.from <= timeline.from && window.to >= timeline.to;
    const lanes = timeline.lanes.map((lane, i) => ({
      kind: 'lane', lane, i,
      holds: timeline.holds.filter((each) => each.lane === i && touches(each.asked, end(each, timeline), window)),
      attempts: timeline.attempts.filter((each) => each.lane === i && inside(each)),
    })).filter((row) => whole || row.holds.length + row.attempts.length > 0);
    let lock;
    for (const row of lanes) {
      row.height = lanes.length > 10 ? 24 : 34;
      if (row.lane.lock !== lock) rows.push({ kind: 'lock', name: `lock '${row.lane.lock}'`, height: 18 });
      lock = row.lane.lock;
      rows.push(row);
    }
    let y = 4;
    for (const row of rows) {
      row.y = y;
      y += row.height;
    }
    return rows;
  }

  function flags(root, row, x, width, barClass, textClass, text, title) {
    let free = -Infinity;
    for (const each of row.of) {
      const left = Math.max(0, x(each.from));
      const right = Math.min(width, x(each.to));
      const size = Math.max(3, right - left);
      svg(root, 'rect', barClass, { ...box(left, row.y + 3, size, row.height - 6), rx: 3 }, title(each));
      const wide = textWidth(text(each));
      if (wide <= size) {
        label(root, textClass + ' inside-bar', left + 5, row.y + row.height / 2, text(each));
      } else if (textClass === 'wrong-text' && left > free) {
        const fits = left + size + wide < width;
        label(root, textClass, fits ? left + size + 5 : left - 5, row.y + row.height / 2, text(each), fits ? 'start' : 'end');
        free = left + size + (fits ? wide : 0);
      }
    }
  }

  function lane(root, row, x, timeline) {
    const middle = row.y + row.height / 2;
    const bar = row.height - 12;
    for (const each of row.attempts) {
      svg(root, 'line', 'failed-ask', { x1: x(each.from), x2: x(each.to), y1: middle, y2: middle },
        `${row.lane.contender}: lock ${each.lock}\nasked ${ms(each.from)}\n${each.end} at ${ms(each.to)}`);
      svg(root, 'line', 'failed-end', { x1: x(each.to), x2: x(each.to), y1: middle - 4, y2: middle + 4 });
    }
    const begins = [...row.holds.map((each) => each.asked), ...row.attempts.map((each) => each.from)];
    for (const hold of row.holds) {
      const title = story(hold, row.lane);
      const [asked, from, until, over] = [hold.asked, hold.from, hold.until, end(hold, timeline)].map(x);
      if (from - asked > 3) {
        svg(root, 'line', 'asked', { x1: asked, x2: from, y1: middle, y2: middle }, title);
        svg(root, 'circle', 'asked-dot', { cx: asked, cy: middle, r: 3 }, title);
      }
      if (over - until > 1) svg(root, 'rect', 'maybe', { ...box(until, row.y + 6, over - until, bar), rx: 2 }, title);
      svg(root, 'rect', 'held', { ...box(from, row.y + 6, Math.max(2, until - from), bar), rx: 2 }, title);
      const token = '#' + hold.token;
      if (textWidth(token) < until - from) label(root, 'token', Math.max(from, 0) + 5, middle, token);
      if (hold.releasing !== undefined && over - from > 6) {
        svg(root, 'line', 'released', { x1: over, x2: over, y1: row.y + 4, y2: row.y + row.height - 4 }, title);
      }
      if (hold.lost !== undefined) {
        const at = x(hold.lost);
        const clear = begins.every((each) => each <= hold.asked || x(each) > at + 40);
        svg(root, 'path', 'lost', { d: `M${at} ${middle - 6}l6 6-6 6-6-6z` }, title);
        if (clear) label(root, 'lost-text', at + 10, middle, 'lost');
      }
    }
  }

  function violation(root, each, rows, x) {
    const two = [each.firstLane, each.secondLane].map((i) => rows.find((row) => row.kind === 'lane' && row.i === i)).filter(Boolean);
    const left = x(each.from);
    const size = Math.max(2, x(each.to) - left);
    const title = `${words[each.kind]} of lock ${each.lock}, ${length(each.to - each.from)}`;
    if (each.kind === 'LATE_LOSS') {
      two.slice(0, 1).forEach((row) => svg(root, 'line', 'unsignalled',
        { x1: left, x2: left + size, y1: row.y + row.height - 4, y2: row.y + row.height - 4 }, title));
      return;
    }
    if (two.length === 2) {
      const top = Math.min(two[0].y, two[1].y) + 6;
      svg(root, 'rect', 'overlap', box(left, top, size, Math.max(two[0].y + two[0].height, two[1].y + two[1].height) - 6 - top), title);
    }
    two.forEach((row) => svg(root, 'rect', 'overlap-hit', box(left, row.y + 6, size, row.height - 12), title));
  }

  function axis(root, window, width, height, x) {
    for (const [at, text] of ticks(window.from, window.to, width)) {
      svg(root, 'line', 'grid', { x1: x(at), x2: x(at), y1: 0, y2: height - AXIS + 4 });
      const anchor = x(at) < 16 ? 'start' : x(at) > width - 28 ? 'end' : 'middle';
      label(root, '', x(at), height - AXIS / 2 + 2, text + ' ms', anchor);
    }
  }

  function canvas(parent, width, height, window, name) {
    parent.replaceChildren();
    const root = svg(parent, 'svg', '', { width, height, role: 'img', 'aria-label': name });
    const scale = (width - 2 * MARGIN) / Math.max(1, window.to - window.from);
    // Nothing far outside is drawn, however far it is.
    const x = (at) => Math.min(width + 20, Math.max(-20, MARGIN + (at - window.from) * scale));
    return { root, x };
  }

  function drawWindow(parent, timeline, window, rows, width, name) {
    const height = rows[rows.length - 1].y + rows[rows.length - 1].height + AXIS + 2;
    const { root, x } = canvas(parent, width, height, window, name);
    const lanes = rows.filter((row) => row.kind === 'lane');
    const faults = rows.filter((row) => row.kind === 'fault').flatMap((row) => row.of);
    for (const row of lanes) {
      const hit = faults.filter((fault) => !fault.lanes.length || fault.lanes.includes(row.i));
      union(hit).forEach(([from, to]) => svg(root, 'rect', 'shade', box(x(from), row.y, Math.max(2, x(to) - x(from)), row.height)));
    }
    axis(root, window, width, height, x);
    rows.slice(1).forEach((row) => svg(root, 'line', 'rowline', { x1: 0, x2: width, y1: row.y, y2: row.y }));
    for (const row of rows) {
      if (row.kind === 'fault') {
        flags(root, row, x, width, 'faultbar', 'fault-text', (each) => each.what,
          (each) => `${each.target}: ${each.what}\nfrom ${ms(each.from)}\nto ${ms(each.to)}`);
      } else if (row.kind === 'violation') {
        flags(root, row, x, width, 'overlap-hit', 'wrong-text', (each) => `${words[each.kind]} ${length(each.to - each.from)}`,
          (each) => `${words[each.kind]} of lock ${each.lock}\nfrom ${ms(each.from)}\nto ${ms(each.to)}`);
      } else if (row.kind === 'lane') {
        lane(root, row, x, timeline);
      }
    }
    timeline.violations.forEach((each) => violation(root, each, rows, x));
  }

  function drawOverview(parent, timeline, width) {
    const height = 84;
    const { root, x } = canvas(parent, width, height, timeline, 'how the leases are spread over the whole check');
    union(timeline.faults).forEach(([from, to]) =>
      svg(root, 'rect', 'shade', box(x(from), 18, Math.max(1, x(to) - x(from)), 42), `faults from ${ms(from)} to ${ms(to)}`));
    axis(root, timeline, width, height, x);
    const most = Math.max(1, ...timeline.overview.won);
    timeline.overview.won.forEach((won, i) => {
      const from = timeline.from + i * timeline.overview.step;
      const tall = won / most * 38;
      svg(root, 'rect', 'density', box(x(from), 60 - tall, x(from + timeline.overview.step) - x(from) - 1, tall),
        `${won} leases won from ${ms(from)} to ${ms(from + timeline.overview.step)}`);
    });
    timeline.violations.forEach((each) => svg(root, 'rect', 'overlap-hit', box(x(each.from) - 1, 18, 3, 42), words[each.kind]));
    timeline.windows.forEach((each, i) => {
      const [left, right] = [x(each.from), Math.max(x(each.from) + 3, x(each.to))];
      svg(root, 'path', 'bracket', { d: `M${left} 20v-4H${right}v4` }, each.title);
      label(root, 'bracket-text', (left + right) / 2, 8, String(i + 1), 'middle');
    });
  }

  return { svg, ms, rough, end, rowsOf, drawWindow, drawOverview };
})();
