/**
 * Scoring a test split as large as MSVD's: 670 captions against 41 references each, about 27,000 sentences of
 * 4 to 14 words. METEOR is compared with nltk's, figures and time, where Debian's python3-nltk is installed.
 *
 *   npm run bench -- metrics
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { printMachine } from './lib/machine.ts'
import { hasPackages, PYTHON } from './lib/python.ts'
import { figure, printTable } from './lib/table.ts'
import { bestOf } from './lib/timing.ts'
import { metricHandlers, scoreCaptions } from '../src-main/engine/metrics/index.ts'
import { Meteor } from '../src-main/engine/metrics/meteor.ts'
import { bootstrapIntervals, comparePaired } from '../src-main/engine/metrics/resampling.ts'
import { TOKENIZERS } from '../src-main/engine/metrics/tokenizers.ts'
import { loadWordNet } from '../src-main/engine/metrics/wordnet.ts'
import { createRandom } from '../src-main/common/random.ts'
import { engineContext } from '../test/engine/context.ts'

const CLIPS = 670
const REFERENCES = 41
const GOAL_SECONDS = 3

/** Words of a kind, the frequent ones first; a clip has its own few, which its captions share. */
const WORDS = {
  subjects:
    'man woman boy girl person someone child kid lady dog cat men women people kids children baby group monkey chef band guy puppy horse player panda couple kitten rider'.split(
      ' ',
    ),
  verbs:
    'playing cutting riding slicing walking running cooking singing eating dancing plays cuts rides slices walks runs cooks sings eats dances jumping pouring mixing stirring peeling driving talking holding washing climbing'.split(
      ' ',
    ),
  objects:
    'guitar potato horse onion carrot piano ball bike bicycle car flute tomato egg water rice meat food motorcycle bread vegetables keyboard paper camera fish toy chicken shrimp cucumber gun phone'.split(
      ' ',
    ),
  adverbs: 'slowly quickly fast happily outside together loudly carefully well again'.split(' '),
  places:
    'kitchen street stage room field road beach park pool floor table house yard tree lake bowl pan hill garden river'.split(
      ' ',
    ),
}

const random = createRandom(1)
/** A word whose place in the list is Zipf distributed, about. */
const pick = (words: readonly string[]): string => words[Math.floor(words.length * random.next() ** 2.5)]!
const pickSome = (words: readonly string[], count: number): string[] =>
  Array.from({ length: count }, () => pick(words))

/** Makes captions of one clip. */
function createSpeaker(): () => string {
  const words = {
    subjects: pickSome(WORDS.subjects, 3),
    verbs: pickSome(WORDS.verbs, 4),
    objects: pickSome(WORDS.objects, 3),
    adverbs: pickSome(WORDS.adverbs, 2),
    places: pickSome(WORDS.places, 2),
  }
  const article = () => pick(['a', 'the', 'a small', 'a big', 'one'])
  return () =>
    [
      article(),
      pick(words.subjects),
      pick(['is', 'is', 'are', '']),
      pick(words.verbs),
      article(),
      pick(words.objects),
      ...(random.next() < 0.4 ? [pick(['in', 'on', 'near']), article(), pick(words.places)] : []),
      ...(random.next() < 0.2 ? [pick(words.adverbs)] : []),
      ...(random.next() < 0.15 ? ['and', pick(words.verbs), pick(['it', 'them', 'with it'])] : []),
    ]
      .filter((word) => word !== '')
      .join(' ')
}

const speakers = Array.from({ length: CLIPS }, createSpeaker)
const references = speakers.map((speaker, i) => ({
  id: `clip${i}`,
  captions: Array.from({ length: REFERENCES }, speaker),
}))
const system = () => speakers.map((speaker, i) => ({ id: `clip${i}`, caption: speaker() }))
const [a, b] = [system(), system()]
const context = engineContext()

printMachine()
console.log(
  `${CLIPS} captions, ${REFERENCES} references each; the best of three runs, and the first one of the process\n`,
)

const scoreWithIntervals = () =>
  metricHandlers['metrics.score'](
    { hypotheses: a, references, tokenizer: 'words', bootstrap: { samples: 1000, seed: 1 } },
    context,
  )
const started = performance.now()
const result = await scoreWithIntervals()
const firstTime = performance.now() - started

