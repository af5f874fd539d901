/**
 * Nothing leaves the machine: the main job, watched by the kernel, looks up no name, connects nowhere, and
 * writes nowhere but in its folders.
 */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installation } from '../../src-main/paths.ts'
import { TINY } from '../cli/program.ts'
import { prepareProject } from '../prepared.ts'
import { watched, whyNoNamespace } from './namespace.ts'

const reason = whyNoNamespace()
const cli = join(installation, 'out', 'main', 'cli.js')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-watched-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Runs a script in Node, and says what of it was seen. */
const script = (text: string) => watched(folder, [[process.execPath, '--input-type=module', '-e', text]])

describe.skipIf(reason !== null)(
  `in a network namespace${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    it('sees a look-up, connections to any address, and files', async () => {
      const lookup = await script(
        `import { lookup } from 'node:dns/promises'; await lookup('maker.example').catch(() => {})`,
      )
      expect(lookup).toMatchObject({ codes: [0], lookups: ['maker.example'] })
      const connections = await script(`
      import { createSocket } from 'node:dgram'
      import { once } from 'node:events'
      import { writeFileSync } from 'node:fs'
      import { connect } from 'node:net'
      for (const host of ['203.0.113.5', '2001:db8::5']) {
        await once(connect({ host, port: 443 }), 'error').catch(() => {})
      }
      const socket = createSocket('udp6')
      socket.send('x', 443, '2001:db8::5', () => socket.close())
      writeFileSync(process.env.HOME + '/seen', '')
      try { writeFileSync('/var/tmp/elsewhere', '') } catch (error) { console.log(error.code) }
    `)
      expect(connections).toMatchObject({
        codes: [0],
        lookups: [],
        connections: 2,
        datagrams: 1,
        files: ['home/seen'],
        output: 'EROFS\n',
      })
    })

    it('the window looks up no name in the browser that it opens', async () => {
      const { project } = await prepareProject('imported', folder)
      const script = join(import.meta.dirname, 'window.ts')
      const seen = await watched(folder, [[process.execPath, script, project]])
      expect(seen.codes, seen.output).toEqual([0])
      expect(seen.lookups).toEqual([])
    })

    it('a hub is asked for a model when a person names one, and nobody else is', async () => {
      const seen = await watched(folder, [
        [process.execPath, cli, 'encoders'],
        [process.execPath, cli, 'encoders', 'add', 'someone/some-model'],
      ])
      expect(seen.codes, seen.output).toEqual([0, 1])
      expect(seen.output).toContain('huggingface.co could not be reached')
      expect(new Set(seen.lookups)).toEqual(new Set(['huggingface.co']))
      expect(seen.connections).toBe(0)
    })

    it('the main job stays on the machine, and in its folders', async () => {
      const project = join(folder, 'p.vitrine')
      const vitrine = (...args: string[]) => [process.execPath, cli, ...args]
      // Where the exported script finds ONNX Runtime.
      symlinkSync(join(installation, 'node_modules'), join(folder, 'node_modules'))
      const commands = [
        vitrine('sample', join(folder, 'sample'), '--videos', '8'),
        vitrine('new', project),
        vitrine(
          'import',
          project,
          '--videos',
          join(folder, 'sample', 'clips'),
          '--captions',
          join(folder, 'sample', 'captions.tsv'),
        ),
        vitrine('features', project, '--frames', '4'),
        vitrine('topics', project, '-k', '2', '--iterations', '20', '--min-documents', '1'),
        vitrine('train', project, '--epochs', '1', ...TINY),
        vitrine('caption', project),
        vitrine('neurons', project),
        vitrine('export', project, '--what', 'model', '--to', join(folder, 'export')),
        [
          'sh',
          '-c',
          `"$0" export/caption.mjs "$(find p.vitrine/features -name '*.npy' | head -n 1)"`,
          process.execPath,
        ],
      ]
      const seen = await watched(folder, commands)
      expect(seen.codes, seen.output).toEqual(commands.map(() => 0))
      const { lookups, connections, datagrams } = seen
      expect({ lookups, connections, datagrams }).toEqual({ lookups: [], connections: 0, datagrams: 0 })
      expect(seen.files.filter((path) => !path.startsWith(join('home', '.vitrine')))).toEqual([])
    })
  },
)
