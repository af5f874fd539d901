import { split } from '#contract'
import { someOf } from '../../../common/text.ts'
import type { Command } from '../../command.ts'
import { table } from '../../table.ts'
import { chosenModel, MODEL_OPTION, openProject } from '../shared.ts'

/** Clips that a row names. */
const NAMED = 3

export const confusions: Command = {
  summary: 'Lists words that a model says where people say others, the most frequent first.',
  operands: ['PROJECT'],
  options: {
    model: MODEL_OPTION,
    split: { value: 'SPLIT', help: `${split.options.join(', ')} (val)` },
    limit: { value: 'N', help: 'list at most N (20)' },
  },
  notes:
    'What is counted: [What it says instead](review-and-corrections.md#what-it-says-instead). The split has to be captioned first.',
  json:
    '`{model, split, captions, confusions: [{says, people, clips, in: [names]}]}`: `clips` of which at least half of the people say the word, ' +
    'and those `in` which the model does not; `says` is null where no word of its own stands in its place.',
  async run(context) {
    const { args, client } = context
    const ofSplit = args.oneOf('split', split.options) ?? 'val'
    const limit = args.integer('limit') ?? 20
    await openProject(context)
    const modelId = await chosenModel(context)
    const found = await client.review.confusions({ modelId, split: ofSplit, limit })
    const { rows } = await client.review.list({ modelId, split: ofSplit, limit: Math.max(1, found.captions) })
    const names = new Map(rows.map(({ clipId, clip }) => [clipId, clip]))
    const named = found.confusions.map(({ clipIds, ...confusion }) => ({
      ...confusion,
      in: clipIds.map((clipId) => names.get(clipId) ?? ''),
    }))
    return {
      text: table(
        ['says', 'where people say', 'in clips', 'of', 'such as'],
        named.map(({ says, people, clips, in: clipNames }) => [
          says,
          people,
          clipNames.length,
          clips,
          someOf(clipNames, NAMED),
        ]),
      ),
      json: { model: modelId, split: ofSplit, captions: found.captions, confusions: named },
    }
  },
}
