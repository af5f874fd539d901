import { statfs } from 'node:fs/promises'
import { device } from '#contract'
import type { DoctorReport } from '#contract'
import { makeFolder } from '../../formats/files.ts'
import { askAlone } from '../../engine-host/alone.ts'
import type { StartEngine } from '../../engine-host/client.ts'
import type { MediaTools } from '../../media/tools.ts'

/** What the shell knows of this installation. */
export type Installation = Pick<DoctorReport, 'vitrine' | 'shell' | 'electron' | 'browser'>

/** A device that has not taken its steps after this many milliseconds hangs, for all that one can use it. */
const PATIENCE = 60_000

/**
 * Tries one device in an engine process of its own, so that a driver that crashes or hangs takes nothing
 * along. Throws CancelledError.
 */
export async function tryDevice(
  name: string,
  startEngine: StartEngine,
  signal?: AbortSignal,
  patience = PATIENCE,
): Promise<DoctorReport['devices'][number]> {
  const answer = await askAlone('devices.probe', { device: name }, { startEngine, signal, patience })
  if ('result' in answer) {
    return { name, ...answer.result }
  }
  const reason = answer.reason ?? `it took no training steps within ${Math.round(patience / 1000)} seconds`
  return { name, ok: false, reason, stepMs: null }
}

/**
 * What this machine offers. Devices are tried by training on them, one after the other, which takes some
 * seconds.
 */
export async function examine(
  { startEngine, media, home }: { startEngine: StartEngine; media: MediaTools; home: string },
  installation: Installation,
  signal?: AbortSignal,
): Promise<DoctorReport> {
  await makeFolder(home)
  const tryAll = async () => {
    const devices: DoctorReport['devices'] = []
    for (const name of device.options) {
      if (name !== 'auto') {
        devices.push(await tryDevice(name, startEngine, signal))
      }
    }
    return devices
  }
  const [ffmpeg, devices, disk] = await Promise.all([
    media.describe().then(
      ({ path, version, from }) => ({ path, version, source: from }),
      () => ({ path: null, version: null, source: null }),
    ),
    tryAll(),
    statfs(home),
  ])
  return {
    ...installation,
    node: process.versions.node,
    ffmpeg,
    devices,
    disk: { freeBytes: disk.bavail * disk.bsize },
  }
}
