import type { DoctorReport } from '#contract'
import type { Command } from '../../command.ts'
import { table } from '../../table.ts'

export const doctor: Command = {
  summary: 'Says what this machine offers: ffmpeg, devices, Electron, a browser, disk space.',
  operands: [],
  options: {},
  json:
    '`{vitrine, node, shell, ffmpeg: {path, version, source}, devices: [{name, ok, reason, stepMs}], auto, ' +
    'electron: {ok, reason}, browser: {ok, path}, disk: {freeBytes}}`.',
  async run({ client }) {
    const report = await client.app.doctor()
    const { node, ffmpeg, devices, electron, browser, disk } = report
    const rows = [
      ['Node', 'yes', node],
      ['ffmpeg', yesOrNo(ffmpeg.version !== null), describeFfmpeg(ffmpeg)],
      ['auto', 'yes', `runs on ${report.auto}`],
      ...devices.map((device) => [device.name, yesOrNo(device.ok), describeDevice(device)]),
      ['Electron', yesOrNo(electron.ok), electron.reason ?? ''],
      ['browser', yesOrNo(browser.ok), describeBrowser(browser)],
      ['free disk', 'yes', `${(disk.freeBytes / 2 ** 30).toFixed(1)} GiB`],
    ]
    return { text: table([`Vitrine ${report.vitrine}`, 'there', ''], rows), json: report }
  },
}

const yesOrNo = (ok: boolean): string => (ok ? 'yes' : 'no')

function describeFfmpeg({ path, version, source }: DoctorReport['ffmpeg']): string {
  if (version === null) {
    return 'not found: install ffmpeg, or set VITRINE_FFMPEG'
  }
  return path === null ? `${version} in ${source ?? ''}` : `${version} at ${path} (${source ?? ''})`
}

function describeDevice({ ok, reason, stepMs }: DoctorReport['devices'][number]): string {
  return ok ? `${stepMs?.toFixed(1) ?? '?'} ms a training step` : shorten(reason ?? '')
}

function describeBrowser({ ok, path }: DoctorReport['browser']): string {
  if (path === null) {
    return 'none found: set VITRINE_BROWSER'
  }
  return ok ? path : `${path}, but this machine has no display`
}

/** A driver's complaint may run over many lines; `--json` has the whole. */
const shorten = (reason: string): string => (reason.length > 140 ? `${reason.slice(0, 137)}...` : reason)
