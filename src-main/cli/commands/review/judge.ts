import { verdict } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { chosenModel, MODEL_OPTION, NOTHING_CHANGED, openProject, recordedEdit } from '../shared.ts'

export const judge: Command = {
  summary: "Says of a model's caption whether it is right; none takes your verdict back.",
  operands: ['PROJECT'],
  options: {
    video: { value: 'NAME', multiple: true, help: 'a clip, by name or id' },
    model: MODEL_OPTION,
    verdict: { value: 'VERDICT', help: `${verdict.options.join(', ')}, none` },
  },
  json: '`{model, videos, verdict}`.',
  async run(context) {
    const { args, client } = context
    const choice = args.oneOf('verdict', [...verdict.options, 'none'])
    const videos = args.list('video')
    if (choice === undefined) {
      throw new UsageError('--verdict is missing')
    }
    if (videos.length === 0) {
      throw new UsageError('--video is missing')
    }
    await openProject(context)
    const modelId = await chosenModel(context)
    const clips = await Promise.all(videos.map((clip) => client.corpus.find({ clip })))
    const judgement = {
      modelId,
      clipIds: clips.map(({ clipId }) => clipId),
      verdict: choice === 'none' ? null : choice,
    }
    const { edit } = await recordedEdit(context, () => client.review.judge(judgement))
    return {
      text: edit ?? NOTHING_CHANGED,
      json: { model: modelId, videos: clips.map(({ name }) => name), verdict: judgement.verdict },
    }
  },
}
