import type { TopicSnapshot } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext, Result } from '../../command.ts'
import { failures } from '../../failures.ts'
import { table } from '../../table.ts'
import { openProject } from '../shared.ts'

const ACTIONS = ['list', 'take', 'compare', 'restore'] as const

export const snapshots: Command = {
  summary: 'Named states of the topics: lists them, takes one, compares with one, returns to one.',
  operands: ['PROJECT', '[ACTION]', '[NAME]'],
  options: {},
  more: [
    'actions:',
    '  list              (without an action)',
    '  take NAME',
    '  compare NAME|ID   what was different then',
    '  restore NAME|ID   one edit, which can be undone',
  ],
  json:
    '`{snapshots: [{id, name, at, who, topics}]}`, newest first; of `compare` `{snapshot, ' +
    'differences: [{topicId, label, what}]}`; of `restore` `{snapshot}`.',
  async run(context) {
    const { args, client } = context
    const text = args.optionalOperand('ACTION') ?? 'list'
    const action = ACTIONS.find((known) => known === text)
    if (action === undefined) {
      throw new UsageError(`there is no action "${text}"; there are ${ACTIONS.join(', ')}`)
    }
    const name = args.optionalOperand('NAME') ?? ''
    if (action !== 'list' && name.trim() === '') {
      throw new UsageError(`${action} takes the NAME of a snapshot`)
    }
    await openProject(context)
    switch (action) {
      case 'list':
        return list(context)
      case 'take':
        await client.topics.takeSnapshot({ name: name.trim() })
        return list(context)
      case 'compare':
        return compare(context, await findSnapshot(context, name))
      case 'restore':
        return restore(context, await findSnapshot(context, name))
    }
  },
}

async function list({ client }: CommandContext): Promise<Result> {
  const all = await client.topics.snapshots()
  return {
    text: table(
      ['id', 'name', 'at', 'who', 'topics'],
      all.map(({ id, name, at, who, topics }) => [String(id), name, at, who, topics]),
    ),
    json: { snapshots: all },
  }
}

async function compare({ client }: CommandContext, snapshot: TopicSnapshot): Promise<Result> {
  const { differences } = await client.topics.compareSnapshot({ snapshotId: snapshot.id })
  const rows = differences.map(({ topicId, label, what }) => [
    topicId === null ? null : String(topicId),
    label,
    what,
  ])
  return {
    text: rows.length === 0 ? 'Nothing was different.' : table(['id', 'topic', 'then'], rows),
    json: { snapshot, differences },
  }
}

async function restore({ client }: CommandContext, snapshot: TopicSnapshot): Promise<Result> {
  await client.topics.restoreSnapshot({ snapshotId: snapshot.id })
  return { text: `The topics are as in the snapshot "${snapshot.name}".`, json: { snapshot } }
}

/** A snapshot by name or id. Throws NOT_FOUND. */
async function findSnapshot({ client }: CommandContext, nameOrId: string): Promise<TopicSnapshot> {
  const all = await client.topics.snapshots()
  const snapshot = all.find(({ name }) => name === nameOrId) ?? all.find(({ id }) => String(id) === nameOrId)
  if (snapshot === undefined) {
    throw failures.snapshotUnknown({ snapshot: nameOrId })
  }
  return snapshot
}
