'use strict';
// Draws a picture (see report/picture.hpp), and goes on drawing where the page is live. Whatever comes from a service, a
// manifest or a file name is set as text, never as markup.
(() => {

// Text

const byId = (id) => document.getElementById(id);

/** An element with attributes, and children that are elements or texts. */
function element(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children.filter((c) => c !== null && c !== ''));
  return e;
}

/** Makes of `old` what `fresh` is, and leaves alone what is the same: a reader may have selected it, or be there. */
function renew(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    old.replaceWith(fresh);
    return;
  }
  for (const name of old.getAttributeNames()) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const name of fresh.getAttributeNames()) if (name !== 'style') old.setAttribute(name, fresh.getAttribute(name));
  old.style.cssText = fresh.style.cssText; // the policy forbids the attribute
  renewChildren(old, [...fresh.childNodes]);
}

function renewChildren(host, fresh) {
  const old = [...host.childNodes];
  fresh.forEach((child, i) => (i < old.length ? renew(old[i], child) : host.append(child)));
  for (const surplus of old.slice(fresh.length)) surplus.remove();
}

/** As `replaceChildren`, but what is there already stays. */
const fill = (host, ...children) => renewChildren(host, [...element('div', {}, ...children).childNodes]);

const LONGEST = 300;

/** A text with what does not show, or turns the direction of what follows, written out. */
const visible = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
  (c) => '\\u' + c.codePointAt(0).toString(16).padStart(4, '0'));

/** A text that others wrote, as far as it is worth reading. */
function shown(text) {
  const whole = Array.from(text);
  return visible(whole.slice(0, LONGEST).join('')) + (whole.length > LONGEST ? `… (${count(whole.length)} characters)` : '');
}

const foreign = (text) => element('bdi', {}, shown(text));

const numbers = new Intl.NumberFormat('en');
const count = (n) => numbers.format(n);
const jobs = (n) => `${count(n)} ${n === 1 ? 'job' : 'jobs'}`;

/** Millionths of a euro with so many decimals, 2 to 6. Integers all the way. */
function euros(micros, decimals = 2) {
  const unit = 10n ** BigInt(6 - decimals);
  const rounded = (BigInt(micros) + unit / 2n) / unit * unit;
  return `€${numbers.format(rounded / 1000000n)}.${String(rounded % 1000000n).padStart(6, '0').slice(0, decimals)}`;
}

/** How many decimals it takes to write all these amounts exactly. */
const decimalsOf = (amounts) =>
  amounts.reduce((n, micros) => Math.max(n, String(micros % 1000000).padStart(6, '0').replace(/0+$/, '').length), 2);

