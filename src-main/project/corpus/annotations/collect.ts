import type { Annotation } from '../../../formats/annotations.ts'
import type { OpenProject, StoredCorrection } from '../../../store/index.ts'

/**
 * All that people said of clips that are there, and of the neurons of models whose parameters have a hash (`hashOf`, by the id
 * of the model).
 */
export function annotationsOf(
  { clips, verdicts, tags, captions, topics, corrections, neurons, models, edits }: OpenProject['store'],
  hashOf: (modelId: number) => string | undefined,
): Annotation[] {
  const names = new Map(clips.all().map(({ id, name }) => [id, name]))
  const ofClip = <Row extends { clipId: number }>(
    rows: readonly Row[],
    describe: (row: Row, video: string) => Annotation,
  ): Annotation[] =>
    rows.flatMap((row) => {
      const video = names.get(row.clipId)
      return video === undefined ? [] : [describe(row, video)]
    })
  const labels = topics.labels()
  const authorOf = edits.topicVerdictAuthors()
  const correctedBy = edits.correctionAuthors()
  const judgedBy = edits.judgementAuthors()
  return [
    ...ofClip(verdicts.all(), ({ caption, verdict, modelId, who, at }, video) => ({
      kind: 'verdict',
      video,
      text: caption,
      verdict,
      model: modelId,
      who,
      at,
    })),
    ...ofClip(verdicts.allNotes(), ({ note, who, at }, video) => ({
      kind: 'note',
      video,
      text: note,
      who,
      at,
    })),
    ...ofClip(tags.all(), ({ tag, who, at }, video) => ({ kind: 'tag', video, text: tag, who, at })),
    ...ofClip(captions.writtenByPeople(), ({ text, before, author, at }, video) => ({
      kind: 'caption',
      video,
      text,
      before,
      who: author ?? 'unknown',
      at,
    })),
    ...ofClip(
      topics.verdicts(topics.current().map(({ id }) => id)),
      ({ topicId, clipId, active }, video) => ({
        kind: 'topic',
        video,
        text: labels.get(topicId) ?? '',
        verdict: active ? 'bears' : 'lacks',
        ...(authorOf(topicId, clipId) ?? { who: 'unknown', at: null }),
      }),
    ),
    ...ofClip(
      latestOfClips(corrections),
      ({ id, wanted, before, topics: moved, note, createdAt }, video) => ({
        kind: 'correction',
        video,
        text: wanted,
        before,
        topics: moved.map(({ topicId, strength }): [string, number] => [topics.get(topicId).label, strength]),
        note,
        who: correctedBy(id) ?? 'unknown',
        at: createdAt,
      }),
    ),
    ...models.list().flatMap(({ id }): Annotation[] => {
      const parameters = hashOf(id)
      return parameters === undefined
        ? []
        : [...neurons.judgements(id)].map(([neuron, { verdict, label, note }]) => ({
            kind: 'neuron',
            video: '',
            parameters,
            neuron,
            verdict,
            text: label,
            note,
            ...(judgedBy(id, neuron) ?? { who: 'unknown', at: null }),
          }))
    }),
  ]
}

/** The corrections that hold, oldest first; of several of a clip the last. */
function latestOfClips(corrections: OpenProject['store']['corrections']): StoredCorrection[] {
  const holding = corrections.list().filter(({ state }) => state !== 'undone')
  return [...new Map(holding.reverse().map((correction) => [correction.clipId, correction])).values()]
}
