import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { fixed, table } from '../../table.ts'
import { openProject } from '../shared.ts'
import { commaSeparated, FINDING_OPTIONS, findingRequest } from './shared.ts'

export const topicsSweep: Command = {
  summary:
    'Tries several numbers of topics, to choose one: coherence, and how well validation captions are predicted.',
  operands: ['PROJECT'],
  options: {
    ks: { value: 'K,K,...', help: 'the numbers of topics' },
    ...FINDING_OPTIONS,
  },
  json:
    '`{documents, tokens, heldOutDocuments, points: [{k, npmi, cv, heldOut, seconds}]}` by rising k; `heldOut` is ' +
    "the mean natural logarithm of the probability of a validation clip's word; null without such clips.",
  async run(context) {
    const { args, client } = context
    const ks = topicCounts(args.required('ks'))
    const request = { ...(await findingRequest(args)), ks }
    await openProject(context)
    await finish(context, client.topics.sweep(request))
    const sweep = await client.topics.lastSweep()
    if (sweep === null) {
      throw new Error('the sweep left no figures')
    }
    return {
      text: table(
        ['k', 'NPMI', 'C_V', 'validation ln p', 'seconds'],
        sweep.points.map(({ k, npmi, cv, heldOut, seconds }) => [
          k,
          fixed(npmi),
          fixed(cv),
          fixed(heldOut),
          fixed(seconds, 1),
        ]),
      ),
      json: sweep,
    }
  },
}

function topicCounts(text: string): number[] {
  const ks = commaSeparated(text).map(Number)
  if (ks.length === 0 || ks.some((k) => !Number.isInteger(k))) {
    throw new UsageError(`--ks takes whole numbers parted by commas, such as 10,20,40, not "${text}"`)
  }
  return ks
}
