import { featureSource } from '#contract'
import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { fixed, table } from '../../table.ts'
import { openProject } from '../shared.ts'

export const actions: Command = {
  summary: 'Recognises actions with the frozen encoders: a linear classifier, cross-validated.',
  operands: ['PROJECT'],
  options: {
    clips: {
      value: 'DIR|FILE',
      help: "a folder with one folder of clips a class, or a file clip<TAB>class of the project's own clips",
    },
    folds: { value: 'N', help: 'folds of the cross-validation (5)' },
    model: { value: 'ID', help: 'the model whose encoder is used (the current one)' },
    seed: { value: 'S', help: 'of the folds (1)' },
  },
  json: '`{classes, folds, accuracy: {interpretive, baseline, cnn}}`; null where that model is not trained.',
  async run(context) {
    const { args, client } = context
    const request = {
      clips: args.required('clips'),
      folds: args.integer('folds'),
      modelId: args.integer('model'),
      seed: args.integer('seed'),
    }
    await openProject(context)
    await finish(context, client.actions.transfer(request))
    const [result] = await client.actions.results()
    if (result === undefined) {
      throw new Error('the transfer left no result')
    }
    const { classes, clips, folds, accuracy } = result
    return {
      text: table(
        ['features', 'accuracy', 'classes', 'clips', 'folds'],
        featureSource.options.map((source) => [
          source,
          fixed(accuracy[source]),
          classes.length,
          clips,
          folds,
        ]),
      ),
      json: { classes, folds, accuracy },
    }
  },
}
