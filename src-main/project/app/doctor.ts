import { statfs } from 'node:fs/promises'
import { device } from '#contract'
import type { DoctorReport } from '#contract'
import { makeFolder } from '../../formats/files.ts'
import type { StartEngine } from '../../engine-host/client.ts'
import type { MediaTools } from '../../media/tools.ts'
import { deviceOfEnvironment, keepFastest, tryDevice } from '../devices.ts'

/** What the shell knows of this installation. */
export type Installation = Pick<DoctorReport, 'vitrine' | 'shell' | 'electron' | 'browser'>

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
    auto: deviceOfEnvironment() ?? (await keepFastest(home, devices)),
    disk: { freeBytes: disk.bavail * disk.bsize },
  }
}
