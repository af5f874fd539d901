/**
 * What taking in annotations would change. What is new is added under its author's name; what is here already is known; and
 * where somebody here says otherwise, both stand beside each other, or what is here stays. Nothing is overwritten unless
 * that is asked for.
 */
import type { AnnotationConflict, AnnotationReport } from '#contract'
import type { AnnotationLine } from '../../../formats/annotations.ts'
import type { OpenProject } from '../../../store/index.ts'
import type { FindClip } from '../clip-finder.ts'
import { agreementMeter } from './agreement.ts'
import { inWords, placesOf } from './places.ts'
import type { Found, LineOf, Places, Placing, PlannedChange } from './places.ts'
import type { ReadAnnotations } from './read.ts'
import { compareTopics } from './topics.ts'

/** Conflicts, and lines without a place, that a report lists. */
const LISTED = 1000

export interface AnnotationPlan {
  report: AnnotationReport
  changes: PlannedChange[]
}

/** What lines of a file change; it writes nothing itself. Before each line it yields how many are done. */
export function* planAnnotations(
  store: OpenProject['store'],
  { lines, topics }: ReadAnnotations,
  { find, ...placing }: Placing & { find: FindClip },
): Generator<number, AnnotationPlan> {
  const places = placesOf(store, placing)
  const agreement = agreementMeter(store)
  const compared = compareTopics(store, topics, placing.prefer)
  const changes: PlannedChange[] = [...compared.changes]
  const added = { verdict: 0, note: 0, tag: 0, caption: 0, topic: 0, correction: 0, neuron: 0 }
  const conflicts: AnnotationConflict[] = []
  const unplaced: AnnotationReport['unplaced'] = []
  let known = 0
  const seen = new Set<string>()
  for (const [done, line] of lines.entries()) {
    yield done
    const clip = line.kind === 'neuron' ? null : find([line.video])
    const clipId = clip === null || clip === 'ambiguous' ? null : clip.id
    const name = JSON.stringify([line.kind, clipId, line.text, line.who, furtherOf(line)])
    if (seen.has(name)) {
      known++
      continue
    }
    seen.add(name)
    if (line.kind === 'verdict' && clipId !== null) {
      agreement.note(line, clipId)
    }
    const found = foundOf(places, line, clip)
    switch (found.is) {
      case 'known':
        known++
        break
      case 'added':
        added[line.kind]++
        changes.push(...found.changes)
        break
      case 'unplaced':
        unplaced.push({ line: line.line, reason: found.reason })
        break
      case 'conflict': {
        const { outcome, here, whoHere } = found
        changes.push(...found.changes)
        added[line.kind] += Number(outcome === 'beside')
        conflicts.push({
          kind: line.kind,
          line: line.line,
          clipId,
          video: line.kind === 'neuron' ? `neuron ${line.neuron}` : line.video,
          whoHere,
          here,
          who: line.who,
          there: saidBy(line),
          outcome,
        })
      }
    }
  }
  return {
    changes,
    report: {
      lines: lines.length,
      added,
      known,
      conflicts: conflicts.slice(0, LISTED),
      conflictCount: conflicts.length,
      agreement: agreement.figures(),
      topics: compared.differences,
      unplaced: unplaced.slice(0, LISTED),
      unplacedCount: unplaced.length,
    },
  }
}

/** What a line says, in a word where it is a verdict. */
function saidBy(line: AnnotationLine): string {
  switch (line.kind) {
    case 'verdict':
      return line.verdict
    case 'topic':
      return `${line.verdict} ${line.text}`
    case 'neuron':
      return inWords({ ...line, label: line.text })
    default:
      return line.text
  }
}

/** What tells a line from another one of the same text. */
function furtherOf(line: AnnotationLine): unknown {
  switch (line.kind) {
    case 'verdict':
    case 'topic':
      return line.verdict
    case 'correction':
      return line.topics
    case 'neuron':
      return [line.neuron, line.parameters]
    default:
      return null
  }
}

function foundOf(places: Places, line: AnnotationLine, clip: ReturnType<FindClip>): Found {
  if (line.kind === 'neuron') {
    return places.neuron(line)
  }
  return clip === null || clip === 'ambiguous'
    ? { is: 'unplaced', reason: whyNoClip(line.video, clip) }
    : placed(places, line, clip.id)
}

function placed(places: Places, line: Exclude<AnnotationLine, LineOf<'neuron'>>, clipId: number): Found {
  switch (line.kind) {
    case 'verdict':
      return places.verdict(line, clipId)
    case 'note':
      return places.note(line, clipId)
    case 'tag':
      return places.tag(line, clipId)
    case 'caption':
      return places.caption(line, clipId)
    case 'topic':
      return places.topic(line, clipId)
    case 'correction':
      return places.correction(line, clipId)
  }
}

const whyNoClip = (video: string, clip: ReturnType<FindClip>): string =>
  clip === 'ambiguous' ? `${video} may be several clips` : `the project has no clip ${video}`
