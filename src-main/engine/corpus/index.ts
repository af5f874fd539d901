/** Looks for faults in captions: see `findingKind` of the contract. Each kind is a check of its own. */
import type { FindingKind } from '#contract'
import type { CorpusHandlers } from '../../engine-host/contract/corpus.ts'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import { createReader } from './captions.ts'
import type { CaptionFinding, CheckedClip } from './captions.ts'
import { contradictions } from './contradictions.ts'
import { dictionaryOf } from './dictionary.ts'
import { nearDuplicates } from './duplicates.ts'
import { foreignCaptions } from './language.ts'
import { typos } from './typos.ts'

/** That a clip has one caption is a fact, not a fault: it comes last. */
const SINGLE_SCORE = 0.1

async function check(
  { clips, topics }: EngineParams<'corpus.check'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'corpus.check'>> {
  const pause = createPacer(signal)
  const report = (phase: string) => (done: number) => {
    if (done % 100 === 0 || done === clips.length) {
      progress({ phase, done, total: clips.length, unit: 'clips' })
    }
  }
  const readClip = createReader()
  const read: CheckedClip[] = []
  const reading = report('reading captions')
  for (const clip of clips) {
    if (pause.due()) {
      await pause()
    }
    read.push(readClip(clip))
    reading(read.length)
  }
  const dictionary = await dictionaryOf(read, pause)
  await pause()
  const foreign = foreignCaptions(read, dictionary)
  // A foreign line is full of words that look like typos, and its topics are nobody's.
  const ids = new Set(foreign.map(({ caption }) => caption.id))
  const native = read.map((clip) => ({ ...clip, captions: clip.captions.filter(({ id }) => !ids.has(id)) }))
  await pause()
  const misspelt = typos(native, dictionary)
  const repeated: CaptionFinding[] = []
  const comparing = report('comparing captions')
  for (const [i, clip] of native.entries()) {
    if (pause.due()) {
      await pause()
    }
    repeated.push(...nearDuplicates(clip))
    comparing(i + 1)
  }
  const contradicting =
    topics === null ? [] : await contradictions(native, topics, pause, report('comparing topics'))
  const findings = (kind: FindingKind, found: readonly CaptionFinding[]) =>
    found.map(({ caption, reason, suggestion, score }) => ({
      kind,
      clipId: caption.clipId,
      captionId: caption.id,
      reason,
      suggestion,
      score,
    }))
  return {
    findings: [
      ...findings('language', foreign),
      ...findings('typo', misspelt),
      ...findings('contradiction', contradicting),
      ...findings('duplicate', repeated),
      ...lonely(clips),
    ],
  }
}

/** Clips with one caption, where most clips have more. */
function lonely(clips: EngineParams<'corpus.check'>['clips']): EngineResult<'corpus.check'>['findings'] {
  const captioned = clips.filter(({ captions }) => captions.length > 0)
  const single = captioned.filter(({ captions }) => captions.length === 1)
  if (2 * single.length >= captioned.length) {
    return []
  }
  return single.map(({ id }) => ({
    kind: 'single',
    clipId: id,
    captionId: null,
    reason: "It is the clip's only caption.",
    suggestion: null,
    score: SINGLE_SCORE,
  }))
}

export const corpusHandlers: CorpusHandlers = { 'corpus.check': check }
