/**
 * What a curator does to whole topics, as commands: of the marked topics, or without any of the one that is
 * looked at.
 */
import type { TopicEdit, TopicRow } from '#contract'
import { client } from '../../client.ts'
import { useCommand } from '../../composables/commands.ts'
import type { Command } from '../../composables/commands.ts'
import { t } from '../../language/index.ts'
import type { PlainKey } from '../../language/index.ts'
import type { TopicsState } from './list.ts'

const section = 'common.topics'
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
  const noneChosen = (): string | null => (topics.chosen.length === 0 ? t('topics.chooseATopicFirst') : null)
  const allAlready = (state: TopicRow['state'], why: PlainKey) => (): string | null =>
    noneChosen() ?? (topics.chosen.every((topic) => topic.state === state) ? t(why) : null)

  /** Marked topics that would go into the one that is looked at. */
  const sources = (): number[] => ids().filter((id) => id !== topics.focused?.id)
  return {
    merge: useCommand({
      id: 'topics.merge',
      title: 'topics.mergeTheMarkedTopicsInto',
      section,
      keys: 'm',
      run: () => edit({ edit: 'merge', into: topics.focused?.id ?? 0, topicIds: sources() }),
      blocked: () => {
        if (topics.focused === null || !isCurrent(topics.focused)) {
          return t('topics.chooseTheTopicToMerge')
        }
        return sources().length === 0 ? t('topics.markOtherTopicsFirstSpace') : null
      },
    }),
    hide: useCommand({
      id: 'topics.hide',
      title: 'topics.hide',
      section,
      keys: 'h',
      run: setState('hidden'),
      blocked: allAlready('hidden', 'topics.hiddenAlready'),
    }),
    junk: useCommand({
      id: 'topics.junk',
      title: 'topics.markAsJunk',
      section,
      keys: 'j',
      run: setState('junk'),
      blocked: allAlready('junk', 'topics.junkAlready'),
    }),
    remove: useCommand({
      id: 'topics.delete',
      title: 'topics.delete',
      section,
      keys: ['delete', 'd'],
      run: setState('deleted'),
      blocked: noneChosen,
    }),
    restore: useCommand({
      id: 'topics.restore',
      title: 'topics.restoreHiddenOrJunkTopics',
      section,
      keys: 'u',
      run: setState('active'),
      blocked: allAlready('active', 'topics.neitherHiddenNorJunk'),
    }),
    accept: useCommand({
      id: 'topics.accept',
      title: 'topics.acceptTheProposedLabel',
      section,
      keys: 'a',
      run: () => edit({ edit: 'acceptLabel', topicIds: ids() }),
      blocked: () =>
        noneChosen() ??
        (topics.chosen.every((topic) => topic.labelled) ? t('topics.itIsAPersonsLabel') : null),
    }),
    reject: useCommand({
      id: 'topics.reject',
      title: 'topics.rejectTheLabelForThe',
      section,
      keys: 'shift+a',
      run: () => edit({ edit: 'rejectLabel', topicId: topics.focused?.id ?? 0 }),
      blocked: () => (topics.focused === null ? t('topics.chooseATopicFirst') : null),
    }),
  }
}
