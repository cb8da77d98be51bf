// The search and the keys of a report. Without this script, the report is complete, but nothing searches it.
//
// A group has texts of its own, and leaves: the definitions, or the rows of a table. A word of the search is found in
// either. If the texts of a group have all words, the whole group is shown. Otherwise, those of its leaves are shown
// that have the words which the group lacks.
'use strict';

const box = document.getElementById('search');
const found = document.getElementById('found');
const letters = document.getElementById('letters');
const sections = [...document.querySelectorAll('.section, main > .group')];
// If a search finds more than this, what it finds stays folded, and its words are not marked: a browser would lay out
// thousands of rows at each letter that the reader types.
const FEW = 200;
// The most places that are marked.
const MARKED = 1000;

const has = (text, word) => text.includes(word);

// The texts of a group without those of its leaves, in lower case.
const ownText = (group) => {
  const filter = (node) =>
    node.nodeType === Node.ELEMENT_NODE && node.classList.contains('leaves')
      ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
  const walker = document.createTreeWalker(group, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, filter);
  const texts = [];
  while (walker.nextNode()) {
    if (walker.currentNode.nodeType === Node.TEXT_NODE) texts.push(walker.currentNode.data);
  }
  return texts.join(' ').toLowerCase();
};

// A leaf's cells stay apart, so that no word is found across two of them.
const leafText = (leaf) => [...leaf.children].map((part) => part.textContent).join('\n').toLowerCase();

// The texts are read once, when the first search begins.
let groups;
const read = () => {
  groups ??= [...document.querySelectorAll('.group')].map((node) => ({
    node,
    text: ownText(node),
    hits: node.querySelector('.hits'),
    leaves: [...node.querySelectorAll('.leaf')].map((leaf) => ({ node: leaf, text: leafText(leaf) })),
  }));
  return groups;
};

// What the search has unfolded is folded again when the search is cleared.
const unfolded = new Set();
const unfold = (details) => {
  if (details.open) return;
  details.open = true;
  unfolded.add(details);
};
const foldAgain = () => {
  unfolded.forEach((details) => { details.open = false; });
  unfolded.clear();
};

const search = () => {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const isSearch = words.length > 0;
  let matches = 0;
  const shown = [];
  for (const group of read()) {
    const missing = words.filter((word) => !has(group.text, word));
    let count = 0;
    for (const leaf of group.leaves) {
      const isFound = missing.every((word) => has(leaf.text, word));
      leaf.node.hidden = !isFound;
      count += isFound;
    }
    const isFound = missing.length === 0 || count > 0;
    group.node.hidden = !isFound;
    if (group.hits) {
      group.hits.textContent = missing.length > 0 && isFound ? `${count} found` : '';
    }
    if (!isFound) continue;
    matches += Math.max(count, 1);
    shown.push({ group, isPart: missing.length > 0 });
  }
  for (const section of sections) {
    if (section.classList.contains('group')) continue;
    section.hidden = isSearch && !section.querySelector('.group:not([hidden])');
  }
  foldAgain();
  if (isSearch) {
    for (const { group, isPart } of shown) {
      const section = group.node.closest('.section');
      // A section with groups in it is unfolded, because its groups stay folded.
      if (matches <= FEW || section !== group.node) unfold(section.querySelector('details'));
      if (matches > FEW) continue;
      unfold(group.node.querySelector('details'));
      if (isPart) group.node.querySelectorAll('details:has(.leaves)').forEach(unfold);
    }
  }
  found.textContent = !isSearch ? '' : matches === 0 ? 'nothing found' : `${matches} found`;
  mark(words, matches > FEW ? [] : shown.map(({ group }) => group.node));
};

// Marks the words, without a change of the page.
const mark = (words, nodes) => {
  if (!globalThis.Highlight) return;
  const ranges = [];
  for (const node of words.length > 0 ? nodes : []) {
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (at) =>
      at.hidden ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    while (ranges.length < MARKED && walker.nextNode()) {
      const text = walker.currentNode;
      if (text.nodeType !== Node.TEXT_NODE) continue;
      const lower = text.data.toLowerCase();
      // In some languages, a letter in lower case has another length.
      if (lower.length !== text.data.length) continue;
      for (const word of words) {
        for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length)) {
          const range = new Range();
          range.setStart(text, at);
          range.setEnd(text, at + word.length);
          ranges.push(range);
        }
      }
    }
  }
  CSS.highlights.set('found', new Highlight(...ranges));
};

// The places at which the keys stop: what folds, and the rows of tables.
const stops = [...document.querySelectorAll('main summary, main tr.leaf')];

const isInSight = (stop) => {
  for (let at = stop; at; at = at.parentElement) {
    const fold = at.parentElement;
    if (at.hidden) return false;
    if (fold?.localName === 'details' && !fold.open && at.localName !== 'summary') return false;
  }
  return true;
};

// The next place from an element on, forward or backward.
const next = (from, step) => {
  let at = stops.indexOf(from);
  if (at < 0) at = step > 0 ? -1 : stops.length;
  do at += step; while (stops[at] && !isInSight(stops[at]));
  return stops[at];
};

const focus = (element) => {
  if (!element) return;
  if (element.localName === 'tr') element.tabIndex = -1;
  element.focus();
};

const current = () => document.activeElement?.closest('main summary, main tr.leaf');

// Folds what is unfolded, or else goes to what it is in.
const fold = (stop) => {
  const details = stop.closest('details');
  const isHead = stop.localName === 'summary';
  if (isHead && details.open) {
    details.open = false;
  } else {
    focus((isHead ? details.parentElement.closest('details') : details)?.querySelector('summary'));
  }
};

const clear = () => {
  box.value = '';
  search();
};

const onKey = {
  '/': () => { box.focus(); box.select(); },
  j: () => focus(next(current(), 1)),
  k: () => focus(next(current(), -1)),
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const { key, target } = event;
  const stop = current();
  if (key === 'Escape') {
    if (target === box && box.value === '') box.blur();
    clear();
  } else if (target === box) {
    if (key !== 'ArrowDown' && key !== 'Enter') return;
    focus(next(undefined, 1));
  } else if (Object.hasOwn(onKey, key)) {
    if (!letters.checked) return;
    onKey[key]();
  } else if (!stop) {
    return;
  } else if (key === 'ArrowDown') {
    focus(next(stop, 1));
  } else if (key === 'ArrowUp') {
    focus(next(stop, -1) ?? box);
  } else if (key === 'ArrowRight' && stop.localName === 'summary') {
    stop.parentElement.open = true;
  } else if (key === 'ArrowLeft') {
    fold(stop);
  } else {
    return;
  }
  event.preventDefault();
});

let waiting;
box.addEventListener('input', () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(search);
});

// A link to a section unfolds it.
const follow = () => {
  const section = location.hash && document.getElementById(location.hash.slice(1));
  const details = section && section.querySelector('details');
  if (!details) return;
  details.open = true;
  focus(details.querySelector('summary'));
};
addEventListener('hashchange', follow);
follow();

// A browser that keeps no settings for files forgets the choice of colours.
const remember = (use) => {
  try {
    return use(localStorage);
  } catch {
    return null;
  }
};
const chosen = remember((store) => store.getItem('scheme'));
for (const scheme of document.querySelectorAll('.scheme input')) {
  scheme.checked = scheme.value === (chosen ?? 'auto');
  scheme.addEventListener('change', () => remember((store) => store.setItem('scheme', scheme.value)));
}

box.closest('search').hidden = false;
document.querySelector('footer').hidden = false;
