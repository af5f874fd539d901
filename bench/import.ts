/**
 * Imports of 200,000 captions of 10,000 clips that are known, and of 1,000,000 captions of 100,000 new ones (captions
 * alone): how long a preview, the import, the same
 * import again, its undo and its redo take; how long the process that serves the window is silent at most
 * meanwhile, by the clock and by the processor's time that it takes without a pause (which the machine's other
 * work does not add to); how long a person waits who types a caption every quarter of a second; and the most
 * memory.
 *
 *   npm run bench -- import                 (with SCENE=known or SCENE=new in the environment: that one alone)
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Client } from '#contract'
import { createRandom } from '../src-main/common/random.ts'
import { printMachine } from './lib/machine.ts'
import { clientOf, clipName, startApplication } from './lib/project.ts'
import { figure, megabytes, printTable } from './lib/table.ts'

interface Scene {
  name: string
  clips: number
  captionsPerClip: number
  /** The clips come with an import of their own first, with a caption each. */
  known: boolean
}
const SCENES: readonly Scene[] = [
  { name: 'known', clips: 10_000, captionsPerClip: 20, known: true },
  { name: 'new', clips: 100_000, captionsPerClip: 10, known: false },
]
const WORDS_PER_CAPTION = 9
const WORDS = 10_000
/** Milliseconds between two typed captions. */
const TYPING_EVERY = 250

/** Writes a file of so many captions of each clip. */
async function writeCaptions(path: string, clips: number, captionsPerClip: number): Promise<void> {
  const random = createRandom(captionsPerClip)
  const stream = createWriteStream(path)
  for (let clip = 0; clip < clips; clip++) {
    let lines = ''
    for (let caption = 0; caption < captionsPerClip; caption++) {
      const words = Array.from(
        { length: WORDS_PER_CAPTION },
        () => `word${Math.floor(WORDS * random.next() ** 2)}`,
      )
      lines += `${clipName(clip)}\t${words.join(' ')}\n`
    }
    if (!stream.write(lines)) {
      await once(stream, 'drain')
    }
  }
  stream.end()
  await once(stream, 'close')
}

/** How many captions were typed so far: each is another text. */
let typed = 0

/** Types captions of a clip while `work` goes on; returns how long each took, in milliseconds. */
async function typingDuring(client: Client, clipId: number, work: () => Promise<unknown>): Promise<number[]> {
  const waits: number[] = []
  let next = performance.now() + TYPING_EVERY
  const timer = setInterval(() => {
    // From when the key was to be heard: a silent process hears it late.
    const due = next
    void (async () => {
      await client.corpus.addCaption({ clipId, text: `typed ${typed++}` })
      waits.push(performance.now() - due)
    })()
    next = performance.now() + TYPING_EVERY
  }, TYPING_EVERY)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return waits
}

async function measured(
  what: string,
  client: Client,
  clipId: number | null,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  let last = process.threadCpuUsage()
  let longest = 0
  const watch = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last)
    longest = Math.max(longest, (user + system) / 1000)
    last = process.threadCpuUsage()
  }, 1)
  const began = performance.now()
  const waits = clipId === null ? (await work(), []) : await typingDuring(client, clipId, work)
  const seconds = (performance.now() - began) / 1000
  delay.disable()
  clearInterval(watch)
  const silent = (percentile: number) => figure(delay.percentile(percentile) / 1e6)
  return [
    what,
    figure(seconds, 1),
    figure(delay.max / 1e6),
    silent(99.9),
    figure(longest),
    waits.length === 0 ? '' : figure(Math.max(...waits)),
    megabytes(process.resourceUsage().maxRSS * 1024),
  ]
}

async function measureScene({ name, clips, captionsPerClip, known }: Scene): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-import-'))
  const application = startApplication(folder)
  try {
    const client = clientOf(application)
    const captions = join(folder, 'captions.tsv')
    await writeCaptions(captions, clips, captionsPerClip)
    console.log(
      `\n${figure(clips * captionsPerClip)} captions of ${figure(clips)} ${name} clips, ${megabytes((await stat(captions)).size)}\n`,
    )
    await client.project.create({ path: join(folder, 'a.vitrine') })
    const finished = async ({ jobId }: { jobId: number }): Promise<void> => {
      const job = await client.jobs.finished({ jobId })
      if (job.state !== 'done') {
        throw new Error(`${job.title}: ${job.state}`)
      }
      console.log(job.summary)
    }
    await finished(await client.corpus.import({ captions: await ownClip(folder) }))
    if (known) {
      const first = join(folder, 'first.tsv')
      await writeCaptions(first, clips, 1)
      await finished(await client.corpus.import({ captions: first }))
    }
    const { clipId } = await client.corpus.find({ clip: 'own' })
    const importAgain = async () => finished(await client.corpus.import({ captions }))
    const rows = [
      await measured('preview', client, clipId, async () =>
        finished(await client.corpus.previewImport({ captions })),
      ),
      await measured('import', client, clipId, importAgain),
      await measured('the same again', client, clipId, importAgain),
    ]
    // Typing is an edit too: what was typed after the import is taken back first.
    await client.project.goTo({ editId: await importEdit(client, clips * captionsPerClip) })
    rows.push(
      await measured('undo', client, null, () => client.project.undo()),
      await measured('redo', client, null, () => client.project.redo()),
    )
    console.log()
    printTable(
      ['', 's', 'silent at most, ms', 'p99.9, ms', 'at a stretch, ms', 'typing waits at most, ms', 'memory'],
      rows,
    )
    const { size } = await stat(join(folder, 'a.vitrine', 'project.sqlite'))
    console.log(`\nproject.sqlite: ${megabytes(size)}`)
  } finally {
    await application.close()
    await rm(folder, { recursive: true })
  }
}

/** The edit that imported so many captions. */
async function importEdit(client: Client, captions: number): Promise<number> {
  for (let offset = 0; ; offset += 100) {
    const { edits } = await client.project.history({ offset, limit: 100 })
    const found = edits.find(
      ({ label }) =>
        label.startsWith('import') && label.includes(`${captions.toLocaleString('en')} captions`),
    )
    if (found !== undefined || edits.length === 0) {
      return found!.id
    }
  }
}

/** The captions of the clip that is typed of. */
async function ownClip(parent: string): Promise<string> {
  const path = join(parent, 'own.tsv')
  await writeFile(path, 'own\ta clip of our own\n')
  return path
}

printMachine()
const chosen = process.env['SCENE']
for (const scene of SCENES.filter(({ name }) => chosen === undefined || name === chosen)) {
  await measureScene(scene)
}
