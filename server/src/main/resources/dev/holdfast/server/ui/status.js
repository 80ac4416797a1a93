// Shows what the server sends, whenever it sends it. Everything is set as text; nothing of it is ever read as markup.
import { draw, gapsOf } from './timeline.js';

const SILENCE = 10_000;
const $ = id => document.getElementById(id);
let status = null, ahead = 0, heard = 0, cut = false, minutes = 5, source = null;

const now = () => Date.now() + ahead;
const label = address => address.replace(/^https?:\/\//, '').replace(/\/+$/, '') || 'this node';
const pad = n => String(n).padStart(2, '0');
const clock = at => { const d = new Date(at); return `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`; };
const axis = (at, step) => step < 60_000 ? clock(at) : clock(at).slice(0, 5);
const day = at => new Date(at).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
const when = at => now() - at < 72_000_000 ? clock(at) : `${day(at)}, ${clock(at)}`;
const lasting = ms => {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const s = Math.floor(ms / 1000);
  if (s < 60) return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return s < 86_400 ? `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min` : `${Math.floor(s / 86_400)} d ${Math.floor(s / 3600) % 24} h`;
};
const whole = ms => lasting(ms < 10_000 ? Math.max(1000, Math.floor(ms / 1000) * 1000) : ms).replace('.0', '');

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
const icon = name => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
};

const SELF = {
  active: ['active', 'active', 'good'], standby: ['standby', 'standby', ''],
  alone: ['without active', 'silent', 'unsure'], sealed: ['sealed', 'sealed', 'unsure'],
};
const FENCING = {
  fenced: ['fenced', 'Storage itself rejects late writes of a deposed active.'],
  bounded: ['bounded', 'Storage cannot fence; a successor waits until late writes of a deposed active have ended.'],
  none: ['none', 'There is no lock: this node is to run alone.'],
};
const HAPPENED = {
  standby: 'contends for the lock', won: 'won the lock and takes storage over', lock_delay: 'waits until late writes of its predecessor have ended',
  active: 'is active', lease_lost: 'lost its lease', storage_lost: 'cannot reach storage and gave the lock up',
  fenced: 'was fenced off by a successor', stepped_down: 'was asked to step down', failed: 'could not take over',
  stop_overdue: 'does not stop in time', stopped: 'has stopped and released the lock', lock_store_behind: 'does not take over: the lock store is behind storage',
  error: 'could not use a store and tries again; its log says more', closed: 'does not contend any more', unsealed: 'was unsealed', sealed: 'was sealed',
};
const TROUBLE = new Set(['lease_lost', 'storage_lost', 'fenced', 'failed', 'stop_overdue', 'lock_store_behind', 'error']);

function verdict() {
  const { seal, leader, self, ha, terms } = status;
  if (cut) return ['bad', 'trouble', `The server does not answer since ${clock(heard)}. Below is the last that was seen.`];
  if (seal.storage_lost) return ['bad', 'trouble', 'This node cannot reach its storage.'];
  if (!seal.initialized) return ['unsure', 'sealed', 'The cluster is not initialised yet.'];
  if (seal.sealed) return ['unsure', 'sealed', seal.type === 'file' ? 'This node is sealed; its key file unseals it once, when it starts.'
    : `This node is sealed: ${seal.progress} of ${seal.threshold} shares of the key have been given.`];
  if (leader) return ['good', 'active', `${ha ? label(leader.api_address) : 'This node'} is active since ${when(leader.since)}, for ${whole(now() - leader.since)}.`];
  const last = terms.at(-1);
  return ['bad', 'trouble', `No node is active${last?.until ? ` since ${when(last.until)}, for ${whole(now() - last.until)}` : ''}.`
    + (self.state === 'standby' || self.state === 'alone' ? ' This node waits for the lock.' : '')];
}

function say() {
  const [kind, sign, sentence] = verdict();
  const box = $('verdict');
  const before = box.className;
  box.className = `verdict ${kind}`;
  box.querySelector('use').setAttribute('href', `#i-${sign}`);
  const text = box.querySelector('span');
  // A clock that is read aloud every second helps nobody.
  box.setAttribute('aria-live', before === box.className ? 'off' : 'polite');
  if (text.textContent !== sentence) text.textContent = sentence;
}

function tile(value, caption, sign, kind = '') {
  return element('li', {}, element('b', { class: kind }, ...(sign ? [icon(sign)] : []), String(value)), element('span', {}, caption));
}

