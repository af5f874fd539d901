/**
 * What an edit is about: which edits can be taken back whatever came after them, because those touch nothing that it
 * touches, and where a person sees what it changed.
 */
import type { EditPlace } from '#contract'
import type { Change, SingleChange } from '../change-schema.ts'

const singleChanges = (change: Change): SingleChange[] => (change.kind === 'all' ? change.changes : [change])

/** Names of what a change touches, as paths: "topics" holds "topics/12". */
export const touchedBy = (change: Change): string[] => singleChanges(change).flatMap(touchedBySingle)

/** Whether two changes touch the same, so that the order in which they are made matters. */
export function overlap(a: readonly string[], b: readonly string[]): boolean {
  const within = (part: string, whole: string): boolean => part === whole || part.startsWith(`${whole}/`)
  return a.some((one) => b.some((other) => within(one, other) || within(other, one)))
}

function touchedBySingle(change: SingleChange): string[] {
  const each = (kind: string, ids: readonly number[]): string[] => ids.map((id) => `${kind}/${id}`)
  switch (change.kind) {
    case 'topic':
    case 'topic.words':
    case 'clip.verdicts':
      return [`topics/${change.topicId}`]
    case 'topic.rule':
    case 'topic.run':
    case 'topic.wordsEdited':
      return ['topics']
    case 'caption':
      return [`captions/${change.captionId}`]
    case 'captions.removed':
      return each('captions', [...change.removed, ...change.present])
    case 'clips.removed':
      return each('clips', [...change.removed, ...change.present])
    case 'clips.split':
      return each('clips', [...change.train, ...change.val, ...change.test])
    // Whatever was done to clips since may be to those that came with it.
    case 'import':
      return ['clips', 'captions', 'notes', 'tags', 'verdicts', 'topics', 'features']
    case 'working.language':
      return ['captions']
    case 'features.current':
    case 'features.removed':
      return ['features']
    case 'finding':
      return [`findings/${change.findingId}`]
    case 'model.current':
      return ['current model']
    case 'model.trashed':
      return ['current model', `models/${change.modelId}`]
    case 'model.state':
    case 'model.note':
      return [`models/${change.modelId}`]
    case 'sweep.trashed':
      return [`sweeps/${change.sweepId}`]
    case 'correction.state':
    case 'correction.leftOut':
      return [`corrections/${change.correctionId}`]
    case 'caption.verdict':
      return [`verdicts/${change.clipId}/${change.who.replaceAll('/', ' ')}`]
    case 'clip.tag':
      return change.clips.map(({ clipId }) => `tags/${clipId}/${change.tag.replaceAll('/', ' ')}`)
    case 'clip.note':
      return [`notes/${change.clipId}/${change.who.replaceAll('/', ' ')}`]
    case 'saved.view':
      return [`views/${change.list}/${change.name.replaceAll('/', ' ')}`]
    case 'action.label':
      return [`actions/${change.content}/${change.corpusClass.replaceAll('/', ' ')}`]
    case 'neuron.judgement':
      return [`neurons/${change.modelId}/${change.neuron}`]
  }
}

/** Where one sees what a change did; null: in no place that has an address. */
export function placeOf(change: Change): EditPlace | null {
  for (const one of singleChanges(change)) {
    const place = placeOfSingle(one)
    if (place !== null) {
      return place
    }
  }
  return null
}

function placeOfSingle(change: SingleChange): EditPlace | null {
  const at = (view: EditPlace['view'], id: number | undefined): EditPlace | null =>
    id === undefined ? null : { view, id }
  switch (change.kind) {
    case 'topic':
    case 'topic.words':
    case 'clip.verdicts':
      return at('topics', change.topicId)
    case 'caption':
      return at('corpus', change.value?.clipId)
    case 'clips.removed':
      return at('corpus', change.present[0])
    case 'clips.split':
      return at('corpus', [...change.train, ...change.val, ...change.test][0])
    case 'clip.tag':
      return at('corpus', change.clips[0]?.clipId)
    case 'model.note':
      return at('training', change.modelId)
    case 'caption.verdict':
    case 'clip.note':
      return at('review', change.clipId)
    case 'neuron.judgement':
      return at('neurons', change.neuron)
    default:
      return null
  }
}
