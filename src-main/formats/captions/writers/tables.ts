/** A line a caption: JSON lines and CSV. */
import { csv } from '../../text/csv.ts'
import type { CaptionWriter } from './written.ts'
import { captionsOf, factsOf, TIME } from './written.ts'

export const jsonLinesWriter: CaptionWriter = {
  format: 'jsonl',
  loses: TIME,
  files: (clips) => [
    {
      name: 'human-captions.jsonl',
      pieces: (function* () {
        for (const [{ name, split }, caption] of captionsOf(clips())) {
          yield `${JSON.stringify({ video: name, split, caption: caption.text, ...factsOf(caption) })}\n`
        }
      })(),
    },
  ],
}

export const csvWriter: CaptionWriter = {
  format: 'csv',
  loses: TIME,
  files: (clips) => [
    {
      name: 'human-captions.csv',
      pieces: csv(
        ['video', 'caption', 'split', 'language', 'author', 'source', 'written_at'],
        (function* () {
          for (const [{ name, split }, { text, language, author, source, at }] of captionsOf(clips())) {
            yield [name, text, split, language, author, source, at]
          }
        })(),
      ),
    },
  ],
}