/** A length of time for people, to two units at most. */
function length(s) {
  if (s < 0.9995) return `${Math.round(s * 1000)} ms`;
  if (s < 10 && s % 1 !== 0) return `${s.toFixed(1)} s`;
  if (s < 90) return `${Math.round(s)} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A length that is a whole number of some unit: "10 s", "2 min", "1 h". */
function unitLength(s) {
  for (const [unit, name] of [[86400, 'd'], [3600, 'h'], [60, 'min']])
    if (s >= unit && s % unit === 0) return `${s / unit} ${name}`;
  return `${s} s`;
}

const millis = (ms) => (ms >= 1000 ? length(ms / 1000) : `${ms >= 100 ? Math.round(ms) : Number(ms.toPrecision(2))} ms`);

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const clockShort = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayShort = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const dateOf = (t) => new Date(t * 1000);

function zone(t) {
  const offset = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'longOffset' }).formatToParts(dateOf(t))
    .find((part) => part.type === 'timeZoneName').value;
  return `${Intl.DateTimeFormat().resolvedOptions().timeZone} (${offset})`;
}

/** A moment by the reader's clock; in UTC in a tooltip. */
const moment = (t) => element('time', { datetime: dateOf(t).toISOString(), title: dateOf(t).toISOString(), class: 'nowrap' },
  full.format(dateOf(t)));

/** The time of day, and the date where that is another day. */
const timeOfDay = (t, now) =>
  (dateOf(t).toDateString() === dateOf(now).toDateString() ? clock : full).format(dateOf(t));

const baseName = (path) => path.slice(path.lastIndexOf('/') + 1);
const sum = (column) => column.reduce((a, b) => a + b, 0);
const most = (column) => column.reduce((a, b) => Math.max(a, b ?? 0), 0);

// Tables

/** A cell: { text } or { node }, with { number: true } to the right. */
function cellOf(value, label, heading) {
  const kind = value.number ? 'number' : value.words ? 'words' : value.bar ? 'bar-cell' : '';
  const cell = element(heading ? 'th' : 'td', heading ? { scope: 'row' } : {});
  if (kind) cell.className = kind;
  if (label) cell.dataset.label = label;
  cell.append(...(value.nodes ?? [value.text]));
  return cell;
}

const text = (t) => ({ text: t });
const number = (n) => ({ text: n === null ? '–' : count(n), number: true });
const node = (...nodes) => ({ nodes });

/** Fills a table: the names of columns, then rows of cells; the first cell of a row names it. */
function fillTable(table, caption, columns, rows, total = null) {
  const numeric = (i) => (rows[0]?.[i]?.number ? 'number' : '');
  const head = element('tr', {}, ...columns.map((c, i) => element('th', { scope: 'col', class: numeric(i) }, c)));
  const rowOf = (cells) => element('tr', {}, ...cells.map((c, i) => cellOf(c, columns[i], i === 0)));
  fill(table, element('caption', {}, caption), element('thead', {}, head), element('tbody', {}, ...rows.map(rowOf)),
    total ? element('tfoot', {}, rowOf(total)) : null);
}

// Charts

const figures = new Map();

function palette() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

const TICK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800,
  604800, 1209600, 2419200, 7257600, 31536000];

/** Ticks on full units by the reader's clock. */
function timeTicks(scale) {
  const fitting = Math.max(3, Math.floor(scale.width / 85));
  const step = TICK_STEPS.find((s) => (scale.max - scale.min) / s <= fitting) ?? TICK_STEPS.at(-1);
  const offset = -dateOf(scale.min).getTimezoneOffset() * 60;
  scale.ticks = [];
  for (let t = Math.ceil((scale.min + offset) / step) * step - offset; t <= scale.max; t += step)
    scale.ticks.push({ value: t });
  scale.tickStep = step;
}

function tickText(value, scale) {
  const at = dateOf(value);
  if (scale.tickStep >= 86400) return dayShort.format(at);
  const midnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;
  if (midnight) return dayShort.format(at);
  return (scale.tickStep < 60 ? clock : clockShort).format(at);
}

const axisNumber = (value) => (Math.abs(value) >= 10000 ? `${count(value / 1000)}k` : count(value));

function chartOptions(spec, color) {
  const grid = { color: color('line'), drawBorder: false, tickLength: 4 };
  const ticks = { color: color('quiet'), font: { size: 12 } };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    interaction: { mode: 'index', intersect: false },
    scales: {
      x: {
        type: 'linear', min: spec.t[0], max: spec.t.at(-1) + spec.slice, afterBuildTicks: timeTicks, grid,
        ticks: { ...ticks, autoSkip: false, maxRotation: 0, callback(value) { return tickText(value, this); } },
      },
      y: {
        beginAtZero: true, suggestedMax: spec.suggestedMax, grid,
        title: { display: true, text: spec.unit, color: color('quiet'), font: { size: 12 } },
        ticks: { ...ticks, maxTicksLimit: 6, precision: spec.whole ? 0 : undefined, callback: axisNumber },
      },
    },
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: color('panel'), titleColor: color('ink'), bodyColor: color('ink'), borderColor: color('line'),
        borderWidth: 1, boxPadding: 4,
        callbacks: {
          title: (items) => (items.length ? sliceText(spec, sliceAt(spec, items[0].parsed.x)) : ''),
          label: (item) => `${item.dataset.label}: ${spec.write(item.dataset.values[sliceAt(spec, item.parsed.x)])}`,
        },
      },
    },
  };
}

const sliceAt = (spec, x) => Math.min(Math.floor((x - spec.t[0]) / spec.slice), spec.t.length - 1);
const sliceText = (spec, i) =>
  `${full.format(dateOf(spec.t[i]))} – ${clock.format(dateOf(spec.t[i] + spec.slice))}`;

/** A column as points, each of which holds until the next; what is stacked stands on the columns before it. */
function steps(spec, columns, nth) {
  const below = spec.stacked ? columns.slice(0, nth) : [];
  const list = spec.t.map((x, i) => ({ x, y: columns[nth].values[i] + sum(below.map((c) => c.values[i])) }));
  if (list.length > 0) list.push({ x: spec.t.at(-1) + spec.slice, y: list.at(-1).y });
  return list;
}

/** Points of a line, where it has any. Those with a short gap between them are joined. */
const dots = (spec, column) => spec.t.map((x, i) => ({ x, y: column.values[i] })).filter((point) => point.y !== null);
const longestGap = (spec) => Math.max(2 * spec.slice, spec.slice * spec.t.length / 8);

function isAlone(spec, data, i) {
  const joined = (j) => data[j] && Math.abs(data[j].x - data[i].x) <= longestGap(spec);
  return !joined(i - 1) && !joined(i + 1);
}

function lineOf(spec, column) {
  return {
    data: dots(spec, column), spanGaps: longestGap(spec),
    pointRadius: (c) => (isAlone(spec, c.dataset.data, c.dataIndex) ? 2 : 0),
  };
}

function areaOf(spec, columns, nth, hue) {
  const filled = columns[nth].style === 'area';
  return {
    data: steps(spec, columns, nth), stepped: 'before', pointRadius: 0,
    fill: filled ? 'origin' : false,
    backgroundColor: spec.stacked ? hue : `${hue}30`,
    borderWidth: spec.stacked ? 0 : 2,
    borderDash: filled ? [] : [6, 4],
    order: filled ? nth : -1, // the first is in front, and a limit before them all
  };
}

function datasetOf(spec, columns, nth, color) {
  const column = columns[nth];
  const hue = color(column.color);
  const common = { label: column.label, values: column.values, borderColor: hue, borderWidth: 2, backgroundColor: hue,
    pointBackgroundColor: hue, pointBorderWidth: 0, pointHoverRadius: 3 };
  return { ...common, ...(spec.smooth ? lineOf(spec, column) : areaOf(spec, columns, nth, hue)) };
}

/** The figure of a chart, made the first time. */
function figureOf(host, spec) {
  if (figures.has(spec.id)) return figures.get(spec.id);
  const f = {
    reading: element('p', { class: 'quiet' }),
    canvas: element('canvas', { role: 'img' }),
    legend: element('ul', { class: 'legend' }),
    table: element('table'),
    chart: null,
    spec,
  };
  f.details = element('details', {}, element('summary', {}, 'The numbers'),
    element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${spec.title}: the numbers` }, f.table));
  f.details.addEventListener('toggle', () => fillNumbers(f));
  f.root = element('figure', { id: spec.id }, element('figcaption', {}, element('h3', {}, spec.title), f.reading),
    element('div', { class: 'plot' }, f.canvas), f.legend, f.details);
  f.root.dataset.place = spec.place ?? 0;
  host.insertBefore(f.root, [...host.children].find((c) => Number(c.dataset.place) > f.root.dataset.place) ?? null);
  figures.set(spec.id, f);
  return f;
}

