import { defineStore } from 'pinia'
import { computed, markRaw, ref, shallowReactive, shallowRef, watch } from 'vue'
import type { EditStep } from '#contract'
import { client, failureOf } from '../client.ts'
import { useActs } from '../composables/acts.ts'
import { setTopicHues } from '../composables/colour.ts'
import { attempt } from '../composables/commands.ts'
import { notices } from '../composables/notices.ts'
import { useQuery } from '../composables/query.ts'
import { t } from '../language/index.ts'
import { phrase } from '../language/phrases.ts'
import type { PlainKey } from '../language/index.ts'
import { person } from '../person.ts'

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
  const { data: loadedEdits, reload: loadEdits } = useQuery(
    () => summary.value && { path: summary.value.path, person: person.value },
    (client) => client.project.edits(),
  )
  const edits = computed(() => loadedEdits.value ?? { undo: null, redo: null })
  const { data: topicList, error: topicsError } = useQuery(opened, (client) => client.topics.list())
  watch(topicList, (list) => {
    setTopicHues(list?.topics ?? [])
  })

  const lastStep = shallowRef<NonNullable<EditStep['step']> | null>(null)
  /** Edits of this window that main may not have yet. */
  const underway = shallowReactive(new Set<Promise<unknown>>())
  function awaitEdit(edit: Promise<unknown>): void {
    underway.add(edit)
    void edit.finally(() => underway.delete(edit))
  }

  /**
   * Undo and redo wait for those before them and for edits, however fast they are asked for. Main says what there is to take
   * back: what the window knows of it may be older than an edit that was made just now.
   */
  const steps = markRaw(useActs())
  const step = (verb: PlainKey, nothing: PlainKey, take: () => Promise<EditStep>) => (): void => {
    steps.whenFilled(() =>
      attempt(async () => {
        await Promise.all(underway)
        const { step: taken } = await take()
        if (taken === null) {
          notices.tellStep(t(nothing))
        } else {
          notices.tellStep(`${t(verb)}: ${phrase('edit', taken.label)}`)
          lastStep.value = taken
        }
        await loadEdits()
      }),
    )
  }

  /** Set while a person is asked whether work may be stopped: what takes the answer. */
  const stopQuestion = shallowRef<((mayStop: boolean) => void) | null>(null)

  /** Does what would stop jobs once the person has agreed to that; whether it was done. */
  async function unlessJobsStop(act: (stopJobs: boolean) => Promise<unknown>): Promise<boolean> {
    try {
      await act(false)
    } catch (error) {
      if (failureOf(error).key !== 'project.jobsAtWork') {
        throw error
      }
      const mayStop = await new Promise<boolean>((answer) => {
        stopQuestion.value = answer
      })
      stopQuestion.value = null
      if (!mayStop) {
        return false
      }
      await act(true)
    }
    await loadSummary()
    return true
  }

  return {
    stopQuestion,
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
    awaitEdit,
    /** Resolves when main has the edits of this window, or can't be asked. */
    edited: () => Promise.all(underway),
    known,
    currentModel: computed(() => models.value.find((model) => model.current) ?? null),
    /** These ask first where jobs would be stopped; false: they were not to be, and nothing was done. */
    create: (path: string) => unlessJobsStop((stopJobs) => client.project.create({ path, stopJobs })),
    open: (path: string) => unlessJobsStop((stopJobs) => client.project.open({ path, stopJobs })),
    close: () => unlessJobsStop((stopJobs) => client.project.close({ stopJobs })),
    steps,
    /** The step that was taken last, for whoever leads to where it shows. */
    lastStep,
    undo: step('project.tookBack', 'frame.nothingToUndo', () => client.project.undo()),
    redo: step('project.madeAgain', 'frame.nothingToRedo', () => client.project.redo()),
  }
})
