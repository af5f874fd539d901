/** What stands beside the numbers of an exported model (project/exports): its topics, the features that it reads, and its classes. */
import { join } from 'node:path'
import * as z from 'zod'
import { actionFigures, actionsResult, topicsRequest } from '#contract'
import { isThere, readWhole } from '../../../formats/files.ts'
import { failures } from '../failures.ts'

const label = z.string().trim().min(1).max(200)
const word = z.string().min(1).max(500)
const figure = z.number().finite()
const tally = figure.min(0)

const topicsFile = z.object({
  run: z.object({ request: topicsRequest, phrases: z.array(word).max(1_000_000), beta: tally }).nullable(),
  vocabulary: z.array(z.object({ word, tokens: tally, documents: tally })).max(1_000_000),
  topics: z
    .array(
      z.object({
        label,
        labelled: z.boolean(),
        description: z.string().max(10_000),
        npmi: figure.nullable(),
        alpha: tally.nullable(),
        words: z
          .array(z.object({ word, count: tally, mark: z.enum(['pinned', 'forbidden']).nullable() }))
          .max(1_000_000),
      }),
    )
    .max(1000),
})
export type BundleTopics = z.infer<typeof topicsFile>

const size = z.number().int().min(1).max(1_000_000)
/** A name that is a part of paths. */
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/)
const preprocessingFile = z.object({
  features: z.object({
    key: z.string().min(1).max(2000),
    title: z.string().max(500),
    frames: size,
    dimension: size,
    origin: z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('encoder'),
        encoder: name,
        fingerprint: z.string().regex(/^[0-9a-f]{1,64}$/),
        frames: size,
        grid: z.union([z.literal(1), z.literal(2)]),
        cells: z.number().int().min(1).max(8),
      }),
      z.object({ kind: z.literal('imported'), source: z.string().max(5000) }),
      z.object({ kind: z.literal('concatenation'), keys: z.array(z.string().max(2000)).max(100) }),
    ]),
  }),
})
export type BundleFeatures = z.infer<typeof preprocessingFile>['features']

const { clips, groups, division, folds, repeats, createdAt } = actionsResult.shape
const className = z.string().min(1).max(200)
const classesFile = z
  .object({
    classes: z.array(className).min(2).max(10_000),
    corpus: z.string().max(5000),
    clips,
    groups,
    division,
    folds,
    repeats,
    pairs: z.array(z.tuple([className, className])).max(10_000),
    createdAt,
    strength: figure.positive(),
    figures: actionFigures,
  })
  .refine(
    ({ classes, pairs, figures: { perClass, confusion, pairs: ofPairs } }) =>
      perClass.length === classes.length &&
      confusion.length === classes.length &&
      confusion.every((row) => row.length === classes.length) &&
      ofPairs.length === pairs.length,
    'its figures are not of its classes',
  )
export type BundleClasses = z.infer<typeof classesFile>

export interface Bundle {
  topics: BundleTopics
  features: BundleFeatures
  /** Of the classifier that it has; null: it has none. */
  classes: BundleClasses | null
}

/** Throws NOT_FOUND or BAD_INPUT naming the file. */
export async function readBundle(folder: string): Promise<Bundle> {
  const topics = await read(join(folder, 'topics.json'), topicsFile)
  const { features } = await read(join(folder, 'preprocessing.json'), preprocessingFile)
  const ofClasses = join(folder, 'classes.json')
  const classes = (await isThere(ofClasses)) ? await read(ofClasses, classesFile) : null
  return { topics, features, classes }
}

async function read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
  const bytes = await readWhole(path)
  let json: unknown
  try {
    json = JSON.parse(bytes.toString())
  } catch (cause) {
    throw failures.exportedFile({ path, reason: 'it is not JSON' }, { cause })
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw failures.exportedFile({ path, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` })
  }
  return parsed.data
}
