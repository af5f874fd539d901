/** The contract, implemented: each call is one use case, and each VitrineError one declared error. */
import { implement, ORPCError } from '@orpc/server'
import type { Services } from './compose.ts'
import { CancelledError, contract, VitrineError } from '#contract'
import type { MainEvent } from '#contract'

export function createRouter(services: Services) {
  const { app, jobs, project, corpus, topics, training, review, neurons, corrections, actions, exports } =
    services
  const os = implement(contract).use(async ({ next }) => {
    try {
      return await next()
    } catch (error) {
      throw toRpcError(error)
    }
  })

  return os.router({
    app: {
      doctor: os.app.doctor.handler(({ signal }) => app.doctor(signal)),
      listFolder: os.app.listFolder.handler(({ input }) => app.listFolder(input.path)),
      events: os.app.events.handler(({ signal }) => eventStream(services, signal)),
    },
    jobs: {
      list: os.jobs.list.handler(() => jobs.list()),
      cancel: os.jobs.cancel.handler(({ input }) => {
        jobs.cancel(input.jobId)
      }),
      pause: os.jobs.pause.handler(({ input }) => {
        jobs.pause(input.jobId)
      }),
      resume: os.jobs.resume.handler(({ input }) => {
        jobs.resume(input.jobId)
      }),
    },
    project: {
      recent: os.project.recent.handler(() => project.recent()),
      create: os.project.create.handler(({ input }) => project.create(input)),
      open: os.project.open.handler(({ input }) => project.open(input)),
      close: os.project.close.handler(() => project.close()),
      summary: os.project.summary.handler(() => project.summary()),
      edits: os.project.edits.handler(() => project.edits()),
      undo: os.project.undo.handler(() => project.undo()),
      redo: os.project.redo.handler(() => project.redo()),
      history: os.project.history.handler(({ input }) => project.history(input)),
      goTo: os.project.goTo.handler(({ input }) => project.goTo(input.editId)),
      who: os.project.who.handler(() => project.who()),
      setWho: os.project.setWho.handler(({ input }) => {
        project.setWho(input.name)
      }),
    },
    corpus: {
      renderSample: os.corpus.renderSample.handler(({ input }) => corpus.renderSample(input)),
      import: os.corpus.import.handler(({ input }) => corpus.import(input)),
      clips: os.corpus.clips.handler(({ input }) => corpus.list(input)),
      clip: os.corpus.clip.handler(({ input }) => corpus.detail(input.clipId)),
      computeFeatures: os.corpus.computeFeatures.handler(({ input }) => corpus.computeFeatures(input)),
      addCaption: os.corpus.addCaption.handler(({ input }) => {
        corpus.addCaption(input.clipId, input.text)
      }),
      checkCaptions: os.corpus.checkCaptions.handler(() => corpus.checkCaptions()),
      findings: os.corpus.findings.handler(({ input }) => corpus.findings(input)),
      decide: os.corpus.decide.handler(({ input }) => {
        corpus.decide(input)
      }),
    },
    topics: {
      extract: os.topics.extract.handler(({ input }) => topics.extract(input)),
      sweep: os.topics.sweep.handler(({ input }) => topics.sweep(input)),
      lastSweep: os.topics.lastSweep.handler(() => topics.lastSweep()),
      list: os.topics.list.handler(() => topics.list()),
      detail: os.topics.detail.handler(({ input }) => topics.detail(input.topicId)),
      clips: os.topics.clips.handler(({ input, signal }) => topics.clips(input, signal)),
      map: os.topics.map.handler(({ signal }) => topics.map(signal)),
      histogram: os.topics.histogram.handler(({ input }) => topics.histogram(input)),
      find: os.topics.find.handler(({ input }) => topics.withWord(input.text)),
      edit: os.topics.edit.handler(({ input }) => {
        topics.edit(input)
      }),
      proposeSplit: os.topics.proposeSplit.handler(({ input, signal }) => topics.proposeSplit(input, signal)),
      split: os.topics.split.handler(({ input, signal }) => topics.split(input, signal)),
      create: os.topics.create.handler(({ input, signal }) => topics.create(input, signal)),
      reassign: os.topics.reassign.handler(() => topics.reassign()),
      importVectors: os.topics.importVectors.handler(({ input }) => topics.importVectors(input)),
      snapshots: os.topics.snapshots.handler(() => topics.snapshots()),
      takeSnapshot: os.topics.takeSnapshot.handler(({ input }) => topics.takeSnapshot(input.name)),
      compareSnapshot: os.topics.compareSnapshot.handler(({ input }) =>
        topics.compareSnapshot(input.snapshotId),
      ),
      restoreSnapshot: os.topics.restoreSnapshot.handler(({ input }) => {
        topics.restoreSnapshot(input.snapshotId)
      }),
    },
    training: {
      train: os.training.train.handler(({ input }) => training.train(input)),
      models: os.training.models.handler(() => training.list()),
      model: os.training.model.handler(({ input }) => training.detail(input.modelId)),
      setCurrent: os.training.setCurrent.handler(({ input }) => {
        training.setCurrent(input.modelId)
      }),
      resume: os.training.resume.handler(({ input }) => training.resume(input.modelId)),
      keep: os.training.keep.handler(({ input }) => {
        training.keep(input.modelId)
      }),
      remap: os.training.remap.handler(({ input }) => training.remap(input.modelId)),
      refine: os.training.refine.handler(({ input }) => training.refine(input)),
      series: os.training.series.handler(({ input }) => training.series(input.series)),
      compare: os.training.compare.handler(({ input, signal }) => training.compare(input, signal)),
      note: os.training.note.handler(({ input }) => {
        training.note(input.modelId, input.note)
      }),
      remove: os.training.remove.handler(({ input }) => training.remove(input.modelId)),
    },
    review: {
      generate: os.review.generate.handler(({ input }) => review.generate(input)),
      list: os.review.list.handler(({ input }) => review.list(input)),
      clip: os.review.clip.handler(({ input }) => review.clip(input.modelId, input.clipId)),
      strip: os.review.strip.handler(({ input, signal }) =>
        review.strip(input.modelId, input.clipId, signal),
      ),
      judge: os.review.judge.handler(({ input }) => {
        review.judge(input.modelId, input.clipIds, input.verdict)
      }),
      note: os.review.note.handler(({ input }) => {
        review.note(input.clipId, input.note)
      }),
    },
    neurons: {
      interpret: os.neurons.interpret.handler(({ input }) => neurons.interpret(input)),
      map: os.neurons.map.handler(({ input }) => neurons.map(input.modelId)),
      matrix: os.neurons.matrix.handler(({ input }) => neurons.matrix(input.modelId)),
      neuron: os.neurons.neuron.handler(({ input }) => neurons.neuron(input.modelId, input.neuron)),
      stability: os.neurons.stability.handler(({ input, signal }) =>
        neurons.stability(input.modelId, signal),
      ),
      words: os.neurons.words.handler(({ input, signal }) =>
        neurons.words(input.modelId, input.neurons, signal),
      ),
      silence: os.neurons.silence.handler(({ input, signal }) => neurons.silence(input, signal)),
      judge: os.neurons.judge.handler(({ input }) => {
        neurons.judge(input.modelId, input.neuron, input.judgement)
      }),
      export: os.neurons.export.handler(({ input }) => neurons.export(input.modelId, input.path)),
    },
    corrections: {
      preview: os.corrections.preview.handler(({ input, signal }) => corrections.preview(input, signal)),
      previewAll: os.corrections.previewAll.handler(({ input, signal }) =>
        corrections.previewAll(input, signal),
      ),
      read: os.corrections.read.handler(({ input }) =>
        corrections.read(input.modelId, input.clipId, input.caption),
      ),
      suggest: os.corrections.suggest.handler(({ input, signal }) =>
        corrections.suggest(input.modelId, input.clipId, signal),
      ),
      enqueue: os.corrections.enqueue.handler(({ input, signal }) => corrections.enqueue(input, signal)),
      unqueue: os.corrections.unqueue.handler(({ input }) => {
        corrections.unqueue(input.correctionId)
      }),
      learn: os.corrections.learn.handler(({ input }) => corrections.learn(input.correctionIds)),
      list: os.corrections.list.handler(() => corrections.list()),
      version: os.corrections.version.handler(({ input }) => corrections.version(input.modelId)),
      accept: os.corrections.accept.handler(({ input }) => {
        corrections.accept(input.modelId)
      }),
      discard: os.corrections.discard.handler(({ input }) => corrections.discard(input.modelId)),
      undo: os.corrections.undo.handler(({ input }) => corrections.undo(input.modelId, input.replay)),
      regressions: os.corrections.regressions.handler(() => corrections.regressions()),
      rerun: os.corrections.rerun.handler(({ input }) => corrections.rerun(input.modelId)),
      report: os.corrections.report.handler(({ input }) => corrections.report(input.correctionIds)),
    },
    actions: {
      transfer: os.actions.transfer.handler(({ input }) => actions.transfer(input)),
      results: os.actions.results.handler(() => actions.results()),
    },
    exports: {
      run: os.exports.run.handler(({ input }) => exports.run(input)),
      last: os.exports.last.handler(() => exports.last()),
    },
  })
}

