/**
 * The Topics view's state: what is listed, searched, ordered and chosen. The address holds the topic; the
 * rest is kept with the project.
 */
import { computed, reactive, watch } from 'vue'
import type { TopicRow } from '#contract'
import { client } from '../../client.ts'
import { useMarks } from '../../composables/marks.ts'
import { useProjectState } from '../../composables/persisted.ts'
import { useQuery } from '../../composables/query.ts'
import { useSelection } from '../../composables/selection.ts'
import { useProject } from '../../stores/project.ts'
import { matching, ordered } from './order.ts'
import type { TopicOrder } from './order.ts'

export interface TopicsLook {
  order: TopicOrder
  lambda: number
  map: boolean
  all: boolean
}
export type TopicsState = ReturnType<typeof useTopics>

export function useTopics() {
  const project = useProject()
  const list = computed(() => project.topicList)
  const look = useProjectState<TopicsLook>('topics/look', {
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
    async (params, signal) => ({ ...params, topics: await client.topics.find(params, { signal }) }),
    ['topics'],
    { wait: 80 },
  )

  const open = (topic: TopicRow): boolean => look.value.all || topic.state === 'active'
  const visible = computed(() => (list.value?.topics ?? []).filter(open))
  const found = computed(
    () =>
      new Set(
        rarer.value?.text === search.value.trim() ? rarer.value.topics.map(({ topicId }) => topicId) : [],
      ),
  )
  const shown = computed(() => ordered(matching(visible.value, search.value, found.value), look.value.order))
  const focused = computed(() => list.value?.topics.find(({ id }) => id === selected.value) ?? null)
  const marks = useMarks(
    () => shown.value.map(({ id }) => id),
    () => focused.value?.id ?? null,
  )
  const chosen = computed(() => {
    const ids = new Set(marks.chosen.value)
    return (list.value?.topics ?? []).filter(({ id }) => ids.has(id))
  })

  // When the topic that one looks at leaves the list, the one that takes its place is looked at.
  let place = 0
  watch([shown, selected], () => {
    const at = shown.value.findIndex(({ id }) => id === selected.value)
    if (at >= 0) {
      place = at
    }
  })
  watch(
    list,
    (now, before) => {
      if (now === null) {
        return
      }
      const gone =
        selected.value === null ||
        (before?.topics.some((topic) => topic.id === selected.value && open(topic)) === true &&
          !now.topics.some((topic) => topic.id === selected.value && open(topic)))
      if (gone && shown.value.length > 0) {
        selected.value = shown.value[Math.min(place, shown.value.length - 1)]?.id ?? null
      }
    },
    { immediate: true },
  )

  return reactive({
    list,
    error: computed(() => project.topicsError),
    look,
    search,
    selected,
    shown,
    focused,
    chosen,
    /** Marked rows of `shown`, by index. */
    marked: marks.indices,
    /** Topics that are not shown because they are hidden or junk. */
    unseen: computed(() => (list.value?.topics.length ?? 0) - visible.value.length),
    mark: marks.mark,
    go(topicId: number): void {
      selected.value = topicId
    },
    setLook(change: Partial<TopicsLook>): void {
      look.value = { ...look.value, ...change }
    },
    select(index: number): void {
      selected.value = shown.value[index]?.id ?? selected.value
    },
    /** Moves the cursor; `marking` also marks the rows on the way. */
    move(by: number, marking = false): void {
      const at = shown.value.findIndex(({ id }) => id === selected.value)
      const to = Math.min(Math.max(at + by, 0), shown.value.length - 1)
      if (marking) {
        marks.mark('range', Math.max(at, 0), to)
      }
      selected.value = shown.value[to]?.id ?? selected.value
    },
  })
}
