import { resolve } from 'node:path'
import { exportRequest } from '#contract'
import type { FeatureSource } from '#contract'
import { serve as serveProject } from '../../serve.ts'
import { UsageError } from '../command.ts'
import type { Command } from '../command.ts'
import { finish, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'

const SOURCES: readonly FeatureSource[] = ['interpretive', 'baseline', 'cnn']

export const actions: Command = {
  summary: 'Recognises actions with the frozen encoders: a linear classifier, cross-validated.',
  operands: ['PROJECT'],
  options: {
    clips: { value: 'DIR', help: 'a folder with one folder of clips a class' },
    folds: { value: 'N', help: 'folds of the cross-validation (5)' },
    model: { value: 'ID', help: 'the model whose encoder is used (the current one)' },
    seed: { value: 'S', help: 'of the folds (1)' },
  },
  async run(context) {
    const { args, client } = context
    const request = {
      clips: args.required('clips'),
      folds: args.integer('folds'),
      modelId: args.integer('model'),
      seed: args.integer('seed'),
    }
    await openProject(context)
    await finish(context, client.actions.transfer(request))
    const [result] = client.actions.results()
    if (result === undefined) {
      throw new Error('the transfer left no result')
    }
    const { classes, folds, accuracy } = result
    return {
      text: table(
        ['features', 'accuracy', 'classes', 'clips', 'folds'],
        SOURCES.map((source) => [source, fixed(accuracy[source]), classes.length, result.clips, folds]),
      ),
      json: { classes, folds, accuracy },
    }
  },
}

export const exportAll: Command = {
  summary: 'Exports into a new, empty or earlier export folder.',
  operands: ['PROJECT'],
  options: {
    what: { value: 'WHAT', help: exportRequest.shape.what.options.join(', ') },
    to: { value: 'DIR', help: 'the folder' },
    model: { value: 'ID', help: 'the model (the current one)' },
  },
  async run(context) {
    const { args, client } = context
    const what = args.oneOf('what', exportRequest.shape.what.options)
    if (what === undefined) {
      throw new UsageError('--what is missing')
    }
    const request = { what, to: args.required('to'), modelId: args.integer('model') }
    await openProject(context)
    await finish(context, client.exports.run(request))
    const result = client.exports.last()
    return {
      text: table(
        ['file', 'bytes'],
        (result?.files ?? []).map(({ name, bytes }) => [name, bytes]),
      ),
      json: { what, to: resolve(request.to), files: result?.files ?? [] },
    }
  },
}

export const serve: Command = {
  summary: 'Serves the interface to a browser on this machine, and opens one where there is a display.',
  operands: ['[PROJECT]'],
  options: {
    port: { value: 'N', help: 'port on the loopback interface (any free one)' },
    'no-open': { help: 'open no browser' },
  },
  async run({ args, terminal }) {
    await serveProject(
      {
        project: args.optionalOperand('PROJECT'),
        port: args.integer('port') ?? 0,
        open: !args.flag('no-open'),
      },
      (line) => {
        terminal.say(line)
      },
    )
    return null
  },
}

export const doctor: Command = {
  summary: 'Says what this machine offers: ffmpeg, devices, Electron, a browser, disk space.',
  operands: [],
  options: {},
  async run({ client, signal }) {
    const report = await client.app.doctor(signal)
    const { ffmpeg, devices, electron, browser, disk } = report
    const yes = (ok: boolean) => (ok ? 'yes' : 'no')
    const rows = [
      ['Node', 'yes', report.node],
      [
        'ffmpeg',
        yes(ffmpeg.path !== null),
        ffmpeg.path === null
          ? 'not found: install ffmpeg, or set VITRINE_FFMPEG'
          : `${ffmpeg.version ?? ''} at ${ffmpeg.path} (${ffmpeg.source ?? ''})`,
      ],
      ...devices.map(({ name, ok, reason, stepMs }) => [
        name,
        yes(ok),
        ok ? `${stepMs?.toFixed(1) ?? '?'} ms a training step` : shorten(reason ?? ''),
      ]),
      ['Electron', yes(electron.ok), electron.reason ?? ''],
      [
        'browser',
        yes(browser.ok),
        browser.path === null
          ? 'none found: set VITRINE_BROWSER'
          : browser.ok
            ? browser.path
            : `${browser.path}, but this machine has no display`,
      ],
      ['free disk', 'yes', `${(disk.freeBytes / 2 ** 30).toFixed(1)} GiB`],
    ]
    return { text: table([`Vitrine ${report.vitrine}`, 'there', ''], rows), json: report }
  },
}

/** A driver's complaint may run over many lines; `--json` has the whole. */
const shorten = (reason: string): string => (reason.length > 140 ? `${reason.slice(0, 137)}...` : reason)
