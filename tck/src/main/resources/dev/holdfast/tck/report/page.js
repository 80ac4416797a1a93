'use strict';
// Opens the rule that the address names, and lets the reader show only some of the rules.
(() => {
  const rules = [...document.querySelectorAll('.rule')];

  function reveal() {
    const rule = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (rule && rule.matches('.rule')) {
      rule.hidden = false;
      rule.closest('section').hidden = false;
      rule.querySelector('details').open = true;
      rule.scrollIntoView();
    }
  }
  addEventListener('hashchange', reveal);
  reveal();

  const outcomes = ['pass', 'fail', 'absent', 'unverified'].filter((each) => rules.some((rule) => rule.matches('.' + each)));
  const bar = document.createElement('div');
  bar.className = 'filter';
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', 'Which rules to show');

  function button(text, action) {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = text;
    made.addEventListener('click', () => action(made));
    bar.append(made);
    return made;
  }

  function show(chosen, pressed) {
    document.querySelectorAll('.area .rule').forEach((rule) => { rule.hidden = chosen !== null && !rule.matches('.' + chosen); });
    document.querySelectorAll('.area').forEach((area) => { area.hidden = !area.querySelector('.rule:not([hidden])'); });
    choices.forEach((each) => each.setAttribute('aria-pressed', String(each === pressed)));
  }
  const choices = [button('all rules', (made) => show(null, made)),
    ...outcomes.map((each) => button(each.toUpperCase(), (made) => show(each, made)))];
  choices.forEach((each, i) => each.setAttribute('aria-pressed', String(i === 0)));
  const all = button('open all', () => {
    const open = all.textContent === 'open all';
    document.querySelectorAll('.area .rule > details').forEach((each) => { each.open = open; });
    all.textContent = open ? 'close all' : 'open all';
  });
  all.className = 'apart';
  document.getElementById('rules').append(bar);
})();
