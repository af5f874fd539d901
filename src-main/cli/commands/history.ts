import { VitrineError } from '#contract'
import type { EditState, TopicSnapshot } from '#contract'
import { UsageError } from '../command.ts'
import type { Command, CommandContext } from '../command.ts'
import { openProject } from '../jobs.ts'
import { table } from '../table.ts'

/** What undo and redo would do now. */
const stateOf = ({ undo: back, redo: again }: EditState) => ({
  text: [
    back === null ? 'Nothing to undo.' : `Undo: ${back}`,
    again === null ? 'Nothing to redo.' : `Redo: ${again}`,
  ].join('\n'),
  json: { undo: back, redo: again },
})

export const history: Command = {
  summary:
    'Lists what was edited, when and by whom, the latest first; with --go-to, undoes or redoes up to an edit.',
  operands: ['PROJECT'],
  options: {
    limit: { value: 'N', help: 'edits shown, at most 500 (50)' },
    'go-to': { value: 'ID', help: 'make this edit the latest that holds; 0: none holds' },
    who: { value: 'NAME', help: 'sign edits with this name from now on' },
  },
  async run(context) {
    const { args, client } = context
    const [limit, goTo, who] = [args.integer('limit') ?? 50, args.integer('go-to'), args.text('who')?.trim()]
    if (limit < 1 || limit > 500) {
      throw new UsageError(`--limit is 1 to 500, not ${limit}`)
    }
    if (who === '') {
      throw new UsageError('--who takes a name')
    }
    await openProject(context)
    if (who !== undefined) {
      client.project.setWho(who)
    }
    if (goTo !== undefined) {
      client.project.goTo(goTo === 0 ? null : goTo)
    }
    const { total, edits } = client.project.history({ offset: 0, limit })
    return {
      text: table(
        ['id', 'at', 'who', 'edit', ''],
        edits.map(({ id, at, who: by, label, undone }) => [
          String(id),
          at,
          by,
          label,
          undone ? 'undone' : '',
        ]),
      ),
      json: { who: client.project.who(), total, edits },
    }
  },
}

const step = (direction: 'undo' | 'redo', summary: string): Command => ({
  summary,
  operands: ['PROJECT'],
  options: {},
  async run(context) {
    const { client } = context
    await openProject(context)
    const label = client.project.edits()[direction]
    if (label === null) {
      throw new VitrineError(
        'NOT_READY',
        `There is nothing to ${direction}.`,
        '"vitrine history PROJECT" lists what was edited.',
      )
    }
    const state = stateOf(client.project[direction]())
    return {
      text: `${direction === 'undo' ? 'Undone' : 'Redone'}: ${label}\n${state.text}`,
      json: { [direction === 'undo' ? 'undone' : 'redone']: label, ...state.json },
    }
  },
})

export const undo = step('undo', 'Takes the latest edit back.')
export const redo = step('redo', 'Makes the edit again that was undone last.')

const SNAPSHOT_ACTIONS = ['list', 'take', 'compare', 'restore'] as const

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
  async run(context) {
    const { args, client } = context
    const wanted = args.optionalOperand('ACTION') ?? 'list'
    const action = SNAPSHOT_ACTIONS.find((known) => known === wanted)
    if (action === undefined) {
      throw new UsageError(`there is no action "${wanted}"; there are ${SNAPSHOT_ACTIONS.join(', ')}`)
    }
    const name = args.optionalOperand('NAME')
    if (action !== 'list' && (name === null || name.trim() === '')) {
      throw new UsageError(`${action} takes the NAME of a snapshot`)
    }
    await openProject(context)
    if (action === 'compare') {
      const snapshot = snapshotNamed(context, name ?? '')
      const { differences } = client.topics.compareSnapshot(snapshot.id)
      return {
        text:
          differences.length === 0
            ? 'Nothing was different.'
            : table(
                ['id', 'topic', 'then'],
                differences.map(({ topicId, label, what }) => [
                  topicId === null ? null : String(topicId),
                  label,
                  what,
                ]),
              ),
        json: { snapshot, differences },
      }
    }
    if (action === 'restore') {
      const snapshot = snapshotNamed(context, name ?? '')
      client.topics.restoreSnapshot(snapshot.id)
      return { text: `The topics are as in the snapshot "${snapshot.name}".`, json: { snapshot } }
    }
    if (action === 'take') {
      client.topics.takeSnapshot((name ?? '').trim())
    }
    const all = client.topics.snapshots()
    return {
      text: table(
        ['id', 'name', 'at', 'who', 'topics'],
        all.map(({ id, name: own, at, who, topics }) => [String(id), own, at, who, topics]),
      ),
      json: { snapshots: all },
    }
  },
}

/** A snapshot by name or id. Throws NOT_FOUND. */
function snapshotNamed({ client }: CommandContext, nameOrId: string): TopicSnapshot {
  const all = client.topics.snapshots()
  const snapshot = all.find(({ name }) => name === nameOrId) ?? all.find(({ id }) => String(id) === nameOrId)
  if (snapshot === undefined) {
    throw new VitrineError(
      'NOT_FOUND',
      `There is no snapshot "${nameOrId}".`,
      '"vitrine snapshots PROJECT" lists them.',
    )
  }
  return snapshot
}