/** The table behind a chart, while it is open. */
function fillNumbers(f) {
  if (!f.details.open) return;
  const spec = f.spec;
  const columns = ['From', ...spec.columns.map((c) => c.label)];
  const rows = spec.t.map((t, i) => [node(moment(t)), ...spec.columns.map((c) => number(c.values[i]))]);
  fillTable(f.table, `${spec.title} (${spec.unit}), for each ${unitLength(spec.slice)}.`, columns, rows);
}

function fillLegend(f, plotted) {
  const key = (c) => `key ${c.style === 'area' ? '' : 'line'} ${c.style === 'dashed' ? 'dashed' : ''} color-${c.color}`;
  fill(f.legend, ...plotted.map((c) => element('li', {}, element('span', { class: key(c) }), c.label)));
}

/** Draws, or draws again, a chart of `spec`: what it shows, in columns over slices of time. */
function draw(host, spec) {
  const f = figureOf(host, spec);
  f.spec = spec;
  fill(f.reading, spec.reading);
  f.canvas.setAttribute('aria-label', `Chart. ${spec.title}. ${spec.reading}`);
  const plotted = spec.columns.filter((c, i) => (i === 0 && !spec.stacked) || c.style === 'dashed' || c.values.some((v) => v));
  fillLegend(f, plotted);
  const color = palette();
  const data = { datasets: plotted.map((_, nth) => datasetOf(spec, plotted, nth, color)) };
  if (f.chart) {
    Object.assign(f.chart, { data, options: chartOptions(spec, color) });
    f.chart.update('none');
  } else {
    f.chart = new Chart(f.canvas, { type: 'line', data, options: chartOptions(spec, color) });
  }
  fillNumbers(f);
}

function drawAgain() {
  for (const f of figures.values()) draw(f.root.parentNode, f.spec);
}

function remove(id) {
  const f = figures.get(id);
  if (!f) return;
  f.chart.destroy();
  f.root.remove();
  figures.delete(id);
}

// Requests

const column = (label, color, values, style = 'area') => ({ label, color, values, style });

/** A ledger has the last try of each job alone, so that there may have been more. */
function windowReading(limit, values, every) {
  const top = most(values);
  const now = limit.used_now === null ? '' : ` ${count(limit.used_now)} now.`;
  const beyond = top > limit.requests
    ? ' More than the limit in a window that slides: the service was seen to count in fixed ones, or the limit was another then.' : '';
  const peak = every ? `At most ${count(top)} of ${count(limit.requests)} in any ${unitLength(limit.window_s)}.`
    : `At least ${count(top)} of ${count(limit.requests)} in the fullest ${unitLength(limit.window_s)}.`;
  return `${peak}${now}${beyond}`;
}

