import type { Command } from '../../command.ts'
import { openProject } from '../shared.ts'
import { chosenSet, listFeatureSets } from './feature-sets.ts'

export const concatenateFeatures: Command = {
  summary:
    'Makes one set of several: of each frame the values of the first set, then those of the next. Nothing is copied.',
  operands: ['PROJECT', '[SET...]'],
  options: {
    title: { value: 'TEXT', help: 'what the set is called (the titles of the others)' },
  },
  notes:
    'SET is a key or a number of `feature-sets`. It is an edit, which `undo` takes back. Where the sets saw other frames, the one with most ' +
    'of them gives the frames, and each of the others the nearest that it has: see [Features from elsewhere](features.md#concatenated-sets).',
  json: 'as for `feature-sets`, and `{key, joined, notices}`: the set, how many clips have it, and what to look at.',
  async run(context) {
    const { args, client, terminal } = context
    await openProject(context)
    const { sets } = await client.corpus.featureSets()
    const keys = args.rest.map((set) => chosenSet(sets, set).key)
    const { key, clips, notices } = await client.corpus.concatenateFeatures({
      keys,
      title: args.text('title') ?? null,
    })
    for (const notice of notices) {
      terminal.say(notice)
    }
    const { text, json } = await listFeatureSets(context)
    return { text, json: { ...json, key, joined: clips, notices } }
  },
}