/**
 * Expected errors keep code, message and remedy; a bug keeps its message and goes to the log with its stack.
 */
function toRpcError(error: unknown): unknown {
  if (error instanceof VitrineError) {
    return new ORPCError(error.code, { message: error.message, data: { remedy: error.remedy } })
  }
  // The one who called has gone away or thought better of it.
  if (error instanceof CancelledError || error instanceof ORPCError) {
    return error
  }
  console.error(error)
  return new ORPCError('INTERNAL_SERVER_ERROR', {
    message: error instanceof Error ? error.message : String(error),
    cause: error,
  })
}

/**
 * Everything that happens, as long as the window listens. A slow listener must not pile up progress: of the
 * events that wait, a job's newer state takes the place of its older one.
 */
async function* eventStream(
  services: Services,
  signal: AbortSignal | undefined,
): AsyncGenerator<MainEvent, void, void> {
  const waiting = new Map<string, MainEvent>()
  let serial = 0
  let wake = (): void => undefined
  const unsubscribe = services.events.subscribe((event) => {
    waiting.set(event.type === 'job' ? `job ${event.job.id}` : String(serial++), event)
    wake()
  })
  const onAbort = (): void => {
    wake()
  }
  signal?.addEventListener('abort', onAbort)
  try {
    while (signal?.aborted !== true) {
      for (const [key, event] of waiting) {
        waiting.delete(key)
        yield event
      }
      if (waiting.size > 0) {
        continue
      }
      await new Promise<void>((resolve) => {
        wake = resolve
        if (signal?.aborted === true) {
          resolve()
        }
      })
    }
  } finally {
    unsubscribe()
    signal?.removeEventListener('abort', onAbort)
  }
}
