// Elements, words and numbers. Text of the report enters the page here, as text nodes only.
const SVG = 'http://www.w3.org/2000/svg';

/// setAttribute for all but listeners (on…), text and properties that are no attributes.
function withAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'text') node.textContent = value;
    else if (typeof value === 'function') node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  return node;
}

/// el('p.quiet', {id: 'a'}, 'text', child): a child may be a node, text, a list of them, or nothing.
function el(kind, attributes, ...children) {
  const [tag, ...classes] = kind.split('.');
  const node = document.createElement(tag);
  if (classes.length > 0) node.className = classes.join(' ');
  withAttributes(node, attributes);
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function svg(tag, attributes, ...children) {
  const node = withAttributes(document.createElementNS(SVG, tag), attributes);
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined));
  return node;
}

// Shapes differ, not only colours. Drawn in a square of 16.
const ICONS = {
  same: ['M8 1.2a6.8 6.8 0 1 0 0 13.6A6.8 6.8 0 0 0 8 1.2z', 'M4.7 8.3l2.3 2.3 4.4-4.9'],
  divergent: ['M5.2 1.2h5.6l4 4v5.6l-4 4H5.2l-4-4V5.2z', 'M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2'],
  inconclusive: ['M8 1.2a6.8 6.8 0 1 0 0 13.6A6.8 6.8 0 0 0 8 1.2z',
    'M6.3 6.5c0-2.4 3.5-2.3 3.5-.1 0 1.4-1.7 1.3-1.7 2.7M8.1 11.1v.3'],
  breaking: ['M5.2 1.2h5.6l4 4v5.6l-4 4H5.2l-4-4V5.2z', 'M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2'],
  'wrong answer': ['M1.5 1.5h13v13h-13z', 'M4.6 6.3h6.8M4.6 9.7h6.8M9.9 3.9L6.1 12.1'],
  risky: ['M8 1.4L15.2 14.4H.8z', 'M8 6v4M8 12.1v.2'],
  cosmetic: ['M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6z', 'M5.6 8h4.8'],
};
ICONS.regressed = ICONS.risky;
ICONS.improved = ICONS.same;
ICONS['no change'] = ICONS.cosmetic;
ICONS.insufficient = ICONS.inconclusive;
ICONS.used = ICONS.same;
ICONS.expired = ICONS.divergent;
ICONS['never matched'] = ICONS.risky;
ICONS.passed = ICONS.same;
ICONS.failed = ICONS.divergent;
ICONS.skipped = ICONS.cosmetic;
ICONS.within = ICONS.same;
ICONS.over = ICONS.divergent;

function icon(name) {
  if (!Object.hasOwn(ICONS, name)) return null;
  const shape = ICONS[name];
  return svg('svg', {class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false'},
    svg('path', {class: 'icon-body', d: shape[0]}), svg('path', {class: 'icon-mark', d: shape[1]}));
}

/// A word with its icon; the class is made of the word, of which only known ones have a colour.
function badge(word) {
  return el('span.badge.is-' + word.replace(/[^a-z]+/g, '-'), {}, icon(word), el('span', {text: word}));
}

const NUMBERS = new Intl.NumberFormat('en-GB');
const number = (value) => typeof value === 'number' && isFinite(value) ? NUMBERS.format(value) : '–';
const times = (count, what, plural) => `${number(count)} ${count === 1 ? what : plural || what + 's'}`;
const percent = (part, whole) => whole > 0 ? 100 * part / whole : 0;

function percentText(share) {
  if (share === 0) return '0 %';
  if (share < 0.01) return '< 0.01 %';
  return share.toFixed(share < 10 ? 2 : 1) + ' %';
}

/// Three significant figures, in the unit that reads best.
function milliseconds(ms) {
  if (typeof ms !== 'number' || !isFinite(ms)) return '–';
  if (ms >= 60000) return +(ms / 60000).toPrecision(3) + ' min';
  if (ms >= 1000) return +(ms / 1000).toPrecision(3) + ' s';
  if (ms > 0 && ms < 1) return +(ms * 1000).toPrecision(3) + ' µs';
  return +ms.toPrecision(3) + ' ms';
}

/// "2026-03-01T10:02:11.123Z" becomes "2026-03-01 10:02:11 UTC"; what is no such time stays as it is.
function timeText(iso) {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:?00)$/.exec(iso || '');
  return found ? `${found[1]} ${found[2]} UTC` : iso || '';
}