function drawWindow(host, p, limit, values, place) {
  draw(host, {
    id: `window-${limit.window_s}`, place,
    title: `Requests within ${unitLength(limit.window_s)}`,
    unit: 'requests', whole: true, write: count,
    t: p.requests.t, slice: p.requests.slice_s,
    suggestedMax: limit.requests * 1.05,
    columns: [column(`within ${unitLength(limit.window_s)}, at most`, 'accent', values),
      column('limit', 'bad', values.map(() => limit.requests), 'dashed')],
    reading: windowReading(limit, values, p.every_request),
  });
}

function drawSent(host, p) {
  draw(host, {
    id: 'sent', place: 100, title: 'Requests sent', unit: `per ${unitLength(p.requests.slice_s)}`, whole: true, write: count,
    t: p.requests.t, slice: p.requests.slice_s,
    columns: [column('sent', 'accent', p.requests.sent)],
    reading: `${count(sum(p.requests.sent))} in all.${p.quota.limits.length === 0 ? ' No limit is on record.' : ''}`,
  });
}

const OUTCOMES = [['accepted', 'accepted', 'good'], ['rejected', 'rejected', 'bad'], ['in_doubt', 'in doubt', 'doubt'],
  ['rate_limited', 'rate limited', 'cool'], ['put_back', 'to be tried again', 'idle'], ['told', 'told of a conversion', 'accent']];

function drawOutcomes(host, p) {
  const r = p.requests;
  const known = OUTCOMES.filter(([name]) => r[name]);
  const totals = known.map(([name, label]) => [label, sum(r[name])]).filter(([, n]) => n > 0);
  if (totals.length === 0) return remove('outcomes');
  draw(host, {
    id: 'outcomes', place: 101, title: 'What they came to', unit: `per ${unitLength(r.slice_s)}`, whole: true, write: count,
    t: r.t, slice: r.slice_s, stacked: true,
    columns: known.map(([name, label, color]) => column(label, color, r[name])),
    reading: totals.map(([label, n]) => `${count(n)} ${label}`).join(', ') + '.',
  });
}

function drawLatency(host, p) {
  const r = p.requests;
  const l = p.latency_ms;
  if (!l) return remove('latency');
  draw(host, {
    id: 'latency', place: 102, title: 'How long answers took', unit: 'ms', write: millis,
    t: r.t, slice: r.slice_s, smooth: true,
    columns: [column('median', 'good', r.p50_ms, 'line'), column('90 %', 'accent', r.p90_ms, 'line'),
      column('99 %', 'cool', r.p99_ms, 'line')],
    reading: `Half of all answers took ${millis(l.p50)} at most, 99 % ${millis(l.p99)}; the slowest ${millis(l.max)}.`,
  });
}

function requestsNote(p) {
  const tier = p.quota.tier === null ? [] : [`The limits are those of the tier ${shown(p.quota.tier)}.`];
  if (p.requests.t.length === 0) return ['Nothing was sent so far.', ...tier];
  const left = p.requests.left_out;
  return [
    p.every_request ? '' : 'As the ledger has them: the last try of each job. Earlier tries, refusals by 429 that were followed by another try, and questions about conversions are not in it: more may have been sent than is shown.',
    ...tier,
    left > 0 ? `Not in the charts: ${count(left)} ${left === 1 ? 'request' : 'requests'} that a wrong clock dated before the first run or after now.` : '',
  ].filter((sentence) => sentence !== '');
}

function drawRequests(p) {
  const host = byId('request-charts');
  const any = p.requests.t.length > 0;
  fill(byId('requests-note'), requestsNote(p).join(' '));
  const counted = p.quota.limits.map((limit, i) => [limit, p.requests.windows[i] ?? []]).filter(([, values]) => values.length > 0);
  for (const id of [...figures.keys()].filter((id) => id.startsWith('window-')))
    if (!counted.some(([limit]) => `window-${limit.window_s}` === id)) remove(id);
  if (!any) return;
  counted.forEach(([limit, values], i) => drawWindow(host, p, limit, values, i));
  if (counted.length === 0) drawSent(host, p);
  else remove('sent');
  drawOutcomes(host, p);
  drawLatency(host, p);
}

// States

const JOB_STATES = [['submitted', 'submitted', 'good'], ['pending', 'pending', 'idle'], ['sending', 'on their way', 'accent'],
  ['rejected', 'rejected', 'bad'], ['in_doubt', 'in doubt', 'doubt'], ['invalid', 'invalid', 'bad'], ['expired', 'expired', 'doubt']];