const { words: tokenize } = TOKENIZERS
const sentences = references.map(({ captions }) => captions.map(tokenize))
const wordsOf = (captions: typeof a) => captions.map(({ caption }) => tokenize(caption))
const [wordsOfA, wordsOfB] = [wordsOf(a), wordsOf(b)]
const wordNet = await loadWordNet()
const meteor = () => new Meteor((stem) => wordNet.synonyms(stem))
const rowsOf = (captions: string[][]) => scoreCaptions(captions, sentences, { meteor: meteor() }).rows
const [rowsOfA, rowsOfB] = [rowsOf(wordsOfA), rowsOf(wordsOfB)]
const scoreAll = (scorer: Meteor) => wordsOfA.map((caption, i) => scorer.score(caption, sentences[i]!))

const rows: [string, number][] = [
  ['tokens: words', await bestOf(3, () => references.map(({ captions }) => captions.map(TOKENIZERS.words)))],
  ['tokens: ptb', await bestOf(3, () => references.map(({ captions }) => captions.map(TOKENIZERS.ptb)))],
  ['BLEU, ROUGE-L, CIDEr-D', await bestOf(3, () => scoreCaptions(wordsOfA, sentences))],
  ['METEOR', await bestOf(3, () => scoreAll(meteor()))],
  [
    'intervals, 1,000 resamples',
    await bestOf(3, () => bootstrapIntervals(rowsOfA, { samples: 1000, seed: 1 }, context.signal)),
  ],
  ['all of it, as "vitrine score --bootstrap 1000"', await bestOf(3, scoreWithIntervals)],
  ['  the first time, WordNet read', firstTime],
  [
    'paired comparison of two systems, 10,000 samples',
    await bestOf(2, () => comparePaired(rowsOfA, rowsOfB, { samples: 10_000, seed: 1 }, context.signal)),
  ],
]
printTable(
  ['', 'seconds'],
  rows.map(([name, milliseconds]) => [name, figure(milliseconds / 1000, 2)]),
)
console.log(
  `\nGoal: all of it in less than ${GOAL_SECONDS} seconds: ${firstTime < 1000 * GOAL_SECONDS ? 'reached' : 'missed'}.\n`,
)

printTable(
  ['', ...Object.keys(result.metrics)],
  [
    ['score', ...Object.values(result.metrics).map((value) => figure(value ?? NaN, 4))],
    ...(['low', 'high'] as const).map((end) => [
      `95% ${end}`,
      ...Object.keys(result.metrics).map((metric) => figure(result.intervals?.[metric]?.[end] ?? NaN, 4)),
    ]),
  ],
)

console.log("\nAgainst nltk, without synonyms on either side (nltk's WordNet is a download of its own):")
const peer = await nltk()
if (peer === null) {
  console.log('  nltk is not installed: skipped (Debian: apt install python3-nltk).')
} else {
  const plain = scoreAll(new Meteor(null))
  const ours = await bestOf(3, () => scoreAll(new Meteor(null)))
  const difference = Math.max(...plain.map((score, i) => Math.abs(score - peer.scores[i]!)))
  printTable(
    ['METEOR', 'seconds', 'ratio'],
    [
      [`nltk ${peer.version}`, figure(peer.seconds, 2), '1'],
      ['Vitrine', figure(ours / 1000, 2), figure((peer.seconds * 1000) / ours, 1)],
    ],
  )
  console.log(`  largest difference of a caption's score: ${difference.toExponential(1)}`)
}
console.log(
  'BLEU, ROUGE-L and CIDEr-D have no peer here: pycocoevalcap comes with no system; test/engine/metrics checks its figures.',
)

interface Peer {
  version: string
  scores: number[]
  seconds: number
}

/** nltk's scores of the same words, and how long it took; null where Debian's Python has no nltk. */
async function nltk(): Promise<Peer | null> {
  if (!(await hasPackages(['nltk']))) {
    return null
  }
  const call = promisify(execFile)(PYTHON, [fileURLToPath(new URL('peers/meteor.py', import.meta.url))], {
    maxBuffer: 2 ** 26,
  })
  call.child.stdin?.end(JSON.stringify({ hypotheses: wordsOfA, references: sentences }))
  return JSON.parse((await call).stdout) as Peer
}
