/**
 * Imported first by what times the training step: starts the benchmark again in a process with the engine's
 * heap settings (engine-host/heap.ts), which count from a process's start, and ends this one with it. The PyTorch
 * peer inherits them too.
 */
import { spawnSync } from 'node:child_process'
import { heapEnvironment } from '../../src-main/engine-host/heap.ts'

if (Object.entries(heapEnvironment).some(([name, value]) => process.env[name] !== value)) {
  const { status } = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, ...heapEnvironment },
  })
  process.exit(status ?? 1)
}
