/**
 * A dataset of FiftyOne on a disk, in the form without a version, which its importer takes whatever its own version: samples with
 * their media beside them, the split as a tag, and the captions as classifications, which can say more of themselves.
 */
import type { Split } from '#contract'
import { fileName } from '../../file-name.ts'
import type { CaptionWriter, WrittenCaption, WrittenClip } from './written.ts'
import { factsOf, jsonList, TIME } from './written.ts'

/** As the datasets of its zoo are tagged. */
const TAGS: Record<Split, string> = { train: 'train', val: 'validation', test: 'test' }

const mediaPath = ({ file }: Pick<WrittenClip, 'file'>): string => `data/${fileName(file)}`

export const fiftyoneWriter: CaptionWriter = {
  format: 'fiftyone',
  loses: TIME,
  media: { path: mediaPath, isNeeded: false },
  files: (clips) => [
    { name: 'samples.json', pieces: jsonList('{"samples": [', samples(clips()), ']}\n') },
    {
      name: 'metadata.json',
      pieces: [`${JSON.stringify({ info: { description: 'Captions of clips' } })}\n`],
    },
  ],
}

function* samples(clips: Iterable<WrittenClip>): Generator<object> {
  for (const clip of clips) {
    yield {
      filepath: mediaPath(clip),
      tags: [TAGS[clip.split]],
      clip_name: clip.name,
      captions: { _cls: 'Classifications', classifications: clip.captions.map(labelOf) },
    }
  }
}

const labelOf = (caption: WrittenCaption): object => ({
  _cls: 'Classification',
  label: caption.text,
  ...factsOf(caption),
})