function shortened(text, limit) {
  return text.length > limit ? text.slice(0, limit) + '…' : text;
}

/// To the minute; the zone stands above the column.
const minuteText = (iso) => timeText(iso).replace(/:\d\d UTC$/, '');

/// A statement in one line, as far as there is room.
function oneLine(statement) {
  return el('code.one-line', {text: shortened(asText(statement).replace(/\s+/g, ' '), 300)});
}

/// A sentence for reading: begins with a capital letter and ends with a full stop.
function sentence(text) {
  const said = asText(text).trim();
  if (said === '') return '';
  const begun = /^[a-z]+[ ,]/.test(said) ? said.charAt(0).toUpperCase() + said.slice(1) : said;
  return /[.!?…]$/.test(begun) ? begun : begun + '.';
}

const spoken = (kind) => (kind || '').replace(/_/g, ' ');
const asArray = (value) => Array.isArray(value) ? value : [];
const asText = (value) => value === undefined || value === null ? '' : String(value);

function announce(text) {
  document.getElementById('announcer').textContent = text;
}

async function copy(text, button) {
  const said = button.textContent;
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    const area = el('textarea.unseen', {'aria-hidden': 'true'});
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand('copy');
    area.remove();
    button.focus();
  }
  button.textContent = done ? 'Copied' : 'Not copied: select it by hand';
  announce(button.textContent);
  setTimeout(() => { button.textContent = said; }, 2000);
}

// What cannot be seen, or turns the text after it around.
const CONTROLS = /([\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff])/;

/// Nodes with exactly this text; such characters are kept, each alone, and their numbers shown.
function visible(text) {
  if (!CONTROLS.test(text)) return [text];
  return text.split(CONTROLS).filter(Boolean).map((part) => {
    if (!CONTROLS.test(part)) return part;
    const code = part.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return el('span.control', {text: part, 'data-code': `U+${code}`});
  });
}

/// Text as it is. Where it may need scrolling it can be reached with the keyboard.
function block(kind, label, ...children) {
  const node = el(kind, {}, ...children);
  const text = node.textContent;
  if (text.length > 400 || text.split('\n').length > 10) {
    withAttributes(node, {tabindex: '0', role: 'group', 'aria-label': label});
  }
  return node;
}

/// A part of a long list, and a button for the next part.
function inParts(container, items, size, make) {
  let shown = 0;
  const more = el('button.plain', {type: 'button', click: () => { add(); }});
  function add(all) {
    const end = all ? items.length : Math.min(items.length, shown + size);
    const nodes = items.slice(shown, end).map(make);
    container.append(...nodes);
    const first = shown > 0 && nodes[0] && nodes[0].querySelector('summary, button, a');
    shown = end;
    more.hidden = shown >= items.length;
    more.textContent = `Show ${number(Math.min(size, items.length - shown))} more of ${number(items.length)}`;
    if (first && !all) first.focus();
  }
  add();
  return more;
}

/// A disclosure that makes its content when it is first opened.
function disclosure(className, summary, fill, open) {
  const details = el('details.' + className, {}, el('summary', {}, summary));
  details.fill = () => {
    if (details.filled) return;
    details.filled = true;
    details.append(...[fill()].flat());
  };
  details.addEventListener('toggle', () => { if (details.open) details.fill(); });
  if (open) {
    details.open = true;
    details.fill();
  }
  return details;
}
