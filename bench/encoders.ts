/**
 * What frame encoders see, and how fast: for each, the mean average precision of a linear probe for the 150 commonest words of
 * people's captions of Flickr8k's pictures (bench/lib/encoders/word-probe.ts), and the milliseconds that one core needs for a frame.
 *
 *   npm run bench -- encoders [--data DIR] [--pictures 2000] [--test]
 *
 *   --data DIR        where flickr8k/ and encoders/ are (../shared/data); without it nothing is measured
 *   --pictures N      training pictures that the probe is fitted on
 *   --test            looks at a thousand other training pictures too: for when the encoder is chosen
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { encodePictures, encodersToCompare, millisecondsPerFrame } from './lib/encoders/candidates.ts'
import type { Candidate } from './lib/encoders/candidates.ts'
import { createMediaTools } from '../src-main/media/create.ts'
import { mediaStarter } from '../src-main/media/process.ts'
import { mediaEntry } from '../src-main/paths.ts'
import { engineContext } from '../test/engine/context.ts'
import { printMachine } from './lib/machine.ts'
import { readPictures } from './lib/encoders/pictures.ts'
import type { Picture, Pictures } from './lib/encoders/pictures.ts'
import { figure, printTable } from './lib/table.ts'
import { chance, commonestWords, probeWords } from './lib/encoders/word-probe.ts'

const TEST_PICTURES = 1000
const context = engineContext()
const media = createMediaTools(mediaStarter(mediaEntry))

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: fileURLToPath(new URL('../../shared/data', import.meta.url)) },
    pictures: { type: 'string', default: '2000' },
    test: { type: 'boolean', default: false },
  },
})

/** The row of an encoder in the table. */
async function measure(
  candidate: Candidate,
  words: readonly string[],
  { fit, validation, test }: Pictures,
): Promise<string[]> {
  const probed = async (pictures: readonly Picture[]) => ({
    features: await encodePictures(candidate, pictures, { media, context }),
    pictures,
  })
  const result = await probeWords(words, {
    fit: await probed(fit),
    validation: await probed(validation),
    test: options.test ? await probed(test) : null,
  })
  return [
    candidate.name,
    String(candidate.descriptor.input.width),
    figure(candidate.dimension),
    figure(result.validation, 3),
    ...(result.test === null ? [] : [figure(result.test, 3)]),
    figure(await millisecondsPerFrame(candidate), 1),
    candidate.descriptor.licence,
  ]
}

printMachine()
const pictures = await readPictures(join(options.data, 'flickr8k'), {
  fit: Number(options.pictures),
  test: TEST_PICTURES,
})
if (pictures === null) {
  console.log(`Skipped: Flickr8k is not in ${options.data}.`)
} else {
  const directory = await mkdtemp(join(tmpdir(), 'vitrine-encoders-'))
  const words = commonestWords(pictures.fit)
  const rows: string[][] = []
  for (const candidate of await encodersToCompare(join(options.data, 'encoders'), directory, context)) {
    rows.push(await measure(candidate, words, pictures))
  }
  console.log(
    `${figure(pictures.fit.length)} pictures to fit, ${figure(pictures.validation.length)} to validate; ` +
      `${words.length} words from "${words[0]}" to "${words.at(-1)}"; a random ranking has ${figure(chance(pictures.validation, words), 3)}\n`,
  )
  printTable(
    ['encoder', 'size', 'values', 'word mAP', ...(options.test ? ['test'] : []), 'ms a frame', 'licence'],
    rows,
  )
  await rm(directory, { recursive: true })
}
await media.close()