const CONVERSION_STATES = [['completed', 'completed', 'good'], ['processing', 'processing', 'accent'], ['pending', 'pending', 'idle'],
  ['failed', 'failed', 'bad'], ['cancelled', 'cancelled', 'doubt']];

function bar(n, all, color) {
  const b = element('div', { class: `bar color-${color}` });
  b.style.width = `${100 * n / all}%`;
  return b;
}

const share = (n, all) => (all === 0 ? '–' : `${(100 * n / all).toFixed(n === all || n === 0 ? 0 : 1)} %`);

function fillStates(table, caption, states, counts, all) {
  const rows = states.filter(([name]) => counts[name] > 0).map(([name, label, color]) => [
    text(label), number(counts[name]), { text: share(counts[name], all), number: true }, { nodes: [bar(counts[name], all, color)], bar: true }]);
  fillTable(table, caption, ['State', 'Jobs', 'Share', ''], rows);
  table.closest('.panel').hidden = all === 0;
}

function drawEnded(p) {
  const e = p.ended_conversions;
  if (e.t.length === 0) return;
  draw(byId('conversion-charts'), {
    id: 'ended', title: 'Conversions ended', unit: `per ${unitLength(e.slice_s)}`, whole: true, write: count,
    t: e.t, slice: e.slice_s, stacked: true,
    columns: [column('completed', 'good', e.completed), column('failed', 'bad', e.failed), column('cancelled', 'doubt', e.cancelled)],
    reading: `${count(sum(e.completed))} completed, ${count(sum(e.failed))} failed, ${count(sum(e.cancelled))} cancelled.`,
  });
}

function drawStates(p) {
  fillStates(byId('job-states'), `${jobs(p.jobs.total)} in all.`, JOB_STATES, p.jobs, p.jobs.total);
  const submitted = sum(Object.values(p.conversions));
  const missing = p.missing > 0 ? ` ${count(p.missing)} of them it did not know when it was asked last.` : '';
  fillStates(byId('conversion-states'), `Of ${jobs(submitted)} that the service accepted.${missing}`, CONVERSION_STATES,
    p.conversions, submitted);
  drawEnded(p);
}

// Cost

const charged = (line, decimals) => ({ number: true, text: line.final_jobs === 0 ? '–'
  : (line.final_jobs < line.jobs ? `for ${count(line.final_jobs)} of them: ` : '') + euros(line.final_micros, decimals) });

function drawCosts(p) {
  const c = p.cost;
  const all = sum(Object.values(p.conversions));
  byId('costs').closest('section').hidden = all === 0;
  const decimals = decimalsOf([c, ...c.by].flatMap((line) => [line.estimated_micros, line.final_micros]));
  const rows = c.by.map((line) => [line.job_type === null ? text('not recorded') : node(foreign(line.job_type)), text(line.state),
    number(line.jobs), { text: euros(line.estimated_micros, decimals), number: true }, charged(line, decimals)]);
  const total = [text('all'), text(''), number(all), { text: euros(c.estimated_micros, decimals), number: true },
    charged({ ...c, jobs: all }, decimals)];
  fillTable(byId('costs'), 'What the service estimated for the jobs that it accepted, and what it charged in the end.',
    ['Type', 'Conversion', 'Jobs', 'Estimated', 'Charged'], rows, total);
  fill(byId('cost-note'), c.more_lines > 0
    ? `${count(c.more_lines)} further lines of fewer jobs are in the sums alone.` : '');
}

// What needs attention

const KINDS = {
  rejected: ['rejected by the service', 'bad'],
  in_doubt: ['in doubt', 'doubt'],
  sending: ['in flight when their run died', 'doubt'],
  invalid: ['invalid in the manifest', 'bad'],
  expired: ['not sent: expired', 'doubt'],
  failed: ['whose conversion failed', 'bad'],
  cancelled: ['whose conversion was cancelled', 'doubt'],
  missing: ['whose conversion the service does not know', 'doubt'],
};

// A command is never cut: it is to be copied.
const stepOf = (s) => element('li', {}, s.what + (s.command === null ? '.' : ':'),
  s.command === null ? null : element('code', {}, element('bdi', {}, visible(s.command))));

function why(g) {
  const parts = [];
  if (g.http_status !== null) parts.push(element('span', { class: 'nowrap' }, `HTTP ${g.http_status} `));
  if (g.error !== null) parts.push(element('code', {}, foreign(g.error)), ' ');
  if (g.message !== null) parts.push(foreign(g.message));
  return { nodes: parts.length > 0 ? parts : ['no reason is on record'], words: true };
}

function places(g) {
  const lines = g.first.map((j) => element('span', { class: 'place' }, foreign(baseName(j.manifest)), ` line ${count(j.line)}`,
    j.job_id === null ? '' : ' · ', j.job_id === null ? '' : foreign(j.job_id)));
  if (g.jobs > g.first.length) lines.push(element('span', { class: 'place quiet' }, `and ${jobs(g.jobs - g.first.length)} more`));
  return { nodes: lines, words: true };
}

