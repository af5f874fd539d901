/** COCO captions, and Karpathy's splits of them. What is known of a caption stands beside it: their readers pass it over. */
import { tokenize } from '../../../common/tokenize.ts'
import type { CaptionWriter, Clips } from './written.ts'
import { captionsOf, factsOf, jsonList, TIME } from './written.ts'

export const cocoWriter: CaptionWriter = {
  format: 'coco',
  loses: TIME,
  files: (clips) => [{ name: 'human-captions.json', pieces: cocoPieces(clips) }],
}

/** The parts of captions_val2014.json. Ids are the project's. */
export function* cocoPieces(clips: Clips): Generator<string> {
  yield '{"info": {"description": "Captions of clips"}, "licenses": [], "type": "captions",\n'
  yield* jsonList(
    '"images": [',
    mapped(clips(), ({ id, file, split }) => ({ id, file_name: file, split })),
    '],\n',
  )
  yield* jsonList(
    '"annotations": [',
    mapped(captionsOf(clips()), ([{ id: image_id }, caption]) => ({
      id: caption.id,
      image_id,
      caption: caption.text,
      ...factsOf(caption),
    })),
    ']}\n',
  )
}

export const karpathyWriter: CaptionWriter = {
  format: 'karpathy',
  loses: TIME,
  files: (clips) => [{ name: 'human-captions.json', pieces: karpathyPieces(clips) }],
}

function* karpathyPieces(clips: Clips): Generator<string> {
  yield* jsonList(
    '{"dataset": "vitrine", "images": [',
    mapped(clips(), ({ id: imgid, file: filename, split, captions }) => ({
      imgid,
      filename,
      split,
      sentids: captions.map(({ id }) => id),
      sentences: captions.map((caption) => ({
        sentid: caption.id,
        imgid,
        tokens: tokenize(caption.text),
        raw: caption.text,
        ...factsOf(caption),
      })),
    })),
    ']}\n',
  )
}

function* mapped<Value, Result>(values: Iterable<Value>, make: (value: Value) => Result): Generator<Result> {
  for (const value of values) {
    yield make(value)
  }
}
