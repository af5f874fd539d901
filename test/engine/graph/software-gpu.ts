/**
 * A GPU for tests on machines without one: SwiftShader, the Vulkan driver in software that browsers of the
 * Chromium family bring along. Importing this file, before anything asks for the webgpu device, makes it the
 * driver of this process.
 */
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { beforeAll } from 'vitest'
import { tanh } from '../../../src-main/engine/graph/ops.ts'
import { compile } from '../../../src-main/engine/graph/runtime.ts'
import { input } from '../../../src-main/engine/graph/value.ts'

const DRIVER = 'vk_swiftshader_icd.json'
const BROWSERS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'brave-browser',
  'chrome',
]

function findDriver(): string | null {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => BROWSERS.map((name) => join(folder, name)))
  const programs = [process.env['VITRINE_BROWSER'] ?? '', ...onPath].filter(
    (path) => path !== '' && existsSync(path),
  )
  // Distributions start the browser by a script in /usr/bin; what belongs to it lies in a library folder.
  const folders = [
    ...programs.map((path) => dirname(realpathSync(path))),
    ...['chromium', 'chromium-browser'].flatMap((name) => [`/usr/lib/${name}`, `/usr/lib64/${name}`]),
    '/opt/google/chrome',
    '/opt/microsoft/msedge',
  ]
  return folders.map((folder) => join(folder, DRIVER)).find((path) => existsSync(path)) ?? null
}

const driver = findDriver()
if (driver !== null) {
  process.env['VK_ICD_FILENAMES'] = driver
}

/** Why the webgpu device can't be tested here; null: it can. */
export const whyNoGpu: string | null = reasonAgainstGpu()

function reasonAgainstGpu(): string | null {
  if (driver === null) {
    return `no browser of the Chromium family brings ${DRIVER}`
  }
  return process.platform === 'linux' ? null : 'a Vulkan driver can be chosen on Linux only'
}

/**
 * Keeps the device open for all tests of a file, which calls this beside them. A shader is compiled once for
 * as long as the device is open, and that is most of what a small graph costs here.
 */
export function keepGpuOpen(): void {
  beforeAll(async () => {
    if (whyNoGpu !== null) {
      return
    }
    const session = await compile({ out: tanh(input('a', [1])) }, { device: 'webgpu' })
    await session.run({ a: { shape: [1], data: Float32Array.of(0) } })
    return () => session.release()
  })
}
