/**
 * Imports of 1,000,000 captions of 100,000 clips (captions alone): how long a preview, the import, the same
 * import again, its undo and its redo take; how long the process that serves the window is silent at most
 * meanwhile, by the clock and by the processor's time that it takes without a pause (which the machine's other
 * work does not add to); how long a person waits who types a caption every quarter of a second; and the most
 * memory.
 *
 *   npm run bench -- import                 (with CLIPS=1000 in the environment: that many)
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

const CLIPS = Number(process.env['CLIPS'] ?? 100_000)
const CAPTIONS_PER_CLIP = 10
const WORDS_PER_CAPTION = 9
const WORDS = 10_000
/** Milliseconds between two typed captions. */
const TYPING_EVERY = 250

async function writeCaptions(path: string): Promise<void> {
  const random = createRandom(1)
  const stream = createWriteStream(path)
  for (let clip = 0; clip < CLIPS; clip++) {
    let lines = ''
    for (let caption = 0; caption < CAPTIONS_PER_CLIP; caption++) {
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

const folder = await mkdtemp(join(tmpdir(), 'vitrine-import-'))
const application = startApplication(folder)
try {
  printMachine()
  const client = clientOf(application)
  const captions = join(folder, 'captions.tsv')
  await writeCaptions(captions)
  console.log(
    `${figure(CLIPS * CAPTIONS_PER_CLIP)} captions of ${figure(CLIPS)} clips, ${megabytes((await stat(captions)).size)}\n`,
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
  const { clipId } = await client.corpus.find({ clip: 'own' })
  const rows = [
    await measured('preview', client, clipId, async () =>
      finished(await client.corpus.previewImport({ captions })),
    ),
    await measured('import', client, clipId, async () => finished(await client.corpus.import({ captions }))),
    await measured('the same again', client, clipId, async () =>
      finished(await client.corpus.import({ captions })),
    ),
  ]
  // Typing is an edit too: what was typed after the import is taken back first.
  await client.project.goTo({ editId: await importEdit(client) })
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

/** The edit of the large import. */
async function importEdit(client: Client): Promise<number> {
  for (let offset = 0; ; offset += 100) {
    const { edits } = await client.project.history({ offset, limit: 100 })
    const found = edits.find(
      ({ label }) => label.startsWith('import') && label.includes(`${figure(CLIPS)} clips`),
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
