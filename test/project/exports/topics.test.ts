import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Client, ImportVectorsRequest } from '#contract'
import { encodeNpy } from '../../../src-main/formats/npy.ts'
import { clip } from '../../store/folder.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

const THEMES = [
  ['dog barks loud', 'puppy barks outside', 'dog puppy fetch', 'loud puppy fetch'],
  ['guitar plays tune', 'violin plays tune', 'guitar violin concert', 'concert tune'],
  ['soup boils pan', 'onion fries pan', 'soup onion kitchen', 'kitchen pan'],
]
const CLIPS = 31
const LABEL = '<script>alert("x")</script> & co, one'

let bench: Workbench
let client: Client
let folder: string

const store = () => bench.app.project().store
const names = () =>
  store()
    .clips.all()
    .map(({ name }) => name)
const currentIds = () =>
  store()
    .topics.inStates(['active', 'hidden'])
    .map(({ id }) => id)
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
/** The topic vectors by clip name, topics in the order of their columns. */
function vectors(): Record<string, number[]> {
  const columns = store().topics.vectors(currentIds())
  return Object.fromEntries(
    store()
      .clips.all()
      .map(({ id, name }) => [name, columns.get(id) ?? []]),
  )
}
async function exported(name: string): Promise<(file: string) => Promise<string>> {
  await bench.finished(await client.exports.run({ what: 'topics', to: join(folder, name), overwrite: true }))
  return (file) => readFile(join(folder, name, file), 'utf8')
}
const importVectors = async (request: ImportVectorsRequest) =>
  bench.finished(await client.topics.importVectors(request))
const file = async (name: string, content: string | Uint8Array) => {
  await writeFile(join(folder, 'files', name), content)
  return join(folder, 'files', name)
}

beforeAll(async () => {
  bench = await createWorkbench()
  client = bench.client
  folder = bench.folder
  await mkdir(join(folder, 'files'))
  await client.project.create({ path: join(folder, 'exchange.vitrine') })
  // The last clip has no captions, so it bears no topic.
  store().clips.add(
    Array.from({ length: CLIPS }, (_, i) =>
      clip(
        `clip ${String(i).padStart(2, '0')}`,
        i === CLIPS - 1 ? [] : [...THEMES[i % 3]!, THEMES[(i + 1) % 3]![i % 4]!],
      ),
    ),
  )
  await bench.finished(
    await client.topics.extract({ k: 4, iterations: 60, maxDocumentShare: 1, minShare: 0.2 }),
  )
  const [first, second] = currentIds()
  await client.topics.edit({ edit: 'rename', topicId: first!, label: LABEL })
  await client.topics.edit({ edit: 'setState', topicIds: [second!], state: 'hidden' })
  await client.topics.edit({
    edit: 'setClips',
    topicIds: [first!],
    clipIds: [store().clips.byName('clip 01')!.id],
    verdict: true,
  })
  return bench.close
})

