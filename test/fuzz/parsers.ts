/**
 * Every parser of what people bring, fed with what nobody would write: files that are nearly right, and bytes
 * of no kind. Each must give an answer or refuse in a sentence.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { loadModel } from '../../src-main/engine/captioner/model-folder.ts'
import { readNeuronMap } from '../../src-main/engine/neurons/neuron-map.ts'
import type { Arguments } from '../../src-main/cli/arguments.ts'
import { UsageError } from '../../src-main/cli/arguments.ts'
import { COMMANDS } from '../../src-main/cli/commands/index.ts'
import { parseArguments } from '../../src-main/cli/parse-arguments.ts'
import { VitrineError } from '../../src-main/common/failures.ts'
import { CAPTION_FORMAT_NAMES } from '../../src-main/formats/captions/index.ts'
import { checkHeaders } from '../../src-main/formats/features/check.ts'
import { findFeatures } from '../../src-main/formats/features/find.ts'
import { readFeatureArrays } from '../../src-main/formats/features/read.ts'
import { readModelFolder } from '../../src-main/formats/hugging-face/model.ts'
import { decodeNpy, encodeNpy, readNpyNumbers, readNpyShape } from '../../src-main/formats/npy.ts'
import { encodeSafetensors, readSafetensors } from '../../src-main/formats/safetensors.ts'
import { decodeText } from '../../src-main/formats/text/text-file.ts'
import { parseSplits } from '../../src-main/project/corpus/split-files.ts'
import { readVectors } from '../../src-main/project/topics/vectors-file.ts'
import { readCaptionFile } from '../../src-main/project/training/caption-files.ts'
import { parseRange } from '../../src-main/transport/respond.ts'
import { EXAMPLES } from '../formats/captions/examples.ts'
import { parseCaptions } from '../formats/captions/pairs.ts'
import { npzOf } from '../formats/features/files.ts'
import { tinyModel, writeModel } from '../hub/model.ts'

export interface FuzzedParser {
  name: string
  /** Inputs that are right: what is fed is made from them. */
  examples: readonly (string | Uint8Array)[]
  /** `file`: a path where the same bytes lie. */
  parse(bytes: Uint8Array, file: string): unknown
}

const CAPTIONS = [
  'video,caption\nclip1,"a red ball, rolls"\nclip2,"a ""blue"" star"\n',
  '{"video": "clip1", "caption": "a red ball"}\n{"video": "clip2", "caption": ["a star", "a dot"]}\n',
  'clip1\ta red ball\nclip2\ta blue star\n',
  '[{"image_id": "clip1", "caption": "a red ball"}]',
  '{"clip1": ["a red ball", "a ball"], "clip2": "a star"}',
]
const ARRAY = encodeNpy([2, 3], Float32Array.of(0.5, 0, 0.5, 1, 0, 0))
const TENSORS = Buffer.concat(
  encodeSafetensors(new Map([['weights', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]])),
)
const signal = new AbortController().signal

/** Writes the bytes under another name beside `file`; a reader goes by the ending. */
const under = (bytes: Uint8Array, file: string, ending: string): string => {
  writeFileSync(`${file}${ending}`, bytes)
  return `${file}${ending}`
}

const REFERENCE = join(import.meta.dirname, '../formats/arrays/reference')
const FEATURES: Record<string, Uint8Array[]> = {
  '.npy': [ARRAY, encodeNpy([2, 3, 1], Float32Array.of(1, 2, 3, 4, 5, 6))],
  '.npz': [npzOf({ features: ARRAY, times: encodeNpy([2], Float32Array.of(0, 1)) }, 6), npzOf({ a: ARRAY })],
  '.safetensors': [TENSORS, readFileSync(join(REFERENCE, 'arrays.safetensors'))],
  '.h5': [readFileSync(join(REFERENCE, 'arrays.h5'))],
}

async function readAllFeatures(path: string): Promise<void> {
  const found = await findFeatures(path, { array: null })
  checkHeaders(found, { frames: 4 })
  for await (const { data } of readFeatureArrays(found, { frames: 4 })) {
    data.at(0)
  }
}

