import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createProject, openProject } from '../../src-main/store/index.ts'
import type { OpenProject } from '../../src-main/store/index.ts'
import { clip, temporaryFolder, temporaryProject, topics } from './folder.ts'

/** What the edits of these tests can change. */
const state = ({ store }: OpenProject) => ({
  labels: store.topics.current().map(({ label }) => label),
  entries: store.clips.all().map(({ id }) => store.topics.ofClip(id).sort((a, b) => a.topicId - b.topicId).map(({ label: _, ...entry }) => entry)),
})

describe('edits', () => {
  it('are undone and redone in order, across restarts, whatever they are', async () => {
    const start = await temporaryProject()
    start.store.clips.import([clip('a', []), clip('b', [])])
    const clipIds = start.store.clips.all().map(({ id }) => id)
    const topicIds = start.store.topics.replace(topics(['x', 'y', 'z'], clipIds.map((clipId) => ({ clipId, shares: [0.6, 0.4, 0] }))))

    const rename = fc.record({ kind: fc.constant('topic.label' as const), topicId: fc.constantFrom(...topicIds), label: fc.string() })
    const mark = fc.record({
      kind: fc.constant('clip.topic' as const), clipId: fc.constantFrom(...clipIds), topicId: fc.constantFrom(...topicIds),
      entry: fc.option(fc.record({ share: fc.constant(0.5), active: fc.boolean(), source: fc.constant('curator' as const) })),
    })
    const together = fc.record({ kind: fc.constant('all' as const), changes: fc.array(fc.oneof(rename, mark), { maxLength: 4 }) })
    const step = fc.oneof(
      fc.oneof(rename, mark, together).map((change) => ({ change })),
      fc.constantFrom('undo' as const, 'redo' as const, 'reopen' as const),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let project = openProject(start.folder)
        while (project.store.edits.state().undo !== null) project.store.edits.undo()
        project.store.edits.make('start', { kind: 'all', changes: [] })
        // The reference: a row of whole states, and where in it the project is.
        const states = [state(project)]
        let at = 0
        for (const step of steps) {
          if (step === 'reopen') {
            project.close()
            project = openProject(start.folder)
          } else if (step === 'undo') {
            if (at === 0) continue
            project.store.edits.undo()
            at--
          } else if (step === 'redo') {
            project.store.edits.redo()
            at = Math.min(at + 1, states.length - 1)
          } else {
            project.store.edits.make(`edit ${at}`, step.change)
            states.splice(++at)
            states.push(state(project))
          }
          expect(state(project)).toEqual(states[at])
          expect(project.store.edits.state()).toEqual({ undo: at ? `edit ${at - 1}` : 'start', redo: at < states.length - 1 ? `edit ${at}` : null })
        }
        project.close()
      }),
      { numRuns: 40 },
    )
  })

  it('that name something unknown change nothing', async () => {
    const project = await temporaryProject()
    const [topicId] = project.store.topics.replace(topics(['x'], []))
    const changes = [{ kind: 'topic.label' as const, topicId: topicId!, label: 'new' }, { kind: 'model.current' as const, modelId: 9 }]
    expect(() => project.store.edits.make('both', { kind: 'all', changes })).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    expect(state(project).labels).toEqual(['x'])
    expect(project.store.edits.state()).toEqual({ undo: null, redo: null })
  })

  it('are all there after the process was killed', async () => {
    const project = await createProject(join(temporaryFolder(), 'killed.vitrine'))
    project.store.topics.replace(topics(['x'], []))
    project.close()
    const hook = join(import.meta.dirname, 'sql-text.mjs')
    const writer = spawn(process.execPath, ['--import', hook, join(import.meta.dirname, 'writer.ts'), project.folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    for await (const chunk of writer.stdout) {
      said += String(chunk)
      if (said.split('\n').length > 25) writer.kill('SIGKILL')
    }
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit')
    expect(writer.signalCode).toBe('SIGKILL')
    const last = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1))

    const { store, close } = openProject(project.folder)
    // The one after the last acknowledged may have been made and not yet said.
    const made = Number(store.topics.current()[0]!.label.replace('label ', ''))
    expect([last, last + 1]).toContain(made)
    for (let i = made; i >= 0; i--) expect(store.edits.undo().redo).toBe(`edit ${i}`)
    expect(store.topics.current()[0]!.label).toBe('x')
    expect(store.edits.state().undo).toBeNull()
    close()
  })
})