/** The commonest reason, for who does not look further. */
function mainly(problem) {
  const g = problem.groups[0];
  const words = g.message ?? g.error;
  if (words === null) return [];
  return [problem.groups.length > 1 ? `mainly (${count(g.jobs)}): ` : '', foreign(words)];
}

function problemOf(problem) {
  const [label, color] = KINDS[problem.kind] ?? [shown(problem.kind), 'doubt'];
  const table = element('table', { class: 'fold' });
  fillTable(table, '', ['Jobs', 'Why', 'Where'], problem.groups.map((g) => [number(g.jobs), why(g), places(g)]));
  table.caption.remove();
  const more = problem.more_groups > 0
    ? element('p', { class: 'quiet' }, `${jobs(problem.more_jobs)} more for ${count(problem.more_groups)} rarer reasons.`) : null;
  return element('details', { class: `problem color-${color}`, id: `problem-${problem.kind}` },
    element('summary', {}, element('h3', {}, `${jobs(problem.jobs)} ${label}`), ' ', element('span', { class: 'quiet' }, ...mainly(problem))),
    element('ol', { class: 'steps' }, ...problem.advice.map(stepOf)), element('div', { class: 'scroll' }, table), more);
}

function restOf(p) {
  if (p.jobs.pending === 0 || p.running || (p.live && !p.ended)) return null;
  return element('p', {}, `${jobs(p.jobs.pending)} ${p.jobs.pending === 1 ? 'is' : 'are'} pending: run the same `,
    element('code', {}, 'mcbatch submit'), ' again to send what is left.');
}

/** How many jobs are not as they were to be. While a run goes on, what is on its way is as it is to be. */
function attention(p) {
  const j = p.jobs;
  return j.rejected + j.in_doubt + j.invalid + j.expired + (p.running || p.live ? 0 : j.sending)
    + p.conversions.failed + p.conversions.cancelled + (p.missing ?? 0);
}

/** What is said in place of problems. The counts may be younger than the look at the ledger that found no reasons. */
const noProblems = (p) => (attention(p) === 0
  ? element('p', { class: 'fine' }, 'Nothing: no job was refused, is in doubt, invalid or expired, and no conversion failed.')
  : element('p', {}, `${jobs(attention(p))}; the reasons follow when the ledger is read again.`));

function drawProblems(p) {
  const rest = restOf(p);
  const list = p.problems.map(problemOf);
  for (const problem of list) if (byId(problem.id)?.open) problem.open = true;
  fill(byId('problems'), element('div', { class: 'problems' }, ...(list.length > 0 || rest ? [...list, rest] : [noProblems(p)])));
}

// Runs

const REASONS = {
  done: 'done', signal: 'stopped by a signal', max_duration: 'stopped by --max-duration', max_jobs: 'stopped by --max-jobs',
  max_cost: 'stopped by --max-cost', unauthorized: 'the token was refused (401)', forbidden: 'refused (403)',
  payment_required: 'no credit (402)', redirected: 'the service redirected', outage: 'the service did not work',
  tls: 'its certificate did not verify', ledger: 'the ledger could not be written',
};
const reason = (r) => (Object.hasOwn(REASONS, r) ? REASONS[r] : shown(r));
const isGoingOn = (p, run) => run.going_on ?? (run === p.runs.at(-1) && run.ended_at === null && (p.running || (p.live && !p.ended)));

function drawRuns(p) {
  const outcome = (run) => (run.ended_at !== null ? reason(run.stop_reason ?? '') : isGoingOn(p, run) ? 'going on' : 'was killed');
  const rows = p.runs.map((run) => [node(moment(run.started_at)), text(run.kind ?? 'submit'),
    run.ended_at === null ? text('–') : node(moment(run.ended_at)),
    { text: run.ended_at === null ? '–' : length(run.ended_at - run.started_at), number: true },
    text(outcome(run)), number(run.submitted), number(run.requests)]).reverse();
  const table = byId('runs');
  table.className = 'fold';
  fillTable(table, rows.length === 0 ? 'No run so far.' : 'The latest first.',
    ['Began', 'Command', 'Ended', 'Took', 'Came to', 'Submitted', 'Requests'], rows);
  fill(byId('runs-note'), p.earlier_runs > 0 ? `${count(p.earlier_runs)} earlier runs are not listed.` : '');
}

// The head of the page

function nameOf(p) {
  const only = p.manifests.length === 1 && p.more_manifests === 0 && p.manifests[0] !== '-';
  return baseName(only ? p.manifests[0] : p.ledger);
}

