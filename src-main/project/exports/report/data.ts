/** What the project knows of its clips and of what people say of them. */
import { breather } from '../../../common/breather.ts'
import { count } from '../../../common/text.ts'
import { tokenize } from '../../../common/tokenize.ts'
import { figureBlock, missing, paragraph, tableBlock, warning } from '../../../formats/report/document.ts'
import type { Block, ReportCell, ReportSection } from '../../../formats/report/document.ts'
import { histogramFigure } from '../../../formats/report/figures/histogram.ts'
import { command, day, SPLIT_NAMES, SPLITS } from './source.ts'
import type { ReportSource } from './source.ts'

export async function dataSection(source: ReportSource): Promise<ReportSection> {
  return {
    id: 'data',
    title: 'Data',
    blocks: [
      ...(await clipsAndCaptions(source)),
      ...(await languages(source)),
      ...(await features(source)),
      ...(await imports(source)),
    ],
  }
}

interface SplitFigures {
  clips: number
  captioned: number
  captions: number
  words: number
  distinct: number
  /** Words that the training captions have not, and all of its words. */
  unseen: number | null
  seconds: number
  withDuration: number
}

async function clipsAndCaptions(source: ReportSource): Promise<Block[]> {
  const { store } = source.project
  const clips = store.clips.count()
  if (clips === 0) {
    return [missing('The project has no clips yet.', command(source, 'import --videos DIR --captions FILE'))]
  }
  const { bySplit, all, lengths } = await countWords(source)
  const row = (name: string, of: SplitFigures): ReportCell[] => [
    name,
    of.clips,
    of.captioned,
    of.captions,
    of.captioned === 0 ? null : of.captions / of.captioned,
    of.words,
    of.captions === 0 ? null : of.words / of.captions,
    of.distinct,
    of.unseen,
    of.withDuration === 0 ? null : of.seconds / 60,
  ]
  const kinds = Map.groupBy(store.clips.all(), ({ kind }) => kind)
  const made = [...kinds].map(([kind, ofKind]) => count(ofKind.length, KINDS[kind])).join(', ')
  const removed = store.clips.countRemoved()
  return [
    paragraph(
      `${count(clips, 'clip')} (${made}), ${all.captioned === clips ? 'all' : `${all.captioned} of them`} with captions that people wrote.` +
        (removed > 0
          ? ` ${count(removed, 'clip')} ${removed === 1 ? 'was' : 'were'} removed and counted nowhere.`
          : ''),
    ),
    tableBlock({
      name: 'data-splits',
      title: 'Clips and captions by split',
      note:
        'Words are lower case runs of letters, marks and digits, as the captioner reads them. Distinct: different words. Unseen: the share of the words of a split, ' +
        'repetitions included, that no training caption has. Minutes are of clips whose length is known.',
      columns: [
        { name: 'split' },
        { name: 'clips' },
        { name: 'captioned' },
        { name: 'captions' },
        { name: 'a clip', digits: 1 },
        { name: 'words' },
        { name: 'a caption', digits: 1 },
        { name: 'distinct' },
        { name: 'unseen', digits: 3 },
        { name: 'minutes', digits: 1 },
      ],
      rows: [...SPLITS.map((split) => row(SPLIT_NAMES[split], bySplit[split])), row('all', all)],
    }),
    ...(await sharedContent(source)),
    ...(lengths.length === 0
      ? []
      : [
          figureBlock(
            histogramFigure({
              title: 'Length of captions',
              note: `${count(lengths.length, 'caption')} of all splits.`,
              series: [{ label: 'captions', values: lengths }],
              over: 'words of a caption',
              counted: 'captions',
              whole: true,
            }),
          ),
        ]),
  ]
}

const KINDS = { video: 'video', picture: 'picture', frames: 'folder of frames' } as const

