import type { Annotation } from '../../../formats/annotations.ts'
import type { OpenProject } from '../../../store/index.ts'

/** All that people said of clips that are there. */
export function annotationsOf({
  clips,
  verdicts,
  tags,
  captions,
  topics,
  edits,
}: OpenProject['store']): Annotation[] {
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
  ]
}
