/**
 * The Topics view's state: what is listed, searched, ordered and chosen. The address holds the topic; the
 * rest is kept with the project.
 */
import { computed, markRaw, reactive, watch } from 'vue'
import type { TopicList, TopicRow } from '#contract'
import { useListCursor } from '../../composables/list-cursor.ts'
import { useQuery } from '../../composables/query.ts'
import { useRows } from '../../composables/rows.ts'
import { useSelection } from '../../composables/selection.ts'
import { useProject } from '../../stores/project.ts'
import { useProjectState } from '../../stores/project-state.ts'
import { matching, ordered } from './order.ts'
import type { TopicOrder } from './order.ts'

export interface TopicsDisplay {
  order: TopicOrder
  lambda: number
  map: boolean
  all: boolean
}
export type TopicsState = ReturnType<typeof useTopics>

export function useTopics() {
  const project = useProject()
  const list = computed(() => project.topicList)
  const display = useProjectState<TopicsDisplay>('topics/look', {
    order: 'clips',
    lambda: 0.6,
    map: false,
    all: false,
  })
  const search = useProjectState('topics/search', '')
  const selected = useSelection('topics', 'topic')
  // The list holds the likelier words of each topic; main finds the rarer ones.
  const { data: rarer } = useQuery(
    () => (search.value.trim().length > 1 ? { text: search.value.trim() } : null),
    async (client, params) => ({ ...params, topics: await client.topics.find(params) }),
    { wait: 80 },
  )

  const open = (topic: TopicRow): boolean => display.value.all || topic.state === 'active'
  const visible = computed(() => (list.value?.topics ?? []).filter(open))
  const found = computed(
    () =>
      new Set(
        rarer.value?.text === search.value.trim() ? rarer.value.topics.map(({ topicId }) => topicId) : [],
      ),
  )
  const shown = computed(() =>
    ordered(matching(visible.value, search.value, found.value), display.value.order),
  )
  const focused = computed(() => list.value?.topics.find(({ id }) => id === selected.value) ?? null)
  const cursor = useListCursor({
    list: useRows(
      () => (list.value === null && project.topicsError === null ? null : shown.value),
      ({ id }) => id,
    ),
    selected,
    marks: true,
    keys: { id: 'topics', section: 'common.topics', noun: 'common.topicInside' },
  })
  const marked = computed(() => cursor.marked?.value ?? new Set<number>())
  /** The marked topics, or without any the one that is looked at, listed or not. */
  const chosen = computed(() => {
    if (marked.value.size === 0) {
      return focused.value === null ? [] : [focused.value]
    }
    const ids = new Set(cursor.chosen.value)
    return (list.value?.topics ?? []).filter(({ id }) => ids.has(id))
  })

  // When the topic that one looks at leaves the list, the one that takes its place is looked at. A search
  // only hides it.
  const listed = (topics: TopicList | null | undefined): boolean =>
    topics?.topics.some((topic) => topic.id === selected.value && open(topic)) === true
  watch(list, (newest, before) => {
    if (listed(before) && !listed(newest)) {
      cursor.select(cursor.place.value)
    }
  })

  return reactive({
    list,
    error: computed(() => project.topicsError),
    display,
    search,
    selected,
    shown,
    focused,
    chosen,
    cursor: markRaw(cursor),
    /** Marked rows of `shown`, by index. */
    marked,
    /** Topics that are not shown because they are hidden or junk. */
    unseen: computed(() => (list.value?.topics.length ?? 0) - visible.value.length),
    go(topicId: number): void {
      selected.value = topicId
    },
    setDisplay(change: Partial<TopicsDisplay>): void {
      display.value = { ...display.value, ...change }
    },
  })
}
