import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { EditState, ModelRow, ProjectSummary } from '#contract'
import { client } from '../client.ts'
import { onChanged } from '../composables/bus.ts'
import { setTopicHues } from '../composables/colour.ts'
import { useQuery } from '../composables/query.ts'

/**
 * What is open and true now: the summary, the models and topics that many views name, and what undo would do.
 */
export const useProject = defineStore('project', () => {
  const summary = shallowRef<ProjectSummary | null>(null)
  const models = shallowRef<ModelRow[]>([])
  const edits = shallowRef<EditState>({ undo: null, redo: null })
  /** False until main has said whether anything is open. */
  const known = ref(false)

  /**
   * A loader whose older answers never overwrite newer ones. After a lost connection the next event loads
   * again.
   */
  function latest<T>(load: () => Promise<T>, set: (value: T) => void): () => Promise<void> {
    let turn = 0
    return async () => {
      const thisTurn = ++turn
      const value = await load().catch(() => undefined)
      if (value !== undefined && thisTurn === turn) {
        set(value)
      }
    }
  }
  const loadModels = latest(
    async () => (summary.value === null ? [] : client.training.models()),
    (value) => {
      models.value = value
    },
  )
  const loadEdits = latest(
    async () => (summary.value === null ? { undo: null, redo: null } : client.project.edits()),
    (value) => {
      edits.value = value
    },
  )
  const loadSummary = latest(
    () => client.project.summary(),
    (value) => {
      const opened = value?.path !== summary.value?.path
      summary.value = value
      known.value = true
      if (opened) {
        void Promise.all([loadModels(), loadEdits()])
      }
    },
  )

  const { data: topicList, error: topicsError } = useQuery(
    () => summary.value && { path: summary.value.path },
    (_, signal) => client.topics.list(undefined, { signal }),
    ['topics', 'models', 'captions', 'edits'],
  )
  watch(topicList, (list) => {
    setTopicHues(list?.topics ?? [])
  })

  onChanged(['project', 'corpus', 'features', 'topics', 'models', 'edits'], () => void loadSummary())
  onChanged(['models', 'captions'], () => void loadModels())
  onChanged(['edits', 'project', 'topics', 'models', 'corrections'], () => void loadEdits())

  return {
    summary,
    models,
    /**
     * The topics with their run and rule; null before they are known, and when `topicsError` says why they
     * are not.
     */
    topicList,
    topicsError,
    topics: computed(() => topicList.value?.topics ?? []),
    edits,
    known,
    currentModel: computed(() => models.value.find((model) => model.current) ?? null),
    async create(path: string): Promise<void> {
      await client.project.create({ path })
      await loadSummary()
    },
    async open(path: string): Promise<void> {
      await client.project.open({ path })
      await loadSummary()
    },
    async close(): Promise<void> {
      await client.project.close()
      await loadSummary()
    },
    async undo(): Promise<void> {
      edits.value = await client.project.undo()
    },
    async redo(): Promise<void> {
      edits.value = await client.project.redo()
    },
  }
})