const percent = (p) => (p.progress.all === 0 ? null : Math.floor(100 * p.progress.done / p.progress.all));

function standing(p, connected) {
  const last = p.runs.at(-1);
  if (p.live && !p.ended && !connected) return ['Connection lost', 'bad'];
  if (p.live && !p.ended) return [p.doing === 'tracking' ? 'Live: tracking' : 'Live: submitting', ''];
  if (p.running) return [p.doing === 'tracking' ? 'Tracking goes on' : 'A run goes on', ''];
  if (!last) return ['No run so far', ''];
  if (last.ended_at === null) return ['The last run was killed', 'bad'];
  return [`Last run: ${reason(last.stop_reason ?? '')}`, last.stop_reason === 'done' ? 'good' : 'doubt'];
}

const OLD_S = 5; // a look at the ledger that is older is not of now

function drawHead(p, connected) {
  const name = shown(nameOf(p));
  const part = percent(p);
  document.title = part === null ? name : `${part} % — ${name}`;
  fill(byId('name'), foreign(nameOf(p)));
  const others = p.manifests.length + p.more_manifests;
  fill(byId('source'), others > 1 ? `${count(others)} manifests in ` : 'Ledger ', foreign(p.ledger));
  const [words, kind] = standing(p, connected);
  const pill = byId('state');
  if (pill.textContent !== words) pill.textContent = words;
  pill.className = `pill ${kind}`;
  const isOlder = p.survey_at && p.generated_at - p.survey_at > OLD_S;
  fill(byId('when'), 'as of ', moment(p.generated_at), isOlder ? '; the ledger was last read ' : '',
    isOlder ? moment(p.survey_at) : '');
  drawProgress(p, part);
  fill(byId('footnote'), `Times are by the clock of ${zone(p.generated_at)}. Amounts are exact; cards are rounded to the cent.`);
}

function drawProgress(p, part) {
  const bar = byId('progress');
  bar.max = Math.max(p.progress.all, 1);
  bar.value = p.progress.done;
  const what = p.progress.of === 'jobs' ? `${jobs(p.progress.all)} settled` : `${count(p.progress.all)} conversions ended`;
  const left = p.eta_s !== null && p.eta_s > 0 ? ` About ${length(p.eta_s)} left, until ${timeOfDay(p.generated_at + p.eta_s, p.generated_at)}.` : '';
  const missing = p.progress.of === 'conversions' && p.missing > 0 ? ` The service does not know ${count(p.missing)} more.` : '';
  fill(byId('progress-text'), element('strong', {}, part === null ? '–' : `${part} %`),
    `: ${count(p.progress.done)} of ${what}.${missing}${left}`);
}

/** Called every second: the end of a wait comes nearer. */
function drawWaiting(p) {
  const line = byId('waiting');
  line.hidden = p.waiting === null;
  if (p.waiting === null) return;
  const sentence = p.waiting.for.charAt(0).toUpperCase() + p.waiting.for.slice(1);
  if (byId('waiting-for').textContent !== sentence) byId('waiting-for').textContent = sentence;
  const left = p.waiting.until - (p.live ? runsClock() : p.generated_at);
  fill(byId('waiting-until'), p.waiting.until !== null && left > 0
    ? `until ${timeOfDay(p.waiting.until, p.generated_at)}, ${length(Math.ceil(left))} from ${p.live ? 'now' : 'then'}` : '');
}

const LEAST_S = 5; // to tell of a pace

/** How many a minute lately, and over how long: a minute, and whole slices; no longer than the run goes on. */
function recentPace(p, series, values) {
  const span = Math.max(60, 2 * series.slice_s);
  const run = p.runs.find((r) => isGoingOn(p, r) && r.started_at < p.generated_at);
  const began = Math.max(run?.started_at ?? series.t[0] ?? p.generated_at, p.generated_at - span);
  const first = series.t.findIndex((t) => t + series.slice_s > began);
  const time = p.generated_at - (first > 0 ? series.t[first] : began);
  return first < 0 || time < LEAST_S ? null : [60 * sum(values.slice(first)) / time, time];
}

/** Jobs accepted in a minute: lately where the page is live, else over all runs. Null: nothing is to be said. */
function pace(p) {
  if (p.live && !p.ended) {
    const lately = recentPace(p, p.requests, p.requests.accepted);
    return lately && [lately[0], `accepted, over the last ${length(lately[1])}`];
  }
  const busy = p.runs.filter((r) => r.kind !== 'track' && r.ended_at !== null && r.submitted !== null);
  const time = sum(busy.map((r) => r.ended_at - r.started_at));
  return time > 0 ? [60 * sum(busy.map((r) => r.submitted)) / time, `accepted, over ${length(time)} of runs`] : null;
}

