/** Classes by a table, over the real engine: the project's own clips, videos beside the table, and what is refused. */
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let names: string[]
let sample: string
beforeAll(async () => {
  bench = await createWorkbench()
  ;({ sample } = await bench.openPrepared('topics'))
  names = (await bench.client.corpus.clips({ limit: 100 })).rows.map(({ name }) => name)
  return bench.close
})

async function table(file: string, text: string): Promise<string> {
  const path = join(bench.folder, file)
  await writeFile(path, text)
  return path
}

async function compared(request: Parameters<Workbench['client']['actions']['transfer']>[0]) {
  const job = await bench.finished(await bench.client.actions.transfer(request))
  const [result] = await bench.client.actions.results()
  return { result: result!, notices: job.notices.join('\n') }
}

describe('a table of classes', () => {
  it('names clips of the project, their groups and their split, in whichever columns', async () => {
    const lines = names.map((name, i) => `k${i % 2},${name}.mp4,${Math.floor(i / 4)}`)
    const path = await table('labels.csv', `label,file,source\n${lines.join('\n')}\n`)
    const { result, notices } = await compared({ clips: path, folds: 2 })
    expect(result).toMatchObject({
      clips: names.length,
      groups: Math.ceil(names.length / 4),
      classes: ['k0', 'k1'],
      division: 'folds',
      folds: 2,
    })
    expect(result.sources.map(({ of }) => of)).toEqual(['frames'])
    expect(notices).toMatch(/training clips/)
    const clips = await bench.client.actions.clips({ id: result.id })
    expect(clips.map(({ clipId }) => clipId).every((id) => id !== null)).toBe(true)

    const split = names.map((name, i) => `${name}\tk${i % 2}\t${i < 8 ? 'train' : 'test'}`)
    const given = await table('split.tsv', `clip\tclass\tsplit\n${split.join('\n')}\n`)
    expect((await compared({ clips: given })).result).toMatchObject({
      division: 'given',
      folds: 1,
      clips: names.length,
    })
    expect((await compared({ clips: path, leaveOneGroupOut: true })).result).toMatchObject({
      division: 'groups',
      folds: Math.ceil(names.length / 4),
    })
  })

  it('takes videos beside it, and puts copies of one video into one group', async () => {
    const folder = join(bench.folder, 'beside')
    await mkdir(folder)
    const lines: string[] = []
    for (const name of ['left', 'spin']) {
      const [first = '', second = ''] = await readdir(join(sample, 'actions', name))
      for (const [place, video] of [first, second, first].entries()) {
        await copyFile(join(sample, 'actions', name, video), join(folder, `${name}${place}.mp4`))
        lines.push(`${name}${place}.mp4\t${name}`)
      }
    }
    await writeFile(join(folder, 'labels.tsv'), `${lines.join('\n')}\nnothing.mp4\tspin\n`)
    const { result, notices } = await compared({ clips: join(folder, 'labels.tsv'), folds: 2 })
    expect(result).toMatchObject({ clips: 6, groups: 4, classes: ['left', 'spin'] })
    expect(notices).toMatch(/labels\.tsv names what is no clip and no video: nothing\.mp4 \(line 7\)/)
  })

  it("reads MSR-VTT's categories, of which clips of one video are a group", async () => {
    const videos = names.map((name, i) => ({ video_id: name, category: i % 2 ? 17 : 0, url: `u${i % 8}` }))
    const path = await table('videodatainfo.json', JSON.stringify({ videos, sentences: [] }))
    expect((await compared({ clips: path, folds: 2 })).result).toMatchObject({
      classes: ['cooking', 'music'],
      groups: 8,
    })
  })

  it('says what is wrong with file and line, before anything is computed', async () => {
    const failure = async (text: string, request: object = {}) =>
      bench.failure(
        await bench.client.actions.transfer({ clips: await table('wrong.tsv', text), folds: 2, ...request }),
      )
    const [a = '', b = '', c = '', d = ''] = names
    expect(await failure(`${a}\n`)).toMatch(/wrong\.tsv line 1: ".*" is not clip<TAB>class/)
    expect(await failure(`${a}\tk\n${b}\tl\n${a}\tl\n`)).toBe(`wrong.tsv line 3: ${a} is l here and k above.`)
    expect(await failure(`${a}\tk\n${b}\tk\n`)).toMatch(/gives clips 1 class;/)
    expect(await failure(`${a}\tk\n${b}\tk\n${c}\tl\n`)).toMatch(
      /class "l" has 1 clip, fewer than the 2 folds/,
    )
    expect(await failure(`${a}\tk\tx\n${b}\tk\tx\n${c}\tl\ty\n${d}\tl\tx\n`)).toMatch(
      /All 2 clips of the class "k" are of one group \(x\)/,
    )
    expect(await failure(`${a}\tk\n${b}\tl\n`, { splits: bench.folder, leaveOneGroupOut: true })).toMatch(
      /two ways to divide/,
    )
    expect(
      await bench.failure(await bench.client.actions.transfer({ clips: join(bench.folder, 'gone') })),
    ).toMatch(/gone does not exist/)
  })
})