function show() {
  const { nodes, self, seal, store, terms } = status;
  document.title = `${status.leader ? label(status.leader.api_address) + ' is active' : seal.sealed ? 'sealed' : 'no active node'} · ${status.cluster_name}`;
  $('cluster').textContent = status.cluster_name;
  $('seen-from').textContent = `seen from ${label(self.api_address)}`;
  const answering = nodes.filter(one => one.silent_s === undefined).length;
  const [word, sign, kind] = SELF[self.state];
  const fencing = FENCING[store.fencing];
  $('tiles').replaceChildren(
    tile(seal.sealed ? '–' : answering === nodes.length ? nodes.length : `${answering} of ${nodes.length}`, answering === 1 ? 'node unsealed' : 'nodes unsealed'),
    tile(word, 'this node', sign, kind),
    tile(seal.sealed ? 'sealed' : 'unsealed', seal.type === 'file' ? 'by its key file' : seal.threshold ? `${seal.threshold} of ${seal.shares} shares` : 'not initialised',
      seal.sealed ? 'sealed' : 'active', seal.sealed ? 'unsure' : 'good'),
    tile(terms.length ? `#${terms.at(-1).token}` : '–', 'last token'));
  const facts = [
    ['Storage', store.type],
    ['Lock', store.fencing === 'none' ? 'none' : store.split ? `${store.lock_type} (ha_storage)` : `${store.lock_type}, with the data`],
    ['Version', status.version],
    ['Address', self.api_address || '–'],
    ['Host', self.hostname],
    ['Fencing', `${fencing[0]}: ${fencing[1]}`],
  ];
  $('facts').replaceChildren(...facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))));
  $('nodes').replaceChildren(...nodes.map(node => {
    const silent = node.silent_s !== undefined;
    const badge = silent ? element('span', { class: 'badge unsure' }, icon('silent'), `silent for ${node.silent_s} s`)
      : element('span', { class: `badge ${node.role === 'active' ? 'good' : ''}` }, icon(node.role), node.role);
    return element('tr', {}, element('th', { scope: 'row' }, label(node.api_address), ...(node.self ? [element('span', { class: 'here' }, ' · this node')] : [])),
      element('td', {}, badge), element('td', {}, node.hostname), element('td', {}, node.version));
  }));
  $('nodes-note').textContent = seal.sealed ? 'A sealed node knows of no others.'
    : 'Unsealed nodes only: a sealed one does not stand by. One that is not heard of any more is forgotten after 30 s.';
  const gaps = gapsOf(terms, now());
  $('timeline-note').textContent = `Seen by this node since ${when(status.watching_since)}.`
    + (gaps.length ? ` Last time without an active: ${lasting(gaps.at(-1).to - gaps.at(-1).from)}.` : '');
  $('terms').replaceChildren(...terms.map((term, i) => element('tr', {}, element('th', { scope: 'row' }, label(term.api_address)), element('td', {}, `#${term.token}`),
    element('td', {}, when(term.since)), element('td', {}, term.until ? when(term.until) : 'now'),
    element('td', {}, i > 0 && terms[i - 1].until ? lasting(Math.max(0, term.since - terms[i - 1].until)) : '–'))).reverse());
  $('journal').replaceChildren(...status.journal.map(line => element('li', {}, element('time', { datetime: new Date(line.at).toISOString() }, when(line.at)),
    element('span', TROUBLE.has(line.what) ? { class: 'bad' } : {}, HAPPENED[line.what] ?? line.what),
    element('span', { class: 'token' }, line.token ? `#${line.token}` : ''))).reverse());
  if (!status.journal.length) $('journal').replaceChildren(element('li', {}, element('span'), element('span', {}, 'nothing yet')));
  paint();
}

function paint() {
  say();
  const to = now();
  const first = Math.min(status.watching_since, status.terms[0]?.since ?? to);
  // What nobody saw takes no room, and half a minute is the least that says anything.
  const from = Math.max(to - minutes * 60_000, Math.min(first, to - 30_000));
  draw($('timeline'), $('lanes'), status, { from, to, first, label, clock: axis });
}

function hear(at) {
  ahead = at - Date.now();
  heard = now();
  cut = false;
}

function follow() {
  source?.close();
  source = new EventSource('events');
  source.addEventListener('status', event => {
    const { now: at, status: next } = JSON.parse(event.data);
    hear(at);
    status = next;
    show();
  });
  source.addEventListener('tick', event => hear(JSON.parse(event.data).now));
  source.onerror = () => {
    cut = true;
    if (status) say();
    // The browser comes back by itself, unless the answer was a refusal.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 3_000);
  };
}

for (const button of document.querySelectorAll('[data-minutes]')) {
  button.addEventListener('click', () => {
    minutes = Number(button.dataset.minutes);
    document.querySelectorAll('[data-minutes]').forEach(each => each.setAttribute('aria-pressed', String(each === button)));
    if (status) paint();
  });
}
addEventListener('resize', () => status && paint());
setInterval(() => {
  if (!status) return;
  if (!cut && now() - heard > SILENCE) { cut = true; follow(); }
  paint();
}, 1_000);
follow();
