import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { locateFfmpeg, runFfmpeg } from '../../src-main/media/program/ffmpeg.ts'

afterEach(() => vi.unstubAllEnvs())

describe('locateFfmpeg', () => {
  it('takes the program that VITRINE_FFMPEG names before any other', async () => {
    const { path, version } = await locateFfmpeg()
    expect(version).not.toBe('')
    vi.stubEnv('VITRINE_FFMPEG', path)
    expect(await locateFfmpeg()).toMatchObject({ path, version, from: 'VITRINE_FFMPEG' })
  })

  it('names the setting when that is no program, or not ffmpeg', async () => {
    vi.stubEnv('VITRINE_FFMPEG', '/nowhere/ffmpeg')
    await expect(locateFfmpeg()).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('VITRINE_FFMPEG'),
    })
    vi.stubEnv('VITRINE_FFMPEG', process.execPath)
    await expect(locateFfmpeg()).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('does not run as ffmpeg'),
    })
  })
})

describe('runFfmpeg', () => {
  const source = ['-f', 'lavfi', '-i', 'testsrc=duration=60']

  it('says which encoder an ffmpeg lacks', async () => {
    await expect(
      runFfmpeg([...source, '-c:v', 'libnone', '-f', 'null', '-'], { file: 'a.mp4' }),
    ).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: 'This ffmpeg was built without the encoder libnone, which a.mp4 needs.',
    })
  })

  it('blames no file for an ffmpeg that is gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vitrine ffmpeg\'s "$HOME" '))
    const program = join(folder, 'ffmpeg')
    symlinkSync((await locateFfmpeg()).path, program)
    vi.stubEnv('VITRINE_FFMPEG', program)
    const run = () => runFfmpeg([...source, '-t', '0.1', '-f', 'null', '-'], { file: 'a.mp4' })
    await expect(run()).resolves.toMatchObject({ problems: [] })
    renameSync(program, `${program}.old`)
    await expect(run()).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: `${program} could not be started.`,
    })
    rmSync(folder, { recursive: true })
  })

  it('kills ffmpeg when the signal aborts', async () => {
    const controller = new AbortController()
    const run = runFfmpeg([...source, '-f', 'rawvideo', 'pipe:1'], {
      file: 'a',
      signal: controller.signal,
      onOutput: () => controller.abort(),
    })
    await expect(run).rejects.toMatchObject({ name: 'CancelledError' })
  })

  it('passes on what goes wrong while its input is made', async () => {
    const broken = function* (): Generator<Uint8Array> {
      yield new Uint8Array(48)
      throw new Error('drawing failed')
    }
    await expect(
      runFfmpeg(['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '4x4', '-i', 'pipe:0', '-f', 'null', '-'], {
        file: 'a',
        input: broken(),
      }),
    ).rejects.toThrow('drawing failed')
  })
})
