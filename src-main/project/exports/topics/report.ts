/**
 * The topics as one page that stands alone: no script, nothing from the network, light and dark, and readable
 * on paper.
 */
import type { TopicList, TopicMap, TopicRow } from '#contract'
import { hueColour, usualHue } from '../../../chart/colour.ts'
import { escapeHtml as escape } from '../../../formats/text/html.ts'
import type { OutFile } from '../files.ts'

/** Words with bars of each topic. */
const WORDS = 15
/** Half the width of the map's plane, the border included, and the radius of a topic that held all tokens. */
const [PLANE, LARGEST] = [1.15, 0.45]

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d1f21, #e8e6e3); --dim: light-dark(#5f6368, #a3a6aa); --line: light-dark(#d9dce0, #3a3d42); --page: light-dark(#fff, #17181a); }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.5rem; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 0; }
p { margin: .25rem 0; } a { color: inherit; } .dim { color: var(--dim); font-size: .9em; }
svg { display: block; width: 100%; max-width: 40rem; margin: 0 auto; border: 1px solid var(--line); border-radius: 6px; }
svg text { font: .05px system-ui, sans-serif; fill: var(--ink); text-anchor: middle; dominant-baseline: central; pointer-events: none; }
svg circle { fill-opacity: .45; stroke-width: .006; }
svg a:hover circle { fill-opacity: .8; }
.topics { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
article { border: 1px solid var(--line); border-left-width: 5px; border-radius: 6px; padding: .75rem 1rem; break-inside: avoid; }
table { border-collapse: collapse; width: 100%; margin-top: .5rem; } td { padding: 0 .25rem; vertical-align: middle; }
td:first-child { white-space: nowrap; width: 1%; } td:last-child { text-align: right; width: 1%; font-variant-numeric: tabular-nums; color: var(--dim); font-size: .85em; }
.bar { display: block; height: .65em; min-width: 1px; border-radius: 2px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 11px; } .topics { grid-template-columns: 1fr 1fr; } }
`

/** report.html. */
export function reportFile(project: string, list: TopicList, map: TopicMap): OutFile {
  return { name: 'report.html', pieces: page(project, list, map) }
}

function* page(
  project: string,
  { run, rule, topics, stale }: TopicList,
  { points }: TopicMap,
): Generator<string> {
  const current = topics
    .filter(({ state }) => state !== 'junk')
    .sort((a, b) => b.size - a.size || a.id - b.id)
  const junk = topics.filter(({ state }) => state === 'junk')
  yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Topics of ${escape(project)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n`
  yield `<header>\n<h1>Topics of ${escape(project)}</h1>\n<p>${escape(summary(run, current.length))}</p>\n`
  if (stale.length > 0) {
    yield `<p>${escape(stale.join(' '))}</p>\n`
  }
  yield `<p class="dim">A clip bears at most ${number(rule.topicsPerClip)} topics, each with at least ${percent(rule.minShare)} of its words. Bars are a word's probability in the topic. Coherence is NPMI, -1 to 1.</p>\n</header>\n`
  const placed = new Map(current.map((topic) => [topic.id, topic]))
  const shown = points
    .filter(({ id }) => placed.has(id))
    .sort((a, b) => placed.get(b.id)!.size - placed.get(a.id)!.size || a.id - b.id)
  if (shown.length > 0) {
    yield `<h2>Map</h2>\n<p class="dim">Topics that share words lie near each other; a circle's area is the topic's part of all words; the number is its id.</p>\n<svg viewBox="${-PLANE} ${-PLANE} ${2 * PLANE} ${2 * PLANE}" role="img" aria-label="Map of the topics">\n`
    for (const { id, x, y } of shown) {
      const topic = placed.get(id)!
      const radius = Math.max(0.02, LARGEST * Math.sqrt(topic.size))
      yield `<a href="#topic-${id}"><title>${escape(topic.label)}, ${percent(topic.size)} of all words</title><circle cx="${x.toFixed(4)}" cy="${(-y).toFixed(4)}" r="${radius.toFixed(4)}" style="fill: ${colour(topic)}; stroke: ${colour(topic)}"/></a>\n`
    }
    // Above all circles, so that a small one's number can be read in a large one.
    for (const { id, x, y } of shown) {
      yield `<text x="${x.toFixed(4)}" y="${(-y).toFixed(4)}">${id}</text>\n`
    }
    yield '</svg>\n'
  }
  yield '<h2>Topics, the largest first</h2>\n<div class="topics">\n'
  for (const topic of current) {
    yield article(topic)
  }
  yield '</div>\n'
  if (junk.length > 0) {
    yield `<h2>Junk</h2>\n<p class="dim">${junk.map(({ label }) => escape(label)).join('; ')}</p>\n`
  }
  yield '</body>\n</html>\n'
}

function summary(run: TopicList['run'], current: number): string {
  if (run === null) {
    return `${number(current)} topics.`
  }
  const how = { found: 'found in', reassigned: 'given anew to', imported: 'imported for' }[run.origin]
  const clips = run.origin === 'found' && run.from === 'train' ? 'training clips' : 'clips'
  return `${number(current)} topics, ${how} the captions of ${number(run.documents)} ${clips}${run.tokens > 0 ? ` (${number(run.tokens)} words)` : ''}${run.npmi === null ? '' : `; mean coherence ${run.npmi.toFixed(3)}`}.`
}

function article(topic: TopicRow): string {
  const { id, label, description, state, words, size, npmi, clips, clearest } = topic
  const shown = [...words].sort((a, b) => b.p - a.p).slice(0, WORDS)
  const most = shown[0]?.p ?? 1
  const facts = [
    `topic ${id}`,
    ...(state === 'hidden' ? ['hidden'] : []),
    `${percent(size)} of all words`,
    npmi === null ? 'no coherence' : `coherence ${npmi.toFixed(3)}`,
    clips === 1 ? '1 clip' : `${number(clips)} clips`,
  ]
  const rows = shown.map(
    ({ word, p }) =>
      `<tr><td>${escape(word.replaceAll('_', ' '))}</td><td><span class="bar" style="width: ${((100 * p) / most).toFixed(1)}%; background: ${colour(topic)}"></span></td><td>${p.toFixed(4)}</td></tr>\n`,
  )
  return [
    `<article id="topic-${id}" style="border-left-color: ${colour(topic)}">\n<h3>${escape(label)}</h3>\n<p class="dim">${facts.join(' · ')}</p>\n`,
    description === '' ? '' : `<p>${escape(description)}</p>\n`,
    rows.length === 0 ? '' : `<table>\n${rows.join('')}</table>\n`,
    clearest.length === 0
      ? ''
      : `<p class="dim">Clearest: ${clearest.map(({ name }) => escape(name)).join(', ')}</p>\n`,
    '</article>\n',
  ].join('')
}

/** As in the window: the hue that was chosen, or the one that follows from the id. */
const colour = ({ id, hue }: Pick<TopicRow, 'id' | 'hue'>): string => hueColour(hue ?? usualHue(id))
const number = (value: number): string => value.toLocaleString('en')
const percent = (share: number): string => `${Number((100 * share).toFixed(1))}%`
