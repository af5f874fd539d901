import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { client } from '../client.ts'
import { setTopicHues } from '../composables/colour.ts'
import { useQuery } from '../composables/query.ts'

/**
 * What is open and true now: the summary, the models and topics that many views name, and what undo would do.
 */
export const useProject = defineStore('project', () => {
  const {
    data: loadedSummary,
    loading,
    reload: loadSummary,
  } = useQuery(
    () => ({}),
    (client) => client.project.summary(),
  )
  const summary = computed(() => loadedSummary.value)
  /** False until main has said whether anything is open. */
  const known = ref(false)
  watch(loading, (isLoading) => {
    known.value ||= !isLoading
  })

  /** Asked once for each project that is opened, and again when something changes in it. */
  const opened = () => summary.value && { path: summary.value.path }
  const { data: loadedModels } = useQuery(opened, (client) => client.training.models())
  const models = computed(() => loadedModels.value ?? [])
  const { data: loadedEdits, reload: loadEdits } = useQuery(opened, (client) => client.project.edits())
  const edits = computed(() => loadedEdits.value ?? { undo: null, redo: null })
  const { data: topicList, error: topicsError } = useQuery(opened, (client) => client.topics.list())
  watch(topicList, (list) => {
    setTopicHues(list?.topics ?? [])
  })

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
      await client.project.undo()
      await loadEdits()
    },
    async redo(): Promise<void> {
      await client.project.redo()
      await loadEdits()
    },
  }
})
