/** The topics that people work with: found, named, and how well they hold together. */
import { hueColour, usualHue } from '../../../chart/colour.ts'
import { count } from '../../../common/text.ts'
import type { TopicList, TopicRow } from '#contract'
import { figureBlock, missing, paragraph, tableBlock, warning } from '../../../formats/report/document.ts'
import type { Block, ReportSection } from '../../../formats/report/document.ts'
import { lineFigure } from '../../../formats/report/figures/lines.ts'
import { barFigure } from '../../../formats/report/figures/rows.ts'
import { command, fixed, modelName, percent } from './source.ts'
import type { ReportSource } from './source.ts'

/** Words of a topic that are shown, and topics that a figure has rows for. */
const WORDS = 8
const DRAWN = 30

export async function topicsSection(source: ReportSource): Promise<ReportSection> {
  const { queries, call } = source
  const list = (await queries.topics.list(undefined, call)) as TopicList
  const current = list.topics
    .filter(({ state }) => state !== 'junk')
    .sort((a, b) => b.size - a.size || a.id - b.id)
  const blocks =
    current.length === 0
      ? [missing('No topics are found yet.', command(source, 'topics'))]
      : [...described(list, current), topicTable(source, current), ...figures(current)]
  return { id: 'topics', title: 'Topics', blocks: [...blocks, ...(await numbersOfTopics(source))] }
}

function described(
  { run, rule, stale, topics, wordsEdited }: TopicList,
  current: readonly TopicRow[],
): Block[] {
  const junk = topics.length - current.length
  const named = current.filter(({ labelled }) => labelled).length
  return [
    paragraph(
      [
        foundIn(run, current.length),
        `A clip bears at most ${count(rule.topicsPerClip, 'topic')}, each with at least ${percent(rule.minShare)} of its words, where nobody has set otherwise.`,
        `People named or accepted ${named} of the ${count(current.length, 'name')}; the others are proposed from the words.`,
        ...(junk > 0 ? [`${count(junk, 'topic')} ${junk === 1 ? 'was' : 'were'} put aside as junk.`] : []),
      ].join(' '),
    ),
    ...stale.map(warning),
    ...(wordsEdited ? [warning('Words were edited since clips were given their topics.')] : []),
  ]
}

function foundIn(run: TopicList['run'], current: number): string {
  const topics = count(current, 'topic')
  if (run === null) {
    return `${topics}.`
  }
  const clips = run.origin === 'found' && run.from === 'train' ? 'training clip' : 'clip'
  const how = {
    found: `found by latent Dirichlet allocation (k = ${run.k}, ${count(run.sweeps, 'sweep')}, seed ${run.seed}) in the captions of`,
    reassigned: 'given anew, under words that people edited, to',
    imported: 'imported for',
  }[run.origin]
  const words = run.tokens > 0 ? ` (${count(run.tokens, 'word')})` : ''
  const coherence = run.npmi === null ? '' : `; mean coherence when they were found ${fixed(run.npmi)}`
  return `${topics}, ${how} ${count(run.documents, clips)}${words}${coherence}.`
}

function topicTable(source: ReportSource, current: readonly TopicRow[]): Block {
  const namer = source.project.store.edits.topicNamers()
  const model = source.models.find(({ current: isCurrent }) => isCurrent)
  const ofModel =
    model === undefined ? 'no model is the current one' : `of ${modelName(model)} on the validation split`
  return tableBlock({
    name: 'topics',
    title: 'Topics, the largest first',
    note:
      `Words: the ${WORDS} likeliest, p(word | topic). Share: of all tokens that topics were found in. Clips: those that bear it, of all splits. NPMI: normalised pointwise mutual information of its ` +
      `ten likeliest words over the documents, -1 to 1. AP: average precision of the topic head (${ofModel}); a dash where it knows no such topic, or no clip tells.`,
    columns: [
      { name: 'topic' },
      { name: 'id', plain: true },
      { name: 'words', wide: true },
      { name: 'share', digits: 3 },
      { name: 'clips' },
      { name: 'NPMI', digits: 2 },
      { name: 'AP', digits: 3 },
      { name: 'named by' },
    ],
    rows: current.map((topic) => [
      topic.label,
      topic.id,
      likeliest(topic),
      topic.size,
      topic.clips,
      topic.npmi,
      topic.averagePrecision,
      topic.labelled ? (namer(topic.id) ?? 'not recorded') : 'its words',
    ]),
  })
}

const likeliest = ({ words }: TopicRow): string =>
  words
    .toSorted((a, b) => b.p - a.p)
    .slice(0, WORDS)
    .map(({ word }) => word.replaceAll('_', ' '))
    .join(', ')

function figures(current: readonly TopicRow[]): Block[] {
  const drawn = current.slice(0, DRAWN)
  const which =
    current.length > DRAWN
      ? `The ${DRAWN} largest of ${current.length} topics.`
      : `All ${count(current.length, 'topic')}.`
  const bars = (
    title: string,
    { note, over, of }: { note: string; over: string; of: (topic: TopicRow) => number | null },
  ): Block[] => {
    const rows = drawn.flatMap((topic) => {
      const value = of(topic)
      return value === null
        ? []
        : [{ label: topic.label, value, colour: hueColour(topic.hue ?? usualHue(topic.id)) }]
    })
    return rows.length === 0
      ? []
      : [figureBlock(barFigure({ title, note: `${note} ${which}`, over, rows, format: fixed }))]
  }
  return [
    ...bars('Size of topics', {
      note: 'The share of all tokens that each topic has.',
      over: 'share of tokens',
      of: ({ size }) => size,
    }),
    ...bars('Coherence of topics', {
      note: 'NPMI of the ten likeliest words.',
      over: 'NPMI',
      of: ({ npmi }) => npmi,
    }),
  ]
}

/** What several numbers of topics came to, where they were tried. */
async function numbersOfTopics({ queries, call }: ReportSource): Promise<Block[]> {
  const sweep = await queries.topics.lastSweep(undefined, call)
  if (sweep === null) {
    return []
  }
  const { points, documents, tokens, heldOutDocuments } = sweep
  const note = `${count(documents, 'clip')} (${count(tokens, 'word')}); held out: ${count(heldOutDocuments, 'clip')} of the validation split.`
  return [
    tableBlock({
      name: 'topics-k',
      title: 'Numbers of topics that were tried',
      note: `${note} NPMI and C_V are means over topics; ln p: mean of a held-out token, given the other half of its clip's.`,
      columns: [
        { name: 'k' },
        { name: 'NPMI', digits: 3 },
        { name: 'C_V', digits: 3 },
        { name: 'ln p', digits: 3 },
        { name: 'seconds', digits: 1 },
      ],
      rows: points.map(({ k, npmi, cv, heldOut, seconds }) => [k, npmi, cv, heldOut, seconds]),
    }),
    figureBlock(
      lineFigure({
        title: 'Coherence by the number of topics',
        note,
        x: points.map(({ k }) => k),
        lines: [
          { label: 'NPMI', values: points.map(({ npmi }) => npmi) },
          { label: 'C_V', values: points.map(({ cv }) => cv) },
        ],
        over: 'topics',
        counted: 'coherence',
      }),
    ),
  ]
}
