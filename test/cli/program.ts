/**
 * The command line as people run it: the built program (`npm test` builds it first), in a folder of its own.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { installation } from '../../src-main/paths.ts'
import { prepareHome, prepareProject } from '../prepared.ts'
import type { Stage } from '../prepared.ts'

/** Options of a captioner that trains in a second. */
export const TINY = [
  '--batch',
  '4',
  ...['encoderSize=8', 'hiddenSize=16', 'attentionSize=8', 'embeddingSize=8', 'topicHiddenSize=8'].flatMap(
    (setting) => ['--set', setting],
  ),
]

export interface Ran {
  code: number | null
  out: string
  err: string
}

export interface Program {
  /** Where it runs. */
  folder: string
  /** Starts a command; `ran` grows meanwhile. */
  start(...args: string[]): { child: ChildProcess; ran: Ran; ended: Promise<Ran> }
  vitrine(...args: string[]): Promise<Ran>
  /** The JSON document of a command that succeeds. */
  json(...args: string[]): Promise<Record<string, unknown>>
  /** The project `p.vitrine` at a stage of the work, beside its rendered corpus `sample`, in the folder. */
  prepareProject(stage: Stage): Promise<string>
  /** Removes the folder. */
  remove(): Promise<void>
}

export async function createProgram(): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-cli-'))
  const start: Program['start'] = (...args) => {
    const child = spawn(process.execPath, [join(installation, 'out', 'main', 'cli.js'), ...args], {
      cwd: folder,
      env: { ...process.env, VITRINE_HOME: join(folder, 'home') },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ran: Ran = { code: null, out: '', err: '' }
    child.stdout.on('data', (chunk: Buffer) => {
      ran.out += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      ran.err += chunk.toString()
    })
    const ended = new Promise<Ran>((resolve) => {
      child.once('close', (code) => {
        resolve({ ...ran, code })
      })
    })
    return { child, ran, ended }
  }
  const vitrine: Program['vitrine'] = (...args) => start(...args).ended
  const json: Program['json'] = async (...args) => {
    const { code, out, err } = await vitrine(...args, '--json')
    expect(code, err).toBe(0)
    return JSON.parse(out) as Record<string, unknown>
  }
  return {
    folder,
    start,
    vitrine,
    json,
    async prepareProject(stage) {
      await prepareHome(join(folder, 'home'))
      return (await prepareProject(stage, folder)).project
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