export const PARSERS: readonly FuzzedParser[] = [
  ...CAPTION_FORMAT_NAMES.map((format) => ({
    name: `captions as ${format}`,
    examples: [
      ...CAPTIONS,
      ...EXAMPLES.filter((example) => format === 'auto' || example.format === format).map(({ text }) => text),
    ],
    parse: (bytes: Uint8Array) => parseCaptions(decodeText(bytes, 'captions'), 'captions', format),
  })),
  {
    name: 'captions to score',
    examples: CAPTIONS,
    parse: (_, file) => readCaptionFile(file, { worker: '', signal }),
  },
  {
    name: 'splits',
    examples: [
      'clip1\ttrain\nclip2\tval\nclip3\ttest\n',
      '{"train": ["clip1"], "val": ["clip2"]}',
      'id,split\na,dev\n',
    ],
    parse: (bytes) => parseSplits(decodeText(bytes, 'split.tsv'), 'split.tsv'),
  },
  {
    name: 'topic vectors as csv',
    examples: ['clip,dogs,cats\nclip1,0.5,0.5\nclip2,1,0\n'],
    parse: (bytes, file) => readVectors({ path: under(bytes, file, '.csv') }, signal),
  },
  {
    name: 'topic vectors as an array',
    examples: [ARRAY],
    parse: (bytes, file) => readVectors({ path: under(bytes, file, '.npy') }, signal),
  },
  { name: 'npy', examples: [ARRAY], parse: (bytes) => decodeNpy(bytes, 'array') },
  { name: 'npy of any numbers', examples: [ARRAY], parse: (_, file) => readNpyNumbers(file) },
  { name: 'shape of a npy', examples: [ARRAY], parse: (_, file) => readNpyShape(file) },
  { name: 'safetensors', examples: [TENSORS], parse: (_, file) => readSafetensors(file) },
  ...['.npy', '.npz', '.safetensors', '.h5'].map((ending) => ({
    name: `features in ${ending}`,
    examples: FEATURES[ending] ?? [],
    parse: (bytes: Uint8Array, file: string) => readAllFeatures(under(bytes, file, ending)),
  })),
  {
    name: 'model folder',
    examples: [TENSORS, '{"format": 1, "architecture": {"settings": {}}, "vocabulary": []}'],
    parse(bytes, file) {
      const folder = mkdtempSync(`${file}-model-`)
      writeFileSync(join(folder, 'model.json'), bytes)
      writeFileSync(join(folder, 'parameters.safetensors'), bytes)
      writeFileSync(join(folder, 'neurons.safetensors'), bytes)
      return Promise.all([loadModel(folder), readNeuronMap(folder)])
    },
  },
  {
    name: 'model in the layout of a hub',
    examples: ['config.json', 'preprocessor_config.json', 'README.md'].map((path) => tinyModel()[path] ?? ''),
    parse(bytes, file) {
      const folder = mkdtempSync(`${file}-layout-`)
      const changed = ['config.json', 'preprocessor_config.json', 'README.md']
      return Promise.allSettled(
        changed.map((path) => {
          writeModel(join(folder, path), { ...tinyModel(), [path]: bytes })
          return readModelFolder(join(folder, path), 'fp32')
        }),
      ).then((read) => {
        for (const { reason } of read.filter((outcome) => outcome.status === 'rejected')) {
          requireSentence(reason)
        }
      })
    },
  },
  {
    name: 'byte ranges',
    examples: ['bytes=0-99', 'bytes=-5', 'bytes=10-'],
    parse: (bytes) => parseRange(Buffer.from(bytes).toString('latin1'), 1000),
  },
  {
    name: 'command lines',
    examples: Object.keys(COMMANDS).map((name) => `${name} p.vitrine --json --seed 1 --set lambda=0.1`),
    parse(bytes) {
      const [name = '', ...argv] = Buffer.from(bytes).toString().split(' ')
      const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : COMMANDS['train']
      return command === undefined ? null : (parseArguments(command, argv) satisfies Arguments)
    },
  },
]

/**
 * Feeds a parser `cases` inputs; throws at the first that it meets with anything but an answer or a sentence,
 * with the smallest such input.
 */
export async function fuzzParser(
  { examples, parse }: FuzzedParser,
  cases: number,
  seed: number,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-fuzz-'))
  const file = join(folder, 'input')
  try {
    await fc.assert(
      fc.asyncProperty(hostileBytes(examples), async (bytes) => {
        writeFileSync(file, bytes)
        try {
          await parse(bytes, file)
        } catch (error) {
          requireSentence(error)
        }
      }),
      { numRuns: cases, seed },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Throws what is no refusal in a sentence. */
export function requireSentence(error: unknown): void {
  if (!(error instanceof VitrineError) && !(error instanceof UsageError)) {
    throw error
  }
  if (error instanceof VitrineError && !/^[^\n]+[.!?]"?$/s.test(error.message.trim())) {
    throw new Error(`This is no sentence: ${error.message}`)
  }
}

/** Bytes of no kind, pieces that parsers trip over, and examples with a few changes. */
function hostileBytes(examples: readonly (string | Uint8Array)[]): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    kind: fc.constantFrom('flip', 'cut', 'insert', 'repeat', 'splice'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(40),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom(...ODD_PIECES.map((text) => Buffer.from(text))),
    ),
  })
  const changed = fc
    .tuple(fc.constantFrom(...examples), fc.array(change, { minLength: 1, maxLength: 5 }))
    .map(([example, changes]) => changes.reduce(applyChange, Buffer.from(example)))
  return fc.oneof(
    { weight: 6, arbitrary: changed },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
  )
}

/** What parsers trip over. */
const ODD_PIECES = [
  '\0',
  '\r',
  '\r\n',
  '\n\n',
  '\t\t',
  '"',
  "'",
  ',',
  '{',
  ']',
  '\uFEFF',
  '__proto__',
  'constructor',
  '1e999',
  '-1',
  'NaN',
  '99999999999999999999',
  '\u{1F600}',
  '\u202E',
  '\xFF\xFE',
  '../../..',
  '--',
  '=',
]

interface ByteChange {
  kind: string
  /** 0 to 1: where in the bytes. */
  at: number
  length: number
  bytes: Uint8Array
}

function applyChange(
  before: Buffer<ArrayBuffer>,
  { kind, at, length, bytes }: ByteChange,
): Buffer<ArrayBuffer> {
  const position = Math.floor(at * before.length)
  const [head, tail] = [before.subarray(0, position), before.subarray(position)]
  switch (kind) {
    case 'flip': {
      const copy = Buffer.from(before)
      copy[position] = (copy[position] ?? 0) ^ (1 << (length % 8))
      return copy
    }
    case 'cut':
      return Buffer.concat([head, tail.subarray(length)])
    case 'insert':
      return Buffer.concat([head, bytes, tail])
    case 'repeat':
      return Buffer.concat([head, tail.subarray(0, length), tail])
    default:
      return Buffer.concat([head, bytes, tail.subarray(length)])
  }
}
