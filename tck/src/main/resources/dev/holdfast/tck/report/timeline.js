'use strict';
// Puts the pictures of each timeline on the page, with names beside, buttons to zoom, a legend, and the times as a table.
(() => {
  const LEAST_WIDTH = 560;
  const MOST_ZOOM = 64;
  const report = JSON.parse(document.getElementById('report').textContent);

  function html(parent, name, className, text) {
    const made = parent.appendChild(document.createElement(name));
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function names(parent, rows) {
    const column = html(parent, 'div', 'names');
    rows.forEach((row, i) => {
      const name = html(column, 'div', '');
      name.style.height = row.height + (i === 0 ? 4 : 0) + 'px';
      const text = row.kind === 'lane' ? row.lane.contender : row.name;
      const kind = { violation: 'wrong', fault: 'fault', lock: 'lock', lane: '' }[row.kind];
      const line = html(name, 'span', kind);
      if (row.kind === 'fault') {
        picture.svg(picture.svg(line, 'svg', 'icon', { 'aria-hidden': 'true' }), 'use', '', { href: '#i-fault' });
        html(line, 'span', 'hidden', 'fault of ');
      }
      line.append(text);
      line.title = text;
    });
  }

  /** A frame with a title, and a picture in it that scrolls sideways; answers what draws it anew. */
  function plot(parent, title, rows, zooms, paint, focus) {
    const frame = html(parent, 'div', 'plot');
    const head = html(frame, 'div', 'title');
    html(head, 'span', '', title);
    const chart = html(frame, 'div', 'chart');
    if (rows) names(chart, rows);
    const scroll = html(chart, 'div', 'scroll');
    scroll.tabIndex = 0;
    scroll.setAttribute('role', 'region');
    scroll.setAttribute('aria-label', title);
    let zoom = 1;
    let width = 0;

    function draw() {
      const before = width && (scroll.scrollLeft + scroll.clientWidth / 2) / width;
      width = Math.max(scroll.clientWidth, LEAST_WIDTH) * zoom;
      paint(scroll, width);
      scroll.scrollLeft = (before || focus) * width - scroll.clientWidth / 2;
    }
    if (zooms) {
      const zoomBy = (text, name, factor) => {
        const button = html(head, 'button', '', text);
        button.type = 'button';
        button.setAttribute('aria-label', name);
        button.addEventListener('click', () => {
          zoom = factor === 0 ? 1 : Math.min(MOST_ZOOM, Math.max(1, zoom * factor));
          draw();
        });
      };
      zoomBy('−', 'zoom out', 0.5);
      zoomBy('+', 'zoom in', 2);
      zoomBy('fit', 'show the whole window', 0);
    }
    return draw;
  }

  function legend(parent, timeline) {
    const list = html(parent, 'ul', 'legend');
    const item = (there, text, ...shapes) => {
      if (!there) return;
      const entry = html(list, 'li', '');
      const sample = picture.svg(entry, 'svg', '', { width: 22, height: 14, 'aria-hidden': 'true' });
      shapes.forEach(([name, className, attributes]) => picture.svg(sample, name, className, attributes));
      html(entry, 'span', '', text);
    };
    const bar = { x: 1, y: 2, width: 20, height: 10, rx: 2 };
    const line = { x1: 1, x2: 21, y1: 7, y2: 7 };
    const any = (list_, test) => list_.some(test);
    const holds = timeline.holds;
    item(holds.length, 'seen held', ['rect', 'held', bar]);
    const visible = (timeline.to - timeline.from) / 1000;
    item(any(holds, (each) => picture.end(each, timeline) - each.until > visible), 'perhaps held', ['rect', 'maybe', bar]);
    item(holds.length, 'asked, waiting', ['line', 'asked', line], ['circle', 'asked-dot', { cx: 4, cy: 7, r: 3 }]);
    item(timeline.attempts.length, 'asked in vain', ['line', 'failed-ask', line], ['line', 'failed-end', { x1: 21, x2: 21, y1: 3, y2: 11 }]);
    item(any(holds, (each) => each.releasing !== undefined), 'released', ['line', 'released', { x1: 11, x2: 11, y1: 1, y2: 13 }]);
    item(any(holds, (each) => each.lost !== undefined), 'lost() complete', ['path', 'lost', { d: 'M11 1l6 6-6 6-6-6z' }]);
    item(timeline.faults.length, 'fault', ['rect', 'faultbar', bar], ['rect', 'shade', bar]);
    item(any(timeline.violations, (each) => each.kind === 'OVERLAP'), 'held by two at once', ['rect', 'overlap-hit', bar]);
    item(any(timeline.violations, (each) => each.kind === 'LATE_LOSS'), 'lost() not yet complete', ['line', 'unsignalled', line]);
  }

  /** The same as numbers: for those who cannot see the picture, and for those who want to copy it. */
  function times(parent, timeline) {
    const details = html(parent, 'details', 'times');
    html(details, 'summary', '', 'The times of these leases, in ms');
    details.addEventListener('toggle', () => {
      if (details.querySelector('table')) return;
      const table = html(html(details, 'div', 'sideways'), 'table', '');
      const columns = ['contender', 'lock', 'token', 'asked', 'acquired', 'seen held', 'lost', 'releasing', 'released'];
      const head = html(html(table, 'thead', ''), 'tr', '');
      columns.forEach((each) => { html(head, 'th', '', each).scope = 'col'; });
      const body = html(table, 'tbody', '');
      for (const hold of timeline.holds) {
        const row = html(body, 'tr', '');
        [timeline.lanes[hold.lane].contender, hold.lock, String(hold.token)].forEach((each) => html(row, 'td', '', each));
        [hold.asked, hold.from, hold.until, hold.lost, hold.releasing, hold.released].forEach((each) =>
          html(row, 'td', '', each === undefined ? '–' : picture.ms(each).replace(' ms', '')));
      }
    });
  }

  function notDrawn(parent, left) {
    const names = { lanes: 'lane', holds: 'lease', attempts: 'request', faults: 'fault', violations: 'violation' };
    const words = Object.entries(left).filter(([, number]) => number > 0)
      .map(([name, number]) => `${number.toLocaleString('en-US')} ${names[name]}${number === 1 ? '' : 's'}`);
    if (words.length) html(parent, 'p', 'fine', `Outside these pictures: ${words.join(', ')}.`);
  }

  function set(figure) {
    const { rule, check, timeline: number } = figure.dataset;
    const timeline = report.rules.find((each) => each.id === rule).checks[check].timelines[number];
    const draws = [];
    if (timeline.overview) {
      draws.push(plot(figure, 'Overview: leases won over time, and the windows below', null, false,
        (target, width) => picture.drawOverview(target, timeline, width), 0));
    }
    timeline.windows.forEach((window, i) => {
      const rows = picture.rowsOf(timeline, window);
      if (!rows.length) return;
      const several = timeline.windows.length > 1 ? `${i + 1} · ` : '';
      const [from, to] = [window.from, window.to].map((each) => picture.rough(each, window.to - window.from));
      const title = `${several}${window.title}, ${from} to ${to}`;
      const wrong = rows[0].kind === 'violation' ? (rows[0].of[0].from - window.from) / (window.to - window.from) : 0;
      draws.push(plot(figure, title, rows, true,
        (target, width) => picture.drawWindow(target, timeline, window, rows, width, `${rule}: ${title}`), wrong));
    });
    legend(figure, timeline);
    notDrawn(figure, timeline.left);
    times(figure, timeline);
    return draws;
  }

  // A figure in a closed rule has no width yet, and one on a phone that is turned gets another.
  const known = new Map();
  const observer = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const before = known.get(target);
      if (contentRect.width === 0 || (before && before.width === contentRect.width)) continue;
      const draws = before ? before.draws : set(target);
      known.set(target, { draws, width: contentRect.width });
      draws.forEach((draw) => draw());
    }
  });
  document.querySelectorAll('.timeline').forEach((each) => observer.observe(each));
})();
