import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { table } from '../../table.ts'
import { openProject } from '../shared.ts'

export const regressions: Command = {
  summary: 'Shows kept corrections against later models; with --model they are rerun with it first.',
  operands: ['PROJECT'],
  options: { model: { value: 'ID', help: 'rerun all kept corrections with this model' } },
  json:
    '`{models, cases: [{correction, video, wanted, outcomes: [{modelId, caption, outcome}]}]}`; an outcome is ' +
    '`holds`, `mended` (other words, the topics are right) or `back`.',
  async run(context) {
    const { args, client } = context
    const modelId = args.integer('model')
    await openProject(context)
    if (modelId !== undefined) {
      await finish(context, client.corrections.rerun({ modelId }))
    }
    const { models, cases } = await client.corrections.regressions()
    return {
      text: table(
        ['correction', 'clip', 'wanted', ...models.map((id) => `model ${id}`)],
        cases.map(({ correction, outcomes }) => [
          String(correction.id),
          correction.clip,
          correction.wanted,
          ...models.map((id) => outcomes.find((ofModel) => ofModel.modelId === id)?.outcome ?? null),
        ]),
      ),
      json: {
        models,
        cases: cases.map(({ correction, outcomes }) => ({
          correction: correction.id,
          video: correction.clip,
          wanted: correction.wanted,
          outcomes,
        })),
      },
    }
  },
}
