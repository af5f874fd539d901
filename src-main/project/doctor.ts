import { mkdir, statfs } from 'node:fs/promises'
import type { DoctorReport } from '#contract'
import type { EngineClient } from '../engine/client.ts'
import { locateFfmpeg } from '../media/ffmpeg.ts'

/** What the shell knows of this installation. */
export type Installation = Pick<DoctorReport, 'vitrine' | 'shell' | 'electron' | 'browser'>

/** What this machine offers. Devices are tried by training on them, which takes some seconds. */
export async function examine(engine: EngineClient, home: string, installation: Installation, signal?: AbortSignal): Promise<DoctorReport> {
  await mkdir(home, { recursive: true })
  const [ffmpeg, { devices }, disk] = await Promise.all([
    locateFfmpeg().then(({ path, version, from }) => ({ path, version, source: from }), () => ({ path: null, version: null, source: null })),
    engine.call('devices.probe', {}, signal && { signal }),
    statfs(home),
  ])
  return { ...installation, node: process.versions.node, ffmpeg, devices, disk: { freeBytes: disk.bavail * disk.bsize } }
}
