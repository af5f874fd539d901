import type { Command } from '../../command.ts'
import { fixed, table } from '../../table.ts'
import { CAPTION_OPTIONS, captionSplit } from './shared.ts'

export const caption: Command = {
  summary: 'Captions a split with a model and stores the captions and their scores.',
  operands: ['PROJECT'],
  options: CAPTION_OPTIONS,
  notes:
    'What the options do: [how captions are decoded](review-and-corrections.md#how-captions-are-decoded).',
  json:
    '`{model, captions: [{video, caption, logProbability, alternatives: [{caption, logProbability}]}]}`; natural ' +
    "logarithm of the whole caption's probability.",
  async run(context) {
    const { client } = context
    const captioned = await captionSplit(context)
    const alternatives = new Map(
      (await client.review.alternatives(captioned)).map((ofClip) => [ofClip.clipId, ofClip.alternatives]),
    )
    const page = await client.review.list({ ...captioned, order: 'clip', limit: alternatives.size })
    const rows = page.rows.map((row) => ({ ...row, alternatives: alternatives.get(row.clipId) ?? [] }))
    return {
      text: table(
        ['clip', 'caption', 'ln p', 'CIDEr'],
        rows.flatMap((row) => [
          [row.clip, row.caption, fixed(row.logProbability, 2), fixed(row.cider)],
          ...row.alternatives.map((other) => ['', other.caption, fixed(other.logProbability, 2), null]),
        ]),
      ),
      json: {
        model: captioned.modelId,
        captions: rows.map((row) => ({
          video: row.clip,
          caption: row.caption,
          logProbability: row.logProbability,
          alternatives: row.alternatives,
        })),
      },
    }
  },
}
