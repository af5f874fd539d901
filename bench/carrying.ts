/**
 * What gates do apart from learning: every caption with an error gets gates of the topics that it misses, and all other
 * captions of the split are looked at again. How many errors of the same topics that mends, against how many captions get
 * worse, by how sure a gate has to be and how far neurons are moved. docs/method.md has the tables, and the rule by which one
 * line is chosen on validation.
 *
 *   npm run bench -- carrying --folder DIR --captioners DIR,DIR [--corpus sample] [--split val] [--corrections N] [--moved 2]
 *
 *   --folder DIR      sample/ in it has the corpus that the captioners were trained on, as the bench "interpretability" leaves
 *                     it; or msrvtt/, flickr8k/, msvd/
 *   --captioners DIRS models that were trained on it; they are copied
 *   --corpus NAME     which of them
 *   --corrections N   of each captioner, at most
 *   --data DIR        where msrvtt/ and flickr8k/ are (../shared/data)
 *   --split NAME      val, to choose by; test, to be looked at once
 *   --moved N         only by so much (1, 2 and 3, and one after the other until the topic is named)
 */
import './lib/heap.ts'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { split as splitSchema } from '#contract'
import { engineContext } from '../test/engine/context.ts'
import { adoptedCaptioner } from './lib/corrections/captioner.ts'
import { STRENGTHS, sums, tradeOffs } from './lib/corrections/trade-off.ts'
import type { TradeOff } from './lib/corrections/trade-off.ts'
import { corpusNamed } from './lib/interpretability/corpora/by-name.ts'
import { CORPORA } from './lib/interpretability/corpora/corpus.ts'
import { printMachine } from './lib/machine.ts'
import { printTable } from './lib/table.ts'

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    captioners: { type: 'string' },
    corpus: { type: 'string', default: 'sample' },
    corrections: { type: 'string', default: 'Infinity' },
    data: { type: 'string', default: fileURLToPath(new URL('../../shared/data', import.meta.url)) },
    split: { type: 'string', default: 'val' },
    moved: { type: 'string' },
  },
})
const { folder: place, captioners } = values
if (place === undefined || captioners === undefined) {
  throw new Error('Say --folder DIR and --captioners DIR,DIR.')
}
const context = engineContext()
const name = z.enum(CORPORA).parse(values.corpus)
const folder = join(resolve(place), name)
const corpus = await corpusNamed(name, values.data, {
  folder,
  context,
  log: (line) => {
    console.error(line)
  },
})
if (corpus === null) {
  throw new Error(`${name} is not in ${values.data}.`)
}
const split = splitSchema.parse(values.split)
printMachine()
const strengths = values.moved === undefined ? STRENGTHS : [[Number(values.moved)]]
const found: TradeOff[] = []
for (const [i, path] of captioners.split(',').entries()) {
  const modelDir = await adoptedCaptioner(corpus, resolve(path), {
    name: `captioner-${i + 1}`,
    folder,
    context,
  })
  const most = Number(values.corrections)
  found.push(...(await tradeOffs({ corpus, modelDir, split, most, context }, strengths)))
}
const share = (part: number, whole: number, digits: number): string =>
  `${((100 * part) / whole).toFixed(digits)}%`
console.log()
printTable(
  ['sure above', 'moved by', 'errors mended', 'of', 'other captions worse', 'better'],
  sums(found, strengths).map(({ sure, strengths: moved, mended, errors, worse, better, others }) => [
    sure.toFixed(1),
    moved.join(', then '),
    share(mended, errors, 1),
    String(errors),
    share(worse, others, 2),
    share(better, others, 2),
  ]),
)
