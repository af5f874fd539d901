/**
 * What a curator does to whole topics, as commands: of the marked topics, or without any of the one that is
 * looked at.
 */
import type { TopicEdit, TopicRow } from '#contract'
import { client } from '../../client.ts'
import { useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import type { TopicsState } from './list.ts'

const section = 'Topics'
export const isCurrent = (topic: Pick<TopicRow, 'state'>): boolean =>
  topic.state === 'active' || topic.state === 'hidden'

export type CurationCommands = Record<
  'merge' | 'hide' | 'junk' | 'remove' | 'restore' | 'accept' | 'reject',
  Command
>

export function useCuration(topics: TopicsState): CurationCommands {
  const ids = (): number[] => topics.chosen.map(({ id }) => id)
  async function edit(change: TopicEdit): Promise<void> {
    await client.topics.edit(change)
    if ('topicIds' in change) {
      topics.cursor.mark('none')
    }
  }
  const setState = (state: 'active' | 'hidden' | 'junk' | 'deleted') => (): Promise<void> =>
    edit({ edit: 'setState', topicIds: ids(), state })
  const noneChosen = (): string | null => (topics.chosen.length === 0 ? 'Choose a topic first' : null)
  const allAlready = (state: TopicRow['state'], why: string) => (): string | null =>
    noneChosen() ?? (topics.chosen.every((topic) => topic.state === state) ? why : null)

  /** Marked topics that would go into the one that is looked at. */
  const sources = (): number[] => ids().filter((id) => id !== topics.focused?.id)
  return {
    merge: useCommand({
      id: 'topics.merge',
      title: 'Merge the marked topics into this one',
      section,
      keys: 'm',
      run: () => edit({ edit: 'merge', into: topics.focused?.id ?? 0, topicIds: sources() }),
      blocked: () => {
        if (topics.focused === null || !isCurrent(topics.focused)) {
          return 'Choose the topic to merge into'
        }
        return sources().length === 0 ? 'Mark other topics first (space)' : null
      },
    }),
    hide: useCommand({
      id: 'topics.hide',
      title: 'Hide',
      section,
      keys: 'h',
      run: setState('hidden'),
      blocked: allAlready('hidden', 'Hidden already'),
    }),
    junk: useCommand({
      id: 'topics.junk',
      title: 'Mark as junk',
      section,
      keys: 'j',
      run: setState('junk'),
      blocked: allAlready('junk', 'Junk already'),
    }),
    remove: useCommand({
      id: 'topics.delete',
      title: 'Delete',
      section,
      keys: ['delete', 'd'],
      run: setState('deleted'),
      blocked: noneChosen,
    }),
    restore: useCommand({
      id: 'topics.restore',
      title: 'Restore hidden or junk topics',
      section,
      keys: 'u',
      run: setState('active'),
      blocked: allAlready('active', 'Neither hidden nor junk'),
    }),
    accept: useCommand({
      id: 'topics.accept',
      title: 'Accept the proposed label',
      section,
      keys: 'a',
      run: () => edit({ edit: 'acceptLabel', topicIds: ids() }),
      blocked: () =>
        noneChosen() ??
        (topics.chosen.every((topic) => topic.labelled) ? 'It is a person’s label already' : null),
    }),
    reject: useCommand({
      id: 'topics.reject',
      title: 'Reject the label for the next proposal',
      section,
      keys: 'shift+a',
      run: () => edit({ edit: 'rejectLabel', topicId: topics.focused?.id ?? 0 }),
      blocked: () => (topics.focused === null ? 'Choose a topic first' : null),
    }),
  }
}
