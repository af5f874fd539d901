import { annotationsAsCsv, annotationsAsJsonLines } from '../../formats/annotations.ts'
import type { Annotation } from '../../formats/annotations.ts'
import type { OpenProject } from '../../store/index.ts'
import { failures } from './failures.ts'
import type { OutFile } from './files.ts'

/**
 * annotations.csv and annotations.jsonl: what people said of clips that are there (verdicts, notes, tags, and captions that
 * they typed or edited), with whose it is and when. Either can be taken in again.
 */
export function annotationFiles({ store }: OpenProject): OutFile[] {
  const annotations = annotationsOf(store)
  if (annotations.length === 0) {
    throw failures.noAnnotations()
  }
  return [
    { name: 'annotations.csv', pieces: annotationsAsCsv(annotations) },
    { name: 'annotations.jsonl', pieces: annotationsAsJsonLines(annotations) },
  ]
}

function annotationsOf({ clips, verdicts, tags, captions }: OpenProject['store']): Annotation[] {
  const names = new Map(clips.all().map(({ id, name }) => [id, name]))
  const ofClip = <Row extends { clipId: number }>(
    rows: readonly Row[],
    describe: (row: Row, video: string) => Annotation,
  ): Annotation[] =>
    rows.flatMap((row) => {
      const video = names.get(row.clipId)
      return video === undefined ? [] : [describe(row, video)]
    })
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
  ]
}