async function countWords({ project: { store }, call }: ReportSource) {
  const breathe = breather(call.signal)
  const lengths: number[] = []
  const training = new Set<string>()
  const everywhere = new Set<string>()
  const bySplit = {} as Record<(typeof SPLITS)[number], SplitFigures>
  for (const split of SPLITS) {
    const distinct = new Set<string>()
    let [words, unseen] = [0, 0]
    for (const captions of store.captions.textsByClip(split).values()) {
      for (const tokens of captions.map(tokenize)) {
        lengths.push(tokens.length)
        words += tokens.length
        for (const token of tokens) {
          distinct.add(token)
          everywhere.add(token)
          if (split === 'train') {
            training.add(token)
          } else if (!training.has(token)) {
            unseen++
          }
        }
      }
      await breathe()
    }
    const clips = store.clips.all(split)
    const durations = clips.flatMap(({ duration }) => (duration === null ? [] : [duration]))
    const { clips: captioned, captions } = store.captions.size(split)
    bySplit[split] = {
      clips: clips.length,
      captioned,
      captions,
      words,
      distinct: distinct.size,
      unseen: split === 'train' || words === 0 ? null : unseen / words,
      seconds: durations.reduce((sum, seconds) => sum + seconds, 0),
      withDuration: durations.length,
    }
  }
  const total = (of: Exclude<keyof SplitFigures, 'unseen'>): number =>
    SPLITS.reduce((sum, split) => sum + bySplit[split][of], 0)
  const all: SplitFigures = {
    clips: total('clips'),
    captioned: total('captioned'),
    captions: total('captions'),
    words: total('words'),
    distinct: everywhere.size,
    unseen: null,
    seconds: total('seconds'),
    withDuration: total('withDuration'),
  }
  return { bySplit, all, lengths }
}

async function sharedContent({ queries, call }: ReportSource): Promise<Block[]> {
  const { sharedContent: shared } = await queries.corpus.imports(undefined, call)
  return shared.length === 0
    ? []
    : [
        warning(
          `${count(shared.length, 'video')} ${shared.length === 1 ? 'has' : 'have'} clips in several splits: figures of validation and test are flattered by it.`,
        ),
      ]
}

async function languages({ queries, call }: ReportSource): Promise<Block[]> {
  const { working, languages: known } = await queries.corpus.languages(undefined, call)
  if (known.length === 0) {
    return [paragraph('No file said which language the captions are in.')]
  }
  const name = known.find(({ language }) => language === working)?.name
  return [
    tableBlock({
      name: 'data-languages',
      title: 'Languages of captions',
      note:
        working === null
          ? 'As their files say it. All of them take part.'
          : `As their files say it. The project works in ${name ?? working}: captions in another language take part in nothing, and are not in the table of splits.`,
      columns: [{ name: 'language' }, { name: 'tag' }, { name: 'captions' }],
      rows: known.map(({ language, name: title, captions }) => [title, language, captions]),
    }),
  ]
}

async function features(source: ReportSource): Promise<Block[]> {
  const { queries, call } = source
  const { sets, clipsWithMedia } = await queries.corpus.featureSets(undefined, call)
  if (sets.length === 0) {
    return [missing('No features are computed yet.', command(source, 'features'))]
  }
  return [
    tableBlock({
      name: 'data-features',
      title: 'Features of frames',
      note: `Of ${count(clipsWithMedia, 'clip')} with a video or picture. Frames: of a clip, at most. Values: of a frame, or of each cell of it. * is the set that new trainings see. Their checksums are in the last section.`,
      columns: [
        { name: 'features', wide: true },
        { name: 'made by', wide: true },
        { name: 'frames' },
        { name: 'values' },
        { name: 'clips' },
        { name: 'models' },
      ],
      rows: sets.map((set) => [
        `${set.title}${set.current ? ' *' : ''}`,
        originOf(set.origin),
        set.frames,
        set.dimension,
        set.clips,
        set.models,
      ]),
    }),
  ]
}

type Origin = Awaited<ReturnType<ReportSource['queries']['corpus']['featureSets']>>['sets'][number]['origin']

function originOf(origin: Origin): string {
  switch (origin.kind) {
    case 'encoder':
      return `${origin.encoder}, grid ${origin.grid}${(origin.cells ?? 1) > 1 ? `, ${origin.cells} x ${origin.cells} cells` : ''}`
    case 'imported':
      return 'computed elsewhere'
    case 'concatenation':
      return `joined of ${origin.keys.length} sets`
  }
}

async function imports({ queries, call }: ReportSource): Promise<Block[]> {
  const held = (await queries.corpus.imports(undefined, call)).imports.filter(({ undone }) => !undone)
  return held.length === 0
    ? []
    : [
        tableBlock({
          name: 'data-imports',
          title: 'Imports',
          note: `The last ${held.length === 1 ? 'one' : held.length}, latest first.`,
          columns: [
            { name: 'day' },
            { name: 'files', wide: true },
            { name: 'clips new' },
            { name: 'captions' },
            { name: 'format' },
          ],
          rows: held.map(({ at, title, report }) => [
            day(at),
            title,
            report.added,
            report.captionsAdded,
            report.captionFormat ?? null,
          ]),
        }),
      ]
}
