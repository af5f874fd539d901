/** Looks for faults in captions: see `findingKind` of the contract. Each kind is a check of its own. */
import type { FindingKind } from '#contract'
import type { CorpusHandlers } from '../../engine-host/contract/corpus.ts'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import type { Pacer } from '../pacer.ts'
import { createReader } from './captions.ts'
import type { CaptionFinding, CheckedClip } from './captions.ts'
import { contradictions } from './contradictions.ts'
import { dictionaryOf } from './dictionary.ts'
import { nearDuplicates } from './duplicates.ts'
import { foreignCaptions } from './language.ts'
import { typos } from './typos.ts'

type Result = EngineResult<'corpus.check'>

/** That a clip has one caption is a fact, not a fault: it comes last. */
const SINGLE_SCORE = 0.1

async function check(
  { clips, topics }: EngineParams<'corpus.check'>,
  { signal, progress }: EngineContext,
): Promise<Result> {
  const pause = createPacer(signal)
  const reportOf = (phase: string) => (done: number) => {
    if (done % 100 === 0 || done === clips.length) {
      progress({ phase, done, total: clips.length, unit: 'clips' })
    }
  }
  const checked = await eachClip(clips, createReader(), pause, reportOf('reading captions'))
  const dictionary = await dictionaryOf(checked, pause)
  await pause()
  const foreign = foreignCaptions(checked, dictionary)
  const native = withoutCaptions(checked, foreign)
  await pause()
  const misspelt = typos(native, dictionary)
  const repeated = await eachClip(native, nearDuplicates, pause, reportOf('comparing captions'))
  const contradicting =
    topics === null ? [] : await contradictions(native, topics, pause, reportOf('comparing topics'))
  return {
    findings: [
      ...findingsOf('language', foreign),
      ...findingsOf('typo', misspelt),
      ...findingsOf('contradiction', contradicting),
      ...findingsOf('duplicate', repeated.flat()),
      ...singleCaptions(clips),
    ],
  }
}

/** What `work` makes of each clip. */
async function eachClip<Clip, Made>(
  clips: readonly Clip[],
  work: (clip: Clip) => Made,
  pause: Pacer,
  report: (done: number) => void,
): Promise<Made[]> {
  const made: Made[] = []
  for (const clip of clips) {
    if (pause.due()) {
      await pause()
    }
    made.push(work(clip))
    report(made.length)
  }
  return made
}

/** A foreign line is full of words that look like typos, and its topics are nobody's. */
function withoutCaptions(clips: readonly CheckedClip[], found: readonly CaptionFinding[]): CheckedClip[] {
  const ids = new Set(found.map(({ caption }) => caption.id))
  return clips.map((clip) => ({ ...clip, captions: clip.captions.filter(({ id }) => !ids.has(id)) }))
}

const findingsOf = (kind: FindingKind, found: readonly CaptionFinding[]): Result['findings'] =>
  found.map(({ caption, reason, suggestion, score }) => ({
    kind,
    clipId: caption.clipId,
    captionId: caption.id,
    reason,
    suggestion,
    score,
  }))

/** Clips with one caption, where most clips have more. */
function singleCaptions(clips: EngineParams<'corpus.check'>['clips']): Result['findings'] {
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
