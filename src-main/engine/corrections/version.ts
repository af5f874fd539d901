/** A version of a model that has learnt: what it is made of, and what is said on with it. */
import { tokenize } from '../../common/tokenize.ts'
import type { ClipFeatures, EngineContext, EngineParams } from '../../engine-host/contract/index.ts'
import { captionAsCorrected } from '../captioner/decoding/as-corrected.ts'
import type { Gate } from '../captioner/gates.ts'
import type { LoadedModel } from '../captioner/loaded-models.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { wordsOutside } from '../captioner/vocabulary.ts'
import { codebookWith } from './codebook.ts'
import type { ToKnow } from './codebook.ts'
import type { LessonSource, Wanted } from './lesson.ts'
import { MAX_STEPS, teach } from './teach.ts'
import type { Taught } from './teach.ts'

/** Of lessons that a version doesn't say any more, the last ones are taught again. */
const MOST_TAUGHT_AGAIN = 64

/** What is said of some clips, and is to be said still. */
export interface Held {
  /** What was corrected earlier. */
  kept: Wanted[]
  /** Clips that people left out, with what is said of them now. */
  leftOut: Wanted[]
}

/** Earlier corrections of other clips than those that are corrected now, and the clips that were left out. */
export async function heldLessons(
  { kept: earlier, leftOut: out }: Pick<EngineParams<'corrections.learn'>, 'kept' | 'leftOut'>,
  parent: LoadedModel,
  corrected: readonly ClipFeatures[],
  signal: AbortSignal,
): Promise<Held> {
  const isCorrected = new Set(corrected.map(({ id }) => id))
  const kept = earlier.filter(
    ({ clip, caption }) => !isCorrected.has(clip.id) && isSayable(caption, parent.model),
  )
  const isKnown = new Set([...isCorrected, ...kept.map(({ clip }) => clip.id)])
  const clips = out.filter(({ id }) => !isKnown.has(id))
  const captions = await captionAsCorrected(parent, clips, { signal })
  return { kept, leftOut: clips.map((clip, i): Wanted => ({ clip, caption: captions[i]!.caption })) }
}

/** Whether a caption is in words that the model knows. */
const isSayable = (caption: string, { vocabulary }: CaptionerModel): boolean =>
  wordsOutside(vocabulary, tokenize(caption)).length === 0

/** Teaches captions one by one. */
export async function teachAll(
  lessons: readonly Wanted[],
  source: LessonSource,
  { signal, progress }: EngineContext,
): Promise<Taught[]> {
  const taught: Taught[] = []
  for (const [i, lesson] of lessons.entries()) {
    const report = (steps: number): void => {
      const [done, total] = [i * MAX_STEPS + steps, lessons.length * MAX_STEPS]
      progress({ phase: 'learning', done, total, unit: 'steps' })
    }
    report(0)
    taught.push(await teach(lesson, source, { signal, report }))
  }
  return taught
}

/** The version of `makeVersion`; what is held and it does not say by itself, it is taught again. */
export async function makeHoldingVersion(
  making: Making,
  taught: readonly Taught[],
  source: LessonSource,
  context: EngineContext,
): Promise<LoadedModel> {
  const { held, signal } = making
  const version = await makeVersion(making, taught)
  const unsaid = await unsaidBy(version, [...held.kept, ...held.leftOut], signal)
  const again = await teachAll(unsaid.slice(-MOST_TAUGHT_AGAIN), source, context)
  return again.length === 0 ? version : makeVersion(making, [...taught, ...again])
}

interface Making {
  base: LoadedModel
  gates: Gate[]
  held: Held
  others: readonly ClipFeatures[]
  signal: AbortSignal
}

/** The base with what was taught; what is held, gates leave alone. */
async function makeVersion(
  { base, gates, held, others, signal }: Making,
  taught: readonly Taught[],
): Promise<LoadedModel> {
  const isTaught = new Set(taught.map(({ wanted }) => wanted.clip.id))
  const left = [...held.kept, ...held.leftOut].filter(({ clip }) => !isTaught.has(clip.id))
  const known = [
    ...taught.map(({ wanted, shift }): ToKnow => ({ clip: wanted.clip, shift })),
    ...left.map(({ clip }): ToKnow => ({ clip, shift: null })),
  ]
  const exempt = await codebookWith(base, known, others, signal)
  return { ...base, model: { ...base.model, gates: { gates, exempt } } }
}

/** Of lessons, those of which a version says something else. */
async function unsaidBy(
  version: LoadedModel,
  lessons: readonly Wanted[],
  signal: AbortSignal,
): Promise<Wanted[]> {
  const captions = await captionAsCorrected(
    version,
    lessons.map(({ clip }) => clip),
    { signal },
  )
  return lessons.filter(({ caption }, i) => captions[i]?.caption !== caption)
}

export async function countHeld(
  version: LoadedModel,
  lessons: readonly Wanted[],
  signal: AbortSignal,
): Promise<{ held: number; of: number }> {
  const unsaid = await unsaidBy(version, lessons, signal)
  return { held: lessons.length - unsaid.length, of: lessons.length }
}