/** Conversions that end in a minute, lately, while they are followed. */
function endPace(p) {
  const e = p.ended_conversions;
  const lately = p.live && !p.ended && recentPace(p, e, e.t.map((_, i) => e.completed[i] + e.failed[i] + e.cancelled[i]));
  return lately ? [lately[0], `ended, over the last ${length(lately[1])}`] : null;
}

const card = (title, big, kind, small) => element('div', { class: 'card' }, element('dt', {}, title),
  element('dd', { class: `big ${kind} ${big.length > 8 ? 'long' : ''}` }, big), element('dd', { class: 'quiet' }, small));

const paceText = (rate) => count(rate < 10 ? Number(rate.toFixed(1)) : Math.round(rate));

function attentionCard(p) {
  const wrong = attention(p);
  return card('Need attention', count(wrong), wrong > 0 ? 'bad' : 'good',
    wrong > 0 ? element('a', { href: '#problems' }, 'which, and what to do') : 'none');
}

function costCard(c) {
  return c.final_jobs > 0 ? card('Cost', euros(c.final_micros), '', `charged; ${euros(c.estimated_micros)} estimated in all`)
    : card('Cost', euros(c.estimated_micros), '', 'estimated');
}

/** Those cards that have something to say. */
function drawNumbers(p) {
  const j = p.jobs;
  const l = p.latency_ms;
  const tracking = p.doing === 'tracking';
  const bad = p.conversions.failed + p.conversions.cancelled;
  const followed = tracking || bad + p.conversions.completed + p.conversions.processing > 0;
  const open = j.pending + j.sending;
  const accepting = pace(p);
  const ending = endPace(p);
  fill(byId('numbers'),
    tracking && j.submitted === j.total ? null : card('Submitted', count(j.submitted), '', `of ${jobs(j.total)}`),
    tracking && open === 0 ? null : card('To be sent', count(j.pending), '', j.sending > 0 ? `and ${count(j.sending)} on their way` : ''),
    attentionCard(p),
    followed ? card('Converted', count(p.conversions.completed), '', bad > 0 ? `${count(bad)} failed or cancelled` : `of ${jobs(j.submitted)}`) : null,
    j.submitted > 0 ? costCard(p.cost) : null,
    accepting && !(tracking && accepting[0] === 0) ? card('Jobs a minute', paceText(accepting[0]), '', accepting[1]) : null,
    ending && followed ? card('Conversions a minute', paceText(ending[0]), '', ending[1]) : null,
    l ? card('Answers took', millis(l.p50), '', `median; 99 % within ${millis(l.p99)}`) : null);
}

// The whole

let current = null;
let connected = true;
let aheadMs = 0; // the run's clock, of the reader's

/** The time now, by the clock that the picture's times are of. */
const runsClock = () => (Date.now() + aheadMs) / 1000;

function drawAll(p) {
  current = p;
  aheadMs = p.generated_at * 1000 - Date.now();
  drawHead(p, connected);
  drawWaiting(p);
  drawNumbers(p);
  drawProblems(p);
  drawRequests(p);
  drawStates(p);
  drawCosts(p);
  drawRuns(p);
}

// Live

const SILENCE_MS = 30000; // a connection that says nothing for so long is taken for dead
const RETRY_MS = 3000;
let source = null;
let heard = 0;

function setConnected(yes) {
  if (connected === yes) return;
  connected = yes;
  document.body.classList.toggle('lost', !yes);
  drawHead(current, connected);
}

function heardPicture(event) {
  heard = Date.now();
  const p = JSON.parse(event.data);
  if (p.ended) source.close();
  drawAll(p);
  setConnected(true);
}

function follow() {
  source?.close();
  heard = Date.now();
  source = new EventSource('events');
  source.onmessage = heardPicture;
  source.onerror = () => {
    setConnected(false);
    // The browser connects again by itself, but not after an answer that is no stream.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, RETRY_MS);
  };
}

function watch() {
  if (current.ended) return;
  drawWaiting(current);
  if (Date.now() - heard < SILENCE_MS) return;
  setConnected(false);
  follow();
}

// Colors

/** On paper it is light, and what needs attention is told in full. */
function setPaper(yes) {
  document.documentElement.classList.toggle('on-paper', yes);
  for (const d of document.querySelectorAll('details.problem')) {
    if (yes) d.dataset.wasOpen = d.open;
    d.open = yes || d.dataset.wasOpen === 'true';
  }
  drawAgain();
}

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
drawAll(JSON.parse(byId('picture').textContent));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAgain);
addEventListener('beforeprint', () => setPaper(true));
addEventListener('afterprint', () => setPaper(false));
if (current.live && !current.ended) {
  follow();
  setInterval(watch, 1000);
}

})();
