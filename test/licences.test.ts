/** The licences of all packages are listed, and the list is that of the lockfile. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { installation } from '../src-main/paths.ts'

it('are as "npm run docs" writes them', async () => {
  const check = promisify(execFile)(process.execPath, [
    join(installation, 'scripts', 'licences.mjs'),
    '--check',
  ])
  await expect(check).resolves.toMatchObject({ stderr: '' })
})