describe('an export of topics', () => {
  it('agrees with the project in every form', async () => {
    const read = await exported('all')
    const ids = currentIds()
    const { topics, rule, run } = JSON.parse(await read('topics.json')) as {
      run: { documents: number }
      rule: object
      topics: { id: number; label: string; words: { word: string; p: number; count: number }[] }[]
    }
    expect(topics.map(({ id }) => id)).toEqual(ids)
    expect([topics[0]?.label, rule, run.documents]).toEqual([
      LABEL,
      { topicsPerClip: 3, minShare: 0.2 },
      CLIPS - 1,
    ])
    const csv = await read('topics.csv')
    expect(csv.split('\n')[1]).toContain(`${ids[0]},"<script>alert(""x"")</script> & co, one",1,active`)
    expect(await read('assignments.csv')).toContain(`clip 01,${ids[0]},`)

    // MALLET: document number, name, and the proportions of all topics in order.
    const rows = (await read('doc-topics.txt'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'))
    expect(rows.map(([number, name]) => [number, name])).toEqual(
      names().map((name, i) => [String(i), name.replaceAll(' ', '%20')]),
    )
    for (const [, , ...proportions] of rows) {
      expect(proportions).toHaveLength(ids.length)
      expect(sum(proportions.map(Number))).toBeCloseTo(1, 4)
    }
    /** Of the clips with a topic that has more than half of their words: that topic, and its column. */
    const ruled = rows.flatMap(([, name, ...proportions]) => {
      const [largest] = store().topics.ofClip(store().clips.byName(decodeURIComponent(name!))!.id)
      const shares = proportions.map(Number)
      return largest && largest.share > 0.5
        ? [{ topic: largest.topicId, column: shares.indexOf(Math.max(...shares)) }]
        : []
    })
    expect(ruled.length).toBeGreaterThan(0)
    expect(ruled.map(({ column }) => ids[column])).toEqual(ruled.map(({ topic }) => topic))
    const keys = (await read('topic-keys.txt'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'))
    expect(keys.map(([number]) => Number(number))).toEqual(ids.map((_, i) => i))
    expect(keys[0]?.[2]?.trim().split(' ')[0]).toBe(topics[0]?.words[0]?.word)

    // The arguments of pyLDAvis.prepare, and what it demands of them.
    const { topic_term_dists, doc_topic_dists, doc_lengths, vocab, term_frequency, ...rest } = JSON.parse(
      await read('pyldavis.json'),
    ) as Record<string, number[] & number[][] & string[]>
    expect(rest).toEqual({})
    expect([
      topic_term_dists?.length,
      doc_topic_dists?.length,
      doc_lengths?.length,
      term_frequency?.length,
    ]).toEqual([ids.length, CLIPS, CLIPS, vocab?.length])
    for (const row of [...topic_term_dists!, ...doc_topic_dists!] as number[][]) {
      expect(sum(row)).toBeCloseTo(1, 4)
    }
    expect(doc_topic_dists?.[0]).toEqual(rows[0]?.slice(2).map(Number))
    expect(Math.min(...term_frequency!)).toBeGreaterThan(0)
    // All of a clip's words are in this vocabulary: no word is rare, and none is a stop word.
    expect(doc_lengths!.slice(0, 2)).toEqual(
      [0, 1].map((i) => [...THEMES[i]!, THEMES[i + 1]![i]!].join(' ').split(' ').length),
    )
    expect(doc_lengths!.at(-1)).toBe(0)
    expect(sum(doc_lengths!)).toBe(sum(term_frequency!))
  })

  it('holds a report that needs nothing else and shows labels as text', async () => {
    const html = await (await exported('report'))('report.html')
    expect(html).not.toMatch(/<script|<link|<img|https?:|url\(|@import|\ssrc=/i)
    expect(html).toContain('&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62; &#38; co, one')
    expect(html.match(/<article /g)).toHaveLength(4)
    expect(html.match(/<circle /g)).toHaveLength(4)
    const count = (text: string) => html.split(text).length - 1
    for (const tag of ['svg', 'article', 'table', 'tr', 'td', 'span', 'div']) {
      expect(count(`<${tag} `) + count(`<${tag}>`), tag).toBe(count(`</${tag}>`))
    }
  })

  it('is read by NumPy', async ({ skip }) => {
    try {
      execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' })
    } catch {
      skip('NumPy is not installed')
    }
    await exported('numpy')
    const python =
      'import json, numpy\nv = numpy.load("vectors.npy")\nprint(json.dumps([list(v.shape), v.tolist(), open("vectors-ids.txt").read().split("\\n")[:-1]]))'
    const [shape, rows, ids] = JSON.parse(
      execFileSync('python3', ['-c', python], { cwd: join(folder, 'numpy'), encoding: 'utf8' }),
    ) as [number[], number[][], string[]]
    expect(shape).toEqual([CLIPS, 4])
    expect(
      Object.fromEntries(
        rows.map((row, i) => [ids[i], row.flatMap((value, column) => (value === 1 ? [column] : []))]),
      ),
    ).toEqual(vectors())
  })

  it('does not take the place of other files', async () => {
    await exported('mixed')
    await writeFile(join(folder, 'mixed', 'notes.txt'), 'mine')
    expect(
      await bench.failure(
        await client.exports.run({ what: 'topics', to: join(folder, 'mixed'), overwrite: true }),
      ),
    ).toContain('notes.txt, which is not of such an export')
  })
})

describe('imported vectors', () => {
  it('come back as they went out, from CSV and from NumPy, and undo brings the found topics back', async () => {
    const [found, ids, history] = [
      vectors(),
      currentIds(),
      (await client.project.history({})).edits.find(({ undone }) => !undone)?.id ?? null,
    ]
    await exported('round')
    const at = (name: string) => join(folder, 'round', name)
    for (const request of [
      { path: at('vectors.csv') },
      { path: at('vectors.npy'), ids: at('vectors-ids.txt'), labels: at('vectors-labels.txt') },
      { path: at('vectors.npy'), labels: at('vectors-labels.txt') },
    ]) {
      await importVectors(request)
      expect(vectors()).toEqual(found)
      const { run, topics, rule } = await client.topics.list()
      expect([run?.origin, rule.minShare, topics.map(({ label, labelled }) => [label, labelled])[0]]).toEqual(
        ['imported', 0, [LABEL, true]],
      )
      expect(topics.every(({ words }) => words.length > 0)).toBe(true)
    }
    await exported('imported')
    await client.project.goTo({ editId: history })
    expect([currentIds(), vectors()]).toEqual([ids, found])
  })

  it('keep shares as they are, take the clips that are named, and words that tell their clips apart', async () => {
    const rows = names()
      .slice(0, CLIPS - 1)
      .map((name, i) => `"${name}.mp4",${i % 3 === 0 ? '0.7,0.3' : '0.25,0.75'}`)
    const job = await importVectors({
      path: await file('shares.csv', `\uFEFFid,"pets, mostly",3\r\n${rows.join('\r\n')}\r\n`),
    })
    expect(job.notices).toEqual(['1 clip of the project is not in shares.csv and bears no topic.'])
    const { topics, rule } = await client.topics.list()
    expect([topics[0]?.label, topics[1]?.labelled, rule]).toEqual([
      'pets, mostly',
      false,
      { topicsPerClip: 3, minShare: 0.2 },
    ])
    expect(
      store()
        .topics.ofClip(store().clips.byName('clip 01')!.id)
        .map(({ share, active }) => [share, active]),
    ).toEqual([
      [0.75, true],
      [0.25, true],
    ])
    await client.project.undo()
    const binary = names()
      .slice(0, CLIPS - 1)
      .map((name, i) => `${name},${i % 3 === 0 ? 1 : 0},${i % 3 === 0 ? 0 : 1}`)
    await importVectors({ path: await file('binary.csv', binary.join('\n')) })
    const words = (await client.topics.list()).topics.map((topic) =>
      topic.words.slice(0, 3).map(({ word }) => word),
    )
    expect(words[0]).toContain('dog')
    expect(words[1]).not.toContain('dog')
    await client.project.undo()
  })

  it('come without words into a project without captions', async () => {
    await client.project.create({ path: join(folder, 'silent.vitrine') })
    store().clips.add(['a', 'b', 'c'].map((name) => clip(name, [])))
    const job = await importVectors({
      path: await file('silent.npy', encodeNpy([3, 2], Uint8Array.from([1, 0, 1, 1, 0, 0]))),
    })
    expect(job.notices).toEqual(['No clip of the training split has captions, so the topics have no words.'])
    expect(vectors()).toEqual({ a: [0], b: [0, 1], c: [] })
    const read = await exported('silent')
    expect((await readdir(join(folder, 'silent'))).sort()).not.toContain('pyldavis.json')
    expect((await read('doc-topics.txt')).split('\n')).toHaveLength(4)
    await client.project.open({ path: join(folder, 'exchange.vitrine') })
  })

  const row = (name: string, ...values: unknown[]) => [name, ...values].join(',')
  it.each([
    [
      'another width',
      'bad.csv',
      `id,a,b\n${row('clip 00', 1, 0)}\n${row('clip 01', 1, 0, 1)}\n`,
      {},
      'bad.csv line 3: 3 values where the first line has 2.',
    ],
    [
      'an unknown clip',
      'bad.csv',
      `id,a,b\n${row('clip 99', 1, 0)}\n`,
      {},
      'bad.csv line 2: the project has no clip called "clip 99".',
    ],
    [
      'a clip twice',
      'bad.csv',
      `id,a,b\n${row('clip 01', 1, 0)}\n${row('clip 00', 1, 0)}\n${row('clip 01', 1, 0)}\n`,
      {},
      'bad.csv line 4: the clip "clip 01" is in line 2 already.',
    ],
    [
      'NaN',
      'bad.csv',
      `id,a,b\n${row('clip 00', 1, 'NaN')}\n`,
      {},
      'bad.csv line 2: "NaN" in column 3 is no value from 0 to 1.',
    ],
    [
      'nothing',
      'bad.csv',
      `id,a,b\n${row('clip 00', 1, '')}\n`,
      {},
      'bad.csv line 2: "" in column 3 is no value from 0 to 1.',
    ],
    [
      'shares of more than the whole',
      'bad.csv',
      `id,a,b\n${row('clip 00', 0.8, 0.9)}\n`,
      {},
      'bad.csv line 2: the shares sum to 1.7, more than the whole.',
    ],
    [
      'one column',
      'bad.csv',
      `id,a\n${row('clip 00', 1)}\n`,
      {},
      'bad.csv has a single topic: vectors need two columns at least.',
    ],
    ['no rows', 'bad.csv', 'id,a,b\n', {}, 'bad.csv holds no vectors.'],
    [
      'an open quote',
      'bad.csv',
      `id,a,b\n"clip 00,1,0\n`,
      {},
      'bad.csv line 2: a quote is opened and never closed.',
    ],
    [
      'an array with fewer rows than clips',
      'bad.npy',
      encodeNpy([2, 2], new Float32Array(4)),
      {},
      'bad.npy has 2 rows, but the project has 31 clips.',
    ],
    [
      'an array of one dimension',
      'bad.npy',
      encodeNpy([4], new Float32Array(4)),
      {},
      'bad.npy has shape (4); vectors are a table of [clips, K].',
    ],
    [
      'an array with NaN',
      'bad.npy',
      encodeNpy([1, 2], Float32Array.from([0, NaN])),
      {},
      'bad.npy row 0, column 1 (counted from 0) is NaN: values are 0 and 1, or shares between them.',
    ],
    [
      'too few ids',
      'bad.npy',
      encodeNpy([2, 2], new Float32Array(4)),
      { ids: 'clip 00\n' },
      'ids.txt names 1 clips, but bad.npy has 2 rows.',
    ],
    [
      'an id twice',
      'bad.npy',
      encodeNpy([2, 2], new Float32Array(4)),
      { ids: 'clip 00\n\nclip 00\n' },
      'ids.txt line 3: the clip "clip 00" is in line 1 already.',
    ],
    [
      'too few labels',
      'bad.csv',
      `id,a,b\n${row('clip 00', 1, 0)}\n`,
      { labels: 'one\n' },
      'labels.txt holds 1 labels, but bad.csv has 2 columns.',
    ],
    ['what is no array', 'bad.npy', 'id,a,b\n', {}, 'is not a .npy file.'],
  ])(
    'with %s are refused in one sentence',
    async (_, name, content, others: { ids?: string; labels?: string }, message) => {
      const before = [(await client.project.history({})).total, currentIds(), vectors()]
      const request = {
        path: await file(name, content),
        ...(others.ids !== undefined && { ids: await file('ids.txt', others.ids) }),
        ...(others.labels !== undefined && { labels: await file('labels.txt', others.labels) }),
      }
      const failure = await bench.failure(await client.topics.importVectors(request))
      expect(failure).toContain(message)
      expect(failure.split('\n')).toHaveLength(1)
      expect([(await client.project.history({})).total, currentIds(), vectors()]).toEqual(before)
    },
  )
})
