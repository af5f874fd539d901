import type { Clip, DescribedCaption, OpenProject } from '../../store/index.ts'
import { failures } from './failures.ts'
import type { OutFile } from './files.ts'

/** Clips whose captions are read at once. */
const BATCH = 500

/**
 * human-captions.jsonl: what people said of each clip, in every language, with what is known of each caption. An
 * import reads it back as it is.
 */
export function humanCaptionFiles({ store }: OpenProject): OutFile[] {
  const clips = store.clips.all()
  if (store.captions.count() === 0) {
    throw failures.noHumanCaptions()
  }
  return [{ name: 'human-captions.jsonl', pieces: captionLines(store, clips) }]
}

function* captionLines(store: OpenProject['store'], clips: readonly Clip[]): Generator<string> {
  for (let from = 0; from < clips.length; from += BATCH) {
    const batch = clips.slice(from, from + BATCH)
    const captions = store.captions.written(batch.map(({ id }) => id))
    for (const clip of batch) {
      yield (captions.get(clip.id) ?? []).map((caption) => captionLine(clip, caption)).join('')
    }
  }
}

function captionLine({ name, split }: Clip, { text, origin }: DescribedCaption): string {
  // What is not known is left out.
  const known = Object.entries(origin).filter(([, value]) => value !== null)
  return `${JSON.stringify({ video: name, split, caption: text, ...Object.fromEntries(known) })}\n`
}
