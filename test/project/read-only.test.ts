/** A project on a disk that can only be read: as after a mount of one, in a namespace of this test's own. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installation } from '../../src-main/paths.ts'
import { prepareProject } from '../prepared.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-read-only-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Whether this machine lets a program mount in a namespace of its own. */
const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

test.skipIf(!canMount)(
  'it can be looked at, and says so when it is to be edited (skipped without unshare)',
  async () => {
    const { project } = await prepareProject('trained', folder)
    const before = (await readdir(project, { recursive: true })).sort()
    const script =
      'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$1" --import ./scripts/sql-text.mjs test/project/view-project.ts "$0" "$2"'
    const shell = ['-rm', 'sh', '-c', script, project, process.execPath, join(folder, 'home')]
    const out = execFileSync('unshare', shell, { cwd: installation, encoding: 'utf8' })
    const refused = expect.stringMatching(/^This project can only be read/) as string
    expect(JSON.parse(out)).toMatchObject({
      clips: 16,
      isShown: true,
      models: 1,
      edit: refused,
      job: refused,
    })
    expect((await readdir(project, { recursive: true })).sort()).toEqual(before)
  },
)
