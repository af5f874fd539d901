/** A folder that `load_dataset("videofolder")` or `("imagefolder")` reads: a folder a split, with its metadata beside the media. */
import type { Split } from '#contract'
import { fileName } from '../../file-name.ts'
import type { CaptionWriter, Clips, WrittenClip, WrittenFile } from './written.ts'

const FOLDERS: Record<Split, string> = { train: 'train', val: 'validation', test: 'test' }
const SPLITS: readonly Split[] = ['train', 'val', 'test']

/** Where the media of a clip stands in the folder. */
const mediaPath = ({ split, file }: Pick<WrittenClip, 'split' | 'file'>): string =>
  `${FOLDERS[split]}/${fileName(file)}`

export const huggingFaceWriter: CaptionWriter = {
  format: 'huggingface',
  loses:
    'language, author, source and time of captions, which stand there as lists and are not read; clips without a video or picture of their own',
  media: { path: mediaPath, isNeeded: true },
  files: (clips) => SPLITS.flatMap((split) => metadataOf(clips, split)),
}

function metadataOf(clips: Clips, split: Split): WrittenFile[] {
  const isThere = [...clips()].some((clip) => clip.split === split)
  return isThere ? [{ name: `${FOLDERS[split]}/metadata.jsonl`, pieces: metadataLines(clips, split) }] : []
}

/**
 * A row a file, which readers want: its first caption is the text, and all are in a list. What is not known is an empty text: readers
 * of lists that hold nothing but null fail.
 */
function* metadataLines(clips: Clips, split: Split): Generator<string> {
  for (const clip of clips()) {
    if (clip.split === split) {
      const { captions } = clip
      yield `${JSON.stringify({
        file_name: mediaPath(clip).split('/').slice(1).join('/'),
        clip_name: clip.name,
        text: captions[0]?.text ?? '',
        captions: captions.map(({ text }) => text),
        languages: captions.map(({ language }) => language ?? ''),
        authors: captions.map(({ author }) => author ?? ''),
        sources: captions.map(({ source }) => source ?? ''),
        times: captions.map(({ at }) => at ?? ''),
      })}\n`
    }
  }
}
